"""Every other fault that reading, checking, testing and deciding may report: what it says, and what to do, in a sentence each."""

from __future__ import annotations

from dataclasses import dataclass

from conggao.engine.authoring.lints.told_files import CASES, FILES
from conggao.engine.authoring.lints.told_pages import PAGES, RULES
from conggao.facts.diagnostics import Severity, Text


@dataclass(frozen=True, slots=True)
class Told:
    """A fault `family/name` that needs no example."""

    code: str
    title: Text
    mend: Text

    @property
    def severity(self) -> Severity:
        return "note" if self.code.endswith("/more") else "error"


TOLD: tuple[Told, ...] = tuple(
    Told(code, Text(*said), Text(*mend))
    for table in (PAGES, RULES, CASES, FILES)
    for code, (said, mend) in table.items()
)


def told(code: str) -> Told | None:
    """The fault of a code that is no lint."""
    return next((item for item in TOLD if item.code == code), None)
