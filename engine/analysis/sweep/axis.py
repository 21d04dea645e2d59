"""`FACT=FROM..TO`: which fact is varied, between which values, and in which steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.probe.slots import Moved, moved
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.paths import FactPath
from conggao.facts.units import MONEY, PURE, Dimension, QuantityFault, measure, scale, show

OTHER_UNITS = 1000
RATE_UNITS = 100_000
"""Rates are told to a thousandth of a percent."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A fact that is varied, in whole units from `low` to `high`, both included.

    `per` units make one base unit: 100 (fen) for money, 1 for whole numbers, 1000 for other quantities, 100,000 for rates.
    """

    name: str
    path: FactPath
    label: Text
    dimension: Dimension
    per: int
    low: int
    high: int
    fact: Moved

    def value(self, count: int) -> Fraction:
        """`count` units in base units."""
        return Fraction(count, self.per)

    def stated(self, count: int) -> str:
        """`count` units as a case file has them, and as `--set` takes them."""
        number = Decimal(count).scaleb(-(len(str(self.per)) - 1))
        text = format(number, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def slot(self, count: int) -> int | Fraction:
        """`count` units as they stand in a slot."""
        factor = 1 if self.per == 1 else scale(self.dimension)
        if factor == self.per:
            return count
        found = Fraction(count * factor, self.per)
        return found.numerator if found.denominator == 1 else found

    def show(self, count: int | Fraction, lang: Lang) -> str:
        """`count` units, for people: `12,000,000 元`."""
        return show(Fraction(count), self.dimension, lang, scale=self.per)

    def spread(self, points: int) -> list[int]:
        """At most `points` counts from `low` to `high`, evenly."""
        width = self.high - self.low
        number = min(points, width + 1)
        return [self.low + width * index // (number - 1) for index in range(number)]


def read_axis(probe: Probe, text: str) -> Axis:
    """The axis that `text` names. Raises InputFaults: an unknown fact, a wrong unit, an empty or reversed range."""
    name, equals, span = text.partition("=")
    first, dots, last = span.partition("..")
    if not (equals and dots and first.strip() and last.strip()):
        hint = Text("例如 `latest.rd_expense=0..2000万元`", "for example `latest.rd_expense=0..2000万元`")
        message = Text(f"`{text}` 应写作 `事实=起..止`", f"`{text}` should read `FACT=FROM..TO`")
        raise InputFaults([Diagnostic("sweep/shape", message, path=text, help=hint)])
    path = probe.path(name.strip())
    fact = moved(path, probe.day)
    if fact is None:
        message = Text(f"`{path}` 不是可以连续变动的数值", f"`{path}` is no number that can be varied")
        raise InputFaults([Diagnostic("sweep/not-a-number", message, path=text)])
    spec = path.spec
    label = spec.label if spec is not None else Text(path.name, path.name)
    dimension: Dimension = PURE if spec is None else spec.dimension
    whole = spec is not None and spec.kind == "integer"
    per = 1 if whole else 100 if dimension == MONEY else OTHER_UNITS if spec is not None else RATE_UNITS
    _one_unit(text, first.strip(), last.strip())
    ends = [_read(probe, path, text, end.strip(), dimension) for end in (first, last)]
    low, high = -(-ends[0] * per // 1), ends[1] * per // 1
    if ends[0] >= ends[1] or low >= high:
        message = Text("范围是空的或者颠倒了", "the range is empty or reversed")
        hint = Text("起点应小于终点，且至少相差一个单位", "it must begin below where it ends, by a unit at least")
        raise InputFaults([Diagnostic("sweep/range", message, path=text, help=hint)])
    return Axis(str(path), path, label, dimension, per, int(low), int(high), fact)


def _one_unit(text: str, first: str, last: str) -> None:
    """`1..20万元` may mean one yuan or ten thousand: a bare number beside one with a unit is refused, but for 0."""
    try:
        found = [measure(end) for end in (first, last)]
    except QuantityFault:
        return  # said where each end is read
    bare = [end for end, item in zip((first, last), found, strict=True) if item.unit is None and item.value]
    if bare and any(item.unit is not None for item in found):
        message = Text(f"`{bare[0]}` 没有写单位", f"`{bare[0]}` has no unit")
        hint = Text("两端都写单位，或都不写", "write the unit at both ends, or at neither")
        raise InputFaults([Diagnostic("sweep/unit", message, path=text, help=hint)])


def _read(probe: Probe, path: FactPath, text: str, end: str, dimension: Dimension) -> Fraction:
    """One end in base units; a fault as it would be of a case, named by the option."""
    try:
        probe.changed({path: end})
        return Fraction(measure(end).value)
    except InputFaults as faults:
        told: list[Any] = [
            Diagnostic(item.code, item.message, (), item.severity, text, help=item.help, note=item.note)
            for item in faults.diagnostics
        ]
        raise InputFaults(told) from None
