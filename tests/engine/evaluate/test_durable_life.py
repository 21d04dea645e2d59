"""What the fenced network promises of order, threads, forks and memory, and where the library cannot be had."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from conggao.engine.evaluate import durable
from conggao.engine.evaluate.durable import Fact, Network, Refused, Unavailable
from conggao.engine.evaluate.shards import Cycle
from tests.engine.evaluate.networks import FIGURES, NETWORKS, large

pytestmark = pytest.mark.skipif(durable.available() is not None, reason="durable-rules cannot be used here")

PROGRAM = """
import json, sys
from conggao.engine.evaluate.durable import Fact, Network, Pattern, Rule, Test
rules = [Rule(n, (Pattern(n % 3, (Test(n % 5, ">=", n),)),), 10 + n % 4) for n in range(12)]
rules += [Rule(12 + n, (Pattern(10 + n % 4), Pattern(n % 3, (), same_subject=True), Pattern((n + 1) % 3))) for n in range(20)]
facts = [Fact(kind, subject, {f: f + kind + subject for f in range(5)}) for kind in range(3) for subject in range(FACTS)]
print(json.dumps([Network(rules).run(facts), Network(rules[:12]).run(facts)]))
"""


def ran(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("facts", ["1", "7"])
def test_the_order_is_the_same_in_every_process(facts: str) -> None:
    program = PROGRAM.replace("FACTS", facts)
    answers = [ran(program, PYTHONHASHSEED=seed) for seed in ("0", "1", "4294967295")]
    assert [answer.stderr for answer in answers] == [""] * 3
    assert len({answer.stdout for answer in answers}) == 1
    assert len(json.loads(answers[0].stdout)[0]) > 5


def test_four_threads_decide_as_one_does() -> None:
    """They share networks, so sessions of the same ruleset meet."""
    rng = random.Random(7)
    cases = [
        (
            rng.randrange(8),
            [
                Fact(k, s, {f: rng.choice(FIGURES) for f in range(4)})
                for k in range(4)
                for s in range(rng.choice([1, 3]))
            ],
        )
        for _ in range(60)
    ]
    expected = [NETWORKS[number].run(facts) for number, facts in cases]
    wrong: list[object] = []

    def work(start: int) -> None:
        try:
            for turn in range(400):
                number, facts = cases[(start + turn) % len(cases)]
                if NETWORKS[number].run(facts) != expected[(start + turn) % len(cases)]:
                    wrong.append((number, facts))
        except BaseException as fault:
            wrong.append(fault)

    threads = [threading.Thread(target=work, args=(15 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


FORKS = """
import os, threading, multiprocessing
from conggao.engine.evaluate.durable import Fact, Network, Pattern, Rule, Test
network = Network([Rule(0, (Pattern(0, (Test(0, ">", 1),)),), 1), Rule(1, (Pattern(1),))])
facts = [Fact(0, 4, {0: 2})]
def decided(_=None):
    return network.run(facts) == [(0, 4), (1, 4)]
if __name__ == "__main__":
    assert decided()
    stop = threading.Event()
    def busy():
        while not stop.is_set():
            decided()
    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads: thread.start()
    for _ in range(40):
        child = os.fork()
        if not child:
            os._exit(0 if decided() and decided() else 1)
        assert os.waitpid(child, 0)[1] == 0
    stop.set()
    for thread in threads: thread.join()
    for way in ("fork", "spawn"):
        with multiprocessing.get_context(way).Pool(2) as pool:
            assert all(pool.map(decided, range(50)))
    assert decided()
    print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_children_decide_too(tmp_path: Path) -> None:
    """Children of a process whose threads are inside sessions begin anew; the parent's sessions go on."""
    script = tmp_path / "forks.py"
    script.write_text(FORKS)
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_sessions_leave_no_memory_behind() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    rules = large(40, 10)
    network = Network(rules)
    facts = [Fact(0, 0, {n: 100 + n for n in range(40)}), Fact(1, 1, dict.fromkeys(range(30), 100)), Fact(2, 1, {})]
    sizes = []
    for _ in range(6):
        sizes.append(resident())
        for _ in range(1000):
            network.run(facts)
    assert sizes[5] - sizes[1] < 2**20, [later - earlier for earlier, later in pairwise(sizes)]


def test_where_the_library_is_out_of_reach_it_says_why() -> None:
    program = """
from conggao.engine.evaluate.durable import Fact, Network, Pattern, Rule, Unavailable, available
print(available())
network = Network([Rule(0, (Pattern(0),))])
try:
    network.run([Fact(0, 0, {})])
except Unavailable as reason:
    print(reason)
"""
    done = ran(program, CONGGAO_NO_DURABLE_RULES="1")
    assert (done.stdout, done.stderr) == ("CONGGAO_NO_DURABLE_RULES is set\n" * 2, "")


def test_the_flags_of_the_loader_are_put_back() -> None:
    program = """
import sys
before = sys.getdlopenflags()
from conggao.engine.evaluate.durable import available
assert available() is None
assert sys.getdlopenflags() == before
assert "durable_rules_engine" in sys.modules and "durable" not in sys.modules
"""
    assert ran(program).stderr == ""


def test_unavailable_is_no_fault_of_the_rules() -> None:
    assert issubclass(Unavailable, RuntimeError)
    assert issubclass(Refused, ValueError)
    assert issubclass(Cycle, ValueError)
