"""A lane read along one fact: what holds at each count, where that turns, and the totals at very many counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from conggao.engine.evaluate.program import CompiledMeasure
from conggao.engine.evaluate.record import Record
from conggao.engine.language.tree import Choice, Derived, Extreme, Node, children
from conggao.engine.probe_lane import Lane, Reading
from conggao.engine.resolve.model import Key
from conggao.engine.sweep_axis import Axis

Ends = tuple[int, int | None]
_NOTHING: Ends = (0, 0)
_LOOKS = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """Something besides a status that can turn: a cap or ceiling that binds, a branch of an amount that is taken."""

    kind: str
    measure: str
    subject: str
    state: Any


@dataclass(frozen=True, slots=True)
class State:
    """What holds at one count: statuses, amounts and rivals by (measure, subject), marks, the total, whether it is proven."""

    status: Mapping[Key, str]
    amount: Mapping[Key, Ends]
    behind: Mapping[Key, tuple[Key, ...]]
    marks: frozenset[Mark]
    total: Ends
    proven: bool

    @property
    def sign(self) -> tuple[Any, ...]:
        """What turns where it differs."""
        return self.status, self.marks


class Track:
    """States along fact number `at` of a lane, the others staying at `others`. `recipient` is whose total is told."""

    def __init__(self, lane: Lane, axis: Axis, recipient: str, at: int = 0, others: Sequence[Any] = ()) -> None:
        self.lane, self.axis, self.recipient = lane, axis, recipient
        self._before, self._after = list(others[:at]), list(others[at:])
        self.states: dict[int, State] = {}
        self._choices: dict[str, list[Node]] = {}
        self._still = lane.still.totals.get(recipient, _NOTHING)

    def slots(self, count: int) -> list[Any]:
        return [*self._before, self.axis.slot(count), *self._after]

    def state(self, count: int) -> State:
        """What holds at `count`."""
        known = self.states.get(count)
        if known is None:
            known = self.states[count] = self._state(self.lane.read(self.slots(count)))
        return known

    def turns(self, counts: Iterable[int]) -> list[int]:
        """Each count at which something turns: what holds there is not what holds one unit below.

        Found exactly between any two of `counts` that differ; between two that are alike nothing is looked for.
        """
        ordered = sorted(set(counts))
        found: list[int] = []
        for low, high in pairwise(ordered):
            found += self._between(low, high)
        return found

    def _between(self, low: int, high: int) -> Iterator[int]:
        while self.state(low).sign != self.state(high).sign:
            same, other, sign = low, high, self.state(low).sign
            while other - same > 1:
                middle = (same + other) // 2
                if self.state(middle).sign == sign:
                    same = middle
                else:
                    other = middle
            yield other
            low = other

    def totals(self, counts: Sequence[int]) -> list[Ends]:
        """The total at each of the ascending `counts`, exactly.

        Where a single claim of the enterprise varies between two counts, the optimum can neither fall as it grows nor grow by more than
        it does; so where the optimum grows by nothing, or by as much as the claim, it does so all the way, and nothing is planned again.
        """
        found: dict[int, Ends] = {}
        followed = self.recipient == "enterprise" and self.lane.under_fixed_ceilings
        if len(counts) > _LOOKS and followed and self._rarely_two(counts):
            vectors = [self._vector(count) for count in counts]
            self._fill(counts, vectors, found)
        return [found[count] if count in found else self._total(count) for count in counts]

    def _total(self, count: int) -> Ends:
        known = self.states.get(count)
        if known is not None:
            return known.total
        return self._whole(self.lane.read(self.slots(count)))

    def _rarely_two(self, counts: Sequence[int]) -> bool:
        """Whether somewhere among the counts at most one record varies; elsewhere looking for it costs more than it brings."""
        some = [self._vector(counts[(len(counts) - 1) * n // _LOOKS]) for n in range(_LOOKS + 1)]
        return any(sum(a != b for a, b in zip(one, other, strict=True)) < 2 for one, other in pairwise(some))  # noqa: PLR2004

    def _fill(self, counts: Sequence[int], vectors: Sequence[list[Any]], found: dict[int, Ends]) -> None:
        """The totals at `counts` that follow from those at both ends; halves the way where they do not."""
        waiting = [(0, len(counts) - 1)]
        while waiting:
            i, j = waiting.pop()
            if j - i < 2:  # noqa: PLR2004 - nothing lies between
                continue
            start, end = self.state(counts[i]), self.state(counts[j])
            slopes = self._slopes(vectors, i, j, start, end)
            if slopes is None:
                middle = (i + j) // 2
                waiting += [(i, middle), (middle, j)]
                continue
            place, grows = slopes
            for k in range(i + 1, j):
                low, high = start.total
                if place is not None:
                    (was, most), (now, top) = vectors[i][place][2], vectors[k][place][2]
                    low += (now - was) * grows[0]
                    if high is not None and grows[1]:
                        high += top - most
                found[counts[k]] = low, high

    def _slopes(
        self, vectors: Sequence[list[Any]], i: int, j: int, start: State, end: State
    ) -> tuple[int | None, tuple[int, int]] | None:
        """Which entry varies from `i` to `j`, and whether the lower and the upper total follow it; None where that cannot be said."""
        first, last = vectors[i], vectors[j]
        if not (start.proven and end.proven):
            return None
        places = {p for k in range(i + 1, j + 1) for p in range(len(first)) if vectors[k][p] != first[p]}
        if not places:
            return (None, (0, 0)) if start.total == end.total else None
        if len(places) > 1:
            return None
        place = places.pop()
        low, high = _ends(first[place]), _ends(last[place])
        if low is None or high is None or first[place][4] != "enterprise":
            return None
        for k in range(i + 1, j):
            entry = vectors[k][place]
            ends = _ends(entry)
            if ends is None or entry[3] != first[place][3]:
                return None
            for side in (0, 1):
                a, b, c = low[side], ends[side], high[side]
                if (a is None or b is None or c is None) and not a is b is c is None:
                    return None
                if a is not None and b is not None and c is not None and not min(a, c) <= b <= max(a, c):
                    return None
        if last[place][3] != first[place][3]:
            return None
        grows = []
        for side in (0, 1):
            a, c, before, after = low[side], high[side], start.total[side], end.total[side]
            if before == after:
                grows.append(0)
            elif (
                before is not None and after is not None and a is not None and c is not None and after - before == c - a
            ):
                grows.append(1)
            else:
                return None
        return place, (grows[0], grows[1])

    def _vector(self, count: int) -> list[Any]:
        """What the moving part is at `count`, before it is planned: a claim's truth, amount, cap and recipient, record by record."""
        return [
            (record.truth, record.assessed, record.standard, record.cap, record.compiled.measure.recipient)
            for _, record in self.lane.turned(self.slots(count))
        ]

    def _whole(self, reading: Reading) -> Ends:
        low, high = reading.resolution.totals.get(self.recipient, _NOTHING)
        most = self._still[1]
        return low + self._still[0], None if high is None or most is None else high + most

    def _state(self, reading: Reading) -> State:
        awards = reading.resolution.awards
        status: dict[Key, str] = {}
        amount: dict[Key, Ends] = {}
        behind: dict[Key, tuple[Key, ...]] = {}
        for record in reading.records:
            key = record.key
            award = None if record.standard is None else awards.get(key)
            if award is not None:
                status[key] = award.status
                amount[key] = award.low, award.high
                if award.superseded_by:
                    behind[key] = award.superseded_by
            elif record.truth is False or record.assessed == 0:
                status[key] = "unmet"
            elif record.truth and record.compiled.measure.kind == "service":
                status[key] = "service"
            else:
                status[key] = "undetermined"
        marks = frozenset(self._marks(reading, status))
        proven = reading.resolution.proven and self.lane.still.proven
        return State(status, amount, behind, marks, self._whole(reading), proven)

    def _marks(self, reading: Reading, status: Mapping[Key, str]) -> Iterator[Mark]:
        turning = {compiled.measure.key for compiled in self.lane.turning}
        for record in reading.records:
            measure, who = record.compiled.measure, record.subject.name
            if record.standard is None or measure.key not in turning or record.assessed is not None:
                continue
            own = record.compiled.own_cap
            cap = None if own is None else own(record.subject.frame)
            if cap is not None and status[record.key] in ("granted", "contingent"):
                binds = tuple(a is not None and a == b for a, b in zip(record.standard, cap, strict=True))
                if any(binds):
                    yield Mark("cap", measure.key, who, binds)
            taken = self._taken(record)
            if taken:
                yield Mark("branch", measure.key, who, taken)
        planned = [claim for claim in reading.claims.claims if status.get(claim.key) in ("granted", "exhausted")]
        for name, left in reading.claims.caps.items():
            under = [claim for claim in planned if claim.cap == name]
            if under and _filled([claim.due for claim in under], (left.low, left.high)):
                key, _, scope = name.partition("@")
                yield Mark("cap", key, scope, _filled([claim.due for claim in under], (left.low, left.high)))
        for name, fen in reading.claims.ceilings.items():
            under = [claim for claim in planned if name in claim.ceilings]
            binds = _filled([claim.due for claim in under], (fen, fen)) if under else None
            if binds:
                key, _, scope = name.partition("@")
                yield Mark("ceiling", key, scope, binds)

    def _taken(self, record: Record) -> tuple[Any, ...]:
        """Which branch each choice in the amount takes, and which of several quantities is the greatest or least."""
        compiler, frame = self.lane.program.compiler, record.subject.frame
        found: list[Any] = []
        for node in self._chosen(record.compiled):
            if isinstance(node, Choice):
                found.append(
                    next((i for i, (when, _) in enumerate(node.branches) if compiler.truth(when)(frame)), None)
                )
            elif isinstance(node, Extreme) and not node.type.interval:  # type: ignore[union-attr]
                values: list[Fraction | None] = [compiler.number(item).value(frame) for item in node.items]
                known = [value for value in values if value is not None]
                if len(known) == len(values):
                    found.append(values.index(max(known) if node.kind == "max" else min(known)))
        return tuple(found)

    def _chosen(self, compiled: CompiledMeasure) -> list[Node]:
        key = compiled.measure.key
        known = self._choices.get(key)
        if known is None:
            nodes = [node for node in (compiled.measure.amount, compiled.measure.cap) if node is not None]
            known = self._choices[key] = [found for node in nodes for found in self._choosing(node)]
        return known

    def _choosing(self, node: Node) -> Iterator[Node]:
        if isinstance(node, Choice | Extreme):
            yield node
        if isinstance(node, Derived):
            yield from self._choosing(self.lane.program.derivations[node.subject, node.name].node)
        for child in children(node):
            yield from self._choosing(child)


def _ends(entry: Any) -> Ends | None:
    """The standard of an eligible record."""
    return entry[2] if entry[0] else None


def _filled(dues: Sequence[Ends], left: Ends) -> tuple[bool, bool] | None:
    """Whether claims fill what is left at their lower and upper ends; None where neither."""
    low = sum(due[0] for due in dues) >= left[0] if left[0] else False
    highs = [due[1] for due in dues]
    high = left[1] is not None and bool(left[1]) and (None in highs or sum(h or 0 for h in highs) >= left[1])
    return (low, high) if low or high else None
