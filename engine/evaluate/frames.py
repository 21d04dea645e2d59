"""A case laid out as frames: each fact that a rule reads, at its scale, in its slot; None where the case does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context
from fractions import Fraction
from typing import Any

from conggao.engine.evaluate.layout import Frame, Layout
from conggao.engine.language.scope import REPORTS
from conggao.engine.language.tree import FactKey, Recognised
from conggao.facts.models import Case
from conggao.facts.units import scale
from conggao.facts.vocabulary import Vocabulary

Reader = tuple[str, int, bool]
"""Attribute, scale (0: taken as it is), and whether leaving it out means zero."""

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

    def __init__(self, layout: Layout, vocabulary: Vocabulary) -> None:
        self.layout = layout
        self._own: dict[str, list[Reader]] = {}
        self._yearly: dict[str, dict[str, list[tuple[int, Reader]]]] = {}
        for kind, keys in layout.facts.items():
            self._own[kind] = []
            self._yearly[kind] = {"latest": [], "previous": []}
            for offset, key in enumerate(keys):
                reader = _reader(key, vocabulary)
                if key.period is None:
                    self._own[kind].append(reader)
                else:
                    self._own[kind].append(_BLANK)
                    self._yearly[kind][key.period].append((offset, reader))
        self._titles: Sequence[Recognised] = layout.titles

    def enterprise(self, case: Case, as_of: date) -> Frame:
        """The enterprise's slots; those of derived facts and of collections are still None."""
        enterprise = case.enterprise
        frame: Frame = [None] * self.layout.width["enterprise"]
        if enterprise is not None:
            for slot, (name, factor, _) in enumerate(self._own["enterprise"]):
                if name:
                    value = getattr(enterprise, name, None)
                    frame[slot] = value if value is None or not factor else _scaled(value, factor)
        self._fill_years(frame, 0, "enterprise", case.reports, as_of)
        slot = len(self._own["enterprise"])
        for title in self._titles:
            frame[slot] = recognised(case, title, as_of)
            slot += 1
        return frame

    def subject(self, kind: str, item: Any, enterprise: Frame, as_of: date) -> Frame:
        """The frame of a project, service or park: the enterprise's slots, then its own."""
        frame = enterprise[:]
        base = len(frame)
        for name, factor, zero in self._own[kind]:
            value = getattr(item, name, None) if name else None
            frame.append((0 if zero else None) if value is None else _scaled(value, factor) if factor else value)
        frame.extend([None] * (self.layout.width[kind] - len(frame)))
        if kind == "park":
            self._fill_years(frame, base, kind, item.reports, as_of)
        return frame

    def _fill_years(self, frame: Frame, base: int, kind: str, reports: Sequence[Any], as_of: date) -> None:
        for report in reports:
            period = {1: "latest", 2: "previous"}.get(as_of.year - report.year)
            if period is not None:
                for offset, (name, factor, _) in self._yearly[kind][period]:
                    value = getattr(report, name, None)
                    frame[base + offset] = value if value is None or not factor else _scaled(value, factor)


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


_BLANK: Reader = ("", 0, False)


def _reader(key: FactKey, vocabulary: Vocabulary) -> Reader:
    spec = vocabulary.find(REPORTS[key.subject] if key.period else key.subject, key.name)
    assert spec is not None
    factor = scale(spec.dimension) if spec.kind in ("quantity", "integer") else 0
    return spec.name, factor, spec.absent == "zero"


def _scaled(value: Any, factor: int) -> int | Fraction:
    """The fact as a whole number of its scale, or exactly as a Fraction."""
    if isinstance(value, int):
        return value * factor
    product = _EXACT.multiply(value, factor)
    whole = int(product)
    return whole if whole == product else Fraction(product)
