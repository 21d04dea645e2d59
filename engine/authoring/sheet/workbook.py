"""Workbooks: written with every value as text, and read back cell by cell, refusing what a spreadsheet has changed on its own."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from conggao.engine.authoring.sheet.entries import Entry, entries
from conggao.engine.authoring.sheet.layout import ABOUT, LAYOUTS, REMOVED, Layout
from conggao.engine.rulebook.page import Page
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean, nearest
from conggao.facts.documents import read_bytes
from conggao.facts.writing import write_whole

LARGEST = 100 * 1024 * 1024
"""Bytes of the largest workbook unpacked."""
DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""
_WIDTHS = {"值 value": 70, "文字 text": 100, "说明 meaning": 34, "键 key": 24}
_FULL_WIDTH = re.compile("[０-９．％]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_INSTALL = Text("安装 `conggao[authoring]`", "install `conggao[authoring]`")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the workbook has it. `where` is its sheet and cell, `number` whether it was one and not text."""

    text: str
    where: str
    number: bool = False


Rows = dict[tuple[str, str, str], dict[str, Cell]]
"""The cells of each row by (sheet, owner, key), by column."""


def _openpyxl() -> Any:
    try:
        return import_module("openpyxl")
    except ModuleNotFoundError:
        message = Text("读写 Excel 需要 openpyxl", "spreadsheets need openpyxl")
        raise InputFaults([Diagnostic("sheet/extra", message, help=_INSTALL)]) from None


def export(page: Page, path: Path) -> int:
    """Writes every value of the page into a workbook at `path`, whole or not at all; returns how many. Raises InputFaults."""
    openpyxl = _openpyxl()
    styles = import_module("openpyxl.styles")
    found = entries(page)
    book = openpyxl.Workbook()
    _about(book.active, page)
    for layout in LAYOUTS:
        own = [item for item in found if item.layout is layout]
        if own:
            _sheet(book.create_sheet(layout.name), layout, own, styles)
    out = BytesIO()
    book.save(out)
    write_whole(out.getvalue(), path)
    return len(found)


def _about(sheet: Any, page: Page) -> None:
    sheet.title = ABOUT
    rows = [
        ("页面 page", page.name),
        ("校验值 sha256", page.sha256),
        ("", ""),
        ("只改白色的值列。", "Edit the white columns of values only."),
        (f"要取消一个值，写“{REMOVED[0]}”；空格不算取消。", f"To take a value out write “{REMOVED[1]}”; an empty cell is refused."),
        ("可在末尾加行：某项措施的新键，或列表的下一条（如 when › 3）。",
         "Rows may be added: a new key of a block, or the next item of a list (such as when › 3)."),
        ("", ""),
        *((layout.name, f"{layout.about.zh} {layout.about.en}") for layout in LAYOUTS),
    ]  # fmt: skip
    for index, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            _put(sheet.cell(index, column), text)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 56, 100


def _put(cell: Any, text: str) -> None:
    cell.number_format = "@"
    cell.value = _CONTROL.sub("\ufffd", text)
    cell.data_type = "s"  # also where it begins as a formula does


def _sheet(sheet: Any, layout: Layout, own: Sequence[Entry], styles: Any) -> None:
    grey = styles.PatternFill("solid", fgColor="EEEEEE")
    for column, name in enumerate(layout.columns, start=1):
        head = sheet.cell(1, column)
        _put(head, name)
        head.font, head.fill = styles.Font(bold=True), grey
        letter = head.column_letter
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 24)
    sheet.freeze_panes = "A2"
    rows: dict[tuple[str, str], list[Entry]] = {}
    for item in own:
        rows.setdefault((item.owner, item.key), []).append(item)
    for number, ((owner, key), held) in enumerate(rows.items(), start=2):
        told = held[0].told
        named = [
            text for text, there in ((owner, layout.owner), (key, layout.key), (told, layout.told)) if there is not None
        ]
        for column, text in enumerate(named, start=1):
            cell = sheet.cell(number, column)
            _put(cell, text)
            cell.fill = grey
        for item in held:
            cell = sheet.cell(number, len(named) + 1 + layout.values.index(item.column))
            _put(cell, item.text)
            cell.alignment = styles.Alignment(wrap_text=True, vertical="top")


