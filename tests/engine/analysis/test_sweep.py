"""A sweep says what decisions say: at every point, on both sides of every event, and between events nothing turns unsaid."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conggao.engine import Engine
from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.sweep import Sweep, sweep
from conggao.engine.analysis.sweep.axis import read_axis
from conggao.engine.analysis.sweep.track import Track
from conggao.engine.decision import Decision
from conggao.facts.diagnostics import InputFaults
from conggao.facts.loading import load_case
from conggao.facts.models import Case
from tests.agreement import cases, wider
from tests.engine.analysis.test_probe import facts_of, values_of

SILENT = ("programme", "not_in_force")


@pytest.fixture(scope="module")
def case(everything: Engine, sample: Path) -> Case:
    return load_case(sample, everything.vocabulary)


def decided(probe: Probe, found: Sweep, *counts: int) -> Decision:
    """A whole decision of the case with the facts at `counts` units."""
    return probe.decide({axis.path: axis.stated(count) for axis, count in zip(found.axes, counts, strict=True)})


def statuses(decision: Decision) -> dict[tuple[str, str | None], str]:
    return {(o.measure, o.subject): o.status for o in decision.outcomes if o.status not in SILENT}


def fen(value: Any) -> int | None:
    return None if value is None else int(value * 100)


def span(probe: Probe, name: str, draw: Random) -> str | None:
    """A range that holds the values which hug the fact's thresholds, and a little more."""
    path = probe.path(name)
    found = [Fraction(str(value)) for _ in range(4) for value in values_of(path, draw)]
    most = min(max(found), Fraction(10**11))
    if path.spec is not None and path.spec.kind == "integer":
        most = Fraction(int(most))
    low = int(min(found) * draw.choice((0, 1)) * 100) / Fraction(100)
    high = int(most * Fraction(draw.choice((11, 15)), 10) * 100) / Fraction(100) + 2
    if path.spec is not None and path.spec.kind == "integer":
        low, high = Fraction(int(low)), Fraction(int(high))
    return f"{name}={plain(low)}..{plain(high)}" if low < high else None


def plain(value: Fraction) -> str:
    """A whole number of hundredths as text."""
    return f"{int(value * 100) // 100}.{int(value * 100) % 100:02d}"


def hold(engine: Engine, stated: dict[str, Any], seed: int, *, wide: bool = False) -> int:
    """Holds one sweep of a random case against decisions; gives the number of its events."""
    draw = Random(seed)
    try:
        probe = Probe(engine, stated)
        text = span(probe, facts_of(stated, draw, wide=wide)[0], draw)
        if text is None:
            return 0
        found = sweep(engine, stated, text, points=draw.choice((2, 7, 30)))
    except InputFaults:
        return 0
    axis = found.axes[0]
    for point in found.points:
        decision = decided(probe, found, int(point.values[0] * axis.per))
        total = decision.totals.get(found.recipient)
        low, high = (0, 0) if total is None else (fen(total.low), fen(total.high))
        assert (point.low, point.high) == (low, high), (seed, text, point)
    counts = {axis.low, axis.high, *(draw.randint(axis.low, axis.high) for _ in range(40))}
    for event in found.events:
        counts |= {count for count in range(event.count - 2, event.count + 2) if axis.low <= count <= axis.high}
    expected = statuses(decided(probe, found, axis.low))
    events = list(found.events)
    for count in sorted(counts):
        while events and events[0].count <= count:
            for turn in events.pop(0).turns:
                if turn.before != turn.after:
                    assert expected[turn.measure, turn.subject] == turn.before
                    expected[turn.measure, turn.subject] = turn.after
        assert statuses(decided(probe, found, count)) == expected, (seed, text, count)
    return len(found.events)


@pytest.mark.parametrize("block", range(4))
def test_every_point_and_every_event_is_that_of_a_decision(engine: Engine, block: int) -> None:
    assert sum(hold(engine, cases.generate(seed), seed) for seed in range(block * 12, block * 12 + 12)) > 3


