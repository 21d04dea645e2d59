"""The rows of a table by stretches of credit codes: read as they stand where that is their order, else out of sorted runs on disk."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from conggao.facts.tables.order import Mark, Order
from conggao.facts.tables.reading import Typed
from conggao.facts.tables.schema import CODE
from conggao.facts.tables.sources import ROWS

if TYPE_CHECKING:
    import pyarrow as pa

_EVERY = 4_096
"""Of so many rows of a run one marks where stretches may end."""


class Misordered(Exception):  # noqa: N818 - what the rows are
    """Rows do not stand in the order that their file promised."""


class Stream(Protocol):
    """Rows of a table, stretch by stretch."""

    def upto(self, last: str) -> pa.Table:
        """The rows that are left up to the credit code `last`; those of one code as they stood."""


class Ahead:
    """The pieces of a table; while one is looked at another thread makes the next."""

    def __init__(self, pieces: Iterator[Typed], pool: Executor) -> None:
        self._pieces, self._pool = pieces, pool
        self._next = pool.submit(next, pieces, None)

    def __iter__(self) -> Iterator[Typed]:
        while (typed := self._next.result()) is not None:
            self._next = self._pool.submit(next, self._pieces, None)
            yield typed


class Ordered:
    """Rows that come in order, or nearly: those that come early wait. `note` is told every piece."""

    def __init__(self, pieces: Ahead, order: Order, schema: pa.Schema, note: Callable[[Typed], None]) -> None:
        self._pieces, self._order, self._schema, self._note = iter(pieces), order, schema, note
        self._waiting: list[tuple[pa.Table, str, str]] = []
        self._read = 0
        self._ended = False

    def upto(self, last: str) -> pa.Table:
        """See Stream. Raises Misordered."""
        import pyarrow as pa

        while not self._ended and self._order.after(self._read) <= last:
            self._pull()
        taken: list[pa.Table] = []
        waiting = []
        for rows, least, most in self._waiting:
            if most <= last:
                taken.append(rows)
            elif least > last:
                waiting.append((rows, least, most))
            else:
                inside, outside = _split(rows, last)
                taken.append(inside)
                waiting.append((outside, last, most))
        self._waiting = waiting
        return pa.concat_tables(taken) if taken else self._schema.empty_table()

    def _pull(self) -> None:
        typed = next(self._pieces, None)
        if typed is None:
            self._ended = True
            return
        if typed.least is not None and typed.most is not None:
            if typed.least < self._order.after(self._read):
                raise Misordered
            self._waiting.append((typed.rows, typed.least, typed.most))
        self._read += typed.count
        self._note(typed)


def _split(rows: pa.Table, last: str) -> tuple[pa.Table, pa.Table]:
    """Those up to a code, and those behind it."""
    import pyarrow.compute as pc

    inside = pc.less_equal(rows[CODE], last)
    many = pc.sum(inside).as_py() or 0
    if pc.all(inside.slice(0, many)).as_py() is not False:
        return rows.slice(0, many), rows.slice(many)
    return rows.filter(inside), rows.filter(pc.invert(inside))


class Runs:
    """Rows in any order: written in runs, each sorted by code, of which a stretch takes a slice each.

    They are not compressed, since they are read in slices, and by the memory map.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        from pyarrow import ipc

        self.path, self.schema = path, schema
        self.marks: list[Mark] = []
        self._writer = ipc.new_file(str(path), schema)
        self._gathered: list[pa.Table] = []
        self._runs: list[tuple[pa.RecordBatch, int]] = []
        self._map: Any = None

    def add(self, rows: pa.Table) -> None:
        """Takes rows in; only before the first stretch is taken out."""
        if rows.num_rows:
            self._gathered.append(rows)
        if sum(rows.num_rows for rows in self._gathered) >= ROWS:
            self._run()

    def _run(self) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self._gathered:
            return
        rows = pa.concat_tables(self._gathered).combine_chunks()
        self._gathered = []
        codes = rows[CODE].combine_chunks()
        if pc.any(pc.less(codes.slice(1), codes.slice(0, len(codes) - 1))).as_py():
            # A stable sort: rows of one enterprise stay as they stood.
            rows = rows.take(pc.sort_indices(codes))
            codes = rows[CODE].combine_chunks()
        for end in range(_EVERY, len(codes), _EVERY):
            self.marks.append((codes[end - 1].as_py(), _EVERY))
        self.marks.append((codes[-1].as_py(), len(codes) % _EVERY))
        (batch,) = rows.combine_chunks().to_batches()
        self._writer.write_batch(batch)

    def end(self) -> None:
        """Everything is taken in."""
        import pyarrow as pa
        from pyarrow import ipc

        self._run()
        self._writer.close()
        self._map = pa.memory_map(str(self.path))
        file = ipc.open_file(self._map)
        self._runs = [(file.get_batch(place), 0) for place in range(file.num_record_batches)]

    def upto(self, last: str) -> pa.Table:
        """See Stream."""
        import pyarrow as pa

        taken = []
        left = []
        for run, begin in self._runs:
            end = bisect_right(_Codes(run[CODE]), last, begin)
            if end > begin:
                taken.append(run.slice(begin, end - begin))
            if end < run.num_rows:
                left.append((run, end))
        self._runs = left
        return pa.Table.from_batches(taken, self.schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._runs = []
        self._writer.close()
        if self._map is not None:
            self._map.close()
        self.path.unlink()


class _Codes:
    """Credit codes as a sequence."""

    def __init__(self, codes: pa.Array) -> None:
        self.codes = codes

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, place: int) -> str:
        return str(self.codes[place].as_py())
