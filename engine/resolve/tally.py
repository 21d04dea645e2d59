"""What becomes of claims once it is known what holds them together: awards, totals and the plan as they grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conggao.engine.resolve.best import best_plan
from conggao.engine.resolve.few import Few
from conggao.engine.resolve.model import Award, Cap, Claim, Key
from conggao.engine.resolve.outside import Outside, beyond, raised, why_nothing
from conggao.engine.resolve.plan import Ceilings, Ends, Objective, Stages, by_subject, pay, pay_alone, stages
from conggao.engine.resolve.problem import Plan, Problem


class Tally:
    """Awards, totals and the plan as they grow. `slack`: how much more the enterprise could be sure of, for all that is proven."""

    def __init__(self, awards: dict[Key, Award]) -> None:
        self.awards = awards
        self.totals: dict[str, Ends] = {}
        self.chosen: list[Claim] = []
        self.proven = True
        self.slack = 0

    def alone(self, claim: Claim) -> None:
        """A claim under no cap and no ceiling that nothing excludes."""
        low, high = pay_alone(claim)
        self.chosen.append(claim)
        # Of which money received leaves nothing is not among the open claims: a claim that pays nothing here was made at 0.00.
        self.awards[claim.key] = Award("granted", low, high)
        self.add(claim.recipient, low, high)

    def one_of(self, group: Sequence[Claim]) -> None:
        """Exact claims on one line, under no cap and no ceiling, in natural order: the best one, the first among equals."""
        best, worth = group[0], _worth(group[0])
        for claim in group[1:]:
            value = _worth(claim)
            if value > worth:
                best, worth = claim, value
        instead = (best.key,)
        for claim in group:
            if claim is best:
                self.alone(claim)
            else:
                value = _worth(claim)
                difference = worth[0] + worth[1] - value[0] - value[1]
                self.awards[claim.key] = Award("superseded", 0, 0, instead, difference)

    def under_cap(self, claims: Sequence[Claim], cap: Cap) -> bool:
        """Exact claims of one kind that share a cap and nothing else: lower ends first, then what is left. Says whether they are such."""
        first = claims[0]
        for claim in claims:
            if claim.low != claim.high or claim.recipient != first.recipient or claim.level != first.level:
                return False
        ordered = sorted(claims, key=by_subject) if len(claims) > 1 else claims
        left = cap.low
        lows = []
        for claim in ordered:
            fen = min(left, claim.low)
            left -= fen
            lows.append(fen)
        sure = cap.low - left
        spare = sum(claim.low for claim in claims) if cap.high is None else cap.high - sure
        most = sure
        for claim, low in zip(ordered, lows, strict=True):
            more = min(spare, claim.low - low)
            spare -= more
            most += more
            self.chosen.append(claim)
            self.awards[claim.key] = Award("granted" if low or more or not claim.low else "exhausted", low, low + more)
        self.add(first.recipient, sure, most)
        return True

    def all_of(self, component: Sequence[Claim], caps: Mapping[str, Cap], ceilings: Ceilings) -> None:
        """Nothing stands against anything: every claim is paid what its caps and ceilings leave, at either end."""
        paid = stages(component, caps, ceilings)
        self.chosen += component
        for at, claim in enumerate(component):
            self.awards[claim.key] = _paid(claim, paid, at, ceilings)
            self.add(claim.recipient, *paid.paid[at])

    def few(self, found: Few) -> None:
        """A few exact claims that exclude each other."""
        planned = found.plan()
        for place in planned:
            self.alone(found.claims[place])
        for place, claim in enumerate(found.claims):
            if place not in planned:
                self.awards[claim.key] = found.given_up(place, planned)

    def planned(self, problem: Problem) -> None:
        """The claims of a component."""
        plan = best_plan(problem)
        paid = stages(plan.claims, problem.caps, problem.ceilings)
        for at, claim in enumerate(plan.claims):
            self.awards[claim.key] = _paid(claim, paid, at, problem.ceilings)
            self.add(claim.recipient, paid.paid[at][0], 0)
        self.chosen += plan.claims
        if len(plan.claims) < len(problem.claims):
            outside = Outside(problem, plan)
            planned = {claim.key for claim in plan.claims}
            for claim in problem.claims:
                if claim.key not in planned:
                    self.awards[claim.key] = outside.award(claim)
            self.proven = self.proven and outside.proven
        highest, proven = _highest(problem, plan, paid.paid)
        self.proven = self.proven and plan.proven and proven
        self.slack += plan.bound - plan.value[0]
        for recipient, high in highest.items():
            self.add(recipient, 0, high)

    def add(self, recipient: str, low: int, high: int | None) -> None:
        before_low, before_high = self.totals.get(recipient, (0, 0))
        self.totals[recipient] = (
            before_low + low,
            None if high is None or before_high is None else before_high + high,
        )


def _worth(claim: Claim) -> Objective:
    """The objective of a plan that holds only this exact claim."""
    fen = pay_alone(claim)[0]
    own, other = (fen, 0) if claim.recipient == "enterprise" else (0, fen)
    return own, other, 0, own, 0, other, fen if claim.level == "national" else 0, fen if claim.level == "region" else 0


def _paid(claim: Claim, paid: Stages, at: int, ceilings: Ceilings) -> Award:
    if claim.high != 0:
        status = why_nothing(claim, paid, at, ceilings)
        if status is not None:
            return Award(status, 0, 0)
    return Award("granted", *paid.paid[at])


def _highest(problem: Problem, plan: Plan, paid: Sequence[Ends]) -> tuple[dict[str, int | None], bool]:
    """The totals of the optimum with every claim and cap at its upper end, by recipient, and whether they are proven."""
    recipients = {claim.recipient for claim in problem.claims}
    totals: dict[str, int | None] = dict.fromkeys(sorted(recipients), 0)
    exact = all(claim.high == claim.low for claim in problem.claims)
    if exact and all(cap.high == cap.low for cap in problem.caps.values()):
        for claim, (low, _) in zip(plan.claims, paid, strict=True):
            totals[claim.recipient] = (totals[claim.recipient] or 0) + low
        return totals, True
    beyond_all = beyond(problem)
    upper = [raised(claim, beyond_all) for claim in problem.claims]
    caps = {}
    for name, cap in problem.caps.items():
        high = beyond_all * len(upper) if cap.high is None else cap.high
        caps[name] = Cap(high, high)
    # Who of several others is paid is only said by the one best plan; of one it is said by the sums.
    whole = len(recipients - {"enterprise"}) > 1
    best = best_plan(
        Problem(upper, caps, problem.ceilings, None, 8 if whole else 2, ties=whole, excluded=problem.excluded)
    )
    sums = dict.fromkeys(totals, 0)
    for claim, (low, _) in zip(best.claims, pay(best.claims, caps, problem.ceilings), strict=True):
        sums[claim.recipient] += low
    for recipient, high in sums.items():
        totals[recipient] = None if high > beyond_all // 2 else high
    return totals, best.proven
