"""Closures of whole measures, written out as one function each: all conditions together, and what an entitlement pays.

A function is written as Python source from the typed tree, so that a comparison costs a comparison and not a call. Nothing of a page is
ever written into it but whole numbers: facts are slots of a frame, words and closures are bound under generated names. What cannot be
written so stays a closure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, cast

from conggao.engine.evaluate.compile import Compiler, is_interval
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.numbers import round_half_up
from conggao.engine.evaluate.truths import Truth, Value
from conggao.engine.language.tree import (
    NEGATED,
    And,
    Arithmetic,
    Choice,
    Compare,
    Constant,
    Contains,
    Derived,
    Fact,
    Node,
    Not,
    Or,
    Recognised,
)
from conggao.engine.language.types import Quantity
from conggao.engine.rulebook.model import Measure

Standard = Callable[[Frame], tuple[int, int | None] | None]
Due = Callable[[Frame], int | None]
"""Whole fen where all conditions hold and the amount is known, else None."""

FEN = 100
_LONGEST = 2000
"""Characters of a quotient that is written out."""


def all_hold(conditions: Sequence[Node], compiler: Compiler, name: str) -> Truth:
    """All of `conditions` together (Kleene): one that is false settles it even beside unknown ones."""
    writer = _Writer(compiler)
    refuted = " or ".join(writer.holds(node, positive=False) for node in conditions) or "False"
    proven = " and ".join(writer.holds(node, positive=True) for node in conditions) or "True"
    lines = ["def truth(f):", f"    if {refuted}:", "        return False", f"    return True if {proven} else None"]
    return cast("Truth", _made(lines, writer, f"truth {name}"))


def entitlement(amount: Node, most: int | None, compiler: Compiler, name: str) -> Standard | None:
    """The standard of an exact amount in whole fen, at most `most`: both ends, or None where it is unknown. None itself where the amount
    cannot be written out."""
    writer = _Writer(compiler)
    number = None if is_interval(amount) else writer.number(amount)
    if number is None:
        return None
    lines = ["def standard(f):", f"    if {_known(number.slots) or 'True'}:", f"        fen = {_in_fen(number)}"]
    if most is not None:
        lines += [f"        if fen > {most}:", f"            return {most}, {most}"]
    lines += ["        return (fen, fen) if fen > 0 else (0, 0)", "    return None"]
    return cast("Standard", _made(lines, writer, f"standard {name}"))


def quotient(node: Node, compiler: Compiler) -> Value | None:
    """A quantity with quotients, in base units, as one Fraction at the end and none in between; None where it is unknown, which it is
    where a divisor is zero. None itself where it cannot be written out."""
    writer = _Writer(compiler)
    ratio = writer.ratio(node)
    if ratio is None or not ratio.divisors:
        return None
    known = [text for text in (_known(ratio.slots), *ratio.divisors) if text]
    lines = [
        "def quotient(f):",
        f"    if {' and '.join(known) or 'True'}:",
        f"        return Fraction({ratio.above}, {ratio.below})",
        "    return None",
    ]
    return cast("Value", _made(lines, writer, "quotient"))


def due(measure: Measure, compiler: Compiler) -> Due | None:
    """The function of an entitlement that shares no cap; None for any other measure."""
    if measure.kind != "pay" or measure.amount is None or is_interval(measure.amount):
        return None
    cap = measure.cap
    if cap is not None and (measure.cap_per != measure.subject or not _plain_cap(cap)):
        return None
    writer = _Writer(compiler)
    number = writer.number(measure.amount)
    if number is None:
        return None
    needed = [writer.holds(condition.node, positive=True) for condition in measure.when]
    needed += [known] if (known := _known(number.slots)) else []
    lines = ["def due(f):", f"    if {' and '.join(needed) or 'True'}:", f"        fen = {_in_fen(number)}"]
    if cap is None:
        lines.append("        return fen if fen > 0 else 0")
    else:
        lines += [f"        {line}" for line in _cap(cap, writer)]
        lines.append("        return most if fen > most else fen if fen > 0 else 0")
    return cast("Due", _made(lines, writer, f"due {measure.key}"))


def _plain_cap(cap: Node) -> bool:
    """A fixed cap, or one of two fixed caps."""
    match cap:
        case Constant():
            return True
        case Choice(branches=((_, Constant()),), otherwise=Constant()):
            return True
    return False


def _cap(cap: Node, writer: _Writer) -> list[str]:
    """Lines that set `most`, in fen; unknown where the condition of the cap is."""
    match cap:
        case Constant(value=Fraction() as value):
            return [f"most = {round_half_up(value, 1, FEN)}"]
        case Choice(branches=((condition, value),), otherwise=otherwise):
            holds, fails = writer.holds(condition, positive=True), writer.holds(condition, positive=False)
            first, second = _cap(value, writer)[0], _cap(otherwise, writer)[0]
            if first == second:
                return [first]
            return [f"if {holds}:", f"    {first}", f"elif {fails}:", f"    {second}", "else:", "    return None"]
    raise AssertionError(cap)


def _made(lines: Sequence[str], writer: _Writer, name: str) -> Any:
    names: dict[str, Any] = {"__builtins__": {"int": int}, "Fraction": Fraction, **writer.names}
    exec(compile("\n".join(lines), f"<{name}>", "exec"), names)
    return names[name.partition(" ")[0]]


def _known(slots: Iterable[int]) -> str:
    return " and ".join(f"f[{slot}] is not None" for slot in sorted(slots))


def _in_fen(number: _Number) -> str:
    """Rounded half up to whole fen."""
    return f"int((({number.text}) * {2 * FEN} + {number.scale}) // {2 * number.scale})"


@dataclass(frozen=True, slots=True)
class _Number:
    """A quantity as source: `text / scale` base units, known where all `slots` are."""

    text: str
    scale: int
    slots: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A quantity as source: `above / below` base units, known where all `slots` are and no divisor is zero."""

    above: str
    below: str
    slots: frozenset[int]
    divisors: tuple[str, ...] = ()


