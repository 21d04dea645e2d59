"""One component of claims as the searches see it: numbered claims, who excludes whom, and what a set of them is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from conggao.engine.resolve.model import Cap, Claim, Key
from conggao.engine.resolve.plan import Ceilings, Ends, Objective, due, in_order, objective, pay


@dataclass(frozen=True, slots=True)
class Plan:
    """A set of claims in natural order, what it is worth, and whether nothing better exists.

    `bound`: no plan brings the enterprise surely more; equal to the first of `value` where the plan is proven.
    """

    claims: tuple[Claim, ...]
    value: Objective
    proven: bool
    bound: int


def exclusions(claims: Sequence[Claim]) -> list[int]:
    """For each claim the others it excludes, as a bit mask of their places."""
    masks = [0] * len(claims)
    on_line: dict[tuple[str, ...], list[int]] = defaultdict(list)
    places: dict[Key, int] = {}
    for index, claim in enumerate(claims):
        places[claim.key] = index
        for line in dict.fromkeys(claim.lines):
            on_line[line].append(index)
    for members in on_line.values():
        together = 0
        for index in members:
            together |= 1 << index
        if len(members) == 1:
            continue
        plain = not any(claims[index].stacks for index in members)
        for index in members:
            if plain:
                masks[index] |= together
                continue
            for other in members:
                if not stacked(claims[index], claims[other]):
                    masks[index] |= 1 << other
    for index, claim in enumerate(claims):
        for key in claim.excludes:
            other = places.get(key, index)
            masks[index] |= 1 << other
            masks[other] |= 1 << index
    return [mask & ~(1 << index) for index, mask in enumerate(masks)]


def stacked(one: Claim, other: Claim) -> bool:
    return other.measure in one.stacks or one.measure in other.stacks


def components(claims: Iterable[Claim]) -> list[list[Claim]]:
    """Claims joined by a line, an exclusion, a cap or a ceiling, each component in natural order."""
    ordered = in_order(claims)
    links: dict[object, list[int]] = defaultdict(list)
    for index, claim in enumerate(ordered):
        links[claim.key].append(index)
        for line in claim.lines:
            links["line", line].append(index)
        if claim.cap is not None:
            links["cap", claim.cap].append(index)
        for name in claim.ceilings:
            links["ceiling", name].append(index)
        for key in claim.excludes:
            links[key].append(index)
    parent = list(range(len(ordered)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for members in links.values():
        for other in members[1:]:
            parent[root(other)] = root(members[0])
    groups: dict[int, list[Claim]] = defaultdict(list)
    for index, claim in enumerate(ordered):
        groups[root(index)].append(claim)
    return list(groups.values())


def shared_unevenly(claims: Sequence[Claim]) -> bool:
    """Whether, of claims that do not exclude each other, leaving one out could pay, as it uses more of a cap or ceiling than it brings,
    or what each recipient is paid at upper ends depends on the order of filling.

    It may where others paid before on its lines, and where a shared limit is not one plain sum: claims of different recipients, of
    different levels under a cap, under different ceilings.
    """
    kinds: dict[tuple[str, str], tuple[object, ...]] = {}
    for claim in claims:
        if claim.cap is not None:
            if claim.rival:
                return True
            kind = (claim.recipient, claim.level, claim.ceilings)
            if kinds.setdefault(("cap", claim.cap), kind) != kind:
                return True
        if claim.ceilings:
            if len(set(claim.ceilings)) > 1:
                return True
            if kinds.setdefault(("ceiling", claim.ceilings[0]), (claim.recipient,)) != (claim.recipient,):
                return True
    return False


@dataclass
class Problem:
    """`claims` in natural order, with the caps and ceilings they name. `must`: the place of a claim every plan holds.

    `depth`: how many parts of the objective count, 8 for all; `ties`: whether equals are told apart by their lists of ids.
    """

    claims: list[Claim]
    caps: Mapping[str, Cap]
    ceilings: Ceilings
    must: int | None = None
    depth: int = 8
    ties: bool = True
    excluded: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.excluded:
            self.excluded = exclusions(self.claims)

    @cached_property
    def dues(self) -> list[Ends]:
        return [due(claim, self.ceilings) for claim in self.claims]

    @cached_property
    def alone(self) -> list[Ends]:
        """What each claim would be paid with nothing beside it: no plan pays it more."""
        return [pay([claim], self.caps, self.ceilings)[0] for claim in self.claims]

    @cached_property
    def cells(self) -> list[list[int]]:
        """The claims in sets of which a plan holds at most one."""
        cells: list[tuple[int, list[int]]] = []
        for index, mask in enumerate(self.excluded):
            if mask:
                for place, (inside, members) in enumerate(cells):
                    if not inside & ~mask:
                        cells[place] = inside | 1 << index, members
                        members.append(index)
                        break
                else:
                    cells.append((1 << index, [index]))
            else:
                cells.append((1 << index, [index]))
        return [members for _, members in cells]

    @cached_property
    def contested(self) -> bool:
        return any(self.excluded) or shared_unevenly(self.claims)

    @cached_property
    def separate(self) -> bool:
        """Whether every claim excludes its cell and nothing else, and nothing shared can bind even at upper ends."""
        if any(claim.ceilings for claim in self.claims):
            return False
        for cell in self.cells:
            inside = 0
            for index in cell:
                inside |= 1 << index
            if any(self.excluded[index] | 1 << index != inside for index in cell):
                return False
        return not any(self.may_bind(name) for name in self.caps)

    def may_bind(self, name: str, among: Collection[int] | None = None) -> bool:
        """Whether claims, one of each cell at most, could draw more than a cap's lower end; only those `among` if given."""
        drawn = 0
        for cell in self.cells:
            highs = [self.dues[i][1] for i in cell if self.claims[i].cap == name and (among is None or i in among)]
            if None in highs:
                return True
            drawn += max((high or 0 for high in highs), default=0)
        return drawn > self.caps[name].low

    def value(self, chosen: Sequence[Claim]) -> Objective:
        """What a plan is worth, to the depth that counts."""
        return objective(chosen, pay(chosen, self.caps, self.ceilings))[: self.depth]

    def plan(self, places: Iterable[int], proven: bool, bound: int | None = None) -> Plan:
        chosen = tuple(self.claims[index] for index in sorted(places))
        value = self.value(chosen)
        return Plan(chosen, value, proven, value[0] if bound is None else bound)

    def forced(self, place: int, claim: Claim | None, depth: int) -> Problem:
        """The same with `claim` in that place in every plan, or without it where that is None; what it excludes is gone either way."""
        gone = self.excluded[place] | (0 if claim is not None else 1 << place)
        kept = [index for index in range(len(self.claims)) if not gone >> index & 1]
        new_place = {index: at for at, index in enumerate(kept)}
        excluded = []
        for index in kept:
            mask, moved = self.excluded[index] & ~gone, 0
            while mask:
                other = mask & -mask
                moved |= 1 << new_place[other.bit_length() - 1]
                mask ^= other
            excluded.append(moved)
        claims = [claim if index == place and claim is not None else self.claims[index] for index in kept]
        must = None if claim is None else new_place[place]
        found = Problem(claims, self.caps, self.ceilings, must, depth, ties=False, excluded=excluded)
        # What is known of the claims that stay need not be worked out again.
        found.cells = [
            cell for old in self.cells if (cell := [new_place[index] for index in old if index in new_place])
        ]
        found.dues = [self.dues[index] for index in kept]
        found.alone = [self.alone[index] for index in kept]
        if claim is not None and must is not None:
            found.dues[must] = due(claim, self.ceilings)
            found.alone[must] = pay([claim], self.caps, self.ceilings)[0]
        return found
