"""One case asked again and again with some facts changed: what sweeping, seeking and asking questions rest on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from conggao.engine.analysis.probe.lane import Lane
from conggao.engine.analysis.probe.slots import REFUSED, moved
from conggao.engine.decide import CaseLike, Engine
from conggao.engine.decision import Decision
from conggao.engine.resolve import Resolution
from conggao.facts.diagnostics import InputFaults, Lang
from conggao.facts.loading import read_case
from conggao.facts.models import Case
from conggao.facts.paths import FactPath, find_path, write_value

_SOON = 2
"""The question about the same facts from which on a lane pays."""


class Probe:
    """A case on a day under an engine. Every answer is that of the case with the changes in it; the case itself never changes.

    Numbers asked for again and again are answered by a lane (see probe_lane), with the same result. Not for several threads at once.
    """

    def __init__(self, engine: Engine, case: CaseLike, as_of: date | str | None = None) -> None:
        self.engine = engine
        self.case = engine.read(case)
        self.day = engine.decide(self.case, as_of, engine="exact").as_of
        self.document = self.case.document()
        self._asked: dict[tuple[FactPath, ...], int] = {}
        self._lanes: dict[tuple[FactPath, ...], Lane | None] = {}

    def path(self, name: str) -> FactPath:
        """The fact of that name, as `--set` takes it. Raises InputFaults."""
        return find_path(name, self.engine.vocabulary, self.day, self.document)

    def changed(self, changes: Mapping[FactPath, Any]) -> Case:
        """The case with the changes in it: values as a case file has them, None for a fact taken back. Raises InputFaults."""
        document = self.document
        for path, value in changes.items():
            document = write_value(path, value, document)
        return read_case(document, self.engine.vocabulary)

    def money(self, changes: Mapping[FactPath, Any]) -> Resolution:
        """The awards and totals, in whole fen. Raises InputFaults."""
        lane = self._lane(changes)
        if lane is not None:
            try:
                values = [fact.read(changes[path]) for fact, path in zip(lane.facts, changes, strict=True)]
                return lane.whole(lane.read(values))
            except (*REFUSED, InputFaults):
                pass  # said below, as it is said of every case
        return self.engine.awards(self.changed(changes), self.day)

    def decide(self, changes: Mapping[FactPath, Any], lang: Lang = "zh") -> Decision:
        """The complete decision. Raises InputFaults."""
        return self.engine.decide(self.changed(changes), self.day, engine="exact", lang=lang)

    def lane(self, changes: Mapping[FactPath, Any]) -> Lane | None:
        """The case with those facts varying, `changes` to begin with; None where one of them is no number in a slot of its own.

        Raises InputFaults.
        """
        facts = [None if value is None else moved(path, self.day) for path, value in changes.items()]
        found = [fact for fact in facts if fact is not None]
        if not found or len(found) < len(facts):
            return None
        return Lane(self.engine, self.changed(changes), self.day, found)

    def _lane(self, changes: Mapping[FactPath, Any]) -> Lane | None:
        paths = tuple(changes)
        if paths in self._lanes:
            return None if None in changes.values() else self._lanes[paths]
        times = self._asked[paths] = self._asked.get(paths, 0) + 1
        if times < _SOON or None in changes.values():
            return None
        try:
            self._lanes[paths] = self.lane(changes)
        except InputFaults:
            return None
        return self._lanes[paths]
