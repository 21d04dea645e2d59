"""Caps that several claims share: which of them bind, and what they then leave of each claim.

A cap leaves claims as they are while all that are eligible stay below it, whichever of them stand. Beyond that it is filled in the natural
order of subjects, lower ends first, then what is left with upper ends; where another claim excludes one of its claims, or an end is open,
the rows are handed over.

Of measure 12: `x12` and `y12` what its cap leaves at either end, null where the cap does not bind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.choosing import at_least_0, contested, eligible, keys, upper
from conggao.engine.evaluate.columnar.claims import whole_fen
from conggao.engine.evaluate.columnar.integers import TYPE
from conggao.engine.evaluate.columnar.rivals import Component, Member
from conggao.engine.evaluate.columnar.schema import HAND, RANK
from conggao.facts.tables.schema import CASE


def scopes(paying: Sequence[Member]) -> dict[str, list[Member]]:
    """The measures whose caps are shared, by what a cap is added up over."""
    found: dict[str, list[Member]] = {}
    for member in paying:
        if member.shared:
            over = "provider" if member.compiled.measure.cap_per == "provider" else "enterprise"
            found.setdefault(over, []).append(member)
    return found


def shared_cap(table: ir.Table, member: Member) -> tuple[Any, Any]:
    """The ends of the cap of a measure, of one row of claims; the upper one null where it is open."""
    number = member.number
    if f"c{number}" in table.columns:
        return table[f"c{number}"], table[f"d{number}"]
    figure = ibis.literal(whole_fen(member.compiled.measure.cap), "int64")
    return figure, figure


def binding(over: str, shared: Sequence[Member], found: Sequence[Component], claims: ir.Table) -> ir.Table:
    """The scopes in which a cap binds: of every measure the sums of its standards at either end, its cap where that may differ from row to
    row, and whether filling it in order does not suffice."""
    held = {member.number: (component, at) for component in found for at, member in enumerate(component.members)}
    made: dict[str, Any] = {}
    for member in shared:
        number = member.number
        claim, high = eligible(claims, number), upper(claims, number)
        odd: Any = ibis.literal(False)
        if number in held:
            component, at = held[number]
            odd = contested(component, claims, at)
        if _open(number, claims):
            made |= {
                f"open{number}": (claim & high.isnull()).cast("int8"),
                f"l{number}": at_least_0(claims[f"l{number}"]),
            }
            odd |= high.isnull()
            high = high.fill_null(0)
        if f"c{number}" in claims.columns:
            made[f"c{number}"] = claims[f"c{number}"]
            odd |= claims[f"d{number}"].isnull()
        made |= {f"odd{number}": (claim & odd).fill_null(False).cast("int8"), f"h{number}": at_least_0(high)}
    scope_keys = [CASE, *(["provider"] if over == "provider" else [])]
    rows = claims.select(*scope_keys, **made)
    sums: dict[str, Any] = {}
    for member in shared:
        number = member.number
        sums |= {f"_sum{number}": _total(rows[f"h{number}"]), f"_odd{number}": rows[f"odd{number}"].max()}
        if _open(number, claims):
            sums |= {f"_low{number}": _total(rows[f"l{number}"]), f"_open{number}": rows[f"open{number}"].max()}
        if f"c{number}" in claims.columns:
            sums |= {f"_least{number}": rows[f"c{number}"].min(), f"_most{number}": rows[f"c{number}"].max()}
    table = rows.group_by(scope_keys).aggregate(**sums)
    binds = {f"_binds{member.number}": _binds(member, table) for member in shared}
    table = table.mutate(**binds)
    some: Any = ibis.literal(False)
    for name in binds:
        some |= table[name]
    return table.filter(some)


def _open(number: int, claims: ir.Table) -> bool:
    """Whether the standard of a measure may have two ends, of which the upper may be open."""
    return f"h{number}" in claims.columns


def _total(column: Any) -> Any:
    return column.cast(TYPE).sum().cast("int64")


def _binds(member: Member, table: ir.Table) -> Any:
    number = member.number
    uneven = f"_least{number}" in table.columns
    found = table[f"_sum{number}"] > (table[f"_least{number}"] if uneven else shared_cap(table, member)[0])
    if uneven:
        found |= table[f"_least{number}"] != table[f"_most{number}"]
    if f"_open{number}" in table.columns:
        found |= table[f"_open{number}"] == 1
    return found.fill_null(False)


def filled(over: str, shared: Sequence[Member], claims: ir.Table, bound: ir.Table) -> ir.Table:
    """Of the rows in scopes where a cap binds what it leaves of each claim, and which are handed over."""
    scope_keys = [CASE, *(["provider"] if over == "provider" else [])]
    scope = bound.rename({f"_{key}": key for key in scope_keys})
    joined = claims.inner_join(scope, [claims[key] == scope[f"_{key}"] for key in scope_keys])
    group = [joined[key] for key in scope_keys]
    order = [joined[RANK]] if RANK in joined.columns else []
    before = ibis.window(group_by=group, order_by=order, rows=(None, 0))
    upto = {
        f"_upto_{name}": at_least_0(joined[name]).cast(TYPE).sum().over(before).cast("int64")
        for member in shared
        for name in (f"l{member.number}", f"h{member.number}")
        if name in claims.columns
    }
    table = joined.mutate(**upto)
    hand: Any = ibis.literal(False)
    made: dict[str, Any] = {}
    for member in shared:
        number = member.number
        low, high = table[f"l{number}"], upper(table, number)
        cap, most = shared_cap(table, member)
        binds = table[f"_binds{number}"] & eligible(table, number)
        odd = table[f"_odd{number}"] == 1
        if f"_least{number}" in table.columns:
            odd |= table[f"_least{number}"] != table[f"_most{number}"]
        hand |= binds & odd.fill_null(True)
        earlier = table[f"_upto_l{number}"] - low
        sure = _within(cap - earlier, low)
        # What is left of the cap above what is sure goes to what the claims lack, in the same order.
        end = "h" if _open(number, claims) else "l"
        lacked = table[f"_upto_{end}{number}"] - high - ibis.least(cap, earlier)
        total = table[f"_low{number}" if _open(number, claims) else f"_sum{number}"]
        more = _within(most - ibis.least(cap, total) - lacked, high - sure)
        made[f"x{number}"] = ibis.cases((binds, sure))
        made[f"y{number}"] = ibis.cases((binds, sure + more))
    return table.select(*keys(table), hand.name(HAND), **made)


def _within(value: Any, most: Any) -> Any:
    return ibis.least(at_least_0(value), most)
