"""What a cell holds and what it shows: only what its reader saw comes into the page, whatever the spreadsheet made of it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from conggao.engine.authoring.sheet import entries, export, imported
from conggao.engine.authoring.sheet.layout import FRONT, KINDS, TEXTS, TIERS
from conggao.engine.authoring.sheet.shown import NotShown, figure, shows_day
from conggao.engine.decide import Engine
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import body, markdown, read_page
from conggao.facts.diagnostics import InputFaults
from tests.engine.authoring.test_sheet import MEASURES, PAGE, cell, codes, page_of, put, through

STAFF = KINDS["case"].name, "够了", "given › enterprise › employees"
SHARES = PAGE.replace("cap: 100 万元", "cap: 100 万元\nfunding: {city: 60%, county: 40%}")
CHECKED = PAGE.replace("level: city", "level: city\nchecked: 2026-11-01")


# -- numbers and what is shown of them -----------------------------------------------------------------------------------


@given(
    st.decimals(-(10**9), 10**9, places=4),
    st.integers(0, 6),
    st.booleans(),
    st.sampled_from(["{}", "#,##{}", "{}_ ", "[$-804]{}", "{};-{}", "{};[Red]-{}", "{}_);({})"]),
)
def test_a_number_is_taken_where_the_cell_shows_all_of_it(
    value: Decimal, places: int, percent: bool, shape: str
) -> None:
    digits = "0" + ("." + "0" * places if places else "") + ("%" if percent else "")
    value = value / 100 if percent else value
    assume(len(value.normalize().as_tuple().digits) <= 15)
    told = value * 100 if percent else value
    whole = told == round(told, places)
    try:
        found = figure(float(value), shape.replace("{}", digits))
    except NotShown:
        assert not whole
    else:
        assert whole
        assert found.endswith("%") == percent
        assert Decimal(found.removesuffix("%")) == told


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (2_000_000, "#,##0,"), (2_000_000, "0.0,,"), (200, '0"万元"'), (200, "0万元"), (200, "¥#,##0.00"),
        (200, "[$¥-804]#,##0"), (200, r"0\元"),
        (100_000, "0.00E+00"), (0.5, "# ?/?"), (0.705, "0%"), (-5, "0;0"), (12_000, "[>=10000]0.0,;0"), (0.1 + 0.2, "General"),
        (float("inf"), "General"), (12345678901234567890, "0"), (5, ";;;"), (7, '"共"0'), (7, "*x"),
    ],
)  # fmt: skip
def test_a_number_of_which_the_cell_shows_something_else_is_not_taken(value: float, form: str) -> None:
    with pytest.raises(NotShown):
        figure(value, form)


@pytest.mark.parametrize(
    ("form", "whole"),
    [
        ("yyyy-mm-dd", True), ("mm-dd-yy", True), ('yyyy"年"m"月"d"日"', True), ("yyyy-mm-dd h:mm:ss", True),
        ("[$-F800]dddd, mmmm dd, yyyy", True),
        ("mmm-yy", False), ('yyyy"年"m"月"', False), ("m/d", False), ("h:mm", False), ('"d"yyyy-mm', False),
    ],
)  # fmt: skip
def test_a_date_is_whole_where_the_cell_shows_its_day(form: str, whole: bool) -> None:
    assert shows_day(form) is whole


def test_a_share_is_taken_as_it_is_shown_and_refused_without_its_sign(tmp_path: Path) -> None:
    def shares(city: Any, county: Any, form: str) -> Callable[[Any], None]:
        def change(book: Any) -> None:
            for key, value in (("city", city), ("county", county)):
                held = cell(book, MEASURES, "a", f"funding › {key}")
                held.value, held.number_format = value, form

        return change

    page = page_of(SHARES)
    assert "funding: {city: 70.5%, county: 29.5%}" in through(page, tmp_path, shares(0.705, 0.295, "0.0%")).text
    assert through(page, tmp_path, shares(0.6, 0.4, "General")).changed == 0, "the same share, written otherwise"
    assert {code for code, _ in codes(page, tmp_path, shares(0.705, 0.295, "0%"))} == {"sheet/shown"}
    assert {code for code, _ in codes(page, tmp_path, shares(0.7, 0.3, "General"))} == {"sheet/unit"}
    assert {code for code, _ in codes(page, tmp_path, shares("70", "30", "@"))} == {"sheet/unit"}


@pytest.mark.parametrize("value", [200, 200.0, "200", "1,000", "-3"])
def test_a_figure_that_has_lost_its_unit_is_refused(value: Any, tmp_path: Path) -> None:
    """200 where 100 万元 stood would be 200 yuan."""
    spent = KINDS["case"].name, "够了", "given › reports › 1 › rd_expense"
    for place in (spent, (MEASURES, "a", "cap")):
        assert [code for code, _ in codes(page_of(), tmp_path, put(*place, value))] == ["sheet/unit"]
    assert "rd_expense: 1000000}" in through(page_of(), tmp_path, put(*spent, 1_000_000)).text, "the same in base units"
    assert "rd_expense: 200万元" in through(page_of(), tmp_path, put(*spent, "200万元")).text


@pytest.mark.parametrize(
    ("sheet", "owner", "key", "value", "form", "code"),
    [
        (FRONT.name, "", "issuer", datetime(2024, 3, 1), "m/d", "sheet/made-date"),
        (MEASURES, "a", "title › en", datetime(2024, 3, 1), "yyyy-mm-dd", "sheet/made-date"),
        (*STAFF, datetime(2024, 3, 1), "yyyy-mm-dd", "sheet/made-date"),
        (FRONT.name, "", "checked", datetime(2026, 12, 1), "mmm-yy", "sheet/shown"),
        (MEASURES, "a", "title › en", True, "General", "sheet/made-truth"),
        (*STAFF, 12345.6, "0", "sheet/shown"),
    ],
)
def test_what_a_spreadsheet_makes_of_a_text_is_refused(
    sheet: str, owner: str, key: str, value: Any, form: str, code: str, tmp_path: Path
) -> None:
    ((found, where),) = codes(page_of(CHECKED), tmp_path, put(sheet, owner, key, value, form=form))
    assert found == code
    assert where.startswith(f"{sheet}!")


# -- what would be lost --------------------------------------------------------------------------------------------------


def _noted(book: Any) -> None:
    cell(book, MEASURES, "a", "cap").comment = Comment("改成 200 万元", "甲")


def _struck(book: Any) -> None:
    cell(book, MEASURES, "a", "when › 2").font = Font(strike=True)


def _partly_struck(book: Any) -> None:
    cell(book, MEASURES, "a", "cap").value = CellRichText(TextBlock(InlineFont(strike=True), "100 "), "200 万元")


@pytest.mark.parametrize(
    ("change", "code", "key"),
    [(_noted, "sheet/note", "cap"), (_struck, "sheet/struck", "when › 2"), (_partly_struck, "sheet/struck", "cap")],
)
def test_what_a_page_could_not_keep_is_refused(
    change: Callable[[Any], None], code: str, key: str, tmp_path: Path
) -> None:
    ((found, where),) = codes(page_of(), tmp_path, change)
    assert found == code
    row = next(
        row for row in openpyxl.load_workbook(tmp_path / "book.xlsx")[MEASURES].iter_rows() if row[1].value == key
    )
    assert where == f"{MEASURES}!{row[3].coordinate}"


def test_letters_in_several_fonts_are_text(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        cell(book, MEASURES, "a", "cap").value = CellRichText("2", TextBlock(InlineFont(b=True), "00 万元"))

    assert "\ncap: 200 万元\n" in through(page_of(), tmp_path, change).text


@pytest.mark.parametrize("text", ["# 另一条", "```measure", "- 一项"])
def test_a_passage_that_would_be_read_otherwise_is_refused_beside_other_changes(text: str, tmp_path: Path) -> None:
    """Also where a value goes in the same import, so that every number after it is another."""

    def change(book: Any) -> None:
        cell(book, MEASURES, "a", "when › 2").value = "删除"
        book[MEASURES].append(["a", "once", "", "enterprise"])
        cell(book, TEXTS.name, "（一）", "3").value = text

    assert {code for code, _ in codes(page_of(), tmp_path, change)} == {"sheet/unplaceable"}


def test_an_empty_sheet_beside_the_others_is_no_fault(tmp_path: Path) -> None:
    assert through(page_of(), tmp_path, lambda book: book.create_sheet("Sheet2")).changed == 0


# -- what a workbook cannot hold -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["试\x0c行", "试\x01", "试" * 32_768, "𠮷" * 16_384, "试_x000D_行", "_x005F_"])
def test_a_text_that_would_not_come_back_is_refused_at_once(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as found:
        export(page_of(PAGE.replace("试行办法 Trial", text)), tmp_path / "book.xlsx")
    assert {item.code for item in found.value.diagnostics} == {"sheet/unholdable"}
    assert found.value.diagnostics[0].labels[0].span.line == PAGE[: PAGE.index("# 试行办法")].count("\n") + 1
    assert not list(tmp_path.iterdir()), "nothing half-written"


@pytest.mark.parametrize("text", ["😀𠮷", "a_x0041_b", "=1+1", "+8613", "'x", "1e5", "2-1", "TRUE", "００１"])
def test_texts_that_spreadsheets_read_in_ways_of_their_own_come_back(text: str, tmp_path: Path) -> None:
    page = page_of(
        PAGE.replace("试行办法 Trial", text).replace("en: Trial", f"en: '{text.replace(chr(39), chr(39) * 2)}'")
    )
    assert through(page, tmp_path, lambda book: None).text == page.text


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_nesting_without_end_is_refused(opening: str, tmp_path: Path) -> None:
    deep = opening * 900 + "1" + {"[": "]", "{a: ": "}", "- ": ""}[opening] * 900
    value = f"\n  {deep}" if opening == "- " else f" {deep}"
    with pytest.raises(InputFaults) as found:
        export(page_of(PAGE.replace("cap: 100 万元", f"cap:{value}")), tmp_path / "book.xlsx")
    assert found.value.diagnostics[0].code.startswith("document/")


@pytest.mark.parametrize("bar", ["|", ""])
def test_tables_are_whole_with_and_without_their_last_bar(bar: str, tmp_path: Path) -> None:
    lines = [f"{line[:-1]}{bar}".rstrip() if line.startswith("|") else line for line in PAGE.split("\n")]
    page = page_of("\n".join(lines))
    steps = [item.text for item in entries(page) if item.layout is TIERS]
    assert steps == ["超过", "不超过", "给予", "1 亿元", "5 亿元", "10 万元", "5 亿元", "", "20 万元"]

    def change(book: Any) -> None:
        under = next(row[0].value for row in book[TIERS.name].iter_rows(min_row=2))
        cell(book, TIERS.name, under, "3", 2).value = "30 万元"
        book[TIERS.name].append([under, "4", "9 亿元", "", "40 万元"])
        cell(book, TIERS.name, under, "3", 1).value = "9 亿元"

    Engine.of([page_of(through(page, tmp_path, change).text)])


# -- files as Excel writes them ------------------------------------------------------------------------------------------


def shared(path: Path, changes: dict[str, str]) -> None:
    """Moves the texts of a workbook into the table that Excel keeps them in, and makes changes there."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    table: list[str] = []

    def moved(found: re.Match[str]) -> str:
        table.append(found.group(2))
        return f'<c{found.group(1)}t="s"><v>{len(table) - 1}</v></c>'

    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        text = re.sub(r'<c([^>]*)t="inlineStr"><is>(.*?)</is></c>', moved, parts[name].decode(), flags=re.DOTALL)
        parts[name] = text.encode()
    strings = "".join(f"<si>{text}</si>" for text in table)
    for old, new in changes.items():
        assert old in strings
        strings = strings.replace(old, new)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = f'<?xml version="1.0"?><sst xmlns="{main}">{strings}</sst>'.encode()
    types, links = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    told = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    parts[types] = parts[types].replace(b"</Types>", told)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="rId99" Type="{relation}" Target="sharedStrings.xml"/></Relationships>'.encode()
    parts[links] = parts[links].replace(b"</Relationships>", link)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in parts.items():
            packed.writestr(name, raw)


