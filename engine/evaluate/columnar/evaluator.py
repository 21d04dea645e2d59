"""Tables of enterprises in, outcomes and totals out, with those enterprises named that the exact evaluator must decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from conggao.engine.decide import Engine
from conggao.engine.edition import Edition
from conggao.engine.evaluate.columnar.assembly import Assembly
from conggao.engine.evaluate.columnar.counting import counted
from conggao.engine.evaluate.columnar.integers import Inexpressible
from conggao.engine.evaluate.columnar.plan import Plan, plan_of
from conggao.engine.evaluate.columnar.receiving import NEEDS, TABLE, with_providers
from conggao.engine.evaluate.columnar.session import Session
from conggao.engine.evaluate.columnar.tabling import Tabled, Tables, together
from conggao.engine.evaluate.columnar.touching import Touching
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa

    from conggao.engine.evaluate.columnar.spark import SparkRun


WORTH = 1_000
"""Of fewer enterprises that received money statements of their own are not worth it."""


@dataclass(frozen=True)
class Found:
    """`tabled`: what was decided in columns; `handed`: the `case_no` of the enterprises that were not, ascending."""

    tabled: Tabled
    handed: Any


class Compiled:
    """One edition of the law as statements, for one day or for any, ready for any number of sessions. Raises Inexpressible where made."""

    def __init__(
        self,
        edition: Edition,
        outcome_schema: pa.Schema,
        total_schema: pa.Schema,
        day: date | None = None,
        receipts: bool = False,
    ) -> None:
        self.plan: Plan = plan_of(edition.program, day, receipts)
        self.tables = Tables(Assembly(self.plan), outcome_schema, total_schema)
        self.touching = Touching(self.tables.assembly)
        self._again = (edition, outcome_schema, total_schema, day)
        self._lock, self._receiving = Lock(), list[Compiled | None]()

    @property
    def receiving(self) -> Compiled | None:
        """The same for enterprises that received money that counts; None where that cannot be said over columns. Made when first asked
        for."""
        with self._lock:
            if not self._receiving:
                try:
                    self._receiving.append(Compiled(*self._again, receipts=True))
                except Inexpressible:
                    self._receiving.append(None)
            return self._receiving[0]


class Columnar:
    """Decides tables under the rules of an engine: on the day `day`, or each enterprise on its own. Of a day that is known beforehand only
    what is in force on it is compiled. Raises Inexpressible where a rule cannot be said over columns.

    May be used by several threads, each with a `Worker` of its own.
    """

    def __init__(
        self, engine: Engine, outcome_schema: pa.Schema, total_schema: pa.Schema, day: date | None = None
    ) -> None:
        self.day = day
        self.begins: list[date] = [] if day is not None else [begins for begins, _ in engine.rulebooks.editions]
        """The day from which each edition but the first applies."""
        days = [date.min if day is None else day, *self.begins]
        self.editions: list[Compiled] = [
            Compiled(engine.edition(from_), outcome_schema, total_schema, day) for from_ in days
        ]

    def prepare(self, dialect: str, received: float) -> None:
        """Says the statements in the words of an engine, also those for enterprises that received money, if of that a part has so many rows
        that they may be needed."""
        for compiled in self.editions:
            for found in (compiled, compiled.receiving if received >= WORTH else None):
                if found is not None:
                    found.plan.sql(dialect)

    def worker(
        self, threads: int = 1, memory: str | None = None, by: str = "duckdb", spill: Path | None = None
    ) -> Worker:
        """Decides by `duckdb`, in so many threads and so much memory, beyond which it writes to `spill`; or by `spark`."""
        return Worker(self, threads, memory, by, spill)


class Worker:
    """Decides tables in one thread."""

    def __init__(
        self, columnar: Columnar, threads: int, memory: str | None, by: str = "duckdb", spill: Path | None = None
    ) -> None:
        self.columnar = columnar
        self._threads, self._memory, self._by, self._spill = threads, memory, by, spill
        self._sessions: dict[Compiled, Session | SparkRun] = {}
        self.worth = WORTH
        """From so many enterprises on of a part, that received money that counts, they too are decided in columns."""

    def decide(self, tables: Mapping[str, pa.Table], first: int, everything: bool = False) -> Found:
        """Decides the enterprises of `tables`, whose `case_no` run from `first` on without a gap, in order.

        Handed over are also those for which there is no day, of whose claims money received may change one, or of which an authority has
        decided.
        """
        import numpy as np

        enterprises = tables["enterprises"]
        many = enterprises.num_rows
        days = _days(enterprises, self.columnar.day)
        undated = np.nonzero(~days.is_valid().to_numpy(zero_copy_only=False))[0] + first
        assessed = tables["assessed"][CASE].to_numpy() if "assessed" in tables else undated
        handed = np.union1d(undated, assessed).astype(np.int64)
        codes = enterprises["credit_code"].combine_chunks()
        which = self._edition_of(days)
        found: list[Tabled] = []
        for edition in np.unique(which).tolist() if many else [0]:
            own = which == edition
            found_here, more = self._run(edition, tables, days, own, handed, first, codes, everything)
            found.append(found_here)
            handed = np.union1d(handed, more)
        return Found(found[0] if len(found) == 1 else together(found), handed)

    def _run(
        self,
        edition: int,
        tables: Mapping[str, pa.Table],
        days: Any,
        own: Any,
        handed: Any,
        first: int,
        codes: Any,
        everything: bool,
    ) -> tuple[Tabled, Any]:
        import numpy as np
        import pyarrow.compute as pc

        compiled = self.columnar.editions[edition]
        results = self._results(compiled, tables, days, None if own.all() else own, first)
        apart = np.union1d(compiled.tables.assembly.handed(results), handed)
        received: Any = None
        if TABLE in tables and tables[TABLE].num_rows:
            tables = {**tables, TABLE: with_providers(tables[TABLE], tables["services"])}
            counting = counted(TABLE, tables, NEEDS, days)
            latest = pc.year(days).fill_null(0).to_numpy() - 1
            touched = compiled.touching.touched(results, counting, latest, first, False)
            left = np.setdiff1d(touched, apart)
            again = compiled.receiving if len(left) >= self.worth else None
            if again is not None:
                mask = np.zeros(len(own), dtype=bool)
                mask[left - first] = True
                received = again, self._results(again, tables, days, mask, first), mask
                apart = np.union1d(apart, again.tables.assembly.handed(received[1]))
                apart = np.union1d(apart, again.touching.touched(received[1], counting, latest, first, True))
            else:
                apart = np.union1d(apart, touched)

        def tabled(apart: Any) -> Tabled:
            keep = own.copy()
            keep[apart - first] = False
            if received is None:
                return compiled.tables.tables(results, codes, first, everything, keep)
            again, more, mask = received
            return together([
                compiled.tables.tables(results, codes, first, everything, keep & ~mask),
                again.tables.tables(more, codes, first, everything, keep & mask),
            ])  # fmt: skip

        found = tabled(apart)
        silent = _without_rows(found, own, first, apart)
        if len(silent):
            apart = np.union1d(apart, silent)
            found = tabled(apart)
        return found, apart

    def _results(
        self, compiled: Compiled, tables: Mapping[str, pa.Table], days: Any, mask: Any, first: int
    ) -> dict[str, pa.Table]:
        """What becomes of the enterprises that `mask` marks, None of all: by kind of subject, in order."""
        import pyarrow as pa

        given = {}
        for name, needs in compiled.plan.needs.items():
            made = counted(name, tables, needs, days)
            given[name] = made if mask is None else made.filter(pa.array(mask[made[CASE].to_numpy() - first]))
        session = self._sessions.get(compiled)
        if session is None:
            session = self._sessions[compiled] = self._session(compiled.plan)
        return session.run(given)

    def _session(self, plan: Plan) -> Session | SparkRun:
        if self._by == "spark":
            from conggao.engine.evaluate.columnar.spark import SparkRun

            return SparkRun(plan)
        return Session(plan, self._threads, self._memory, self._spill)

    def _edition_of(self, days: Any) -> Any:
        import numpy as np
        import pyarrow as pa

        begins = np.array([_ordinal(day) for day in self.columnar.begins], dtype=np.int64)
        stated = days.cast(pa.int32()).fill_null(0).to_numpy().astype(np.int64)
        return np.searchsorted(begins, stated, side="right")

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()


def _without_rows(tabled: Tabled, own: Any, first: int, apart: Any) -> Any:
    """Enterprises of which every outcome is `unmet`: they keep one row, which the exact evaluator makes."""
    import numpy as np

    return np.setdiff1d(np.flatnonzero(own & ~tabled.said) + first, apart)


def _days(enterprises: pa.Table, day: date | None) -> pa.Array:
    import pyarrow as pa

    if day is not None:
        return _constant(day, enterprises.num_rows)
    stated = enterprises["as_of"].combine_chunks() if "as_of" in enterprises.column_names else None
    return pa.nulls(enterprises.num_rows, pa.date32()) if stated is None else stated


def _constant(day: date, many: int) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    return pa.array(np.full(many, _ordinal(day), dtype=np.int32)).cast(pa.date32())


def _ordinal(day: date) -> int:
    """Days since 1970, as Arrow counts them."""
    return day.toordinal() - date(1970, 1, 1).toordinal()
