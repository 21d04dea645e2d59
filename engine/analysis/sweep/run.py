"""Money as a function of one fact, or of two: every value between two ends, and exactly where something turns.

`sweep(engine, case, "latest.rd_expense=0..2000万元")` tells the sure and the highest total at many values of the fact, and every value at
which a measure begins or ceases to apply, a cap is reached, or another measure pays instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any, Literal

from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.probe.lane import Lane
from conggao.engine.analysis.sweep.axis import Axis, read_axis
from conggao.engine.analysis.sweep.fill import Ends
from conggao.engine.analysis.sweep.roots import Roots
from conggao.engine.analysis.sweep.track import Mark, State, Track
from conggao.engine.decide import CaseLike, Engine
from conggao.engine.resolve.model import Key, natural
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.paths import read_value

Kind = Literal["threshold", "cap", "switch", "branch"]
POINTS, POINTS_OF_TWO = 201, 41
MOST, MOST_OF_TWO = 100_001, 501
"""Points of each fact: beyond these a picture shows no more, and of two facts they multiply."""
COARSE = 64
"""Points at which all is looked at between the places that the rules show, whatever is asked for."""
_PLAN = ("granted", "superseded", "contingent")
_CLAIMED = (*_PLAN, "received", "exhausted")


@dataclass(frozen=True, slots=True)
class Point:
    """The total at some values of the facts (base units), in fen: what is sure, and the most it can be (None: open)."""

    values: tuple[Fraction, ...]
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What turns for one measure and subject. `before` and `after` are statuses, `low` the sure amounts in fen.

    `threshold`: a condition turns, or what money received leaves; `cap`: a cap or ceiling begins or ceases to bind (`binds`);
    `switch`: the measure begins or ceases to be the one that pays, and `instead` names the others; `branch`: the rule of its amount
    takes another branch.
    """

    kind: Kind
    measure: str
    subject: str
    before: str
    after: str
    low: tuple[int, int]
    binds: bool = False
    instead: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """The smallest value of the fact from which something is so: at `value` base units it is, a unit (see Axis) below it is not.

    `gain` is what the sure total gains from that unit below to `value`, in fen, negative for a loss; `gain_high` the highest one, None
    where it is open on either side. `cliff`: the sure total drops. `drawn` is what the points tell, the unit below and at `value`.
    """

    fact: str
    value: Fraction
    count: int
    turns: tuple[Turn, ...]
    gain: int
    gain_high: int | None
    drawn: tuple[Ends, Ends]

    @property
    def cliff(self) -> bool:
        return self.gain < 0


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep over one axis or two. Points go along the last axis first; totals are those of `recipient`, or of `measure` alone."""

    axes: tuple[Axis, ...]
    as_of: date
    measure: str | None
    recipient: str
    points: tuple[Point, ...]
    events: tuple[Event, ...]
    proven: bool


def sweep(
    engine: Engine,
    case: CaseLike,
    first: str,
    second: str | None = None,
    points: int | None = None,
    measure: str | None = None,
    as_of: date | str | None = None,
) -> Sweep:
    """The money of `case` while the fact of `first` (`FACT=FROM..TO`) varies, or those of `first` and `second`.

    `points` values a fact, both ends included: by default 201, or 41 of each of two; at most 100,001, or 501. Events of two facts
    are those of each, the other as the case states it. `measure`: the money and events of that measure only. Raises InputFaults.
    """
    probe = Probe(engine, case, as_of)
    axes, key = _asked(probe, [text for text in (first, second) if text is not None], measure)
    number = points if points is not None else POINTS if len(axes) == 1 else POINTS_OF_TWO
    most = MOST if len(axes) == 1 else MOST_OF_TWO
    if not 2 <= number <= most:  # noqa: PLR2004 - both ends
        message = Text(f"每个事实取 2 至 {most} 个点", f"there must be 2 to {most} points of each fact")
        raise InputFaults([Diagnostic("sweep/points", message, path=str(number))])
    lanes = [_lane(probe, [axis]) for axis in axes]
    both = lanes[0] if len(axes) == 1 else _lane(probe, axes)
    recipient = _recipient(both, key)
    tracks = [Track(lane, axis, recipient) for lane, axis in zip(lanes, axes, strict=True)]
    events = tuple(event for track in tracks for event in _events(track, key))
    counts = [axis.spread(number) for axis in axes]
    found: list[tuple[tuple[int, ...], Ends]] = []
    if len(axes) == 1:
        found += [((count,), ends) for count, ends in zip(counts[0], _money(tracks[0], counts[0], key), strict=True)]
    else:
        for count in counts[0]:
            row = Track(both, axes[1], recipient, 1, [axes[0].slot(count)])
            found += [((count, c), e) for c, e in zip(counts[1], _money(row, counts[1], key), strict=True)]
    made = tuple(
        Point(tuple(axis.value(c) for axis, c in zip(axes, at, strict=True)), low, high) for at, (low, high) in found
    )
    proven = all(state.proven for track in tracks for state in track.states.values())
    return Sweep(axes, probe.day, key, recipient, made, events, proven)


def _asked(probe: Probe, texts: Sequence[str], measure: str | None) -> tuple[tuple[Axis, ...], str | None]:
    """The axes and the full id of the measure; all faults at once."""
    faults: list[Diagnostic] = []
    axes: list[Axis] = []
    for text in texts:
        try:
            axes.append(read_axis(probe, text))
        except InputFaults as found:
            faults += found.diagnostics
    if len({axis.name for axis in axes}) < len(axes):
        message = Text("两次写了同一个事实", "the same fact stands here twice")
        faults.append(Diagnostic("sweep/twice", message, path=" ".join(texts)))
    key = None
    if measure is not None:
        books = probe.engine.edition(probe.day).rulebooks
        pair = books.find(measure)
        if pair is None:
            known = [name for policy in books.policies for m in policy.measures for name in (m.key, m.id)]
            message = Text(f"没有措施 `{measure}`", f"there is no measure `{measure}`")
            faults.append(Diagnostic("sweep/unknown-measure", message, path=measure, help=did_you_mean(measure, known)))
        else:
            key = pair[1].key
    if faults:
        raise InputFaults(faults)
    return tuple(axes), key


def _lane(probe: Probe, axes: Sequence[Axis]) -> Lane:
    """A lane with every fact where the case has it, or where its axis begins."""
    stated = {axis.path: read_value(axis.path, probe.document) for axis in axes}
    lane = probe.lane(
        {axis.path: axis.stated(axis.low) if stated[axis.path] is None else stated[axis.path] for axis in axes}
    )
    assert lane is not None, "an axis is a number in a slot"
    return lane


def _recipient(lane: Lane, measure: str | None) -> str:
    """Whose money moves: that of the measure asked for, else the enterprise's wherever it may."""
    paid = {item.measure.recipient for item in lane.turning if item.standard is not None}
    if measure is not None:
        return next((item.measure.recipient for item in lane.turning if item.measure.key == measure), "enterprise")
    return "enterprise" if "enterprise" in paid or len(paid) != 1 else paid.pop()


