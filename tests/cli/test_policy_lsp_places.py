"""Lines and columns between an editor and the language server: counted here anew from the protocol's words, and compared."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.workspace import TextDocument
from pygls.workspace.position_codec import PositionCodec

from conggao.cli.policy.server import Places, findings
from conggao.engine.authoring.editing import known, renamed
from conggao.facts.diagnostics import Span
from tests.cli.test_policy_lsp import DERIVED, WAIT, Editor, edit
from tests.engine.authoring.test_sheet import PAGE

WIDTH = {
    "utf-8": lambda sign: len(sign.encode()),
    "utf-16": lambda sign: len(sign.encode("utf-16-le")) // 2,
    "utf-32": len,
}
NO_LINE_ENDS = "\u2028\u2029\x0b\x0c\x1c\x1d\x1e\x85"
ASTRAL = "𠮷野家"


def lines_of(text: str) -> list[str]:
    """Lines as the protocol has them: they end with `\\n`, `\\r\\n` or `\\r`, and with nothing else."""
    return re.split(r"\r\n|\n|\r", text)


def position(text: str, offset: int, encoding: str = "utf-16") -> types.Position:
    """Where an offset of a text lies for an editor."""
    before = lines_of(text[:offset])
    return types.Position(len(before) - 1, sum(map(WIDTH[encoding], before[-1])))


def said(text: str, stretch: types.Range) -> str:
    """What an editor that counts in UTF-16 has between two places of one line."""
    assert stretch.start.line == stretch.end.line
    raw = lines_of(text)[stretch.start.line].encode("utf-16-le")
    return raw[2 * stretch.start.character : 2 * stretch.end.character].decode("utf-16-le")


def changed(text: str, edits: list[types.TextEdit]) -> str:
    """The text after the edits, with its own line ends."""
    parts = re.split(r"(\r\n|\n|\r)", text)
    for item in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
        assert item.range.start.line == item.range.end.line
        raw = parts[2 * item.range.start.line].encode("utf-16-le")
        start, end = 2 * item.range.start.character, 2 * item.range.end.character
        parts[2 * item.range.start.line] = (raw[:start] + item.new_text.encode("utf-16-le") + raw[end:]).decode(
            "utf-16-le"
        )
    return "".join(parts)


def places(text: str, encoding: str = "utf-16") -> Places:
    return Places(TextDocument("file:///page.md", text, position_codec=PositionCodec(encoding)))


@pytest.mark.parametrize("encoding", sorted(WIDTH))
def test_every_place_is_the_one_the_editor_means(encoding: str) -> None:
    """Any mixture of line ends, signs that end no line, and characters of every width, there and back."""
    for seed in range(60):
        draw = random.Random(seed)
        text = "".join(draw.choices(["a", "é", "研", "𠮷", "\n", "\r", "\r\n", *NO_LINE_ENDS], k=draw.randrange(40)))
        place = places(text, encoding)
        assert place.lines == lines_of(text)
        for offset in range(len(text) + 1):
            if text[offset - 1 : offset + 1] == "\r\n":
                continue  # no place: a line end is one
            line, column = place.here(position(text, offset, encoding))
            assert (line, column) == (len(lines_of(text[:offset])) - 1, len(lines_of(text[:offset])[-1])), (
                text,
                offset,
            )
            assert place.range(line, column, column).start == position(text, offset, encoding)


def test_a_place_beyond_the_text_is_the_end_of_its_line_or_of_the_text() -> None:
    place = places("𠮷b\r\nlast𠮷")
    assert place.here(types.Position(0, 99)) == (0, 2), "not one character before it"
    assert place.here(types.Position(0, 4)) == (0, 2)
    assert place.here(types.Position(9, 0)) == (1, 5)
    assert place.here(types.Position(9, 99)) == (1, 5)
    assert places("").here(types.Position(3, 3)) == (0, 0)
    asked = types.Position(0, 99)
    place.here(asked)
    assert asked == types.Position(0, 99), "what was asked is left as it was"


def test_a_byte_order_mark_is_a_character_to_the_editor_alone() -> None:
    text = "\ufeff" + DERIVED
    place = places(text)
    assert place.text == DERIVED
    assert place.here(types.Position(0, 2)) == (0, 1)
    assert place.here(types.Position(0, 0)) == (0, 0)
    assert place.here(types.Position(1, 2)) == (1, 2)
    assert place.range(0, 0, 3) == types.Range(types.Position(0, 1), types.Position(0, 4))
    row, column = place.here(position(text, text.index("name: big") + 7))
    edits = [place.edit(*item) for item in renamed(place.text, row, column, "large", known(place.text, "page.md"))]
    assert changed(text, edits) == text.replace("name: big", "name: large").replace(", big]", ", large]")


def test_a_finding_is_shown_at_its_words_or_its_line() -> None:
    place = places("one\r\n  𠮷wrong  \r\n")
    assert said("one\r\n  𠮷wrong  ", place.of_span(Span("p", 2, 4, 5))) == "wrong"
    assert said("one\r\n  𠮷wrong  ", place.of_span(Span("p", 2))) == "  𠮷wrong", "without what follows the words"
    assert place.of_span(Span("p", 2, 99, 5)).start == place.of_span(Span("p", 2)).end
    for nowhere in (None, Span("p", None)):
        assert said("one\r\n", place.of_span(nowhere)) == "one"
    assert place.of_span(Span("p", 99)).start.line == 2, "a line that is no more is the last"


@pytest.mark.parametrize("sign", NO_LINE_ENDS)
def test_findings_below_a_sign_that_ends_no_line_keep_their_lines(sign: str) -> None:
    """A clause without rules, found by a lint, and an unknown name, found by the checker."""
    bare = PAGE.replace("# 试行办法 Trial", f"# 试行办法 Trial\n\n前{sign}言") + "\n## （三）\n\n企业都要努力。\n"
    text = bare.replace("从业人员 >=", "从业人 >=")
    shown = [(item, places(text).of_span(item.labels[0].span)) for item in findings(text, None)]
    assert [said(text, place) for item, place in shown if item.severity == "error"] == ["从业人"]
    shown = [(item, places(bare).of_span(item.labels[0].span)) for item in findings(bare, None)]
    assert [said(bare, place) for item, place in shown if item.code == "page/clause-without-block"] == ["（三）"]


def test_the_figures_beside_a_page_count_before_it_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    beside = tmp_path / "page.figures.yaml"
    beside.write_text("1: [50 万元, 10 人, 10%, 100 万元]\n2: [1 亿元, 5 亿元, 10 万元, 5 亿元, 20 万元]\n", "utf-8")
    other = PAGE.replace("100 万元", "90 万元")

    def codes(text: str) -> list[str]:
        return [item.code for item in findings(text, str(path)) if item.code.startswith(("figure/l", "figure/i"))]

    assert codes(PAGE) == []
    assert codes(other) == ["figure/lost", "figure/invented"], "the page is not there yet"
    path.write_text(PAGE, "utf-8")
    assert codes(PAGE) == []
    assert codes(other) == ["figure/lost", "figure/invented"], "the page says something else"
    assert findings(other, None) != findings(other, str(path)), "a page without a file has no figures beside it"
    for text, message in (
        ("x: y\n1: [50 万元\n", "page.figures.yaml:3: "),
        ("- 1\n", "page.figures.yaml: "),
        ("1: 5\n", "page.figures.yaml: "),
    ):
        beside.write_text(text, "utf-8")
        (found,) = findings(PAGE, str(path))
        assert found.message.en.startswith(message)
        assert not found.labels, "no line of the page is blamed"
    beside.write_bytes(b"\xff\xfe")
    assert [item.code for item in findings(PAGE, str(path))] == ["source/unreadable"]


def test_a_text_that_cannot_be_written_is_survived() -> None:
    text = DERIVED.replace("（三）", "（三） \ud800")
    assert [item.code for item in findings(text, None)] == ["page/encoding"]
    assert "研发费用" in {item.label.zh for item in known(text, "page.md").names}, "others' names are still known"


def test_other_documents_are_left_in_peace() -> None:
    assert findings("# Notes\n\n```python\nx = 1\n```\n", None) == ()
    assert findings("", None) == ()


def asked(editor: Editor, text: str, words: str, after: int = 1) -> dict[str, Any]:
    return {
        "text_document": types.TextDocumentIdentifier(editor.uri),
        "position": position(text, text.index(words) + after),
    }


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_an_editor_with_other_line_ends_and_wide_characters_is_answered_in_its_own_counting(
    end: str, tmp_path: Path
) -> None:
    """The whole way, through the client: the same page, each line of it with characters that are two to the editor."""
    plain = DERIVED.replace("[大企业 且 上年度", f'["{ASTRAL}" != "x" 且 大企业 且 上年度').replace(
        f'["{ASTRAL}', f"['\"{ASTRAL}"
    )
    plain = plain.replace("> 1 万元, big]", "> 1 万元', big]").replace("，最高", f"，最高\u2028\x0b{ASTRAL}")
    text = plain.replace("\n", end)

    async def work(editor: Editor) -> None:
        client = editor.client
        sync = editor.can.text_document_sync
        assert isinstance(sync, types.TextDocumentSyncOptions)
        assert sync.change is types.TextDocumentSyncKind.Full
        rename = editor.can.rename_provider
        assert isinstance(rename, types.RenameOptions)
        assert rename.prepare_provider
        editor.open(text)
        await editor.findings()
        slip = text.replace("大企业 且", "大企 且")
        editor.put(slip)
        if end == "\r\n":  # a page whose lines end with \r alone has no front matter, to the checker
            found = [item for item in await editor.findings() if item.code == "rule/unknown-name"]
            assert [said(slip, item.range) for item in found] == ["大企"]
        editor.put(text)
        hover = await client.text_document_hover_async(types.HoverParams(**asked(editor, text, "大企业 且")))
        assert "从业人员 > 100" in hover.contents.value
        goto = await client.text_document_definition_async(types.DefinitionParams(**asked(editor, text, "大企业 且")))
        assert lines_of(text)[goto.range.start.line] == "name: big"
        params = types.PrepareRenameParams(**asked(editor, text, "大企业 且", after=3))
        assert said(text, await client.text_document_prepare_rename_async(params)) == "大企业", "at its end too"
        edits = await client.text_document_rename_async(
            types.RenameParams(new_name="大型企业", **asked(editor, text, "大企业 且"))
        )
        assert changed(text, edits.changes[editor.uri]) == text.replace("大企业", "大型企业")
        half = text.replace("大企业 且", "大企 且")
        editor.put(half)
        offered = await client.text_document_completion_async(
            types.CompletionParams(**asked(editor, half, "大企 且", after=2))
        )
        (item,) = [one for one in offered.items if one.label == "大企业"]
        assert changed(half, [item.text_edit]) == text

    edit(tmp_path / "page.md", work, "--lang", "zh")


def test_what_cannot_be_renamed_is_refused_before_a_name_is_asked_for(tmp_path: Path) -> None:
    """And where it can, the rename is of just what was shown; a key twice names its other place."""
    other = DERIVED.replace("when: [大企业", "when: [制造业企业")

    async def work(editor: Editor) -> None:
        async def stretch(text: str, words: str, after: int = 1) -> str | None:
            params = types.PrepareRenameParams(**asked(editor, text, words, after))
            found = await asyncio.wait_for(editor.client.text_document_prepare_rename_async(params), WAIT)
            return None if found is None else said(text, found)

        editor.open(DERIVED)
        assert await stretch(DERIVED, "name: big", after=6) == "big"
        assert await stretch(DERIVED, "zh: 大企业", after=7) == "大企业"
        assert await stretch(DERIVED, ", big]", after=3) == "big"
        for words in ("从业人员 >=", "name: big", "试行办法 Trial", "more_rd]", "100 万元", "```derive"):
            assert await stretch(DERIVED, words) is None, words
        editor.put(other)
        assert await stretch(other, "制造业企业 且") is None, "declared by another page"
        twice = PAGE.replace("cap: 100 万元\n", "cap: 100 万元\ncap: 90 万元\n")
        editor.put(twice)
        (found,) = [item for item in await editor.findings() if item.code == "document/duplicate-key"]
        (related,) = found.related_information or ()
        assert found.range.start.line == related.location.range.start.line + 1
        assert said(twice, related.location.range) == "cap"
        assert (related.location.uri, related.message) == (editor.uri, "first")

    edit(tmp_path / "page.md", work, "--lang", "en")


CRASHING = """
import sys
from conggao.cli.policy import server

