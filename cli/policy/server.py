"""The language server of pages: what an editor asks, answered from the text as it stands, saved or not."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from codecs import BOM_UTF8
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument
from pygls.workspace.position_codec import ServerTextPosition, ServerTextRange

from conggao.engine.authoring.check import check
from conggao.engine.authoring.editing import (
    Known,
    about,
    complete,
    definition,
    known,
    renameable,
    renamed,
    without_line,
)
from conggao.engine.rulebook.keys import BLOCKS
from conggao.engine.rulebook.source import figures_beside
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Span, Text, headline

_SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
_KINDS = {
    "fact": types.CompletionItemKind.Field, "derived": types.CompletionItemKind.Variable, "parameter": types.CompletionItemKind.Constant,
    "measure": types.CompletionItemKind.Module, "line": types.CompletionItemKind.EnumMember, "unit": types.CompletionItemKind.Unit,
    "key": types.CompletionItemKind.Property, "word": types.CompletionItemKind.EnumMember, "block": types.CompletionItemKind.Class,
    "prefix": types.CompletionItemKind.Keyword, "function": types.CompletionItemKind.Function,
}  # fmt: skip
_MARK = "\ufeff"
MOST = 200
"""Suggestions sent at once; the editor asks again when more is typed."""


class PageServer(LanguageServer):
    """Documents are checked in a thread of their own, one at a time, some time after the last change."""

    def __init__(self, wait: float, lang: Lang) -> None:
        # Whole texts: parts of them would be counted in lines of another kind than the editor's.
        sync = types.TextDocumentSyncKind.Full
        super().__init__("conggao", version("conggao") if _installed() else "0", text_document_sync_kind=sync)
        self.wait = wait
        self.lang: Lang = lang
        self.checker = ThreadPoolExecutor(1, "check")
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.known: dict[str, tuple[str, Known]] = {}

    def names(self, uri: str, text: str) -> Known:
        """What a page with this text knows, read anew when it has changed."""
        last = self.known.get(uri)
        if last is None or last[0] != text:
            last = self.known[uri] = text, known(text, Path(to_fs_path(uri) or "").name or "page.md")
        return last[1]

    def soon(self, uri: str, wait: float) -> None:
        """Checks a document after `wait` seconds, unless it changes before."""
        if (task := self.waiting.pop(uri, None)) is not None:
            task.cancel()
        self.waiting[uri] = asyncio.get_running_loop().create_task(self._check(uri, wait))

    async def _check(self, uri: str, wait: float) -> None:
        await asyncio.sleep(wait)
        document = self.workspace.get_text_document(uri)
        text, number = document.source, document.version
        found = await asyncio.get_running_loop().run_in_executor(self.checker, findings, text, to_fs_path(uri))
        if self.workspace.get_text_document(uri).source != text:
            return  # what was found is of a text that is gone
        place = Places(document)
        listed = [self._shown(item, place) for item in found]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=listed, version=number)
        )

    def _shown(self, item: Diagnostic, place: Places) -> types.Diagnostic:
        bare = Diagnostic(item.code, item.message, (), item.severity, item.path)
        told = headline(bare, self.lang)
        told += "".join(f"\n{text.of(self.lang)}" for text in (item.help, item.note) if text is not None)
        others = [
            types.DiagnosticRelatedInformation(
                types.Location(place.uri, place.of_span(label.span)), label.text.of(self.lang)
            )
            for label in item.labels[1:]
            if label.text is not None and label.span.file == item.labels[0].span.file
        ]
        return types.Diagnostic(
            range=place.of_span(item.labels[0].span if item.labels else None), message=told, severity=_SEVERITY[item.severity],
            code=item.code, source="conggao", related_information=others or None,
        )  # fmt: skip


class Places:
    """Places of one document as the editor counts them and as we do, from 0 in characters. Lines end as in the protocol, and only so.

    A byte order mark that an editor leaves in the text is a character to it and none to us.
    """

    def __init__(self, document: TextDocument) -> None:
        self.uri = document.uri
        self.text = plain_lines(document.source).removeprefix(_MARK)
        self.lines = self.text.split("\n")
        self.codec = document.position_codec
        self.mark = self.codec.client_num_units(_MARK) if document.source.startswith(_MARK) else 0

    def here(self, position: types.Position) -> tuple[int, int]:
        """The line and the column of a place in the editor; the end of the line or of the text for one beyond it."""
        line = min(position.line, len(self.lines) - 1)
        # Brought to the end of the line here: the codec takes what lies beyond it one character back.
        column = most = self.codec.client_num_units(self.lines[line])
        if line == position.line:
            column = min(most, max(0, position.character - (0 if line else self.mark)))
        return line, self.codec.position_from_client_units(self.lines, types.Position(line, column)).character

    def range(self, line: int, start: int, end: int) -> types.Range:
        """A stretch of a line."""
        place = ServerTextRange(ServerTextPosition(line, start), ServerTextPosition(line, end))
        found = self.codec.range_to_client_units(self.lines, place)
        if line == 0:
            found.start.character += self.mark
            found.end.character += self.mark
        return found

    def of_span(self, span: Span | None) -> types.Range:
        """Where a finding is shown: its words, or its whole line."""
        line = min(max(0, (span.line or 1) - 1) if span is not None else 0, len(self.lines) - 1)
        whole = len(self.lines[line].rstrip())
        if span is None or not span.column:
            return self.range(line, 0, whole)
        start = min(whole, span.column - 1)
        return self.range(line, start, max(start, min(whole, start + (span.length or 1))))

    def edit(self, start: int, end: int, new: str) -> types.TextEdit:
        """An edit by offsets of the text, within one line."""
        line = self.text.count("\n", 0, start)
        first = self.text.rfind("\n", 0, start) + 1
        return types.TextEdit(self.range(line, start - first, end - first), new)


def plain_lines(text: str) -> str:
    """The text with every line end as `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _installed() -> bool:
    from importlib.util import find_spec

    try:
        return find_spec("conggao") is not None and bool(version("conggao"))
    except Exception:
        return False


def findings(text: str, path: str | None) -> tuple[Diagnostic, ...]:
    """What there is to say of a page with this text. The file itself is checked where it says the same, else a copy, with the figures
    of the law that are kept beside it. Nothing is raised: a page that the checks break on has that as its finding.
    """
    if not _is_rulebook(text):
        return ()
    try:
        return _findings(text, None if path is None else Path(path))
    except Exception as error:  # an editor without findings looks like a page without faults
        name = type(error).__name__
        message = Text(f"检验这一页时出错（{name}）", f"checking this page failed ({name})")
        hint = Text("这是程序的缺陷，请连同页面报告", "this is a defect of the program: please report it with the page")
        return (Diagnostic("lsp/failed", message, help=hint),)


def _findings(text: str, path: Path | None) -> tuple[Diagnostic, ...]:
    try:
        if path is not None and path.is_file() and path.read_bytes().removeprefix(BOM_UTF8) == text.encode():
            return _of_page(path)
    except (OSError, UnicodeEncodeError):
        pass
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / (path.name if path is not None else "page.md")
        tried.write_bytes(text.encode("utf-8", "surrogatepass"))
        if path is not None and (beside := figures_beside(path)).is_file():
            with suppress(OSError):  # figures that cannot be read are as none, and the rest is still checked
                shutil.copyfile(beside, figures_beside(tried))
        return _of_page(tried)


def _is_rulebook(text: str) -> bool:
    """Whether a Markdown text is meant as a rulebook: other documents of a folder are left in peace."""
    return text.removeprefix(_MARK).startswith("---") or any(f"```{kind}" in text for kind in BLOCKS)


