"""Every measure of a kind of subject as columns: whether it holds, what it pays at either end, and what its cap allows.

Of measure number 12: `t12` is 1 where its policy applies and its conditions hold, 0 where they do not, `l12` and `h12` the ends of its
standard in fen. Where it is no claim, `l12` is negative and says why (`REFUSED`, `UNKNOWN`, `ELSEWHERE`), and `h12` null, which beside a
claim is an open end; there is no `h12` where both ends are one. `c12` and `d12` are the ends of a cap that several claims share, where it
is not a figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar import numbers
from conggao.engine.evaluate.columnar.compile import Compiler
from conggao.engine.evaluate.columnar.frames import Frames
from conggao.engine.evaluate.columnar.integers import NARROW, Guards, Inexpressible, Whole, constant
from conggao.engine.evaluate.columnar.intervals import Interval
from conggao.engine.evaluate.columnar.numbers import Number
from conggao.engine.evaluate.columnar.rivals import Member
from conggao.engine.evaluate.columnar.schema import ELSEWHERE, HAND, REFUSED, UNKNOWN
from conggao.engine.evaluate.columnar.stated import known, stated
from conggao.engine.language.tree import Choice, Constant, Node
from conggao.engine.rulebook.model import Measure

_SMALL = 2**31 - 1
LARGEST = 10**16
"""Fen of the largest standard that is resolved in columns: sums of many of them stay within 64 bits."""


def with_claims(frames: Frames, kind: str, table: ir.Table) -> ir.Table:
    """The table with the conditions of every measure for the kind of subject."""
    program = frames.program
    number = 0
    made: dict[str, Any] = {}
    hand = table[HAND]
    for place, (_, measures) in enumerate(program.policies):
        gone = frames.inforce.outside[place]
        inside = ~table[f"o{place}"] if gone is None else ibis.literal(True)
        for compiled in measures:
            measure = compiled.measure
            if gone:
                number += 1
                continue
            if not measure.idle and (measure.subject or "enterprise") == kind:
                guards = Guards()
                holds = Compiler(frames.known, table, guards).conjunction([item.node for item in measure.when])
                # A number: by a truth an engine takes its way row by row, and guesses it wrong where rows differ.
                made[f"t{number}"] = (inside & holds if gone is None else holds).cast("int8")
                if guards.found:
                    hand |= inside & _any(guards)
            number += 1
    return table.mutate(**made, **{HAND: hand})


@dataclass(frozen=True, slots=True)
class _Due:
    """What a measure pays before a cap of its own subject, in columns of 64 bits, and that cap. `high` None is an open end."""

    low: Whole
    high: Whole | None
    cap: tuple[Whole, Whole | None] | None = None
    sure: bool = False
    """Whether it is known wherever the conditions hold."""

    @property
    def exact(self) -> bool:
        return self.low is self.high

    @property
    def most(self) -> int:
        """Fen that its lower end is at the most."""
        return self.low.bound if self.cap is None else min(self.low.bound, self.cap[0].bound)

    @property
    def simple(self) -> bool:
        """Whether it is read but once: a quantity that nothing more is done with."""
        return self.exact and self.cap is None and self.low.bound <= LARGEST

    def at(self, table: ir.Table, number: int) -> _Due:
        """The same, read from the columns that `columns` has named."""
        low = Whole(table[f"n{number}"], self.low.bound)
        high = low if self.exact else self.high and Whole(table[f"m{number}"], self.high.bound)
        cap = self.cap
        if self._staged:
            assert cap is not None
            least = Whole(table[f"q{number}"], cap[0].bound)
            cap = least, least
        return _Due(low, high, cap)

    @property
    def _staged(self) -> bool:
        """Whether the cap is one that must be worked out."""
        return self.cap is not None and self.cap[0] is self.cap[1] and not _literal(self.cap[0])

    def columns(self, number: int) -> dict[str, Any]:
        found = {f"n{number}": self.low.column}
        if not self.exact and self.high is not None:
            found[f"m{number}"] = self.high.column
        if self._staged:
            assert self.cap is not None
            found[f"q{number}"] = self.cap[0].column
        return found


def with_amounts(frames: Frames, member: list[Member], table: ir.Table) -> tuple[ir.Table, frozenset[int]]:
    """The table with what is due under every measure that pays, and the numbers of those under which it fits 32 bits.

    In stages, each amount worked out once: engines work out an expression again wherever a branch holds it.
    """
    guards = {item.number: Guards() for item in member}
    compilers = {item.number: Compiler(frames.known, table, guards[item.number]) for item in member}
    due = {item.number: _standard(item.compiled.measure, compilers[item.number]) for item in member}
    simple = {item.number for item in member if due[item.number].simple and not item.shared}
    staged = table.mutate(
        **{
            f"l{item.number}": _standing(
                frames,
                item,
                table,
                due[item.number].low.column,
                due[item.number].sure and not guards[item.number].found,
            )
            for item in member
            if item.number in simple
        },
        **{
            name: column
            for number, found in due.items()
            if number not in simple
            for name, column in found.columns(number).items()
        },
    )
    made: dict[str, Any] = {}
    hand = staged[HAND]
    for item in member:
        number = item.number
        own = guards[number]
        held = staged[f"t{number}"] == 1
        if number not in simple:
            low, high = _capped(due[number].at(staged, number))
            claim: Any = held
            least: Whole | None = None
            if item.shared and whole_fen(item.compiled.measure.cap) is None:
                assert item.compiled.measure.cap is not None
                least, most = _ends(compilers[number].interval(item.compiled.measure.cap), own, down=True)
                # Without its cap a claim is no claim.
                claim = held & least.column.notnull()
                made[f"c{number}"] = ibis.cases((held, least.column))
                made[f"d{number}"] = ibis.cases((held, ibis.null("int64") if most is None else most.column))
            amount = low.column if least is None else ibis.cases((least.column.notnull(), low.column))
            made[f"l{number}"] = _standing(frames, item, staged, amount)
            if low is not high:
                made[f"h{number}"] = ibis.cases((claim, ibis.null("int64") if high is None else high.column))
            for end in {id(end): end for end in (low, high) if end is not None}.values():
                if end.bound > LARGEST:
                    own.found.append(end.column > LARGEST)
        if own.found:
            hand |= (held & _any(own)).fill_null(False)
    small = frozenset(number for number, found in due.items() if found.most <= _SMALL)
    return staged.mutate(**made, **{HAND: hand}), small


def _standing(frames: Frames, member: Member, table: ir.Table, amount: Any, sure: bool = False) -> Any:
    """The amount where the conditions hold and it is known, of which it may be `sure`, else why it is no claim. Never null, which costs an
    engine most."""
    held = table[f"t{member.number}"]
    elsewhere, refused, unknown = (ibis.literal(code, "int64") for code in (ELSEWHERE, REFUSED, UNKNOWN))
    before = [(table[f"o{member.place}"], elsewhere)] if frames.inforce.outside[member.place] is None else []
    due = amount if sure else amount.fill_null(unknown)
    return ibis.cases(*before, (held == 1, due), (held == 0, refused), else_=unknown)


def _any(guards: Guards) -> ir.BooleanValue:
    beyond: ir.BooleanValue = ibis.literal(False)
    for guard in guards.found:
        beyond |= guard.fill_null(False)
    return beyond


def _standard(measure: Measure, compiler: Compiler) -> _Due:
    """The standard, with the cap of its own subject where it has one."""
    guards = compiler.guards
    cap = measure.cap if measure.cap is not None and measure.cap_per == measure.subject else None
    low: Whole = Whole(constant(0, False), 0)
    high: Whole | None = None
    sure = False
    if measure.amount is not None:
        sure = known(measure.amount, stated(item.node for item in measure.when))
        amount = compiler.interval(measure.amount)
        figure = whole_fen(cap)
        if amount.exact and figure is not None and amount.low.fixed is None and amount.low.below is None:
            # What reaches the cap need not be divided.
            reaches = numbers.compare(">=", amount.low, Number.constant(Fraction(figure, 100)), guards)
            due = numbers.narrow(numbers.fen(amount.low, guards), guards)
            column = ibis.cases((reaches, constant(figure, False)), else_=due.column)
            low = Whole(column, min(figure, due.bound))
            return _Due(low, low, sure=sure)
        if amount.exact and cap is not None and not _plain(cap):
            limit = compiler.interval(cap)
            if limit.exact and not isinstance(measure.amount, Choice) and not isinstance(cap, Choice):
                # The lesser of the two is rounded once.
                least = numbers.extreme([amount.low, limit.low], False, guards)
                low = numbers.narrow(numbers.fen(least, guards), guards)
                return _Due(low, low)
        low, high = _ends(amount, guards)
    if cap is None:
        return _Due(low, high, sure=sure)
    least_cap, most = _ends(compiler.interval(cap), guards)
    if most is None:
        raise Inexpressible("a cap that is open")
    return _Due(low, high, (least_cap, most))


def _capped(due: _Due) -> tuple[Whole, Whole | None]:
    """The ends of the standard after a cap of its own subject; None is an open end."""
    if due.cap is None:
        return due.low, due.high
    least, most = due.cap
    assert most is not None
    low = _lesser(due.low, least)
    if due.exact and least is most:
        return low, low
    # Either end is unknown where the other is.
    return low, _known(low, most if due.high is None else _lesser(due.high, most))


def _lesser(amount: Whole, cap: Whole) -> Whole:
    """The lesser of the two, null where one is."""
    above = amount.column > cap.column
    if _literal(cap):
        column = ibis.cases((above, cap.column), else_=amount.column)
    else:
        column = ibis.cases((above, cap.column), (~above, amount.column))
    return Whole(column, min(amount.bound, cap.bound))


def _literal(whole: Whole) -> bool:
    return isinstance(whole.column.op(), ops.Literal)


def _known(low: Whole, high: Whole) -> Whole:
    return Whole(ibis.cases((low.column.notnull(), high.column)), high.bound)


def _plain(cap: Node) -> bool:
    return isinstance(cap, Constant)


def whole_fen(cap: Node | None) -> int | None:
    """A cap that is a figure in whole fen."""
    if not isinstance(cap, Constant):
        return None
    fen = cast("Fraction", cap.value) * 100
    return int(fen) if fen.denominator == 1 and 0 <= fen <= NARROW else None


def _ends(interval: Interval, guards: Guards, down: bool = False) -> tuple[Whole, Whole | None]:
    """Both ends in whole fen, one and the same where it is a quantity; `high` None is open."""
    low = numbers.narrow(numbers.fen(interval.low, guards, down=down), guards)
    if interval.exact:
        return low, low
    if interval.high is None:
        return low, None
    return low, numbers.narrow(numbers.fen(interval.high, guards, down=down), guards)
