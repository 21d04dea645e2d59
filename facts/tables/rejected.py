"""Rows that were not taken, each with where it stood and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.tables.schema import NAMES

if TYPE_CHECKING:
    import pyarrow as pa

FIELDS = ("file", "table", "row", "credit_code", "field", "found", "code", "reason_zh", "reason_en")
SHOWN = 50
"""Rejected rows that are told one by one where the run stops for them."""
_FULL = 20_000


class Rejected(NamedTuple):
    """A fault of a row. `row` counts as a spreadsheet does, from 1 with the header; `found` is the cell as it stood."""

    file: str
    table: str
    row: int | None
    credit_code: str | None
    field: str
    found: str
    code: str
    reason: Text


def schema() -> pa.Schema:
    """The columns of `rejected.parquet`."""
    import pyarrow as pa

    return pa.schema([(name, pa.int64() if name == "row" else pa.string()) for name in FIELDS])


class Rejects:
    """Gathers what is rejected into a Parquet file; counts it by reason."""

    def __init__(self, path: Path) -> None:
        from pyarrow import parquet

        self.path = path
        self.counts: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[bool, int], list[Rejected]] = {}
        self._behind: list[Rejected] = []
        self._rows: list[Rejected] = []
        self._file: Any = parquet.ParquetWriter(path, schema(), compression="zstd")

    @property
    def total(self) -> int:
        """Faults noted."""
        return sum(self.counts.values())

    @property
    def first(self) -> list[Rejected]:
        """Those that are told one by one: table by table, however they were come upon, rows of nobody last."""
        own = [item for _, shown in sorted(self._first.items(), key=lambda group: group[0]) for item in shown]
        return (own[:SHOWN] + self._behind)[:SHOWN]

    def behind(self, later: Rejects) -> None:
        """Counts those of another file too, which come behind these."""
        self.counts.update(later.counts)
        self._behind += later.first

    def add(self, item: Rejected) -> None:
        """Notes one fault."""
        self.counts[item.table, item.code] += 1
        shown = self._first.setdefault((item.code == "orphan", list(NAMES).index(item.table)), [])
        if len(shown) < SHOWN:
            shown.append(item)
        self._rows.append(item)
        if len(self._rows) >= _FULL:
            self._flush()

    def close(self) -> None:
        """Writes what is left."""
        if self._file is not None:
            self._flush()
            self._file.close()
            self._file = None

    def join(self, later: Rejects, connection: Any) -> None:
        """The faults of `later` behind these, all in one file by their places. Both are closed; `connection` is a DuckDB."""
        if self.total or later.total:
            joined = self.path.with_name("rejected-all.parquet")
            both = ", ".join(_quoted(path) for path in (self.path, later.path))
            connection.execute(
                f'COPY (SELECT * FROM read_parquet([{both}]) ORDER BY file, "row", field, code) '
                f"TO {_quoted(joined)} (FORMAT parquet, COMPRESSION zstd)"
            )
            joined.replace(self.path)
        later.path.unlink()
        self.behind(later)

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            columns = [
                list(column)
                for column in zip(*((*row[:7], row.reason.zh, row.reason.en) for row in self._rows), strict=True)
            ]
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema(), strict=True)]
            self._file.write_table(pa.Table.from_arrays(arrays, schema=schema()))
            self._rows = []

    def faults(self) -> InputFaults:
        """What is rejected as faults of the input, the first of them one by one."""
        listed = [
            Diagnostic(f"row/{item.code}", item.reason, (Label(Span(item.file, item.row)),), path=_path(item))
            for item in self.first
        ]
        if self.total > len(listed):
            more = self.total - len(listed)
            listed.append(Diagnostic("row/more", Text(f"另有 {more:,} 处", f"and {more:,} more"), severity="note"))
        return InputFaults(listed)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _path(item: Rejected) -> str:
    return ".".join(part for part in (item.table, item.credit_code, item.field) if part)
