"""Checked tables decided a range of enterprises at a time: in columns, where those that cannot be are decided exactly; or all exactly."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from conggao.engine.batch.rows import RowMaker, outcome_schema, total_schema
from conggao.engine.decide import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults
from conggao.facts.tables.cases import cases_of
from conggao.facts.tables.keeping import read_part
from conggao.facts.tables.rejected import Rejected
from conggao.facts.tables.schema import NAMES
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

    from conggao.engine.evaluate.columnar.evaluator import Columnar, Worker
    from conggao.engine.evaluate.columnar.tabling import Tabled

PART = 200_000
"""Enterprises of a part at the most: their tables and results take some 300 MB."""
PARTS = 8
"""Into so many parts fewer are divided, so that what is begun and what is written last does not leave a processor idle for long."""
SMALL = 50_000
"""Of fewer enterprises a part is not worth its statements."""
WORTH = 8_000
"""Up to so many enterprises are decided sooner than statements for them are compiled."""
LARGE = 500_000
"""Enterprises of a part on Spark, where beginning costs more."""
LEAST = 250_000_000
"""Bytes below which the database could not decide a part; from some 100 MB on it can."""
CHUNK = 1_000
"""Enterprises that are decided exactly at a time."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be decided, and how: the checked tables in `folder`; `by` DuckDB or Spark, each database in so much `memory`, beyond which
    it writes beside them; `exactly`: not in columns."""

    folder: Path
    vocabulary: Vocabulary
    day: date | None
    everything: bool
    why: bool
    exactly: bool
    by: str = "duckdb"
    memory: str | None = None
    received: float = 0
    """How many rows of money received a part has, about."""


@dataclass(frozen=True, slots=True)
class Part:
    """The enterprises from `start` up to `end`, decided: what `columns` say of them, and of those that were `handed` over, or of all, the
    exact evaluator: outcomes and totals."""

    start: int
    end: int
    columns: Tabled | None
    exact: tuple[pa.Table, pa.Table] | None
    handed: int
    rejected: list[Rejected]

    def outcomes(self) -> Iterator[pa.Table]:
        """One table after the other."""
        if self.columns is not None:
            yield from self.columns.pieces()
        if self.exact is not None:
            yield self.exact[0]

    def totals(self) -> Iterator[pa.Table]:
        """One table after the other."""
        if self.columns is not None:
            yield self.columns.totals
        if self.exact is not None:
            yield self.exact[1]


class Decider:
    """Decides the ranges of a task, in one thread."""

    def __init__(self, engine: Engine, task: Task) -> None:
        self._engine, self._task = engine, task
        self._columnar = None if task.exactly else compiled(engine, task.day)
        self._worker: Worker | None = None

    def columnar(self) -> bool:
        """Whether in columns."""
        return self._columnar is not None

    def prepare(self) -> None:
        """Says the statements, which then need not be said in each process."""
        if self._columnar is not None:
            self._columnar.prepare(self._task.by, self._task.received)

    def decide(self, start: int, end: int) -> Part:
        """The enterprises of a range."""
        tables = read_part(self._task.folder, start, end)
        if self._columnar is None:
            outcomes, totals, rejected = self._exactly(tables)
            return Part(start, end, None, (outcomes, totals), 0, rejected)
        if self._worker is None:
            # Of each process its own, and there: a database makes no folder within one that is not there.
            spill = self._task.folder.parent / "spill" / str(os.getpid())
            spill.mkdir(parents=True, exist_ok=True)
            self._worker = self._columnar.worker(1, self._task.memory, self._task.by, spill)
        found = self._worker.decide(tables, start, self._task.everything)
        if not len(found.handed):
            return Part(start, end, found.tabled, None, 0, [])
        from conggao.engine.evaluate.columnar.encoding import encode

        outcomes, totals, rejected = self._exactly(_only(tables, found.handed))
        return Part(start, end, found.tabled, (encode(outcomes), encode(totals)), len(found.handed), rejected)

    def _exactly(self, tables: Mapping[str, pa.Table]) -> tuple[pa.Table, pa.Table, list[Rejected]]:
        maker = RowMaker(self._task.everything, self._task.why)
        rejected: list[Rejected] = []
        numbers = tables["enterprises"]["case_no"].to_pylist()
        for number, (code, case) in zip(numbers, cases_of(tables, self._task.vocabulary), strict=True):
            try:
                maker.add(number, code, self._engine.sit(case, self._task.day, "exact"))
            except InputFaults as faults:
                rejected += [_rejected(code, item) for item in faults.diagnostics]
        return (*maker.take(), rejected)

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()


def made_ready(engine: Engine, task: Task) -> Decider:
    """A decider of which nothing is left to be made when it is asked."""
    decider = Decider(engine, task)
    decider.prepare()
    return decider


_COMPILED: WeakKeyDictionary[Engine, dict[date | None, Columnar | None]] = WeakKeyDictionary()


def compiled(engine: Engine, day: date | None) -> Columnar | None:
    """The rules of `engine` over columns, for one day or for any; None where they cannot be said so, or what that needs is not installed.
    Kept with the engine."""
    kept = _COMPILED.setdefault(engine, {})
    if day not in kept:
        kept[day] = _compile(engine, day)
    return kept[day]


def _compile(engine: Engine, day: date | None) -> Columnar | None:
    try:
        from conggao.engine.evaluate.columnar.evaluator import Columnar
        from conggao.engine.evaluate.columnar.integers import Inexpressible
    except ModuleNotFoundError as missing:
        if missing.name not in ("ibis", "duckdb", "sqlglot"):
            raise
        return None
    try:
        return Columnar(engine, outcome_schema(False), total_schema(), day)
    except Inexpressible:
        return None


def size_of(count: int, columnar: bool, by: str) -> int:
    """How many of `count` enterprises are decided together, whoever decides them."""
    if not columnar:
        return CHUNK
    return min(PART, max(SMALL, -(-count // PARTS))) if by == "duckdb" else LARGE


def share(memory: str | None, workers: int) -> str | None:
    """What the database of one of `workers` may hold of an amount of memory, such as `500MB` of `1GB`; a part needs `LEAST` in any case."""
    found = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([kmgt]i?b|%)\s*", memory or "", re.IGNORECASE)
    if found is None:
        return memory
    number, unit = Decimal(found[1]) / workers, found[2].lower()
    if unit == "%":
        return f"{number:.3f}%"
    each = (1024 if "i" in unit else 1000) ** ("kmgt".index(unit[0]) + 1)
    return f"{max(int(number * each), LEAST) // 1_000_000}MB"


def _only(tables: Mapping[str, pa.Table], cases: Any) -> dict[str, Any]:
    """The rows of some enterprises."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(cases)
    return {name: table.filter(pc.is_in(table["case_no"], wanted)) for name, table in tables.items()}


def _rejected(code: str, item: Diagnostic) -> Rejected:
    path = item.path or ""
    table = path.partition(".")[0].partition(" ")[0]
    return Rejected(
        "", table if table in NAMES else "enterprises", None, code, path, "", item.code.rpartition("/")[2], item.message
    )
