"""DuckDB in this process runs the statements of a plan over counted tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.merging import merged
from conggao.engine.evaluate.columnar.plan import Plan
from conggao.engine.evaluate.columnar.schema import TABLES

if TYPE_CHECKING:
    import pyarrow as pa


class Session:
    """One connection and the statements of one plan. Not to be used by two threads at once."""

    def __init__(self, plan: Plan, threads: int = 1, memory: str | None = None, spill: Path | None = None) -> None:
        import duckdb

        config: dict[str, Any] = {"threads": threads}
        if memory is not None:
            config["memory_limit"] = memory
        if spill is not None:
            config["temp_directory"] = str(spill)
        self.plan = plan
        self._connection = duckdb.connect(config=config)
        # In an interpreter that runs no file it would draw one where the program writes its answer.
        self._connection.execute("SET enable_progress_bar = false")
        steps, results = plan.sql("duckdb")
        # Parsing costs as much as deciding tens of thousands of enterprises: it is done once, not for every part.
        self._steps = [
            (self._parsed(f"CREATE OR REPLACE TEMP {'TABLE' if kept else 'VIEW'} {name} AS {sql}"), kept)
            for name, sql, kept in steps
        ]
        self._viewed = False
        self._results = {kind: self._parsed(sql) for kind, sql in results.items()}

    def _parsed(self, sql: str) -> Any:
        [statement] = self._connection.extract_statements(sql)
        return statement

    def run(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """What becomes of every measure, by kind of subject, in order."""
        with self._over(tables):
            return {
                kind: merged(self.plan, kind, self._connection.sql(statement).to_arrow_table(_WHOLE), self._few(kind))
                for kind, statement in self._results.items()
                if kind == "enterprise" or tables[TABLES[kind]].num_rows
            }

    def _few(self, kind: str) -> dict[str, pa.Table]:
        return {name: self._connection.table(name).to_arrow_table(_WHOLE) for name in self.plan.few(kind)}

    def stream(self, tables: Mapping[str, pa.Table], rows: int = 120_000) -> Iterator[pa.RecordBatch]:
        """What becomes of the measures for enterprises, of any number of them, so many rows at a time: neither what is found nor what it is
        found from is held. ValueError for a plan that needs more than one pass, as one with measures for other subjects does."""
        if len(self._results) > 1 or any(kept for _, kept in self._steps):
            raise ValueError("this plan cannot be streamed: what it keeps is of all rows")
        with self._over(tables):
            yield from self._connection.sql(self._results["enterprise"]).to_arrow_reader(rows)

    @contextmanager
    def _over(self, tables: Mapping[str, pa.Table]) -> Iterator[None]:
        """What the statements read is `tables` meanwhile."""
        for name in self.plan.needs:
            self._connection.register(name, tables[name])
        try:
            for statement, kept in self._steps:
                # What a view says is the same for every part.
                if kept or not self._viewed:
                    self._connection.execute(statement)
            self._viewed = True
            yield
        finally:
            for name in self.plan.needs:
                self._connection.unregister(name)

    def close(self) -> None:
        self._connection.close()


_WHOLE = 1_000_000
"""Rows of a batch of results: a column in one piece is read where it lies."""
