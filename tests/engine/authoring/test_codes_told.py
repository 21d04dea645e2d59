"""Every code that checking, testing, drafting or deciding may print is one that `policy explain` knows; the sources are asked for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import conggao.cli
import conggao.engine
import conggao.facts
from conggao.engine.authoring.lints import EXPLAINED, TOLD, Told, lint, told

FOLDERS = [Path(part.__path__[0]).resolve() for part in (conggao.facts, conggao.engine, conggao.cli)]
ELSEWHERE = {
    "tables", "population", "batch", "columnar", "table.py", "ledger", "analysis", "serve", "tui", "sheet", "interview.py", "talk.py",
    "plots.py", "sweep.py", "seek.py", "reform.py", "whatif.py", "ledger.py", "progress.py", "paths.py", "lsp.py", "server.py",
    "schema.py", "renaming.py", "sheet.py", "names.py", "scenarios.py",
}  # fmt: skip
"""Parts that none of the four commands runs, or that only speak of what those cannot be given."""
_SAID = re.compile(r'(?:Diagnostic\(|fault\(|fail\(|say\(|refuse\(|code=|code, )\s*"([a-z-]+/[a-z-]+)"')
_LINT = re.compile(r'Lint\(\s*"([a-z-]+/[a-z-]+)"')
_READER = re.compile(r'refuse\(\s*"([a-z-]+)"|PydanticCustomError\(\s*"([a-z-]+)"')
_SHAPE = re.compile(r'return "([a-z-]+)", (?:message|Text)')


def codes() -> Iterator[tuple[str, str]]:
    """Each code with the file that says it."""
    for folder in FOLDERS:
        for path in folder.rglob("*.py"):
            if ELSEWHERE & {*path.relative_to(folder).parts}:
                continue
            text = path.read_text("utf-8")
            for pattern in (_SAID, _LINT):
                yield from ((match[1], path.name) for match in pattern.finditer(text))
            if folder.name == "facts":
                for pattern in (_READER, _SHAPE):
                    yield from ((f"case/{next(filter(None, m.groups()))}", path.name) for m in pattern.finditer(text))


def test_every_code_is_explained() -> None:
    found = dict(codes())
    assert len(found) > 100, "the sources are read"
    assert sorted({(file, code) for code, file in found.items() if lint(code) is None and told(code) is None}) == []


def test_no_code_is_told_twice_or_of_nothing() -> None:
    listed = [item.code for item in EXPLAINED]
    assert len(set(listed)) == len(listed)
    sources = "".join(
        path.read_text("utf-8") for folder in FOLDERS for path in folder.rglob("*.py") if "told_" not in path.name
    )
    unused = [
        item.code
        for item in TOLD
        if f'"{item.code}"' not in sources and f'"{item.code.partition("/")[2]}"' not in sources
    ]
    assert unused == []


@pytest.mark.parametrize("item", TOLD, ids=lambda item: item.code)
def test_each_is_told_in_both_languages_with_a_remedy(item: Told) -> None:
    for text in (item.title, item.mend):
        assert re.search("[一-鿿]", text.zh) or text.zh.startswith("写作")
        assert text.en
        assert not re.search("[。.]$", text.zh + text.en), "a sentence within a message ends without its stop"
