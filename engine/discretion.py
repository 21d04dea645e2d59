"""What an office may still decide, said in its own terms: the rate or the amount from which another choice is the better one."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from conggao.engine.evaluate.compile import is_interval
from conggao.engine.evaluate.record import Record
from conggao.engine.explain import Explainer
from conggao.engine.language.tree import Arithmetic, Between, Choice, Constant, Node
from conggao.engine.language.types import Quantity
from conggao.facts.diagnostics import Text
from conggao.facts.units import MONEY, PURE, show

FEN = 100


def break_even_rate(record: Record, fen: int, explainer: Explainer) -> Fraction | None:
    """The rate that pays `fen`, exactly, where the undecided part of the amount is one rate times something known; else None."""
    amount = record.compiled.measure.amount
    frame = record.subject.frame
    compiler = explainer.program.compiler
    if isinstance(amount, Choice):
        held = [value for condition, value in amount.branches if compiler.truth(condition)(frame)]
        amount = held[0] if held else amount.otherwise
    undecided: Sequence[Node]
    if isinstance(amount, Between) and isinstance(amount.low, Constant) and amount.low.value == 0:
        # Up to so much of something: the rate is the figure in the law, and what is granted is a part of it.
        factors = [] if amount.high is None else _factors(amount.high)
        undecided = [factor for factor, _ in factors if isinstance(factor, Constant)][:1]
    else:
        factors = [] if amount is None else _factors(amount)
        undecided = [factor for factor, _ in factors if is_interval(factor)]
    if len(undecided) != 1 or not isinstance(undecided[0].type, Quantity) or undecided[0].type.dimension != PURE:
        return None
    rest = Fraction(1)
    for factor, inverse in factors:
        if factor is undecided[0]:
            if inverse:
                return None
            continue
        value = compiler.number(factor).value(frame)
        if value is None or value == 0:
            return None
        rest = rest / value if inverse else rest * value
    return Fraction(fen, FEN) / rest


def break_even_text(record: Record, fen: int, explainer: Explainer) -> Text:
    """`核定费率达到 12.5%（125,000 元）起，改报此项更优`."""
    rate = break_even_rate(record, fen, explainer)
    zh, en = show(Fraction(fen, FEN), MONEY, "zh"), show(Fraction(fen, FEN), MONEY, "en")
    if rate is None:
        return Text(f"核定金额达到 {zh} 起，改报此项更优", f"better from an amount of {en} on")
    said = rate_text(rate)
    return Text(f"核定比例达到 {said}（即 {zh}）起，改报此项更优", f"better from a granted rate of {said} ({en}) on")


def rate_text(rate: Fraction) -> str:
    """The rate in percent, to four decimals, rounded up: from there on it is the better one."""
    parts = -(-rate.numerator * 1_000_000 // rate.denominator)
    whole, rest = divmod(parts, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + "%"


def _factors(node: Node, inverse: bool = False) -> list[tuple[Node, bool]]:
    """The factors of a product; of each, whether it divides."""
    if isinstance(node, Arithmetic) and node.operator in "*/":
        return _factors(node.left, inverse) + _factors(node.right, inverse != (node.operator == "/"))
    return [(node, inverse)]