@pytest.mark.parametrize("block", range(4))
def test_every_point_and_every_event_under_all_policies(everything: Engine, block: int) -> None:
    found = sum(hold(everything, wider.generate(seed), seed, wide=True) for seed in range(block * 12, block * 12 + 12))
    assert found > 3


def test_totals_that_follow_are_those_that_are_planned(everything: Engine) -> None:
    """Very many totals follow from a few plans; every one of them is held against its own plan."""
    compared = planned = 0
    for seed in range(20):
        draw = Random(seed)
        stated = wider.generate(seed)
        try:
            probe = Probe(everything, stated)
        except InputFaults:
            continue
        for name in facts_of(stated, draw, wide=True)[:4]:
            text = span(probe, name, draw)
            if text is None:
                continue
            axis = read_axis(probe, text)
            lane = probe.lane({axis.path: axis.stated(axis.low)})
            assert lane is not None
            recipient = "enterprise" if draw.random() < 0.8 else "provider"
            track, afresh = Track(lane, axis, recipient), Track(lane, axis, recipient)
            start = draw.randint(axis.low, axis.high)
            counts = {draw.randint(axis.low, axis.high) for _ in range(60)}
            counts |= {count for count in range(start, start + 30) if count <= axis.high}
            ordered = sorted(counts)
            assert track.totals(ordered) == [afresh.state(count).total for count in ordered], (seed, text)
            compared += len(ordered)
            planned += len(track.states)
    assert planned < compared / 10, "most of them follow"


@pytest.mark.parametrize("wide", [False, True])
def test_between_events_amounts_follow_straight_lines(engine: Engine, everything: Engine, wide: bool) -> None:
    """No amount bends where nothing is said to turn: what is rounded to the fen is off a straight line by three fen at most."""
    stretches = 0
    for seed in range(20):
        draw = Random(seed)
        used = everything if wide else engine
        stated = (wider if wide else cases).generate(seed)
        try:
            probe = Probe(used, stated)
        except InputFaults:
            continue
        for name in facts_of(stated, draw, wide=wide)[:3]:
            text = span(probe, name, draw)
            if text is None:
                continue
            found = sweep(used, stated, text, points=2)
            axis, recipient = found.axes[0], found.recipient
            lane = probe.lane({axis.path: axis.stated(axis.low)})
            assert lane is not None
            track = Track(lane, axis, recipient)
            bounds = [axis.low, *(event.count for event in found.events), axis.high + 1]
            for low, end in pairwise(bounds):
                high = end - 1
                if high - low < 2:
                    continue
                stretches += 1
                first, last, middle = track.state(low), track.state(high), draw.randint(low + 1, high - 1)
                for key, ends in track.state(middle).amount.items():
                    for a, x, b in zip(first.amount[key], ends, last.amount[key], strict=True):
                        if a is None or x is None or b is None:
                            assert a is x is b is None
                        else:
                            straight = a + Fraction((b - a) * (middle - low), high - low)
                            assert abs(straight - x) <= 3, (seed, text, key, low, middle, high)
    assert stretches > 60


def test_the_sample_turns_where_the_law_says(everything: Engine, case: Case) -> None:
    """The city's carbon award asks for more than 26,000 t and an intensity 5% lower; 25,800 t on 305 million before, 336 million now."""
    found = sweep(everything, case, "latest.carbon_emissions=20000..30000", points=2)
    first, last = found.events
    assert (first.value, first.turns[0].after, first.cliff) == (Fraction("26000.001"), "granted", False)
    highest = Fraction(95, 100) * Fraction(25_800 * 336, 305)
    assert last.value - Fraction(1, 1000) <= highest < last.value
    assert (last.turns[0].before, last.turns[0].after, last.cliff) == ("granted", "unmet", True)
    assert first.gain == -last.gain == 37_000_000, "200 yuan a ton of 1,850 t"


def test_what_turns_and_turns_back_between_two_points_is_found(everything: Engine, case: Case) -> None:
    """The stretch of the award is a millionth of the range: only the rules themselves show where it lies."""
    found = sweep(everything, case, "latest.carbon_emissions=0..1000000000", points=2)
    assert [event.value for event in found.events] == [Fraction("26000.001"), Fraction("27001.181")]


