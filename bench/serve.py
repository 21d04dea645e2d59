"""What HTTP costs: client and server on one machine, on loopback, beside the embedded call measured in the same run.

python bench/serve.py [--seconds N] [--requests N]
python bench/serve.py --memory --requests 200000      a worker's memory alone: a quarter of an hour
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from conggao.cli.serve.house import House
from conggao.engine import Engine
from conggao.engine.rulebook.library import shipped
from conggao.facts.documents import read_json
from conggao.facts.loading import load_case, read_document

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "policy" / "yinchuan" / "cases" / "sample.yaml"
HEADERS = {"content-type": "application/json"}
MARKS = (1_000, 2_000, 10_000, 50_000, 100_000, 200_000)
"""Requests after which the memory of a worker is told."""
LARGE = 20
"""Of so many cases one is large."""


def started() -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "conggao.cli.app", "serve", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ}
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    for _ in range(600):
        try:
            if httpx.get(f"{url}/ready", trust_env=False).status_code == 200:
                return process, url
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server does not answer")


def paced(send: Callable[[], object], rate: float, seconds: float) -> list[float]:
    """Times of requests begun at a steady rate, whatever the ones before took, in seconds from when each was due."""
    times: list[float] = []
    lock = threading.Lock()
    due = iter([n / rate for n in range(int(rate * seconds))])
    begun = time.perf_counter()

    def work() -> None:
        while True:
            with lock:
                at = next(due, None)
            if at is None:
                return
            time.sleep(max(0.0, begun + at - time.perf_counter()))
            send()
            took = time.perf_counter() - begun - at
            with lock:
                times.append(took)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def flooded(send: Callable[[], object], seconds: float) -> float:
    """How many are answered a second where four clients ask without a pause."""
    counts = [0] * 4
    begun = time.perf_counter()

    def flood(which: int) -> None:
        while time.perf_counter() - begun < seconds:
            send()
            counts[which] += 1

    threads = [threading.Thread(target=flood, args=(which,)) for which in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begun)


def memory(pid: int) -> float:
    """MiB of the worker processes of a server."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = sum(int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def lasting(url: str, body: str, requests: int, server: int) -> None:
    """Tells the memory of the worker while two clients ask without a pause: small cases, no two alike, a share of large ones, and
    both evaluators in turn."""
    numbers = itertools.count(1)

    def ask() -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        while (number := next(numbers)) <= requests:
            small = {"as_of": "2025-03-01", "reports": [{"year": 2024, "rd_expense": number}]}
            sent = body if number % LARGE == 0 else json.dumps(small)
            evaluator = ("exact", "forward")[number % 2 if number % LARGE else number // LARGE % 2]
            connection.request("POST", f"/decisions?engine={evaluator}", sent.encode(), HEADERS)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            if number in MARKS or number == requests:
                print(f"memory of the worker after {number:,} requests: {memory(server):.1f} MiB", flush=True)
        connection.close()

    clients = [threading.Thread(target=ask) for _ in range(2)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


def reloads(count: int) -> tuple[float, float]:
    """MiB before and after a set of rulebooks was swapped in so many times, in this process."""
    text = shipped()["national-carbon-2024"].read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.md"
        page.write_text(text, "utf-8")
        house = House([str(page)])
        sizes = []
        for number in range(count):
            page.write_text(f"{text}\n<!-- {number} -->\n", "utf-8")
            assert house.look()
            sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2)
        assert house.edition.number == count + 1
    return sizes[min(9, count - 1)], sizes[-1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--requests", type=int, default=2_000, help="for the memory; 200,000 at full size")
    parser.add_argument("--memory", action="store_true", help="measure the memory of a worker over its requests alone")
    parser.add_argument("--reloads", type=int, default=1_000)
    asked = parser.parse_args()
    if asked.memory:
        with_server(lambda url, server: lasting(url, sample(Engine()), asked.requests, server))
        return
    before, after = reloads(asked.reloads)
    print(f"{asked.reloads:,} sets of rulebooks swapped in: {after - before:+.1f} MiB after the first ten")
    engine = Engine()
    body = sample(engine)

    def embedded() -> str:
        return engine.decide(read_document(read_json(body), engine.vocabulary), engine="exact").to_json()

    for _ in range(20):
        embedded()
    alone = []
    begun = time.perf_counter()
    while time.perf_counter() - begun < asked.seconds:
        at = time.perf_counter()
        embedded()
        alone.append(time.perf_counter() - at)
    rate = len(alone) / sum(alone)
    print(f"embedded, JSON to JSON: median {statistics.median(alone) * 1000:.2f} ms, {rate:.0f} a second")
    slow = min(50.0, rate / 2)
    steady = statistics.median(paced(embedded, slow, asked.seconds))
    print(f"embedded at {slow:.0f} a second: median {steady * 1000:.2f} ms")
    with_server(lambda url, server: over_http(url, body, slow, steady, rate, asked, server))


def sample(engine: Engine) -> str:
    return json.dumps(load_case(CASE, engine.vocabulary).document(), ensure_ascii=False)


def with_server(work: Callable[[str, int], None]) -> None:
    """Does `work` with the URL and the process id of a server of one worker."""
    process, url = started()
    try:
        work(url, process.pid)
    finally:
        process.terminate()
        process.wait(60)


def over_http(
    url: str, body: str, slow: float, steady: float, rate: float, asked: argparse.Namespace, server: int
) -> None:
    """What HTTP adds at `slow` requests a second to `steady` seconds, what is reached beside `rate`, and what a worker's memory does."""
    client = httpx.Client(base_url=url, trust_env=False, limits=httpx.Limits(max_connections=8))
    own = threading.local()

    def over_httpx() -> None:
        client.post("/decisions", content=body, params={"engine": "exact"}, headers=HEADERS).raise_for_status()

    def send() -> None:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(url.removeprefix("http://"))
        own.connection.request("POST", "/decisions?engine=exact", body.encode(), HEADERS)
        answer = own.connection.getresponse()
        answer.read()
        assert answer.status == 200

    for name, way in (("http.client", send), ("httpx", over_httpx)):
        for _ in range(20):
            way()
        took = statistics.median(paced(way, slow, asked.seconds))
        aim = " (aim: at most 1.5)" if way is send else ""
        print(
            f"over HTTP at {slow:.0f} a second, {name}: median {took * 1000:.2f} ms, {(took - steady) * 1000:+.2f} ms{aim}"
        )
    client.close()
    reached = flooded(send, asked.seconds)
    print(
        f"sustained by one worker: {reached:.0f} a second, {reached / rate:.2f} of the embedded rate (aim: at least 0.6)"
    )
    loaded = sorted(paced(send, reached * 0.7, asked.seconds))
    p50, p99 = loaded[len(loaded) // 2], loaded[int(len(loaded) * 0.99)]
    print(f"at 70% of that: p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, {p99 / p50:.1f} × (aim: at most 20)")
    lasting(url, body, asked.requests, server)


if __name__ == "__main__":
    main()
