"""Which measures exclude each other for one subject, and the sets of them that may be claimed together: known before any row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conggao.engine.evaluate.columnar.integers import Inexpressible
from conggao.engine.evaluate.compile import is_interval
from conggao.engine.evaluate.program import CompiledMeasure, Program
from conggao.engine.rulebook.model import Measure, Policy

_MOST_SETS = 256
_MOST_MEMBERS = 60


@dataclass(frozen=True, slots=True)
class Member:
    """A measure that pays. `number` is its place among all measures of the program, in the order of outcomes."""

    number: int
    policy: Policy
    place: int
    """The place of its policy."""
    compiled: CompiledMeasure

    @property
    def key(self) -> str:
        return self.compiled.measure.key

    @property
    def shared(self) -> bool:
        """Whether its cap is one of several claims."""
        return self.compiled.shared_cap is not None


@dataclass(frozen=True)
class Component:
    """Measures of one kind of subject that hang together by exclusions, in natural order. `excluded[i]` holds the places of those that
    member i excludes, as bits; `sets` are the greatest sets of members of which none excludes another."""

    members: tuple[Member, ...]
    excluded: tuple[int, ...]
    sets: tuple[int, ...]
    unsettled: tuple[tuple[int, int], ...]
    """Pairs of which the one steps back before the other, or which stack on a common line though a third stands between."""

    def bit(self, place: int) -> int:
        """Of a plan written as bits that of one member: the first member has the highest, so that of two plans the one that is first in the
        natural order of claims is the greater number."""
        return 1 << (len(self.members) - 1 - place)

    def bits(self, places: int) -> int:
        """A set of places as a plan is written."""
        return sum(self.bit(place) for place in range(len(self.members)) if places >> place & 1)

    @property
    def plain(self) -> bool:
        """Whether one exact claim at most can stand, under no shared cap: the greatest is the plan, and no sums are needed."""
        whole = (1 << len(self.members)) - 1
        return (
            all(excluded | 1 << place == whole for place, excluded in enumerate(self.excluded))
            and not self.unsettled
            and not any(member.shared or spread(member.compiled.measure) for member in self.members)
            and len({member.compiled.measure.recipient for member in self.members}) == 1
        )

    @property
    def width(self) -> int:
        """Bits of the number that a plan is written as, with its sign."""
        return next(bits for bits in (8, 16, 32, 64) if len(self.members) < bits)

    def edges(self) -> list[tuple[int, int]]:
        many = len(self.members)
        return [(i, j) for i in range(many) for j in range(i + 1, many) if self.excluded[i] >> j & 1]


def spread(measure: Measure) -> bool:
    """Whether the standard may have two ends."""
    own = measure.cap if measure.cap_per == measure.subject else None
    return measure.amount is None or is_interval(measure.amount) or (own is not None and is_interval(own))


def members(program: Program) -> dict[str, list[Member]]:
    """The measures that pay, by kind of subject."""
    found: dict[str, list[Member]] = {"enterprise": [], "project": [], "service": [], "park": []}
    number = 0
    for place, (policy, measures) in enumerate(program.policies):
        for compiled in measures:
            if compiled.measure.kind in ("pay", "up_to"):
                found[compiled.measure.subject or "enterprise"].append(Member(number, policy, place, compiled))
            number += 1
    return found


def components(listed: Sequence[Member], program: Program) -> list[Component]:
    """The components of the measures of one kind of subject, those of a single measure left out."""
    relations = program.relations
    ordered = sorted(listed, key=lambda member: member.compiled.order)
    many = len(ordered)
    excluded = [0] * many
    unsettled: set[tuple[int, int]] = set()
    for i in range(many):
        for j in range(i + 1, many):
            one, other = ordered[i], ordered[j]
            common = set(one.compiled.lines) & set(other.compiled.lines)
            stacks = other.key in relations.stacks.get(one.key, ()) or one.key in relations.stacks.get(other.key, ())
            if other.key in relations.excludes.get(one.key, ()) or (common and not stacks):
                excluded[i] |= 1 << j
                excluded[j] |= 1 << i
            if common and (_yields(one, other, program) or _yields(other, one, program)):
                unsettled.add((i, j))
    result = []
    seen = 0
    for i in range(many):
        if seen >> i & 1:
            continue
        places = _reached(i, excluded, unsettled)
        for place in places:
            seen |= 1 << place
        if len(places) > 1:
            result.append(_component([ordered[p] for p in places], places, excluded, unsettled))
    return result


def _yields(one: Member, other: Member, program: Program) -> bool:
    return other.compiled.measure.policy in program.relations.yields.get(one.key, ())


def _reached(start: int, excluded: Sequence[int], unsettled: set[tuple[int, int]]) -> list[int]:
    found, waiting = {start}, [start]
    while waiting:
        place = waiting.pop()
        near = {other for other in range(len(excluded)) if excluded[place] >> other & 1}
        near |= {b for a, b in unsettled if a == place} | {a for a, b in unsettled if b == place}
        for other in near - found:
            found.add(other)
            waiting.append(other)
    return sorted(found)


def _component(
    listed: Sequence[Member], places: Sequence[int], excluded: Sequence[int], unsettled: set[tuple[int, int]]
) -> Component:
    own = {place: at for at, place in enumerate(places)}
    masks = tuple(sum(1 << own[other] for other in places if excluded[place] >> other & 1) for place in places)
    pairs = tuple((own[a], own[b]) for a, b in sorted(unsettled) if a in own)
    if len(listed) > _MOST_MEMBERS:
        raise Inexpressible("more measures exclude each other than are looked at")
    return Component(tuple(listed), masks, tuple(greatest_sets(masks)), pairs)


def greatest_sets(excluded: Sequence[int]) -> list[int]:
    """Every set of places of which none excludes another and to which none can be added, as bits, ascending."""
    found: list[int] = []
    everything = (1 << len(excluded)) - 1

    def grow(taken: int, possible: int, done: int) -> None:
        if not possible and not done:
            found.append(taken)
            if len(found) > _MOST_SETS:
                raise Inexpressible("more sets of claims than are looked at")
            return
        while possible:
            bit = possible & -possible
            compatible = everything & ~excluded[bit.bit_length() - 1] & ~bit
            grow(taken | bit, possible & compatible, done & compatible)
            possible &= ~bit
            done |= bit

    grow(0, everything, 0)
    return sorted(found)


def across(program: Program) -> list[tuple[str, str]]:
    """Pairs of measures for different kinds of subject that exclude each other: of an enterprise that is eligible for both, neither is
    settled alone."""
    kinds: Mapping[str, str] = {
        compiled.measure.key: compiled.measure.subject or "enterprise"
        for _, measures in program.policies
        for compiled in measures
    }
    return sorted(
        (one, other)
        for one, others in program.relations.excludes.items()
        for other in others
        if kinds[one] != kinds[other] and one < other
    )
