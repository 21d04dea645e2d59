"""Checked tables decided in columns, a part of the province at a time; those who cannot be are decided by the exact evaluator beside it.

A part is read, counted, decided and laid out in one thread while the next is in another; enterprises that are handed over go, as Arrow
tables, to processes that decide them exactly; their rows follow those of their part.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from threading import local
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from conggao.engine.batch.rows import outcome_schema, total_schema
from conggao.engine.decide import Engine
from conggao.facts.tables.checking import Checked, batches
from conggao.facts.tables.keeping import read_part

if TYPE_CHECKING:
    import pyarrow as pa

    from conggao.engine.evaluate.columnar.evaluator import Columnar, Found, Worker

PART = 200_000
"""Enterprises of a part at the most: their tables and results take some 300 MB."""
PARTS = 8
"""Into so many parts fewer are divided, so that what is begun and what is written last does not leave a processor idle for long."""
SMALL = 50_000
"""Of fewer enterprises a part is not worth its statements."""
LARGE = 500_000
"""Enterprises of a part on Spark, where beginning costs more."""
LEAST = 250_000_000
"""Bytes below which the database could not decide a part; from some 100 MB on it can."""
WORTH = 20_000
"""Up to so many enterprises are decided sooner than statements for them are compiled."""

LITTLE = 4_000
"""Up to so many of a part are decided exactly sooner than a process that does it has begun."""
FEW = 4
"""More threads than these would wait for each other, as all that Python does is done by one of them at a time."""
AHEAD = 4
"""Results that are ready, or asked of the exact evaluator, and not yet given out: two of a part."""

Decide = Callable[[Mapping[str, Any], int], tuple[Any, Any, list[Any]]]
"""Decides the enterprises of tables exactly, which were of the part that begins there: outcomes, totals, refusals."""
Part = tuple[tuple[int, int], tuple[Any, Any, list[Any]], int]
"""How many enterprises, as a range; outcomes as one table after the other, totals and refusals; how many of them were handed over."""


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


def parts(
    checked: Checked,
    columnar: Columnar,
    everything: bool,
    workers: int,
    exactly: Decide,
    pool: ProcessPoolExecutor,
    here: Decide,
    by: str = "duckdb",
    memory: str | None = None,
) -> Iterator[Part]:
    """Every part in order, encoded, what of it was handed over after the rest. `exactly` decides that in `pool`; where it is little, `here`
    does in this process.

    `memory` bounds what the databases of all `workers` hold together.
    """
    import numpy as np

    mine = local()
    open_workers: list[Worker] = []

    def decide(start: int, end: int) -> tuple[Found, dict[str, Any] | None, Any]:
        if not hasattr(mine, "worker"):
            mine.worker = columnar.worker(1, share(memory, workers), by, checked.folder.parent / "spill")
            open_workers.append(mine.worker)
        tables = read_part(checked.folder, start, end)
        found = mine.worker.decide(tables, start, everything)
        if not len(found.handed):
            return found, None, None
        handed = only(tables, found.handed)
        little = workers <= FEW and len(found.handed) <= LITTLE
        return found, handed, here(handed, start) if little else None

    def asked(handed: dict[str, Any], cases: Any, first: int) -> list[Future[Any]]:
        # Several processes share them: what follows is written after them.
        each = np.array_split(cases, min(workers, len(cases)))
        return [pool.submit(exactly, only(handed, some), first) for some in each]

    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(workers))
        stack.callback(lambda: threads.shutdown(wait=True, cancel_futures=True))
        running: deque[tuple[tuple[int, int], Future[Any]]] = deque()
        waiting: deque[tuple[tuple[int, int], list[Future[Any]], int]] = deque()
        ranges = deque(batches(checked, part_of(checked.count) if by == "duckdb" else LARGE))
        while ranges or running or waiting:
            while ranges and len(running) <= workers:
                chunk = ranges.popleft()
                running.append((chunk, threads.submit(decide, *chunk)))
            missing = [future for future in waiting[0][1] if not future.done()] if waiting else []
            if running and len(waiting) < AHEAD:
                # What is ready is given out, so that little is left to write when the last part is decided.
                if missing or not waiting:
                    wait([running[0][1], *missing], return_when=FIRST_COMPLETED)
                if running[0][1].done():
                    (start, end), future = running.popleft()
                    found, handed, exact = future.result()
                    between = end - len(found.handed)
                    waiting.append(((start, between), [_done((found.tabled.pieces(), found.tabled.totals, []))], 0))
                    if handed is not None:
                        told = asked(handed, found.handed, start) if exact is None else [_done(exact)]
                        waiting.append(((between, end), told, end - between))
                    continue
                if missing:
                    continue
            chunk, futures, many = waiting.popleft()
            results = [future.result() for future in futures]
            yield chunk, _joined(results) if many else results[0], many
        for worker in open_workers:
            worker.close()


def part_of(count: int) -> int:
    """How many of `count` enterprises are decided together, whoever decides them."""
    return min(PART, max(SMALL, -(-count // PARTS)))


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


def _joined(results: Sequence[tuple[Any, Any, list[Any]]]) -> tuple[Any, Any, list[Any]]:
    """What the exact evaluator said of those handed over, encoded."""
    import pyarrow as pa

    from conggao.engine.evaluate.columnar.encoding import encode

    outcomes, totals, refusals = zip(*results, strict=True)
    return (
        [encode(pa.concat_tables(outcomes))],
        encode(pa.concat_tables(totals)),
        [bad for some in refusals for bad in some],
    )


def _done(result: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(result)
    return future


def only(tables: Mapping[str, pa.Table], cases: Any) -> dict[str, Any]:
    """The rows of some enterprises."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(cases)
    return {name: table.filter(pc.is_in(table["case_no"], wanted)) for name, table in tables.items()}
