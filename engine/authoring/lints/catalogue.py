"""All lints, in the order in which they are looked for and listed."""

from __future__ import annotations

from conggao.engine.authoring.lints.conditions import ALWAYS, DEAD, IMPLIED, NEVER
from conggao.engine.authoring.lints.elsewhere import EMPTY, GAP, MARKED, OVERLAP, TWICE, UNCOVERED, UNSEEN
from conggao.engine.authoring.lints.lint import Lint
from conggao.engine.authoring.lints.money import CAP, CLIFF
from conggao.engine.authoring.lints.page import AMEND, CLAUSE, SOON, UNUSED
from conggao.engine.authoring.lints.reading import READING

LINTS: tuple[Lint, ...] = (
    NEVER, ALWAYS, IMPLIED, DEAD, CAP, CLIFF, GAP, OVERLAP, EMPTY, TWICE, AMEND, UNUSED, UNCOVERED, CLAUSE, MARKED, UNSEEN, SOON, *READING,
)  # fmt: skip


def lint(code: str) -> Lint | None:
    """The lint of a code."""
    return next((item for item in LINTS if item.code == code), None)