# -- reading -------------------------------------------------------------------------------------------------------------


def read(path: Path, known: Mapping[tuple[str, str, str, str], Entry]) -> tuple[str, Rows, list[Diagnostic]]:
    """The hash of the page that the workbook was made of, its rows, and every fault of a cell. Raises InputFaults where it is none."""
    openpyxl = _openpyxl()
    raw = read_bytes(path)
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            if sum(item.file_size for item in packed.infolist()) > LARGEST:
                raise _refused(path, "工作簿过大", "the workbook is too large")
        book = openpyxl.load_workbook(BytesIO(raw), data_only=False)
    except InputFaults:
        raise
    except Exception as error:  # a damaged workbook fails in any of a dozen ways
        reason = type(error).__name__
        raise _refused(
            path, f"不是可读的 .xlsx 工作簿（{reason}）", f"this is no workbook (.xlsx) that can be read ({reason})"
        ) from None
    reader = _Reading(known)
    layouts = {layout.name: layout for layout in LAYOUTS}
    for sheet in book.worksheets:
        if sheet.title == ABOUT:
            continue
        if sheet.title not in layouts:
            message = Text(f"没有名为 `{sheet.title}` 的表", f"there is no sheet named `{sheet.title}`")
            reader.faults.append(
                Diagnostic("sheet/unknown-sheet", message, path=sheet.title, help=did_you_mean(sheet.title, layouts))
            )
            continue
        reader.sheet(sheet, layouts[sheet.title])
    about = book[ABOUT] if ABOUT in book.sheetnames else None
    return str(about["B2"].value or "") if about is not None else "", reader.rows, reader.faults


def _refused(path: Path, zh: str, en: str) -> InputFaults:
    return InputFaults([Diagnostic("sheet/unreadable", Text(zh, en), path=str(path))])


