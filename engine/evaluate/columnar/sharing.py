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
from conggao.engine.evaluate.columnar.integers import TYPE
from conggao.engine.evaluate.columnar.rivals import Component, Member
from conggao.engine.evaluate.columnar.schema import CASE, HAND, RANK


def scopes(paying: Sequence[Member]) -> dict[str, list[Member]]:
    """The measures whose caps are shared, by what a cap is added up over."""
    found: dict[str, list[Member]] = {}
    for member in paying:
        if member.shared:
            over = "provider" if member.compiled.measure.cap_per == "provider" else "enterprise"
            found.setdefault(over, []).append(member)
    return found


def binding(over: str, shared: Sequence[Member], found: Sequence[Component], claims: ir.Table) -> ir.Table:
    """The scopes in which a cap binds: of every measure the sum of its standards, its cap, and whether filling it in order suffices."""
    held = {member.number: (component, at) for component in found for at, member in enumerate(component.members)}
    made: dict[str, Any] = {}
    for member in shared:
        number = member.number
        claim, high = eligible(claims, number), upper(claims, number)
        odd = high.isnull() | claims[f"d{number}"].isnull()
        if number in held:
            component, at = held[number]
            odd |= contested(component, claims, at)
        made[f"odd{number}"] = (claim & odd).fill_null(False).cast("int8")
        made[f"open{number}"] = (claim & high.isnull()).cast("int8")
        made |= {f"h{number}": at_least_0(high.fill_null(0)), f"c{number}": claims[f"c{number}"]}
        made[f"l{number}"] = at_least_0(claims[f"l{number}"])
    scope_keys = [CASE, *(["provider"] if over == "provider" else [])]
    rows = claims.select(*scope_keys, **made)
    sums: dict[str, Any] = {}
    for member in shared:
        number = member.number
        sums |= {
            f"_sum{number}": rows[f"h{number}"].cast(TYPE).sum().cast("int64"),
            f"_low{number}": rows[f"l{number}"].cast(TYPE).sum().cast("int64"),
            f"_odd{number}": rows[f"odd{number}"].max(),
            f"_open{number}": rows[f"open{number}"].max(),
            f"_least{number}": rows[f"c{number}"].min(),
            f"_most{number}": rows[f"c{number}"].max(),
        }
    table = rows.group_by(scope_keys).aggregate(**sums)
    binds = {f"_binds{member.number}": _binds(member.number, table) for member in shared}
    table = table.mutate(**binds)
    some: Any = ibis.literal(False)
    for name in binds:
        some |= table[name]
    return table.filter(some)


def _binds(number: int, table: ir.Table) -> Any:
    uneven = table[f"_least{number}"] != table[f"_most{number}"]
    return (uneven | (table[f"_sum{number}"] > table[f"_least{number}"]) | (table[f"_open{number}"] == 1)).fill_null(
        False
    )


def filled(over: str, shared: Sequence[Member], claims: ir.Table, bound: ir.Table) -> ir.Table:
    """Of the rows in scopes where a cap binds what it leaves of each claim, and which are handed over."""
    scope_keys = [CASE, *(["provider"] if over == "provider" else [])]
    scope = bound.rename({f"_{key}": key for key in scope_keys})
    joined = claims.inner_join(scope, [claims[key] == scope[f"_{key}"] for key in scope_keys])
    group = [joined[key] for key in scope_keys]
    order = [joined[RANK]] if RANK in joined.columns else []
    before = ibis.window(group_by=group, order_by=order, rows=(None, 0))
    upto = {
        f"_upto_{end}{member.number}": at_least_0(column).cast(TYPE).sum().over(before).cast("int64")
        for member in shared
        for end, column in (("l", joined[f"l{member.number}"]), ("h", upper(joined, member.number)))
    }
    table = joined.mutate(**upto)
    hand: Any = ibis.literal(False)
    made: dict[str, Any] = {}
    for member in shared:
        number = member.number
        low, high, cap, most = table[f"l{number}"], upper(table, number), table[f"c{number}"], table[f"d{number}"]
        binds = table[f"_binds{number}"] & eligible(table, number)
        uneven = table[f"_least{number}"] != table[f"_most{number}"]
        hand |= binds & (uneven | (table[f"_odd{number}"] == 1)).fill_null(True)
        earlier = table[f"_upto_l{number}"] - low
        sure = _within(cap - earlier, low)
        # What is left of the cap above what is sure goes to what the claims lack, in the same order.
        lacked = table[f"_upto_h{number}"] - high - ibis.least(cap, earlier)
        more = _within(most - ibis.least(cap, table[f"_low{number}"]) - lacked, high - sure)
        made[f"x{number}"] = ibis.cases((binds, sure))
        made[f"y{number}"] = ibis.cases((binds, sure + more))
    return table.select(*keys(table), hand.name(HAND), **made)


def _within(value: Any, most: Any) -> Any:
    return ibis.least(at_least_0(value), most)
