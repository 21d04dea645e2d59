"""A sweep says what decisions say: at every point, on both sides of every event, and between events nothing turns unsaid."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conggao.engine import Engine
from conggao.engine.decision import Decision
from conggao.engine.probe import Probe
from conggao.engine.sweep import Sweep, sweep
from conggao.facts.diagnostics import InputFaults
from conggao.facts.loading import load_case
from conggao.facts.models import Case
from tests.agreement import cases, wider
from tests.engine.test_probe import facts_of, values_of

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
    return f"{name}={float(low):.2f}..{float(high):.2f}" if low < high else None


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
