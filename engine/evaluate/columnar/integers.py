"""Whole numbers as columns whose greatest size is known: what may pass 64 bits is DECIMAL(38, 0), what may pass that is handed over.

Every operation says how large its result can be, from how large its operands can be. Nothing is rounded and nothing overflows: where the
product of two columns could, a row is only multiplied within proven limits, and one beyond them is noted (`Guards`) and its value is null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isqrt
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.dialect import quotient

NARROW = 9 * 10**18
WIDE = 10**38 - 1
TYPE = "decimal(38, 0)"


class Inexpressible(Exception):  # noqa: N818 - it says what happened
    """A rule that no expression over columns says exactly: the exact evaluator decides."""


@dataclass(slots=True)
class Guards:
    """Conditions under which a row is beyond what was proven."""

    found: list[ir.BooleanValue] = field(default_factory=list)

    def within(self, value: Whole, most: int) -> Whole:
        """`value` where it is at most `most` either side of zero, else null and noted."""
        if value.bound <= most:
            return value
        least = -most
        wide = value.column.type().is_decimal()
        limit, lower = constant(most, wide), constant(least, wide)
        inside = value.column.between(lower, limit)
        self.found.append(~inside)
        return Whole(ibis.cases((inside, value.column)), most)


@dataclass(frozen=True, slots=True)
class Whole:
    """A column of whole numbers, at most `bound` either side of zero; 64 bits where that suffices."""

    column: Any
    bound: int
    of: tuple[Whole, Whole] | None = None
    """The two that it is the product of, where that is more than 64 bits."""

    @property
    def wide(self) -> bool:
        return self.bound > NARROW

    def at(self, wide: bool) -> Any:
        """The column in the width asked for, which its bound must fit."""
        if self.column.type().is_decimal() == wide:
            return self.column
        return self.column.cast(TYPE if wide else "int64")

    def times(self, factor: int, guards: Guards) -> Whole:
        """The column times a whole number."""
        if factor == 1:
            return self
        if factor == 0:
            return Whole(ibis.cases((self.column.notnull(), ibis.literal(0, "int64"))), 0)
        if abs(factor) > WIDE:
            raise Inexpressible("a figure beyond 38 digits")
        if self.of is not None and self.bound * abs(factor) <= WIDE:
            # One multiplication of 128 bits is spared where the figure fits beside one of the two.
            for one, other in (self.of, self.of[::-1]):
                if one.bound * abs(factor) <= NARROW:
                    return one.times(factor, guards).by(other, guards)
        value = guards.within(self, WIDE // abs(factor))
        bound = value.bound * abs(factor)
        wide = bound > NARROW
        product = value.at(wide) * constant(factor, wide)
        return Whole(product.cast(TYPE) if wide else product, bound)

    def plus(self, other: Whole, sign: int, guards: Guards) -> Whole:
        left, right = guards.within(self, WIDE // 2), guards.within(other, WIDE // 2)
        bound = left.bound + right.bound
        wide = bound > NARROW
        a, b = left.at(wide), right.at(wide)
        result = a + b if sign > 0 else a - b
        return Whole(result.cast(TYPE) if wide else result, bound)

    def by(self, other: Whole, guards: Guards) -> Whole:
        """The product of two columns."""
        left, right = self, other
        if left.bound * right.bound > WIDE:
            # Each keeps as much room as the other leaves it, but never less than half of the digits.
            root = isqrt(WIDE)
            if left.bound <= root:
                right = guards.within(right, WIDE // max(left.bound, 1))
            elif right.bound <= root:
                left = guards.within(left, WIDE // max(right.bound, 1))
            else:
                left, right = guards.within(left, root), guards.within(right, root)
        bound = left.bound * right.bound
        wide = bound > NARROW
        product = left.at(wide) * right.at(wide)
        return Whole(product.cast(TYPE), bound, (left, right)) if wide else Whole(product, bound)

    def over(self, divisor: Whole | int, guards: Guards) -> Whole:
        """The whole part of a number that is not negative divided by a positive one, in 64 bits."""
        value = guards.within(self, NARROW)
        bound = value.bound
        top = value.at(False)
        if isinstance(divisor, int):
            if divisor > NARROW:
                raise Inexpressible("a figure beyond 64 bits divides")
            return Whole(quotient(top, constant(divisor, False)), max(1, bound // divisor))
        below = guards.within(divisor, NARROW)
        return Whole(quotient(top, below.at(False)), bound)


def constant(value: int, wide: bool) -> Any:
    """A whole number as a literal of the width asked for."""
    if not wide:
        return ibis.literal(value, "int64")
    # As text: not every engine reads a literal of more than 64 bits.
    return (
        ibis.literal(str(value), "string").cast(TYPE)
        if abs(value) > NARROW
        else ibis.literal(value, "int64").cast(TYPE)
    )
