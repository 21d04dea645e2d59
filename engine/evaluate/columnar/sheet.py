"""Rows of outcomes as Arrow tables in the columns of the JSON, flattened: the same few words for every enterprise of a plan.

What every row has takes some 2,700 bytes an enterprise: it is made piece by piece, when it is asked for, and where it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.encoding import bits, lists, money, offsets, words
from conggao.engine.evaluate.columnar.ordering import Claims, Ordered, Piece
from conggao.engine.evaluate.columnar.statuses import CONTINGENT, OUTSIDE, PROGRAMME, STATUSES
from conggao.engine.evaluate.columnar.telling import Told
from conggao.engine.rulebook.model import Measure

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Laid:
    """The outcomes of the enterprises from `first` on, of which `codes` are the keys and `subjects` the names of their subjects."""

    sheet: Sheet
    rows: Ordered
    told: Told
    subjects: pa.Array
    codes: pa.Array
    first: int

    def pieces(self) -> Iterator[pa.Table]:
        """The outcomes of so many enterprises at a time."""
        for piece in self.rows.pieces():
            yield self.sheet.outcomes(piece, self.rows.claims, self.told, self.subjects, self.codes, self.first)


class Sheet:
    """Makes rows of pieces. `schema` says which columns there are, encoded."""

    def __init__(self, measures: Sequence[Measure], schema: pa.Schema) -> None:
        import numpy as np
        import pyarrow as pa

        self.schema = schema
        self._names = pa.array([measure.key for measure in measures], pa.string())
        self._statuses = pa.array(STATUSES, pa.string())
        self._basis = pa.array(["assumed"], pa.string())
        lines = list(dict.fromkeys(line.name for measure in measures for line in measure.lines))
        self._line_names = pa.array(lines, pa.string())
        self._lines = np.array([lines.index(line.name) for m in measures for line in m.lines], dtype=np.int16)
        """The lines of every measure, one after the other."""
        self._line_count = np.array([len(measure.lines) for measure in measures], dtype=np.int32)
        self._line_begin = offsets(self._line_count)[:-1]
        paid = [measure.recipient if measure.kind in ("pay", "up_to") else None for measure in measures]
        self.recipients = ["enterprise", *sorted({name for name in paid if name is not None} - {"enterprise"})]
        self.recipient_names = pa.array(self.recipients, pa.string())
        self.recipient_of = np.array(
            [-1 if name is None else self.recipients.index(name) for name in paid], dtype=np.int16
        )
        """Of every measure the place of its recipient, -1 where it pays nothing."""

    def outcomes(
        self, piece: Piece, claims: Claims, told: Told, subjects: pa.Array, codes: pa.Array, first: int
    ) -> pa.Table:
        """The rows of a piece, whose enterprises are counted from `first` and have `codes`."""
        import numpy as np
        import pyarrow as pa

        many, number = len(piece.case), piece.number
        recipients = np.take(self.recipient_of, number)
        silent = (piece.status == OUTSIDE) | (piece.status == PROGRAMME)
        claimed, assumed = np.zeros((2, many), dtype=bool)
        claimed[piece.at], assumed[piece.at] = True, told.assumed[piece.claims]
        made: dict[str, Any] = {
            "case_no": pa.array(np.add(piece.case, first + piece.first, dtype=np.int64)),
            "credit_code": words(piece.case, codes.slice(piece.first, piece.end - piece.first)),
            "measure": words(number, self._names),
            "subject": words(piece.subject, subjects, bits(~silent)),
            "status": words(piece.status, self._statuses),
            "lines": self._lines_of(number),
            "recipient": words(recipients, self.recipient_names, bits(recipients >= 0)),
            "superseded_by": told.instead.of(piece),
            "contested_by": told.contested.of(piece),
            "break_even": self._break_even(piece, claims),
            "basis": words(np.zeros(many, dtype=np.int16), self._basis, bits(assumed)),
            "funding": told.funding.of(piece, empty_is_null=True),
        }
        there = bits(claimed)
        for place, name in enumerate(("standard_low", "standard_high", "amount_low", "amount_high")):
            made[name] = money(claims.money[piece.claims, place], piece.at, many, there)
        return pa.table([made[name] for name in self.schema.names], schema=self.schema)

    def _break_even(self, piece: Piece, claims: Claims) -> Any:
        """From which standard on a contingent claim would stand: as much below its upper end as it could add there."""
        import numpy as np
        import pyarrow as pa

        at = np.flatnonzero(claims.status[piece.claims] == CONTINGENT)
        many = len(piece.case)
        if not len(at):
            return pa.nulls(many, self.schema.field("break_even").type)
        low, high, _, could = claims.money[piece.claims][at].T
        there = np.zeros(many, dtype=bool)
        there[piece.at[at]] = True
        return money(np.maximum(low, high - could), piece.at[at], many, bits(there))

    def _lines_of(self, number: Any) -> Any:
        import numpy as np

        lengths = np.take(self._line_count, number)
        begins = offsets(lengths)
        at = np.repeat(np.take(self._line_begin, number) - begins[:-1], lengths)
        at += np.arange(len(at), dtype=np.int32)
        return lists(begins, words(np.take(self._lines, at), self._line_names))
