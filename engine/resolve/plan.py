"""What a set of claims pays. This is the only place that knows; every search is held against it.

Four steps: what is due; caps, filled claim by claim; less what others paid on its lines; ceilings, claim by claim. Each step gives all
lower ends first, then what is left to the upper ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from conggao.engine.resolve.model import Cap, Claim, Order

Ends = tuple[int, int | None]
Objective = tuple[int, ...]
Caps = Mapping[str, Cap]
Ceilings = Mapping[str, int]

LEVELS = {"national": 0, "region": 1, "city": 2}


class Stages(NamedTuple):
    """What is left of each claim of a plan after its caps, after what was received, and in the end: in the plan's order."""

    filled: list[Ends]
    after_received: list[Ends]
    paid: list[Ends]


def by_subject(claim: Claim) -> tuple[object, Order]:
    """The order in which a cap is filled."""
    return claim.order[-1], claim.order


def by_level(claim: Claim) -> tuple[int, object, Order]:
    """The order in which a ceiling is filled: the lowest level is cut first, then the last subject."""
    return LEVELS[claim.level], claim.order[-1], claim.order


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Claims in the natural order of (policy, measure, subject)."""
    return sorted(claims, key=attrgetter("order"))


def due(claim: Claim, ceilings: Ceilings) -> Ends:
    """The standard less what was received for it, and no more than what its ceilings could pay after what others paid."""
    low, high = claim.due
    for name in claim.ceilings:
        most = ceilings[name] + claim.rival
        low = min(low, most)
        high = most if high is None else min(high, most)
    return low, high


def pay(plan: Sequence[Claim], caps: Caps, ceilings: Ceilings) -> list[Ends]:
    """What is paid now to each claim of the plan, which may come in any order."""
    return stages(plan, caps, ceilings).paid


def pay_alone(claim: Claim) -> Ends:
    """What a claim under no cap and no ceiling is paid now."""
    if not claim.own and not claim.rival:
        return claim.low, claim.high
    return _less(claim.due, claim.rival)


def stages(plan: Sequence[Claim], caps: Caps, ceilings: Ceilings) -> Stages:
    """What each step leaves of each claim of the plan."""
    filled = [due(claim, ceilings) for claim in plan]
    _fill(plan, caps, filled)
    rest = [_less(ends, claim.rival) if claim.rival else ends for claim, ends in zip(plan, filled, strict=True)]
    return Stages(filled, rest, _under(plan, rest, ceilings))


def _less(ends: Ends, rival: int) -> Ends:
    return max(0, ends[0] - rival), None if ends[1] is None else max(0, ends[1] - rival)


def _fill(plan: Sequence[Claim], caps: Caps, amounts: list[Ends]) -> None:
    """Cuts `amounts` to what the caps leave."""
    capped: dict[str, list[int]] = {}
    for index, claim in enumerate(plan):
        if claim.cap is not None:
            capped.setdefault(claim.cap, []).append(index)
    for key, members in capped.items():
        members.sort(key=lambda index: by_subject(plan[index]))
        left, top = caps[key].low, caps[key].high
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


def _under(plan: Sequence[Claim], amounts: Sequence[Ends], ceilings: Ceilings) -> list[Ends]:
    """What the ceilings leave of `amounts`; a claim under several is paid the least of what they leave."""
    result = list(amounts)
    under = [index for index, claim in enumerate(plan) if claim.ceilings]
    if not under:
        return result
    under.sort(key=lambda index: by_level(plan[index]))
    left = {name: ceilings[name] for index in under for name in plan[index].ceilings}
    for index in under:
        names = set(plan[index].ceilings)
        low = min(amounts[index][0], *(left[name] for name in names))
        for name in names:
            left[name] -= low
        result[index] = low, amounts[index][1]
    for index in under:
        names = set(plan[index].ceilings)
        low, high = result[index]
        most = min(left[name] for name in names)
        extra = most if high is None else min(most, high - low)
        for name in names:
            left[name] -= extra
        result[index] = low, low + extra
    return result


def objective(plan: Sequence[Claim], amounts: Sequence[Ends]) -> Objective:
    """What is maximised, most important first: sure money of the enterprise, of others; open ends and finite upper ends of the
    enterprise, of others; then what the nation surely pays, then the region."""
    values = [0] * 8
    for claim, (low, high) in zip(plan, amounts, strict=True):
        mine = claim.recipient == "enterprise"
        values[0 if mine else 1] += low
        if high is None:
            values[2 if mine else 4] += 1
        else:
            values[3 if mine else 5] += high
        if claim.level != "city":
            values[6 if claim.level == "national" else 7] += low
    return tuple(values)
