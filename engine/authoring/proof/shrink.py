"""The smallest case that still shows a thing: facts are left out and values made small for as long as the exact engine agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from conggao.engine.authoring.proof.witness import CaseDict, written
from conggao.engine.language.tree import Constant, Node, walk
from conggao.engine.language.types import Quantity
from conggao.facts.units import scale

Shows = Callable[[CaseDict], bool]
_KEPT = {"as_of", "id", "year", "title", "provider", "kind"}
"""Keys that an entry cannot be without."""
MOST = 400
"""Cases decided to shrink one."""


def shrink(case: CaseDict, shows: Shows, figures: Sequence[Fraction] = (), most: int = MOST) -> CaseDict:
    """`case` with as few facts and as small values as still show it; `shows` must hold for `case`.

    `figures` are the values that rules name, tried besides 0, 1 and powers of ten. Deterministic.
    """
    left = most

    def still(candidate: CaseDict) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and shows(candidate)

    changed = True
    while changed and left > 0:
        changed = False
        for step in (_without, lambda found: _smaller(found, figures)):
            candidates = step(case)
            while (better := next((item for item in candidates if still(item)), None)) is not None:
                case, changed = better, True
                candidates = step(case)
                if left <= 0:
                    break
    return case


def figures_of(nodes: Iterable[Node]) -> tuple[Fraction, ...]:
    """The figures that rules name, and a step above and below each, smallest first."""
    found: set[Fraction] = set()
    for node in (part for whole in nodes for part in walk(whole)):
        if isinstance(node, Constant) and isinstance(node.value, Fraction) and isinstance(node.type, Quantity):
            step = Fraction(1, scale(node.type.dimension))
            found |= {node.value, node.value + step, node.value - step, node.value + 1, node.value - 1}
    return tuple(sorted(item for item in found if item > 0))


def _without(case: CaseDict) -> Iterator[CaseDict]:
    """The case with one thing left out."""
    for path in _places(case):
        if (path[-1] in _KEPT and len(path) > 1) or path == ("as_of",):
            continue
        copy = _copy(case)
        part = _part(copy, path[:-1])
        if isinstance(part, list):
            part.pop(int(path[-1]))
        else:
            del part[path[-1]]
        yield copy


def _smaller(case: CaseDict, figures: Sequence[Fraction]) -> Iterator[CaseDict]:
    """The case with one number smaller, the smallest first; with one truth false."""
    for path in _places(case):
        value = _part(case, path)
        if path[-1] in ("year", "as_of", "industry") or isinstance(path[-1], int) or isinstance(value, dict | list):
            continue  # what stands in a list is a word, a year or an entry
        if value is True:
            copy = _copy(case)
            _part(copy, path[:-1])[path[-1]] = False
            yield copy
            continue
        number = _number(value)
        if not number:
            continue
        for smaller in _values(number, figures):
            copy = _copy(case)
            _part(copy, path[:-1])[path[-1]] = smaller
            yield copy


def _values(number: Fraction, figures: Sequence[Fraction]) -> Iterator[int | str]:
    """Values below `number`, the smallest and roundest first."""
    powers = [Fraction(10**n) for n in range(0, 13, 2) if 10**n < number]
    near = [item for item in figures if item < number]
    for value in sorted({Fraction(0), *powers, *near}):
        yield written(value)


def _number(value: Any) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal() and value.isascii():
        return Fraction(value)
    return None


def _places(case: CaseDict) -> list[tuple[Any, ...]]:
    """The path of everything in the case, the largest parts first."""
    found: list[tuple[Any, ...]] = []

    def visit(part: Any, path: tuple[Any, ...]) -> None:
        if path:
            found.append(path)
        if isinstance(part, dict):
            for key, item in part.items():
                visit(item, (*path, key))
        elif isinstance(part, list):
            for index, item in enumerate(part):
                visit(item, (*path, index))

    visit(case, ())
    return sorted(found, key=len)


def _part(case: Any, path: Sequence[Any]) -> Any:
    for key in path:
        case = case[key]
    return case


def _copy(case: CaseDict) -> CaseDict:
    """A copy down to its parts, which are dicts, lists and plain values."""
    return {key: _copied(value) for key, value in case.items()}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return _copy(value)
    return [_copied(item) for item in value] if isinstance(value, list) else value
