"""Closures of whole measures, written out as one function each: all conditions together, and what an entitlement pays.

A function is written as Python source from the typed tree, so that a comparison costs a comparison and not a call. Nothing of a page is
ever written into it but whole numbers: facts are slots of a frame, words and closures are bound under generated names. What cannot be
written so stays a closure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, cast

from conggao.engine.evaluate.compile import Compiler, is_interval
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.numbers import round_half_up
from conggao.engine.evaluate.truths import Truth
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

Due = Callable[[Frame], int | None]
"""Whole fen where all conditions hold and the amount is known, else None."""

FEN = 100


def all_hold(conditions: Sequence[Node], compiler: Compiler, name: str) -> Truth:
    """All of `conditions` together (Kleene): one that is false settles it even beside unknown ones."""
    writer = _Writer(compiler)
    refuted = " or ".join(writer.holds(node, positive=False) for node in conditions) or "False"
    proven = " and ".join(writer.holds(node, positive=True) for node in conditions) or "True"
    lines = ["def truth(f):", f"    if {refuted}:", "        return False", f"    return True if {proven} else None"]
    return cast("Truth", _made(lines, writer, f"truth {name}"))


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
    conditions = [writer.holds(condition.node, positive=True) for condition in measure.when]
    known = [f"f[{slot}] is not None" for slot in sorted(number.slots)]
    scale = number.scale
    lines = [
        "def due(f):",
        f"    if {' and '.join([*conditions, *known]) or 'True'}:",
        f"        fen = int((({number.text}) * {2 * FEN} + {scale}) // {2 * scale})",
    ]
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
            return [f"if {holds}:", f"    {first}", f"elif {fails}:", f"    {second}", "else:", "    return None"]
    raise AssertionError(cap)


def _made(lines: Sequence[str], writer: _Writer, name: str) -> Any:
    names: dict[str, Any] = {"__builtins__": {"int": int}, **writer.names}
    exec(compile("\n".join(lines), f"<{name}>", "exec"), names)
    return names[name.partition(" ")[0]]


@dataclass(frozen=True, slots=True)
class _Number:
    """A quantity as source: `text / scale` base units, known where all `slots` are."""

    text: str
    scale: int
    slots: frozenset[int] = frozenset()


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


def _times(number: _Number, scale: int) -> str:
    factor = scale // number.scale
    if factor == 1:
        return number.text
    return str(int(number.text) * factor) if number.text.isdigit() else f"{number.text} * {factor}"


def _product(first: str, second: str) -> str:
    factors = [text for text in (first, second) if text != "1"]
    return " * ".join(factors) or "1"
