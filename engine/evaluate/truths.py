"""Conditions compiled to closures over a frame: True, False, or None where it is unknown (Kleene)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from math import lcm
from typing import Any

from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.numbers import Exact, Number
from conggao.engine.language.tree import FLIPPED, Comparator

Truth = Callable[[Frame], bool | None]
Value = Callable[[Frame], Any]

COMPARE: dict[Comparator, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def negation(item: Truth) -> Truth:
    def read(frame: Frame) -> bool | None:
        truth = item(frame)
        return None if truth is None else not truth

    return read


def conjunction(items: Sequence[Truth]) -> Truth:
    def read(frame: Frame) -> bool | None:
        result: bool | None = True
        for item in items:
            truth = item(frame)
            if truth is None:
                result = None
            elif not truth:
                return False
        return result

    return read


def disjunction(items: Sequence[Truth]) -> Truth:
    def read(frame: Frame) -> bool | None:
        result: bool | None = False
        for item in items:
            truth = item(frame)
            if truth is None:
                result = None
            elif truth:
                return True
        return result

    return read


def compare_numbers(comparator: Comparator, left: Number, right: Number) -> Truth:
    """Compares on the common scale; the usual `fact against figure` is one step."""
    if left.constant is not None and right.constant is None:
        return compare_numbers(FLIPPED[comparator], right, left)
    scale = lcm(left.scale, right.scale)
    ka, kb = scale // left.scale, scale // right.scale
    if right.constant is not None and ka == 1:
        threshold = right.constant.numerator * kb
        if left.slot is not None:
            return _slot_against(comparator, left.slot, threshold)
        return _read_against(comparator, left.read, threshold)
    a, b, compare = left.read, right.read, COMPARE[comparator]

    def read(frame: Frame) -> bool | None:
        x = a(frame)
        if x is None:
            return None
        y = b(frame)
        return None if y is None else compare(x * ka, y * kb)

    return read


def _read_against(comparator: Comparator, a: Callable[[Frame], Exact | None], threshold: int) -> Truth:
    compare = COMPARE[comparator]

    def read(frame: Frame) -> bool | None:
        x = a(frame)
        return None if x is None else compare(x, threshold)

    return read


def _slot_against(comparator: Comparator, slot: int, threshold: int) -> Truth:
    """Written out for the four orders: this closure is most of what a decision runs."""

    def less(frame: Frame) -> bool | None:
        x = frame[slot]
        return None if x is None else x < threshold

    def at_most(frame: Frame) -> bool | None:
        x = frame[slot]
        return None if x is None else x <= threshold

    def more(frame: Frame) -> bool | None:
        x = frame[slot]
        return None if x is None else x > threshold

    def at_least(frame: Frame) -> bool | None:
        x = frame[slot]
        return None if x is None else x >= threshold

    plain: dict[Comparator, Truth] = {"<": less, "<=": at_most, ">": more, ">=": at_least}
    return plain.get(comparator) or _read_against(comparator, operator.itemgetter(slot), threshold)


def compare_values(comparator: Comparator, left: Value, right: Value) -> Truth:
    """Words, texts, dates and truths."""
    compare = COMPARE[comparator]

    def read(frame: Frame) -> bool | None:
        x = left(frame)
        if x is None:
            return None
        y = right(frame)
        return None if y is None else compare(x, y)

    return read


Ends = tuple[Exact, Exact | None]
"""The two ends of an interval on one scale; None above is open."""


def compare_intervals(
    comparator: Comparator, left: Callable[[Frame], Ends | None], right: Callable[[Frame], Ends | None]
) -> Truth:
    """True if it holds for all values, False if for none, else unknown."""

    def read(frame: Frame) -> bool | None:
        x, y = left(frame), right(frame)
        if x is None or y is None:
            return None
        return _order(comparator, x, y)

    return read


def _order(comparator: Comparator, x: Ends, y: Ends) -> bool | None:
    match comparator:
        case "<":
            if x[1] is not None and x[1] < y[0]:
                return True
            return False if y[1] is not None and x[0] >= y[1] else None
        case "<=":
            if x[1] is not None and x[1] <= y[0]:
                return True
            return False if y[1] is not None and x[0] > y[1] else None
        case ">" | ">=":
            return _order(FLIPPED[comparator], y, x)
        case _:
            if x[0] == x[1] == y[0] == y[1]:
                return comparator == "=="
            apart = (x[1] is not None and x[1] < y[0]) or (y[1] is not None and y[1] < x[0])
            return comparator == "!=" if apart else None
