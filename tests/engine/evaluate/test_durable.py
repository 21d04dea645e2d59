"""The fenced network against a naive fixpoint of the same rules."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.engine.evaluate import durable, durable_host
from conggao.engine.evaluate.durable import Fact, Network, Operator, Pattern, Refused, Rule
from conggao.engine.evaluate.durable import Test as Check
from conggao.engine.evaluate.shards import Cycle
from tests.engine.evaluate.networks import (
    FIGURES,
    HOLDS,
    INVENTED,
    LEAST,
    MOST,
    NETWORKS,
    OPERATORS,
    large,
    naive,
)

pytestmark = pytest.mark.skipif(durable.available() is not None, reason="durable-rules cannot be used here")

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
