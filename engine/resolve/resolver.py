"""Claims to awards: components that touch each other are planned together, the rest is paid as it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import starmap

from conggao.engine.resolve import best as choosing
from conggao.engine.resolve.best import best_plan
from conggao.engine.resolve.few import Few, are_few
from conggao.engine.resolve.model import Award, Cap, Claim, Key, Later, Resolution
from conggao.engine.resolve.outside import Outside, beyond, raised, why_nothing
from conggao.engine.resolve.plan import Ceilings, Ends, Objective, Stages, by_subject, in_order, pay, pay_alone, stages
from conggao.engine.resolve.problem import Plan, Problem, components, exclusions, shared_unevenly, stacked

_NOTHING = Award("received", 0, 0)
_NO_CEILINGS: Mapping[str, int] = {}


def resolve(claims: Sequence[Claim], caps: Mapping[str, Cap], ceilings: Ceilings = _NO_CEILINGS) -> Resolution:
    """The best lawful plan over `claims`, and what becomes of every claim.

    `caps` and `ceilings` are what is left of each, in fen; every name that a claim uses must be there (KeyError). The answer depends
    neither on the order of `claims` nor on repeating one. A claim of which money received leaves nothing takes no part, nor does one
    that steps back before another.
    """
    awards: dict[Key, Award] = {}
    on_line: dict[tuple[str, ...], list[Claim]] = {}
    open_claims: list[Claim] = []
    related = yielding = False
    for claim in claims:
        if claim.stacks or claim.excludes or claim.ceilings:
            related = True
        if claim.yields:
            yielding = True
        if claim.ended or ((claim.own or claim.rival) and _all_received(claim, caps)):
            awards[claim.key] = _NOTHING
        else:
            open_claims.append(claim)
            for line in claim.lines:
                on_line.setdefault(line, []).append(claim)
    touched: set[Key] = set()
    if yielding:
        open_claims = _stepping_back(claims, open_claims, awards)
        on_line = {}
        for claim in open_claims:
            for line in claim.lines:
                on_line.setdefault(line, []).append(claim)
    if related:
        touched = _touched(open_claims)
    tally = _Tally(awards)
    entangled = _apart(open_claims, on_line, touched, caps, tally)
    # A repeated claim shows in the count: there are fewer keys than claims.
    if len(awards) + len(entangled) < len(claims) or len({claim.key for claim in entangled}) < len(entangled):
        return resolve(_unique(claims), caps, ceilings)
    for component in components(entangled) if entangled else ():
        if len(component) == 2 and are_few(component) and _exclude(*component):  # noqa: PLR2004 - the usual collision
            tally.one_of(component)
            continue
        used = {claim.cap: caps[claim.cap] for claim in component if claim.cap is not None}
        over = {name: ceilings[name] for claim in component for name in claim.ceilings}
        excluded = exclusions(component)
        if choosing.method == "cheapest" and are_few(component):
            tally.few(Few(component, excluded))
        elif any(excluded) or shared_unevenly(component):
            tally.planned(Problem(component, used, over, excluded=excluded))
        else:
            tally.all_of(component, used, over)
    for recipient, (low, high) in tally.totals.items():
        # Of others the optimum at upper ends may be the less, as the enterprise comes first.
        if high is not None and high < low:
            tally.totals[recipient] = low, low
    chosen = tally.chosen
    return Resolution(
        awards,
        tally.totals,
        tally.proven,
        None if tally.proven else tally.totals.get("enterprise", (0, 0))[0] + tally.slack,
        Later(lambda: tuple(claim.key for claim in in_order(chosen))),
        Later(lambda: _naive(open_claims, caps, ceilings)),
    )


def _apart(
    open_claims: Sequence[Claim],
    on_line: Mapping[tuple[str, ...], list[Claim]],
    touched: Collection[Key],
    caps: Mapping[str, Cap],
    tally: _Tally,
) -> list[Claim]:
    """Pays what only a line or a cap joins, which needs no plan; the claims that remain, which hang together by more."""
    entangled: list[Claim] = []
    capped: dict[str, list[Claim]] = {}
    for claim in open_claims:
        if claim.cap is not None or len(claim.lines) > 1:
            group = [claim] if all(len(on_line[line]) == 1 for line in claim.lines) else []
            if group and claim.cap is not None:
                if not claim.own and not claim.rival and claim.key not in touched:
                    capped.setdefault(claim.cap, []).append(claim)
                    continue
                group = []
        else:
            group = on_line[claim.lines[0]] if claim.lines else [claim]
        if touched and any(other.key in touched for other in group):
            group = []
        if len(group) == 1:
            tally.alone(claim)
        elif group and all(len(other.lines) == 1 and other.cap is None and other.low == other.high for other in group):
            if group[0] is claim:
                tally.one_of(in_order(group))
        else:
            entangled.append(claim)
    if capped:
        taken = {claim.cap for claim in entangled}
        for name, members in capped.items():
            if name in taken or not tally.under_cap(members, caps[name]):
                entangled += members
    return entangled


class _Tally:
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


def _all_received(claim: Claim, caps: Mapping[str, Cap]) -> bool:
    """Whether money received leaves nothing of the claim, were it alone under its cap."""
    low, high = claim.due
    cap = None if claim.cap is None else caps[claim.cap]
    if cap is not None:
        low = min(low, cap.low)
        high = high if cap.high is None else low + min(max(0, cap.high - low), cap.high if high is None else high - low)
    return high is not None and high <= claim.rival


def _stepping_back(claims: Sequence[Claim], running: Sequence[Claim], awards: dict[Key, Award]) -> list[Claim]:
    """Those that stay when every claim that yields to another of the claims has stepped back."""
    order = {claim.key: claim.order for claim in claims}
    staying = []
    for claim in running:
        before = [key for key in claim.yields if key in order and key != claim.key]
        if before:
            awards[claim.key] = Award("superseded", 0, 0, tuple(sorted(before, key=order.__getitem__)))
        else:
            staying.append(claim)
    return staying


def _exclude(one: Claim, other: Claim) -> bool:
    """Whether one of the two excludes the other."""
    if one.key in other.excludes or other.key in one.excludes:
        return True
    return not stacked(one, other) and any(line in other.lines for line in one.lines)


def _touched(claims: Sequence[Claim]) -> set[Key]:
    """The keys of claims that more than lines and a cap join to others."""
    present = {claim.key: claim for claim in claims}
    measures: dict[str, list[Key]] = {}
    for claim in claims:
        measures.setdefault(claim.measure, []).append(claim.key)
    touched: set[Key] = set()
    for claim in claims:
        if claim.ceilings:
            touched.add(claim.key)
        for key in claim.excludes:
            if key in present:
                touched |= {key, claim.key}
        for measure in claim.stacks:
            if measure in measures:
                touched.add(claim.key)
                touched.update(measures[measure])
    return touched


def _unique(claims: Iterable[Claim]) -> list[Claim]:
    found: dict[Key, Claim] = {}
    for claim in claims:
        before = found.setdefault(claim.key, claim)
        if before != claim:
            raise ValueError(f"two different claims of {claim.measure} for {claim.subject}")
    return list(found.values())


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


def _naive(claims: Sequence[Claim], caps: Mapping[str, Cap], ceilings: Ceilings) -> int:
    """The enterprise's sure money where the greatest standard is taken first, then the next that nothing taken excludes, and so on."""
    ordered = in_order(claims)
    excluded = exclusions(ordered)

    def greatest(place: int) -> tuple[int, bool, int, int]:
        low, high = pay_alone(ordered[place])
        return -low, high is not None, -(high or 0), place

    taken, barred = list[int](), 0
    for place in sorted(range(len(ordered)), key=greatest):
        if not barred >> place & 1:
            taken.append(place)
            barred |= excluded[place]
    plan = [ordered[place] for place in taken]
    amounts = starmap(
        lambda claim, paid: paid[0] * (claim.recipient == "enterprise"),
        zip(plan, pay(plan, caps, ceilings), strict=True),
    )
    return sum(amounts)
