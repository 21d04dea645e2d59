"""Checked tables in, outcomes and totals out: decided in as many processes as there are processors, and written by this one.

`Deciding` may begin while the tables are being checked; `decide_tables` decides such as are.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Self

from conggao.engine.batch import columns
from conggao.engine.batch.columns import Decider, Part, Task
from conggao.engine.batch.crew import Crew, crew, possible
from conggao.engine.batch.rows import outcome_schema, total_schema
from conggao.engine.batch.writing import TEXTS, shown, writer
from conggao.engine.decide import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.tables.checking import Checked, batches
from conggao.facts.tables.rejected import Rejected
from conggao.facts.vocabulary import Vocabulary

FEW = 3_000
"""Up to so many are decided exactly where the program runs: a process costs more to begin."""
APART = 150_000
"""Up to so many are decided there in columns: what is compiled is compiled once more for other processes, with all that it needs."""
AHEAD = 2
"""Parts for each process that are asked for before they can be written."""
_SOON = 0.02
"""Seconds after which it is looked again whether a part is decided, while it is waited for another to be asked for."""

Ranges = Iterator[tuple[int, int] | None]
"""Of enterprises; None where the next is not known yet."""


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
class How:
    """How a run decides. `day` wins over the days that the enterprises state; `everything` keeps `unmet` outcomes, `why` adds conditions;
    `by` DuckDB or Spark; `memory` bounds what the databases hold, such as `2GB`; `metadata` is said in the files."""

    day: date | None = None
    everything: bool = False
    why: bool = False
    workers: int | None = None
    metadata: Mapping[str, str] | None = None
    by: str = "duckdb"
    memory: str | None = None

    @property
    def many(self) -> int:
        return self.workers or os.cpu_count() or 1

    def task(self, folder: Path, vocabulary: Vocabulary, count: int, received: int) -> Task:
        exactly = self.why or (self.by == "duckdb" and count <= columns.WORTH)
        share = columns.share(self.memory, self.many if count > APART else 1)
        a_part = received * columns.size_of(count, True, self.by) / max(count, 1)
        return Task(folder, vocabulary, self.day, self.everything, self.why, exactly, self.by, share, a_part)


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
    """Decides every enterprise of `checked` under `engine`, and writes `outcomes.parquet` and `totals.parquet` into the folder `into`; see
    `How`.

    An enterprise whose statement contradicts the law (an amount decided beyond what may be decided, a measure that is not there) is not
    decided and comes back in `rejected`. Rows come in the order of the enterprises; of those decided in columns part by part, those handed
    to the exact evaluator last. The files do not depend on `workers`.
    """
    with Deciding(engine, into, How(day, everything, why, workers, metadata, by, memory)) as deciding:
        return deciding.finish(checked, progress)


class Deciding:
    """Decides into a folder: where that is worth it from when it is told that tables are ready (see `Watch`), and at the latest when it is
    to `finish`. To be used in a `with`."""

    def __init__(self, engine: Engine, into: Path, how: How) -> None:
        self._engine, self._into, self._how = engine, into, how
        self._threads = ThreadPoolExecutor(1)
        self._ranges: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self._abandoned = Event()
        self._beside: Future[Decided] | None = None
        self._size = self._asked = 0
        self._progress: Callable[[int], None] = lambda done: None

    def begin(self, folder: Path, expected: Mapping[str, int]) -> int | None:
        """See Watch. What is read meanwhile is decided by other processes, and written by another thread."""
        count = expected["enterprises"]
        task = self._how.task(folder, self._engine.vocabulary, count, expected.get("received", 0))
        if task.exactly or not _apart(task, count):
            return None
        self._size = columns.size_of(count, True, task.by)
        self._beside = self._threads.submit(self._run, task, count, self._coming)
        return self._size

    def ready(self, upto: int) -> None:
        """See Watch."""
        for start in range(self._asked, upto, self._size):
            self._ranges.put((start, min(start + self._size, upto)))
        self._asked = upto

    def again(self) -> None:
        """See Watch."""
        if self._beside is not None:
            self._abandoned.set()
            self._beside.exception()
            self._abandoned.clear()
            self._beside = None

    def finish(self, checked: Checked, progress: Callable[[int], None] = lambda done: None) -> Decided:
        """Decides what is left of the tables, which are all checked. Raises InputFaults."""
        self._progress = progress
        if self._beside is None:
            task = self._how.task(checked.folder, checked.vocabulary, checked.count, checked.rows["received"])
            return self._run(
                task,
                checked.count,
                lambda columnar: batches(checked, columns.size_of(checked.count, columnar, task.by)),
            )
        self.ready(checked.count)
        self._ranges.put(None)
        decided = self._beside.result()
        progress(checked.count)
        return decided

    def _coming(self, columnar: bool) -> Ranges:
        """The ranges that are ready, as they come; of those that are decided exactly few at a time."""
        while True:
            try:
                found = self._ranges.get(timeout=_SOON)
            except Empty:
                self._go_on()
                yield None
                continue
            if found is None:
                return
            size = self._size if columnar else columns.CHUNK
            for start in range(*found, size):
                self._go_on()
                yield start, min(start + size, found[1])

    def _go_on(self) -> None:
        if self._abandoned.is_set():
            raise CancelledError

    def _run(self, task: Task, count: int, ranges: Callable[[bool], Ranges]) -> Decided:
        said = dict(self._how.metadata or {})
        outcomes, totals = self._into / "outcomes.parquet", self._into / "totals.parquet"
        rejected: list[Rejected] = []
        done = by_exact = 0
        with (
            _parts(self._engine, task, count, self._how.many, ranges) as (columnar, parts),
            writer(outcomes, outcome_schema(task.why), said, ["credit_code", *TEXTS], columnar) as first,
            # A code stands in one row of totals, or a few: it is shorter by itself than by its place in a list.
            writer(totals, total_schema(), said, ["recipient"], columnar) as second,
        ):
            for part in parts:
                self._go_on()
                for table in part.outcomes():
                    first.write_table(shown(table, said))
                for table in part.totals():
                    second.write_table(shown(table, said))
                rejected += part.rejected
                by_exact += part.handed
                done += part.end - part.start
                self._progress(done)
        decided = done - len({item.credit_code for item in rejected})
        return Decided(outcomes, totals, decided, tuple(rejected), "columnar" if columnar else "exact", by_exact)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._beside is not None and not self._beside.done():
            self.again()
        self._threads.shutdown()


def _apart(task: Task, count: int) -> bool:
    """Whether there is enough for other processes to decide."""
    return task.by == "duckdb" and count > (FEW if task.exactly else APART) and possible()


@contextmanager
def _parts(
    engine: Engine, task: Task, count: int, many: int, ranges: Callable[[bool], Ranges]
) -> Iterator[tuple[bool, Iterable[Part]]]:
    """Whether the enterprises are decided in columns, and every part in order: by `many` processes where there is enough for them."""
    if not _apart(task, count):
        with closing(Decider(engine, task)) as decider:
            columnar = decider.columnar()
            yield columnar, (decider.decide(*found) for found in ranges(columnar) if found is not None)
        return
    try:
        with crew(partial(columns.made_ready, engine, task), many) as beside:
            columnar = beside.ask("columnar")
            with closing(_asked(beside, ranges(columnar), many)) as parts:
                yield columnar, parts
    except BrokenExecutor:
        message = Text(
            "一个参与判定的进程中途结束，多半是内存不足",
            "a process that decides ended before it was done, most likely for want of memory",
        )
        hint = Text("减少 --workers，或用 --memory 限制内存", "use fewer --workers, or bound the memory with --memory")
        raise InputFaults([Diagnostic("batch/process", message, help=hint)]) from None


def _asked(beside: Crew, ranges: Ranges, many: int) -> Generator[Part, None, None]:
    """Every range in order; what is decided before it can be written waits."""
    with ThreadPoolExecutor(many) as threads:
        running: deque[Future[Part]] = deque()
        try:
            for found in ranges:
                if found is not None:
                    running.append(threads.submit(beside.ask, "decide", *found))
                # One at a time: while it is written they must not run out of what is asked for.
                if len(running) > AHEAD * many or (found is None and running and running[0].done()):
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
