"""Kleene's truths, exact quantities and intervals as formulas of z3, each with what makes it known.

The operations are those of `engine/evaluate` (`truths`, `numbers`, `intervals`), said of all cases at once instead of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from conggao.engine.language.tree import FLIPPED, Comparator

Z3 = Any
"""A formula or term of z3, which states no types."""


class Truth(NamedTuple):
    """`yes` where it is true, `no` where it is false; neither where it is unknown, never both."""

    yes: Z3
    no: Z3


class Number(NamedTuple):
    """A quantity in base units; `value` means nothing where it is not `known`."""

    value: Z3
    known: Z3


class Ends(NamedTuple):
    """An interval: `high` means nothing where it is `open`, neither end where it is not `known`."""

    low: Z3
    high: Z3
    open: Z3
    known: Z3

    @property
    def point(self) -> Z3:
        """Whether it holds one value alone."""
        import z3

        return z3.And(z3.Not(self.open), self.low == self.high)


class Logic:
    """The operations in one context of z3, so that one run leaves nothing to the next."""

    def __init__(self) -> None:
        import z3

        self.z3 = z3
        self.context = z3.Context()
        self.true = z3.BoolVal(True, self.context)
        self.false = z3.BoolVal(False, self.context)

    def real(self, value: Fraction | int) -> Z3:
        """An exact number."""
        exact = Fraction(value)
        return self.z3.RealVal(f"{exact.numerator}/{exact.denominator}", self.context)

    def whole(self, value: int) -> Z3:
        return self.z3.IntVal(value, self.context)

    def both(self, items: Sequence[Z3]) -> Z3:
        return self.z3.And(*items) if len(items) > 1 else items[0] if items else self.true

    def either(self, items: Sequence[Z3]) -> Z3:
        return self.z3.Or(*items) if len(items) > 1 else items[0] if items else self.false

    # -- truths ----------------------------------------------------------------------------------------------------

    def settled(self, value: Z3, known: Z3) -> Truth:
        """A truth that is `value` where it is known."""
        return Truth(self.z3.And(known, value), self.z3.And(known, self.z3.Not(value)))

    def negation(self, item: Truth) -> Truth:
        return Truth(item.no, item.yes)

    def conjunction(self, items: Sequence[Truth]) -> Truth:
        return Truth(self.both([item.yes for item in items]), self.either([item.no for item in items]))

    def disjunction(self, items: Sequence[Truth]) -> Truth:
        return Truth(self.either([item.yes for item in items]), self.both([item.no for item in items]))

    def order(self, comparator: Comparator, left: Z3, right: Z3) -> Z3:
        match comparator:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
            case "==":
                return left == right
            case "!=":
                return left != right

    def compare(self, comparator: Comparator, left: Number, right: Number) -> Truth:
        """Of two values of one kind, unknown where one of them is."""
        known = self.z3.And(left.known, right.known)
        return self.settled(self.order(comparator, left.value, right.value), known)

    def compare_ends(self, comparator: Comparator, x: Ends, y: Ends) -> Truth:
        """Yes if it holds for all values of both, no if for none."""
        z3 = self.z3
        known = z3.And(x.known, y.known)
        match comparator:
            case "<" | "<=":
                below = self.order(comparator, x.high, y.low)
                above = self.order(">=" if comparator == "<" else ">", x.low, y.high)
                return Truth(z3.And(known, z3.Not(x.open), below), z3.And(known, z3.Not(y.open), above))
            case ">" | ">=":
                return self.compare_ends(FLIPPED[comparator], y, x)
            case _:
                same = z3.And(known, x.point, y.point, x.low == y.low)
                apart = z3.And(
                    known, z3.Or(z3.And(z3.Not(x.open), x.high < y.low), z3.And(z3.Not(y.open), y.high < x.low))
                )
                return Truth(same, apart) if comparator == "==" else Truth(apart, same)

    # -- quantities ------------------------------------------------------------------------------------------------

    def fixed(self, value: Fraction) -> Number:
        return Number(self.real(value), self.true)

    def divide(self, left: Number, right: Number) -> Number:
        """Unknown where the divisor is zero."""
        z3 = self.z3
        return Number(left.value / right.value, z3.And(left.known, right.known, right.value != 0))

    def extreme(self, items: Sequence[Z3], *, greatest: bool) -> Z3:
        found = items[0]
        for item in items[1:]:
            found = self.z3.If(item > found if greatest else item < found, item, found)
        return found

    # -- intervals -------------------------------------------------------------------------------------------------

    def ends(self, number: Number) -> Ends:
        """A quantity as the interval that holds only it."""
        return Ends(number.value, number.value, self.false, number.known)

    def between(self, low: Number, high: Number | None) -> Ends:
        """Unknown where an end is, or where the ends are the wrong way round."""
        if high is None:
            return Ends(low.value, low.value, self.true, low.known)
        return Ends(low.value, high.value, self.false, self.z3.And(low.known, high.known, low.value <= high.value))

    def sum_of(self, x: Ends, y: Ends) -> Ends:
        z3 = self.z3
        return Ends(x.low + y.low, x.high + y.high, z3.Or(x.open, y.open), z3.And(x.known, y.known))

    def difference_of(self, x: Ends, y: Ends) -> Ends:
        """Taking off an open interval leaves no lower bound but zero."""
        z3 = self.z3
        low = z3.If(y.open, self.real(0), x.low - y.high)
        return Ends(low, x.high - y.low, x.open, z3.And(x.known, y.known))

    def product_of(self, x: Ends, y: Ends) -> Ends:
        z3, zero = self.z3, self.real(0)
        closed = z3.And(z3.Not(x.open), z3.Not(y.open))
        corners = [x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high]
        nothing = z3.Or(z3.And(x.point, x.low == 0), z3.And(y.point, y.low == 0))
        least, most = self.extreme(corners, greatest=False), self.extreme(corners, greatest=True)
        positive = self.extreme([x.low, zero], greatest=True) * self.extreme([y.low, zero], greatest=True)
        return Ends(
            z3.If(closed, least, z3.If(nothing, zero, positive)),
            z3.If(closed, most, zero),
            z3.And(z3.Not(closed), z3.Not(nothing)),
            z3.And(x.known, y.known),
        )

    def extreme_of(self, x: Ends, y: Ends, *, greatest: bool) -> Ends:
        z3 = self.z3
        low = self.extreme([x.low, y.low], greatest=greatest)
        high = self.extreme([x.high, y.high], greatest=greatest)
        known = z3.And(x.known, y.known)
        if greatest:
            return Ends(low, high, z3.Or(x.open, y.open), known)
        high = z3.If(y.open, x.high, z3.If(x.open, y.high, high))
        return Ends(low, high, z3.And(x.open, y.open), known)

    def same_ends(self, x: Ends, y: Ends) -> Z3:
        """Whether both are unknown, or both the same interval."""
        z3 = self.z3
        equal = z3.And(x.low == y.low, x.open == y.open, z3.Or(x.open, x.high == y.high))
        return z3.And(x.known == y.known, z3.Or(z3.Not(x.known), equal))

    def choose(self, branches: Sequence[tuple[Truth, Ends]], otherwise: Ends) -> Ends:
        """The value of the first branch that holds; where that is unknown, unknown too unless all that remain agree."""
        z3 = self.z3
        found = otherwise
        for condition, value in reversed(branches):
            agreed = z3.And(value.known, self.same_ends(value, found))
            first = z3.Or(condition.yes, z3.Not(condition.no))
            known = z3.If(condition.yes, value.known, z3.If(condition.no, found.known, agreed))
            found = Ends(
                z3.If(first, value.low, found.low),
                z3.If(first, value.high, found.high),
                z3.If(first, value.open, found.open),
                known,
            )
        return found
