"""`conggao policy`: which rulebooks there are, what they say, whether they are sound. One module a command."""

from conggao.cli.policy import check, coverage, diff, explain, lsp, names, new, schema, sheet, show, test, watch
from conggao.cli.policy.common import app

__all__ = [
    "app",
    "check",
    "coverage",
    "diff",
    "explain",
    "lsp",
    "names",
    "new",
    "schema",
    "sheet",
    "show",
    "test",
    "watch",
]
