"""Quantities compiled to closures over a frame.

A quantity is carried as an integer of `1/scale` base units, so that a rate costs a multiplication and no rounding: 40% of a sum in
fen is twice the sum, at a scale of 500. What is not whole on its scale, and every quotient, is a Fraction. None is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from operator import itemgetter

from conggao.engine.evaluate.layout import Frame

Exact = int | Fraction
Read = Callable[[Frame], Exact | None]


@dataclass(frozen=True, slots=True)
class Number:
    """A compiled quantity: `read(frame) / scale` base units. `constant` is its value where it depends on no fact,
    `slot` its slot where it is just a fact."""

    read: Read
    scale: int
    constant: Fraction | None = None
    slot: int | None = None

    @classmethod
    def fixed(cls, value: Fraction) -> Number:
        number = value.numerator
        return cls(lambda _: number, value.denominator, constant=value)

    @classmethod
    def at(cls, slot: int, scale: int) -> Number:
        return cls(itemgetter(slot), scale, slot=slot)

    def value(self, frame: Frame) -> Fraction | None:
        """The quantity in base units."""
        number = self.read(frame)
        if number is None:
            return None
        return Fraction(number, self.scale)

    def ratio(self, frame: Frame) -> tuple[int, int] | None:
        """As `value`, as a numerator and a denominator above zero that may have factors in common."""
        number = self.read(frame)
        return None if number is None else (number.numerator, number.denominator * self.scale)


def add(left: Number, right: Number, sign: int) -> Number:
    """`left + right` for sign 1, `left - right` for -1."""
    if left.constant is not None and right.constant is not None:
        return Number.fixed(left.constant + sign * right.constant)
    scale = lcm(left.scale, right.scale)
    a, b, ka, kb = left.read, right.read, scale // left.scale, sign * (scale // right.scale)

    def read(frame: Frame) -> Exact | None:
        x = a(frame)
        if x is None:
            return None
        y = b(frame)
        return None if y is None else x * ka + y * kb

    def read_plain(frame: Frame) -> Exact | None:
        x = a(frame)
        if x is None:
            return None
        y = b(frame)
        return None if y is None else x + y

    return Number(read_plain if ka == kb == 1 else read, scale)


def multiply(left: Number, right: Number) -> Number:
    """`left × right`; a constant factor moves into the scale as far as it can."""
    if left.constant is not None and right.constant is not None:
        return Number.fixed(left.constant * right.constant)
    if left.constant is not None:
        left, right = right, left
    a = left.read
    if right.constant is not None:
        factor = right.constant.numerator
        scale = left.scale * right.constant.denominator
        if factor == 1:
            return Number(a, scale)

        def scaled(frame: Frame) -> Exact | None:
            x = a(frame)
            return None if x is None else x * factor

        return Number(scaled, scale)
    b = right.read

    def read(frame: Frame) -> Exact | None:
        x = a(frame)
        if x is None:
            return None
        y = b(frame)
        return None if y is None else x * y

    return Number(read, left.scale * right.scale)


def divide(left: Number, right: Number) -> Number:
    """`left ÷ right`, exactly; unknown where the divisor is zero."""
    if right.constant is not None:
        return multiply(left, Number.fixed(1 / right.constant)) if right.constant else Number(lambda _: None, 1)
    a, b, ka, kb = left.read, right.read, right.scale, left.scale

    def read(frame: Frame) -> Exact | None:
        x = a(frame)
        if x is None:
            return None
        y = b(frame)
        return Fraction(x * ka, y * kb) if y else None

    return Number(read, 1)


def extreme(items: list[Number], *, greatest: bool) -> Number:
    """The least or greatest; unknown if one is unknown."""
    scale = lcm(*(item.scale for item in items))
    parts = [(item.read, scale // item.scale) for item in items]
    choose = max if greatest else min

    def read(frame: Frame) -> Exact | None:
        values: list[Exact] = []
        for part, factor in parts:
            x = part(frame)
            if x is None:
                return None
            values.append(x * factor)
        return choose(values)

    return Number(read, scale)


def round_half_up(number: Exact, scale: int, unit: int) -> int:
    """`number / scale` base units as whole `1/unit` units, half up (towards plus infinity)."""
    return int((2 * number * unit + scale) // (2 * scale))
