"""What durable-rules 2.0.28 decides otherwise than its rules say, each beside what the fence makes of it; sprung on the bare library first
where it shows there."""

from __future__ import annotations

import json
import threading
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from conggao.engine.evaluate import durable
from conggao.engine.evaluate.durable import Fact, Network, Pattern, Refused, Rule
from conggao.engine.evaluate.durable import Test as Check
from tests.engine.evaluate.bare import FACTS, MOST, VARIED, Spy, bare, one

pytestmark = pytest.mark.skipif(durable.available() is not None, reason="durable-rules cannot be used here")


@pytest.mark.parametrize(
    "value",
    [
        1e-05,
        1e16,
        float("inf"),
        float("nan"),
        1.0,
        Decimal(1),
        Fraction(1),
        True,
        "99",
        "abc",
        None,
        date(2024, 6, 1),
        MOST + 1,
        -MOST - 2,
    ],
    ids=repr,
)
def test_floats_text_dates_and_numbers_beyond_64_bits_are_refused(value: Any) -> None:
    with pytest.raises(Refused):
        Network([Rule(0, (one(),))]).run([Fact(0, 0, {0: value})])
    with pytest.raises(Refused):
        Network([Rule(0, (Pattern(0, (Check(0, "<", value),)),))])


def test_what_the_bare_library_makes_of_them() -> None:
    """1e-05 is no number to it, an integer of 71 bits is the greatest of 64, and "99" is at least 100."""
    assert "error code: 204" in bare('told(made(r=[{"e": {"$lt": {"f": 1}}}]), f=1e-05)').stderr
    assert bare('h = made(r=[{"e": {"f": 2**63 - 1}}]); print(fired(h, told(h, f=2**70)[1]))').stdout == "1\n"
    assert bare('h = made(r=[{"e": {"$gte": {"f": 100}}}]); print(fired(h, told(h, f="99")[1]))').stdout == "1\n"
    halved = '{"$div": {"$l": {"$m": "y"}, "$r": 2}}'
    assert bare(f'h = made(r=[{{"e": {{"x": {halved}}}}}]); print(fired(h, told(h, x=1, y=3)[1]))').stdout == "1\n"


def test_an_or_does_not_grant_twice() -> None:
    """The library's `or` fires for each true branch. Here it is two rules, and what both derive holds once."""
    assert (
        bare('h = made(r=[{"e": {"$or": [{"f": 1}, {"g": 1}]}}]); print(fired(h, told(h, f=1, g=1)[1]))').stdout
        == "2\n"
    )
    rules = [
        Rule(0, (one(0),), 10),
        Rule(1, (one(1),), 10),
        Rule(2, (Pattern(10),)),
        Rule(3, (Pattern(0), Pattern(10))),
    ]
    assert Network(rules).run([Fact(0, 4, {0: 1, 1: 1})]) == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_threads_in_one_session() -> None:
    """All sessions have the same name, so they must not overlap: each thread gets the answer to its own facts."""
    network = Network([Rule(n, (Pattern(0, (Check(0, "==", n),)),)) for n in range(40)])
    wrong: list[object] = []

    def work(number: int) -> None:
        wrong.extend(
            found for _ in range(1500) if (found := network.run([Fact(0, number, {0: number})])) != [(number, number)]
        )

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "call", ["assert_facts", "start_action_for_state", "assert_fact", "complete_and_start_action", "delete_state"]
)
def test_what_breaks_off_a_session_is_not_swallowed(spy: Spy, call: str) -> None:
    """It goes to the caller, and nothing of the broken session is in the next, which has a ruleset of its own."""
    network = Network([Rule(0, (one(),), 1), Rule(1, (Pattern(1),)), Rule(2, (one(1),))])
    expected = [(0, 5), (1, 5)]
    assert network.run([Fact(0, 5, {0: 1})]) == expected
    spy.break_at = call
    with pytest.raises(KeyboardInterrupt):
        network.run([Fact(0, 6, {0: 1, 1: 1})])
    assert [network.run([Fact(0, 5, {0: 1})]) for _ in range(3)] == [expected] * 3
    assert sum(name == "create_ruleset" for name, _ in spy.calls) == 2


def test_no_action_is_ours(spy: Spy) -> None:
    """Exceptions in actions, their time limit and their parameters: the library is given nothing but numbers and text."""
    Network(VARIED).run(FACTS)
    assert {type(value) for _, given in spy.calls for value in given} == {int, str}


