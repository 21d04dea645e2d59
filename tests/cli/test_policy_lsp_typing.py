"""A measure and its case typed line by line into a new page, through the client: what the editor says at each step."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types
from typer.testing import CliRunner

from conggao.cli.app import program
from conggao.engine.authoring.editing import about, complete, known
from conggao.engine.authoring.editing.spot import spot_at
from conggao.facts.diagnostics import Lang
from tests.cli.test_policy_lsp import DERIVED, WAIT, Editor, applied, edit

STEPS: list[tuple[str, dict[Lang, tuple[str, str] | None], dict[Lang, str]]] = [
    ("```me", {"zh": ("measure", ""), "en": ("measure", "")}, {"zh": "不认识的块", "en": "unknown block"}),
    ("i", {"zh": ("id: ", "编号"), "en": ("id: ", "id")}, {"zh": "`键: 值`", "en": "`key: value`"}),
    ("title: {zh: 研发补助,", {"zh": None, "en": None}, {"zh": "括号没有", "en": "brackets are not closed"}),
    ("subject: enter", {"zh": ("enterprise", "支持谁"), "en": ("enterprise", "whom")}, {"zh": "subject", "en": "subject"}),
    ("lines: [more", {"zh": ("more_rd", "增量研发"), "en": ("more_rd", "more R&D")}, {"zh": "括号", "en": "brackets"}),
    ("whe", {"zh": ("when: ", "条件"), "en": ("when: ", "conditions")}, {"zh": "缺少冒号", "en": "a colon is missing"}),
    ("  - 上年度.研发", {"zh": ("研发费用", "rd_expense"), "en": ("研发费用", "CNY")}, {"zh": "`研发`", "en": "`研发`"}),
    ("  - 上年度.研发费用 >= 50 万", {"zh": ("万元", ""), "en": ("万元", "")}, {"zh": "万", "en": "万"}),
    ("  - empl", {"zh": ("employees", "从业人员"), "en": ("employees", "employees")}, {"zh": "`empl`", "en": "`empl`"}),
    ("pay: 10% * latest.rd", {"zh": ("rd_expense", "研发费用"), "en": ("rd_expense", "CNY")}, {"zh": "`rd`", "en": "`rd`"}),
    ("cap: 100 万元", {"zh": ("万元", ""), "en": ("万元", "")}, {"zh": "", "en": ""}),
    ("```", {"zh": None, "en": None}, {"zh": "", "en": ""}),
]  # fmt: skip
WRITTEN = [
    "```measure", "id: a", "title: {zh: 研发补助, en: R&D subsidy}", "subject: enterprise", "lines: [more_rd]", "when:",
    "  - 上年度.研发费用 >= 50 万元", "  - employees >= 10", "pay: 10% * latest.rd_expense", "cap: 100 万元", "```",
]  # fmt: skip
"""The lines as they stand once each step is finished; a step that is typed twice finishes one line."""
PROSE = "上年度研发费用不低于 50 万元、从业人员不少于 10 人的，按研发费用的 10% 补助，最高 100 万元。\n\n"


def new_page(folder: Path) -> str:
    """The page that `policy new` writes, with a line declared and the first clause restated."""
    path = folder / "trial-1.md"
    command = ["policy", "new", str(path), "--id", "trial-1", "--title", "试行办法", "--title-en", "Trial measures"]
    done = CliRunner().invoke(program(), [*command, "--begins", "2024-06-01", "--yes"])
    assert done.exit_code == 0, done.output
    text = path.read_text("utf-8")
    declared = text.replace("interpretation:", "lines:\n  more_rd: {zh: 增量研发, en: more R&D}\ninterpretation:", 1)
    return declared[: declared.index("<!--")] + PROSE


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_measure_is_typed_line_by_line(lang: Lang, tmp_path: Path) -> None:
    page = new_page(tmp_path)

    async def work(editor: Editor) -> None:
        editor.open(page)
        assert {item.code for item in await editor.findings()} == {"page/not-seen", "page/clause-without-block"}
        done: list[str] = []
        for step, (typed, offered, said) in enumerate(STEPS):
            text = page + "".join(f"{line}\n" for line in done) + typed
            editor.put(text)
            position = types.Position(text.count("\n"), len(typed))
            params = types.CompletionParams(types.TextDocumentIdentifier(editor.uri), position)
            answer = await asyncio.wait_for(editor.client.text_document_completion_async(params), WAIT)
            found = {item.label: item for item in answer.items}
            wanted = offered[lang]
            if wanted is None:
                assert not found, typed
            else:
                assert wanted[1] in (found[wanted[0]].detail or ""), typed
                line = applied(text, [found[wanted[0]].text_edit]).split("\n")[-1]
                assert WRITTEN[len(done)].startswith(line.rstrip()) or wanted[0] == "万元", (
                    "what is typed of it is replaced"
                )
            told = [item for item in await editor.findings() if item.severity == types.DiagnosticSeverity.Error]
            assert any(said[lang] in item.message for item in told) or not said[lang], (typed, told)
            if step + 1 == len(STEPS) or not typed.startswith("  - 上年度.研发") or typed.endswith("万"):
                done.append(WRITTEN[len(done)])
        assert not told, "the measure is whole"
        hover = await editor.hover(text, "employees >= 10")
        assert {"zh": "从业人员", "en": "employees"}[lang] in hover
        goto = await editor.definition(text, "[more_rd]", after=2)
        assert goto is not None
        assert text.split("\n")[goto.range.start.line].startswith("  more_rd:")

    edit(tmp_path / "trial-1.md", work, "--lang", lang)


def offers(text: str, at: str, lang: Lang = "zh") -> list[tuple[str, str]]:
    """What is offered, and what stands before it, at the end of the first line `at`."""
    row = text.split("\n").index(at)
    return [(item.text, item.lead) for item in complete(text, row, len(at), known(text, "page.md"), lang)]


def test_a_block_that_is_not_closed_ends_where_the_next_begins() -> None:
    """Else the places of all blocks below would be taken for prose, and the prose for rules."""
    text = DERIVED.replace("```measure\nid: a\n", "```measure\nid: new\n\n```measure\nid: a\n", 1)
    lines = text.split("\n")
    for row, line in enumerate(DERIVED.split("\n")):
        if line.strip() and DERIVED.split("\n").count(line) == 1:
            spot = spot_at(DERIVED, row, len(line))
            moved = spot_at(text, lines.index(line), len(line))
            assert (moved.kind, moved.key, moved.subject) == (spot.kind, spot.key, spot.subject), line
    assert spot_at(text, lines.index("id: new"), 7).kind == "measure"


def test_no_kind_is_offered_where_a_block_is_closed() -> None:
    row = DERIVED.split("\n").index("cap: 100 万元") + 1
    assert DERIVED.split("\n")[row] == "```"
    assert not complete(DERIVED, row, 3, known(DERIVED, "page.md"))
    assert "case" in dict(offers(DERIVED + "\n```ca", "```ca"))


def test_the_space_after_a_colon_is_written_with_what_is_chosen() -> None:
    text = DERIVED.replace("pay: 1 万元", "pay:").replace("cap: 100 万元", "cap: 最小")
    assert dict(offers(text, "pay:"))["从业人员"] == " "
    assert dict(offers(text, "cap: 最小"))["最小("] == ""


def test_names_of_the_language_come_first() -> None:
    text = DERIVED.replace("pay: 1 万元", "pay: ")
    zh, en = ([name for name, _ in offers(text, "pay: ", lang)] for lang in ("zh", "en"))
    assert zh.index("从业人员") < zh.index("employees")
    assert en.index("employees") < en.index("从业人员")


def test_a_derived_fact_can_be_expected() -> None:
    text = DERIVED.replace("expect: {a: {status: granted}}", "expect: {")
    assert {"a", "b", "c", "big"} <= set(dict(offers(text, "expect: {")))


def test_what_is_pointed_at_is_said_and_no_more() -> None:
    names = known(DERIVED, "page.md")

    def said(words: str, after: int = 1) -> str | None:
        start = DERIVED.index(words) + after
        return about(DERIVED, DERIVED.count("\n", 0, start), start - DERIVED.rfind("\n", 0, start) - 1, names, "en")

    assert "name of the case" in str(said("name: 够了")), "a key before a fact of that name"
    assert "rd_expense" in str(said("rd_expense: 100"))
    assert said("2025-03-01", 9) is None, "a date is no figure"
    assert said("employees: 400", 12) is None, "a bare number says all there is"
    assert "CNY 500,000" in str(said(">= 50 万元", 4))
    half = DERIVED.replace("title: {zh: 奖励, en: award}\n", "")
    row = half.split("\n").index("id: c")
    assert str(about(half, row, 4, known(half, "page.md"))).startswith("`c`"), "a measure without a title yet"
