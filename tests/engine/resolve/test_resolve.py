"""The resolver against brute force over every lawful set of claims, and its laws as properties."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conggao.engine.resolve import Cap, Claim, resolve
from conggao.engine.resolve.model import natural
from conggao.engine.resolve.resolver import best_plan

MEASURES = ["1", "2a", "2b", "3", "10a"]
COUNT = int(os.environ.get("CONGGAO_AGREEMENT", "0")) // 20 or 1500


def claim(measure: str, subject: str, low: int, high: int | None = -1, **more: object) -> Claim:
    """A claim whose line is its own unless `lines` says otherwise; exact unless `high` is given."""
    lines = more.pop("lines", ((subject, measure),))
    top = low if high == -1 else high
    return Claim(measure, subject, (natural(measure), natural(subject)), low, top, lines=lines, **more)  # type: ignore[arg-type]


def paid_by_hand(plan: list[Claim], caps: dict[str, Cap]) -> list[tuple[int, int | None]]:
    """Fills the caps as the law says, written again from the law: lows first, then what is left with upper ends."""
    lows: list[int] = []
    highs: list[int | None] = []
    for index, item in enumerate(plan):
        low = max(0, item.low - item.own)
        if item.cap:
            before = sum(lows[j] for j in range(index) if plan[j].cap == item.cap)
            low = max(0, min(low, caps[item.cap].low - before))
        lows.append(low)
    for index, item in enumerate(plan):
        high = None if item.high is None else max(0, item.high - item.own)
        top = caps[item.cap].high if item.cap else None
        if top is not None:
            used = sum(lows[j] for j in range(len(plan)) if plan[j].cap == item.cap)
            used += sum((highs[j] or 0) - lows[j] for j in range(index) if plan[j].cap == item.cap)
            room = max(0, top - used)
            high = lows[index] + (room if high is None else min(room, max(0, high - lows[index])))
        highs.append(high)
    return [
        (max(0, low - item.rival), None if high is None else max(0, high - item.rival))
        for item, low, high in zip(plan, lows, highs, strict=True)
    ]


def value_by_hand(plan: list[Claim], caps: dict[str, Cap]) -> tuple[int, ...]:
    amounts = paid_by_hand(plan, caps)
    own = [pair for item, pair in zip(plan, amounts, strict=True) if item.recipient == "enterprise"]
    other = [pair for item, pair in zip(plan, amounts, strict=True) if item.recipient != "enterprise"]
    by_level = {
        level: sum(a[0] for i, a in zip(plan, amounts, strict=True) if i.level == level)
        for level in ("national", "region")
    }
    return (
        sum(low for low, _ in own), sum(low for low, _ in other),
        sum(high is None for _, high in own), sum(high or 0 for _, high in own),
        sum(high is None for _, high in other), sum(high or 0 for _, high in other),
        by_level["national"], by_level["region"],
    )  # fmt: skip


def best_by_hand(claims: list[Claim], caps: dict[str, Cap]) -> tuple[tuple[int, ...], list[tuple[str, str]]]:
    ordered = sorted(claims, key=lambda item: item.order)
    best: tuple[tuple[int, ...], list[Claim]] | None = None
    for size in range(len(ordered) + 1):
        for plan in combinations(ordered, size):
            lines = [line for item in plan for line in set(item.lines)]
            if len(set(lines)) < len(lines):
                continue
            value = value_by_hand(list(plan), caps)
            ids = [item.order for item in plan]
            if best is None or value > best[0] or (value == best[0] and ids < [item.order for item in best[1]]):
                best = value, list(plan)
    assert best is not None
    return best[0], [item.key for item in best[1]]


def instance(seed: int) -> tuple[list[Claim], dict[str, Cap]]:
    """Up to 8 claims on few lines, with caps that bind, intervals, receipts and all three levels."""
    r = random.Random(seed)
    caps: dict[str, Cap] = {}
    claims: list[Claim] = []
    keys: set[tuple[str, str]] = set()
    payer = {
        name: (r.choice(["national", "region", "city"]), r.choice(["enterprise", "enterprise", "park"]))
        for name in MEASURES
    }
    for _ in range(r.randint(1, 8)):
        measure, subject = r.choice(MEASURES), r.choice(["project:P1", "project:P2", "project:P10", "enterprise"])
        if (measure, subject) in keys:
            continue
        keys.add((measure, subject))
        low = r.choice([0, 1, 50, 100, 100, 150, 200])
        high = r.choice([low, low, low, low + 1, low + 60, None])
        cap = None
        if r.random() < 0.5:
            cap = measure
            top = r.choice([0, 99, 100, 150, 200])
            caps.setdefault(cap, Cap(top, r.choice([top, top, top + 30, None])))
        lines = tuple(sorted({(subject, r.choice("abc")) for _ in range(r.choice([1, 1, 2]))}))
        claims.append(
            claim(measure, subject, low, high, lines=lines, cap=cap, own=r.choice([0, 0, 0, 30, 100]), rival=r.choice([0, 0, 0, 40, 120]),
                  level=payer[measure][0], recipient=payer[measure][1])
        )  # fmt: skip
    return claims, caps


@pytest.mark.parametrize("block", range(4))
def test_the_plan_is_the_best_of_all_subsets(block: int) -> None:
    for seed in range(block * COUNT // 4, (block + 1) * COUNT // 4):
        claims, caps = instance(seed)
        plan = best_plan(claims, caps)
        assert plan.proven
        wanted, _ = best_by_hand(claims, caps)
        assert plan.value == wanted, f"seed {seed}"


def test_among_equals_the_smallest_list_of_ids_is_taken() -> None:
    """2a and 2b pay the same: 2a comes first, whatever the order of the input."""
    both = [
        claim("2b", "project:P1", 100, lines=(("project:P1", "fee"),)),
        claim("2a", "project:P1", 100, lines=(("project:P1", "fee"),)),
    ]
    for order in (both, both[::-1]):
        result = resolve(order, {})
        assert result.awards["2a", "project:P1"].status == "granted"
        assert result.awards["2b", "project:P1"].status == "superseded"
        assert result.awards["2b", "project:P1"].superseded_by == (("2a", "project:P1"),)


def test_first_come_is_not_best() -> None:
    """Two projects, 2a capped over both at 200: P1 may take 2a, but then P2 must take 2b, or the sum falls short."""
    fee = [(("project:P1", "fee"),), (("project:P2", "fee"),)]
    claims = [
        claim("2a", "project:P1", 200, lines=fee[0], cap="2a"),
        claim("2a", "project:P2", 150, lines=fee[1], cap="2a"),
        claim("2b", "project:P1", 200, lines=fee[0]),
        claim("2b", "project:P2", 150, lines=fee[1]),
    ]
    result = resolve(claims, {"2a": Cap(200, 200)})
    assert result.totals["enterprise"] == (350, 350)
    assert result.awards["2a", "project:P1"].status == "granted"
    assert result.awards["2b", "project:P2"].status == "granted"
    assert result.awards["2a", "project:P2"].superseded_by == (("2b", "project:P2"),)


def test_a_shared_cap_is_filled_in_natural_order_of_subjects() -> None:
    claims = [claim("3", f"project:P{n}", 120, cap="3") for n in (10, 2, 1)]
    result = resolve(claims, {"3": Cap(200, 200)})
    assert [result.awards["3", f"project:P{n}"].low for n in (1, 2, 10)] == [120, 80, 0]
    assert result.awards["3", "project:P10"].status == "exhausted"


def test_an_interval_cap_gives_lower_ends_first_and_then_upper_ends() -> None:
    claims = [claim("9b", f"project:P{n}", 40, cap="9b") for n in (1, 2)]
    result = resolve(claims, {"9b": Cap(50, 60)})
    assert [result.awards["9b", f"project:P{n}"][1:3] for n in (1, 2)] == [(40, 40), (10, 20)]
    assert result.totals["enterprise"] == (50, 60)


def test_what_was_received_only_reduces_what_the_enterprise_is_sure_of() -> None:
    for seed in range(COUNT // 4):
        claims, caps = instance(seed)
        richer = [replace(item, own=0, rival=0) for item in claims]
        low = resolve(claims, caps).totals.get("enterprise", (0, 0))[0]
        assert low <= resolve(richer, caps).totals.get("enterprise", (0, 0))[0], f"seed {seed}"


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_no_line_or_cap_is_paid_twice(seed: int, shuffle: random.Random) -> None:
    claims, caps = instance(seed)
    result = resolve(claims, caps)
    mixed = claims[:]
    shuffle.shuffle(mixed)
    assert resolve(mixed, caps) == result
    paid = [item for item in claims if result.awards[item.key].low > 0]
    lines = [line for item in paid for line in set(item.lines)]
    assert len(lines) == len(set(lines))
    for key, cap in caps.items():
        assert sum(result.awards[item.key].low for item in claims if item.cap == key) <= cap.low
    assert result.totals == {} or sum(low for low, _ in result.totals.values()) == sum(
        award.low for award in result.awards.values()
    )


def test_adding_a_claim_never_lowers_the_sure_total() -> None:
    for seed in range(COUNT // 4):
        claims, caps = instance(seed)
        fewer = resolve(claims[:-1], caps).totals.get("enterprise", (0, 0))[0]
        assert resolve(claims, caps).totals.get("enterprise", (0, 0))[0] >= fewer, f"seed {seed}"


def test_many_projects_under_one_cap_are_planned_at_once() -> None:
    """Forty projects, every one with the choice of 2a or 2b: 2a may hold only as many as fill its cap."""
    claims = []
    for n in range(1, 41):
        line = ((f"project:P{n}", "fee"),)
        claims += [claim("2a", f"project:P{n}", 50, lines=line, cap="2a"), claim("2b", f"project:P{n}", 50, lines=line)]
    result = resolve(claims, {"2a": Cap(200, 200)})
    assert result.proven
    assert result.totals["enterprise"] == (2000, 2000)
    assert [n for n in range(1, 41) if result.awards["2a", f"project:P{n}"].status == "granted"] == [1, 2, 3, 4]


def test_a_plan_that_cannot_be_proven_in_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best plan found is returned, never passed off as optimal."""
    monkeypatch.setattr("conggao.engine.resolve.search.MOST_STEPS", 3)
    claims = []
    for n in range(1, 9):
        line = ((f"project:P{n}", "fee"),)
        claims += [claim("2a", f"project:P{n}", 50, lines=line, cap="2a"), claim("2b", f"project:P{n}", 50, lines=line)]
    result = resolve(claims, {"2a": Cap(200, 200)})
    assert not result.proven
    assert 0 < result.totals["enterprise"][0] <= 400
