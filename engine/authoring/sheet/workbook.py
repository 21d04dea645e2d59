"""Workbooks written with every value as text, so that a spreadsheet has no reason to change one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from conggao.engine.authoring.sheet.entries import Entry, entries
from conggao.engine.authoring.sheet.holding import escaped, excel, unholdable
from conggao.engine.authoring.sheet.layout import ABOUT, LAYOUTS, REMOVED, Layout
from conggao.engine.rulebook.page import Page
from conggao.facts.diagnostics import InputFaults
from conggao.facts.writing import write_whole

_WIDTHS = {"值 value": 70, "文字 text": 100, "说明 meaning": 34, "键 key": 24}


def export(page: Page, path: Path) -> int:
    """Writes every value of the page into a workbook at `path`, whole or not at all; returns how many. Raises InputFaults."""
    openpyxl = excel()
    styles = import_module("openpyxl.styles")
    found = entries(page)
    _check(page, found)
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


def _check(page: Page, found: Sequence[Entry]) -> None:
    """Raises InputFaults where a value would not come back as it is."""
    faults = []
    for item in found:
        why = next((why for text in (item.owner, item.key, item.text) if (why := unholdable(text))), None)
        if why is not None:
            line = page.text.replace("\r\n", "\n").count("\n", 0, item.start) + 1
            faults.append(page.fault("sheet/unholdable", why, line))
    if faults:
        raise InputFaults(faults)


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
    cell.value = escaped(text)
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
