"""What single cases of law and order come to, and the laws that hold of every instance."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conggao.engine.resolve import Award, Cap, Claim, Resolution, best, exact, resolve
from tests.engine.resolve.by_hand import exclude
from tests.engine.resolve.instances import as_python, claim, instance

SEEDS = 400
Key = tuple[str, str]


def fee(number: int) -> tuple[tuple[str, str]]:
    return ((f"project:P{number}", "fee"),)


def sure(result: Resolution, recipient: str = "enterprise") -> int:
    return result.totals.get(recipient, (0, 0))[0]


def test_among_equals_the_smallest_list_of_ids_is_taken() -> None:
    """2a and 2b pay the same: 2a comes first, whatever the order of the input."""
    both = [claim("c/2b", "project:P1", 100, lines=fee(1)), claim("c/2a", "project:P1", 100, lines=fee(1))]
    for order in (both, both[::-1]):
        result = resolve(order, {}, {})
        assert result.plan == (("c/2a", "project:P1"),)
        assert result.awards["c/2b", "project:P1"] == Award("superseded", 0, 0, (("c/2a", "project:P1"),), 0)


def test_a_list_that_goes_on_comes_before_one_that_ends() -> None:
    """A claim of 0.00 harms nothing, so it is in the plan."""
    result = resolve([claim("c/1", "enterprise", 0), claim("c/2", "enterprise", 5)], {}, {})
    assert result.plan == (("c/1", "enterprise"), ("c/2", "enterprise"))


def test_first_come_is_not_best() -> None:
    """Two projects, 2a capped over both at 200: P1 may take 2a, but then P2 must take 2b, or the sum falls short."""
    claims = [
        claim("c/2a", "project:P1", 200, lines=fee(1), cap="2a"),
        claim("c/2a", "project:P2", 150, lines=fee(2), cap="2a"),
        claim("c/2b", "project:P1", 200, lines=fee(1)),
        claim("c/2b", "project:P2", 150, lines=fee(2)),
    ]
    result = resolve(claims, {"2a": Cap(200, 200)}, {})
    assert result.totals["enterprise"] == (350, 350)
    assert result.plan == (("c/2a", "project:P1"), ("c/2b", "project:P2"))
    assert result.naive == 200, "line by line, 2a is taken twice and its cap pays once"


def test_a_shared_cap_is_filled_in_natural_order_of_subjects() -> None:
    claims = [claim("c/3", f"project:P{n}", 120, cap="3") for n in (10, 2, 1)]
    result = resolve(claims, {"3": Cap(200, 200)})
    assert [result.awards["c/3", f"project:P{n}"].low for n in (1, 2, 10)] == [120, 80, 0]
    assert result.awards["c/3", "project:P10"].status == "exhausted"


def test_an_interval_cap_gives_lower_ends_first_and_then_upper_ends() -> None:
    claims = [claim("c/9b", f"project:P{n}", 40, cap="9b") for n in (1, 2)]
    result = resolve(claims, {"9b": Cap(50, 60)})
    assert [result.awards["c/9b", f"project:P{n}"][1:3] for n in (1, 2)] == [(40, 40), (10, 20)]
    assert result.totals["enterprise"] == (50, 60)


def test_a_ceiling_cuts_the_lowest_level_first_and_then_the_last_subject() -> None:
    claims = [
        claim("c/1", "project:P1", 50, ceilings=("C",)),
        claim("c/1", "project:P2", 50, ceilings=("C",)),
        claim("z/1", "project:P9", 50, ceilings=("C",), level="national"),
    ]
    awards = resolve(claims, {}, {"C": 110}).awards
    assert [awards[item.key].low for item in claims] == [50, 10, 50]
    awards = resolve(claims, {}, {"C": 40}).awards
    assert [awards[item.key].status for item in claims] == ["exhausted", "exhausted", "granted"]


def test_an_open_end_is_finite_under_a_ceiling() -> None:
    result = resolve([claim("c/1", "enterprise", 10, None, ceilings=("C",))], {}, {"C": 70})
    assert result.awards["c/1", "enterprise"][:3] == ("granted", 10, 70)
    assert result.totals == {"enterprise": (10, 70)}


def test_a_stacking_set_competes_by_its_sum() -> None:
    """A and B stack and C excludes both: 60 and 60 are better than 100, though C is better than either."""
    line = (("enterprise", "equipment"),)
    claims = [
        claim("c/1", "enterprise", 60, lines=line, stacks=frozenset({"n/1"})),
        claim("n/1", "enterprise", 60, lines=line),
        claim("z/1", "enterprise", 100, lines=line),
    ]
    result = resolve(claims, {}, {})
    assert result.plan == (("c/1", "enterprise"), ("n/1", "enterprise"))
    assert result.awards["z/1", "enterprise"].superseded_by == result.plan
    assert result.awards["z/1", "enterprise"].difference == 20
    assert result.naive == 100


def test_an_exclusion_reaches_across_subjects_whichever_side_names_it() -> None:
    project = claim("c/1", "project:P1", 60)
    for one, other in (
        (project, claim("n/1", "enterprise", 80, excludes=frozenset({project.key}))),
        (replace(project, excludes=frozenset({("n/1", "enterprise")})), claim("n/1", "enterprise", 80)),
    ):
        assert resolve([one, other], {}, {}).plan == (("n/1", "enterprise"),)


def test_a_claim_that_yields_is_out_even_where_it_pays_more() -> None:
    first = claim("n/1", "enterprise", 10, lines=(("enterprise", "fee"),))
    yielding = claim("c/1", "enterprise", 500, lines=(("enterprise", "fee"),), yields=frozenset({first.key}))
    result = resolve([yielding, first], {}, {})
    assert result.awards[yielding.key] == Award("superseded", 0, 0, (first.key,))
    assert result.totals["enterprise"] == (10, 10)
    assert resolve([yielding], {}, {}).totals["enterprise"] == (500, 500)


def test_the_break_even_is_computed() -> None:
    """An interval of 0 to 1,000,000.00 against 333,333.33 sure: it must be granted at just that."""
    line = (("enterprise", "fee"),)
    claims = [
        claim("c/1", "enterprise", 33_333_333, lines=line),
        claim("n/1", "enterprise", 0, 100_000_000, lines=line, own=1_000_000, rival=7),
        claim("n/2", "enterprise", 0, 33_333_333, lines=line),
    ]
    awards = resolve(claims, {}, {}).awards
    assert awards["n/1", "enterprise"] == Award(
        "contingent", 0, 99_000_000 - 7 - 33_333_333, (("c/1", "enterprise"),), 33_333_333, 34_333_340
    )
    assert awards["n/2", "enterprise"].status == "superseded"


def test_of_an_open_end_the_break_even_is_finite_and_what_it_could_add_is_open() -> None:
    line = (("enterprise", "fee"),)
    claims = [claim("c/1", "enterprise", 70, lines=line), claim("n/1", "enterprise", 0, None, lines=line)]
    result = resolve(claims, {}, {})
    assert result.awards["n/1", "enterprise"] == Award("contingent", 0, None, (("c/1", "enterprise"),), 70, 70)
    assert result.totals["enterprise"] == (70, None)


def test_of_equal_plans_the_higher_level_pays() -> None:
    line = (("enterprise", "fee"),)
    claims = [
        claim("c/1", "enterprise", 50, lines=line),
        claim("n/1", "enterprise", 50, lines=line, level="region"),
        claim("z/1", "enterprise", 50, lines=line, level="national"),
    ]
    assert resolve(claims, {}, {}).plan == (("z/1", "enterprise"),)
    assert resolve(claims[:2], {}, {}).plan == (("n/1", "enterprise"),)


def test_two_different_claims_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="two different claims"):
        resolve([claim("c/1", "enterprise", 1), claim("c/1", "enterprise", 2)], {}, {})


def bare(seed: int) -> tuple[list[Claim], dict[str, Cap], dict[str, int]]:
    """An instance without claims that step back: for those, fewer claims can pay more."""
    claims, caps, ceilings = instance(seed)
    return [replace(item, yields=frozenset()) for item in claims], caps, ceilings


def narrow(seed: int) -> tuple[list[Claim], dict[str, Cap], dict[str, int]]:
    """An instance in which no claim is under two ceilings: there, what is cut from one claim can leave room to several."""
    claims, caps, ceilings = bare(seed)
    return [replace(item, ceilings=item.ceilings[:1]) for item in claims], caps, ceilings


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_anything(seed: int, shuffle: random.Random) -> None:
    claims, caps, ceilings = instance(seed)
    mixed = [*claims, *shuffle.sample(claims, shuffle.randint(0, len(claims)))]
    shuffle.shuffle(mixed)
    assert resolve(mixed, caps, ceilings) == resolve(claims, caps, ceilings), as_python(claims, caps, ceilings)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_no_line_is_paid_twice_and_nothing_shared_is_exceeded(seed: int) -> None:
    claims, caps, ceilings = instance(seed)
    result = resolve(claims, caps, ceilings)
    source = as_python(claims, caps, ceilings)
    planned = [item for item in claims if item.key in result.plan]
    assert not any(exclude(one, other) for one in planned for other in planned if one is not other), source
    assert all(result.awards[item.key].low == 0 for item in claims if item not in planned), source
    for name, cap in caps.items():
        ends = [result.awards[item.key] for item in planned if item.cap == name]
        assert sum(award.low for award in ends) <= cap.low, source
        assert cap.high is None or sum(award.high or 0 for award in ends) <= cap.high, source
    for name, ceiling in ceilings.items():
        ends = [result.awards[item.key] for item in planned if name in item.ceilings]
        assert sum(award.low for award in ends) <= ceiling, source
        assert all(award.high is not None for award in ends), source
        assert sum(award.high or 0 for award in ends) <= ceiling, source
    assert sum(low for low, _ in result.totals.values()) == sum(award.low for award in result.awards.values()), source
    assert all(high is None or low <= high for low, high in result.totals.values()), source
    assert (result.naive or 0) <= sure(result), source


def test_adding_a_claim_never_lowers_the_sure_total() -> None:
    for seed in range(SEEDS):
        claims, caps, ceilings = bare(seed)
        fewer = sure(resolve(claims[:-1], caps, ceilings))
        assert sure(resolve(claims, caps, ceilings)) >= fewer, f"seed {seed}\n{as_python(claims, caps, ceilings)}"


def test_what_was_received_only_reduces_what_the_enterprise_is_sure_of() -> None:
    for seed in range(SEEDS):
        claims, caps, ceilings = narrow(seed)
        richer = sure(resolve([replace(item, own=0, rival=0, ended=False) for item in claims], caps, ceilings))
        assert sure(resolve(claims, caps, ceilings)) <= richer, f"seed {seed}\n{as_python(claims, caps, ceilings)}"


def test_taking_a_smaller_support_first_never_brings_more() -> None:
    """What was taken counts against its cap and the claims it excludes, and these use their caps in full: together it is no more than
    the best plan. A ceiling is used only by what is still paid under it, so support from outside a ceiling relieves it: that is left out.
    """
    taken_first = 0
    for seed in range(SEEDS):
        claims, caps, _ = bare(seed)
        claims = [replace(c, own=0, rival=0, ended=False, recipient="enterprise", ceilings=()) for c in claims]
        whole = sure(resolve(claims, caps))
        for first in claims:
            fen = sure(resolve([first], caps))
            if not fen:
                continue
            taken_first += 1
            later = [
                replace(item, own=fen) if item is first else replace(item, rival=fen * exclude(item, first))
                for item in claims
            ]
            left = dict(caps)
            if first.cap is not None:
                cap = caps[first.cap]
                left[first.cap] = Cap(cap.low - fen, None if cap.high is None else cap.high - fen)
            then = fen + sure(resolve(later, left))
            assert then <= whole, f"seed {seed}, {first.key}\n{as_python(claims, caps, {})}"
    assert taken_first > SEEDS


def test_a_superseded_claim_can_go_and_nothing_changes() -> None:
    for seed in range(SEEDS):
        claims, caps, ceilings = bare(seed)
        result = resolve(claims, caps, ceilings)
        for item in claims:
            if result.awards[item.key].status == "superseded":
                without = resolve([other for other in claims if other is not item], caps, ceilings)
                source = f"seed {seed}, {item.key}\n{as_python(claims, caps, ceilings)}"
                assert without.plan == result.plan, source
                assert all(without.awards[key] == result.awards[key] for key in result.plan), source
                assert sure(without) == sure(result), source


def test_amounts_beyond_64_bits_are_resolved_alike() -> None:
    """Every amount times 10^30 changes no plan and no status, and multiplies every total."""
    by = 10**30
    for seed in range(SEEDS // 4):
        claims, caps, ceilings = instance(seed)
        small = resolve(claims, caps, ceilings)
        large = resolve(
            [replace(c, low=c.low * by, high=None if c.high is None else c.high * by, own=c.own * by, rival=c.rival * by) for c in claims],
            {name: Cap(cap.low * by, None if cap.high is None else cap.high * by) for name, cap in caps.items()},
            {name: top * by for name, top in ceilings.items()},
        )  # fmt: skip
        assert large.plan == small.plan
        assert {key: award.status for key, award in large.awards.items()} == {
            key: award.status for key, award in small.awards.items()
        }
        assert sure(large) == sure(small) * by


def projects(count: int, cap: int, measures: int = 3, seed: int = 0) -> tuple[list[Claim], dict[str, Cap]]:
    """Projects with one line each and `measures` to choose from, the first under a cap over all."""
    r = random.Random(seed)
    claims = [
        claim(f"c/{m}", f"project:P{n}", r.randint(1, 10**7), lines=fee(n), cap="c/0" if m == 0 else None)
        for n in range(count)
        for m in range(measures)
    ]
    return claims, {"c/0": Cap(cap, cap)}


def test_many_projects_under_one_cap_are_planned_at_once() -> None:
    """Forty projects, every one with the choice of 2a or 2b: 2a may hold only as many as fill its cap."""
    claims = []
    for n in range(1, 41):
        claims += [
            claim("c/2a", f"project:P{n}", 50, lines=fee(n), cap="2a"),
            claim("c/2b", f"project:P{n}", 50, lines=fee(n)),
        ]
    result = resolve(claims, {"2a": Cap(200, 200)})
    assert result.proven
    assert result.totals["enterprise"] == (2000, 2000)
    assert [n for n in range(1, 41) if result.awards["c/2a", f"project:P{n}"].status == "granted"] == [1, 2, 3, 4]


def test_both_ways_of_searching_find_the_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    if not exact.available():
        pytest.skip("OR-Tools is not installed")
    for seed in range(12):
        claims, caps = projects(12, 10**7, seed=seed)
        found = []
        for method in ("search", "solver", "cheapest"):
            monkeypatch.setattr(best, "method", method)
            found.append(resolve(claims, caps))
        assert found[0] == found[1] == found[2], f"seed {seed}"


def test_a_plan_that_cannot_be_proven_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best plan found is returned with a bound, never passed off as optimal, by either way of searching."""
    claims, caps = projects(30, 3 * 10**7)
    optimum = sure(resolve(claims, caps))
    monkeypatch.setattr(best, "MOST_STEPS", 3)
    monkeypatch.setattr(best, "FEW_STEPS", 3)
    monkeypatch.setattr(exact, "EFFORT", 0.0)
    for method in ("search", "cheapest"):
        monkeypatch.setattr(best, "method", method)
        result = resolve(claims, caps)
        assert not result.proven
        assert result.bound is not None
        assert 0 < sure(result) <= optimum <= result.bound
        assert all(award.difference is None for award in result.awards.values())
        assert len({subject for _, subject in result.plan}) == len(result.plan), "one claim a line"


