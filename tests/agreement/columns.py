"""Cases decided in columns and exactly, and the rows of both held against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from conggao.engine import Engine
from conggao.engine.batch.rows import RowMaker, outcome_schema, total_schema
from conggao.engine.evaluate.columnar.encoding import plain
from conggao.engine.evaluate.columnar.evaluator import Columnar, Found, Worker
from conggao.facts.loading import read_case
from conggao.facts.tables.cases import cases_of, tables_of


def worker_of(engine: Engine, by: str = "duckdb", day: date | None = None) -> Worker:
    return Columnar(engine, outcome_schema(False), total_schema(), day).worker(by=by)


def numbered(stated: Sequence[dict[str, Any]], engine: Engine) -> dict[str, Any]:
    """Cases as tables, each with its number."""
    cases = ((f"#{at}", read_case(case, engine.vocabulary)) for at, case in enumerate(stated))
    return {
        name: table.append_column(
            "case_no", pa.array([int(code[1:]) for code in table["credit_code"].to_pylist()], pa.int64())
        )
        for name, table in tables_of(cases, engine.vocabulary).items()
    }


def by_exact(
    engine: Engine, given: dict[str, Any], skipped: set[int], everything: bool, day: date | None = None
) -> tuple[Any, Any]:
    """The rows of the exact evaluator."""
    maker = RowMaker(everything, False)
    for number, (code, case) in enumerate(cases_of(given, engine.vocabulary)):
        if number not in skipped:
            maker.add(number, code, engine.sit(case, day, "exact"))
    return maker.take()


def agree(found: Found, outcomes: Any, totals: Any, tell: Any) -> None:
    """Raises AssertionError at the first row of what was decided in columns that is not that of the exact evaluator."""
    same(plain(found.tabled.outcomes, outcome_schema(False)), outcomes, ("case_no", "measure", "subject"), tell)
    same(plain(found.tabled.totals, total_schema()), totals, ("case_no", "recipient"), tell)


def same(left: Any, right: Any, names: tuple[str, ...], tell: Any) -> None:
    """Raises AssertionError at the first row that differs, with what `tell` says of its case."""
    if left.equals(right):
        return
    first, second = _by_key(left, *names), _by_key(right, *names)
    for key in (*first, *second):
        assert first.get(key) == second.get(key), f"{key}\n{tell(key[0])}"
    raise AssertionError("the same rows in another order")


def _by_key(table: Any, *names: str) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        found[tuple(row[name] for name in names)].append(row)
    return found


def hold(engine: Engine, worker: Worker, stated: Sequence[dict[str, Any]], everything: bool = True) -> set[int]:
    """Decides `stated` both ways and holds the rows against each other; the cases that were handed over."""
    given = numbered(stated, engine)
    found = worker.decide(given, 0, everything)
    handed = set(found.handed.tolist())
    outcomes, totals = by_exact(engine, given, handed, everything)
    agree(found, outcomes, totals, lambda number: str(stated[number]))
    return handed
