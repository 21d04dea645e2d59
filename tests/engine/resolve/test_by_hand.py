"""The resolver against every lawful set of claims tried by hand, by either way of searching."""

from __future__ import annotations

import os

import pytest

from conggao.engine.resolve import Cap, Resolution, best, exact, resolve
from tests.engine.resolve.by_hand import Answer, answer
from tests.engine.resolve.instances import as_python, claim, instance

SIZE = int(os.environ.get("CONGGAO_AGREEMENT", "0"))
COUNT = 50_000 if SIZE >= 50_000 else 1_500
BLOCKS = 6


def differences(found: Resolution, wanted: Answer) -> list[str]:
    """What the two do not agree on; a recipient of whom nothing is said is paid nothing."""
    pairs: list[tuple[str, object, object]] = [
        ("plan", found.plan, wanted.plan),
        ("status", {key: award.status for key, award in found.awards.items()}, wanted.statuses),
        ("amount", {key: (award.low, award.high) for key, award in found.awards.items()}, wanted.amounts),
        ("naive", found.naive, wanted.naive),
        ("proven", found.proven, True),
        ("bound", found.bound, None),
    ]
    awards = found.awards
    pairs += [
        ("difference", {key: awards[key].difference for key in wanted.differences}, wanted.differences),
        ("break-even", {key: awards[key].break_even for key in wanted.break_even}, wanted.break_even),
        (
            "superseded by",
            {key: award.superseded_by for key, award in awards.items() if award.superseded_by},
            {key: keys for key, keys in wanted.superseded_by.items() if keys},
        ),
        ("totals", _paid(found.totals), _paid(wanted.totals)),
    ]
    return [f"{name}: {mine!r}, by hand {theirs!r}" for name, mine, theirs in pairs if mine != theirs]


def _paid(totals: object) -> dict[str, object]:
    assert isinstance(totals, dict)
    return {recipient: ends for recipient, ends in totals.items() if ends != (0, 0)}


def check(seed: int) -> None:
    claims, caps, ceilings = instance(seed)
    faults = differences(resolve(claims, caps, ceilings), answer(claims, caps, ceilings))
    assert not faults, "\n".join([f"seed {seed}", *faults, as_python(claims, caps, ceilings)])


@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize("method", ["search", "solver"])
def test_plan_statuses_and_amounts_are_those_of_all_sets(
    method: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Branch and bound and CP-SAT alike; instances are seeds, so that a failing one can be made again."""
    if method == "solver" and not exact.available():
        pytest.skip("OR-Tools is not installed")
    monkeypatch.setattr(best, "method", method)
    for seed in range(block * COUNT // BLOCKS, (block + 1) * COUNT // BLOCKS):
        check(seed)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_so_are_those_of_the_cheapest_way(block: int) -> None:
    first = 10**6
    for seed in range(first + block * COUNT // BLOCKS, first + (block + 1) * COUNT // BLOCKS):
        check(seed)


def test_what_others_lose_in_one_component_is_not_added_to_what_they_gain_in_another() -> None:
    """The park is sure of 100 and 10; with all upper ends the enterprise takes the first line and the park keeps 11 of 110."""
    line = (("enterprise", "fee"),)
    claims = [
        claim("c/1", "enterprise", 0, 200, lines=line),
        claim("c/2", "enterprise", 100, lines=line, recipient="park"),
        claim("c/3", "enterprise", 10, 11, recipient="park"),
    ]
    result = resolve(claims, {}, {})
    assert result.totals == {"enterprise": (0, 200), "park": (110, 110)}
    assert not differences(result, answer(claims, {}, {}))


def test_a_cap_that_upper_ends_use_up_leaves_nothing() -> None:
    """The park's claim would come first and take 40 of the 50 that are sure; left out, it finds the cap used up at the upper end."""
    claims = [
        claim("c/1", "project:P1", 60, cap="c/1", recipient="park"),
        claim("c/1", "project:P2", 10, 100, cap="c/1"),
    ]
    caps = {"c/1": Cap(50, 60)}
    result = resolve(claims, caps, {})
    assert result.plan == (("c/1", "project:P2"),)
    assert result.awards["c/1", "project:P1"].status == "exhausted"
    assert not differences(result, answer(claims, caps, {}))


def test_who_is_paid_under_a_common_ceiling_at_upper_ends_is_asked_of_the_upper_optimum() -> None:
    """Lower ends share the ceiling by 100 and 100; with all ends decided upwards the nation's claim is paid 160 of it."""
    claims = [
        claim("c/1", "project:P1", 100, None, ceilings=("D",), recipient="provider"),
        claim("z/4", "enterprise", 100, 160, ceilings=("D",), recipient="park", level="national"),
    ]
    result = resolve(claims, {}, {"D": 200})
    assert result.totals == {"provider": (100, 100), "park": (100, 160)}
    assert not differences(result, answer(claims, {}, {"D": 200}))