def _money(track: Track, counts: Sequence[int], measure: str | None) -> list[Ends]:
    if measure is None:
        return track.totals(counts)
    still = [award for key, award in track.lane.still.awards.items() if key[0] == measure]
    fixed: list[Ends] = [(award.low, award.high) for award in still]
    found: list[Ends] = []
    for count in counts:
        ends = [*fixed, *(ends for key, ends in track.state(count).amount.items() if key[0] == measure)]
        highs = [high for _, high in ends]
        found.append((sum(low for low, _ in ends), None if None in highs else sum(high or 0 for high in highs)))
    return found


# -- where something turns -------------------------------------------------------------------------------------------


def _events(track: Track, measure: str | None) -> Iterator[Event]:
    axis = track.axis
    for count in track.turns(_places(track)):
        before, after = track.state(count - 1), track.state(count)
        turns = tuple(sorted(_turns(before, after), key=_order))
        if measure is not None:
            turns = tuple(turn for turn in turns if turn.measure == measure)
        if not turns:
            continue
        (low, high), (now, most) = before.total, after.total
        gain_high = None if high is None or most is None else most - high
        drawn = _money(track, [count - 1, count], measure)
        yield Event(axis.name, axis.value(count), count, turns, now - low, gain_high, (drawn[0], drawn[1]))


def _places(track: Track) -> set[int]:
    """Counts between any two of which nothing should turn and turn back: where the rules say so, and evenly spread ones."""
    axis = track.axis
    found = set(axis.spread(COARSE))
    roots = Roots(track.lane)
    for start in (axis.low, axis.high):
        # The levels at which caps and money received matter are those of the claims there.
        reading = track.lane.read(track.slots(start))
        for root in roots.of(reading.records):
            count = floor(root * axis.per)
            found.update(near for near in range(count - 1, count + 3) if axis.low <= near <= axis.high)
    # And once between each two of these, in case the rules turn in a way that is not solved for.
    ordered = sorted(found)
    return found | {(a + b) // 2 for a, b in pairwise(ordered)}


def _turns(before: State, after: State) -> Iterator[Turn]:
    keys = [key for key in after.status if before.status.get(key) != after.status[key]]
    for key in keys:
        was, now = before.status[key], after.status[key]
        low = before.amount.get(key, (0, 0))[0], after.amount.get(key, (0, 0))[0]
        if was in _PLAN and now in _PLAN:
            if "granted" not in (was, now):
                yield Turn("threshold", *key, was, now, low)
                continue
            side = after if was == "granted" else before
            rivals = side.behind.get(key, ())
            yield Turn("switch", *key, was, now, low, instead=rivals)
        elif "exhausted" in (was, now) and was in _CLAIMED and now in _CLAIMED:
            yield Turn("cap", *key, was, now, low, binds=now == "exhausted")
        else:
            instead = after.behind.get(key, ()) if now in _PLAN else ()
            yield Turn("threshold", *key, was, now, low, instead=instead)
    marked = list(_marked(before.marks, after.marks))
    filled = {mark.measure for mark, _ in marked if mark.kind == "cap"}
    for mark, binds in marked:
        key = mark.measure, mark.subject
        if key in keys or (mark.kind == "cut" and mark.measure in filled):
            continue  # said by its status, or by the cap
        low = before.amount.get(key, (0, 0))[0], after.amount.get(key, (0, 0))[0]
        kind: Kind = "branch" if mark.kind == "branch" else "threshold" if mark.kind == "left" else "cap"
        statuses = before.status.get(key, "granted"), after.status.get(key, "granted")
        yield Turn(kind, *key, *statuses, low, binds=binds)


def _marked(before: Iterable[Mark], after: Iterable[Mark]) -> Iterator[tuple[Mark, bool]]:
    """Marks that are other than they were, and whether they bind more than they did."""
    was = {(mark.kind, mark.measure, mark.subject): mark for mark in before}
    now = {(mark.kind, mark.measure, mark.subject): mark for mark in after}
    for name in dict.fromkeys([*was, *now]):
        old, new = was.get(name), now.get(name)
        if old == new:
            continue
        mark = new or old
        assert mark is not None
        yield mark, new is not None and (old is None or (mark.kind != "branch" and sum(new.state) > sum(old.state)))


def _order(turn: Turn) -> tuple[Any, ...]:
    kinds = ("threshold", "branch", "cap", "switch")
    return kinds.index(turn.kind), natural(turn.measure), natural(turn.subject)
