"""The fenced network against a naive fixpoint of the same rules, and what it promises of order, threads, forks and memory."""

from __future__ import annotations

import json
import operator
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.engine.evaluate import durable, durable_host
from conggao.engine.evaluate.durable import Fact, Network, Operator, Pattern, Refused, Rule, Unavailable
from conggao.engine.evaluate.durable import Test as Check
from conggao.engine.evaluate.shards import Cycle

pytestmark = pytest.mark.skipif(durable.available() is not None, reason="durable-rules cannot be used here")

LEAST, MOST = -(2**63), 2**63 - 1
HOLDS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
OPERATORS: list[Operator] = ["<", "<=", ">", ">=", "==", "!="]
FIGURES = [LEAST, LEAST + 1, -(2**53) - 1, -100, -1, 0, 1, 26000, 2**31, 2**32 + 1, 2**53 + 1, MOST - 1, MOST]


def meets(fact: Fact, pattern: Pattern) -> bool:
    return fact.kind == pattern.kind and all(
        test.field in fact.fields and HOLDS[test.operator](fact.fields[test.field], test.value)
        for test in pattern.tests
    )


def naive(rules: Sequence[Rule], facts: Sequence[Fact]) -> list[tuple[int, int]]:
    """The meaning: fire everything until nothing new comes of it; then in the order promised."""
    known = list(facts)
    fired: set[tuple[int, int]] = set()
    while True:
        new = {
            (rule.name, first.subject)
            for rule in rules
            for first in known
            if meets(first, rule.when[0])
            and all(
                any(meets(f, p) and (not p.same_subject or f.subject == first.subject) for f in known)
                for p in rule.when[1:]
            )
        } - fired
        if not new:
            break
        fired |= new
        derives = {rule.name: rule.derives for rule in rules}
        for name, subject in new:
            kind = derives[name]
            if kind is not None:
                known.append(Fact(kind, subject, {}))
    subjects = list(dict.fromkeys(fact.subject for fact in facts))
    return sorted(fired, key=lambda pair: (depth(rules, rules[pair[0]]), pair[0], subjects.index(pair[1])))


def depth(rules: Sequence[Rule], rule: Rule) -> int:
    if rule.derives is None:
        return len(rules) + 1
    return of_kind(rules, rule.derives)


def of_kind(rules: Sequence[Rule], kind: int) -> int:
    below = [p.kind for rule in rules if rule.derives == kind for p in rule.when]
    return 1 + max((of_kind(rules, k) for k in below), default=0) if below else 0


def invented(seed: int) -> list[Rule]:
    """Rules over kinds 0 to 3, which are stated, and 10 to 13, each derived from those before it."""
    rng = random.Random(seed)
    rules: list[Rule] = []
    for name in range(rng.randint(1, 12)):
        derives = rng.choice([None, None, 10, 11, 12, 13])
        kinds = [0, 1, 2, 3, *range(10, 14 if derives is None else derives)]
        when = []
        for place in range(rng.choice([1, 1, 2, 2, 3, 5, 8])):
            tests = tuple(
                Check(rng.randint(0, 3), rng.choice(OPERATORS), rng.choice(FIGURES))
                for _ in range(rng.choice([0, 1, 1, 2]))
            )
            when.append(Pattern(rng.choice(kinds), tests, place > 0 and rng.random() < 0.6))
        rules.append(Rule(name, tuple(when), derives))
    return rules


# Compiled rulesets stay in memory, so there are many facts for each of these and not ever new rules.
INVENTED = [invented(seed) for seed in range(120)]
NETWORKS = [Network(rules) for rules in INVENTED]

values = st.sampled_from(sorted({v + d for v in FIGURES for d in (-1, 0, 1) if LEAST <= v + d <= MOST})) | st.integers(
    LEAST, MOST
)
kinds = st.sampled_from([0, 1, 2, 3, 10, 12, 99])
stated = st.lists(
    st.builds(Fact, kinds, st.integers(0, 4), st.dictionaries(st.integers(0, 4), values, max_size=5)),
    max_size=14,
    unique_by=lambda fact: (fact.kind, fact.subject),
)


@given(st.integers(0, len(INVENTED) - 1), stated)
def test_the_network_fires_what_a_naive_fixpoint_fires(number: int, facts: list[Fact]) -> None:
    assert NETWORKS[number].run(facts) == naive(INVENTED[number], facts)


@given(st.integers(0, len(INVENTED) - 1), stated)
def test_in_one_session_and_in_stages_the_same_fires(number: int, facts: list[Fact]) -> None:
    """Where one session may decide, stages must say the same; and the session fires in the very order promised."""
    network = NETWORKS[number]
    if not network._fits(facts):
        return
    shard = network._plan.whole
    assert shard is not None
    assert sorted(network._staged(facts)) == sorted(network._one_session(facts))
    told = [(fact.kind, fact.subject, fact.fields) for fact in facts if fact.kind in shard.fields]
    raw = durable_host.ruleset(shard).run(told)
    assert raw is not None
    places = [network._plan.order[name] for name, _ in raw]
    assert places == sorted(places)


def test_both_ways_are_taken() -> None:
    """Else the tests above would compare a way with itself."""
    facts = [Fact(kind, 0, {}) for kind in range(4)]
    assert sum(network._fits(facts) for network in NETWORKS) > 20
    assert sum(not network._fits([*facts, Fact(0, 1, {}), Fact(1, 1, {})]) for network in NETWORKS) > 20


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("figure", FIGURES)
def test_comparisons_are_exact_to_the_ends_of_64_bits(sign: Operator, figure: int) -> None:
    network = THRESHOLDS[sign]
    for value in {v for v in (figure - 1, figure, figure + 1, LEAST, MOST) if LEAST <= v <= MOST}:
        expected = [(n, 7) for n, f in enumerate(FIGURES) if HOLDS[sign](value, f)]
        assert network.run([Fact(0, 7, {0: value})]) == expected


