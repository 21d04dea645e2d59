"""An input of many enterprises becomes checked tables, sorted by enterprise; what cannot be taken is listed with its reason.

Two passes, neither of which holds a table in memory: every column is read into its physical type, then what concerns several rows is
looked at: rows that stand twice, rows of no enterprise. An enterprise is taken with all its rows or not at all: a decision without the
row that says what it has received would pay twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.loading import load_cases
from conggao.facts.tables.cases import Rows, key_of, rows_of
from conggao.facts.tables.columns import Read, read_column
from conggao.facts.tables.rejected import Rejected, Rejects
from conggao.facts.tables.relating import Related, relate
from conggao.facts.tables.schema import CODE_COLUMN, ROW, Table, tables
from conggao.facts.tables.sources import Source, pieces, sha256, sources
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "_file"
_CASES = 2_000
_REQUIRED = Text("这一项必须写", "this one is required")


@dataclass
class Checked:
    """Checked tables in `folder`, one Parquet file each, sorted by `case_no`, the place of the enterprise among `count`.

    `inputs` are the hashes of the files read; `aside` the enterprises that were not taken.
    """

    folder: Path
    count: int
    aside: int
    rows: Mapping[str, int]
    read: Mapping[str, int]
    rejects: Rejects
    inputs: Mapping[str, str]
    vocabulary: Vocabulary
    synthetic: bool = False
    undated: int = 0
    """Enterprises that do not say for which day they are to be decided."""
    notes: list[Text] = field(default_factory=list)

    def path(self, table: str) -> Path:
        """The file of a table."""
        return self.folder / f"{table}.parquet"


def check(
    path: Path,
    work: Path,
    vocabulary: Vocabulary,
    memory: str | None = None,
    strict: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> Checked:
    """Reads `path` (a folder of tables, a workbook, or JSONL of cases) into checked tables in the folder `work`.

    `memory` bounds what the second pass holds, such as `2GB`. `progress` is told the rows read. Raises InputFaults where the input as a
    whole cannot be read, or, where `strict`, for any row that is rejected.
    """
    staged, checked = work / "staged", work / "checked"
    staged.mkdir()
    checked.mkdir()
    jsonl = _jsonl(path)
    found = [] if jsonl is not None else sources(path)
    files = [jsonl] if jsonl is not None else list(dict.fromkeys(source.path for source in found))
    rejects = Rejects(work / "rejected.parquet")
    try:
        stage = _Stage(staged, tables(vocabulary))
        try:
            if jsonl is not None:
                _read_cases(jsonl, stage, rejects, vocabulary, progress)
            else:
                _read_sources(found, stage, rejects, progress)
        finally:
            stage.close()
        names = [source.name for source in found] or [str(jsonl)]
        related: Related = relate(staged, checked, tables(vocabulary), names, rejects, memory, work)
    finally:
        rejects.close()
    if strict and rejects.total:
        raise rejects.faults()
    return Checked(
        folder=checked,
        count=related.count,
        aside=related.aside,
        rows=related.rows,
        read=dict(stage.read),
        rejects=rejects,
        inputs={file.name: sha256(file) for file in files},
        vocabulary=vocabulary,
        synthetic=_synthetic(path),
        undated=related.undated,
    )


def _jsonl(path: Path) -> Path | None:
    """The JSONL file of an input, if that is what it is."""
    if not path.exists():
        message = Text("没有这个文件或文件夹", "there is no such file or folder")
        raise InputFaults([Diagnostic("document/unreadable", message, (Label(Span(str(path), None)),))])
    if path.is_dir():
        found = sorted(path.glob("*.jsonl"))
        return found[0] if len(found) == 1 and not any(path.glob("*.parquet")) and not any(path.glob("*.csv")) else None
    if path.suffix.lower() == ".jsonl":
        return path
    if path.suffix.lower() != ".xlsx":
        message = Text("不是文件夹、JSONL 或 Excel 工作簿", "this is neither a folder nor JSONL nor an Excel workbook")
        hint = Text("表格放在一个文件夹里", "put the tables into a folder")
        raise InputFaults([Diagnostic("table/input", message, (Label(Span(str(path), None)),), help=hint)])
    return None


def _synthetic(path: Path) -> bool:
    """Whether the folder says that its data are synthetic."""
    import json

    manifest = (path if path.is_dir() else path.parent) / "manifest.json"
    try:
        return json.loads(manifest.read_text("utf-8")).get("synthetic") is True
    except (OSError, ValueError, AttributeError):
        return False


class _Stage:
    """One open Parquet file a table, for rows that are right in themselves."""

    def __init__(self, folder: Path, known: Mapping[str, Table]) -> None:
        import pyarrow as pa

        self.folder, self.known = folder, known
        self.read: dict[str, int] = dict.fromkeys(known, 0)
        own = [pa.field(ROW, pa.int64()), pa.field(FILE, pa.int32())]
        self.schemas = {name: pa.schema([*table.schema(), *own]) for name, table in known.items()}
        self._open: dict[str, Any] = {}

    def write(self, name: str, batch: pa.Table) -> None:
        from pyarrow import parquet

        if name not in self._open:
            # Read once and soon: what is not encoded is written in two thirds of the time.
            self._open[name] = parquet.ParquetWriter(
                self.folder / f"{name}.parquet", self.schemas[name], compression="lz4", use_dictionary=False
            )
        self._open[name].write_table(batch)

    def close(self) -> None:
        for name in self.known:
            if name not in self._open:
                self.write(name, self.schemas[name].empty_table())
        for file in self._open.values():
            file.close()


def _read_sources(found: list[Source], stage: _Stage, rejects: Rejects, progress: Callable[[int], None]) -> None:
    """Every row of every source; faults of several files are raised together."""
    faults: list[Diagnostic] = []
    done = 0
    for number, source in enumerate(found):
        table = stage.known[source.table]
        ragged: list[tuple[int, int, int]] = []
        try:
            for piece in pieces(source, table, ragged):
                count = len(piece.rows)
                stage.read[source.table] += count
                done += count
                stage.write(source.table, _typed(source, table, piece.columns, piece.rows, number, stage, rejects))
                progress(done)
        except InputFaults as error:
            faults += error.diagnostics
        for row, cells, expected in ragged:
            reason = Text(f"有 {cells} 格，应有 {expected} 格", f"there are {cells} cells, {expected} are expected")
            rejects.add(Rejected(source.name, source.table, row, None, "", "", "cells", reason))
            stage.read[source.table] += 1
    if faults:
        raise InputFaults(faults)


def _typed(
    source: Source,
    table: Table,
    columns: Mapping[str, pa.Array],
    rows: Any,
    number: int,
    stage: _Stage,
    rejects: Rejects,
) -> pa.Table:
    """The rows that are right in themselves; the others are rejected, each with all its faults."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(rows)
    arrays: list[pa.Array] = []
    wrong: set[int] = set()
    faults: list[tuple[int, str, tuple[str, Text, str]]] = []
    for column in (CODE_COLUMN, *table.columns):
        raw = columns.get(column.name)
        read = Read(pa.nulls(count, column.type)) if raw is None else read_column(column, raw)
        arrays.append(read.values)
        faults += [(index, column.name, found) for index, found in read.bad.items()]
        wrong |= read.bad.keys()
        if column.required and read.values.null_count:
            for index in np.nonzero(pc.is_null(read.values).to_numpy(zero_copy_only=False))[0].tolist():
                if index not in read.bad:
                    missing = Text(
                        f"缺少 `{column.name}`：{_REQUIRED.zh}", f"`{column.name}` is missing: {_REQUIRED.en}"
                    )
                    faults.append((index, column.name, ("missing", missing, "")))
                    wrong.add(index)
    arrays += [pa.array(rows, pa.int64()), pa.array(np.full(count, number), pa.int32())]
    made = pa.Table.from_arrays(arrays, schema=stage.schemas[source.table])
    for index, name, (code, reason, found) in sorted(faults, key=lambda item: item[0]):
        owner = arrays[0][index].as_py()
        rejects.add(Rejected(source.name, source.table, int(rows[index]), owner, name, found, code, reason))
    if not wrong:
        return made
    kept = np.ones(count, dtype=bool)
    kept[list(wrong)] = False
    return made.filter(pa.array(kept))


