"""Every measure of a kind of subject as columns: whether it holds, what it pays at either end, and what its cap allows.

Of measure number 12: `t12` its conditions, `l12` and `h12` the ends of its standard in fen (null where it is no claim; an open upper end
is null beside a lower end that is not), `c12` and `d12` the ends of a cap that several claims share.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar import numbers
from conggao.engine.evaluate.columnar.compile import Compiler
from conggao.engine.evaluate.columnar.frames import HAND, Frames
from conggao.engine.evaluate.columnar.integers import Guards, Inexpressible, Whole, constant
from conggao.engine.evaluate.columnar.intervals import Interval
from conggao.engine.evaluate.columnar.rivals import Member
from conggao.engine.evaluate.columnar.schema import CASE
from conggao.engine.language.tree import Choice, Constant, Node
from conggao.engine.rulebook.model import Measure

LARGEST = 10**16
"""Fen of the largest standard that is resolved in columns: sums of many of them stay within 64 bits."""


def with_claims(frames: Frames, kind: str, table: ir.Table) -> ir.Table:
    """The table with the columns of every measure for the kind of subject, and of the ceilings over it marked."""
    program = frames.program
    number = 0
    made: dict[str, Any] = {}
    hand = table[HAND]
    for place, (_, measures) in enumerate(program.policies):
        inside = ~table[f"o{place}"]
        for compiled in measures:
            measure = compiled.measure
            if measure.ceiling is not None and measure.kind != "repealed" and (measure.subject or "enterprise") == kind:
                guards = Guards()
                holds = Compiler(frames.known, table, guards).conjunction([item.node for item in measure.when])
                hand |= inside & (holds.fill_null(True) | _any(guards))
            if not measure.idle and (measure.subject or "enterprise") == kind:
                guards = Guards()
                made[f"t{number}"] = Compiler(frames.known, table, guards).conjunction(
                    [item.node for item in measure.when]
                )
                if guards.found:
                    hand |= inside & _any(guards)
            number += 1
    return table.mutate(**made, **{HAND: hand})


def with_amounts(frames: Frames, member: list[Member], table: ir.Table) -> ir.Table:
    """The table with what is due under every measure that pays."""
    made: dict[str, Any] = {}
    hand = table[HAND]
    for item in member:
        number = item.number
        holds = (table[f"t{number}"] & ~table[f"o{item.place}"]).fill_null(False)
        guards = Guards()
        compiler = Compiler(frames.known, table, guards)
        measure = item.compiled.measure
        low, high = _standard(measure, compiler)
        ends = {f"l{number}": low.column, f"h{number}": ibis.null("int64") if high is None else high.column}
        if item.shared:
            assert measure.cap is not None
            least, most = _ends(compiler.interval(measure.cap), guards, down=True)
            # Without its cap a claim is no claim.
            ends = {name: ibis.cases((least.column.notnull(), column)) for name, column in ends.items()}
            ends[f"c{number}"] = least.column
            ends[f"d{number}"] = ibis.null("int64") if most is None else most.column
        made |= {name: ibis.cases((holds, column)) for name, column in ends.items()}
        for end in {id(end): end for end in (low, high) if end is not None}.values():
            if end.bound > LARGEST:
                guards.found.append(end.column > LARGEST)
        if guards.found:
            hand |= holds & _any(guards)
    return table.mutate(**made, **{HAND: hand})


def _any(guards: Guards) -> ir.BooleanValue:
    beyond: ir.BooleanValue = ibis.literal(False)
    for guard in guards.found:
        beyond |= guard.fill_null(False)
    return beyond


def _standard(measure: Measure, compiler: Compiler) -> tuple[Whole, Whole | None]:
    """The ends of the standard after a cap of its own subject; None is an open end."""
    guards = compiler.guards
    cap = measure.cap if measure.cap is not None and measure.cap_per == measure.subject else None
    low: Whole = Whole(constant(0, False), 0)
    high: Whole | None = None
    if measure.amount is not None:
        amount = compiler.interval(measure.amount)
        if amount.exact and cap is not None and not _plain(cap):
            limit = compiler.interval(cap)
            if limit.exact and not isinstance(measure.amount, Choice) and not isinstance(cap, Choice):
                # The lesser of the two is rounded once.
                least = numbers.extreme([amount.low, limit.low], False, guards)
                low = numbers.narrow(numbers.fen(least, guards), guards)
                return low, low
        low, high = _ends(amount, guards)
    if cap is None:
        return low, high
    least_cap, most = _ends(compiler.interval(cap), guards)
    same = low is high and least_cap is most
    low = _lesser(low, least_cap)
    if same:
        return low, low
    if most is None:
        raise Inexpressible("a cap that is open")
    # Either end is unknown where the other is.
    return low, _known(low, most if high is None else _lesser(high, most))


def _lesser(amount: Whole, cap: Whole) -> Whole:
    """The lesser of the two, null where one is."""
    above = amount.column > cap.column
    return Whole(ibis.cases((above, cap.column), (~above, amount.column)), min(amount.bound, cap.bound))


def _known(low: Whole, high: Whole) -> Whole:
    return Whole(ibis.cases((low.column.notnull(), high.column)), high.bound)


def _plain(cap: Node) -> bool:
    return isinstance(cap, Constant)


def _ends(interval: Interval, guards: Guards, down: bool = False) -> tuple[Whole, Whole | None]:
    """Both ends in whole fen, one and the same where it is a quantity; `high` None is open."""
    low = numbers.narrow(numbers.fen(interval.low, guards, down=down), guards)
    if interval.exact:
        return low, low
    if interval.high is None:
        return low, None
    return low, numbers.narrow(numbers.fen(interval.high, guards, down=down), guards)


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
