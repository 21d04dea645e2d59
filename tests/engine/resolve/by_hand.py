"""Claims resolved by trying every lawful set, written from the meaning of a plan and sharing nothing with the resolver but its data.

For ten claims and small amounts: an open end is the amount BIG, which no sum of other amounts comes near.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conggao.engine.resolve import Cap, Claim

Key = tuple[str, str]
Caps = Mapping[str, Cap]
Ceilings = Mapping[str, int]
Amount = tuple[int, int | None]

BIG = 10**9
HUGE = 10**8
RANK = {"national": 1, "region": 2, "city": 3}


@dataclass
class Answer:
    """What the resolver must say. `break_even` is left out where it would take too long to find by trying."""

    value: tuple[int, ...]
    plan: tuple[Key, ...]
    statuses: dict[Key, str]
    amounts: dict[Key, Amount]
    differences: dict[Key, int | None]
    break_even: dict[Key, int]
    superseded_by: dict[Key, tuple[Key, ...]]
    totals: dict[str, Amount]
    naive: int


def exclude(one: Claim, other: Claim) -> bool:
    """Whether the two cannot both be paid."""
    if other.key in one.excludes or one.key in other.excludes:
        return True
    friends = other.measure in one.stacks or one.measure in other.stacks
    return not friends and any(line in other.lines for line in one.lines)


def lawful(claims: Sequence[Claim]) -> Iterator[list[Claim]]:
    """Every set without two that exclude each other."""
    if not claims:
        yield []
        return
    first, rest = claims[0], claims[1:]
    yield from lawful(rest)
    for others in lawful([claim for claim in rest if not exclude(first, claim)]):
        yield [first, *others]


def amounts(plan: Sequence[Claim], caps: Caps, ceilings: Ceilings) -> dict[Key, Amount]:
    """What the plan pays each of its claims."""
    return steps(plan, caps, ceilings)[1]


def steps(plan: Sequence[Claim], caps: Caps, ceilings: Ceilings) -> tuple[dict[Key, Amount], dict[Key, Amount]]:
    """What the caps leave of each claim, and what it is paid in the end."""
    low: dict[Key, int] = {}
    high: dict[Key, int | None] = {}
    for c in plan:
        tops = [ceilings[name] + c.rival for name in c.ceilings]
        low[c.key] = min([max(c.low - c.own, 0), *tops])
        ends = tops if c.high is None else [max(c.high - c.own, 0), *tops]
        high[c.key] = min(ends) if ends else None
    for name, cap in caps.items():
        sharing = sorted((c for c in plan if c.cap == name), key=lambda c: (c.order[-1], c.order))
        given = 0
        for c in sharing:
            low[c.key] = min(low[c.key], cap.low - given)
            given += low[c.key]
        if cap.high is not None:
            for c in sharing:
                room, top = max(cap.high - given, 0), high[c.key]
                more = room if top is None else min(room, top - low[c.key])
                high[c.key] = low[c.key] + more
                given += more
    filled = {c.key: (low[c.key], high[c.key]) for c in plan}
    for c in plan:
        low[c.key] = max(low[c.key] - c.rival, 0)
        top = high[c.key]
        high[c.key] = None if top is None else max(top - c.rival, 0)
    under = sorted((c for c in plan if c.ceilings), key=lambda c: (RANK[c.level], c.order[-1], c.order))
    spent = dict.fromkeys(ceilings, 0)
    for c in under:
        low[c.key] = min([low[c.key], *(ceilings[name] - spent[name] for name in c.ceilings)])
        for name in set(c.ceilings):
            spent[name] += low[c.key]
    for c in under:
        room, top = min(ceilings[name] - spent[name] for name in c.ceilings), high[c.key]
        more = room if top is None else min(room, top - low[c.key])
        high[c.key] = low[c.key] + more
        for name in set(c.ceilings):
            spent[name] += more
    return filled, {c.key: (low[c.key], high[c.key]) for c in plan}


def value(plan: Sequence[Claim], paid: Mapping[Key, Amount]) -> tuple[int, ...]:
    """The objective, most important first."""
    mine = [paid[c.key] for c in plan if c.recipient == "enterprise"]
    theirs = [paid[c.key] for c in plan if c.recipient != "enterprise"]
    found = [sum(low for low, _ in mine), sum(low for low, _ in theirs)]
    for group in (mine, theirs):
        found += [sum(top is None for _, top in group), sum(top for _, top in group if top is not None)]
    found += [sum(paid[c.key][0] for c in plan if c.level == level) for level in ("national", "region")]
    return tuple(found)


class Sets:
    """Every lawful set of some claims with its worth."""

    def __init__(self, claims: Sequence[Claim], caps: Caps, ceilings: Ceilings) -> None:
        self.claims = sorted(claims, key=lambda c: c.order)
        self.all = [(value(s, amounts(s, caps, ceilings)), s) for s in lawful(self.claims)]

    def best(self) -> tuple[tuple[int, ...], list[Claim]]:
        """Of the worthiest sets, that whose list of ids is the smallest; a list that goes on comes before one that ends."""
        top = max(worth for worth, _ in self.all)
        tied = [{c.key for c in s} for worth, s in self.all if worth == top]
        for claim in self.claims:
            if any(claim.key in s for s in tied):
                tied = [s for s in tied if claim.key in s]
        assert len(tied) == 1
        return top, [c for c in self.claims if c.key in tied[0]]

    def sure(self, key: Key) -> tuple[int, int]:
        """The sure money of the enterprise, then of others, of the best set with the claim."""
        return max((worth[0], worth[1]) for worth, s in self.all if any(c.key == key for c in s))


def answer(claims: Sequence[Claim], caps: Caps, ceilings: Ceilings) -> Answer:
    """Everything the resolver must say of the claims."""
    unique = sorted({c.key: c for c in claims}.values(), key=lambda c: c.order)
    keys = {c.key for c in unique}
    statuses: dict[Key, str] = {}
    money: dict[Key, Amount] = {c.key: (0, 0) for c in unique}
    instead: dict[Key, tuple[Key, ...]] = {}
    differences: dict[Key, int | None] = {}
    even: dict[Key, int] = {}
    running = []
    for c in unique:
        alone = amounts([replace(c, ceilings=())], caps, {})[c.key]
        if c.ended or ((c.own or c.rival) and alone[1] == 0):
            statuses[c.key] = "received"
        elif c.yields & keys:
            statuses[c.key] = "superseded"
            instead[c.key] = tuple(o.key for o in unique if o.key in c.yields)
        else:
            running.append(c)
    sets = Sets(running, caps, ceilings)
    top, plan = sets.best()
    paid = amounts(plan, caps, ceilings)
    for c in running:
        if c in plan:
            money[c.key] = paid[c.key]
            statuses[c.key] = _kept(c, plan, paid, caps, ceilings)
        else:
            _outside(c, sets, plan, caps, ceilings, statuses, money, instead, differences, even)
    totals = _totals(running, plan, paid, caps, ceilings)
    naive = _naive(running, caps, ceilings)
    chosen = tuple(c.key for c in plan)
    return Answer(top, chosen, statuses, money, differences, even, instead, totals, naive)


def _kept(c: Claim, plan: Sequence[Claim], paid: Mapping[Key, Amount], caps: Caps, ceilings: Ceilings) -> str:
    if paid[c.key][1] != 0 or c.high == 0:
        return "granted"
    return _why_nothing(c, steps(plan, caps, ceilings)[0][c.key][1], ceilings)


def _why_nothing(c: Claim, filled: int | None, ceilings: Ceilings) -> str:
    """A cap or ceiling has nothing for it, or it has, and what was received took that."""
    if filled == 0 or any(ceilings[name] == 0 for name in c.ceilings):
        return "exhausted"
    return "exhausted" if filled is None or filled > c.rival else "received"


def _raised(running: Sequence[Claim], c: Claim, amount: int) -> list[Claim]:
    return [replace(o, low=amount, high=amount) if o.key == c.key else o for o in running]


def _outside(
    c: Claim,
    sets: Sets,
    plan: list[Claim],
    caps: Caps,
    ceilings: Ceilings,
    statuses: dict[Key, str],
    money: dict[Key, Amount],
    instead: dict[Key, tuple[Key, ...]],
    differences: dict[Key, int | None],
    even: dict[Key, int],
) -> None:
    running = sets.claims
    target = value(plan, amounts(plan, caps, ceilings))[:2]
    rivals = [o for o in plan if exclude(c, o)]
    sharing = [o for o in plan if (c.cap and o.cap == c.cap) or set(o.ceilings) & set(c.ceilings)]
    instead[c.key] = tuple(o.key for o in (rivals or sharing))
    differences[c.key] = sum(target) - sum(sets.sure(c.key))
    who = 0 if c.recipient == "enterprise" else 1
    if c.high != c.low:
        upper = BIG if c.high is None else c.high
        then = Sets(_raised(running, c, upper), caps, ceilings).sure(c.key)
        gain = then[who] - target[who]
        if gain > 0 and then[0] >= target[0]:
            statuses[c.key] = "contingent"
            money[c.key] = 0, None if gain > HUGE else gain
            if upper - c.low <= 150:
                for v in range(c.low, upper + 1):
                    now = Sets(_raised(running, c, v), caps, ceilings).sure(c.key)
                    if now[0] >= target[0] and now[who] >= target[who]:
                        even[c.key] = v
                        break
            return
    if rivals:
        statuses[c.key] = "superseded"
        return
    filled, paid = steps(plan, caps, ceilings)
    left_caps, left_ceilings = dict(caps), dict(ceilings)
    for o in plan:
        if o.cap is not None:
            cap, (low, high) = left_caps[o.cap], filled[o.key]
            most = None if cap.high is None else cap.high - (high or 0)
            left_caps[o.cap] = Cap(cap.low - low, most)
        for name in set(o.ceilings):
            left_ceilings[name] -= paid[o.key][1] or 0
    # What upper ends have drawn is gone for lower ends too.
    left_caps = {
        n: Cap(min(cap.low, cap.high), cap.high) if cap.high is not None else cap for n, cap in left_caps.items()
    }
    rest, given = steps([c], left_caps, left_ceilings)
    statuses[c.key] = "superseded" if given[c.key][1] != 0 else _why_nothing(c, rest[c.key][1], left_ceilings)
    if statuses[c.key] != "superseded":
        instead[c.key] = ()
        differences[c.key] = None


def _totals(
    running: Sequence[Claim], plan: Sequence[Claim], paid: Mapping[Key, Amount], caps: Caps, ceilings: Ceilings
) -> dict[str, Amount]:
    upper = []
    for c in running:
        most = BIG if c.high is None else c.high
        loose = c.cap is not None and caps[c.cap].high is None
        upper.append(replace(c, low=most, high=most, cap=None if loose else c.cap))
    raised = {name: Cap(cap.high, cap.high) for name, cap in caps.items() if cap.high is not None}
    _, best = Sets(upper, raised, ceilings).best()
    most_paid = amounts(best, raised, ceilings)
    totals: dict[str, Amount] = {}
    for who in {c.recipient for c in running}:
        low = sum(paid[c.key][0] for c in plan if c.recipient == who)
        high = sum(most_paid[c.key][1] or 0 for c in best if c.recipient == who)
        totals[who] = low, None if high > HUGE else max(low, high)
    return totals


def _naive(running: Sequence[Claim], caps: Caps, ceilings: Ceilings) -> int:
    def worth(c: Claim) -> tuple[int, int]:
        gone = c.own + c.rival
        return max(c.low - gone, 0), BIG if c.high is None else max(c.high - gone, 0)

    taken: list[Claim] = []
    for c in sorted(sorted(running, key=lambda c: c.order), key=worth, reverse=True):
        if not any(exclude(c, o) for o in taken):
            taken.append(c)
    paid = amounts(taken, caps, ceilings)
    return sum(paid[c.key][0] for c in taken if c.recipient == "enterprise")
