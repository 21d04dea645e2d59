"""Sums as files for people: CSV, and a workbook with a sheet a group."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from conggao.facts.diagnostics import Lang, Text

Sheet = tuple[str, Sequence[str], Sequence[Sequence[Any]]]
"""A name, the headings, the rows."""

OPEN = Text("未定", "open")


def write_csv(path: Path, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A CSV file that spreadsheets open as UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows([_safe(cell) for cell in row] for row in rows)


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """An Excel workbook; money is shown with two decimals."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for name, headings, rows in sheets:
        sheet = book.create_sheet(name[:31])
        head = []
        for heading in headings:
            cell = WriteOnlyCell(sheet, heading)
            cell.font = Font(bold=True)
            head.append(cell)
        sheet.append(head)
        for row in rows:
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, _safe(value))
                if isinstance(value, Decimal):
                    cell.number_format = "#,##0.00"
                cells.append(cell)
            sheet.append(cells)
    book.save(path)


def open_end(high: Decimal | None, lang: Lang) -> Any:
    """An upper end in a table; in words where it is open."""
    return OPEN.of(lang) if high is None else high


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is kept a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def write_rejected(source: Path, target: Path) -> None:
    """The rejected rows as CSV."""
    from pyarrow import parquet

    with (
        target.open("w", encoding="utf-8-sig", newline="") as file,
        parquet.ParquetFile(source, pre_buffer=False) as read,
    ):
        writer = csv.writer(file)
        writer.writerow(read.schema_arrow.names)
        for batch in read.iter_batches(10_000):
            writer.writerows([_safe(cell) for cell in row.values()] for row in batch.to_pylist())
