"""What a plan cannot exceed: caps and ceilings priced instead of enforced.

A cap or ceiling of C from which claims draw amounts pays min(C, their sum), which is at most p·C + (1 - p)·sum for
every price p from 0 to 1. So with its shared limits priced, each claim has a worth of its own, and the best of every
cell, added up, bounds every plan. Prices are whole numbers of SCALE-ths. The parts of the objective are packed into
one integer, so that comparing is lexicographic, and below them stands one bit a claim, the first claim highest: of
plans of equal worth the greater integer is the smaller list of ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conggao.engine.resolve.model import Cap, Claim
from conggao.engine.resolve.plan import Ends, Objective, pay
from conggao.engine.resolve.problem import Problem

SCALE = 1 << 12
ROUNDS = 3
"""How often the prices are gone through where there are several."""

_ENDS = (
    0,
    0,
    None,
    1,
    None,
    1,
    0,
    0,
)  # which end of the amounts a part of the objective adds up; None counts open ends
_MINE = (True, False, True, True, False, False, None, None)
_LEVEL = (None, None, None, None, None, None, "national", "region")


@dataclass(slots=True)
class _Limit:
    """A cap or a ceiling; `left` and `price` at the lower and at the upper ends."""

    is_cap: bool
    name: str
    left: tuple[int, int | None]
    members: list[int]
    price: list[int]
    inside: set[int] = field(default_factory=set)


class Bounds:
    """Packed worths of the claims of a problem; `total(worth)` plus `constant` bounds what SCALE times `pack` can reach."""

    def __init__(self, problem: Problem, like: Bounds | None = None) -> None:
        """`like`: the bounds of a problem that differs little, whose prices will do."""
        self.problem = problem
        self.parts = range(problem.depth)
        self.limits = self._limits()
        self.base = [
            [claim_part(claim, ends, part) for part in self.parts]
            for claim, ends in zip(problem.claims, problem.alone, strict=True)
        ]
        self.weights = self._weights()
        if like is not None:
            known = {(limit.is_cap, limit.name): limit.price for limit in like.limits}
            for limit in self.limits:
                limit.price = known.get((limit.is_cap, limit.name), limit.price)
        elif self.limits:
            self._settle(0)
            self._settle(1)
        count = range(len(problem.claims))
        self.reduced = [[self._reduced(index, part) for index in count] for part in self.parts]
        self.worth = [self._worth(index) for index in count]
        self.constant = sum(self.weights[part] * self._constant(part) for part in self.parts)

    def pack(self, value: Objective, places: Sequence[int]) -> int:
        """The objective and the list of ids as one integer."""
        packed = sum(weight * number for weight, number in zip(self.weights, value, strict=True))
        if self.problem.ties:
            last = len(self.problem.claims) - 1
            for index in places:
                packed += 1 << (last - index)
        return packed

    def first(self, packed: int) -> int:
        """The first part of a packed bound of SCALE times the objective, as whole fen."""
        return packed // (self.weights[0] * SCALE)

    def hopeless(self, best: int) -> frozenset[int]:
        """Claims that are in no plan of a packed worth above `best`."""
        total, found = self.total(), []
        for cell in self.problem.cells:
            if self.problem.must not in cell:
                rest = total - max(self.worth[index] for index in cell)
                found += [index for index in cell if rest + self.worth[index] < best * SCALE]
        return frozenset(found)

    def total(self) -> int:
        """The bound of all plans, packed."""
        must = self.problem.must
        cells = self.problem.cells
        return self.constant + sum(
            self.worth[must] if must is not None and must in cell else max(self.worth[i] for i in cell)
            for cell in cells
        )

    def most(self, part: int, place: int, claim: Claim) -> int:
        """What a part of the objective cannot exceed, in fen, with `claim` in that place and what it excludes gone."""
        problem = self.problem
        gone = problem.excluded[place]
        full = claim_part(claim, pay([claim], problem.caps, problem.ceilings)[0], part)
        total = self._constant(part, place) + self._less_prices(full, place, part)
        for cell in problem.cells:
            if place not in cell:
                total += max((self.reduced[part][index] for index in cell if not gone >> index & 1), default=0)
        return total // SCALE

    def _limits(self) -> list[_Limit]:
        """The caps and ceilings: who draws on them, and what is left at the lower and at the upper ends."""
        problem = self.problem
        found: dict[tuple[bool, str], _Limit] = {}
        self._of: list[list[_Limit]] = [[] for _ in problem.claims]
        for index, claim in enumerate(problem.claims):
            names = [] if claim.cap is None else [(True, claim.cap)]
            names += [(False, name) for name in dict.fromkeys(claim.ceilings)]
            for is_cap, name in names:
                limit = found.get((is_cap, name))
                if limit is None:
                    cap = problem.caps[name] if is_cap else Cap(problem.ceilings[name], problem.ceilings[name])
                    limit = found[is_cap, name] = _Limit(is_cap, name, (cap.low, cap.high), [], [0, 0])
                limit.members.append(index)
                self._of[index].append(limit)
        return list(found.values())

    def _settle(self, end: int) -> None:
        """Finds prices at which the bound is least: it is convex in each, so halving finds the least of one with the others held."""
        part = next((p for p in self.parts if _ENDS[p] == end and any(row[p] for row in self.base)), None)
        if part is None:
            return
        limits = [limit for limit in self.limits if limit.left[end] is not None and self._binds(limit, part)]
        for _ in range(1 if len(limits) == 1 else ROUNDS):
            for limit in limits:
                touched = [cell for cell in self.problem.cells if any(index in limit.inside for index in cell)]
                limit.price[end] = 0
                lines = [[(0, 0), *(self._line(index, part, limit) for index in cell)] for cell in touched]
                left = limit.left[end] or 0
                low, high = 0, SCALE
                while low < high:
                    middle = (low + high) // 2
                    if _at(middle, left, lines) <= _at(middle + 1, left, lines):
                        high = middle
                    else:
                        low = middle + 1
                limit.price[end] = low

    def _binds(self, limit: _Limit, part: int) -> bool:
        """Whether the claims that draw on the limit could together draw more."""
        end, claims = _ENDS[part], self.problem.claims
        left = limit.left[end or 0]
        limit.inside = set(limit.members)
        drawn = sum(
            max(self.base[i][part] + (claims[i].rival if limit.is_cap else 0) if i in limit.inside else 0 for i in cell)
            for cell in self.problem.cells
        )
        return left is not None and drawn > left

    def _line(self, index: int, part: int, limit: _Limit) -> tuple[int, int]:
        """What the claim adds to the part while `limit` costs nothing, SCALE-fold, and what each step of its price takes from that."""
        full = self.base[index][part]
        if not full:
            return 0, 0
        rival = self.problem.claims[index].rival
        slope = 0 if index not in limit.inside else full + rival if limit.is_cap else full
        return self._priced(full, index, part), slope

    def _worth(self, index: int) -> int:
        worth = sum(self.weights[part] * self.reduced[part][index] for part in self.parts)
        if self.problem.ties:
            worth += SCALE << (len(self.problem.claims) - 1 - index)
        return worth

    def _constant(self, part: int, place: int | None = None) -> int:
        """What the priced limits bring back, those of the claim in `place` in any case."""
        end = _ENDS[part]
        if end is None:
            return 0
        return sum(
            limit.price[end] * (limit.left[end] or 0)
            for limit in self.limits
            if limit.price[end] and any(self.base[index][part] or index == place for index in limit.members)
        )

    def _weights(self) -> list[int]:
        weights = [0] * len(self.parts)
        unit = 1 << len(self.problem.claims) if self.problem.ties else 1
        for part in reversed(self.parts):
            weights[part] = unit
            # Priced worths can exceed the true sums; room for both.
            unit *= sum(row[part] for row in self.base) * 2 + 2
        return weights

    def _reduced(self, index: int, part: int) -> int:
        return self._less_prices(self.base[index][part], index, part)

    def _less_prices(self, full: int, index: int, part: int) -> int:
        """What a claim in that place adds to a part if it adds `full` alone, with the limits it draws on priced, SCALE-fold."""
        if _ENDS[part] is None or not full:
            return full * SCALE
        return max(0, self._priced(full, index, part))

    def _priced(self, full: int, index: int, part: int) -> int:
        """The same below zero too."""
        end = _ENDS[part] or 0
        rate, drawn = SCALE, 0
        for limit in self._of[index]:
            if limit.is_cap:
                drawn += limit.price[end] * (full + self.problem.claims[index].rival)
            else:
                rate -= limit.price[end]
        return full * rate - drawn


def _at(price: int, left: int, cells: Sequence[Sequence[tuple[int, int]]]) -> int:
    """The part of a bound that changes with the price of a limit that leaves so much. `cells`: the lines of each, that of none first."""
    total = price * left
    for lines in cells:
        total += max([worth - price * slope for worth, slope in lines])
    return total


def claim_part(claim: Claim, ends: Ends, part: int) -> int:
    """What a claim paid `ends` adds to a part of the objective."""
    low, high = ends
    if _LEVEL[part] is not None:
        return low if claim.level == _LEVEL[part] else 0
    if (claim.recipient == "enterprise") != _MINE[part]:
        return 0
    end = _ENDS[part]
    if end is None:
        return 1 if high is None else 0
    return low if end == 0 else high or 0
