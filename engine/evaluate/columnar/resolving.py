"""What becomes of claims, in columns: the best set of those that exclude each other, and caps that several share, filled in order.

Where nothing excludes a claim that is eligible beside it, it is paid. Where something does, every set of claims that may stand together is
summed and the best is chosen by the resolver's own order; a row of which that leaves anything open (a tie, an open end, what discretion
could still change, a cap that binds against alternatives) is handed over.

Of measure 12: `s12` its status (`Status`), `a12` and `b12` what is paid at either end, `u12` which claims of its component stand in
its way, as bits; `_extra` is what the greatest sum of upper ends has over that of the plan, in fen, for the enterprise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.frames import HAND
from conggao.engine.evaluate.columnar.integers import TYPE
from conggao.engine.evaluate.columnar.rivals import Component, Member, components
from conggao.engine.evaluate.columnar.schema import CASE
from conggao.engine.evaluate.program import Program

NONE, GRANTED, SUPERSEDED, EXHAUSTED, UNDETERMINED, SERVICE, OUTSIDE, PROGRAMME, UNMET = range(9)
STATUSES = (
    "", "granted", "superseded", "exhausted", "undetermined", "service", "not_in_force", "programme", "unmet",
)  # fmt: skip
EXTRA = "_extra"
_NOTHING = -1


def resolved(program: Program, kind: str, paying: Sequence[Member], table: ir.Table) -> ir.Table:
    """The table with the statuses and amounts of every measure for the kind of subject."""
    eligible = {f"e{item.number}": table[f"l{item.number}"].notnull() for item in paying}
    table = table.mutate(**eligible)
    found = components(paying, program)
    for place, component in enumerate(found):
        table = _best(component, f"_{place}", table)
    held = {member.number: (place, at) for place, c in enumerate(found) for at, member in enumerate(c.members)}
    table = _chosen(paying, held, table)
    for member in paying:
        if member.shared:
            table = _filled(member, held.get(member.number), table)
    return _statuses(program, kind, paying, found, held, table)


def _zero(value: Any) -> Any:
    return value.fill_null(0)


def _best(component: Component, name: str, table: ir.Table) -> ir.Table:
    """`_contested`: whether claims of the component exclude each other; `_plan`: the best set of them, as bits."""
    members = component.members
    contested: Any = ibis.literal(False)
    for i, j in component.edges():
        contested |= table[f"e{members[i].number}"] & table[f"e{members[j].number}"]
    hand = table[HAND]
    for i, j in component.unsettled:
        hand |= table[f"e{members[i].number}"] & table[f"e{members[j].number}"]
    table = table.mutate(**{f"_contested{name}": contested, HAND: hand})
    contested = table[f"_contested{name}"]
    # Of whom the best set pays whom is said by the sums of one recipient.
    if len({member.compiled.measure.recipient for member in members}) > 1 or members[0].compiled.measure.recipient != "enterprise":
        return table.mutate(**{HAND: table[HAND] | contested, f"_plan{name}": ibis.literal(0, "int64"), f"_most{name}": ibis.literal(0, "int64")})
    bad: Any = ibis.literal(False)
    for member in members:
        number = member.number
        bad |= table[f"e{number}"] & (table[f"h{number}"].isnull() | (table[f"h{number}"] == 0))
    table = table.mutate(**{HAND: table[HAND] | (contested & bad)})
    contested = table[f"_contested{name}"]
    first: dict[str, Any] = {}
    for at, taken in enumerate(component.sets):
        low, high, mask = _sums(component, taken, table)
        first[f"_low{at}"] = ibis.cases((contested, low))
        first[f"_high{at}"] = ibis.cases((contested, high))
        first[f"_mask{at}"] = ibis.cases((contested, mask))
    table = table.mutate(**first)
    table = table.mutate(_best_low=ibis.greatest(*[table[f"_low{at}"] for at in range(len(component.sets))]))
    table = _keep(table, component, "_low", "_best_low", "_high", "_best_high")
    levels = [member.policy.level for member in members]
    for level in ("national", "region"):
        if level in levels:
            paid = {
                f"_{level}{at}": ibis.cases((table[f"_still{at}"], _paid(component, taken, level, table)), else_=_NOTHING)
                for at, taken in enumerate(component.sets)
            }
            table = table.mutate(**paid)
            best = ibis.greatest(*[table[name] for name in paid])
            table = table.mutate(_best_level=best)
            table = table.mutate(
                **{f"_still{at}": table[f"_{level}{at}"] == table._best_level for at in range(len(component.sets))}
            )
    many = range(len(component.sets))
    masks = [ibis.cases((table[f"_still{at}"], table[f"_mask{at}"])) for at in many]
    beyond = 1 << 62
    table = table.mutate(
        _least=ibis.least(*[mask.fill_null(beyond) for mask in masks]),
        _most=ibis.greatest(*[mask.fill_null(_NOTHING) for mask in masks]),
        **{f"_most{name}": _zero(ibis.greatest(*[table[f"_high{at}"] for at in many]) - table._best_high)},
    )
    plan = table._most
    hand = table[HAND] | (contested_of(table, name) & (table._least != plan))
    # A claim outside the plan that its upper end would bring in.
    for place, member in enumerate(members):
        low, high = table[f"l{member.number}"], table[f"h{member.number}"]
        with_it = [table[f"_low{at}"] for at, taken in enumerate(component.sets) if taken >> place & 1]
        could = ibis.greatest(*with_it) if len(with_it) > 1 else with_it[0]
        outside = table[f"e{member.number}"] & (low != high) & ((plan & (1 << place)) == 0)
        hand |= (contested_of(table, name) & outside & (could - low + high > table._best_low)).fill_null(False)
    table = table.mutate(**{f"_plan{name}": _zero(ibis.cases((contested_of(table, name), plan))), HAND: hand})
    drop = [c for c in table.columns if c.startswith(_WORK)]
    return table.drop(*drop)


_WORK = ("_low", "_high", "_mask", "_still", "_national", "_region", "_best_", "_least")


def contested_of(table: ir.Table, name: str) -> Any:
    return table[f"_contested{name}"]


def _sums(component: Component, taken: int, table: ir.Table) -> tuple[Any, Any, Any]:
    low: Any = None
    high: Any = None
    mask: Any = None
    for place, member in enumerate(component.members):
        if taken >> place & 1:
            number = member.number
            a, b = _zero(table[f"l{number}"]), _zero(table[f"h{number}"])
            bit = ibis.cases((table[f"e{number}"], ibis.literal(1 << place, "int64")), else_=0)
            low = a if low is None else low + a
            high = b if high is None else high + b
            mask = bit if mask is None else mask + bit
    return low, high, mask


def _keep(table: ir.Table, component: Component, key: str, best: str, then: str, then_best: str) -> ir.Table:
    """Those sets that are best by `key`, and of them by `then`."""
    many = range(len(component.sets))
    highs = [ibis.cases((table[f"{key}{at}"] == table[best], table[f"{then}{at}"]), else_=_NOTHING) for at in many]
    table = table.mutate(**{then_best: ibis.greatest(*highs)})
    still = {
        f"_still{at}": (table[f"{key}{at}"] == table[best]) & (table[f"{then}{at}"] == table[then_best]) for at in many
    }
    return table.mutate(**still)


def _paid(component: Component, taken: int, level: str, table: ir.Table) -> Any:
    total: Any = ibis.literal(0, "int64")
    for place, member in enumerate(component.members):
        if taken >> place & 1 and member.policy.level == level:
            total += _zero(table[f"l{member.number}"])
    return total


def _chosen(paying: Sequence[Member], held: dict[int, tuple[int, int]], table: ir.Table) -> ir.Table:
    """`p12`: whether the claim is in the plan; `a12`, `b12`: what it is then paid before a cap that it shares."""
    made: dict[str, Any] = {}
    for member in paying:
        number = member.number
        taken = table[f"e{number}"]
        if number in held:
            place, at = held[number]
            planned = (table[f"_plan_{place}"] & (1 << at)) != 0
            taken &= ~table[f"_contested_{place}"] | planned
        made[f"p{number}"] = taken
        made[f"a{number}"], made[f"b{number}"] = table[f"l{number}"], table[f"h{number}"]
    return table.mutate(**made)


def _filled(member: Member, held: tuple[int, int] | None, table: ir.Table) -> ir.Table:
    """A cap that several claims share: untouched where they stay below it, filled in the natural order of subjects where they do not."""
    number = member.number
    high, low = table[f"h{number}"], table[f"l{number}"]
    most = table[f"d{number}"]
    open_end = table[f"e{number}"] & high.isnull()
    contested = ibis.literal(False) if held is None else table[f"_contested_{held[0]}"] & table[f"e{number}"]
    odd = open_end | (table[f"e{number}"] & ((low != high) | most.isnull()))
    table = table.mutate(_odd_claim=(odd | contested).fill_null(False).cast("int8"), _open=open_end.cast("int8"))
    low, high, least = table[f"l{number}"], table[f"h{number}"], table[f"c{number}"]
    group = [table[CASE], table.provider] if member.compiled.measure.cap_per == "provider" else [table[CASE]]
    whole = ibis.window(group_by=group)
    before = ibis.window(group_by=group, order_by=[table._rank], rows=(None, 0))
    table = table.mutate(
        _sum=_sum(high, whole),
        _many=high.count().over(whole),
        _odd_claims=table._odd_claim.max().over(whole),
        _opens=table._open.max().over(whole),
        _least=least.min().over(whole),
        _greatest=least.max().over(whole),
        _upto=_sum(low, before),
    )
    binds = (table._sum > table._least) | (table._opens == 1) | (table._least != table._greatest)
    # A single exact claim needs no order.
    table = table.mutate(_binds=binds.fill_null(False) & table[f"e{number}"])
    unfit = (table._odd_claims == 1) & ((table._many > 1) | (table._opens == 1) | contested_in(table, held))
    table = table.mutate(**{HAND: table[HAND] | (table._binds & (unfit | _unequal(table, number)))})
    low, high = table[f"l{number}"], table[f"h{number}"]
    least, most = table[f"c{number}"], table[f"d{number}"]
    earlier = table._upto - low
    sure = _within(least - earlier, low)
    all_sure = ibis.least(least, table._sum)
    # Lower ends were filled in order, so what is left over of a claim is what is beyond the cap.
    left_before = _at_least_0(earlier - least)
    more = _within((most - all_sure) - left_before, low - sure)
    table = table.mutate(_sure=sure, _more=more)
    return table.mutate(
        **{
            f"a{number}": ibis.cases((table._binds, table._sure), else_=table[f"a{number}"]),
            f"b{number}": ibis.cases((table._binds, table._sure + table._more), else_=table[f"b{number}"]),
        }
    ).drop("_odd_claim", "_open", "_sum", "_many", "_odd_claims", "_opens", "_least", "_greatest", "_upto", "_binds", "_sure", "_more")


def contested_in(table: ir.Table, held: tuple[int, int] | None) -> Any:
    return ibis.literal(False) if held is None else table[f"_contested_{held[0]}"]


def _unequal(table: ir.Table, number: int) -> Any:
    """Caps or claims of one scope that are not all of one kind."""
    interval = (table[f"l{number}"] != table[f"h{number}"]) | table[f"d{number}"].isnull()
    return ((table._least != table._greatest) | interval).fill_null(True)


def _sum(column: Any, window: Any) -> Any:
    return _zero(column).cast(TYPE).sum().over(window).cast("int64")


def _at_least_0(value: Any) -> Any:
    return ibis.greatest(value, ibis.literal(0, "int64"))


def _within(value: Any, most: Any) -> Any:
    return ibis.least(_at_least_0(value), most)


def _statuses(
    program: Program,
    kind: str,
    paying: Sequence[Member],
    found: Sequence[Component],
    held: dict[int, tuple[int, int]],
    table: ir.Table,
) -> ir.Table:
    made: dict[str, Any] = {}
    pays = {member.number for member in paying}
    number = 0
    for place, (_, measures) in enumerate(program.policies):
        for compiled in measures:
            measure = compiled.measure
            if not measure.idle and (measure.subject or "enterprise") == kind:
                truth = table[f"t{number}"]
                inside = ~table[f"o{place}"]
                if number in pays:
                    claim = table[f"e{number}"]
                    paid = (table[f"b{number}"] != 0) | table[f"b{number}"].isnull() | (table[f"h{number}"] == 0)
                    made[f"s{number}"] = ibis.cases(
                        (~inside, OUTSIDE),
                        (table[f"p{number}"] & paid, GRANTED),
                        (table[f"p{number}"], EXHAUSTED),
                        (claim, SUPERSEDED),
                        (~truth, UNMET),
                        else_=UNDETERMINED,
                    ).cast("int8")
                    if number in held:
                        at, index = held[number]
                        excluded = found[at].excluded[index]
                        made[f"u{number}"] = table[f"_plan_{at}"] & excluded
                else:
                    holds = SERVICE if measure.kind == "service" else UNDETERMINED
                    made[f"s{number}"] = ibis.cases(
                        (~inside, OUTSIDE), (truth, holds), (~truth, UNMET), else_=UNDETERMINED
                    ).cast("int8")
            number += 1
    extra: Any = ibis.literal(0, "int64")
    for place in range(len(found)):
        extra += table[f"_most_{place}"]
    made[EXTRA] = extra
    return table.mutate(**made)


def natural_columns(table: ir.Table, kind: str) -> ir.Table:
    """`_rank`: the place of a subject among those of its kind, in the natural order of ids. Ids that are not letters and then digits are
    only ordered where there is but one."""
    if kind not in ("project", "service"):
        return table.mutate(_rank=ibis.literal(1, "int64"))
    natural = table.id.re_search(r"^[\x01-\x2f\x3a-\x7f]*(0|[1-9][0-9]{0,16})?$")
    digits = table.id.re_extract(r"([0-9]*)$", 1)
    table = table.mutate(
        _natural=natural,
        _prefix=table.id.re_extract(r"^([^0-9]*)", 1),
        _ordinal=ibis.cases((natural & (digits != ""), digits.cast("int64")), else_=ibis.literal(-1, "int64")),
    )
    own = ibis.window(group_by=[table[CASE]])
    ordered = ibis.window(group_by=[table[CASE]], order_by=[table._prefix, table._ordinal])
    table = table.mutate(
        _rank=ibis.row_number().over(ordered) + 1,
        _several=table.id.count().over(own) > 1,
        _unnatural=(~table._natural).cast("int8").max().over(own) == 1,
    )
    hand = table[HAND] | (table._several & table._unnatural)
    return table.mutate(**{HAND: hand}).drop("_natural", "_prefix", "_ordinal", "_several", "_unnatural")