def test_two_patterns_that_one_fact_meets() -> None:
    """The library would not fire: no fact stands for two patterns. Here it does, of its own subject or of any."""
    assert (
        bare(
            'h = made(r=[{"a": {"$gt": {"f": 1}}}, {"b": {"$gt": {"g": 1}}}]); print(fired(h, told(h, f=5, g=5)[1]))'
        ).stdout
        == "0\n"
    )
    rules = [
        Rule(0, (one(0), Pattern(0, (Check(1, "==", 1),), same_subject=True))),
        Rule(1, (one(0), one(1))),
        Rule(2, (Pattern(1), one(0), one(1))),
    ]
    network = Network(rules)
    assert network.run([Fact(0, 0, {0: 1, 1: 1}), Fact(1, 0, {})]) == [(0, 0), (1, 0), (2, 0)]
    apart = [Fact(0, 0, {0: 1}), Fact(0, 1, {1: 1}), Fact(1, 2, {})]
    assert network.run(apart) == [(1, 0), (2, 2)], "two facts for any subject's patterns, but not for one subject's"


def test_a_fact_serves_all_rules_it_meets(spy: Spy) -> None:
    """Facts are asserted. What is posted is used up by the first rule."""
    posted = 'library.assert_event(h, json.dumps({"sid": "s", "id": "1", "f": 5}))'
    assert (
        bare(
            f'h = made(r=[{{"a": {{"f": 5}}}}], q=[{{"b": {{"$gt": {{"f": 2}}}}}}]); print(fired(h, {posted}[1]))'
        ).stdout
        == "1\n"
    )
    assert len(Network([Rule(n, (one(),)) for n in range(30)]).run([Fact(0, 0, {0: 1})])) == 30
    assert "assert_event" not in {name for name, _ in spy.calls}


def test_the_same_content_twice_and_facts_no_rule_knows(spy: Spy, capfd: pytest.CaptureFixture[str]) -> None:
    """Equal contents of two subjects, or two kinds, are two facts; one fact stated twice is refused; an unknown one is left out."""
    twice = 'h = made(r=[{"e": {"k": 1}}]); print([library.assert_fact(h, \'{"sid": "s", "k": 1}\')[0] for _ in "12"])'
    assert bare(twice).stdout == "[0, 2]\n"
    network = Network([Rule(0, (one(),)), Rule(1, (one(kind=1),))])
    same = {0: 1}
    assert network.run([Fact(0, 0, same), Fact(0, 1, same), Fact(1, 0, same), Fact(7, 0, same)]) == [
        (0, 0),
        (0, 1),
        (1, 0),
    ]
    with pytest.raises(Refused):
        network.run([Fact(0, 0, {0: 1}), Fact(0, 0, {0: 2})])
    assert network.run([Fact(0, 0, same)]) == [(0, 0)], "nothing of it is left"
    derives = Network([Rule(0, (Pattern(0),), 1), Rule(1, (Pattern(1),)), Rule(2, (Pattern(2), Pattern(1)))])
    for number in (1, 2):
        spy.calls.clear()
        derives.run([*(Fact(kind, n, {}) for kind in (0, 1) for n in range(number)), Fact(2, 9, {})])
        for told in (json.loads(given[1]) for name, given in spy.calls if name == "assert_facts"):
            assert len({(fact["k"], fact["s"]) for fact in told}) == len(told), (
                "what is stated is not asserted again where derived"
            )
    assert capfd.readouterr() == ("", "")


def test_facts_of_a_kind_that_only_the_fence_uses() -> None:
    """A stated fact of any kind must not pass for the helper that says that someone's fact meets a pattern."""
    network = Network([Rule(0, (Pattern(0), Pattern(1, (Check(0, ">", 0),))))])
    crowd = [Fact(1, n, {0: 0}) for n in range(3)]
    assert network.run([Fact(0, 0, {}), *crowd, *(Fact(kind, 0, {0: 1}) for kind in range(2, 50))]) == []
    assert network.run([Fact(0, 0, {}), *crowd, Fact(1, 9, {0: 1})]) == [(0, 0)]


def test_ruleset_names_and_equal_rules(spy: Spy) -> None:
    """Equal rules share a ruleset; a name is used once, however many there are."""
    for n in (*range(60), *range(60)):
        assert Network([Rule(0, (one(0, n),))]).run([Fact(0, 0, {0: n})]) == [(0, 0)]
    names = [given[0] for name, given in spy.calls if name == "create_ruleset"]
    assert len(names) == len(set(names)) == 60


def test_a_clock_at_its_beginning(spy: Spy) -> None:
    """A session is leased for the first 30 seconds of 1970, and nothing fires: that is said and not taken for an answer."""
    spy.library = Stopped(spy.library)
    with pytest.raises(durable.Unavailable, match="clock"):
        Network([Rule(0, (one(),))]).run([Fact(0, 0, {0: 1})])


class Stopped:
    """The library as it is in these seconds."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def __getattr__(self, name: str) -> Any:
        return (lambda *_: None) if name == "start_action_for_state" else getattr(self.library, name)
