"""Checked tables in, outcomes and totals out: by the exact evaluator, in as many processes as there are processors.

`decide_tables` is the one way in; whatever decides columns at a time takes its place behind it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conggao.engine.batch import columns
from conggao.engine.batch.rows import RowMaker, outcome_schema, total_schema
from conggao.engine.batch.writing import TEXTS, shown, writer
from conggao.engine.decide import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.tables.cases import cases_of
from conggao.facts.tables.checking import Checked, batches
from conggao.facts.tables.keeping import read_part
from conggao.facts.tables.rejected import Rejected
from conggao.facts.tables.schema import NAMES
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

    from conggao.engine.evaluate.columnar.evaluator import Columnar

CHUNK = 1_000
"""Enterprises that a process takes at a time."""
FEW = 3_000
"""Up to so many are decided where the program runs: a process costs more to start."""


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


@dataclass(frozen=True, slots=True)
class _Task:
    folder: Path
    day: date | None
    everything: bool
    why: bool
    vocabulary: Vocabulary


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
    task = _Task(checked.folder, day, everything, why, checked.vocabulary)
    outcomes, totals = into / "outcomes.parquet", into / "totals.parquet"
    rejected: list[Rejected] = []
    few = by == "duckdb" and checked.count <= columns.WORTH
    columnar = None if why or few else columns.compiled(engine, day)
    done = by_exact = 0
    with (
        writer(outcomes, outcome_schema(why), said, ["credit_code", *TEXTS], columnar is not None) as first,
        # A code stands in one row of totals, or a few: it is shorter by itself than by its place in a list.
        writer(totals, total_schema(), said, ["recipient"], columnar is not None) as second,
    ):
        for (start, end), (rows, sums, bad), handed in _parts(checked, engine, task, workers, columnar, by, memory):
            for table in rows:
                first.write_table(shown(table).replace_schema_metadata(said))
            second.write_table(shown(sums).replace_schema_metadata(said))
            rejected += bad
            by_exact += handed
            done += end - start
            progress(done)
    decided = checked.count - len({item.credit_code for item in rejected})
    return Decided(outcomes, totals, decided, tuple(rejected), "columnar" if columnar else "exact", by_exact)


_Result = tuple[Any, Any, list[Rejected]]


def _parts(
    checked: Checked,
    engine: Engine,
    task: _Task,
    workers: int | None,
    columnar: Columnar | None,
    by: str,
    memory: str | None,
) -> Iterator[columns.Part]:
    """Every part in order, by columns where that can be, with how many enterprises were handed to the exact evaluator."""
    if columnar is None:
        for chunk, (rows, sums, bad) in _results(checked, engine, task, workers):
            yield chunk, ([rows], sums, bad), 0
        return
    many = workers or os.cpu_count() or 1
    with _pool(engine, task, many) as pool:
        # Spark spreads a part itself.
        threads = many if by == "duckdb" else 1
        here = partial(_decided_here, engine, task)
        yield from columns.parts(checked, columnar, task.everything, threads, _work_given, pool, here, by, memory)


@contextmanager
def _pool(engine: Engine, task: _Task, many: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that decide. Each is a new interpreter: threads of DuckDB and Arrow do not survive a fork.

    They read the pages from a file: of more than a pipe holds this process would wait until each of them has begun.
    """
    import pickle
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="conggao-") as folder:
        pages = Path(folder, "pages")
        pages.write_bytes(pickle.dumps([policy.page for policy in engine.rulebooks.policies]))
        with ProcessPoolExecutor(many, get_context("spawn"), _begin, (pages, task)) as pool:
            try:
                yield pool
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _results(
    checked: Checked, engine: Engine, task: _Task, workers: int | None
) -> Iterator[tuple[tuple[int, int], _Result]]:
    """The result of every chunk, in their order."""
    chunks = list(batches(checked, CHUNK))
    many = min(workers or os.cpu_count() or 1, len(chunks))
    if many <= 1 or checked.count <= FEW:
        for chunk in chunks:
            yield chunk, _decide(engine, task, *chunk)
        return
    from collections import deque

    with _pool(engine, task, many) as pool:
        waiting: deque[Any] = deque()
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_work, *chunk)))
            if len(waiting) > 3 * many:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


_engine: Engine
_task: _Task


def _begin(pages: Path, task: _Task) -> None:
    """Sets up a process: its engine, of the `pages` of that file, and that it ends when the one that began it is gone."""
    import gc
    import pickle
    import signal
    import threading
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    global _engine, _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def watch() -> None:
            wait([sentinel])
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
    _engine, _task = Engine.of(pickle.loads(pages.read_bytes())), task
    # A decision leaves few cycles, so that looking for them is rarely worth it.
    gc.set_threshold(50_000, 20, 20)


def _work(start: int, end: int) -> _Result:
    return _decide(_engine, _task, start, end)


def _work_given(tables: Mapping[str, Any], first: int) -> _Result:
    del first
    return _decide_given(_engine, _task, tables)


def _decided_here(engine: Engine, task: _Task, tables: Mapping[str, Any], first: int) -> _Result:
    del first
    return _decide_given(engine, task, tables)


def _decide(engine: Engine, task: _Task, start: int, end: int) -> _Result:
    return _decide_given(engine, task, read_part(task.folder, start, end))


def _decide_given(engine: Engine, task: _Task, tables: Mapping[str, Any]) -> _Result:
    maker = RowMaker(task.everything, task.why)
    rejected: list[Rejected] = []
    numbers = tables["enterprises"]["case_no"].to_pylist()
    for number, (code, case) in zip(numbers, cases_of(tables, task.vocabulary), strict=True):
        try:
            maker.add(number, code, engine.sit(case, task.day, "exact"))
        except InputFaults as faults:
            rejected += [_rejected(code, item) for item in faults.diagnostics]
    return (*maker.take(), rejected)


def _rejected(code: str, item: Diagnostic) -> Rejected:
    path = item.path or ""
    table = path.partition(".")[0].partition(" ")[0]
    return Rejected(
        "", table if table in NAMES else "enterprises", None, code, path, "", item.code.rpartition("/")[2], item.message
    )


def engine_fault(name: str) -> InputFaults:
    """What is said of an engine that is not there."""
    message = Text(f"没有求值方式 `{name}`", f"there is no engine `{name}`")
    hint = Text("可用：duckdb、spark", "available: duckdb, spark")
    return InputFaults([Diagnostic("batch/engine", message, path="--engine", help=hint)])
