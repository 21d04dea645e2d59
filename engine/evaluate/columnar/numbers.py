"""Quantities as columns, exactly: a whole number over a whole number, times a fixed fraction. Null is unknown.

A constant factor costs nothing until the quantity is compared or rounded; a quotient is never worked out but compared by
cross-multiplication, and rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.integers import NARROW, Guards, Inexpressible, Whole, constant
from conggao.engine.language.tree import FLIPPED, Comparator

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Number:
    """`above / below × factor` base units; `below` is positive wherever it is known. `fixed` is the value where it depends on no row."""

    above: Whole
    below: Whole | None
    factor: Fraction
    fixed: Fraction | None = None
    negative: bool = True
    """Whether it can be less than zero."""

    @classmethod
    def constant(cls, value: Fraction) -> Number:
        above, factor = (1, value) if value >= 0 else (-1, -value)
        return cls(Whole(constant(above, False), 1), None, factor, value, value < 0)

    @classmethod
    def unknown(cls) -> Number:
        return cls(Whole(ibis.null("int64"), 0), None, ONE, None, False)


def _on(number: Number, unit: Fraction, guards: Guards) -> Whole:
    """The numerator counted in `unit`, of which the factor is a multiple."""
    times = number.factor / unit
    assert times.denominator == 1
    if number.fixed is not None:
        whole = number.fixed / unit
        return Whole(constant(whole.numerator, abs(whole.numerator) > NARROW), abs(whole.numerator))
    return number.above.times(times.numerator, guards)


def _unit(factors: Sequence[Fraction]) -> Fraction:
    """The greatest unit of which all the factors are whole multiples."""
    denominator = lcm(*(item.denominator for item in factors))
    return Fraction(gcd(*(int(item * denominator) for item in factors)), denominator) or ONE


def together(numbers: Sequence[Number], guards: Guards) -> tuple[list[Whole], Whole | None, Fraction]:
    """The numerators over one denominator and in one unit."""
    below: Whole | None = None
    for number in numbers:
        other = number.below
        if other is None or (below is not None and other.column.equals(below.column)):
            continue
        below = other if below is None else below.by(other, guards)
    unit = _unit([item.factor for item in numbers])
    # Fixed factors first: what they are multiplied with may still be of 64 bits.
    return [_over(_on(number, unit, guards), number, numbers, guards) for number in numbers], below, unit


def _over(above: Whole, number: Number, numbers: Sequence[Number], guards: Guards) -> Whole:
    """The numerator of a number times every denominator but its own."""
    seen: list[Whole] = [] if number.below is None else [number.below]
    for other in (item.below for item in numbers):
        if other is not None and not any(other.column.equals(item.column) for item in seen):
            seen.append(other)
            above = above.by(other, guards)
    return above


def add(left: Number, right: Number, sign: int, guards: Guards) -> Number:
    """`left + right` for sign 1, `left - right` for -1."""
    if left.fixed is not None and right.fixed is not None:
        return Number.constant(left.fixed + sign * right.fixed)
    (a, b), below, unit = together([left, right], guards)
    return Number(a.plus(b, sign, guards), below, unit, None, sign < 0 or left.negative or right.negative)


def multiply(left: Number, right: Number, guards: Guards) -> Number:
    if left.fixed is not None and right.fixed is not None:
        return Number.constant(left.fixed * right.fixed)
    if left.fixed is not None:
        left, right = right, left
    if right.fixed is not None:
        value = right.fixed
        if value == 0:
            return Number(left.above.times(0, guards), left.below, ONE, None, False)
        above = left.above if value > 0 else left.above.times(-1, guards)
        return Number(above, left.below, left.factor * abs(value), None, left.negative or value < 0)
    belows = [item for item in (left.below, right.below) if item is not None]
    below = belows[0] if belows else None
    if len(belows) > 1:
        below = belows[0].by(belows[1], guards)
    above = left.above.by(right.above, guards)
    return Number(above, below, left.factor * right.factor, None, left.negative or right.negative)


def divide(left: Number, right: Number, guards: Guards) -> Number:
    """`left ÷ right`, exactly; unknown where the divisor is zero."""
    if right.fixed is not None:
        return multiply(left, Number.constant(1 / right.fixed), guards) if right.fixed else Number.unknown()
    wide = right.above.column.type().is_decimal()
    zero = constant(0, wide)
    column = right.above.column
    above = left.above if right.below is None else left.above.by(right.below, guards)
    if right.negative:
        minus = above.times(-1, guards)
        above = Whole(ibis.cases((column < zero, minus.column), (column > zero, above.column)), above.bound)
        divisor = Whole(ibis.cases((column != zero, column.abs())), right.above.bound)
    else:
        divisor = Whole(ibis.cases((column > zero, column)), right.above.bound)
    below = divisor if left.below is None else left.below.by(divisor, guards)
    if left.fixed is not None:
        return Number(above, below, left.factor / right.factor, None, left.negative or right.negative)
    return Number(above, below, left.factor / right.factor, None, left.negative or right.negative)


def extreme(items: Sequence[Number], greatest: bool, guards: Guards) -> Number:
    """The least or greatest; unknown if one is unknown."""
    wholes, below, unit = together(items, guards)
    wide = any(item.wide or item.column.type().is_decimal() for item in wholes)
    columns = [item.at(wide) for item in wholes]
    known = columns[0].notnull()
    for column in columns[1:]:
        known &= column.notnull()
    if below is not None:
        known &= below.column.notnull()
    chosen = columns[0] if len(columns) == 1 else (ibis.greatest if greatest else ibis.least)(*columns)
    bound = max(item.bound for item in wholes)
    return Number(Whole(ibis.cases((known, chosen)), bound), below, unit, None, any(item.negative for item in items))


def compare(comparator: Comparator, left: Number, right: Number, guards: Guards) -> ir.BooleanValue:
    """Compares on a common denominator; null where either side is unknown."""
    if left.fixed is not None and right.fixed is not None:
        return ibis.literal(_COMPARE[comparator](left.fixed, right.fixed))
    if left.fixed is not None:
        return compare(FLIPPED[comparator], right, left, guards)
    if right.fixed is not None and left.below is None:
        return _against(comparator, left.above, right.fixed / left.factor, guards)
    (a, b), below, _ = together([left, right], guards)
    wide = a.wide or b.wide or a.column.type().is_decimal() or b.column.type().is_decimal()
    truth = _COMPARE[comparator](a.at(wide), b.at(wide))
    return truth if below is None else ibis.cases((below.column.notnull(), truth))


def _against(comparator: Comparator, above: Whole, threshold: Fraction, guards: Guards) -> ir.BooleanValue:
    """A whole number against a figure: the nearest whole number on the right side of the figure decides."""
    whole = threshold.numerator // threshold.denominator
    if threshold.denominator != 1:
        if comparator in ("==", "!="):
            return ibis.cases((above.column.notnull(), ibis.literal(comparator == "!=")))
        # Above a figure between two whole numbers is above the lesser of them; below it likewise.
        comparator = ">" if comparator in (">", ">=") else "<="
    if abs(whole) > above.bound:
        always = _COMPARE[comparator](0, whole)
        return ibis.cases((above.column.notnull(), ibis.literal(always)))
    wide = above.column.type().is_decimal()
    truth: ir.BooleanValue = _COMPARE[comparator](above.column, constant(whole, wide))
    return truth


def fen(number: Number, guards: Guards, unit: int = 100, down: bool = False) -> Whole:
    """The quantity in whole fen, half up, and never less than zero; `down`: rounded down."""
    if number.fixed is not None:
        exact = number.fixed * unit
        whole = max(
            0,
            exact.numerator // exact.denominator
            if down
            else (2 * exact.numerator + exact.denominator) // (2 * exact.denominator),
        )
        return Whole(constant(whole, whole > NARROW), whole)
    factor = number.factor * unit
    above, below = number.above, number.below
    if number.negative:
        zero = constant(0, above.column.type().is_decimal())
        column = above.column
        above = Whole(ibis.cases((column < zero, zero), else_=column), above.bound)
    n, d = factor.numerator, factor.denominator
    if below is None:
        if d == 1:
            return above.times(n, guards)
        if down:
            return above.times(n, guards).over(d, guards)
        if d % 2 == 0:
            return above.times(n, guards).plus(_fixed(d // 2), 1, guards).over(d, guards)
        return above.times(2 * n, guards).plus(_fixed(d), 1, guards).over(2 * d, guards)
    divisor = below.times(d, guards)
    if down:
        return above.times(n, guards).over(divisor, guards)
    return above.times(2 * n, guards).plus(divisor, 1, guards).over(divisor.times(2, guards), guards)


def _fixed(value: int) -> Whole:
    return Whole(constant(value, value > NARROW), value)


_COMPARE: dict[str, Any] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


def narrow(whole: Whole, guards: Guards) -> Whole:
    """The number in 64 bits."""
    value = guards.within(whole, NARROW)
    return Whole(value.at(False), value.bound)


__all__ = ["Inexpressible", "Number", "add", "compare", "divide", "extreme", "fen", "multiply", "narrow", "together"]
