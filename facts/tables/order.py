"""How far the rows of a table stand in the order of their credit codes, before they are read: Parquet says it of every row group.

What it says is a promise: whoever reads the rows sees whether it is kept (see `streams`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from conggao.facts.diagnostics import InputFaults
from conggao.facts.tables.columns import read_column
from conggao.facts.tables.schema import CODE, CODE_COLUMN, Table
from conggao.facts.tables.sources import ROWS, Source, columns_of

LAST = chr(0x10FFFF)
"""Comes after every credit code."""
WAITING = 8 * ROWS
"""Rows of a table that may be held back until those before them have come; where more would be, the table is sorted."""
STRETCH = 250_000
"""Rows of all tables that are looked at together, about."""

Mark = tuple[str, int]
"""A credit code, and how many rows there are up to it since the mark before."""


@dataclass(frozen=True, slots=True)
class Order:
    """After `ends[n - 1]` rows of a table no credit code comes that is less than `floors[n]`."""

    ends: Sequence[int]
    floors: Sequence[str]
    marks: Sequence[Mark]

    def after(self, rows: int) -> str:
        """No row behind the first `rows` has a lesser credit code."""
        place = bisect_right(self.ends, rows)
        return self.floors[place] if place < len(self.floors) else LAST


def order_of(found: Sequence[Source], table: Table) -> Order | None:
    """The order of the rows of a table; None where they are to be sorted, or it cannot be told."""
    import pyarrow as pa
    from pyarrow import parquet

    parts: list[tuple[int, str, str]] = []
    for source in found:
        if source.sheet is not None or source.path.suffix.lower() != ".parquet":
            return None
        try:
            with parquet.ParquetFile(source.path, pre_buffer=False) as file:
                names = columns_of(file.schema_arrow.names, table, source)
                parts += _parts(file, file.schema_arrow.names[names.index(CODE)])
        except (InputFaults, pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError):
            return None  # what is wrong is said where the rows are read
    ends = list(accumulate(rows for rows, _, _ in parts))
    floors = list(accumulate((least for _, least, _ in reversed(parts)), min))[::-1]
    for (rows, _, most), end in zip(parts, ends, strict=True):
        # The last part that may hold a code as small as the greatest of this one.
        last = bisect_right(floors, most) - 1
        if last >= 0 and ends[last] - end + rows > WAITING:
            return None
    greatest = accumulate((most for _, _, most in parts), max)
    return Order(ends, floors, [(most, rows) for most, (rows, _, _) in zip(greatest, parts, strict=True)])


def _parts(file: Any, name: str) -> Iterator[tuple[int, str, str]]:
    """Rows, the least credit code and the greatest of every part of a file; large row groups are looked into."""
    import pyarrow.compute as pc

    metadata = file.metadata
    for group in range(metadata.num_row_groups):
        found = metadata.row_group(group)
        chunks = (found.column(place) for place in range(found.num_columns))
        said = next(chunk.statistics for chunk in chunks if chunk.path_in_schema == name)
        if found.num_rows <= 2 * ROWS and said is not None and said.has_min_max and isinstance(said.min, str):
            yield found.num_rows, said.min, said.max
            continue
        for batch in file.iter_batches(ROWS, row_groups=[group], columns=[name], use_threads=False):
            codes = read_column(CODE_COLUMN, batch.column(0)).values
            ends = pc.min_max(codes).as_py()
            # A row without a code belongs nowhere and waits for nothing.
            yield batch.num_rows, ends["min"] or LAST, ends["max"] or ""


def cuts(marks: Sequence[Mark]) -> Iterator[str]:
    """The last credit code of every stretch, of about as many rows each."""
    gathered = 0
    for code, rows in sorted(marks):
        gathered += rows
        if gathered >= STRETCH and code:
            yield code
            gathered = 0
    yield LAST
