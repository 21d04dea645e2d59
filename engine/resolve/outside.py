"""What becomes of the claims of a component that its plan leaves out, and what discretion could still change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from conggao.engine.resolve.best import best_plan
from conggao.engine.resolve.bounds import Bounds
from conggao.engine.resolve.breakeven import least, of_separate
from conggao.engine.resolve.model import Award, Cap, Claim, Later, Status
from conggao.engine.resolve.plan import Stages, pay_alone, stages
from conggao.engine.resolve.problem import Plan, Problem

Sure = tuple[int, int]
"""The sure money of the enterprise and of others."""


class Outside:
    """The awards of the claims outside `plan`. `proven` turns False where something said of them could not be proven."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.plan = plan
        self.proven = True
        self.target: Sure = plan.value[0], plan.value[1]
        self._rest: dict[int, Sure | None] = {}
        self._places = {claim.key: place for place, claim in enumerate(problem.claims)}
        self._planned = [self._places[claim.key] for claim in plan.claims]
        self.beyond = beyond(problem)

    @cached_property
    def bounds(self) -> Bounds:
        return Bounds(self.problem)

    def award(self, claim: Claim) -> Award:
        """Superseded or exhausted, unless a greater amount within the claim's interval would bring it in."""
        place = self._places[claim.key]
        rivals = tuple(self.problem.claims[p].key for p in self._planned if self.problem.excluded[place] >> p & 1)
        if claim.high != claim.low:
            found = self._contingent(place, claim, rivals)
            if found is not None:
                return found
        if not rivals:
            status = self._left_out(claim)
            if status is not None:
                return Award(status, 0, 0)
            rivals = self._sharing(claim)
        return Award("superseded", 0, 0, rivals, self._difference(place))

    def _difference(self, place: int) -> Later[int | None] | None:
        if not self.plan.proven:
            return None

        def made() -> int | None:
            found = self.sure(place, self.problem.claims[place])
            return None if found is None else sum(self.target) - sum(found)

        return Later(made)

    def _contingent(self, place: int, claim: Claim, rivals: tuple[tuple[str, str], ...]) -> Award | None:
        who = 0 if claim.recipient == "enterprise" else 1
        upper = raised(claim, self.beyond)
        most = 0
        if not self.problem.separate:
            # A bound on the gain settles most claims without a search.
            most = self.bounds.most(who, place, upper) - self.target[who]
            if most <= 0:
                return None
        found = self.sure(place, upper) if self.plan.proven else None
        if found is None:
            self.proven = False
            high = None if most > self.beyond // 2 else most
            return Award("contingent", 0, high, rivals or self._sharing(claim))
        gain = found[who] - self.target[who]
        if gain <= 0 or found[0] < self.target[0]:
            return None
        even = self._break_even(place, upper, who)
        high = None if gain > self.beyond // 2 else gain
        return Award("contingent", 0, high, rivals or self._sharing(claim), self._difference(place), even)

    def _stands_alone(self, place: int) -> bool:
        """Whether what the claim is paid depends on nothing else in a plan."""
        claim = self.problem.claims[place]
        return self.problem.separate or (claim.cap is None and not claim.ceilings)

    def sure(self, place: int, claim: Claim) -> Sure | None:
        """The sure optimum of the plans with `claim` in that place; None where it is not proven."""
        if self._stands_alone(place):
            rest = self._without(place)
            if rest is None:
                return None
            amount = pay_alone(claim)[0]
            return (rest[0] + amount, rest[1]) if claim.recipient == "enterprise" else (rest[0], rest[1] + amount)
        problem = self.problem.forced(place, claim, depth=2)
        best = best_plan(problem, Bounds(problem, self.bounds))
        return (best.value[0], best.value[1]) if best.proven else None

    def _without(self, place: int) -> Sure | None:
        """The sure optimum without the claim and all that it excludes; the same for all claims of one line."""
        gone = self.problem.excluded[place] | 1 << place
        if gone not in self._rest:
            if self.problem.separate:
                rest = list(self.target)
                for other in self._planned:
                    if gone >> other & 1:
                        claim = self.problem.claims[other]
                        rest[claim.recipient != "enterprise"] -= pay_alone(claim)[0]
                self._rest[gone] = rest[0], rest[1]
            else:
                problem = self.problem.forced(place, None, depth=2)
                best = best_plan(problem, Bounds(problem, self.bounds))
                self._rest[gone] = (best.value[0], best.value[1]) if best.proven else None
        return self._rest[gone]

    def _break_even(self, place: int, upper: Claim, who: int) -> int | None:
        if self._stands_alone(place):
            rest = self._without(place)
            return None if rest is None else of_separate(self.problem.claims[place], self.target[who] - rest[who])
        return least(self.problem, place, upper, self.target, who, lambda claim: self.sure(place, claim))

    def _sharing(self, claim: Claim) -> tuple[tuple[str, str], ...]:
        """The claims of the plan that draw on a cap or ceiling of the claim."""
        under = set(claim.ceilings)
        return tuple(
            other.key
            for other in self.plan.claims
            if (claim.cap is not None and other.cap == claim.cap) or under & set(other.ceilings)
        )

    def _left_out(self, claim: Claim) -> Status | None:
        """Nothing excludes the claim: why what the plan leaves of its caps and ceilings pays it nothing, None if it pays something."""
        paid = stages(self.plan.claims, self.problem.caps, self.problem.ceilings)
        caps, ceilings = dict(self.problem.caps), dict(self.problem.ceilings)
        for other, filled, amount in zip(self.plan.claims, paid.filled, paid.paid, strict=True):
            if other.cap is not None and other.cap == claim.cap:
                cap = caps[other.cap]
                most = None if cap.high is None or filled[1] is None else cap.high - filled[1]
                low = cap.low - filled[0]
                caps[other.cap] = Cap(low if most is None else min(low, most), most)
            for name in set(other.ceilings) & set(claim.ceilings):
                ceilings[name] -= amount[1] or 0
        return why_nothing(claim, stages([claim], caps, ceilings), 0, ceilings)


def why_nothing(claim: Claim, paid: Stages, at: int, left: Mapping[str, int]) -> Status | None:
    """Why the claim at `at` of a plan is paid nothing even at its upper end, None if it is paid; `left` of the ceilings before it."""
    if paid.paid[at][1] != 0:
        return None
    if paid.filled[at][1] == 0 or any(left[name] == 0 for name in claim.ceilings):
        return "exhausted"
    return "received" if paid.after_received[at][1] == 0 else "exhausted"


def beyond(problem: Problem) -> int:
    """An amount for open ends: more than twice all the finite ones, so that what is paid of it is told from what is not."""
    finite = sum(problem.ceilings.values()) + 1
    for cap in problem.caps.values():
        finite += cap.low + (cap.high or 0)
    burden = 0
    for claim in problem.claims:
        finite += claim.low if claim.high is None else claim.high
        burden += claim.own + claim.rival
    return 2 * finite + 2 * burden


def raised(claim: Claim, open_end: int) -> Claim:
    """The claim as if its upper end were decided."""
    most = open_end if claim.high is None else claim.high
    return replace(claim, low=most, high=most)
