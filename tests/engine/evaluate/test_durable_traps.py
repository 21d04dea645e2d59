"""What breaks durable-rules 2.0.28 off, each trap beside what the fence makes of it.

Where a trap closes reliably it is sprung on the bare library first, in a process of its own, so that the fence is not praised for
keeping out what is not there. `MALLOC_PERTURB_` fills fresh memory, so that reading it uninitialised shows.
"""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections import Counter
from typing import Any

import pytest

from conggao.engine.evaluate import durable, durable_host, shards
from conggao.engine.evaluate.durable import Fact, Network, Pattern, Rule
from conggao.engine.evaluate.durable import Test as Check
from conggao.engine.evaluate.shards import plan
from tests.engine.evaluate.bare import FACTS, VARIED, Spy, bare, fenced, glibc, one

pytestmark = pytest.mark.skipif(durable.available() is not None, reason="durable-rules cannot be used here")


@glibc
def test_a_fact_that_nothing_matches() -> None:
    crash = bare('h = made(r=[{"e": {"k": 1}}]); told(h, k=2); library.delete_state(h, "s")')
    assert crash.returncode == -signal.SIGSEGV
    assert (
        fenced("""
n = Network([Rule(0, (Pattern(0, (Check(0, ">", 5),)),)), Rule(1, (Pattern(1), Pattern(2)))])
for facts in ([Fact(0, 0, {0: 5})], [Fact(9, 0, {})], [], [Fact(1, 0, {}), Fact(0, 1, {3: 3})], [Fact(0, 0, {0: 6})]):
    print([n.run(facts) for _ in range(200)][-1], end=" ")
""")
        == "[] [] [] [] [(0, 0)]"
    )


@glibc
def test_more_than_64_conditions_met() -> None:
    crash = bare("""
h = made(**{f"r{n}": [{"e": {"$gt": {"f": n}}}] for n in range(70)})
try: told(h, f=99)
except Exception as fault: print(fault, flush=True)
library.delete_state(h, "s")
""")
    assert "error code: 303" in crash.stdout
    assert crash.returncode == -signal.SIGSEGV
    rules = [Rule(n, (Pattern(0, (Check(n % 150, ">", n - 700),)),)) for n in range(700)]
    assert Network(rules).run([Fact(0, 3, dict.fromkeys(range(150), 10**6))]) == [(n, 3) for n in range(700)]


@pytest.mark.parametrize("number", [shards.MOST_CONDITIONS, shards.MOST_CONDITIONS + 1])
def test_as_many_conditions_as_a_ruleset_is_given(number: int) -> None:
    """On the limit it is one ruleset, and beyond it two: a joined pattern is a condition of its own even where others are equal."""
    rules = [Rule(n, (Pattern(1), Pattern(0, (Check(0, ">", 5),), same_subject=True))) for n in range(number)]
    assert (plan(tuple(rules)).whole is not None) == (number == shards.MOST_CONDITIONS)
    assert len(Network(rules).run([Fact(0, 0, {0: 1000}), Fact(1, 0, {})])) == number


ADVERSE = {
    "kinds": [Rule(n, tuple(Pattern(12 * n + p) for p in range(12))) for n in range(400)],
    "one kind": [Rule(n, tuple(Pattern(0, (Check(p, ">", n),), p % 2 == 1) for p in range(12))) for n in range(400)],
    "one pattern": [Rule(n, (Pattern(0), Pattern(1))) for n in range(600)],
    "joins": [Rule(n, (Pattern(0), *(Pattern(p, (), same_subject=True) for p in range(1, 12)))) for n in range(400)],
    "fields": [Rule(n, (Pattern(n % 3, tuple(Check(n * 150 + f, "<", 0) for f in range(150))),)) for n in range(60)],
}


