"""What a set of claims pays: caps filled claim by claim, all lower ends first, then what is left with upper ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from conggao.engine.resolve.model import Cap, Claim

Ends = tuple[int, int | None]
Objective = tuple[int, ...]

RECIPIENTS = ("enterprise", "other")


def pay(plan: Sequence[Claim], caps: Mapping[str, Cap]) -> list[Ends]:
    """What is paid now to each of the plan's claims: what its caps leave, less what others already paid on its lines."""
    return [
        (max(0, low - claim.rival), None if high is None else max(0, high - claim.rival))
        if claim.rival
        else (low, high)
        for claim, (low, high) in zip(plan, fill(plan, caps), strict=True)
    ]


def pay_alone(claim: Claim) -> Ends:
    """What a claim under no cap is paid now."""
    if not claim.own and not claim.rival:
        return claim.low, claim.high
    low, high = claim.due
    return max(0, low - claim.rival), None if high is None else max(0, high - claim.rival)


def fill(plan: Sequence[Claim], caps: Mapping[str, Cap]) -> list[Ends]:
    """What the caps leave of each claim, in the plan's order, which must be the natural order of subjects."""
    amounts = [claim.due for claim in plan]
    capped: dict[str, list[int]] = {}
    for index, claim in enumerate(plan):
        if claim.cap is not None:
            capped.setdefault(claim.cap, []).append(index)
    for key, members in capped.items():
        left = caps[key].low
        top = caps[key].high
        lows = []
        for index in members:
            low = min(amounts[index][0], left)
            left -= low
            lows.append(low)
        spare = None if top is None else max(0, top - sum(lows))
        for index, low in zip(members, lows, strict=True):
            high = amounts[index][1]
            if spare is not None:
                extra = spare if high is None else min(spare, high - low)
                high = low + extra
                spare -= extra
            amounts[index] = low, high
    return amounts


def objective(plan: Sequence[Claim], amounts: Sequence[Ends]) -> Objective:
    """What is maximised, most important first: sure money, then upper ends (open ones first), of the enterprise and then of others;
    then what the nation pays, then what the region pays."""
    sure = {True: 0, False: 0}
    opens = {True: 0, False: 0}
    most = {True: 0, False: 0}
    paid = {"national": 0, "region": 0, "city": 0}
    for claim, (low, high) in zip(plan, amounts, strict=True):
        own = claim.recipient == "enterprise"
        sure[own] += low
        if high is None:
            opens[own] += 1
        else:
            most[own] += high
        paid[claim.level] += low
    return (
        sure[True], sure[False], opens[True], most[True], opens[False], most[False], paid["national"], paid["region"],
    )  # fmt: skip


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Claims in the natural order of (policy, measure, subject)."""
    return sorted(claims, key=attrgetter("order"))
