"""One way through an input: its pieces to the streams of rows, the streams to what is looked at together and kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from functools import partial
from heapq import heappop, heappush
from itertools import repeat, zip_longest
from pathlib import Path
from typing import Protocol

from conggao.facts.diagnostics import Diagnostic, InputFaults
from conggao.facts.loading import load_cases
from conggao.facts.tables.cases import Rows, key_of, rows_of
from conggao.facts.tables.keeping import Keeper
from conggao.facts.tables.order import Mark, cuts, order_of
from conggao.facts.tables.reading import FILE, Typed, physical, read
from conggao.facts.tables.rejected import Rejected, Rejects
from conggao.facts.tables.relating import Relating
from conggao.facts.tables.schema import ROW, tables
from conggao.facts.tables.sources import Source
from conggao.facts.tables.streams import Ahead, Ordered, Runs, Stream
from conggao.facts.vocabulary import Vocabulary

_CASES = 2_000


class Watch(Protocol):
    """Who wants the checked tables of enterprises as soon as they are kept."""

    def begin(self, folder: Path, expected: Mapping[str, int]) -> int | None:
        """Told where the tables will be, and how many rows are expected of those of which that is known; says by how many enterprises they
        are wanted, None if not."""

    def ready(self, upto: int) -> None:
        """Told that the tables of the enterprises below `upto`, a multiple of that number, may be read."""

    def again(self) -> None:
        """Told that what was said is not so: everything is read once more."""


class _Announcer:
    """Tells who watches how far the tables are kept."""

    def __init__(self, watch: Watch | None, parcel: int | None, keepers: Iterable[Keeper]) -> None:
        self._watch, self._parcel, self._keepers = watch, parcel, list(keepers)
        self._told = 0
        self._waiting: deque[tuple[int, list[Future[None]]]] = deque()

    def upto(self, count: int) -> None:
        """All rows of the first `count` enterprises were given to be kept."""
        if self._watch is None or self._parcel is None:
            return
        end = count // self._parcel * self._parcel
        if end > self._told:
            self._told = end
            self._waiting.append((end, [keeper.finish(end) for keeper in self._keepers]))
        while self._waiting and all(future.done() for future in self._waiting[0][1]):
            end, futures = self._waiting.popleft()
            for future in futures:
                future.result()
            self._watch.ready(end)


class Run:
    """Reads an input into `folder`: checked tables, and what is rejected of rows alone (`rejects`) and together (`later`).

    `read` counts the rows by table. Pieces are read, and tables written, in the threads of `pool`.
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        progress: Callable[[int], None],
        pool: Executor,
        watch: Watch | None = None,
    ) -> None:
        self.known = tables(vocabulary)
        self.checked, self._staged = folder / "checked", folder / "staged"
        for made in (folder, self.checked, self._staged):
            made.mkdir()
        self.read = dict.fromkeys(self.known, 0)
        self.rejects, self.later = Rejects(folder / "rejected.parquet"), Rejects(folder / "rejected-later.parquet")
        self.rows: dict[str, int] = {}
        self.count = self.aside = self.undated = 0
        self._vocabulary, self._progress, self._pool, self._watch = vocabulary, progress, pool, watch
        self._parcel: int | None = None
        self._early: list[tuple[str, str]] = []
        self._broken: dict[str, list[Diagnostic]] = {name: [] for name in self.known}

    def sources(self, found: Sequence[Source], trusting: bool) -> None:
        """Reads the rows of sources; `trusting` files that say in which order they stand. Raises Misordered where that was not so, and
        InputFaults for all sources that cannot be read."""
        by_table: dict[str, list[tuple[int, Source]]] = {name: [] for name in self.known}
        for number, source in enumerate(found):
            by_table[source.table].append((number, source))
        marks: list[Mark] = []
        streams: dict[str, Stream] = {}
        staged: dict[str, Runs] = {}
        expected: dict[str, int] = {}
        with self._open() as stack:
            pieces = {
                name: Ahead(read(numbered, self.known[name]), self._pool)
                for name, numbered in by_table.items()
                if numbered
            }
            for name, table in self.known.items():
                order = (
                    order_of([source for _, source in by_table[name]], table) if trusting and name in pieces else None
                )
                if order is not None:
                    marks += order.marks
                    expected[name] = order.ends[-1] if order.ends else 0
                    streams[name] = Ordered(pieces[name], order, physical(table), partial(self._note, name))
                else:
                    streams[name] = staged[name] = stack.enter_context(
                        Runs(self._staged / f"{name}.arrow", physical(table))
                    )
            if self._watch is not None and "enterprises" in expected:
                self._parcel = self._watch.begin(self.checked, expected)
            # Side by side, so that one table is read while another is written.
            for group in zip_longest(*(zip(repeat(name), pieces[name]) for name in staged if name in pieces)):
                for name, typed in filter(None, group):
                    self._note(name, typed)
                    staged[name].add(typed.rows)
            self._relate(streams, staged, marks, [source.name for source in found])
        faults = [fault for of_table in self._broken.values() for fault in of_table]
        if faults:
            raise InputFaults(faults)

    def cases(self, path: Path) -> None:
        """Reads the cases of a JSONL file; a line with faults is rejected whole."""
        with self._open() as stack:
            staged = {
                name: stack.enter_context(Runs(self._staged / f"{name}.arrow", physical(table)))
                for name, table in self.known.items()
            }
            gathered: Rows = {name: [] for name in self.known}
            for number, case in load_cases(path, self._vocabulary):
                self.read["enterprises"] += 1
                if isinstance(case, InputFaults):
                    for item in case.diagnostics:
                        where, code = item.path or "", item.code.rpartition("/")[2]
                        self.rejects.add(
                            Rejected(str(path), "enterprises", number, None, where, "", code, item.message)
                        )
                else:
                    for name, rows in rows_of(key_of(case, number), case, self._vocabulary).items():
                        gathered[name] += ({**row, ROW: number, FILE: 0} for row in rows)
                if len(gathered["enterprises"]) >= _CASES:
                    _stage(staged, gathered)
                    self._progress(number)
            _stage(staged, gathered)
            self._relate(dict(staged), staged, [], [str(path)])

    def _open(self) -> ExitStack:
        """What is closed at the end, however that comes."""
        stack = ExitStack()
        for rejects in (self.rejects, self.later):
            stack.callback(rejects.close)
        return stack

    def _note(self, name: str, typed: Typed) -> None:
        self.read[name] += typed.count
        self._broken[name] += typed.broken
        for item in typed.rejected:
            self.rejects.add(item)
            if item.credit_code is not None:
                heappush(self._early, (item.credit_code, name))
        self._progress(sum(self.read.values()))

    def _relate(
        self, streams: Mapping[str, Stream], staged: Mapping[str, Runs], marks: list[Mark], files: list[str]
    ) -> None:
        """Looks at every stretch."""
        for runs in staged.values():
            runs.end()
            marks += runs.marks
        with ExitStack() as stack:
            keepers = {
                name: stack.enter_context(Keeper(self.checked, name, table.schema(), self._pool, self._parcel))
                for name, table in self.known.items()
            }
            relating = Relating(self.known, files, self.later, keepers)
            announcer = _Announcer(self._watch, self._parcel, keepers.values())
            for last in cuts(marks):
                given = {name: streams[name].upto(last) for name in self.known}
                early: set[tuple[str, str]] = set()
                while self._early and self._early[0][0] <= last:
                    early.add(heappop(self._early))
                relating.look(given, early)
                announcer.upto(relating.count)
        self.rows = {name: keeper.rows for name, keeper in keepers.items()}
        self.count, self.aside, self.undated = relating.count, relating.aside, relating.undated


def _stage(staged: Mapping[str, Runs], gathered: Rows) -> None:
    import pyarrow as pa

    for name, rows in gathered.items():
        if rows:
            staged[name].add(pa.Table.from_pylist(rows, schema=staged[name].schema))
            rows.clear()