def check(paths):
    raise ZeroDivisionError("inside the checks")

server.check = check
server.serve(0.02, "en")
"""


def test_checks_that_break_are_a_finding_and_the_server_lives(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.open(PAGE)
        (found,) = await editor.findings()
        assert (found.code, found.severity) == ("lsp/failed", types.DiagnosticSeverity.Error)
        assert "ZeroDivisionError" in found.message
        assert found.range.start.line == 0
        assert "rd_expense" in await editor.hover(PAGE, "研发费用 >="), "everything else is answered as before"

    edit(tmp_path / "page.md", work, command=("-c", CRASHING))


def test_names_of_the_page_are_offered_while_the_line_is_broken(tmp_path: Path) -> None:
    """Its brackets are open, so that its block cannot be read: the others can."""
    typed = DERIVED.replace("stacks_with", "").replace("tiers: 上年度.主营业务收入", "stacks_with: [a, {")
    front = DERIVED.replace("when: [大企业 且 上年度.研发费用 > 1 万元, big]", "when: [大")

    async def work(editor: Editor) -> None:
        editor.open(typed)
        assert "c" in await editor.complete(typed, "\nstacks_with: [a, {\n")
        editor.put(front)
        assert "大企业" in await editor.complete(front, "\nwhen: [大\n")

    edit(tmp_path / "page.md", work)
