"""The language server of pages: what an editor asks, answered from the text as it stands, saved or not."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument
from pygls.workspace.position_codec import ServerTextPosition, ServerTextRange

from conggao.engine.authoring.check import check
from conggao.engine.authoring.editing import Known, about, complete, definition, known, renamed
from conggao.engine.rulebook.keys import BLOCKS
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, headline

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
MOST = 200
"""Suggestions sent at once; the editor asks again when more is typed."""


class PageServer(LanguageServer):
    """Documents are checked in a thread of their own, one at a time, some time after the last change."""

    def __init__(self, wait: float, lang: Lang) -> None:
        super().__init__("conggao", version("conggao") if _installed() else "0")
        self.wait = wait
        self.lang: Lang = lang
        self.checker = ThreadPoolExecutor(1, "check")
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.known: dict[str, tuple[str, Known]] = {}

    def names(self, document: TextDocument) -> Known:
        """What the page knows, read anew when its text has changed."""
        last = self.known.get(document.uri)
        if last is None or last[0] != document.source:
            last = self.known[document.uri] = document.source, known(document.source, document.filename or "page.md")
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
        listed = [self._shown(item, document) for item in found]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=listed, version=number)
        )

    def _shown(self, item: Diagnostic, document: TextDocument) -> types.Diagnostic:
        span = item.labels[0].span if item.labels else None
        line = max(0, (span.line or 1) - 1) if span is not None else 0
        lines = document.lines
        line = min(line, max(0, len(lines) - 1))
        whole = len(lines[line].rstrip("\r\n")) if lines else 0
        start = min(whole, span.column - 1) if span is not None and span.column else 0
        end = min(whole, start + (span.length or 1)) if span is not None and span.column else whole
        range_ = ServerTextRange(ServerTextPosition(line, start), ServerTextPosition(line, max(start, end)))
        bare = Diagnostic(item.code, item.message, (), item.severity, item.path)
        told = headline(bare, self.lang)
        told += "".join(f"\n{text.of(self.lang)}" for text in (item.help, item.note) if text is not None)
        shown = document.range_to_client_units(range_)
        return types.Diagnostic(
            range=shown, message=told, severity=_SEVERITY[item.severity], code=item.code, source="conggao"
        )


def _installed() -> bool:
    from importlib.util import find_spec

    try:
        return find_spec("conggao") is not None and bool(version("conggao"))
    except Exception:
        return False


def findings(text: str, path: str | None) -> tuple[Diagnostic, ...]:
    """What there is to say of a page with this text. The file itself is checked where it says the same, with what stands beside it."""
    if not _is_rulebook(text):
        return ()
    try:
        if path is not None and Path(path).is_file() and Path(path).read_text("utf-8-sig") == text:
            return _of_page(path)
    except (OSError, UnicodeDecodeError):
        pass
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / (Path(path).name if path else "page.md")
        tried.write_text(text, "utf-8", newline="")
        return _of_page(str(tried))


def _is_rulebook(text: str) -> bool:
    """Whether a Markdown text is meant as a rulebook: other documents of a folder are left in peace."""
    return text.lstrip("\ufeff").startswith("---") or any(f"```{kind}" in text for kind in BLOCKS)


def _of_page(path: str) -> tuple[Diagnostic, ...]:
    found = check([path]).diagnostics
    own = {path, str(Path(path).resolve())}
    return tuple(item for item in found if not item.labels or item.labels[0].span.file in (None, *own))


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
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    options = types.CompletionOptions(trigger_characters=[".", "．", '"', "“", "「", ":", "{", ","])

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    def completion(params: types.CompletionParams) -> types.CompletionList:
        document, line, column = _place(server, params)
        found = complete(document.source, line, column, server.names(document), server.lang)
        items = []
        for item in found[:MOST]:
            range_ = ServerTextRange(ServerTextPosition(line, item.start), ServerTextPosition(line, column))
            edit = types.TextEdit(document.range_to_client_units(range_), item.text)
            items.append(
                types.CompletionItem(
                    label=item.text, kind=_KINDS.get(item.kind), detail=item.detail or None,
                    documentation=item.about or None, text_edit=edit, filter_text=item.text,
                )
            )  # fmt: skip
        return types.CompletionList(is_incomplete=len(found) > MOST, items=items)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        document, line, column = _place(server, params)
        said = about(document.source, line, column, server.names(document), server.lang)
        return None if said is None else types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def goto(params: types.DefinitionParams) -> types.Location | None:
        document, line, column = _place(server, params)
        found = definition(document.source, line, column, server.names(document))
        if found is None:
            return None
        uri = document.uri if found.file is None else from_fs_path(found.file) or document.uri
        place = types.Position(found.line, 0)
        return types.Location(uri, types.Range(place, place))

    @server.feature(types.TEXT_DOCUMENT_RENAME)
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        document, line, column = _place(server, params)
        try:
            edits = renamed(document.source, line, column, params.new_name, server.names(document))
        except InputFaults as faults:
            said = faults.diagnostics[0].message.of(server.lang)
            server.window_show_message(types.ShowMessageParams(types.MessageType.Error, said))
            return None
        return types.WorkspaceEdit(changes={document.uri: [_edit(document, *edit) for edit in edits]})

    return server


def _place(server: PageServer, params: Any) -> tuple[TextDocument, int, int]:
    """The document, the line and the column that are asked about, both from 0 and in characters."""
    document = server.workspace.get_text_document(params.text_document.uri)
    place = document.position_from_client_units(params.position)
    return document, place.line, place.character


def _edit(document: TextDocument, start: int, end: int, new: str) -> types.TextEdit:
    """An edit of the text with line ends of one sign, as the editor counts."""
    text = document.source.replace("\r\n", "\n")

    def place(offset: int) -> ServerTextPosition:
        line = text.count("\n", 0, offset)
        return ServerTextPosition(line, offset - (text.rfind("\n", 0, offset) + 1))

    return types.TextEdit(document.range_to_client_units(ServerTextRange(place(start), place(end))), new)
