"""Ceilings over the claims of one subject: where none can bind, claims are what they would be without it; else the row is handed over.

Of ceiling number 12: `z12` what it leaves in fen, `OPEN` where it is not known whether there is one or where it lies, null where there is
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar import numbers
from conggao.engine.evaluate.columnar.choosing import eligible, upper
from conggao.engine.evaluate.columnar.compile import Compiler
from conggao.engine.evaluate.columnar.frames import Frames
from conggao.engine.evaluate.columnar.integers import Guards
from conggao.engine.evaluate.columnar.rivals import Member
from conggao.engine.evaluate.columnar.schema import HAND, UNDER
from conggao.engine.rulebook.model import Measure

OPEN = -1


def ceilings(frames: Frames, kind: str) -> list[tuple[int, int, Measure]]:
    """The ceilings over claims of the kind of subject that may be in force: their number, the place of their policy, and the measure."""
    found = []
    number = 0
    for place, (_, measures) in enumerate(frames.program.policies):
        for compiled in measures:
            measure = compiled.measure
            own = (
                measure.ceiling is not None and measure.kind != "repealed" and (measure.subject or "enterprise") == kind
            )
            if own and not frames.inforce.outside[place]:
                found.append((number, place, measure))
            number += 1
    return found


def with_ceilings(frames: Frames, kind: str, table: ir.Table) -> ir.Table:
    """The table with what every ceiling leaves."""
    made: dict[str, Any] = {}
    hand = table[HAND]
    for number, place, measure in ceilings(frames, kind):
        assert measure.ceiling is not None
        guards = Guards()
        compiler = Compiler(frames.known, table, guards)
        holds: Any = compiler.conjunction([item.node for item in measure.when])
        if frames.inforce.outside[place] is None:
            holds &= ~table[f"o{place}"]
        limit = numbers.narrow(numbers.fen(compiler.number(measure.ceiling.amount), guards, down=True), guards).column
        known = ibis.cases((holds & limit.notnull(), limit), else_=ibis.literal(OPEN, "int64"))
        made[f"z{number}"] = ibis.cases((holds.fill_null(True), known))
        for guard in guards.found:
            hand |= (holds.fill_null(True) & guard).fill_null(False)
    return table.mutate(**made, **{HAND: hand}) if made else table


def under_ceilings(frames: Frames, kind: str, paying: Sequence[Member], table: ir.Table) -> ir.Table:
    """The table with those rows handed over in which a ceiling may bind: where it is open, or where the upper ends of the claims under it
    are together above it; and those marked (`UNDER`) in which claims stand under one, since it counts money received too."""
    found = ceilings(frames, kind)
    if not found:
        return table
    hand = table[HAND]
    under: Any = ibis.literal(False)
    for number, _, measure in found:
        assert measure.ceiling is not None
        over = measure.ceiling.over
        left = table[f"z{number}"]
        some: Any = ibis.literal(False)
        total: Any = ibis.literal(0, "int64")
        for member in paying:
            if over is None or member.key in over:
                claim = eligible(table, member.number)
                some |= claim
                total += ibis.cases((claim, upper(table, member.number)), else_=ibis.literal(0, "int64")).cast("int64")
        under |= left.notnull() & some
        hand |= left.notnull() & some & ((left == OPEN) | (total > left).fill_null(True))
    return table.mutate(**{HAND: hand.fill_null(True), UNDER: under.fill_null(True)})
