"""A lane read along one fact: what holds at each count, where that turns, and the totals at very many counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from conggao.engine.analysis.probe.lane import Lane, Reading
from conggao.engine.analysis.sweep.axis import Axis
from conggao.engine.analysis.sweep.fill import Ends, fill, vector
from conggao.engine.evaluate.program import CompiledMeasure
from conggao.engine.evaluate.record import Record
from conggao.engine.language.tree import Choice, Derived, Extreme, Node, children
from conggao.engine.resolve import Claim
from conggao.engine.resolve.model import Key

_NOTHING: Ends = (0, 0)
_FEW = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """Something besides a status that can turn: a cap or ceiling that binds, a branch of an amount that is taken."""

    kind: str
    measure: str
    subject: str
    state: Any


@dataclass(frozen=True, slots=True)
class State:
    """What holds at one count: statuses, amounts and rivals by (measure, subject), marks, the total, whether it is proven; the claims."""

    status: Mapping[Key, str]
    amount: Mapping[Key, Ends]
    behind: Mapping[Key, tuple[Key, ...]]
    marks: frozenset[Mark]
    total: Ends
    proven: bool
    claims: Sequence[Claim]

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
        """The total at each of the ascending `counts`, exactly; what follows from two others is not planned (see sweep_fill)."""
        found: dict[int, Ends] = {}
        if len(counts) > _FEW and self.lane.under_fixed_ceilings:
            vectors = [vector(self.lane.turned(self.slots(count))) for count in counts]
            waiting = [(0, len(counts) - 1)]
            while waiting:
                i, j = waiting.pop()
                if j - i < 2:  # noqa: PLR2004 - nothing lies between
                    continue
                start, end = self.state(counts[i]), self.state(counts[j])
                filled = fill(vectors[i : j + 1], start.claims, (start.total, end.total), self.recipient)
                if filled is None or not (start.proven and end.proven):
                    middle = (i + j) // 2
                    waiting += [(i, middle), (middle, j)]
                else:
                    found.update(zip(counts[i + 1 : j], filled, strict=True))
        return [found[count] if count in found else self._total(count) for count in counts]

    def _total(self, count: int) -> Ends:
        known = self.states.get(count)
        if known is not None:
            return known.total
        return self._whole(self.lane.read(self.slots(count)))

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
        return State(status, amount, behind, marks, self._whole(reading), proven, reading.claims.claims)

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
        for claim in planned:
            award, (low, high) = reading.resolution.awards[claim.key], claim.due
            if claim.own or claim.rival:
                yield Mark("left", *claim.key, (award.low > 0, award.high != 0))
            if claim.cap is not None or claim.ceilings:
                cut = (
                    award.low < max(0, low - claim.rival),
                    award.high is not None and (high is None or award.high < max(0, high - claim.rival)),
                )
                if any(cut):
                    yield Mark("cut", *claim.key, cut)
        for claim in reading.claims.claims:
            if claim.cap is not None and status.get(claim.key) == "contingent":
                most, high = reading.claims.caps[claim.cap].high, claim.due[1]
                if most is not None and (high is None or high >= most):
                    yield Mark("cut", *claim.key, (False, True))
        for name, left in reading.claims.caps.items():
            under = [claim for claim in planned if claim.cap == name]
            filled = _filled([claim.due for claim in under], (left.low, left.high)) if under else None
            if filled:
                key, _, scope = name.partition("@")
                yield Mark("cap", key, scope, filled)
        for name, fen in reading.claims.ceilings.items():
            under = [claim for claim in planned if name in claim.ceilings]
            filled = _filled([claim.due for claim in under], (fen, fen)) if under else None
            if filled:
                key, _, scope = name.partition("@")
                yield Mark("ceiling", key, scope, filled)

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


def _filled(dues: Sequence[Ends], left: Ends) -> tuple[bool, bool] | None:
    """Whether claims fill what is left at their lower and upper ends; None where neither."""
    low = sum(due[0] for due in dues) >= left[0] if left[0] else False
    highs = [due[1] for due in dues]
    high = left[1] is not None and bool(left[1]) and (None in highs or sum(h or 0 for h in highs) >= left[1])
    return (low, high) if low or high else None