def test_a_file_in_the_ways_of_excel_reads_the_same(tmp_path: Path) -> None:
    """Letters in runs with their sounds beside them, line ends as escapes, days counted from 1904."""
    path = tmp_path / "book.xlsx"
    page = page_of(CHECKED)
    export(page, path)
    book = openpyxl.load_workbook(path)
    book.epoch = CALENDAR_MAC_1904
    held = cell(book, FRONT.name, "", "checked")
    held.number_format, held.value = "mm-dd-yy", datetime(2026, 12, 1)
    cell(book, MEASURES, "a", "title › zh").value = "研发费用补助"
    book.save(path)

    sounds = '<r><t>研发</t></r><r><rPr><b/></rPr><t>费用补助</t></r><rPh sb="0" eb="2"><t>yanfa</t></rPh><phoneticPr fontId="1"/>'
    # A clause of one line, broken in the cell by hand.
    clause = "上年度研发费用不低于 50 万元、从业人员不少于 10 人的"
    shared(path, {"<t>研发费用补助</t>": sounds, clause: clause.replace("、", "、_x000D_\n")})

    new = imported(page, path)
    wanted = CHECKED.replace("2026-11-01", "2026-12-01").replace("zh: 研发补助", "zh: 研发费用补助")
    assert new.text == wanted.replace(clause, clause.replace("、", "、\n"))
    assert new.changed == 3


