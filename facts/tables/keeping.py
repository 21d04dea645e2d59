"""Checked tables as they are kept: Arrow files whose batches end at every STRIDE-th enterprise, so that a range of them is read alone."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from conggao.facts.tables.schema import NAMES

if TYPE_CHECKING:
    import pyarrow as pa

CASE = "case_no"
STRIDE = 10_000
"""Enterprises whose rows are read at least when a range is."""


def path_of(folder: Path, name: str) -> Path:
    """The file of a table in a folder of checked tables."""
    return folder / f"{name}.arrow"


def _starts(folder: Path, name: str) -> Path:
    """The number with which each batch of a table begins."""
    return folder / f"{name}.npy"


class Keeper:
    """Writes a checked table; each stretch in another thread, in their order."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema, pool: Executor) -> None:
        import pyarrow as pa
        from pyarrow import ipc

        self.schema = pa.schema([pa.field(CASE, pa.int64()), *schema])
        self.rows = 0
        self._folder, self._name, self._pool = folder, name, pool
        self._starts: list[int] = []
        options = ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        self._file = ipc.new_file(str(path_of(folder, name)), self.schema, options=options)
        self._last: Future[None] | None = None

    def add(self, rows: pa.Table, numbers: Any, order: Any = None) -> None:
        """Rows, and the number of the enterprise of each; `order`, where they are to be put in it first."""
        if self._last is not None:
            self._last.result()
        self.rows += len(numbers)
        self._last = self._pool.submit(self._write, rows, numbers, order) if len(numbers) else None

    def _write(self, rows: pa.Table, numbers: Any, order: Any) -> None:
        import numpy as np
        import pyarrow as pa

        if order is not None:
            rows, numbers = rows.combine_chunks().take(pa.array(order)), numbers[order]
        rows = rows.select(self.schema.names[1:]).add_column(0, CASE, pa.array(numbers))
        (batch,) = rows.combine_chunks().to_batches()
        ends = np.arange(numbers[0] // STRIDE + 1, numbers[-1] // STRIDE + 1) * STRIDE
        begin = 0
        for end in [*np.searchsorted(numbers, ends).tolist(), len(numbers)]:
            if end > begin:
                self._starts.append(int(numbers[begin]))
                self._file.write_batch(batch.slice(begin, end - begin))
            begin = end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        import numpy as np

        try:
            if self._last is not None:
                self._last.result()
        finally:
            self._file.close()
        np.save(_starts(self._folder, self._name), np.array(self._starts, dtype=np.int64))


def read_part(folder: Path, start: int, end: int) -> dict[str, pa.Table]:
    """The checked tables of the enterprises from `start` up to `end`, each sorted by `case_no`."""
    return {name: _read(folder, name, start, end).combine_chunks() for name in NAMES}


def _read(folder: Path, name: str, start: int, end: int) -> pa.Table:
    import numpy as np
    import pyarrow as pa
    from pyarrow import ipc

    starts = np.load(_starts(folder, name))
    first = max(int(np.searchsorted(starts, start, side="right")) - 1, 0)
    last = int(np.searchsorted(starts, end, side="left"))
    with pa.OSFile(str(path_of(folder, name))) as source:
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

    return datasets.dataset(path_of(folder, name), format="ipc")