def test_who_pays_changes_hands(everything: Engine, case: Case) -> None:
    """40% of both interests in the city against the nation's and the region's together."""
    found = sweep(everything, case, "projects.P1.loan_interest=0..600万元", points=2)
    (event,) = [event for event in found.events if any(turn.kind == "switch" for turn in event.turns)]
    winner = next(turn for turn in event.turns if turn.kind == "switch" and turn.after == "granted")
    losers = {(turn.measure, turn.subject) for turn in event.turns if turn.after == "superseded"}
    assert winner.measure == "yinchuan-2024-2/1"
    assert set(winner.instead) == losers
    lost = sum(turn.low[0] for turn in event.turns if turn.after == "superseded")
    assert winner.low[1] - lost == event.gain == 1, "it pays a fen more from here on, and less one fen below"


def test_a_cap_is_where_the_amount_stops_growing(everything: Engine, case: Case) -> None:
    found = sweep(everything, case, "projects.P1.loan_interest=200万元..600万元", points=2, measure="1")
    (event,) = found.events
    assert [turn.kind for turn in event.turns] == ["cap"]
    assert event.turns[0].low == (199_999_999, 200_000_000), "a fen below the cap, and at it"
    probe = Probe(everything, case)
    for more in (0, 1, 10**6):
        award = probe.money({found.axes[0].path: found.axes[0].stated(event.count + more)}).awards
        assert award["yinchuan-2024-2/1", "project:P1"].low == 200_000_000


def test_two_facts_are_told_row_by_row(everything: Engine, case: Case) -> None:
    texts = "latest.rd_expense=900万元..1300万元", "latest.main_business_revenue=1900万元..4.5亿元"
    found = sweep(everything, case, *texts, points=5)
    assert len(found.points) == 25
    probe = Probe(everything, case)
    for point in found.points:
        changes = {axis.path: axis.stated(int(v * axis.per)) for axis, v in zip(found.axes, point.values, strict=True)}
        assert (point.low, point.high) == probe.money(changes).totals["enterprise"]
    assert {event.fact for event in found.events} == {axis.name for axis in found.axes}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rd_expens=0..5", "set/unknown-fact"),
        ("latest.rd_expense=0..5吨", "case/unit"),
        ("latest.rd_expense=5..5", "sweep/range"),
        ("latest.rd_expense=9万元..5万元", "sweep/range"),
        ("latest.rd_expense=0.001..0.009", "sweep/range"),
        ("latest.rd_expense=1..5万元", "sweep/unit"),
        ("latest.rd_expense=-5..5", "case/negative"),
        ("latest.rd_expense=0..five", "case/number"),
        ("latest.rd_expense=0", "sweep/shape"),
        ("latest.rd_expense=..5", "sweep/shape"),
        ("projects.P9.loan_interest=0..5", "set/no-entry"),
        ("enterprise.employees=0..5.5", "case/integer"),
        ("as_of=2025-01-01..2026-01-01", "sweep/not-a-number"),
        ("enterprise.industry=10..20", "sweep/not-a-number"),
        ("enterprise.chain_leader=0..1", "sweep/not-a-number"),
    ],
)
def test_what_cannot_be_varied_is_told(everything: Engine, case: Case, text: str, code: str) -> None:
    with pytest.raises(InputFaults) as raised:
        sweep(everything, case, text)
    assert [item.code for item in raised.value.diagnostics] == [code]
    assert all(item.path for item in raised.value.diagnostics)


def test_all_that_is_wrong_is_told_at_once(everything: Engine, case: Case) -> None:
    with pytest.raises(InputFaults) as raised:
        sweep(everything, case, "rd_expens=0..5", "latest.rd_expense=5..1", measure="99")
    codes = [item.code for item in raised.value.diagnostics]
    assert codes == ["set/unknown-fact", "sweep/range", "sweep/unknown-measure"]
    with pytest.raises(InputFaults):
        sweep(everything, case, "latest.rd_expense=0..5", "latest.rd_expense=0..5")
    with pytest.raises(InputFaults):
        sweep(everything, case, "latest.rd_expense=0..5", points=1)