THRESHOLDS = {
    sign: Network([Rule(n, (Pattern(0, (Check(0, sign, f),)),)) for n, f in enumerate(FIGURES)]) for sign in OPERATORS
}


def test_a_lacking_field_matches_nothing() -> None:
    network = Network([Rule(n, (Pattern(0, (Check(0, sign, 0),)),)) for n, sign in enumerate(OPERATORS)])
    assert network.run([Fact(0, 0, {}), Fact(0, 1, {1: 0})]) == []


def test_derivations_chain_and_fire_before_reports() -> None:
    """Reports are listed first and the derivations backwards: depth decides, not the place."""
    links = 30
    rules = [Rule(0, (Pattern(0),)), Rule(1, (Pattern(links),))]
    rules += [Rule(2 + n, (Pattern(links - 1 - n),), links - n) for n in range(links)]
    assert Network(rules).run([Fact(0, 5, {})]) == [(n, 5) for n in (*range(links + 1, 1, -1), 0, 1)]


def test_a_derived_fact_is_its_subjects() -> None:
    rules = [
        Rule(0, (Pattern(0, (Check(0, ">=", 100),)),), 10),
        Rule(1, (Pattern(1), Pattern(10, (), same_subject=True))),
        Rule(2, (Pattern(1), Pattern(10))),
    ]
    facts = [Fact(0, 1, {0: 100}), Fact(0, 2, {0: 99}), Fact(1, 1, {}), Fact(1, 2, {}), Fact(1, 3, {})]
    assert Network(rules).run(facts) == [(0, 1), (1, 1), (2, 1), (2, 2), (2, 3)]


def test_a_fact_both_stated_and_derived_counts_once() -> None:
    rules = [Rule(0, (Pattern(0),), 1), Rule(1, (Pattern(1, (Check(0, ">", 0),)),)), Rule(2, (Pattern(1),))]
    assert Network(rules).run([Fact(0, 0, {}), Fact(1, 0, {0: 5})]) == [(0, 0), (1, 0), (2, 0)]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_cycle_is_refused_and_named(length: int) -> None:
    ring = [Rule(1 + n, (Pattern(10 + n),), 10 + (n + 1) % length) for n in range(length)]
    names = ", ".join(str(rule.name) for rule in ring)
    with pytest.raises(Cycle, match=f"rules {names} derive"):
        Network([Rule(0, (Pattern(0),), 10), *ring, Rule(length + 1, (Pattern(10),))])


@pytest.mark.parametrize(
    "rules",
    [
        [Rule(1, (Pattern(0),))],
        [Rule(0, (Pattern(0),)), Rule(0, (Pattern(1),))],
        [Rule(0, ())],
        [Rule(0, (Pattern(0, (), same_subject=True),))],
        [Rule(0, (Pattern(0),) * 13)],
        [Rule(0, (Pattern(0, (Check(0, "<", 2**63),)),))],
        [Rule(0, (Pattern(0, (Check(0, cast("Operator", "$or"), 1),)),))],
        [Rule(0, (Pattern(0, tuple(Check(n, "<", 0) for n in range(201))),))],
    ],
    ids=[
        "not from 0",
        "twice",
        "no pattern",
        "joined to itself",
        "13 patterns",
        "65 bits",
        "no operator",
        "201 fields",
    ],
)
def test_rules_beyond_the_fence_are_refused(rules: list[Rule]) -> None:
    with pytest.raises(Refused):
        Network(rules)


def large(reports: int, derivations: int) -> list[Rule]:
    """Derivations in five layers; reports that test the enterprise, a derived fact of their subject and one of anyone."""
    rules = [
        Rule(n, (Pattern(0, (Check(n % 40, ">=", n),)), *((Pattern(100 + n - 60),) if n >= 60 else ())), 100 + n)
        for n in range(derivations)
    ]
    for n in range(reports):
        own = Pattern(1, (Check(n % 30, ">=", n % 500), Check((n + 1) % 30, "!=", 3)))
        when = (
            own,
            Pattern(0, (Check(n % 40, "<", 2500 - n),)),
            Pattern(100 + n % derivations),
            Pattern(2, (), same_subject=True),
        )
        rules.append(Rule(derivations + n, when))
    return rules


def test_two_thousand_rules_and_three_hundred_derivations() -> None:
    rules = large(2000, 300)
    facts = [Fact(0, 0, {n: 100 + n for n in range(40)})]
    facts += [Fact(1, p, dict.fromkeys(range(30), 100 * p)) for p in (1, 2, 3)] + [Fact(2, p, {}) for p in (1, 3)]
    fired = Network(rules).run(facts)
    assert fired == naive(rules, facts)
    assert len(fired) > 500


def test_many_subjects_are_decided_in_parts() -> None:
    """3,000 subjects, each with a derived fact, and a rule that takes a fact of any of them."""
    rules = [
        Rule(0, (Pattern(0, (Check(0, ">=", 1500),)),), 10),
        Rule(1, (Pattern(10), Pattern(0, (Check(0, "<", 1600),), same_subject=True))),
        Rule(2, (Pattern(1), Pattern(10), Pattern(0, (Check(0, "==", 2999),)))),
        Rule(3, (Pattern(1), Pattern(0, (Check(0, "==", 3000),)))),
    ]
    facts = [Fact(0, subject, {0: subject}) for subject in range(3000)] + [Fact(1, 9000, {})]
    expected = [(0, s) for s in range(1500, 3000)] + [(1, s) for s in range(1500, 1600)] + [(2, 9000)]
    assert Network(rules).run(facts) == expected


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
