"""What becomes of claims, in columns: where nothing excludes a claim that is eligible beside it, it is paid; where something does,
`choosing` has said which claims stand; what a cap leaves that claims share, `sharing` has said.

Of a measure that pays nothing `s12` is its status (`STATUSES`); of one that pays it follows from `l12` and the plan. Where its cap is
shared `a12` and `b12` are what is paid at either end. `p3`: which claims of component 3 stand, as bits, where claims of it meet; `k12` what
a claim that does not stand could add if its upper end were decided. `_extra` is what the greatest sum of upper ends has over that of the
plan, in fen, for the enterprise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.choosing import MORE, PLAN, greatest, keys, upper
from conggao.engine.evaluate.columnar.inforce import InForce
from conggao.engine.evaluate.columnar.rivals import Component, Member
from conggao.engine.evaluate.columnar.schema import HAND

NONE, CONTINGENT, SUPERSEDED, EXHAUSTED, GRANTED, RECEIVED, UNMET, UNDETERMINED, OUTSIDE, SERVICE, PROGRAMME = range(11)
"""A measure that pays is `GRANTED` less its standard where that is negative. Those up to `RECEIVED` are claims, which have money."""
STATUSES = (
    "", "contingent", "superseded", "exhausted", "granted", "received", "unmet", "undetermined", "not_in_force", "service", "programme",
)  # fmt: skip
EXTRA = "_extra"


def resolved(
    inforce: InForce,
    kind: str,
    paying: Sequence[Member],
    found: Sequence[Component],
    claims: ir.Table,
    plans: Mapping[int, ir.Table],
    fills: Sequence[ir.Table],
) -> ir.Table:
    """The claims with what becomes of them; `plans`: what `choosing` says of those components that are not plain, `fills`: what `sharing`
    says of caps."""
    table = _with_plans(claims, plans)
    table = table.mutate(**{f"_plan_{place}": greatest(c, table) for place, c in enumerate(found) if c.plain})
    for fill in fills:
        table = _with_fill(table, fill)
    return table.mutate(**_statuses(inforce, kind, paying, table), **_filled(paying, table), **_plans(found, table))


def _with_plans(claims: ir.Table, plans: Mapping[int, ir.Table]) -> ir.Table:
    if not plans:
        return claims
    table = claims.mutate(**{EXTRA: ibis.literal(0, "int64")})
    for place, plan in plans.items():
        renamed = plan.select(
            **{f"_of{key}": plan[key] for key in keys(plan)},
            _chosen=plan[PLAN],
            _beyond=plan[MORE],
            _open=plan[HAND],
            **{name: plan[name] for name in _gains(plan)},
        )
        joined = table.left_join(renamed, [table[key] == renamed[f"_of{key}"] for key in keys(plan)])
        kept = [joined[name] for name in table.columns if name not in (HAND, EXTRA)]
        table = joined.select(
            *kept,
            (joined[HAND] | joined._open.fill_null(False)).name(HAND),
            (joined[EXTRA] + joined._beyond.fill_null(0)).name(EXTRA),
            joined._chosen.name(f"_plan_{place}"),
            *(joined[name].fill_null(0).name(name) for name in _gains(plan)),
        )
    return table


def _gains(plan: ir.Table) -> list[str]:
    return [name for name in plan.columns if name[0] == "k"]


def _with_fill(table: ir.Table, fill: ir.Table) -> ir.Table:
    renamed = fill.rename({**{f"_of{key}": key for key in keys(fill)}, "_short": HAND})
    joined = table.left_join(renamed, [table[key] == renamed[f"_of{key}"] for key in keys(fill)])
    kept = [joined[name] for name in table.columns if name != HAND]
    left = [joined[name] for name in fill.columns if name[0] in "xy"]
    return joined.select(*kept, *left, (joined[HAND] | joined._short.fill_null(False)).name(HAND))


def _statuses(inforce: InForce, kind: str, paying: Sequence[Member], table: ir.Table) -> dict[str, Any]:
    """Of the measures that pay nothing."""
    made: dict[str, Any] = {}
    pays = {member.number for member in paying}
    number = 0
    for gone, (place, (_, measures)) in zip(inforce.outside, enumerate(inforce.program.policies), strict=True):
        before = [(table[f"o{place}"], OUTSIDE)] if gone is None else []
        for compiled in measures:
            measure = compiled.measure
            if not gone and not measure.idle and (measure.subject or "enterprise") == kind and number not in pays:
                truth = table[f"t{number}"]
                holds = SERVICE if measure.kind == "service" else UNDETERMINED
                made[f"s{number}"] = _status(*before, (truth == 1, holds), (truth == 0, UNMET))
            number += 1
    return made


def _status(*ways: tuple[Any, int]) -> Any:
    """The first that holds, in one byte."""
    shown = [(holds, ibis.literal(status, "int16")) for holds, status in ways]
    # Cast, since an engine takes a literal for a number of four bytes whatever its type here.
    return ibis.cases(*shown, else_=ibis.literal(UNDETERMINED, "int16")).cast("int8")


def _filled(paying: Sequence[Member], table: ir.Table) -> dict[str, Any]:
    """What is paid under measures whose cap is shared."""
    made: dict[str, Any] = {}
    for number in (member.number for member in paying if member.shared):
        bound = table[f"x{number}"].notnull()
        made[f"a{number}"] = ibis.cases((bound, table[f"x{number}"]), else_=table[f"l{number}"])
        made[f"b{number}"] = ibis.cases((bound, table[f"y{number}"]), else_=upper(table, number))
    return made


def _plans(found: Sequence[Component], table: ir.Table) -> dict[str, Any]:
    """The plan of every component, as narrow as its bits allow; 0 where no claims of it meet."""
    made = {}
    for place, component in enumerate(found):
        width = next(bits for bits in (8, 16, 32, 64) if len(component.members) < bits)
        made[f"p{place}"] = table[f"_plan_{place}"].fill_null(0).cast(f"int{width}")
    return made
