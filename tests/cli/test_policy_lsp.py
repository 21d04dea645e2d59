"""The language server as an editor meets it: a real client over the standard streams, on whole and on half-written pages."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from conggao.engine.rulebook.library import shipped
from tests.cli.console import ROOT
from tests.engine.authoring.test_sheet import PAGE

R = TypeVar("R")
WAIT = 60
DERIVED = (
    PAGE
    + """
## （三）

```derive
name: big
label: {zh: 大企业, en: large enterprise}
is: 从业人员 > 100
source: 本办法第三条
```

```measure
id: c
title: {zh: 奖励, en: award}
subject: enterprise
lines: [more_sales]
when: [大企业 且 上年度.研发费用 > 1 万元, big]
pay: 1 万元
```
"""
)


class Editor:
    """A client with one document open."""

    def __init__(self, client: Any, path: Path) -> None:
        self.client, self.uri, self.version = client, path.as_uri(), 0
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.shown: list[str] = []
        self.can = types.ServerCapabilities()

    def open(self, text: str) -> None:
        item = types.TextDocumentItem(self.uri, "markdown", self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def put(self, text: str) -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    async def findings(self) -> list[types.Diagnostic]:
        """What is said of the present text."""
        while True:
            found = await asyncio.wait_for(self.told.get(), WAIT)
            if found.version == self.version:
                return list(found.diagnostics)

    def _at(self, text: str, words: str, after: int) -> dict[str, Any]:
        offset = text.index(words) + after
        place = types.Position(text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1)
        return {"text_document": types.TextDocumentIdentifier(self.uri), "position": place}

    async def complete(self, text: str, line: str) -> dict[str, types.CompletionItem]:
        """What is offered at the end of a line."""
        params = types.CompletionParams(**self._at(text, line, len(line) - 1))
        found = await asyncio.wait_for(self.client.text_document_completion_async(params), WAIT)
        return {item.label: item for item in found.items}

    async def hover(self, text: str, words: str, after: int = 1) -> str:
        found = await asyncio.wait_for(
            self.client.text_document_hover_async(types.HoverParams(**self._at(text, words, after))), WAIT
        )
        return "" if found is None else str(found.contents.value)

    async def definition(self, text: str, words: str, after: int = 1) -> types.Location | None:
        params = types.DefinitionParams(**self._at(text, words, after))
        found: types.Location | None = await asyncio.wait_for(self.client.text_document_definition_async(params), WAIT)
        return found

    async def rename(self, text: str, words: str, new: str, after: int = 1) -> str | None:
        params = types.RenameParams(new_name=new, **self._at(text, words, after))
        found = await asyncio.wait_for(self.client.text_document_rename_async(params), WAIT)
        return None if found is None else applied(text, found.changes[self.uri])


def applied(text: str, edits: list[types.TextEdit]) -> str:
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda item: (item.range.start.line, item.range.start.character), reverse=True):
        start, end = edit.range.start, edit.range.end
        assert start.line == end.line
        line = lines[start.line]
        lines[start.line] = line[: start.character] + edit.new_text + line[end.character :]
    return "\n".join(lines)


CAPABLE = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(rename=types.RenameClientCapabilities(prepare_support=True))
)
COMMAND = ("-m", "conggao.cli.app", "policy", "lsp", "--wait", "20")


def edit(path: Path, work: Callable[[Editor], Awaitable[R]], *options: str, command: tuple[str, ...] = COMMAND) -> R:
    """Does `work` with a server of its own, which must end by itself when told so."""

    async def session() -> R:
        client = LanguageClient("test", "1")
        editor = Editor(client, path)

        def told(params: types.PublishDiagnosticsParams) -> None:
            editor.told.put_nowait(params)

        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(told)
        client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: editor.shown.append(params.message))
        await client.start_io(sys.executable, *command, *options, cwd=str(ROOT), env=dict(os.environ))
        try:
            params = types.InitializeParams(capabilities=CAPABLE, process_id=os.getpid())
            answer = await asyncio.wait_for(client.initialize_async(params), WAIT)
            editor.can = answer.capabilities
            client.initialized(types.InitializedParams())
            return await asyncio.wait_for(work(editor), 2 * WAIT)
        finally:
            await asyncio.wait_for(client.shutdown_async(None), WAIT)
            client.exit(None)
            server = client._server
            assert server is not None
            assert await asyncio.wait_for(server.wait(), WAIT) == 0
            await client.stop()  # type: ignore[no-untyped-call]

    return asyncio.run(session())


def test_findings_follow_what_is_typed_and_half_written_text_is_survived(tmp_path: Path) -> None:
    halves = [PAGE[:cut] for cut in range(0, len(PAGE), len(PAGE) // 12)]
    slip = PAGE.replace("上年度.研发费用 >=", "上年度.研发费 >=")

    async def work(editor: Editor) -> None:
        editor.open(PAGE)
        assert not [item for item in await editor.findings() if item.severity == types.DiagnosticSeverity.Error]
        for text in halves:
            editor.put(text)
            await editor.findings()
        editor.put(slip)
        (found,) = [item for item in await editor.findings() if item.severity == types.DiagnosticSeverity.Error]
        line = slip.split("\n")[found.range.start.line]
        assert line[found.range.start.character : found.range.end.character] == "研发费"
        assert "研发费用" in found.message, "the nearest name is told"
        editor.put(PAGE)
        assert not [item for item in await editor.findings() if item.severity == types.DiagnosticSeverity.Error]

    edit(tmp_path / "page.md", work, "--lang", "zh")


def test_findings_of_a_shipped_page_are_those_of_its_file() -> None:
    path = shipped()["yinchuan-2024-2"]

    async def work(editor: Editor) -> list[types.Diagnostic]:
        editor.open(path.read_text("utf-8"))
        return await editor.findings()

    assert not [item for item in edit(path, work) if item.severity == types.DiagnosticSeverity.Error]


@pytest.mark.parametrize(
    ("typed", "wanted", "detail"),
    [
        ("  - 上年度.研发", "研发费用", "元"),
        ("  - latest.rd_", "rd_expense", "研发费用"),
        ("  - 从业", "从业人员", "employees"),
        ("  - 大企", "大企业", "big"),
        ("  - 研发费用 > 50 万", "万元", None),
        ('  - 认定("', "city_cloud_benchmark", None),
        ("cap_p", "cap_per: ", None),
        ("cap_per: ", "provider", None),
        ("stacks_with: [", "b", None),
    ],
)
def test_names_to_go_on_with(typed: str, wanted: str, detail: str | None, tmp_path: Path) -> None:
    above = "  - 从业人员 >= 10\n" if typed.startswith(" ") else "lines: [more_rd]\n"
    text = DERIVED.replace(above, f"{above}{typed}\n")

    async def work(editor: Editor) -> dict[str, types.CompletionItem]:
        editor.open(text)
        return await editor.complete(text, f"\n{typed}\n")

    found = edit(tmp_path / "page.md", work, "--lang", "zh")
    assert wanted in found, sorted(found)[:20]
    assert detail is None or detail in (found[wanted].detail or "")
    chosen = found[wanted].text_edit
    assert isinstance(chosen, types.TextEdit)
    line = applied(text, [chosen]).split("\n")[chosen.range.start.line]
    assert line.endswith(wanted), "what was typed of it is replaced"


def test_what_a_name_means_and_where_it_is_declared(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.open(DERIVED)
        said = await editor.hover(DERIVED, "研发费用 >=")
        assert "rd_expense" in said
        assert "元" in said
        assert "从业人员 > 100" in await editor.hover(DERIVED, "大企业 且"), "the expression behind a derived fact"
        assert "500,000" in await editor.hover(DERIVED, ">= 50 万元", after=4), "a figure in its base unit"
        assert "上限" in await editor.hover(DERIVED, "cap: 100")
        assert await editor.hover(DERIVED, "试行办法 Trial") == "", "nothing is known of prose"
        found = await editor.definition(DERIVED, "大企业 且")
        assert found is not None
        assert found.uri == editor.uri
        assert DERIVED.split("\n")[found.range.start.line] == "name: big"
        assert await editor.definition(DERIVED, "从业人员 >=") is None, "the program's own"
        other = DERIVED.replace("when: [大企业", "when: [制造业企业")
        editor.put(other)
        found = await editor.definition(other, "制造业企业 且")
        assert found is not None
        assert found.uri.endswith("2024-2.md"), "declared by a shipped page"

    edit(tmp_path / "page.md", work, "--lang", "zh")


def test_a_derived_fact_is_renamed_where_rules_use_it(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.open(DERIVED)
        new = await editor.rename(DERIVED, "大企业 且", "大型企业")
        assert new is not None
        assert new == DERIVED.replace("大企业", "大型企业"), "the label and its use, by that name alone"
        new = await editor.rename(DERIVED, "name: big", "large", after=7)
        assert new == DERIVED.replace("name: big", "name: large").replace(", big]", ", large]")
        for words, name in (("大企业 且", "从业人员"), ("大企业 且", "大 企业"), ("从业人员 >=", "员工")):
            before = len(editor.shown)
            assert await editor.rename(DERIVED, words, name) is None
            assert len(editor.shown) == before + 1, "it says why"

    edit(tmp_path / "page.md", work, "--lang", "zh")
