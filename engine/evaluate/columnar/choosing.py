"""The best of the claims that exclude each other, for the few rows on which they do.

Every set of claims that may stand together is summed, and the best is chosen by the resolver's own order: what is sure, what is possible,
what the nation pays, then the region, then the natural order of claims. A row of which that leaves anything open (an open end, another
recipient) is handed over.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.rivals import Component
from conggao.engine.evaluate.columnar.schema import HAND, RANK
from conggao.facts.tables.schema import CASE

PLAN, MORE = "_plan", "_more"
_NOTHING = -1


def most_of(*values: Any) -> Any:
    """The greatest of some columns that are not null; one alone is itself, which not every engine says of its function."""
    return values[0] if len(values) == 1 else ibis.greatest(*values)


def contested(component: Component, table: ir.Table, place: int | None = None) -> ir.BooleanValue:
    """Whether claims of the component exclude each other, of one row of claims; or whether one does that of the member at `place`."""
    found: Any = ibis.literal(False)
    for pair in (*component.edges(), *component.unsettled):
        if place is None or place in pair:
            i, j = (component.members[at].number for at in pair)
            found |= eligible(table, i) & eligible(table, j)
    return found


def keys(table: ir.Table) -> list[str]:
    """What tells the subjects of a table of claims apart."""
    return [CASE, RANK] if RANK in table.columns else [CASE]


def eligible(table: ir.Table, number: int) -> Any:
    return table[f"l{number}"] >= 0


def upper(table: ir.Table, number: int) -> Any:
    """The upper end of a standard, which has a column of its own where it may differ from the lower."""
    return table[f"h{number}"] if f"h{number}" in table.columns else table[f"l{number}"]


def at_least_0(value: Any) -> Any:
    """The value, 0 where it is less; null where it is."""
    return ibis.cases((value < 0, ibis.literal(0, "int64")), else_=value)


def greatest(component: Component, table: ir.Table) -> Any:
    """The plan of a plain component where claims of it meet, else 0: its greatest claim, of equals that of the higher level, then the
    first."""
    levels = ("national", "region", "city")
    order = sorted(enumerate(component.members), key=lambda item: (levels.index(item[1].policy.level), item[0]))
    due = {place: table[f"l{member.number}"] for place, member in order}
    bits = {place: ibis.literal(component.bit(place), "int64") for place in due}
    first, *others = due
    if len(others) == 1:
        chosen = ibis.cases((due[first] >= due[others[0]], bits[first]), else_=bits[others[0]])
    else:
        most = most_of(*due.values())
        chosen = ibis.cases(*[(due[place] == most, bits[place]) for place in due])
    return ibis.cases((contested(component, table), chosen), else_=ibis.literal(0, "int64"))


def best(component: Component, claims: ir.Table) -> ir.Table:
    """Of the rows of `claims` that are contested: `_plan`, the best set, as bits; `_more`, what the greatest sum of upper ends has over
    that of the plan, in fen; `k12` what a claim outside the plan could add at its upper end, 0 where nothing or where it is in it; `_hand`,
    whether the row is handed over."""
    members = component.members
    numbers = [member.number for member in members]
    rows = claims.filter(contested(component, claims))
    own = {f"l{number}": ibis.greatest(rows[f"l{number}"], ibis.literal(0, "int64")) for number in numbers}
    own |= {f"h{number}": rows[f"h{number}"].fill_null(0) for number in numbers if f"h{number}" in rows.columns}
    there = {f"e{number}": eligible(rows, number) for number in numbers}
    unsettled: Any = ibis.literal(False)
    for number in numbers:
        high = upper(rows, number)
        # Open ends, and claims of nothing, which stand in no sum.
        unsettled |= eligible(rows, number) & (high.isnull() | (high == 0))
    for i, j in component.unsettled:
        unsettled |= eligible(rows, numbers[i]) & eligible(rows, numbers[j])
    if {member.compiled.measure.recipient for member in members} != {"enterprise"}:
        unsettled = ibis.literal(True)
    # From which standard on a claim would stand is not said of one of which money received has left less.
    less = {
        f"r{number}": (
            (rows[f"g{number}"] != rows[f"l{number}"]) | (rows[f"j{number}"] != upper(rows, number))
        ).fill_null(True)
        for number in numbers
        if f"j{number}" in rows.columns
    }
    table = rows.select(*keys(rows), **own, **there, **less, _unsettled=unsettled)
    table = table.mutate(**_sums(component, table))
    many = range(len(component.sets))
    table = table.mutate(_best_low=most_of(*[table[f"_low{at}"] for at in many]))
    table = _keep(table, many, "low", "high", "_best_low")
    for level in ("national", "region"):
        if any(member.policy.level == level for member in members):
            table = _keep_level(table, component, level)
    masks = [ibis.cases((table[f"_still{at}"], table[f"_mask{at}"])) for at in many]
    table = table.mutate(
        _plan=most_of(*[mask.fill_null(_NOTHING) for mask in masks]),
        _more=most_of(*[table[f"_high{at}"] for at in many]) - table._best_high,
    )
    table = table.mutate(**_gains(component, table))
    hand = table._unsettled
    for name in less:
        hand |= table[name] & (table[f"k{name[1:]}"] > 0)
    return table.select(*keys(table), PLAN, MORE, hand.name(HAND), *(name for name in table.columns if name[0] == "k"))


def _sums(component: Component, table: ir.Table) -> dict[str, Any]:
    """Of every set the sums at either end, and which of its claims there are."""
    made: dict[str, Any] = {}
    for at, taken in enumerate(component.sets):
        low: Any = None
        high: Any = None
        mask: Any = None
        for place, member in enumerate(component.members):
            if taken >> place & 1:
                number = member.number
                bit = ibis.cases(
                    (table[f"e{number}"], ibis.literal(component.bit(place), "int64")), else_=ibis.literal(0, "int64")
                )
                low = table[f"l{number}"] if low is None else low + table[f"l{number}"]
                high = upper(table, number) if high is None else high + upper(table, number)
                mask = bit if mask is None else mask + bit
        made |= {f"_low{at}": low, f"_high{at}": high, f"_mask{at}": mask}
    return made


def _keep(table: ir.Table, many: range, key: str, then: str, best_key: str) -> ir.Table:
    """Marks the sets that are best by `key`, and of these by `then`."""
    first = [table[f"_{key}{at}"] == table[best_key] for at in many]
    values = [ibis.cases((kept, table[f"_{then}{at}"]), else_=_NOTHING) for at, kept in zip(many, first, strict=True)]
    table = table.mutate(**{f"_best_{then}": most_of(*values)})
    return table.mutate(
        **{
            f"_still{at}": (table[f"_{key}{at}"] == table[best_key]) & (table[f"_{then}{at}"] == table[f"_best_{then}"])
            for at in many
        }
    )


def _keep_level(table: ir.Table, component: Component, level: str) -> ir.Table:
    """Of the sets still marked those of which the level of government pays the most."""
    paid = {f"_{level}{at}": _paid(component, taken, level, table) for at, taken in enumerate(component.sets)}
    many = range(len(component.sets))
    table = table.mutate(
        **{
            name: ibis.cases((table[f"_still{at}"], paid[name]), else_=_NOTHING)
            for at, name in zip(many, paid, strict=True)
        }
    )
    table = table.mutate(**{f"_best_{level}": most_of(*[table[name] for name in paid])})
    still = {f"_still{at}": table[f"_still{at}"] & (table[f"_{level}{at}"] == table[f"_best_{level}"]) for at in many}
    return table.mutate(**still)


def _paid(component: Component, taken: int, level: str, table: ir.Table) -> Any:
    total: Any = ibis.literal(0, "int64")
    for place, member in enumerate(component.members):
        if taken >> place & 1 and member.policy.level == level:
            total += table[f"l{member.number}"]
    return total


def _gains(component: Component, table: ir.Table) -> dict[str, Any]:
    """What each claim of two ends that the plan leaves out could add, if its upper end were decided, to what is sure."""
    made: dict[str, Any] = {}
    for place, member in enumerate(component.members):
        number = member.number
        if f"h{number}" in table.columns:
            low, high = table[f"l{number}"], table[f"h{number}"]
            sums = [table[f"_low{at}"] for at, taken in enumerate(component.sets) if taken >> place & 1]
            outside = table[f"e{number}"] & ((table._plan & component.bit(place)) == 0)
            gain = at_least_0(most_of(*sums) - low + high - table._best_low)
            made[f"k{number}"] = ibis.cases((outside & (low != high), gain), else_=ibis.literal(0, "int64"))
    return made
