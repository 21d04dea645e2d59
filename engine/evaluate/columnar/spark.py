"""Spark runs the statements of a plan: the same expressions, in its own words. For `local[*]` or a cluster that the user has set up.

What differs between engines is met where it is written: no statement divides but by `divide`, which is made here of Spark's own whole
division; nothing rounds; every product is cast, and none passes 38 digits; nulls are never sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.merging import merged
from conggao.engine.evaluate.columnar.plan import Plan
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

if TYPE_CHECKING:
    import pyarrow as pa


def connect(master: str | None = None) -> Any:
    """The Spark session of the program, or a new one: on `master`, else where the environment says, else on this machine.

    Raises InputFaults where pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        message = Text("用 Spark 判定需要 pyspark", "to decide on Spark needs pyspark")
        hint = Text(
            "安装：pip install 'conggao[spark]'，并有 Java 17",
            "install: pip install 'conggao[spark]', and have Java 17",
        )
        raise InputFaults([Diagnostic("batch/extra", message, path="--engine", help=hint)]) from None
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    builder = SparkSession.builder.appName("conggao").config("spark.ui.showConsoleProgress", "false")
    if master is not None:
        builder = builder.master(master)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


class SparkRun:
    """One plan on a Spark session; used as `session.Session` is. Every result passes through the program that asks for it."""

    def __init__(self, plan: Plan, session: Any | None = None) -> None:
        self.plan = plan
        self._steps, self._results = plan.sql("pyspark")
        self._spark = connect() if session is None else session
        # A day is a day, wherever the session thinks it is.
        self._spark.conf.set("spark.sql.session.timeZone", "UTC")
        self._spark.sql(
            "CREATE OR REPLACE TEMPORARY FUNCTION divide(above BIGINT, below BIGINT) RETURNS BIGINT RETURN above DIV below"
        )

    def run(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """What becomes of every measure, by kind of subject, in order."""
        for name in self.plan.needs:
            self._spark.createDataFrame(tables[name]).createOrReplaceTempView(name)
        for name, sql, stored in self._steps:
            frame = self._spark.sql(sql)
            if stored:
                # Not merely cached: what reads a cached table is planned with all that it was made of, and each step doubles that.
                frame = frame.localCheckpoint()
            frame.createOrReplaceTempView(name)
        return {
            kind: merged(self.plan, kind, self._spark.sql(sql).toArrow(), self._few(kind))
            for kind, sql in self._results.items()
        }

    def _few(self, kind: str) -> dict[str, pa.Table]:
        return {name: self._spark.table(name).toArrow() for name in self.plan.few(kind)}

    def close(self) -> None:
        """The session is the program's, and stays."""
