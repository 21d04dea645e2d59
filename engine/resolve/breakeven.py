"""From which standard on a claim outside the plan may stand in a plan that is as good: computed, not sampled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conggao.engine.resolve import exact
from conggao.engine.resolve.model import Claim
from conggao.engine.resolve.plan import due, pay_alone
from conggao.engine.resolve.problem import Problem

Sure = tuple[int, int]

LEAPS = 8
"""Leaps before the solver is asked instead."""


def of_separate(claim: Claim, lacking: int) -> int:
    """For a claim that nothing shared cuts: the least standard that pays `lacking`."""
    if pay_alone(claim)[0] >= lacking:
        return claim.low
    return claim.own + claim.rival + lacking


def least(
    problem: Problem,
    place: int,
    upper: Claim,
    target: Sure,
    who: int,
    sure: Callable[[Claim], Sure | None],
) -> int | None:
    """The least standard, from the claim's lower end to that of `upper`, at which the sure optimum with the claim is no less than
    `target`, for the enterprise (`who` 0) or also for others (1). None where that cannot be proven.

    `sure` gives the sure optimum with an exact claim in its place, and is no less than the target at `upper`.
    """
    claim = problem.claims[place]
    if _leaps_are_safe(problem):
        # One fen more of the claim raises the optimum by a fen at most, so no answer lies within a leap of what is lacking.
        standard = claim.low
        for _ in range(LEAPS):
            found = sure(replace(claim, low=standard, high=standard))
            if found is None or (who == 1 and found[0] < target[0]):
                return None
            if found[who] >= target[who]:
                return standard
            # Up to what was received, a greater claim only uses more of its cap.
            standard = max(standard, min(claim.own + claim.rival, upper.low)) + target[who] - found[who]
            if standard > upper.low:
                return None
    forced = problem.forced(place, upper, depth=who + 1)
    if not exact.fits(forced) or not exact.available():
        return None
    first = due(replace(claim, high=claim.low), problem.ceilings)[0]
    found_due = exact.least_due(forced, first, target[: who + 1])
    if found_due is None:
        return None
    return claim.low if found_due == first else claim.own + found_due


def _leaps_are_safe(problem: Problem) -> bool:
    """Whether an optimum grows no faster than a claim: not where claims stand under several ceilings, or in one with other recipients,
    as what a higher claim takes from one may there leave room to several."""
    recipients: dict[str, bool] = {}
    for claim in problem.claims:
        mine = claim.recipient == "enterprise"
        if len(set(claim.ceilings)) > 1 or any(recipients.setdefault(name, mine) != mine for name in claim.ceilings):
            return False
    return True
