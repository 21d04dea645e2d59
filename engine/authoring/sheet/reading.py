"""A workbook read cell by cell: what a spreadsheet has changed on its own, or what a page could not keep, is refused by its cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from conggao.engine.authoring.sheet.entries import Entry
from conggao.engine.authoring.sheet.holding import excel, unescaped
from conggao.engine.authoring.sheet.layout import ABOUT, LAYOUTS, Layout
from conggao.engine.authoring.sheet.shown import NotShown, figure, shows_day
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean, nearest
from conggao.facts.documents import read_bytes
from conggao.facts.units import QuantityFault, measure

LARGEST = 100 * 1024 * 1024
"""Bytes of the largest workbook unpacked."""
_FULL_WIDTH = re.compile("[０-９．％]")
_HALF = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}( ?\.\..*)?")
_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the workbook has it. `where` is its sheet and cell, `number` whether it was one and not text."""

    text: str
    where: str
    number: bool = False


Rows = dict[tuple[str, str, str], dict[str, Cell]]
"""The cells of each row by (sheet, owner, key), by column."""


def read(path: Path, known: Mapping[tuple[str, str, str, str], Entry]) -> tuple[str, Rows, list[Diagnostic]]:
    """The hash of the page that the workbook was made of, its rows, and every fault of a cell. Raises InputFaults where it is none."""
    openpyxl = excel()
    raw = read_bytes(path)
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            if sum(item.file_size for item in packed.infolist()) > LARGEST:
                raise _refused(path, "工作簿过大", "the workbook is too large")
        book = openpyxl.load_workbook(BytesIO(raw), data_only=False, rich_text=True)
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
        if sheet.title in layouts:
            reader.sheet(sheet, layouts[sheet.title])
        elif any(cell.value is not None for row in sheet.iter_rows() for cell in row):
            message = Text(f"没有名为 `{sheet.title}` 的表", f"there is no sheet named `{sheet.title}`")
            hint = did_you_mean(sheet.title, layouts)
            reader.faults.append(Diagnostic("sheet/unknown-sheet", message, path=sheet.title, help=hint))
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
        header = [_plain(cell.value) for cell in next(sheet.iter_rows(min_row=1, max_row=1), ())]
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
        for cell in row:
            if getattr(cell, "comment", None) is not None:
                zh, en = "批注不能写进页面", "a note on a cell cannot be kept in the page"
                self._fault("note", f"{title}!{cell.coordinate}", zh, en, _NOTED)
        if all(cell.value is None for cell in row):
            return
        names = [f"{item.zh} {item.en}" for item in (layout.owner, layout.key) if item is not None]
        told = [_plain(row[places[name]].value) if places[name] < len(row) else "" for name in names]
        owner, key = told if layout.owner is not None else ("", told[0])
        where = f"{title}!{row[0].coordinate}"
        beyond = [cell for index, cell in enumerate(row) if index not in places.values() and cell.value is not None]
        for cell in beyond:
            zh, en = "表头之外的内容会丢失", "what stands beyond the header would be lost"
            self._fault("beyond", f"{title}!{cell.coordinate}", zh, en)
        if (layout.name, owner, key) in self.rows:
            self._fault("twice", where, f"`{owner} {key}` 出现两次", f"`{owner} {key}` stands twice")
            return
        held = self.rows[layout.name, owner, key] = {}
        for column in layout.values:
            cell = row[places[column]] if places[column] < len(row) else None
            entry = self.known.get((layout.name, owner, key, column))
            if cell is not None and (entry is not None or cell.value is not None):
                read = self._cell(cell, f"{title}!{cell.coordinate}", None if entry is None else entry.text)
                if read is not None:
                    held[column] = read

    def _cell(self, cell: Any, where: str, before: str | None) -> Cell | None:
        """What a cell says; `before` is what the page says in its place, None where the row is new."""
        value = cell.value
        if value is not None and _struck(cell):
            zh, en = "划掉的文字不会被划掉", "text that is struck out would be kept"
            self._fault("struck", where, zh, en, _STRUCK)
        elif cell.data_type == "f":
            self._fault("formula", where, f"公式 `{value}` 不是数值", f"the formula `{value}` is no value", _AS_TEXT)
        elif cell.data_type == "e":
            self._fault("error", where, f"单元格是错误值 `{value}`", f"the cell holds the error `{value}`")
        elif value is None:
            return Cell("", where)
        elif isinstance(value, bool):
            told = "true" if value else "false"
            if before is None or before.casefold() in ("true", "false"):
                return Cell(told, where)
            zh, en = f"`{before}` 变成了逻辑值 {told}", f"`{before}` has become the truth value {told}"
            self._fault("made-truth", where, zh, en, _AS_TEXT)
        elif isinstance(value, int | float):
            return self._number(value, str(cell.number_format), where, before)
        elif isinstance(value, datetime | date):
            return self._day(value, str(cell.number_format), where, before)
        elif isinstance(value, str | list):
            return self._text(str(value), where, before or "")
        else:
            self._fault("kind", where, f"`{value}` 不是文字、数或日期", f"`{value}` is no text, number or date")
        return None

    def _text(self, value: str, where: str, before: str) -> Cell | None:
        text = unescaped(value).replace("\r\n", "\n").replace("\r", "\n").strip(" \t\u00a0")
        if _FULL_WIDTH.search(text) and not _FULL_WIDTH.search(before):
            plain = text.translate(_HALF)
            hint = Text(f"写作 `{plain}`", f"write `{plain}`")
            self._fault("full-width", where, "数字用了全角", "digits of full width", hint)
            return None
        if _NUMBER.fullmatch(text) and self._unit_gone(text, where, before):
            return None
        return Cell(text, where)

    def _number(self, value: float, form: str, where: str, before: str | None) -> Cell | None:
        """A number as the figure that the cell shows."""
        try:
            shown = figure(value, form)
        except NotShown as other:
            self._fault("shown", where, other.text.zh, other.text.en, _AS_TEXT)
            return None
        if before is not None and _DATE.fullmatch(before):
            self._fault("date", where, f"日期变成了数 {value}", f"a date has become the number {value}", _AS_DATE)
            return None
        if before is not None and re.fullmatch(r"0\d+", before):
            self._fault("zeros", where, f"`{before}` 开头的零不见了", f"the zeros before `{before}` are gone", _AS_TEXT)
            return None
        if before is not None and "%" not in shown and self._unit_gone(shown, where, before):
            return None
        return Cell(shown, where, number=True)

    def _unit_gone(self, figure: str, where: str, before: str) -> bool:
        """Whether a bare figure stands where another with a unit stood: it would be read in base units, 200 万元 as 200 yuan."""
        try:
            held, now = measure(before), measure(figure)
        except QuantityFault:
            return False
        if held.unit is None or held.value == now.value:
            return False
        shown = f"{figure}{'' if held.unit.symbol == '%' else ' '}{held.unit.symbol}"
        hint = Text(f"连单位一起写，如 `{shown}`", f"write it with its unit, such as `{shown}`")
        self._fault("unit", where, f"`{before}` 的单位不见了", f"the unit of `{before}` is gone", hint)
        return True

    def _day(self, value: datetime | date, form: str, where: str, before: str | None) -> Cell | None:
        day = f"{value:%Y-%m-%d}"
        if isinstance(value, datetime) and value.time() != time(0):
            self._fault("time", where, f"`{value}` 不只是日期", f"`{value}` is more than a date")
        elif before is not None and not _DATE.fullmatch(before):
            zh, en = f"`{before}` 变成了日期 {day}", f"`{before}` has become the date {day}"
            self._fault("made-date", where, zh, en, _AS_TEXT)
        elif not shows_day(form):
            zh = f"单元格的格式 `{form}` 没有显示 {day} 的年月日"
            self._fault("shown", where, zh, f"with its format `{form}` the cell does not show {day}", _AS_DATE)
        else:
            return Cell(day, where)
        return None


_UNMERGE = Text("取消合并，每行各写各的值", "take them apart: every row has its own values")
_AS_TEXT = Text("把单元格设为文本，直接写出来", "make the cell text and write it as it is to be read")
_AS_DATE = Text("写作 2025-03-01", "write it as 2025-03-01")
_NOTED = Text("写进条文或解释，再删去批注", "write it into the clause or its interpretation, and delete the note")
_STRUCK = Text(
    "要取消一个值，写“删除”；否则去掉删除线", "to take a value out write “delete”; otherwise remove the line through it"
)


def _struck(cell: Any) -> bool:
    """Whether a line goes through the text of a cell, or through a part of it."""
    runs = cell.value if isinstance(cell.value, list) else ()
    return bool(cell.font.strike) or any(getattr(getattr(run, "font", None), "strike", False) for run in runs)


def _plain(value: Any) -> str:
    """A key as text: spreadsheets make numbers of those that look like one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else unescaped(str(value)).strip()


def rows_of(found: Sequence[Entry]) -> Iterator[tuple[str, str, str]]:
    """The rows that a workbook of these values has."""
    yield from dict.fromkeys((item.layout.name, item.owner, item.key) for item in found)
