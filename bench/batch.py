"""Very many enterprises: the twelve rules of the comparison from memory, beside OpenFisca, DuckDB, Polars, pandas and numpy, and all rulebooks
over the tables of a synthetic province, Parquet to Parquet. All in one run; totals compared to the fen.

python bench/batch.py [--rows N ...] [--province N ...] [--spark N ...] [--threads N] [--memory AMOUNT]
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import numpy as np
import pyarrow as pa
from arrays import PEERS, Columns, records

from conggao.engine import Engine
from conggao.engine.batch.memory import keep_memory
from conggao.engine.evaluate.columnar.assembly import Assembly
from conggao.engine.evaluate.columnar.plan import plan_of
from conggao.engine.evaluate.columnar.schema import DAY, ODD
from conggao.engine.evaluate.columnar.session import Session
from conggao.engine.evaluate.columnar.statuses import GRANTED
from conggao.facts.tables.schema import CASE

PAGE = Path(__file__).resolve().parent / "yinchuan-12.md"
ON = date(2025, 3, 1)


def by_conggao(columns: Columns, threads: int) -> Callable[[], int]:
    """Statuses and amounts of every measure for every enterprise, as Arrow."""
    plan = plan_of(Engine([PAGE]).program, ON)
    assembly = Assembly(plan)
    rows = len(columns["revenue"])
    day = pa.array(np.full(rows, (ON - date(1970, 1, 1)).days, dtype=np.int32)).cast(pa.date32())
    given = {CASE: np.arange(rows), DAY: day, ODD: np.zeros(rows, dtype=bool), "county": pa.nulls(rows, pa.string())}
    enterprises = pa.table({**given, **{name: pa.array(values) for name, values in columns.items()}})
    tables = {name: _nothing(name, needs) for name, needs in plan.needs.items()}
    sessions = [Session(plan, 1) for _ in range(threads)]
    size = -(-rows // threads)

    def work(which: int) -> int:
        total = 0
        own = {**tables, "enterprises": enterprises.slice(which * size, size)}
        for found in sessions[which].stream(own):
            assert not np.any(found["_hand"].to_numpy()), "all are decided in columns"
            for member in plan.members["enterprise"]:
                granted = assembly.status("enterprise", found, member) == GRANTED
                total += int((found[f"l{member.number}"].to_numpy() * granted).sum(dtype=np.int64))
        return total

    def run() -> int:
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(work, range(threads)))

    return run


def _nothing(name: str, needs: Any) -> pa.Table:
    """A counted table without rows."""
    from conggao.engine.evaluate.columnar.counting import counted

    empty = pa.table({CASE: pa.array([], pa.int64()), "id": pa.array([], pa.string())})
    return counted(name, {name: empty, "enterprises": empty}, needs, pa.array([], pa.date32()))


def twelve(rows: int, threads: int, rounds: int) -> None:
    """Every engine on the same records, each in a process of its own, cold in as many as there are rounds; rates as ratios to our own."""
    cold = rows >= COLD
    calls = f"median of {rounds} cold calls, slowest to fastest" if cold else f"median of {rounds} after a first"
    print(f"\ntwelve rules, {rows:,} rows from memory, {threads} threads, {calls}")
    ours: tuple[float, int] | None = None
    for name in ENGINES:
        found = []
        for _ in range(rounds if cold else 1):
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                found.append(pool.submit(measured, name, rows, threads, 1 if cold else rounds).result())
        times, totals, resting, peaks = zip(*found, strict=True)
        seconds, total = statistics.median(times), totals[0]
        ours = ours or (seconds, total)
        off = "" if total == ours[1] else f"   total off by {(total - ours[1]) / 100:,.2f} yuan"
        span = f" ({rows / max(times) / 1e6:.2f}-{rows / min(times) / 1e6:.2f})" if cold else ""
        print(
            f"  {name:32} {rows / seconds / 1e6:6.2f} M rows/s{span} {ours[0] / seconds:6.2f} × conggao   {max(peaks):5.2f} GiB, "
            f"{max(resting):.2f} before{off}",
            flush=True,
        )


COLD = 10_000_000
"""From so many rows on a call is measured once in each process: it is made once in a run."""


def measured(name: str, rows: int, threads: int, rounds: int) -> tuple[float, int, float, float]:
    """Seconds of a run, the total in fen, and the most memory in GiB before it and with it. A single round is a cold one."""
    run = ENGINES[name](records(rows), threads)
    resting = _peak()
    if rounds > 1:
        run()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        total = run()
        times.append(time.perf_counter() - began)
    return statistics.median(times), total, resting, _peak()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


ENGINES: Mapping[str, Callable[[Columns, int], Callable[[], int]]] = {"conggao": by_conggao, **PEERS}


def province(count: int, by: str, memory: str | None) -> tuple[float, int]:
    """All rulebooks over the tables of a province: Parquet in, checked; outcomes and totals as Parquet out, which begins while the rest is
    still being checked. The databases are bound to `memory`.

    Seconds from Parquet to Parquet, and the sum of the least that is owed in all, in fen.
    """
    from pyarrow import compute, parquet

    keep_memory()
    from conggao.engine.batch.deciding import Deciding, How, decide_tables
    from conggao.facts.population import write_population
    from conggao.facts.tables.checking import check

    print(f"\nall rulebooks, {count:,} enterprises, {'DuckDB' if by == 'duckdb' else 'Spark on local[2]'}", flush=True)
    with TemporaryDirectory(prefix="conggao-bench-") as temporary:
        folder = Path(temporary)
        for name in ("work", "made"):
            (folder / name).mkdir()
        engine = Engine()
        timed("writing the province", count, lambda: write_population(count, folder / "province", engine.vocabulary))
        # What the system still has to put on the disk is not what is measured.
        os.sync()
        stated = sum(path.stat().st_size for path in (folder / "province").glob("*.parquet"))
        if by == "spark":
            from conggao.engine.evaluate.columnar.spark import connect

            timed("starting Spark", None, lambda: connect("local[2]"))
        how = How(ON, by=by, memory=memory)
        with Held() as held, Deciding(engine, folder / "made", how) as deciding:
            began = time.perf_counter()
            checked = timed(
                "until all is checked",
                count,
                lambda: check(folder / "province", folder / "work", engine.vocabulary, memory, watch=deciding),
            )[1]
            done = deciding.finish(checked)
            took = time.perf_counter() - began
        print(f"  {'Parquet to Parquet':28} {took:8.2f} s   {count / took:10,.0f} enterprises/s", flush=True)
        if by == "duckdb":
            again = folder / "again"
            again.mkdir()
            timed(
                "once more, of checked tables",
                count,
                lambda: decide_tables(checked, engine, again, ON, by=by, memory=memory),
            )
        table = parquet.read_table(done.totals, columns=["recipient", "low"])
        total = int(compute.sum(table["low"]).as_py() * 100)
        size = sum(path.stat().st_size for path in (folder / "made").iterdir())
        print(
            f"  to the exact evaluator: {done.by_exact / count:.2%}; read: {stated / 2**20:,.0f} MiB; written: {size / 2**20:,.0f} MiB; "
            f"peak memory of all processes {held.most:.2f} GiB"
        )
        return took, total


class Held:
    """The most memory that this process and those that it begins hold together, in GiB, of what several share each its part: looked at
    every two seconds."""

    def __init__(self) -> None:
        self.most = 0.0
        self._end = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._end.wait(2):
            self.most = max(self.most, sum(map(_share, _tree())))

    def __enter__(self) -> Held:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._end.set()
        self._thread.join()


def _tree() -> list[int]:
    found = [os.getpid()]
    for pid in found:
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, path.read_text().split())
    return found


def _share(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 2**20
    return 0.0


def provinces(counts: Sequence[int], by: str, memory: str | None) -> None:
    """Provinces one after the other, with how time grows: 1 is in proportion."""
    keep_memory()
    took = []
    for count in counts:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            took.append(pool.submit(province, count, by, memory).result()[0])
    if len(counts) > 1:
        slope = math.log(took[-1] / took[0]) / math.log(counts[-1] / counts[0])
        print(
            f"\ntime grows as the number of enterprises to the power of {slope:.2f}, from {counts[0]:,} to {counts[-1]:,}"
        )


def timed(what: str, count: int | None, work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds taken, and what came of it."""
    began = time.perf_counter()
    result = work()
    took = time.perf_counter() - began
    rate = "" if count is None else f"   {count / took:10,.0f} enterprises/s"
    print(f"  {what:28} {took:8.2f} s{rate}", flush=True)
    return took, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--province", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--spark", type=int, nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", help="what the databases may hold, such as 500MB")
    given = parser.parse_args()
    for rows in given.rows:
        twelve(rows, given.threads, given.rounds)
    provinces(given.province, "duckdb", given.memory)
    provinces(given.spark, "spark", given.memory)


if __name__ == "__main__":
    main()