class _Reading:
    """Reads the sheets of one workbook; faults are collected with sheet and cell."""

    def __init__(self, known: Mapping[tuple[str, str, str, str], Entry]) -> None:
        self.known = known
        self.rows: Rows = {}
        self.faults: list[Diagnostic] = []

    def _fault(self, code: str, where: str, zh: str, en: str, hint: Text | None = None) -> None:
        self.faults.append(Diagnostic(f"sheet/{code}", Text(zh, en), path=where, help=hint))

    def sheet(self, sheet: Any, layout: Layout) -> None:
        for merged in sheet.merged_cells.ranges:
            self._fault("merged", f"{sheet.title}!{merged}", "合并的单元格", "merged cells", _UNMERGE)
        header = [str(cell.value or "").strip() for cell in next(sheet.iter_rows(min_row=1, max_row=1), ())]
        while header and not header[-1]:
            header.pop()
        places: dict[str, int] = {}
        for index, name in enumerate(header):
            where = f"{sheet.title}!{sheet.cell(1, index + 1).coordinate}"
            if name not in layout.columns:
                near = nearest(name, layout.columns)
                hint = Text(f"可用：{'、'.join(near or layout.columns)}", f"known: {', '.join(near or layout.columns)}")
                self._fault("unknown-column", where, f"不认识的列 `{name}`", f"unknown column `{name}`", hint)
            elif name in places:
                self._fault("unknown-column", where, f"列 `{name}` 出现两次", f"the column `{name}` stands twice")
            else:
                places[name] = index
        lacking = [name for name in layout.columns if name not in places and not name.startswith(("说明", "种类"))]
        for name in lacking:
            self._fault("no-column", sheet.title, f"缺少列 `{name}`", f"the column `{name}` is missing")
        if not lacking:
            for row in sheet.iter_rows(min_row=2):
                self._row(sheet.title, layout, row, places)

    def _row(self, title: str, layout: Layout, row: Sequence[Any], places: Mapping[str, int]) -> None:
        if all(cell.value is None for cell in row):
            return
        names = [f"{item.zh} {item.en}" for item in (layout.owner, layout.key) if item is not None]
        told = [_plain(row[places[name]].value) if places[name] < len(row) else "" for name in names]
        owner, key = told if layout.owner is not None else ("", told[0])
        where = f"{title}!{row[0].coordinate}"
        beyond = [cell for index, cell in enumerate(row) if index not in places.values() and cell.value is not None]
        for cell in beyond:
            self._fault(
                "beyond",
                f"{title}!{cell.coordinate}",
                "表头之外的内容会丢失",
                "what stands beyond the header would be lost",
            )
        if (layout.name, owner, key) in self.rows:
            self._fault("twice", where, f"`{owner} {key}` 出现两次", f"`{owner} {key}` stands twice")
            return
        held = self.rows[layout.name, owner, key] = {}
        for column in layout.values:
            cell = row[places[column]] if places[column] < len(row) else None
            entry = self.known.get((layout.name, owner, key, column))
            if cell is not None and (entry is not None or cell.value is not None):
                read = self._cell(cell, f"{title}!{cell.coordinate}", "" if entry is None else entry.text)
                if read is not None:
                    held[column] = read

    def _cell(self, cell: Any, where: str, before: str) -> Cell | None:
        value = cell.value
        if cell.data_type == "f":
            self._fault("formula", where, f"公式 `{value}` 不是数值", f"the formula `{value}` is no value", _AS_TEXT)
        elif cell.data_type == "e":
            self._fault("error", where, f"单元格是错误值 `{value}`", f"the cell holds the error `{value}`")
        elif value is None:
            return Cell("", where)
        elif isinstance(value, bool):
            return Cell("true" if value else "false", where)
        elif isinstance(value, int | float):
            return self._number(value, str(cell.number_format), where, before)
        elif isinstance(value, datetime | date):
            if isinstance(value, datetime) and value.time() != time(0):
                self._fault("time", where, f"`{value}` 不只是日期", f"`{value}` is more than a date")
                return None
            return Cell(f"{value:%Y-%m-%d}", where)
        elif isinstance(value, str):
            return self._text(value, where, before)
        else:
            self._fault("kind", where, f"`{value}` 不是文字、数或日期", f"`{value}` is no text, number or date")
        return None

    def _text(self, value: str, where: str, before: str) -> Cell | None:
        text = value.replace("\r\n", "\n").strip(" \t\u00a0")
        if _FULL_WIDTH.search(text) and not _FULL_WIDTH.search(before):
            plain = text.translate(_HALF)
            hint = Text(f"写作 `{plain}`", f"write `{plain}`")
            self._fault("full-width", where, "数字用了全角", "digits of full width", hint)
            return None
        return Cell(text, where)

    def _number(self, value: float, form: str, where: str, before: str) -> Cell | None:
        """A number as the figure that the cell shows."""
        exact = Decimal(repr(value))
        if not exact.is_finite() or len(exact.normalize().as_tuple().digits) > DIGITS:
            zh, en = f"`{value!r}` 不是表格里看到的数", f"`{value!r}` is not the number that the sheet shows"
            self._fault("float", where, zh, en, _AS_TEXT)
            return None
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}( ?\.\..*)?", before):
            self._fault("date", where, f"日期变成了数 {value}", f"a date has become the number {value}", _AS_DATE)
            return None
        if re.fullmatch(r"0\d+", before):
            self._fault("zeros", where, f"`{before}` 开头的零不见了", f"the zeros before `{before}` are gone", _AS_TEXT)
            return None
        percent = "%" in form
        shown = exact * 100 if percent else exact
        return Cell(f"{shown.normalize():f}{'%' if percent else ''}", where, number=True)


_UNMERGE = Text("取消合并，每行各写各的值", "take them apart: every row has its own values")
_AS_TEXT = Text("把单元格设为文本，直接写数", "make the cell text and write the figure itself")
_AS_DATE = Text("写作 2025-03-01", "write it as 2025-03-01")
_HALF = str.maketrans("０１２３４５６７８９．％", "0123456789.%")


def _plain(value: Any) -> str:
    """A key as text: spreadsheets make numbers of those that look like one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def rows_of(found: Sequence[Entry]) -> Iterator[tuple[str, str, str]]:
    """The rows that a workbook of these values has."""
    yield from dict.fromkeys((item.layout.name, item.owner, item.key) for item in found)
