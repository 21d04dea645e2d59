"""Quantities that an authority decides, as two columns; an open upper end is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar import numbers
from conggao.engine.evaluate.columnar.integers import Guards, Inexpressible, Whole
from conggao.engine.evaluate.columnar.numbers import Number
from conggao.engine.language.tree import FLIPPED, Comparator


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`; both are null where it is unknown. `high` None is open."""

    low: Number
    high: Number | None

    @property
    def exact(self) -> bool:
        """Whether it is a quantity and no interval."""
        return self.low is self.high


def between(low: Number, high: Number | None, guards: Guards) -> Interval:
    """Unknown where an end is unknown or the ends are the wrong way round."""
    if high is None:
        return Interval(low, None)
    if low.fixed is not None and high.fixed is not None:
        return Interval(low, high)
    known = numbers.compare("<=", low, high, guards)
    return Interval(_where(known, low), _where(known, high))


def _where(known: ir.BooleanValue, number: Number) -> Number:
    column = number.above.column
    above = Whole(ibis.cases((known, column)), number.above.bound)
    return Number(above, number.below, number.factor, None, number.negative)


def both(left: Interval, right: Interval, sign: int, guards: Guards) -> Interval:
    """The sum or the difference."""
    if left.exact and right.exact:
        value = numbers.add(left.low, right.low, sign, guards)
        return Interval(value, value)
    if sign > 0:
        low = numbers.add(left.low, right.low, 1, guards)
        open_end = left.high is None or right.high is None
        return Interval(low, None if open_end else numbers.add(left.high, right.high, 1, guards))  # type: ignore[arg-type]
    if left.high is None or right.high is None:
        raise Inexpressible("a difference of open intervals")
    return Interval(numbers.add(left.low, right.high, -1, guards), numbers.add(left.high, right.low, -1, guards))


def product(left: Interval, right: Interval, guards: Guards) -> Interval:
    """The products of all values."""
    if left.exact and right.exact:
        value = numbers.multiply(left.low, right.low, guards)
        return Interval(value, value)
    if left.high is None or right.high is None:
        raise Inexpressible("a product of open intervals")
    if not left.low.negative and not right.low.negative:
        return Interval(numbers.multiply(left.low, right.low, guards), numbers.multiply(left.high, right.high, guards))
    corners = [numbers.multiply(a, b, guards) for a in (left.low, left.high) for b in (right.low, right.high)]
    return Interval(numbers.extreme(corners, False, guards), numbers.extreme(corners, True, guards))


def extreme(items: Sequence[Interval], greatest: bool, guards: Guards) -> Interval:
    """The least or the greatest, end by end."""
    if any(item.high is None for item in items):
        raise Inexpressible("the least or greatest of open intervals")
    low = numbers.extreme([item.low for item in items], greatest, guards)
    high = numbers.extreme([item.high for item in items if item.high is not None], greatest, guards)
    known = low.above.column.notnull() & high.above.column.notnull()
    return Interval(_where(known, low), _where(known, high))


def compare(comparator: Comparator, left: Interval, right: Interval, guards: Guards) -> ir.BooleanValue:
    """True if it holds for all values, False if for none, else unknown."""
    if left.high is None or right.high is None:
        raise Inexpressible("an open interval is compared")
    match comparator:
        case ">" | ">=":
            return compare(FLIPPED[comparator], right, left, guards)
        case "<" | "<=":
            holds = numbers.compare(comparator, left.high, right.low, guards)
            fails = numbers.compare(">=" if comparator == "<" else ">", left.low, right.high, guards)
            return ibis.cases((holds, True), (fails, False), else_=ibis.null("boolean"))
        case _:
            same = (
                numbers.compare("==", left.low, left.high, guards)
                & numbers.compare("==", right.low, right.high, guards)
                & numbers.compare("==", left.low, right.low, guards)
            )
            apart = numbers.compare("<", left.high, right.low, guards) | numbers.compare(
                "<", right.high, left.low, guards
            )
            equal = comparator == "=="
            return ibis.cases((same, equal), (apart, not equal), else_=ibis.null("boolean"))


def choose(branches: Sequence[tuple[ir.BooleanValue, Interval]], otherwise: Interval, guards: Guards) -> Interval:
    """The value of the first branch that holds. Where that is unknown, so is the value, unless all that remain agree."""
    opens = {item.high is None for item in (otherwise, *(value for _, value in branches))}
    if len(opens) > 1:
        raise Inexpressible("an open interval among others")
    result = otherwise
    for condition, value in reversed(branches):
        result = _either(condition, value, result, guards)
    return result


def _either(condition: ir.BooleanValue, value: Interval, rest: Interval, guards: Guards) -> Interval:
    agree = numbers.compare("==", value.low, rest.low, guards)
    if value.high is None or rest.high is None:
        low = _pick(condition, agree, value.low, rest.low, guards)
        return Interval(low, None)
    if value.exact and rest.exact:
        one = _pick(condition, agree, value.low, rest.low, guards)
        return Interval(one, one)
    agree &= numbers.compare("==", value.high, rest.high, guards)
    return Interval(
        _pick(condition, agree, value.low, rest.low, guards), _pick(condition, agree, value.high, rest.high, guards)
    )


def _pick(condition: ir.BooleanValue, agree: ir.BooleanValue, value: Number, rest: Number, guards: Guards) -> Number:
    if value.below is not None or rest.below is not None:
        raise Inexpressible("a quotient among the values of a choice")
    (a, b), _, unit = numbers.together([value, rest], guards)
    wide = a.column.type().is_decimal() or b.column.type().is_decimal()
    first, second = a.at(wide), b.at(wide)
    column = ibis.cases((condition, first), (~condition, second), (agree, first))
    return Number(Whole(column, max(a.bound, b.bound)), None, unit, None, value.negative or rest.negative)
