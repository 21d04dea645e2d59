"""What becomes of claims, in columns: who stands, who gives way, and caps that several share, filled in order.

Where nothing excludes a claim that is eligible beside it, it is paid; where something does, `choosing` has said which claims stand. A cap
that claims share leaves them as they are while all that are eligible stay below it, whichever of them stand; beyond that it is filled in
the natural order of subjects, unless one of them has an alternative: such rows are handed over.

Of measure 12: `s12` its status (`STATUSES`), `a12` and `b12` what is paid at either end, `u12` which claims of its component stand in
its way, as bits. `_extra` is what the greatest sum of upper ends has over that of the plan, in fen, for the enterprise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.choosing import MORE, PLAN, contested, eligible
from conggao.engine.evaluate.columnar.frames import HAND
from conggao.engine.evaluate.columnar.integers import TYPE
from conggao.engine.evaluate.columnar.rivals import Component, Member
from conggao.engine.evaluate.columnar.schema import CASE
from conggao.engine.evaluate.program import Program

NONE, GRANTED, SUPERSEDED, EXHAUSTED, UNDETERMINED, SERVICE, OUTSIDE, PROGRAMME, UNMET = range(9)
STATUSES = (
    "", "granted", "superseded", "exhausted", "undetermined", "service", "not_in_force", "programme", "unmet",
)  # fmt: skip
EXTRA = "_extra"
Held = Mapping[int, tuple[int, int]]
"""Of a measure, by its number, its component and its place in it."""


def resolved(
    program: Program, kind: str, paying: Sequence[Member], found: Sequence[Component], claims: ir.Table, plans: Sequence[ir.Table]
) -> ir.Table:
    """The claims with their statuses and amounts; `plans` is what `choosing` says of every component."""
    held = {member.number: (place, at) for place, c in enumerate(found) for at, member in enumerate(c.members)}
    table = _with_plans(claims, plans)
    shared = [member for member in paying if member.shared]
    table = _marked(found, held, shared, table)
    if shared:
        table = _measured(shared, table)
        table = _filled(shared, held, table)
    return _statuses(program, kind, paying, found, held, table)


def _with_plans(claims: ir.Table, plans: Sequence[ir.Table]) -> ir.Table:
    table = claims.mutate(**{EXTRA: ibis.literal(0, "int64")})
    for place, plan in enumerate(plans):
        renamed = plan.select(
            plan[CASE].name("_of"), plan._rank.name("_at"), plan[PLAN].name("_chosen"), plan[MORE].name("_beyond"), plan[HAND].name("_open")
        )
        joined = table.left_join(renamed, [table[CASE] == renamed._of, table._rank == renamed._at])
        kept = [joined[name] for name in table.columns if name not in (HAND, EXTRA)]
        table = joined.select(
            *kept,
            (joined[HAND] | joined._open.fill_null(False)).name(HAND),
            (joined[EXTRA] + joined._beyond.fill_null(0)).name(EXTRA),
            joined._chosen.name(f"_plan_{place}"),
        )
    return table


def _taken(member: Member, held: Held, table: ir.Table) -> Any:
    """Whether the claim is eligible and stands."""
    claim = eligible(table, member.number)
    if member.number not in held:
        return claim
    place, at = held[member.number]
    plan = table[f"_plan_{place}"]
    return claim & (plan.isnull() | ((plan & (1 << at)) != 0))


def _marked(found: Sequence[Component], held: Held, shared: Sequence[Member], table: ir.Table) -> ir.Table:
    """`q12`: whether the claim can only be paid under its shared cap by a plan: it has an alternative, or its amounts are open."""
    del found
    made: dict[str, Any] = {}
    for member in shared:
        number = member.number
        high = table[f"h{number}"]
        odd = high.isnull() | (table[f"l{number}"] != high) | table[f"d{number}"].isnull()
        if number in held:
            odd |= table[f"_plan_{held[number][0]}"].notnull()
        made[f"q{number}"] = (eligible(table, number) & odd).fill_null(False).cast("int8")
    return table.mutate(**made) if made else table


def _measured(shared: Sequence[Member], table: ir.Table) -> ir.Table:
    """Of the scope of every shared cap: the sum of the standards, the least and the greatest cap, and the sum up to each subject."""
    made: dict[str, Any] = {}
    for member in shared:
        number = member.number
        group = [table[CASE], table.provider] if member.compiled.measure.cap_per == "provider" else [table[CASE]]
        whole = ibis.window(group_by=group)
        before = ibis.window(group_by=group, order_by=[table._rank], rows=(None, 0))
        low, high, least = table[f"l{number}"], table[f"h{number}"], table[f"c{number}"]
        made[f"_sum{number}"] = _sum(high, whole)
        made[f"_upto{number}"] = _sum(low, before)
        made[f"_odd{number}"] = table[f"q{number}"].max().over(whole)
        made[f"_open{number}"] = (eligible(table, number) & high.isnull()).cast("int8").max().over(whole)
        made[f"_least{number}"] = least.min().over(whole)
        made[f"_greatest{number}"] = least.max().over(whole)
    return table.mutate(**made)


def _filled(shared: Sequence[Member], held: Held, table: ir.Table) -> ir.Table:
    """`a12`, `b12`: what the shared caps leave of each claim; rows that only a plan can settle are marked."""
    del held
    made: dict[str, Any] = {}
    hand = table[HAND]
    for member in shared:
        number = member.number
        low = table[f"l{number}"]
        cap, most = table[f"c{number}"], table[f"d{number}"]
        total, earlier = table[f"_sum{number}"], table[f"_upto{number}"] - low
        uneven = table[f"_least{number}"] != table[f"_greatest{number}"]
        binds = (uneven | (total > cap) | (table[f"_open{number}"] == 1)).fill_null(False) & eligible(table, number)
        hand |= binds & (uneven | (table[f"_odd{number}"] == 1)).fill_null(True)
        sure = _within(cap - earlier, low)
        # All lower ends are filled first; what is left of the cap goes to what they lack, in the same order.
        more = _within((most - ibis.least(cap, total)) - _at_least_0(earlier - cap), low - sure)
        made[f"a{number}"] = ibis.cases((binds, sure), else_=low)
        made[f"b{number}"] = ibis.cases((binds, sure + more), else_=table[f"h{number}"])
    return table.mutate(**made, **{HAND: hand})


def _sum(column: Any, window: Any) -> Any:
    return column.fill_null(0).cast(TYPE).sum().over(window).cast("int64")


def _at_least_0(value: Any) -> Any:
    return ibis.greatest(value, ibis.literal(0, "int64"))


def _within(value: Any, most: Any) -> Any:
    return ibis.least(_at_least_0(value), most)


def _statuses(
    program: Program, kind: str, paying: Sequence[Member], found: Sequence[Component], held: Held, table: ir.Table
) -> ir.Table:
    made: dict[str, Any] = {}
    pays = {member.number: member for member in paying}
    number = 0
    for place, (_, measures) in enumerate(program.policies):
        for compiled in measures:
            measure = compiled.measure
            if not measure.idle and (measure.subject or "enterprise") == kind:
                truth, outside = table[f"t{number}"], table[f"o{place}"]
                if number in pays:
                    made |= _of_claim(pays[number], found, held, table)
                else:
                    holds = SERVICE if measure.kind == "service" else UNDETERMINED
                    made[f"s{number}"] = ibis.cases(
                        (outside, OUTSIDE), (truth, holds), (~truth, UNMET), else_=UNDETERMINED
                    ).cast("int8")
            number += 1
    return table.mutate(**made)


def _of_claim(member: Member, found: Sequence[Component], held: Held, table: ir.Table) -> dict[str, Any]:
    number = member.number
    truth, outside = table[f"t{number}"], table[f"o{member.place}"]
    if not member.shared:
        made = {f"a{number}": table[f"l{number}"], f"b{number}": table[f"h{number}"]}
        granted = _taken(member, held, table)
        spent: Any = ibis.literal(False)
    else:
        made = {}
        granted = _taken(member, held, table)
        spent = granted & (table[f"b{number}"] == 0) & (table[f"h{number}"] != 0)
    made[f"s{number}"] = ibis.cases(
        (outside, OUTSIDE),
        (spent, EXHAUSTED),
        (granted, GRANTED),
        (eligible(table, number), SUPERSEDED),
        (~truth, UNMET),
        else_=UNDETERMINED,
    ).cast("int8")
    if number in held:
        place, at = held[number]
        made[f"u{number}"] = table[f"_plan_{place}"].fill_null(0) & found[place].excluded[at]
    return made


__all__ = ["EXTRA", "STATUSES", "contested", "resolved"]
