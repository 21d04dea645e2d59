"""What a careful colleague would notice about a rulebook: each with a code, its documentation, and a page that has it."""

from conggao.engine.authoring.lints.catalogue import LINTS, lint
from conggao.engine.authoring.lints.lint import Lint, Sheet, example
from conggao.engine.authoring.lints.told import TOLD, Told, told

EXPLAINED: tuple[Lint | Told, ...] = (*LINTS, *TOLD)
"""Everything that `policy explain` knows."""

__all__ = ["EXPLAINED", "LINTS", "TOLD", "Lint", "Sheet", "Told", "example", "lint", "told"]
