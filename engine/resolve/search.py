"""The best plan of a component of claims that exclude each other: branch and bound, exact, without dependence on input order.

First the greatest value is found and proven, taking the most promising claim of each line first. Then claims are taken in natural order,
a plan with a claim before those without it (lists of ids are compared element by element, not by length: one that goes on comes before
one that ends), and the first plan of that value is the one whose sorted list of ids is the smallest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conggao.engine.resolve.model import Cap, Claim
from conggao.engine.resolve.plan import Objective, in_order, objective, pay

MOST_STEPS = 20_000
"""Steps after which the search stops with the best plan found so far, which is then not proven."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A set of claims in natural order, what it is worth, and whether nothing better exists."""

    claims: tuple[Claim, ...]
    value: Objective
    proven: bool


class _Exhausted(Exception):  # noqa: N818 - ends a search, is no error
    """The steps are used up."""


class Search:
    """One search over one component; `forced` is a claim that the plan must hold."""

    def __init__(self, claims: Sequence[Claim], caps: Mapping[str, Cap], forced: Claim | None = None) -> None:
        self.claims = in_order(claims)
        self.caps = caps
        self.forced = next((i for i, claim in enumerate(self.claims) if forced and claim.key == forced.key), None)
        self.best: Plan | None = None
        self.steps = 0
        lines = [set(claim.lines) for claim in self.claims]
        count = range(len(lines))
        self.excluded = [[j for j in count if j != i and lines[i] & lines[j]] for i in count]
        # Claims that share their first line exclude each other: at most one of a group is in a plan.
        groups: dict[tuple[str, ...], list[int]] = {}
        for i, claim in enumerate(self.claims):
            groups.setdefault(claim.lines[0] if claim.lines else claim.key, []).append(i)
        self.groups = list(groups.values())

    def run(self) -> Plan:
        """The best plan."""
        start, barred = self._start()
        try:
            self._improve(0, start, barred)
            assert self.best is not None
            smallest = self._smallest(0, start, barred, self.best.value)
        except _Exhausted:
            assert self.best is not None
            return Plan(self.best.claims, self.best.value, proven=False)
        return smallest or self.best

    def _start(self) -> tuple[list[int], list[int]]:
        barred = [0] * len(self.claims)
        if self.forced is None:
            return [], barred
        self._bar(self.forced, barred, 1)
        return [self.forced], barred

    def _bar(self, index: int, barred: list[int], by: int) -> None:
        for other in self.excluded[index]:
            barred[other] += by

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS and self.best is not None:
            raise _Exhausted

    def _improve(self, group: int, chosen: list[int], barred: list[int]) -> None:
        """Finds the greatest value: group by group, the member first that pays most with what the caps have left."""
        self._step()
        left = self._left(chosen)
        open_ = [i for members in self.groups[group:] for i in members if not barred[i] and i not in chosen]
        if self.best is not None and self._bound(chosen, open_, left) <= self.best.value:
            return
        if group == len(self.groups):
            plan = self._plan(chosen)
            if self.best is None or plan.value > self.best.value:
                self.best = plan
            return
        members = [i for i in self.groups[group] if not barred[i] and i not in chosen]
        members.sort(key=lambda i: (self._alone(i, left), self.claims[i].cap is None), reverse=True)
        for i in members:
            self._bar(i, barred, 1)
            self._improve(group + 1, [*chosen, i], barred)
            self._bar(i, barred, -1)
        self._improve(group + 1, chosen, barred)

    def _smallest(self, index: int, chosen: list[int], barred: list[int], wanted: Objective) -> Plan | None:
        """The first plan worth `wanted`, a claim's presence before its absence."""
        self._step()
        open_ = [i for i in range(index, len(self.claims)) if not barred[i] and i not in chosen]
        if self._bound(chosen, open_, self._left(chosen)) < wanted:
            return None
        if not open_:
            plan = self._plan(chosen)
            return plan if plan.value == wanted else None
        first = open_[0]
        self._bar(first, barred, 1)
        found = self._smallest(first + 1, [*chosen, first], barred, wanted)
        self._bar(first, barred, -1)
        return found or self._smallest(first + 1, chosen, barred, wanted)

    def _plan(self, chosen: list[int]) -> Plan:
        plan = tuple(self.claims[i] for i in sorted(chosen))
        return Plan(plan, objective(plan, pay(plan, self.caps)), proven=True)

    def _bound(self, chosen: list[int], open_: Sequence[int], left: Mapping[str, Cap]) -> Objective:
        """No plan that goes on from here is worth more: every group pays its best member alone, and what is chosen its most."""
        total = list(self._most(chosen))
        best: dict[tuple[str, ...], list[int]] = {}
        for i in open_:
            claim = self.claims[i]
            value = self._alone(i, left)
            line = claim.lines[0] if claim.lines else claim.key
            before = best.get(line)
            best[line] = list(value) if before is None else [max(pair) for pair in zip(before, value, strict=True)]
        for most in best.values():
            for position, number in enumerate(most):
                total[position] += number
        return tuple(total)

    def _most(self, chosen: list[int]) -> Objective:
        """What the chosen claims pay at most whatever is chosen besides: each alone, but for the lower ends, which are what it is now if
        nothing can come before it in its cap."""
        return objective(
            [self.claims[i] for i in chosen],
            [self._highest(i, low) for i, low in zip(chosen, self._lows(chosen), strict=True)],
        )

    def _lows(self, chosen: list[int]) -> list[int]:
        ordered = sorted(chosen)
        paid = dict(zip(ordered, pay([self.claims[i] for i in ordered], self.caps), strict=True))
        return [paid[i][0] for i in chosen]

    def _highest(self, index: int, low: int) -> tuple[int, int | None]:
        claim = self.claims[index]
        if claim.cap is None or claim.low == claim.high == low:
            high = claim.due[1]
            return low, None if high is None else max(0, high - claim.rival)
        return low, pay([claim], self.caps)[0][1]

    def _alone(self, index: int, left: Mapping[str, Cap]) -> Objective:
        claim = self.claims[index]
        return objective([claim], pay([claim], left))

    def _left(self, chosen: list[int]) -> dict[str, Cap]:
        """What the caps can still bring: what they pay now is gone. What others paid before is not, as a claim that comes earlier in its
        cap may yet take the place of one that brings less than it uses."""
        left: dict[str, Cap] = {}
        for key, cap in self.caps.items():
            used = [self.claims[i] for i in sorted(chosen) if self.claims[i].cap == key]
            taken = sum(low for low, _ in pay(used, self.caps)) if used else 0
            left[key] = Cap(max(0, cap.low - taken), None if cap.high is None else max(0, cap.high - taken))
        return left
