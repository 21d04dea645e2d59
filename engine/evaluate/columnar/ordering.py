"""Rows of all kinds of subject in the order of outcomes: by enterprise, then measure, then subject. They come piece by piece, so that what
is made of a piece on the way stays near the processor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conggao.engine.evaluate.columnar.assembly import Rows
from conggao.engine.evaluate.columnar.statuses import BITS, MASK, RECEIVED

PIECE = 20000
"""Enterprises of a piece."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a part as arrays of one length, in the order of outcomes; see `Rows`."""

    case: Any
    number: Any
    status: Any
    kind: Any
    """The place of the kind of subject among those of which there are rows."""
    money: Any
    instead: Any
    contested: Any


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of the enterprises from `first` up to `end` of the part as arrays of one length."""

    first: int
    end: int
    case: Any
    """The place of the enterprise, counted from the first."""
    number: Any
    status: Any
    subject: Any
    """The place of the subject's name among those of the part."""
    claims: slice
    """Which of the claims of the part stand here."""
    at: Any
    """The rows of those claims."""


class Ordered:
    """The rows of all kinds of subject, those of the enterprise first. The rows of every kind are in the order of enterprises, subjects and
    measures; an enterprise being one subject, its own are in the order of outcomes.

    `named`: of every kind the place of the name of each of its subjects. `many` enterprises, `measures` measures.
    """

    def __init__(self, made: Sequence[Rows], named: Sequence[Any], many: int, measures: int) -> None:
        import numpy as np

        self._many = many
        self._number = max(1, (measures - 1).bit_length())
        own, rest = made[0], made[1:]
        # Most rows are the enterprise's own, of whom they need not each be said.
        self._counts = np.zeros(many, dtype=np.int32)
        self._counts[own.case] = own.counts
        self._own = own.said
        self._name = named[0][0] if len(named[0]) else 0
        """The enterprise is always named the same."""
        case = _joined([np.repeat(rows.case, rows.counts) for rows in rest], np.int32)
        said = _joined([rows.said for rows in rest], own.said.dtype)
        order = np.argsort((case.astype(np.int64) << self._number) | (said >> BITS), kind="stable")
        self._case, self._said = case[order], said[order]
        subjects = [np.repeat(names, rows.counts) for rows, names in zip(rest, named[1:], strict=True)]
        self._subjects = _joined(subjects, np.int32)[order]
        self.claims = self._claims(made)

    def _claims(self, made: Sequence[Rows]) -> Claims:
        import numpy as np

        case = np.concatenate([rows.case[rows.subject] for rows in made])
        number = np.concatenate([rows.number for rows in made])
        kind = np.repeat(np.arange(len(made), dtype=np.int8), [len(rows.money) for rows in made])
        order = np.argsort((case.astype(np.int64) << self._number) | number, kind="stable")
        status, *rest = (
            np.concatenate([getattr(rows, name) for rows in made])[order]
            for name in ("status", "money", "instead", "contested")
        )
        return Claims(case[order], number[order], status, kind[order], *rest)

    def pieces(self) -> Iterator[Piece]:
        import numpy as np

        bounds = np.arange(0, self._many + PIECE, PIECE, dtype=np.int32)
        begins = np.concatenate([[0], np.cumsum(self._counts)])
        ends = [begins[np.minimum(bounds, self._many)]]
        ends += [np.searchsorted(case, bounds) for case in (self._case, self.claims.case)]
        for at, first in enumerate(bounds[:-1].tolist()):
            own, rest, claims = (slice(*found[at : at + 2].tolist()) for found in ends)
            yield self._piece(first, own, rest, claims)

    def _piece(self, first: int, own: slice, rest: slice, claims: slice) -> Piece:
        """A row is one number, of the enterprise, the measure and the status, so that rows are put between rows in one go."""
        import numpy as np

        width = self._number + BITS
        wide = np.int32 if PIECE << width <= np.iinfo(np.int32).max else np.int64
        counts = self._counts[first : first + PIECE]
        row: Any = np.repeat(np.arange(len(counts), dtype=wide), counts)
        row <<= width
        row |= self._own[own]
        other = ((self._case[rest] - first).astype(wide) << width) | self._said[rest]
        subject = np.full(len(row) + len(other), self._name, dtype=np.int32)
        if len(other):
            at = np.searchsorted(row, other) + np.arange(len(other))
            kept = np.ones(len(subject), dtype=bool)
            kept[at] = False
            before, row = row, np.empty(len(subject), dtype=wide)
            row[kept], row[at] = before, other
            subject[at] = self._subjects[rest]
        status = (row & MASK).astype(np.int16)
        row >>= BITS
        number = (row & ((1 << self._number) - 1)).astype(np.int16)
        row >>= self._number
        claimed = np.flatnonzero(status <= RECEIVED)
        end = min(first + PIECE, self._many)
        return Piece(first, end, row.astype(np.int32, copy=False), number, status, subject, claims, claimed)


def _joined(arrays: Sequence[Any], kind: Any) -> Any:
    import numpy as np

    return np.concatenate([np.empty(0, dtype=kind), *arrays])
