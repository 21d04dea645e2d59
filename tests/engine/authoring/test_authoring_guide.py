"""The guide for authors: each of its pages checks, each of its expressions is typed, each command prints what is shown, and no
construct of the language is missing. `CONGGAO_ACCEPT=1` rewrites the output shown; the change is then reviewed as a diff."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from conggao.engine.authoring.check import check
from conggao.engine.authoring.worked import EXPECT_KEYS, STATUSES
from conggao.engine.decide import Engine
from conggao.engine.language.check import check as typed
from conggao.engine.language.functions import _MAKERS
from conggao.engine.language.parse import Origin
from conggao.engine.language.scope import Scope
from conggao.engine.language.types import TRUTH, Quantity
from conggao.engine.rulebook import keys
from tests.cli.console import ROOT, printed

GUIDE = ROOT / "policy" / "README.md"
_FENCE = re.compile(r"^(`{3,})(\w+)([^\n]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)


class Snippet(NamedTuple):
    """A fenced block of the guide: `markdown` with a file name is a whole page (`+`: added to it), without one a piece of one."""

    kind: str
    name: str
    text: str
    line: int


def snippets() -> Iterator[Snippet]:
    text = GUIDE.read_text("utf-8")
    for match in _FENCE.finditer(text):
        yield Snippet(match[2], match[3].strip(), match[4], text.count("\n", 0, match.start()) + 1)


FRONT = next(item.text for item in snippets() if item.name == "(front)")
PIECES = [item for item in snippets() if item.kind == "markdown" and not item.name]
EXPRESSIONS = [
    (item.kind, item.name, line)
    for item in snippets()
    if item.kind in ("rule", "amount")
    for line in item.text.splitlines()
]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: f"line {piece.line}")
def test_every_piece_checks_under_the_front_matter_shown(piece: Snippet, tmp_path: Path) -> None:
    page = tmp_path / "guide.md"
    page.write_text(f"{FRONT}\n# 示例\n\n{piece.text}", "utf-8")
    checked = check([str(page)])
    assert checked.clean, "\n".join(str(item) for item in checked.diagnostics)


@pytest.mark.parametrize(("kind", "subject", "text"), EXPRESSIONS, ids=[text for _, _, text in EXPRESSIONS])
def test_every_expression_is_typed(everything: Engine, kind: str, subject: str, text: str) -> None:
    scope = Scope(everything.vocabulary, subject, everything.program.specs)
    node = typed(text, scope, Origin("README.md", 1, 1, ()), TRUTH if kind == "rule" else None)
    assert node.type == TRUTH if kind == "rule" else isinstance(node.type, Quantity)


def test_the_commands_print_what_is_shown(tmp_path: Path) -> None:
    text = GUIDE.read_text("utf-8")
    today = _FENCE.sub(lambda match: _played(match, tmp_path), text)
    if os.environ.get("CONGGAO_ACCEPT"):
        GUIDE.write_text(today, "utf-8")
        return
    assert today == text, "the guide shows something else; look at it with CONGGAO_ACCEPT=1"


def _played(match: re.Match[str], folder: Path) -> str:
    kind, name = match[2], match[3].strip()
    file, _, more = name.partition(" ")
    if kind == "console":
        return f"{match[1]}console\n{printed(match[4], folder)}{match[1]}"
    if file and "." in file:
        path = folder / file
        before = path.read_text("utf-8") + "\n" if more == "+" else ""
        path.write_text(before + match[4], "utf-8")
    return match[0]


def test_the_page_that_shows_the_front_matter_checks(tmp_path: Path) -> None:
    page = tmp_path / "front.md"
    page.write_text(next(item.text for item in snippets() if item.name == "front.md"), "utf-8")
    assert check([str(page)]).clean


def test_no_construct_is_missing() -> None:
    pages = "\n".join(item.text for item in snippets() if item.kind == "markdown")
    used = {*re.findall(r"(?:^|[{,-])\s*(\w+):", pages, re.MULTILINE)}
    wanted = {
        *(key.name for block in (keys.FRONT, keys.FACT, *keys.BLOCKS.values()) for key in block),
        *EXPECT_KEYS,
    }  # fmt: skip
    assert wanted - used == set()
    assert set(keys.BLOCKS) == {*re.findall(r"^```(\w+)$", pages, re.MULTILINE)}
    assert set(keys.TYPES) <= {*re.findall(r"type: (\w+)", pages)}
    assert set(keys.SUBJECT_KINDS) - {"park"} <= {*re.findall(r"subject: (\w+)", pages)}
    spoken = GUIDE.read_text("utf-8")
    assert [name for name in _MAKERS if f"{name}(" not in spoken] == []
    assert [status for status in STATUSES if f"`{status}`" not in spoken] == []
