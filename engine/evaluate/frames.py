"""A case laid out as frames: each fact that a rule reads, at its scale, in its slot; None where the case does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context
from fractions import Fraction
from operator import attrgetter
from typing import Any

from conggao.engine.evaluate.layout import SUBJECTS, Frame, Layout
from conggao.engine.language.scope import REPORTS
from conggao.engine.language.tree import FactKey, Recognised
from conggao.engine.rulebook.model import Parameter
from conggao.facts.models import Case, Enterprise
from conggao.facts.quantities import Exact
from conggao.facts.units import PURE, scale
from conggao.facts.vocabulary import PARAMETER, Vocabulary

Reader = tuple[str, int, Any]
"""Attribute, scale (0: taken as it is), and what leaving it out means: 0, False, nothing, or None for unknown."""

_EXACT = Context(prec=80)


@dataclass(slots=True)
class Subject:
    """A subject of the case and its frame; `item` is the project, service or park. `name` is how the outside calls it."""

    kind: str
    id: str | None
    frame: Frame
    item: Any = None
    name: str = field(init=False)
    """`enterprise`, `project:P1`, `service:S1`, `park`."""

    def __post_init__(self) -> None:
        self.name = self.kind if self.id is None else f"{self.kind}:{self.id}"


class Reading:
    """Reads cases into frames of one layout."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary, parameters: Mapping[str, Parameter]) -> None:
        self.layout = layout
        self._parameters = [(key.name, parameters.get(key.name)) for key in layout.facts[PARAMETER]]
        self._own: dict[str, _Readers] = {}
        self._dates: dict[str, list[tuple[int, int]]] = {}
        self._yearly: dict[str, dict[int, tuple[list[int], _Readers]]] = {}
        for kind in SUBJECTS:
            keys = layout.facts[kind]
            self._own[kind] = _Readers([_BLANK if key.period else _reader(key, vocabulary) for key in keys])
            self._yearly[kind] = {}
            # Which year a period is follows from the day, whether or not it was reported on.
            self._dates[kind] = [
                (offset, 1 if key.period == "latest" else 2)
                for offset, key in enumerate(keys)
                if key.period and key.name == "year"
            ]
            for back, period in ((1, "latest"), (2, "previous")):
                yearly = [(offset, _reader(key, vocabulary)) for offset, key in enumerate(keys) if key.period == period]
                if yearly:
                    offsets, readers = zip(*yearly, strict=True)
                    self._yearly[kind][back] = list(offsets), _Readers(readers)
        self._titles: Sequence[Recognised] = layout.titles

    def enterprise(self, case: Case, as_of: date) -> Frame:
        """The enterprise's slots; those of derived facts and of collections are still None."""
        own = self._own["enterprise"]
        frame = own.read(case.enterprise or _NOTHING_SAID)
        self._fill_years(frame, 0, "enterprise", case.reports, as_of)
        for name, parameter in self._parameters:
            frame.append(_figure(case, name, parameter, as_of.year - 1))
        held = {item.title for item in case.recognitions}
        frame += [wanted.title in held and recognised(case, wanted, as_of) for wanted in self._titles]
        frame += [None] * (self.layout.width["enterprise"] - len(frame))
        return frame

    def subject(self, kind: str, item: Any, enterprise: Frame, as_of: date) -> Frame:
        """The frame of a project, service or park: the enterprise's slots, then its own."""
        base = len(enterprise)
        frame = enterprise + self._own[kind].read(item)
        frame += [None] * (self.layout.width[kind] - len(frame))
        if kind == "park":
            self._fill_years(frame, base, kind, item.reports, as_of)
        return frame

    def _fill_years(self, frame: Frame, base: int, kind: str, reports: Sequence[Any], as_of: date) -> None:
        for offset, back in self._dates[kind]:
            frame[base + offset] = as_of.year - back
        for report in reports:
            yearly = self._yearly[kind].get(as_of.year - report.year)
            if yearly is not None:
                offsets, readers = yearly
                for offset, value in zip(offsets, readers.read(report), strict=True):
                    frame[base + offset] = value


class _Readers:
    """The facts of one kind of subject, or of one year's report, read off its model by one function written out for them.

    Nothing of a page is written into it but the whole number of a scale, and what leaving a fact out means.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        named = [reader for reader in readers if reader[0]]
        # Two names at least, for which `attrgetter` gives a tuple; every object has a class.
        self._names = (*(name for name, _, _ in named), "__class__", "__class__")
        self._get = attrgetter(*self._names)
        values = [f"v{number}" for number in range(len(self._names))]
        following = iter(values)
        cells = [_cell(next(following), factor, absent) if name else "None" for name, factor, absent in readers]
        source = f"def read(values):\n    {', '.join(values)} = values\n    return [{', '.join(cells)}]"
        scope: dict[str, Any] = {"__builtins__": {}, "Exact": Exact, "scaled": _scaled}
        exec(compile(source, "<facts>", "exec"), scope)
        self._frame: Callable[[tuple[Any, ...]], Frame] = scope["read"]

    def read(self, item: Any) -> Frame:
        """The facts at their scales, in the order of the readers."""
        try:
            return self._frame(self._get(item))
        except AttributeError:
            # A case of the core vocabulary lacks the facts that rulebooks have added.
            return self._frame(tuple(getattr(item, name, None) for name in self._names))


def _cell(value: str, factor: int, absent: Any) -> str:
    """The fact named `value` in the source as an expression."""
    if factor:
        return f"{absent!r} if {value} is None else {value}.count if {value}.__class__ is Exact else scaled({value}, {factor})"
    return value if absent is None else f"{absent!r} if {value} is None else {value}"


def recognised(case: Case, wanted: Recognised, as_of: date) -> bool | None:
    """Whether the title is held on the day: unknown while its year or level is, and nothing else settles it."""
    truth: bool | None = False
    for item in case.recognitions:
        if item.title != wanted.title:
            continue
        year: bool | None = (
            None
            if item.year is None
            else item.year <= as_of.year and (wanted.since is None or item.year >= wanted.since)
        )
        if wanted.since is None and item.year is None:
            year = True
        level: bool | None = (
            True if wanted.level is None else None if item.level is None else item.level == wanted.level
        )
        if year and level:
            return True
        if year is not False and level is not False:
            truth = None
    return truth


_NOTHING_SAID = Enterprise()
_BLANK: Reader = ("", 0, None)
_ABSENT: dict[str, Any] = {"zero": 0, "false": False, "empty": (), "unknown": None}


def _reader(key: FactKey, vocabulary: Vocabulary) -> Reader:
    spec = vocabulary.find(REPORTS[key.subject] if key.period else key.subject, key.name)
    assert spec is not None
    return spec.name, scale(spec.dimension) if spec.kind == "quantity" else 0, _ABSENT[spec.absent]


def _figure(case: Case, name: str, parameter: Parameter | None, year: int) -> int | Fraction | None:
    """A dated figure of `year`: the page's, which has a source, else the case's."""
    stated = parameter.values.get(year) if parameter is not None else None
    if stated is not None:
        whole = stated.value * scale(PURE)
        return int(whole) if whole.denominator == 1 else whole
    value = case.parameters.get(name, {}).get(year)
    return None if value is None else _scaled(value, scale(PURE))


def _scaled(value: Any, factor: int) -> int | Fraction:
    """The fact as a whole number of its scale, or exactly as a Fraction."""
    if value.__class__ is Exact:
        return value.count
    if isinstance(value, int):
        return value * factor
    product = _EXACT.multiply(value, factor)
    whole = int(product)
    return whole if whole == product else Fraction(product)