@pytest.mark.parametrize("kind", ADVERSE)
def test_no_ruleset_comes_near_a_limit_of_the_library(kind: str) -> None:
    made = plan(tuple(ADVERSE[kind]))
    stages = made.stages()
    for shard in (*stages, *([made.whole] if made.whole else [])):
        when = [
            (c.kind, c.tests, (n, p) if c.joined else None)
            for n, x in enumerate(shard.clauses)
            for p, c in enumerate(x.when)
        ]
        conditions = Counter(of for of, _, _ in set(when))
        assert max(conditions.values()) + 1 < 64
        assert max(Counter((of, tests) for of, tests, _ in when).values()) < 256
        assert len(conditions) + 1 < 512
        assert max(map(len, shard.fields.values())) + len(("id", "sid", "k", "s")) < 250
        assert len(shard.clauses) <= 200
        assert max(len(clause.when) for clause in shard.clauses) < 16
    own = {clause.name for shard in stages for clause in shard.clauses if clause.name >= 0}
    assert own == set(range(len(ADVERSE[kind])))


def test_background_threads_and_live_sessions(spy: Spy) -> None:
    """No host and so no threads; every session is deleted before the next one begins."""
    before = threading.active_count()
    network = Network(VARIED)
    for _ in range(20):
        network.run(FACTS)
    assert threading.active_count() == before
    assert (
        fenced('import sys; Network([Rule(0, (Pattern(0),))]).run([Fact(0, 0, {})]); print("durable" in sys.modules)')
        == "False"
    )
    live: dict[int, int] = {}
    for name, given in spy.calls:
        if name == "assert_facts":
            live[given[0]] = live.get(given[0], 0) + 1
        if name == "delete_state":
            live[given[0]] = 0
        assert max(live.values(), default=0) <= 1
    assert set(live.values()) == {0}


@glibc
def test_more_than_1024_sessions() -> None:
    crash = bare("""
h = made(r=[{"e": {"k": 1}}])
for n in range(1100):
    try: told(h, sid=f"s{n}", k=1)
    except MemoryError: print("memory", n, flush=True)
for n in range(1100): library.delete_state(h, f"s{n}")
""")
    assert crash.stdout.startswith("memory 1024")
    assert crash.returncode == -signal.SIGSEGV
    network = Network([Rule(0, (one(),))])
    assert {tuple(network.run([Fact(0, n, {0: 1})])) for n in range(3000)} == {((0, n),) for n in range(3000)}