def test_without_the_solver_the_search_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    claims, caps = projects(12, 10**7)
    wanted = resolve(claims, caps)
    monkeypatch.setattr(best, "FEW_STEPS", 1)
    monkeypatch.setattr(exact, "available", lambda: False)
    assert resolve(claims, caps) == wanted
    monkeypatch.setattr(exact, "installed", lambda: False)
    assert resolve(claims, caps) == wanted


SIMPLE = """
import sys
from conggao.engine.resolve import Cap, resolve
from tests.engine.resolve.instances import claim
lines = [(("project:P%d" % n, "fee"),) for n in range(10)]
claims = [claim(m, "project:P%d" % n, 100 + 7 * n + i, lines=lines[n], cap="c/1" if m == "c/1" else None)
          for n in range(10) for i, m in enumerate(("c/1", "c/2", "n/1", "z/1"))]
result = resolve(claims, {"c/1": Cap(250, 250)}, {})
assert result.proven and result.naive is not None
assert all(award.difference is None or award.difference >= 0 for award in result.awards.values())
loaded = [name for name in sys.modules if name.partition(".")[0] in ("ortools", "numpy")]
assert not loaded, loaded
"""


def test_small_components_do_not_load_the_solver() -> None:
    subprocess.run([sys.executable, "-c", SIMPLE], check=True, timeout=60)
