"""How many awards a second a ledger records, each a transaction of its own that is on the disk when it is answered.

On SQLite and, where a server can be started, on PostgreSQL, beside pgbench on the same server; with one writer, with threads, with
processes; and as an enterprise's, a provider's and the whole ledger's history grows.

python bench/ledger.py [--awards N] [--clients N]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from conggao.engine.ledger import Ledger
from tests.engine.ledger.offices import case, office
from tests.engine.ledger.server import NoServer, Server

AIM = 300
"""Awards a second on SQLite."""


def prepared(url: str, awards: int) -> Ledger:
    """A ledger with a decision for each award: entries 1 to `awards`."""
    ledger = Ledger.open(url)
    for number in range(awards):
        ledger.record(case(number, chain_leader=True), engine=office("city"), evaluator="exact")
    return ledger


def award(ledger: Ledger, begin: int, end: int) -> list[float]:
    taken = []
    for number in range(begin, end):
        start = time.perf_counter()
        answer = ledger.award(number, "prize", key=f"A{number}")
        taken.append(time.perf_counter() - start)
        assert answer.status == "awarded"
    return taken


def told(name: str, awards: int, seconds: float, taken: list[float]) -> float:
    ordered = sorted(taken)
    rate = awards / seconds
    p50, p99 = statistics.median(ordered) * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3
    print(f"{name:44} {rate:8.0f} a second   p50 {p50:6.2f} ms   p99 {p99:7.2f} ms")
    return rate


def one_writer(name: str, url: str, awards: int) -> float:
    with prepared(url, awards) as ledger:
        start = time.perf_counter()
        taken = award(ledger, 1, awards + 1)
        rate = told(f"{name}, one writer", awards, time.perf_counter() - start, taken)
        start = time.perf_counter()
        assert ledger.verify().holds
        print(f"{'':44} verified in {time.perf_counter() - start:.2f} s: {2 * awards} entries")
    return rate


def threads(name: str, url: str, awards: int, clients: int) -> float:
    with prepared(url, awards) as ledger:
        taken: list[float] = []
        share = awards // clients
        workers = [
            threading.Thread(target=lambda n=n: taken.extend(award(ledger, 1 + n * share, 1 + (n + 1) * share)))  # type: ignore[misc]
            for n in range(clients)
        ]
        return told(f"{name}, {clients} threads", share * clients, timed(workers), taken)


def _process(url: str, begin: int, end: int, ready: object, out: object) -> None:
    with Ledger.open(url) as ledger:
        ready.wait()  # type: ignore[attr-defined]
        out.put(award(ledger, begin, end))  # type: ignore[attr-defined]


def processes(name: str, url: str, awards: int, clients: int) -> float:
    prepared(url, awards).close()
    context = multiprocessing.get_context("fork")
    ready, out = context.Barrier(clients + 1), context.Queue()
    share = awards // clients
    workers = [
        context.Process(target=_process, args=(url, 1 + n * share, 1 + (n + 1) * share, ready, out))
        for n in range(clients)
    ]
    for worker in workers:
        worker.start()
    ready.wait()
    start = time.perf_counter()
    taken = [item for _ in workers for item in out.get()]
    seconds = time.perf_counter() - start
    for worker in workers:
        worker.join()
    return told(f"{name}, {clients} processes", share * clients, seconds, taken)


def timed(workers: list[threading.Thread]) -> float:
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


def long_history(name: str, url: str, many: int) -> None:
    """One enterprise with many awards: each is weighed against all before it."""
    with Ledger.open(url) as ledger:
        kept = [
            ledger.record(
                case(1, projects=[{"id": f"P{n}", "equipment_payment": 100}]), engine=office("city"), evaluator="exact"
            )
            for n in range(many)
        ]
        taken = []
        for item in kept:
            start = time.perf_counter()
            assert ledger.award(item.entry, "machine").status == "awarded"
            taken.append(time.perf_counter() - start)
        first, last = statistics.median(taken[: many // 10]), statistics.median(taken[-many // 10 :])
        print(
            f"{name + ', an enterprise with ' + str(many) + ' awards':44} {first * 1e3:.2f} ms at first, {last * 1e3:.2f} ms at last"
        )


def flush(folder: str) -> float:
    """How often a second the disk takes 4 KiB for good."""
    descriptor = os.open(Path(folder) / "flush", os.O_CREAT | os.O_RDWR)
    taken = []
    for at in range(500):
        start = time.perf_counter()
        os.pwrite(descriptor, b"x" * 4096, at * 4096)
        os.fdatasync(descriptor)
        taken.append(time.perf_counter() - start)
    os.close(descriptor)
    return 1 / statistics.median(taken)


def pgbench(server: Server, url: str, clients: int, seconds: int = 5) -> float:
    """Transactions a second of pgbench's own load (TPC-B), a scale of 10."""
    database = re.sub(r"^.*@/([^?]*)\?.*$", r"\1", url)
    connect = ["-h", str(server.folder), "-U", "postgres"]
    server.run("pgbench", *connect, "-i", "-q", "-s", "10", database)
    said = server.run("pgbench", *connect, "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds), database)
    found = re.search(r"tps = ([0-9.]+)", said)
    assert found is not None, said
    return float(found.group(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--awards", type=int, default=3000)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    kinds: tuple[Callable[..., float], ...] = (threads, processes)
    with tempfile.TemporaryDirectory() as folder:
        flushes = flush(folder)
        print(f"{'the disk alone, 4 KiB written for good':44} {flushes:8.0f} a second")
        sqlite = one_writer("SQLite", f"{folder}/one.db", given.awards)
        for kind in kinds:
            kind("SQLite", f"{folder}/{kind.__name__}.db", given.awards, given.clients)
        long_history("SQLite", f"{folder}/long.db", 500)
        print(
            f"one writer on SQLite: {sqlite / AIM:.1f} × the {AIM} a second aimed at, {sqlite / flushes:.2f} × the disk alone"
        )
    try:
        server = Server()
    except NoServer as reason:
        print(f"PostgreSQL: {reason}")
        return
    try:
        alone = one_writer("PostgreSQL", server.database(), given.awards)
        many = [kind("PostgreSQL", server.database(), given.awards, given.clients) for kind in kinds]
        long_history("PostgreSQL", server.database(), 500)
        url = server.database()
        for clients, ours in ((1, alone), (given.clients, max(many))):
            peer = pgbench(server, url, clients)
            print(f"{f'pgbench, TPC-B, {clients} clients':44} {peer:8.0f} a second   awards: {ours / peer:.2f} × that")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
