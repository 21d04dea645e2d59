"""Claims to awards: components that touch each other are planned together, the rest is paid as it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from conggao.engine.resolve.model import Award, Cap, Claim, Resolution
from conggao.engine.resolve.plan import Ends, Objective, fill, in_order, objective, pay, pay_alone
from conggao.engine.resolve.search import Plan, Search

_NOTHING = Award("received", 0, 0)


def resolve(claims: Sequence[Claim], caps: Mapping[str, Cap], ceilings: Mapping[str, int] | None = None) -> Resolution:
    """The best lawful plan over `claims`, and what becomes of every claim.

    The answer does not depend on the order of `claims`. A claim of which money received leaves nothing takes no part.
    """
    awards: dict[tuple[str, str], Award] = {}
    totals: dict[str, Ends] = {}
    on_line: dict[tuple[str, ...], list[Claim]] = {}
    open_claims: list[Claim] = []
    for claim in claims:
        if claim.ended or ((claim.own or claim.rival) and pay([claim], caps)[0][1] == 0):
            awards[claim.key] = _NOTHING
        else:
            open_claims.append(claim)
            for line in claim.lines:
                on_line.setdefault(line, []).append(claim)
    entangled: list[Claim] = []
    for claim in open_claims:
        if claim.cap is not None or len(claim.lines) > 1:
            alone = claim.cap is None and all(len(on_line[line]) == 1 for line in claim.lines)
            group = [claim] if alone else []
        else:
            group = on_line[claim.lines[0]] if claim.lines else [claim]
        if len(group) == 1:
            _pay_all(group, caps, awards, totals)
        elif group and all(len(other.lines) == 1 and other.cap is None and other.low == other.high for other in group):
            if group[0] is claim:
                _one_of(in_order(group), awards, totals)
        else:
            entangled.append(claim)
    proven = True
    for component in _components(entangled) if entangled else ():
        used = {claim.cap: caps[claim.cap] for claim in component if claim.cap is not None}
        if not _contested(component):
            _pay_all(component, used, awards, totals)
            continue
        plan = best_plan(component, used)
        proven = proven and plan.proven
        paid = pay(plan.claims, used)
        planned = {claim.key for claim in plan.claims}
        for claim, amount, filled in zip(plan.claims, paid, fill(plan.claims, used), strict=True):
            awards[claim.key] = _paid(claim, amount, filled)
            _add(totals, claim.recipient, amount[0], 0)
        for claim in component:
            if claim.key not in planned:
                awards[claim.key] = _given_up(claim, component, used, plan)
        for recipient, high in _highest(component, used, plan, paid).items():
            _add(totals, recipient, 0, high)
    return Resolution(awards, totals, proven)


def _one_of(group: Sequence[Claim], awards: dict[tuple[str, str], Award], totals: dict[str, Ends]) -> None:
    """Exact claims on the same line and under no cap, in natural order: the plan is the best one, the first among equals."""
    best, worth = group[0], _worth(group[0])
    for claim in group[1:]:
        value = _worth(claim)
        if value > worth:
            best, worth = claim, value
    for claim in group:
        if claim is best:
            amount = pay_alone(claim)
            awards[claim.key] = _paid(claim, amount, claim.due)
            _add(totals, claim.recipient, *amount)
        else:
            value = _worth(claim)
            difference = worth[0] + worth[1] - value[0] - value[1]
            awards[claim.key] = Award("superseded", 0, 0, (best.key,), difference)


def _worth(claim: Claim) -> Objective:
    """The objective of a plan that holds only this exact claim."""
    fen = pay_alone(claim)[0]
    own, other = (fen, 0) if claim.recipient == "enterprise" else (0, fen)
    return own, other, 0, own, 0, other, fen if claim.level == "national" else 0, fen if claim.level == "region" else 0


def _pay_all(
    component: Sequence[Claim],
    caps: Mapping[str, Cap],
    awards: dict[tuple[str, str], Award],
    totals: dict[str, Ends],
) -> None:
    """Nothing stands against anything: every claim is paid what its cap leaves, at either end."""
    for claim, filled in zip(component, fill(component, caps), strict=True):
        low, high = filled
        if claim.rival:
            low, high = max(0, low - claim.rival), None if high is None else max(0, high - claim.rival)
        awards[claim.key] = _paid(claim, (low, high), filled)
        _add(totals, claim.recipient, low, high)


def best_plan(component: Sequence[Claim], caps: Mapping[str, Cap], forced: Claim | None = None) -> Plan:
    """The best plan of one component; the one that contains `forced`, if given."""
    if forced is None:
        if not _contested(component):
            plan = tuple(in_order(component))
            return Plan(plan, objective(plan, pay(plan, caps)), proven=True)
        if _simple(component, caps):
            return _best_of_each_line(component, caps)
    return Search(component, caps, forced).run()


def _contested(component: Sequence[Claim]) -> bool:
    """Whether leaving a claim out could pay: some exclude each other, or one uses a cap by more than it brings."""
    lines = [line for claim in component for line in claim.lines]
    return len(set(lines)) < len(lines) or any(claim.rival and claim.cap is not None for claim in component)


def _simple(component: Sequence[Claim], caps: Mapping[str, Cap]) -> bool:
    """Whether the best claim of each line is provably the best plan: single lines, and no cap that binds even at upper ends."""
    if any(len(claim.lines) != 1 for claim in component):
        return False
    for key, cap in caps.items():
        highs = [claim.due[1] for claim in component if claim.cap == key]
        if any(high is None for high in highs) or sum(high or 0 for high in highs) > cap.low:
            return False
    return True


def _best_of_each_line(component: Sequence[Claim], caps: Mapping[str, Cap]) -> Plan:
    best: dict[tuple[str, ...], tuple[tuple[int, ...], Claim]] = {}
    for claim in in_order(component):
        value = objective([claim], pay([claim], caps))
        line = claim.lines[0]
        if line not in best or value > best[line][0]:
            best[line] = value, claim
    plan = tuple(in_order(claim for _, claim in best.values()))
    return Plan(plan, objective(plan, pay(plan, caps)), proven=True)


def _paid(claim: Claim, amount: Ends, filled: Ends) -> Award:
    """`filled` is what the caps leave, `amount` what remains of it after what others paid."""
    if amount[1] != 0 or claim.high == 0:
        return Award("granted", *amount)
    return Award("exhausted" if filled[1] == 0 else "received", 0, 0)


def _given_up(claim: Claim, component: Sequence[Claim], caps: Mapping[str, Cap], plan: Plan) -> Award:
    """A claim outside the plan: what stands in its way, what it would have cost, whether discretion could bring it in."""
    rivals = tuple(other.key for other in plan.claims if set(other.lines) & set(claim.lines))
    if not rivals:
        return _left_out(claim, caps, plan)
    instead = best_plan(component, caps, forced=claim)
    difference = plan.value[0] + plan.value[1] - instead.value[0] - instead.value[1]
    if claim.high != claim.low:
        upper = replace(claim, low=claim.high if claim.high is not None else _BEYOND)
        swapped = [upper if other.key == claim.key else other for other in component]
        gain = best_plan(swapped, caps, forced=upper).value[0] - plan.value[0]
        if gain > 0:
            return Award("contingent", 0, None if claim.high is None else gain, rivals, difference)
    return Award("superseded", 0, 0, rivals, difference)


def _left_out(claim: Claim, caps: Mapping[str, Cap], plan: Plan) -> Award:
    """Nothing excludes the claim, but it would use more of its cap than it brings: others use the cap better."""
    sharing = [other for other in plan.claims if other.cap == claim.cap]
    if claim.cap is None:
        return Award("received", 0, 0)
    filled = fill(sharing, caps)
    cap = caps[claim.cap]
    most = None if cap.high is None else max(0, cap.high - sum(high or 0 for _, high in filled))
    left = Cap(max(0, cap.low - sum(low for low, _ in filled)), most)
    if fill([claim], {claim.cap: left})[0][1] == 0:
        return Award("exhausted", 0, 0)
    if pay([claim], {claim.cap: left})[0][1] == 0:
        return Award("received", 0, 0)
    return Award("superseded", 0, 0, tuple(other.key for other in sharing))


_BEYOND = 10**40
"""Stands for an open end where only the order matters."""


def _highest(
    component: Sequence[Claim], caps: Mapping[str, Cap], plan: Plan, paid: Sequence[Ends]
) -> dict[str, int | None]:
    """The totals of the optimum with every claim and cap at its upper end, by recipient."""
    upper = [replace(claim, low=claim.high) if claim.high is not None else claim for claim in component]
    if all(claim.high == claim.low for claim in component) and all(cap.high == cap.low for cap in caps.values()):
        best, amounts = plan.claims, list(paid)
    else:
        raised = {key: Cap(cap.low if cap.high is None else cap.high, cap.high) for key, cap in caps.items()}
        best = best_plan(upper, raised).claims
        amounts = pay(best, raised)
    totals: dict[str, int | None] = {claim.recipient: 0 for claim in component}
    for claim, (_, high) in zip(best, amounts, strict=True):
        before = totals[claim.recipient]
        totals[claim.recipient] = None if high is None or before is None else before + high
    return totals


def _add(totals: dict[str, Ends], recipient: str, low: int, high: int | None) -> None:
    before_low, before_high = totals.get(recipient, (0, 0))
    totals[recipient] = before_low + low, None if high is None or before_high is None else before_high + high


def _components(claims: Iterable[Claim]) -> list[list[Claim]]:
    """Claims joined by a common line or a common cap, in natural order."""
    ordered = in_order(claims)
    links: dict[object, list[int]] = defaultdict(list)
    for index, claim in enumerate(ordered):
        for line in claim.lines:
            links[line].append(index)
        if claim.cap is not None:
            links[claim.cap].append(index)
    parent = list(range(len(ordered)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for members in links.values():
        for other in members[1:]:
            parent[root(other)] = root(members[0])
    groups: dict[int, list[Claim]] = defaultdict(list)
    for index, claim in enumerate(ordered):
        groups[root(index)].append(claim)
    return list(groups.values())