def _of_page(path: Path) -> tuple[Diagnostic, ...]:
    own = {None, str(path), str(path.resolve())}
    try:
        found = check([str(path)]).diagnostics
    except InputFaults as faults:  # of the figures beside the page: their lines are not those of the page
        return tuple(item if _file(item) in own else _elsewhere(item) for item in faults.diagnostics)
    return tuple(item for item in found if _file(item) in own)


def _file(item: Diagnostic) -> str | None:
    return item.labels[0].span.file if item.labels else None


def _elsewhere(item: Diagnostic) -> Diagnostic:
    """A finding in another file, which is named in its message instead."""
    span = item.labels[0].span
    where = Path(span.file or "").name + (f":{span.line}" if span.line else "")
    message = Text(f"{where}：{item.message.zh}", f"{where}: {item.message.en}")
    return replace(item, message=message, labels=())


def serve(wait: float, lang: Lang) -> None:
    """Serves one editor until it says that it is done."""
    # Nothing but the protocol may be written to the standard output.
    server = make_server(wait, lang)
    server.start_io(sys.stdin.buffer, sys.stdout.buffer)


def make_server(wait: float, lang: Lang) -> PageServer:
    """The server with everything that it can answer."""
    server = PageServer(wait, lang)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.soon(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.soon(params.text_document.uri, server.wait)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.soon(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if (task := server.waiting.pop(uri, None)) is not None:
            task.cancel()
        server.known.pop(uri, None)
        server.known.pop(f"{uri}#completing", None)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    options = types.CompletionOptions(trigger_characters=[".", "．", '"', "“", "「", ":", "{", ","])

    def asked(params: Any) -> tuple[Places, int, int]:
        """Where in which document something is asked about, in our counting."""
        place = Places(server.workspace.get_text_document(params.text_document.uri))
        return place, *place.here(params.position)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    def completion(params: types.CompletionParams) -> types.CompletionList:
        place, line, column = asked(params)
        names = server.names(f"{place.uri}#completing", without_line(place.text, line))
        found = complete(place.text, line, column, names, server.lang)
        items = [
            types.CompletionItem(
                label=item.text, kind=_KINDS.get(item.kind), detail=item.detail or None, documentation=item.about or None,
                text_edit=types.TextEdit(place.range(line, item.start, column), item.lead + item.text), filter_text=item.text,
                sort_text=f"{number:03}",
            )
            for number, item in enumerate(found[:MOST])
        ]  # fmt: skip
        return types.CompletionList(is_incomplete=len(found) > MOST, items=items)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        place, line, column = asked(params)
        said = about(place.text, line, column, server.names(place.uri, place.text), server.lang)
        return None if said is None else types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def goto(params: types.DefinitionParams) -> types.Location | None:
        place, line, column = asked(params)
        found = definition(place.text, line, column, server.names(place.uri, place.text))
        if found is None:
            return None
        uri = place.uri if found.file is None else from_fs_path(found.file) or place.uri
        position = types.Position(found.line, 0)
        return types.Location(uri, types.Range(position, position))

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: types.PrepareRenameParams) -> types.Range | None:
        place, line, column = asked(params)
        found = renameable(place.text, line, column, server.names(place.uri, place.text))
        return None if found is None else place.range(line, *found)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        place, line, column = asked(params)
        try:
            edits = renamed(place.text, line, column, params.new_name, server.names(place.uri, place.text))
        except InputFaults as faults:
            said = faults.diagnostics[0].message.of(server.lang)
            server.window_show_message(types.ShowMessageParams(types.MessageType.Error, said))
            return None
        return types.WorkspaceEdit(changes={place.uri: [place.edit(*edit) for edit in edits]})

    return server
