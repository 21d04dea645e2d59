"""What is asked of every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rivals.workload import Record

Decided = tuple[dict[int, int], set[int], int]
"""Rules granted with their amounts in fen, rules suppressed by a higher one of the same kind, total in fen."""


class Rival(NamedTuple):
    """An engine with the rules loaded: `prepare` is not timed, `decide` is."""

    prepare: Callable[[Sequence[Record]], list[Any]]
    decide: Callable[[Any], Decided]


RIVAL_RULES = ((7, 12), (3, 10))
"""Of these only the higher is granted; of two equal ones the first."""


def settle(granted: dict[int, int]) -> Decided:
    """从高不重复, over amounts in fen by rule. Takes `granted` over."""
    suppressed = set()
    for first, second in RIVAL_RULES:
        if first in granted and second in granted:
            lower = second if granted[first] >= granted[second] else first
            del granted[lower]
            suppressed.add(lower)
    return granted, suppressed, sum(granted.values())


def fen(yuan: float) -> int:
    """Half up to the fen, as far as a float goes."""
    return int(yuan * 100.0 + 0.5)
