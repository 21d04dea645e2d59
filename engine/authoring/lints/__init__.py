"""What a careful colleague would notice about a rulebook: each with a code, its documentation, and a page that has it."""

from conggao.engine.authoring.lints.catalogue import LINTS, lint
from conggao.engine.authoring.lints.lint import Lint, Sheet, example

__all__ = ["LINTS", "Lint", "Sheet", "example", "lint"]