def _read_cases(
    path: Path, stage: _Stage, rejects: Rejects, vocabulary: Vocabulary, progress: Callable[[int], None]
) -> None:
    """The cases of a JSONL file; a line with faults is rejected whole."""
    gathered: Rows = {name: [] for name in stage.known}
    for number, case in load_cases(path, vocabulary):
        stage.read["enterprises"] += 1
        if isinstance(case, InputFaults):
            for item in case.diagnostics:
                rejects.add(
                    Rejected(
                        str(path), "enterprises", number, None, item.path or "", "", _short(item.code), item.message
                    )
                )
        else:
            for name, rows in rows_of(key_of(case, number), case, vocabulary).items():
                gathered[name] += ({**row, ROW: number, FILE: 0} for row in rows)
        if len(gathered["enterprises"]) >= _CASES:
            _stage_rows(stage, gathered)
            progress(number)
    _stage_rows(stage, gathered)


def _stage_rows(stage: _Stage, gathered: Rows) -> None:
    import pyarrow as pa

    for name, rows in gathered.items():
        if rows:
            stage.write(name, pa.Table.from_pylist(rows, schema=stage.schemas[name]))
            rows.clear()


def _short(code: str) -> str:
    return code.rpartition("/")[2]


def batches(checked: Checked, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of `case_no` that together hold every enterprise."""
    for start in range(0, checked.count, size):
        yield start, min(start + size, checked.count)