@pytest.mark.parametrize("text", ["a_x0041_b", "_x0041__x000A_", "a&b<c", " 一 "])
def test_texts_in_the_table_of_excel_read_the_same(text: str, tmp_path: Path) -> None:
    page = page_of(PAGE.replace("试行办法 Trial", text))
    export(page, tmp_path / "book.xlsx")
    shared(tmp_path / "book.xlsx", {})
    assert imported(page, tmp_path / "book.xlsx").text == page.text


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_passage_of_a_page_is_in_the_workbook(name: str) -> None:
    page = read_page(shipped()[name])
    listed = [item.text for item in entries(page) if item.layout is TEXTS]
    said = [
        token.content
        for token in markdown().parse(body(page.text))
        if token.type == "inline" and not token.content.startswith("|")
    ]
    assert listed == said


def test_passages_that_end_in_spaces_are_in_the_workbook_too(tmp_path: Path) -> None:
    passage = "第一行  \n第二行 \n第三行"
    page = page_of(PAGE.replace("<!-- keep me -->", f"\n\n{passage}"))
    assert passage in [item.text for item in entries(page) if item.layout is TEXTS]
    changed = put(TEXTS.name, "（一）", "4", "第一行\n另一行")
    assert through(page, tmp_path, changed).text == page.text.replace(passage, "第一行\n另一行")
