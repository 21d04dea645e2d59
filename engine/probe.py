"""One case asked again and again with some facts changed: what sweeping, seeking and asking questions rest on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from conggao.engine.decide import CaseLike, Engine
from conggao.engine.decision import Decision
from conggao.engine.resolve import Resolution
from conggao.facts.diagnostics import Lang
from conggao.facts.loading import read_case
from conggao.facts.models import Case
from conggao.facts.paths import FactPath, find_path, write_value


class Probe:
    """A case on a day under an engine. Every answer is that of the case with the changes in it; the case itself never changes."""

    def __init__(self, engine: Engine, case: CaseLike, as_of: date | str | None = None) -> None:
        self.engine = engine
        self.case = engine.read(case)
        self.day = engine.decide(self.case, as_of, engine="exact").as_of
        self.document = self.case.document()

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
        return self.engine.awards(self.changed(changes), self.day)

    def decide(self, changes: Mapping[FactPath, Any], lang: Lang = "zh") -> Decision:
        """The complete decision. Raises InputFaults."""
        return self.engine.decide(self.changed(changes), self.day, engine="exact", lang=lang)
