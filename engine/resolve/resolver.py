"""Claims to awards: components that touch each other are planned together, the rest is paid as it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import starmap

from conggao.engine.resolve import best as choosing
from conggao.engine.resolve.few import Few, are_few
from conggao.engine.resolve.model import Award, Cap, Claim, Key, Later, Resolution
from conggao.engine.resolve.plan import Ceilings, in_order, pay, pay_alone
from conggao.engine.resolve.problem import Problem, components, exclusions, shared_unevenly, stacked
from conggao.engine.resolve.tally import Tally

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
    tally = Tally(awards)
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
    tally: Tally,
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
