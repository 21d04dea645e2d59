"""From the pieces of a file to rows in their physical types: those that are right in themselves, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.tables.columns import Read, read_column
from conggao.facts.tables.rejected import Rejected
from conggao.facts.tables.schema import CODE_COLUMN, ROW, Table
from conggao.facts.tables.sources import Piece, Source, pieces

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "_file"
"""Which of the sources a row stood in, by number."""
_REQUIRED = Text("这一项必须写", "this one is required")


@dataclass(frozen=True, slots=True)
class Typed:
    """A piece of a table: how many rows stood there, which of them are right in themselves, the faults of the others.

    `least` and `most` bound the credit codes of all its rows. `broken` says why its source cannot be read further.
    """

    count: int
    rows: pa.Table
    rejected: Sequence[Rejected] = ()
    least: str | None = None
    most: str | None = None
    broken: Sequence[Diagnostic] = ()


def physical(table: Table) -> pa.Schema:
    """The columns of a table, and where a row stood."""
    import pyarrow as pa

    return pa.schema([*table.schema(), pa.field(ROW, pa.int64()), pa.field(FILE, pa.int32())])


def read(found: Sequence[tuple[int, Source]], table: Table) -> Iterator[Typed]:
    """The rows of the numbered sources of a table, in order. What is wrong with one of them does not keep the others from being read."""
    schema = physical(table)
    for number, source in found:
        ragged: list[tuple[int, int, int]] = []
        try:
            for piece in pieces(source, table, ragged):
                typed = _typed(source, table, piece, number, schema)
                yield _with_ragged(typed, source, table, ragged)
        except InputFaults as error:
            yield Typed(0, schema.empty_table(), broken=error.diagnostics)
        if ragged:
            yield _with_ragged(Typed(0, schema.empty_table()), source, table, ragged)


def _with_ragged(typed: Typed, source: Source, table: Table, ragged: list[tuple[int, int, int]]) -> Typed:
    """Also the rows with too few or too many cells that were met with."""
    if not ragged:
        return typed
    rejected = [
        Rejected(source.name, table.name, row, None, "", "", "cells", _ragged(cells, expected))
        for row, cells, expected in ragged
    ]
    ragged.clear()
    return replace(typed, count=typed.count + len(rejected), rejected=[*typed.rejected, *rejected])


def _ragged(cells: int, expected: int) -> Text:
    return Text(f"有 {cells} 格，应有 {expected} 格", f"there are {cells} cells, {expected} are expected")


def _typed(source: Source, table: Table, piece: Piece, number: int, schema: pa.Schema) -> Typed:
    """The rows that are right in themselves; the others are rejected, each with all its faults."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(piece.rows)
    arrays: list[pa.Array] = []
    faults: list[tuple[int, str, tuple[str, Text, str]]] = []
    for column in (CODE_COLUMN, *table.columns):
        raw = piece.columns.get(column.name)
        found = Read(pa.nulls(count, column.type)) if raw is None else read_column(column, raw)
        arrays.append(found.values)
        faults += [(index, column.name, said) for index, said in found.bad.items()]
        if column.required and found.values.null_count:
            missing = Text(f"缺少 `{column.name}`：{_REQUIRED.zh}", f"`{column.name}` is missing: {_REQUIRED.en}")
            for index in np.nonzero(pc.is_null(found.values).to_numpy(zero_copy_only=False))[0].tolist():
                if index not in found.bad:
                    faults.append((index, column.name, ("missing", missing, "")))
    codes = arrays[0]
    arrays += [pa.array(piece.rows, pa.int64()), pa.array(np.full(count, number), pa.int32())]
    rows = pa.Table.from_arrays(arrays, schema=schema)
    ends: Mapping[str, Any] = pc.min_max(codes).as_py()
    rejected = [
        Rejected(source.name, table.name, int(piece.rows[index]), codes[index].as_py(), name, cell, code, reason)
        for index, name, (code, reason, cell) in sorted(faults, key=lambda item: item[0])
    ]
    if faults:
        kept = np.ones(count, dtype=bool)
        kept[[index for index, _, _ in faults]] = False
        rows = rows.filter(pa.array(kept))
    return Typed(count, rows, rejected, ends["min"], ends["max"])
