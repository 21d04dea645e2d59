"""Aggregates over the projects, services or parks of an enterprise, as columns of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.compile import Compiler
from conggao.engine.evaluate.columnar.integers import TYPE, Guards, Inexpressible, Whole
from conggao.engine.evaluate.columnar.numbers import Number
from conggao.engine.evaluate.columnar.schema import HAND
from conggao.engine.language.tree import Aggregate
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    from conggao.engine.evaluate.columnar.frames import Frames

_TRUE = 2
_LONGEST = 1_000
"""Rows of an enterprise over which an aggregate is taken here."""


def aggregate(frames: Frames, node: Aggregate) -> None:
    """Makes a column of the enterprise of an aggregate over its projects or services."""
    name = f"a{len(frames.known.aggregates)}"
    # Enterprises are read here on their own and through their projects: stored, so that they are not worked out twice.
    frames.steps.append((f"_before_{name}", frames.enterprise))
    frames.replace_enterprise(f"_before_{name}")
    table = frames.subject(node.over, [] if node.body is None else [node.body])
    guards = Guards()
    compiler = Compiler(frames.known, table, guards)
    number: Number | None = None
    inner: dict[str, Any] = {}
    if node.kind in ("count", "any"):
        truth = ibis.literal(True) if node.body is None else compiler.truth(node.body)
        inner["_value"] = ibis.cases((truth, 2), (~truth, 0), else_=1).cast("int64")
    else:
        assert node.body is not None
        number = compiler.number(node.body)
        if number.below is not None:
            raise Inexpressible("an aggregate of quotients")
        inner["_value"] = number.above.column
    rows = with_guards(table, inner, guards).select(CASE, "_value", HAND)
    value = rows._value
    many, known = rows.count(), value.count()
    match node.kind:
        case "any":
            result: Any = value.max()
        case "count":
            result = ibis.cases(
                ((value == 1).sum() > 0, ibis.null("int64")), else_=(value == _TRUE).sum().cast("int64")
            )
        case "sum":
            few = (many == known) & (many <= _LONGEST)
            result = ibis.cases((few, value.cast(TYPE).sum()))
        case _:
            result = ibis.cases((many == known, value.max() if node.kind == "max" else value.min()))
    grouped = rows.group_by(rows[CASE].name("_of")).aggregate(
        _result=result, _beyond=(rows[HAND].cast("int64").max() > 0) | (many > _LONGEST)
    )
    base = frames.enterprise
    joined = base.left_join(grouped, base[CASE] == grouped._of)
    column, made = _over_nothing(node, number, joined)
    hand = (joined[HAND] | joined._beyond.fill_null(False)).name(HAND)
    kept = [joined[other] for other in base.columns if other != HAND]
    frames.enterprise = joined.select(*kept, column.name(name), hand)
    frames.known.aggregates[node] = name, made


def _over_nothing(node: Aggregate, number: Number | None, joined: ir.Table) -> tuple[Any, Number | None]:
    """What an aggregate is where there is nothing: no sum but 0, no count but 0, none true; no least and no greatest."""
    found, none = joined._result, joined._of.isnull()
    if node.kind == "any":
        truth = ibis.cases((none | (found == 0), False), (found == _TRUE, True), else_=ibis.null("boolean"))
        return truth, None
    if node.kind == "count":
        column = ibis.cases((none, ibis.literal(0, "int64")), else_=found.cast("int64"))
        return column, Number(Whole(column, _LONGEST), None, Fraction(1), None, False)
    assert number is not None
    times = _LONGEST if node.kind == "sum" else 1
    bound = number.above.bound * times
    if bound > 9 * 10**18:
        raise Inexpressible("an aggregate beyond 64 bits")
    column = found.cast("int64")
    if node.kind == "sum":
        column = ibis.cases((none, ibis.literal(0, "int64")), else_=column)
    return column, Number(Whole(column, bound), None, number.factor, None, number.negative)


def with_guards(table: ir.Table, made: Mapping[str, Any], guards: Guards) -> ir.Table:
    """The table with the columns `made`, and the rows beyond what is proven marked."""
    if not guards.found:
        return table.mutate(**made)
    hand = table[HAND]
    for guard in guards.found:
        hand |= guard.fill_null(False)
    return table.mutate(**made, **{HAND: hand})
