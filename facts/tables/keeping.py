"""Checked tables as they are kept: Arrow files whose batches end at every STRIDE-th enterprise, so that a range of them is read alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from conggao.facts.tables.schema import CASE, CODE, NAMES

if TYPE_CHECKING:
    import pyarrow as pa

STRIDE = 10_000
"""Enterprises whose rows are read at least when a range is."""


class Keeper:
    """Writes a checked table, stretch by stretch in another thread; a file of so many enterprises (`parcel`), None of all."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema, pool: Executor, parcel: int | None = None) -> None:
        import pyarrow as pa

        # Whose a row of another table is its number says.
        fields = [field for field in schema if name == "enterprises" or field.name != CODE]
        self.schema = pa.schema([pa.field(CASE, pa.int64()), *fields])
        self.rows = 0
        self._folder, self._name, self._pool, self._parcel = folder, name, pool, parcel
        self._begins = 0
        self._bounds: list[tuple[int, int]] = []
        self._file = self._begin()
        self._last: Future[None] | None = None

    def _begin(self) -> Any:
        from pyarrow import ipc

        # Uncompressed they are three times as large: sooner written and read, until the system has to put so much on the disk meanwhile.
        options = ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        return ipc.new_file(str(_path(self._folder, self._name, self._begins)), self.schema, options=options)

    def _end(self) -> None:
        import numpy as np

        self._file.close()
        np.save(_bounds(self._folder, self._name, self._begins), np.array(self._bounds, dtype=np.int64).reshape(-1, 2))

    def add(self, rows: pa.Table, numbers: Any, order: Any = None) -> None:
        """Rows, and the number of the enterprise of each; `order`, where they are to be put in it first."""
        if self._last is not None:
            self._last.result()
        self.rows += len(numbers)
        self._last = self._pool.submit(self._write, rows, numbers, order) if len(numbers) else None

    def finish(self, upto: int) -> Future[None]:
        """Ends the files of the enterprises below `upto`, a multiple of a parcel, of which all rows have been given."""
        before = self._last
        self._last = self._pool.submit(self._finish, upto, before)
        return self._last

    def _finish(self, upto: int, before: Future[None] | None) -> None:
        if before is not None:
            before.result()
        self._upto(upto)

    def _upto(self, upto: int) -> None:
        while self._parcel is not None and self._begins + self._parcel <= upto:
            self._end()
            self._begins += self._parcel
            self._bounds = []
            self._file = self._begin()

    def _write(self, rows: pa.Table, numbers: Any, order: Any) -> None:
        import pyarrow as pa

        if order is not None:
            rows, numbers = rows.combine_chunks().take(pa.array(order)), numbers[order]
        rows = rows.select(self.schema.names[1:])
        done = 0
        # As they come: putting them together first would copy them all.
        for batch in rows.to_batches():
            if batch.num_rows:
                self._write_batch(batch, numbers[done : done + batch.num_rows])
                done += batch.num_rows

    def _write_batch(self, batch: pa.RecordBatch, numbers: Any) -> None:
        import numpy as np
        import pyarrow as pa

        batch = pa.RecordBatch.from_arrays([pa.array(numbers), *batch.columns], schema=self.schema)
        ends = np.arange(numbers[0] // STRIDE + 1, numbers[-1] // STRIDE + 1) * STRIDE
        if self._parcel is not None:
            ends = np.union1d(
                ends, np.arange(numbers[0] // self._parcel + 1, numbers[-1] // self._parcel + 1) * self._parcel
            )
        begin = 0
        for end in [*np.searchsorted(numbers, ends).tolist(), len(numbers)]:
            if end > begin:
                self._upto(int(numbers[begin]))
                self._bounds.append((int(numbers[begin]), int(numbers[end - 1])))
                self._file.write_batch(batch.slice(begin, end - begin))
            begin = end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            if self._last is not None:
                self._last.result()
        finally:
            self._end()


def _path(folder: Path, name: str, begins: int) -> Path:
    """The file of the rows of a table from an enterprise on."""
    return folder / f"{name}-{begins:012}.arrow"


def _bounds(folder: Path, name: str, begins: int) -> Path:
    """The first number and the last of each batch of that file."""
    return folder / f"{name}-{begins:012}.npy"


def _begins(folder: Path, name: str) -> list[int]:
    """The enterprises with which the files of a table begin."""
    return sorted(int(path.stem.rpartition("-")[2]) for path in folder.glob(f"{name}-*.npy"))


def read_part(folder: Path, start: int, end: int) -> dict[str, pa.Table]:
    """The checked tables of the enterprises from `start` up to `end`, each sorted by `case_no`."""
    return {name: _read(folder, name, start, end).combine_chunks() for name in NAMES}


def _read(folder: Path, name: str, start: int, end: int) -> pa.Table:
    import pyarrow as pa

    begins = _begins(folder, name)
    first = max(bisect_right(begins, start) - 1, 0)
    parcels = begins[first : max(bisect_left(begins, end), first + 1)]
    return pa.concat_tables(_within_file(folder, name, parcel, start, end) for parcel in parcels)


def _within_file(folder: Path, name: str, begins: int, start: int, end: int) -> pa.Table:
    import numpy as np
    import pyarrow as pa
    from pyarrow import ipc

    lows, highs = np.load(_bounds(folder, name, begins)).T
    # Of the rows of one enterprise some may stand in the next batch.
    first = int(np.searchsorted(highs, start, side="left"))
    last = int(np.searchsorted(lows, end, side="left"))
    with pa.OSFile(str(_path(folder, name, begins))) as source:
        file = ipc.open_file(source, options=ipc.IpcReadOptions(use_threads=False))
        batches = [_within(file.get_batch(place), start, end) for place in range(first, last)]
        return pa.Table.from_batches(batches, file.schema)


def _within(batch: pa.RecordBatch, start: int, end: int) -> pa.RecordBatch:
    import numpy as np

    begin, stop = np.searchsorted(batch.column(0).to_numpy(), [start, end]).tolist()
    return batch.slice(begin, stop - begin)


def dataset(folder: Path, name: str) -> Any:
    """A table as an Arrow dataset, which is read by columns and batches."""
    from pyarrow import dataset as datasets

    return datasets.dataset([_path(folder, name, begins) for begins in _begins(folder, name)], format="ipc")
