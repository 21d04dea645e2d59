"""DuckDB in this process runs the statements of a plan over counted tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.plan import Plan

if TYPE_CHECKING:
    import pyarrow as pa


class Session:
    """One connection and the statements of one plan. Not to be used by two threads at once."""

    def __init__(self, plan: Plan, threads: int = 1, memory: str | None = None) -> None:
        import duckdb

        config: dict[str, Any] = {"threads": threads}
        if memory is not None:
            config["memory_limit"] = memory
        self.plan = plan
        self._steps, self._results = plan.sql("duckdb")
        self._connection = duckdb.connect(config=config)

    def run(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """What becomes of every measure, by kind of subject, ordered by enterprise and subject."""
        for name in self.plan.needs:
            self._connection.register(name, tables[name])
        try:
            for name, sql, kept in self._steps:
                self._connection.execute(f"CREATE OR REPLACE TEMP {'TABLE' if kept else 'VIEW'} {name} AS {sql}")
            return {
                kind: self._result(kind, sql)
                for kind, sql in self._results.items()
                if kind == "enterprise" or tables[_TABLES[kind]].num_rows
            }
        finally:
            for name in self.plan.needs:
                self._connection.unregister(name)

    def _result(self, kind: str, sql: str) -> pa.Table:
        if kind in ("project", "service"):
            return self._connection.sql(f"SELECT * FROM ({sql}) ORDER BY case_no, _rank").to_arrow_table()
        # Enterprises, and their parks, mostly come as they went in: looking costs less than sorting.
        import numpy as np
        import pyarrow as pa

        found = self._connection.sql(sql).to_arrow_table()
        cases = found["case_no"].to_numpy()
        return found if bool((cases[1:] > cases[:-1]).all()) else found.take(pa.array(np.argsort(cases)))

    def close(self) -> None:
        self._connection.close()


_TABLES = {"project": "projects", "service": "services", "park": "parks"}