class _Writer:
    """Writes expressions over a frame `f`. `names` is what they refer to besides."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.names: dict[str, Any] = {}

    def _bound(self, value: Any) -> str:
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def holds(self, node: Node, *, positive: bool) -> str:
        """An expression that is true exactly where the condition is known to hold (`positive`), or known not to."""
        match node:
            case Not(item=item):
                return self.holds(item, positive=not positive)
            case And(items=items) | Or(items=items):
                word = " and " if isinstance(node, And) == positive else " or "
                return f"({word.join(self.holds(item, positive=positive) for item in items)})"
            case Fact() | Derived() | Recognised():
                return f"f[{self.compiler.layout.slot(node)}] is {positive}"
            case Contains(item=Constant(value=str() as word), collection=Fact() as collection):
                return (
                    f"{self._bound(word)} {'in' if positive else 'not in'} f[{self.compiler.layout.slot(collection)}]"
                )
            case Compare(comparator=comparator, left=left, right=right) if isinstance(left.type, Quantity):
                a, b = self.number(left), self.number(right)
                if a is not None and b is not None:
                    scale = lcm(a.scale, b.scale)
                    if isinstance(left, Derived) and isinstance(right, Constant):
                        # A derived quantity may be a Fraction: multiplying its parts saves reducing the product.
                        sign = comparator if positive else NEGATED[comparator]
                        above, below = _product(f"{a.text}.numerator", str(scale // a.scale)), f"{a.text}.denominator"
                        return f"({a.text} is not None and {above} {sign} {_product(below, _times(b, scale))})"
                    known = "".join(f"f[{slot}] is not None and " for slot in sorted(a.slots | b.slots))
                    sign = comparator if positive else NEGATED[comparator]
                    return f"({known}{_times(a, scale)} {sign} {_times(b, scale)})"
        return f"{self._bound(self.compiler.truth(node))}(f) is {positive}"

    def number(self, node: Node) -> _Number | None:
        """The quantity as source; None where it is an interval, an aggregate or has a quotient."""
        match node:
            case Constant(value=Fraction() as value):
                return _Number(str(value.numerator), value.denominator)
            case Fact() | Derived() if not is_interval(node):
                slot = self.compiler.layout.slot(node)
                return _Number(f"f[{slot}]", self.compiler.number(node).scale, frozenset([slot]))
            case Arithmetic(operator=operator, left=left, right=right) if not is_interval(node):
                a, b = self.number(left), self.number(right)
                if a is None or b is None:
                    return None
                if operator in "+-":
                    scale = lcm(a.scale, b.scale)
                    return _Number(f"({_times(a, scale)} {operator} {_times(b, scale)})", scale, a.slots | b.slots)
                if operator == "*":
                    return _Number(_product(a.text, b.text), a.scale * b.scale, a.slots | b.slots)
        return None

    def ratio(self, node: Node) -> _Ratio | None:
        """The quantity as the source of a quotient; None where it is an interval or an aggregate."""
        plain = self.number(node)
        if plain is not None:
            return _Ratio(f"({plain.text})", str(plain.scale), plain.slots)
        if not isinstance(node, Arithmetic) or is_interval(node):
            return None
        a, b = self.ratio(node.left), self.ratio(node.right)
        if a is None or b is None:
            return None
        slots, divisors = a.slots | b.slots, a.divisors + b.divisors
        above, below = _product(a.above, b.above), _product(a.below, b.below)
        match node.operator:
            case "+" | "-" as sign:
                above = f"({_product(a.above, b.below)} {sign} {_product(b.above, a.below)})"
            case "/":
                above, below = _product(a.above, b.below), _product(a.below, b.above)
                divisors += (b.above,)
        # A part may be written twice at every step.
        return _Ratio(above, below, slots, divisors) if len(above) + len(below) < _LONGEST else None


def _times(number: _Number, scale: int) -> str:
    factor = scale // number.scale
    if factor == 1:
        return number.text
    return str(int(number.text) * factor) if number.text.isdigit() else f"{number.text} * {factor}"


def _product(first: str, second: str) -> str:
    factors = [text for text in (first, second) if text != "1"]
    return " * ".join(factors) or "1"
