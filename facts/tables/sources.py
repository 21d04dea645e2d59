"""Where the tables of an input lie, and their rows as they stand there: a folder of Parquet or CSV files, or a workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text, did_you_mean, quote
from conggao.facts.documents import unreadable
from conggao.facts.tables.schema import CODE, NAMES, Table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 65_536
"""Rows read at a time."""
SUFFIXES = (".parquet", ".csv")
IGNORED = frozenset({"备注", "note", "notes", "remark", "remarks", "说明", "readme"})
"""Columns and sheets that a person wrote for people."""
_WIDEST = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one sheet of it, that holds rows of a table."""

    table: str
    path: Path
    sheet: str | None = None

    @property
    def name(self) -> str:
        return f"{self.path}" if self.sheet is None else f"{self.path} [{self.sheet}]"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows as they stand: `columns` by the name of the fact, `rows` the number of each row in its file."""

    columns: Mapping[str, pa.Array]
    rows: Any


def sources(path: Path) -> list[Source]:
    """The sources of a folder or a workbook, in the order of the tables. Raises InputFaults: everything that is in the way, at once."""
    found: list[Source] = []
    faults: list[Diagnostic] = []
    if path.is_dir():
        entries = [item for item in sorted(path.iterdir()) if item.suffix.lower() in SUFFIXES or item.is_dir()]
        for item in entries:
            if item.name.startswith((".", "_")):
                continue
            files = [item] if item.is_file() else sorted(f for f in item.iterdir() if f.suffix.lower() in SUFFIXES)
            table = _table(item.stem if item.is_file() else item.name)
            if table is None and (item.is_file() or files):
                faults.append(_unknown("table/unknown", Text("表", "table"), item.stem, str(item)))
            found += [Source(table, file) for file in files if table is not None]
        by_table: dict[str, list[Source]] = {}
        for source in found:
            by_table.setdefault(source.table, []).append(source)
        for same in by_table.values():
            if len({source.path.parent for source in same}) > 1 or (len(same) > 1 and same[0].path.parent == path):
                message = Text(
                    "同一张表有几个文件：" + "、".join(s.path.name for s in same),
                    "several files hold the same table: " + ", ".join(s.path.name for s in same),
                )
                hint = Text("只留一个，或放进同名文件夹", "leave one, or put them into a folder of the table's name")
                faults.append(Diagnostic("table/twice", message, path=str(path), help=hint))
    else:
        for sheet in _sheets(path):
            table = _table(sheet)
            if table is not None:
                found.append(Source(table, path, sheet))
            elif sheet.strip().casefold() not in IGNORED:
                faults.append(_unknown("table/unknown", Text("工作表", "sheet"), sheet, str(path)))
    if not faults and not any(source.table == "enterprises" for source in found):
        message = Text("没有企业表 `enterprises`", "there is no table `enterprises`")
        hint = Text(
            "应有 enterprises.parquet、enterprises.csv 或工作表“企业”",
            "enterprises.parquet, enterprises.csv or a sheet of that name",
        )
        faults.append(Diagnostic("table/no-enterprises", message, path=str(path), help=hint))
    if faults:
        raise InputFaults(faults)
    order = list(NAMES)
    return sorted(found, key=lambda source: order.index(source.table))


def pieces(source: Source, table: Table, ragged: list[tuple[int, int, int]]) -> Iterator[Piece]:
    """The rows of a source; CSV rows with too few or too many cells go to `ragged` as (row, cells, expected).

    Raises InputFaults where the file cannot be read, or its columns are not those of the table.
    """
    try:
        if source.sheet is not None:
            yield from _workbook(source, table)
        elif source.path.suffix.lower() == ".parquet":
            yield from _parquet(source, table)
        else:
            yield from _csv(source, table, ragged)
    except OSError as error:
        raise unreadable(str(source.path), error) from None


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def columns_of(headers: list[str], table: Table, source: Source) -> list[str | None]:
    """The fact of each header, None for a column that is for people. Raises InputFaults."""
    known = table.headers()
    found: list[str | None] = []
    faults: list[Diagnostic] = []
    for header in headers:
        name = known.get(str(header).strip().casefold())
        if name is None and str(header).strip().casefold() not in IGNORED:
            faults.append(_unknown("table/unknown-column", Text("列", "column"), str(header), source.name, list(known)))
        if name is not None and name in found:
            message = Text(f"`{name}` 有两列", f"two columns hold `{name}`")
            faults.append(Diagnostic("table/column-twice", message, _at(source), path=str(header)))
        found.append(name)
    for name in (CODE, *(column.name for column in table.columns if column.required)):
        if name not in found:
            label = known_label(table, name)
            message = Text(f"缺少列 `{name}`（{label.zh}）", f"the column `{name}` is missing")
            faults.append(Diagnostic("table/missing-column", message, _at(source), path=table.name))
    if faults:
        raise InputFaults(faults)
    return found


def known_label(table: Table, name: str) -> Text:
    """What a column is called."""
    from conggao.facts.tables.schema import CODE_COLUMN

    return next(column.label for column in (CODE_COLUMN, *table.columns) if column.name == name)


def _at(source: Source) -> tuple[Label, ...]:
    return (Label(Span(source.name, 1)),)


def _table(name: str) -> str | None:
    wanted = name.strip().casefold().replace(" ", "_")
    return next((key for key, label in NAMES.items() if wanted in (key, label.zh)), None)


def _unknown(code: str, what: Text, name: str, where: str, known: list[str] | None = None) -> Diagnostic:
    words = known or [text for key, label in NAMES.items() for text in (key, label.zh)]
    message = Text(f"不认识的{what.zh} {quote(name)}", f"unknown {what.en} {quote(name)}")
    every = Text("已知：" + "、".join(words), "known: " + ", ".join(words))
    return Diagnostic(code, message, (Label(Span(where, None)),), help=did_you_mean(name, words) or every)


def _parquet(source: Source, table: Table) -> Iterator[Piece]:
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # What is read beforehand would be held until the file is closed: in the end all of it.
        with parquet.ParquetFile(source.path, read_dictionary=_listed(source, table), pre_buffer=False) as file:
            names = columns_of(file.schema_arrow.names, table, source)
            first = 1
            for batch in file.iter_batches(ROWS):
                columns = {name: batch.column(n) for n, name in enumerate(names) if name is not None}
                yield Piece(columns, np.arange(first, first + batch.num_rows))
                first += batch.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _broken(
            source, Text("不是 Parquet 文件，或已损坏", "this is no Parquet file, or it is damaged"), error
        ) from None


def _listed(source: Source, table: Table) -> list[str]:
    """The headers of columns whose words are those of a list: they stay coded."""
    from pyarrow import parquet

    words = {column.name for column in table.columns if column.kind == "word" or column.fact.form == "industry"}
    known = table.headers()
    return [name for name in parquet.read_schema(source.path).names if known.get(name.strip().casefold()) in words]


def _csv(source: Source, table: Table, ragged: list[tuple[int, int, int]]) -> Iterator[Piece]:
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    encoding = _encoding(source.path)
    headers = _header(source, encoding)
    names = columns_of(headers, table, source)
    short: list[int] = []

    def skip(row: Any) -> str:
        short.append(int(row.number))
        ragged.append((int(row.number), int(row.actual_columns), int(row.expected_columns)))
        return "skip"

    places = [f"{n}" for n in range(len(headers))]
    try:
        with csv.open_csv(
            str(source.path),
            # One thread, so that the rows left out have a number.
            csv.ReadOptions(
                use_threads=False, encoding=encoding, column_names=places, skip_rows_after_names=1, block_size=1 << 23
            ),
            csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        ) as reader:
            before = 0
            for batch in reader:
                columns = {name: batch.column(n) for n, name in enumerate(names) if name is not None}
                yield Piece(columns, _numbers(np, before, batch.num_rows, short))
                before += batch.num_rows
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise _broken(source, Text("不是可读的 CSV 文件", "this CSV file cannot be read"), error) from None


def _numbers(np: Any, before: int, count: int, short: list[int]) -> Any:
    """The numbers of rows that were kept, in the file; row 1 is the header."""
    numbers = np.arange(before + 2, before + count + 2)
    for skipped in sorted(short):
        numbers[numbers >= skipped] += 1
    return numbers


def _header(source: Source, encoding: str) -> list[str]:
    import csv

    with source.path.open(encoding="utf-8-sig" if encoding == "utf8" else encoding, newline="") as file:
        try:
            return next(csv.reader(file), [])
        except (csv.Error, UnicodeDecodeError) as error:
            raise _broken(source, Text("读不出表头", "its header cannot be read"), error) from None


def _encoding(path: Path) -> str:
    """UTF-8, or what a Chinese spreadsheet writes where it does not."""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            try:
                (chunk + file.readline()).decode("utf-8")
            except UnicodeDecodeError:
                return "gb18030"
    return "utf8"


def _broken(source: Source, message: Text, error: Exception) -> InputFaults:
    first = str(error).partition("\n")[0][:200]
    return InputFaults([Diagnostic("table/unreadable", message, _at(source), note=Text(first, first))])


def _sheets(path: Path) -> list[str]:
    book = _book(path)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def _book(path: Path) -> Any:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise unreadable(str(path), error) from None
    except (BadZipFile, InvalidFileException, KeyError, ValueError):
        message = Text("不是 Excel 工作簿（.xlsx）", "this is no Excel workbook (.xlsx)")
        raise InputFaults([Diagnostic("table/unreadable", message, (Label(Span(str(path), None)),))]) from None


def _workbook(source: Source, table: Table) -> Iterator[Piece]:
    import numpy as np
    import pyarrow as pa

    book = _book(source.path)
    try:
        rows = book[source.sheet].iter_rows(values_only=True)
        head = [*(next(rows, None) or ())]
        while head and head[-1] is None:
            head.pop()
        names = columns_of(["" if cell is None else str(cell) for cell in head], table, source)
        gathered: list[list[str | None]] = []
        numbers: list[int] = []
        for number, row in enumerate(rows, start=2):
            cells = [_cell(value) for value in row[: len(names)]]
            if any(cell is not None for cell in cells):
                gathered.append(cells + [None] * (len(names) - len(cells)))
                numbers.append(number)
            if len(gathered) >= ROWS:
                yield Piece(_arrays(pa, names, gathered), np.array(numbers))
                gathered, numbers = [], []
        if gathered:
            yield Piece(_arrays(pa, names, gathered), np.array(numbers))
    finally:
        book.close()


def _arrays(pa: Any, names: list[str | None], rows: list[list[str | None]]) -> dict[str, pa.Array]:
    columns = list(zip(*rows, strict=True))
    return {name: pa.array(columns[n], pa.string()) for n, name in enumerate(names) if name is not None}


def _cell(value: Any) -> str | None:
    """A cell as the text that a person sees in it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _WIDEST**4 else float.__repr__(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time(0) else str(value)
    return str(value)