@pytest.mark.parametrize("number", [durable.MOST_FACTS // 2, durable.MOST_FACTS * 6])
def test_a_session_holds_few_facts(spy: Spy, number: int) -> None:
    """Derived ones included: each takes 10 kB, and ids are known not to collide up to a number only."""
    rules = [Rule(0, (Pattern(0),), 1), Rule(1, (Pattern(1),), 2), Rule(2, (Pattern(2), Pattern(3)))]
    assert len(Network(rules).run([Fact(3, -1, {}), *(Fact(0, n, {}) for n in range(number))])) == 3 * number
    held: list[int] = []
    for name, given in spy.calls:
        if name == "assert_facts":
            held.append(len(json.loads(given[1])))
        elif name == "assert_fact" and held:
            held[-1] += 1
    assert max(held) <= durable.MOST_FACTS + shards.MOST_KINDS


@glibc
def test_division_by_zero() -> None:
    division = '{"$div": {"$l": {"$m": "y"}, "$r": {"$m": "z"}}}'
    crash = bare(f'h = made(r=[{{"e": {{"$gt": {{"x": {division}}}}}}}]); told(h, x=1, y=1, z=0)')
    assert crash.returncode == -signal.SIGFPE


def test_arithmetic_text_or_and_comparisons_between_facts_are_not_said(spy: Spy) -> None:
    """All that a ruleset is ever told: generated names, six comparisons with a whole number, `and`, and one form of join."""
    assert Network(VARIED).run(FACTS) == [(0, 2**70), (1, 2**70), (2, 2**70), (2, -1)]

    def walk(said: Any, path: tuple[str, ...] = ()) -> None:
        if isinstance(said, dict):
            for key, below in said.items():
                walk(below, (*path, key))
        elif isinstance(said, list):
            for below in said:
                walk(below, path)
        elif isinstance(said, str):
            assert path[-1] in {"id", "sid"} or (path[-2:] == ("s", "e0") and said == "s"), path
            assert said in {"s", *map(str, range(10))}
        else:
            assert type(said) is int
            assert -(2**63) <= said < 2**63
        for key in path:
            plain = key[0] in "refks" and (key[1:].isdigit() or len(key) == 1)
            assert plain or key in {"all", "$and", "w", "id", "sid", *durable_host._OPERATORS.values()}, path

    texts = list(spy.texts())
    assert len(texts) > 3
    for text in texts:
        walk(text)


def fnv(text: str) -> int:
    """The hash by which the library tells names, ids and sessions apart."""
    found = 2166136261
    for byte in text.encode():
        found = ((found ^ byte) * 16777619) % 2**32
    return found


def test_huge_ids_reserved_names_and_hashes_that_collide() -> None:
    """`id`, `sid` and `$…` are never a field, names are short, and no two that can occur together share a hash."""
    fields = [f"f{n}" for n in range(shards.MOST_FIELDS)] + ["k", "s", "id", "sid", "$s"]
    numbers = [str(n) for n in range(durable.MOST_FACTS * 4)] + ["sid-s"]
    places = [f"e{n}" for n in range(durable.MOST_PATTERNS)]
    for names in (fields, numbers, places):
        assert len({fnv(name) for name in names}) == len(names)
    assert fnv("sid") == 3593476751, "HASH_SID of the library"
    huge = 10**400
    rules = [Rule(0, (Pattern(huge, (Check(-huge, ">", 0),)),), huge + 1), Rule(1, (Pattern(huge + 1),))]
    assert Network(rules).run([Fact(huge, -huge, {-huge: 1, huge: 2})]) == [(0, -huge), (1, -huge)]


@glibc
def test_an_empty_fact_and_very_many_conditions_at_the_top() -> None:
    assert bare('h = made(r=[{"e": {"k": 1}}]); library.assert_facts(h, "[{}]")').returncode == -signal.SIGSEGV
    with pytest.raises(subprocess.TimeoutExpired):
        bare('made(**{f"r{n}": [{"e": {"f": n}}] for n in range(513)})', seconds=3)
    kinds = [Rule(n, (Pattern(n),)) for n in range(600)]
    assert Network(kinds).run([Fact(n, 1, {}) for n in range(0, 600, 7)]) == [(n, 1) for n in range(0, 600, 7)]
    beside = [Rule(n, (one(0, n),)) for n in range(600)]
    assert Network(beside).run([Fact(0, 1, {0: 599})]) == [(599, 1)]
    assert Network([Rule(0, (Pattern(0),)), Rule(1, (one(),))]).run([Fact(0, 1, {})]) == [(0, 1)]


LIMITS = {
    "fields": ('h = made(r=[{"e": {"k": 1}}]); told(h, k=1, **{f"f{n}": n for n in range(260)})', 302),
    "rules on one pattern": ('made(**{f"r{n}": [{"e": {"k": 1}}] for n in range(300)})', 108),
    "joined facts": (
        'h = made(r=[{f"e{n}": {"k": n}} for n in range(18)])\nfor n in range(18): told(h, id=str(n), k=n)',
        304,
    ),
    "rules": ('made(**{f"r{n}": [{"e": {"$and": [{"j": n % 99}, {"f": n}]}}] for n in range(4097)})', 106),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_the_bare_library_has_limits(limit: str) -> None:
    program, code = LIMITS[limit]
    assert f"error code: {code}" in bare(program).stderr


def test_limits_of_fields_rules_and_joins_are_not_met() -> None:
    many = {n: n for n in range(2000)}
    wide = [Rule(n, (Pattern(0, tuple(Check(n * 40 + f, "==", n * 40 + f) for f in range(40))),)) for n in range(50)]
    assert Network(wide).run([Fact(0, 0, many)]) == [(n, 0) for n in range(50)]
    same = [Rule(n, (Pattern(0), Pattern(1))) for n in range(400)]
    assert len(Network(same).run([Fact(0, 0, {}), Fact(1, 0, {})])) == 400
    joined = [
        Rule(0, (Pattern(0), *(Pattern(n, (), same_subject=n % 2 == 0) for n in range(1, durable.MOST_PATTERNS))))
    ]
    assert Network(joined).run([Fact(n, 0, {}) for n in range(durable.MOST_PATTERNS)]) == [(0, 0)]
    rules = [Rule(n, (one(n % 9, n),)) for n in range(4200)]
    assert Network(rules).run([Fact(0, 0, {f: 4190 + f for f in range(9)})]) == [
        (n, 0) for n in range(4190, 4199) if n % 9 == n - 4190
    ]
