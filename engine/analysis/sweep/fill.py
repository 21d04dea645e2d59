"""Totals between two places that follow from those at both, so that nothing is planned again.

Let some claims grow from one place to the other while everything else stays. Of the plans that hold a given set of them, the best can
neither fall as they grow nor gain more than they do together: caps, ceilings and money received only take away. So where the optimum is
the same at both places, it is so all the way. And where it gains as much as the set of claims that grows most of all sets without an
exclusion, no plan gained more on the way, and one gained as much: it follows that set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from conggao.engine.evaluate.program import Fen
from conggao.engine.resolve import Claim
from conggao.engine.resolve.model import Key
from conggao.engine.resolve.problem import exclusions
from conggao.engine.sitting import Records

Ends = tuple[int, int | None]
MOST = 6
"""Claims that grow at once; of more, sets are not compared."""


class Entry(NamedTuple):
    """A record before anything is planned: `rest` is all that must stay the same while its standard grows."""

    key: Key
    standard: Fen | None
    rest: tuple[Any, ...]


def vector(records: Records) -> list[Entry]:
    """The records that vary, in their order."""
    return [Entry(record.key, record.standard, (record.truth, record.assessed, record.cap)) for _, record in records]


def fill(
    vectors: Sequence[Sequence[Entry]], claims: Sequence[Claim], totals: tuple[Ends, Ends], recipient: str
) -> list[Ends] | None:
    """The totals of `recipient` at all but the first and the last of `vectors`, in fen; None where they do not follow.

    `claims` are those at the first, `totals` those at both ends.
    """
    first = vectors[0]
    places = _growing(vectors)
    if places is None:
        return None
    if not places:
        return [totals[0]] * (len(vectors) - 2) if totals[0] == totals[1] else None
    present = {claim.key: claim for claim in claims}
    growing = [present.get(first[place].key) for place in places]
    if any(claim is None or claim.recipient != recipient for claim in growing):
        return None
    # Of other recipients only what is left after the best for the enterprise counts.
    if recipient != "enterprise" and any(claim.recipient != recipient for claim in claims):
        return None
    sets = _sets([claim for claim in growing if claim is not None])
    sides: list[list[int | None]] = []
    for side in (0, 1):
        values = [[_end(entries[place], side) for place in places] for entries in vectors]
        found = _side(values, sets, totals[0][side], totals[1][side])
        if found is None:
            return None
        sides.append(found)
    lows, highs = sides
    return [(low, high) for low, high in zip(lows, highs, strict=True) if low is not None]


def _end(entry: Entry, side: int) -> int | None:
    assert entry.standard is not None, "it grows"
    return entry.standard[side]


def _growing(vectors: Sequence[Sequence[Entry]]) -> list[int] | None:
    """The places of the standards that vary; None where more than standards does, or too many."""
    first = vectors[0]
    places: set[int] = set()
    for entries in vectors:
        if entries == first:
            continue
        for place, (entry, before) in enumerate(zip(entries, first, strict=True)):
            if entry != before:
                if entry.rest != before.rest or entry.standard is None or before.standard is None:
                    return None
                places.add(place)
    return sorted(places) if len(places) <= MOST else None


def _sets(claims: Sequence[Claim]) -> list[list[int]]:
    """Every set of the claims of which none excludes another."""
    barred = exclusions(claims)
    return [
        [i for i in range(len(claims)) if mask >> i & 1]
        for mask in range(1 << len(claims))
        if not any(mask >> i & 1 and barred[i] & mask for i in range(len(claims)))
    ]


def _side(
    values: Sequence[Sequence[int | None]], sets: Sequence[Sequence[int]], before: int | None, after: int | None
) -> list[int | None] | None:
    """The totals of one end of the standards between the first and the last of `values`."""
    inner = values[1:-1]
    if before is None or after is None:
        # An open end stays open while the claims that have one do.
        same = before is after and all(
            [value is None for value in row] == [value is None for value in values[0]] for row in values
        )
        return [None] * len(inner) if same else None
    if any(value is None for row in values for value in row):
        return None
    rows: list[list[int]] = [[value for value in row if value is not None] for row in values]
    start, end = rows[0], rows[-1]
    if all(a >= b for a, b in zip(start, end, strict=True)):
        turned = _grown(rows[::-1], sets, after, before)
        return None if turned is None else [*turned[::-1]]
    if all(a <= b for a, b in zip(start, end, strict=True)):
        grown = _grown(rows, sets, before, after)
        return None if grown is None else [*grown]
    return None


def _grown(rows: Sequence[Sequence[int]], sets: Sequence[Sequence[int]], before: int, after: int) -> list[int] | None:
    """The totals between, where every claim grows from the first row to the last."""
    start, end = rows[0], rows[-1]
    for row in rows:
        if any(not a <= x <= b for a, x, b in zip(start, row, end, strict=True)):
            return None
    if before == after:
        return [before] * (len(rows) - 2)
    gains = [sum(end[i] - start[i] for i in each) for each in sets]
    most = max(gains)
    if after - before != most:
        return None
    best = [each for each, gain in zip(sets, gains, strict=True) if gain == most]
    found = []
    for row in rows[1:-1]:
        grown = [x - a for a, x in zip(start, row, strict=True)]
        followed = {sum(grown[i] for i in each) for each in best}
        gain = max(sum(grown[i] for i in each) for each in sets)
        if followed != {gain}:
            return None
        found.append(before + gain)
    return found
