"""What a careful colleague would notice about a rulebook: each with a code, its documentation, and a page that has it."""

from conggao.engine.authoring.lints.catalogue import LINTS, lint
from conggao.engine.authoring.lints.lint import Lint, Sheet, example
from conggao.engine.authoring.lints.told import TOLD, Told, told

__all__ = ["LINTS", "TOLD", "Lint", "Sheet", "Told", "example", "lint", "told"]
