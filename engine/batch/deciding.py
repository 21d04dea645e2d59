"""Checked tables in, outcomes and totals out: decided in as many processes as there are processors, and written by this one.

`decide_tables` is the one way in.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from conggao.engine.batch import columns
from conggao.engine.batch.columns import Decider, Part, Task
from conggao.engine.batch.crew import Crew, Gone, crew, possible
from conggao.engine.batch.rows import outcome_schema, total_schema
from conggao.engine.batch.writing import TEXTS, shown, writer
from conggao.engine.decide import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.tables.checking import Checked, batches
from conggao.facts.tables.rejected import Rejected

FEW = 3_000
"""Up to so many are decided exactly where the program runs: a process costs more to begin."""
AHEAD = 2
"""Parts for each process that are asked for before they can be written."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The files of a run: `outcomes` and `totals`, in the order of the enterprises; how many were decided, and who could not be."""

    outcomes: Path
    totals: Path
    count: int
    rejected: tuple[Rejected, ...]
    evaluator: str
    by_exact: int = 0
    """Of the enterprises decided in columns those that were handed to the exact evaluator."""


def decide_tables(
    checked: Checked,
    engine: Engine,
    into: Path,
    day: date | None = None,
    everything: bool = False,
    why: bool = False,
    workers: int | None = None,
    metadata: Mapping[str, str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    by: str = "duckdb",
    memory: str | None = None,
) -> Decided:
    """Decides every enterprise of `checked` under `engine`, and writes `outcomes.parquet` and `totals.parquet` into the folder `into`.

    `day` wins over the days that the enterprises state. An enterprise whose statement contradicts the law (an amount decided beyond what
    may be decided, a measure that is not there) is not decided and comes back in `rejected`. Rows come in the order of the
    enterprises; of those decided in columns (`by` DuckDB, or Spark) part by part, those handed to the exact evaluator last. The files
    do not depend on `workers`. `memory` bounds what the databases hold, such as `2GB`.
    """
    said = dict(metadata or {})
    exactly = why or (by == "duckdb" and checked.count <= columns.WORTH)
    many = workers or os.cpu_count() or 1
    share = columns.share(memory, many)
    received = checked.rows["received"] * columns.size_of(checked.count, True, by) / max(checked.count, 1)
    task = Task(checked.folder, checked.vocabulary, day, everything, why, exactly, by, share, received)
    outcomes, totals = into / "outcomes.parquet", into / "totals.parquet"
    rejected: list[Rejected] = []
    done = by_exact = 0
    with (
        _parts(checked, engine, task, many) as (columnar, parts),
        writer(outcomes, outcome_schema(why), said, ["credit_code", *TEXTS], columnar) as first,
        # A code stands in one row of totals, or a few: it is shorter by itself than by its place in a list.
        writer(totals, total_schema(), said, ["recipient"], columnar) as second,
    ):
        for part in parts:
            for table in part.outcomes():
                first.write_table(shown(table).replace_schema_metadata(said))
            for table in part.totals():
                second.write_table(shown(table).replace_schema_metadata(said))
            rejected += part.rejected
            by_exact += part.handed
            done += part.end - part.start
            progress(done)
    decided = checked.count - len({item.credit_code for item in rejected})
    return Decided(outcomes, totals, decided, tuple(rejected), "columnar" if columnar else "exact", by_exact)


@contextmanager
def _parts(checked: Checked, engine: Engine, task: Task, many: int) -> Iterator[tuple[bool, Iterator[Part]]]:
    """Whether the enterprises are decided in columns, and every part in order: by `many` processes where there is enough for them."""

    def ranges(columnar: bool) -> Iterator[tuple[int, int]]:
        return batches(checked, columns.size_of(checked.count, columnar, task.by))

    if task.by != "duckdb" or checked.count <= (FEW if task.exactly else columns.SMALL) or not possible():
        with closing(Decider(engine, task)) as decider:
            columnar = decider.columnar()
            yield columnar, (decider.decide(*found) for found in ranges(columnar))
        return
    try:
        with crew(partial(columns.made_ready, engine, task), many) as beside:
            columnar = beside.ask("columnar")
            with closing(_asked(beside, ranges(columnar), many)) as parts:
                yield columnar, parts
    except Gone:
        message = Text(
            "一个参与判定的进程中途结束，多半是内存不足",
            "a process that decides ended before it was done, most likely for want of memory",
        )
        hint = Text("减少 --workers，或用 --memory 限制内存", "use fewer --workers, or bound the memory with --memory")
        raise InputFaults([Diagnostic("batch/process", message, help=hint)]) from None


def _asked(beside: Crew, ranges: Iterator[tuple[int, int]], many: int) -> Generator[Part, None, None]:
    """Every range in order; what is decided before it can be written waits."""
    with ThreadPoolExecutor(many) as threads:
        running: deque[Future[Part]] = deque()
        try:
            for start, end in ranges:
                running.append(threads.submit(beside.ask, "decide", start, end))
                if len(running) > AHEAD * many:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def engine_fault(name: str) -> InputFaults:
    """What is said of an engine that is not there."""
    message = Text(f"没有求值方式 `{name}`", f"there is no engine `{name}`")
    hint = Text("可用：duckdb、spark", "available: duckdb, spark")
    return InputFaults([Diagnostic("batch/engine", message, path="--engine", help=hint)])
