"""Quantities that an authority decides: closures that give the two ends of an interval, the upper one None where it is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import lcm

from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.numbers import Number
from conggao.engine.evaluate.truths import Ends, Truth

ReadEnds = Callable[[Frame], Ends | None]


@dataclass(frozen=True, slots=True)
class Interval:
    """A compiled interval: both ends of `read(frame)` count `1/scale` base units."""

    read: ReadEnds
    scale: int

    @classmethod
    def of(cls, number: Number) -> Interval:
        """A quantity as the interval that holds only it."""
        a = number.read

        def read(frame: Frame) -> Ends | None:
            x = a(frame)
            return None if x is None else (x, x)

        return cls(read, number.scale)

    def at(self, scale: int) -> ReadEnds:
        """The same interval counted in `1/scale`, a multiple of its own scale."""
        factor = scale // self.scale
        if factor == 1:
            return self.read

        def read(frame: Frame) -> Ends | None:
            ends = self.read(frame)
            return None if ends is None else (ends[0] * factor, None if ends[1] is None else ends[1] * factor)

        return read


def between(low: Number, high: Number | None) -> Interval:
    """From `low` to `high`; unknown where an end is unknown or the ends are the wrong way round."""
    if high is None:
        a = low.read

        def read_open(frame: Frame) -> Ends | None:
            x = a(frame)
            return None if x is None else (x, None)

        return Interval(read_open, low.scale)
    scale = lcm(low.scale, high.scale)
    first, second = Interval.of(low).at(scale), Interval.of(high).at(scale)

    def read(frame: Frame) -> Ends | None:
        x, y = first(frame), second(frame)
        return None if x is None or y is None or x[0] > y[0] else (x[0], y[0])

    return Interval(read, scale)


def combine(left: Interval, right: Interval, join: Callable[[Ends, Ends], Ends]) -> Interval:
    """Two intervals joined on their common scale."""
    scale = lcm(left.scale, right.scale)
    a, b = left.at(scale), right.at(scale)

    def read(frame: Frame) -> Ends | None:
        x = a(frame)
        if x is None:
            return None
        y = b(frame)
        return None if y is None else join(x, y)

    return Interval(read, scale)


def sum_of(x: Ends, y: Ends) -> Ends:
    return x[0] + y[0], None if x[1] is None or y[1] is None else x[1] + y[1]


def difference_of(x: Ends, y: Ends) -> Ends:
    """Subtracting an open interval leaves no lower bound: the result then starts at 0, as no claim is negative."""
    return (0 if y[1] is None else x[0] - y[1]), None if x[1] is None else x[1] - y[0]


def least_of(x: Ends, y: Ends) -> Ends:
    high = x[1] if y[1] is None else y[1] if x[1] is None else min(x[1], y[1])
    return min(x[0], y[0]), high


def greatest_of(x: Ends, y: Ends) -> Ends:
    return max(x[0], y[0]), None if x[1] is None or y[1] is None else max(x[1], y[1])


def product(left: Interval, right: Interval) -> Interval:
    """The products of all values; an open end stays open unless it meets a zero."""
    a, b = left.read, right.read

    def read(frame: Frame) -> Ends | None:
        x, y = a(frame), b(frame)
        return None if x is None or y is None else _product(x, y)

    return Interval(read, left.scale * right.scale)


def _product(x: Ends, y: Ends) -> Ends:
    if x[1] is not None and y[1] is not None:
        corners = [x[0] * y[0], x[0] * y[1], x[1] * y[0], x[1] * y[1]]
        return min(corners), max(corners)
    if (x[0] == x[1] == 0) or (y[0] == y[1] == 0):
        return 0, 0
    return max(0, x[0]) * max(0, y[0]), None


def choose(branches: list[tuple[Truth, Interval]], otherwise: Interval) -> Interval:
    """The value of the first branch that holds. Where that is unknown, so is the value, unless all that remain agree."""
    scale = lcm(otherwise.scale, *(value.scale for _, value in branches))
    parts = [(condition, value.at(scale)) for condition, value in branches]
    last = otherwise.at(scale)

    def read(frame: Frame) -> Ends | None:
        possible: set[Ends | None] = set()
        for condition, value in parts:
            truth = condition(frame)
            if truth is False:
                continue
            possible.add(value(frame))
            if truth:
                break
        else:
            possible.add(last(frame))
        return possible.pop() if len(possible) == 1 else None

    return Interval(read, scale)
