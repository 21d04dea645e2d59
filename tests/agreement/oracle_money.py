"""Money received, shared caps and the best plan, by hand: the second half of the oracle.

All money is whole fen. Nothing is taken from the program under test: the plan is found by trying every plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, Literal, NamedTuple

Interval = tuple[int, int | None]
"""Fen; an open upper end is None."""

Key = tuple[str, str | None]
"""Measure and subject: `("8a", "enterprise")`."""

NANO = 10**9
POLICY = "yinchuan-2024-2/"


class Row(NamedTuple):
    """One outcome; `standard` and `amount` are None where the status has no money."""

    status: str
    standard: Interval | None = None
    amount: Interval | None = None
    missing: tuple[str, ...] = ()
    superseded_by: tuple[Key, ...] = ()


class Terms(NamedTuple):
    """What the table says of a measure that pays, beside its conditions and its standard."""

    lines: frozenset[str]
    annual: bool = False
    cap: Interval | None = None
    per: Literal["subject", "enterprise", "provider"] = "subject"
    yearly_cap: bool = False
    once: Literal["", "subject", "enterprise"] = ""
    recipient: str = "enterprise"


def _terms(lines: str, **more: Any) -> Terms:
    return Terms(frozenset(lines.split()), **more)


def _wan(amount: int) -> int:
    """万元 in fen."""
    return amount * 10**6


def _upto(amount: int) -> Interval:
    return (_wan(amount), _wan(amount))


TERMS: Mapping[str, Terms] = {
    "1": _terms("loan_interest lease_interest", annual=True, cap=_upto(200)),
    "2a": _terms("guarantee_fee", cap=_upto(200), per="enterprise", once="enterprise"),
    "2b": _terms("guarantee_fee", cap=_upto(200), once="subject"),
    "3": _terms("equipment_purchase", cap=_upto(200), per="enterprise"),
    "4": _terms("floor_area"),
    "5": _terms("fixed_asset_investment", cap=_upto(500), per="enterprise"),
    "6a": _terms("manufacturing_innovation_centre"),
    "6b": _terms("research_project", cap=_upto(500)),
    "7": _terms("commercialisation"),
    "8a": _terms("research_expense", annual=True, cap=_upto(100), yearly_cap=True),
    "8b": _terms("innovation_model", once="enterprise"),
    "9a": _terms("digital_lighthouse", once="enterprise"),
    "9b": _terms("digital_investment", cap=_upto(50), per="enterprise"),
    "9c": _terms("digital_leader", once="enterprise"),
    "10a": _terms("cloud_benchmark"),
    "10c": _terms("light_digital_product", once="enterprise"),
    "10d": _terms("digital_service_provider", annual=True),
    "11": _terms("carbon_reduction", annual=True, cap=_upto(100), per="enterprise", yearly_cap=True),
    "12a": _terms("reclaimed_water", annual=True, cap=_upto(500), yearly_cap=True, recipient="park"),
    "13": _terms("steady_growth", annual=True),
    "14a": _terms("chain_support_investment", cap=_upto(200), per="enterprise"),
    "14b": _terms("chain_upgrade"),
    "16a": _terms("producer_service_fee", cap=_upto(5), per="provider", recipient="provider"),
}
HIGHER_DIGITAL_CAP: Interval = (_wan(50), _wan(60))
_GROUP = {"2a": "2", "2b": "2"}  # all that can be planned only together


@dataclass(slots=True, eq=False)
class Claim:
    """An eligible measure for one subject."""

    measure: str
    subject: str
    low: int
    high: int | None
    cap: Interval | None
    provider: str | None = None
    own: int = 0  # received for this very claim
    other: int = 0  # received under other measures on its lines
    used: int = 0  # received under this measure within the scope of the cap
    ended: bool = False  # received under a measure that is granted once

    @property
    def key(self) -> Key:
        return (self.measure, self.subject)

    @property
    def scope(self) -> str:
        """What the cap is added up over."""
        per = TERMS[self.measure].per
        own = self.subject if per == "subject" else self.provider if per == "provider" else ""
        return f"{self.measure} {own}"


@lru_cache(maxsize=4096)
def natural(text: str) -> tuple[str | int, ...]:
    """P2 before P10."""
    return tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text))


Order = tuple[tuple[str | int, ...], tuple[str | int, ...]]
_END: Order = (("\U0010ffff",), ())


def order(claim: Claim) -> Order:
    return (natural(claim.measure), natural(claim.subject))


def nano(number: int | str) -> int:
    """A number of base units, int or decimal text of at most nine places, in thousand-millionths."""
    if isinstance(number, int):
        return number * NANO
    whole, _, decimals = number.partition(".")
    if len(decimals) > 9:
        raise ValueError(f"`{number}` has more than nine decimals")
    return int(whole + decimals.ljust(9, "0"))


def fen(nanos: int, parts: int = 1, of: int = 1) -> int:
    """`parts / of` of an amount in nano-yuan, rounded half up to the fen."""
    divisor = of * 10**7
    return (2 * nanos * parts + divisor) // (2 * divisor)


class Receipt(NamedTuple):
    number: int  # counted from one
    measure: str | None  # None: of another policy
    subject: str
    provider: str | None
    amount: int | None
    year: int | None
    lines: frozenset[str]


def receipts(entries: Iterable[Mapping[str, Any]]) -> list[Receipt]:
    found = []
    for number, entry in enumerate(entries, 1):
        full: str = entry["measure"]
        measure = full.removeprefix(POLICY) if full.startswith(POLICY) else None
        terms = TERMS.get(measure or "")
        lines = terms.lines if terms else frozenset(entry.get("lines", ()))
        amount = fen(nano(entry["amount"])) if "amount" in entry else None
        provider, year = entry.get("provider"), entry.get("year")
        found.append(Receipt(number, measure, entry["subject"], provider, amount, year, lines))
    return found


def count(claim: Claim, received: Iterable[Receipt], latest: int) -> tuple[str, ...]:
    """Counts what was received against the claim; gives the paths of what would have to be known for that."""
    terms = TERMS[claim.measure]
    missing: list[str] = []
    for receipt in received:
        mine = receipt.subject == claim.subject
        if receipt.measure == claim.measure:
            own, other = mine, False
            capped = claim.cap is not None and (
                terms.per == "enterprise"
                or (terms.per == "subject" and mine)
                or (terms.per == "provider" and receipt.provider == claim.provider)
            )
            once = terms.once == "enterprise" or (terms.once == "subject" and mine)
        else:
            own = capped = once = False
            other = mine and not terms.lines.isdisjoint(receipt.lines)
        by_year = ((own or other) and terms.annual) or (capped and terms.yearly_cap)
        if by_year and receipt.year is None:
            missing.append(f"received.{receipt.number}.year")
        elif receipt.year != latest:
            own, other = own and not terms.annual, other and not terms.annual
            capped = capped and not terms.yearly_cap
        if not (own or other or capped or once):
            continue
        if receipt.amount is None:
            missing.append(f"received.{receipt.number}.amount")
            continue
        claim.own += receipt.amount if own else 0
        claim.other += receipt.amount if other else 0
        claim.used += receipt.amount if capped else 0
        claim.ended = claim.ended or (once and receipt.amount > 0)
    return tuple(missing)


class Paid(NamedTuple):
    """What a planned claim takes of its cap and what it pays, lower and upper ends."""

    taken: Interval
    pays: Interval


def _less(amount: int | None, taken: int) -> int | None:
    return None if amount is None else max(0, amount - taken)


def _least(amount: int | None, bound: int | None) -> int | None:
    return bound if amount is None else amount if bound is None else min(amount, bound)


def fill(plan: Sequence[Claim]) -> tuple[list[Paid], dict[str, int | None]]:
    """Fills the caps in the order of the plan, all lower ends first; gives also what is left of the upper ends."""
    left_low: dict[str, int | None] = {}
    left_high: dict[str, int | None] = {}
    lows = []
    for claim in plan:
        scope = claim.scope
        if scope not in left_low:
            low, high = claim.cap or (None, None)
            left_low[scope], left_high[scope] = _less(low, claim.used), _less(high, claim.used)
        wanted = max(0, claim.low - claim.own)
        left = left_low[scope]
        taken = wanted if left is None else min(wanted, left)
        left_low[scope], left_high[scope] = _less(left, taken), _less(left_high[scope], taken)
        lows.append(taken)
    result = []
    for claim, low in zip(plan, lows, strict=True):
        more = _least(_less(claim.high, claim.own + low), left_high[claim.scope])
        if more is not None:
            left_high[claim.scope] = _less(left_high[claim.scope], more)
        high = None if more is None else low + more
        result.append(Paid((low, high), (max(0, low - claim.other), _less(high, claim.other))))
    return result, left_high


def upper(plan: Sequence[Claim]) -> int | None:
    """The sum paid with every claim and every cap at its upper end."""
    left: dict[str, int | None] = {}
    total = 0
    for claim in plan:
        scope = claim.scope
        if scope not in left:
            left[scope] = _less(claim.cap[1] if claim.cap else None, claim.used)
        taken = _least(_less(claim.high, claim.own), left[scope])
        if taken is None:
            return None
        left[scope] = _less(left[scope], taken)
        total += max(0, taken - claim.other)
    return total


def _plans(claims: Sequence[Claim], all_of_them: bool) -> Iterable[list[Claim]]:
    """Every plan of these claims, at most one claim a subject (2a or 2b); else only plans that leave no subject out.

    Leaving one out brings more only where money received on its line is taken off what it would use of a cap, and
    ties in the sums only where a claim is worth nothing at all.
    """
    by_subject: dict[str, list[Claim | None]] = {}
    for claim in claims:
        by_subject.setdefault(claim.subject, [None] if all_of_them else []).append(claim)
    for chosen in product(*by_subject.values()):
        yield sorted((claim for claim in chosen if claim is not None), key=order)


def best(claims: Sequence[Claim]) -> tuple[list[Claim], int | None]:
    """The best plan of one group and its optimum at upper ends.

    Lists of ids are compared element by element and not by length: one that goes on comes before one that ends.
    """
    alike = len({claim.scope for claim in claims}) == len(claims)
    received = any(claim.other for claim in claims)
    rivals = claims[0].measure in _GROUP
    if not rivals and (alike or not received):
        return list(claims), upper(claims)
    chosen: list[Claim] = []
    score: tuple[int, int, list[Order]] | None = None
    highest = 0
    for plan in _plans(claims, received or any(claim.high == 0 for claim in claims)):
        paid, _ = fill(plan)
        low = high = 0
        for _, (pays_low, pays_high) in paid:
            low, high = low + pays_low, high + (pays_high or 0)
        highest = max(highest, upper(plan) or 0)
        if score is not None and (-low, -high) > score[:2]:
            continue
        found = (-low, -high, [*map(order, plan), _END])
        if score is None or found < score:
            chosen, score = plan, found
    return chosen, highest


def resolve(claims: Sequence[Claim], rows: dict[Key, Row], totals: dict[str, Interval]) -> None:
    """Writes the row of every claim, and the totals by recipient."""
    groups: dict[str, list[Claim]] = {}
    for claim in sorted(claims, key=order):
        if _received(claim):
            rows[claim.key] = Row("received", (claim.low, claim.high), (0, 0))
        else:
            groups.setdefault(_GROUP.get(claim.measure, claim.measure), []).append(claim)
    for group in groups.values():
        plan, highest = best(group)
        paid, left = fill(plan)
        planned = {claim.key: amounts for claim, amounts in zip(plan, paid, strict=True)}
        rivals = {claim.subject: claim.key for claim in plan}
        for claim in group:
            sharing = tuple(other.key for other in plan if other.scope == claim.scope)
            rows[claim.key] = _row(claim, planned.get(claim.key), rivals.get(claim.subject), sharing, left)
        recipient = TERMS[group[0].measure].recipient
        low, high = totals[recipient]
        low += sum(amounts.pays[0] for amounts in paid)
        totals[recipient] = (low, None if high is None or highest is None else high + highest)


def _received(claim: Claim) -> bool:
    """Nothing is left of the claim by what was received alone."""
    if claim.ended:
        return True
    if not claim.own and not claim.other:
        return False
    ((_, (_, high)),), _ = fill([claim])
    return high == 0


def _row(
    claim: Claim, amounts: Paid | None, rival: Key | None, sharing: tuple[Key, ...], left: Mapping[str, int | None]
) -> Row:
    """`sharing` are the planned claims under the claim's cap: one that is left out though something could still be paid yields to them."""
    standard = (claim.low, claim.high)
    if amounts is None and rival is not None:
        return Row("superseded", standard, (0, 0), (), (rival,))
    if claim.high == 0:
        return Row("granted", standard, (0, 0))
    if amounts is None:
        remainder = left.get(claim.scope, _less(claim.cap and claim.cap[1], claim.used))
        taken = _least(_less(claim.high, claim.own), remainder)
        if taken is None or taken > claim.other:
            return Row("superseded", standard, (0, 0), (), sharing)
    else:
        taken = amounts.taken[1]
    if amounts is None or amounts.pays[1] == 0:
        return Row("received" if taken else "exhausted", standard, (0, 0))
    return Row("granted", standard, amounts.pays)
