"""Rows of outcomes as Arrow tables in the columns of the JSON, flattened; and the totals of every enterprise.

What only a claim has is made of all claims of a part together. What every row has takes some 2,700 bytes an enterprise: it is made piece by
piece, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.assembly import STATUSES, Assembly
from conggao.engine.evaluate.columnar.encoding import bits, encoded, lists, money, offsets, words
from conggao.engine.evaluate.columnar.ordering import Claims, Ordered, Piece
from conggao.engine.evaluate.columnar.resolving import OUTSIDE, PROGRAMME, RECEIVED
from conggao.engine.evaluate.columnar.schema import CASE
from conggao.engine.evaluate.columnar.telling import Telling, Told

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Tabled:
    """Outcomes and `totals` of some enterprises, in their order, encoded."""

    pieces: Callable[[], Iterator[pa.Table]]
    """Makes the outcomes, those of so many enterprises at a time, each with the texts of its own."""
    totals: pa.Table
    said: Any
    """Of which of the enterprises there are outcomes."""

    @property
    def outcomes(self) -> pa.Table:
        import pyarrow as pa

        return pa.concat_tables(self.pieces()).unify_dictionaries()


def together(listed: Sequence[Tabled]) -> Tabled:
    """What was decided of the same enterprises under different editions of the law, of each under one."""
    import numpy as np

    def pieces() -> Iterator[pa.Table]:
        for found in zip(*(tabled.pieces() for tabled in listed), strict=True):
            yield _in_order(found)

    said = np.logical_or.reduce([tabled.said for tabled in listed])
    return Tabled(pieces, _in_order([tabled.totals for tabled in listed]), said)


def _in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of several encoded tables by enterprise, those of one as they stand."""
    import numpy as np
    import pyarrow as pa

    table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    return table.take(pa.array(np.argsort(table[CASE].to_numpy(), kind="stable")))


class Tables:
    """Makes the tables of one plan. `outcome_schema` and `total_schema` say which columns there are."""

    def __init__(self, assembly: Assembly, outcome_schema: pa.Schema, total_schema: pa.Schema) -> None:
        import numpy as np
        import pyarrow as pa

        self.assembly = assembly
        self.outcome_schema, self.total_schema = encoded(outcome_schema), encoded(total_schema)
        measures = assembly.measures
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
        self._recipients = ["enterprise", *sorted({name for name in paid if name is not None} - {"enterprise"})]
        self._recipient_names = pa.array(self._recipients, pa.string())
        self._recipient_of = np.array(
            [-1 if name is None else self._recipients.index(name) for name in paid], dtype=np.int16
        )
        self._telling = Telling(assembly, self.outcome_schema.field("funding").type)

    def tables(
        self, results: Mapping[str, pa.Table], codes: pa.Array, first: int, everything: bool, keep: Any
    ) -> Tabled:
        """What `results` say of the enterprises that `keep` marks. `codes` are the keys of the enterprises from `first` on."""
        import numpy as np

        made = [self.assembly.rows(kind, table, first, keep, everything) for kind, table in results.items()]
        subjects, named = _subjects(results)
        rows = Ordered(made, named, len(codes), len(self.assembly.measures))
        told = self._telling.of(rows.claims, list(results))

        def pieces() -> Iterator[pa.Table]:
            return (self._outcomes(piece, rows.claims, told, subjects, codes, first) for piece in rows.pieces())

        said = np.zeros(len(codes), dtype=bool)
        for kind in made:
            said[kind.case] = True
        return Tabled(pieces, self._totals(rows.claims, results, codes, first, keep), said)

    def _outcomes(
        self, piece: Piece, claims: Claims, told: Told, subjects: pa.Array, codes: pa.Array, first: int
    ) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        many, number = len(piece.case), piece.number
        recipients = np.take(self._recipient_of, number)
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
            "recipient": words(recipients, self._recipient_names, bits(recipients >= 0)),
            "superseded_by": told.instead.of(piece),
            "contested_by": told.contested.of(piece),
            "break_even": pa.nulls(many, self.outcome_schema.field("break_even").type),
            "basis": words(np.zeros(many, dtype=np.int16), self._basis, bits(assumed)),
            "funding": told.funding.of(piece, empty_is_null=True),
        }
        there = bits(claimed)
        for place, name in enumerate(("standard_low", "standard_high", "amount_low", "amount_high")):
            made[name] = money(claims.money[piece.claims, place], piece.at, many, there)
        return pa.table([made[name] for name in self.outcome_schema.names], schema=self.outcome_schema)

    def _lines_of(self, number: Any) -> Any:
        import numpy as np

        lengths = np.take(self._line_count, number)
        begins = offsets(lengths)
        at = np.repeat(np.take(self._line_begin, number) - begins[:-1], lengths)
        at += np.arange(len(at), dtype=np.int32)
        return lists(begins, words(np.take(self._lines, at), self._line_names))

    def _totals(
        self, claims: Claims, results: Mapping[str, pa.Table], codes: pa.Array, first: int, keep: Any
    ) -> pa.Table:
        """From what is sure to the most that discretion allows: a row for every enterprise, and one for each other recipient of a claim."""
        import numpy as np
        import pyarrow as pa

        many, whose = len(codes), len(self._recipients)
        low, high, opens, there = (np.zeros(many * whose, dtype=np.int64) for _ in range(4))
        slot = claims.case.astype(np.int64) * whose + self._recipient_of[claims.number]
        np.add.at(low, slot, claims.money[:, 2])
        np.add.at(high, slot, np.maximum(claims.money[:, 3], 0))
        np.add.at(opens, slot, (claims.money[:, 3] < 0).astype(np.int64))
        # Who has received all of a claim has nothing of it in sums.
        there[slot[claims.status != RECEIVED]] = 1
        for table in results.values():
            cases, extra = self.assembly.extra(table)
            np.add.at(high, (cases - first) * whose, extra)
        high = np.where(opens > 0, -1, np.maximum(low, high))
        marked = there.reshape(many, whose).astype(bool)
        marked[:, 0] = True
        marked &= keep[:, None]
        at = np.flatnonzero(marked.reshape(-1))
        case, recipient = np.divmod(at, whose)
        every = slice(None)
        made = {
            "case_no": pa.array(case + first),
            "credit_code": words(case.astype(np.int32), codes),
            "recipient": words(recipient.astype(np.int16), self._recipient_names),
            "low": money(low[at], every, len(at)),
            "high": money(high[at], every, len(at)),
        }
        return pa.table([made[name] for name in self.total_schema.names], schema=self.total_schema)


def _subjects(results: Mapping[str, pa.Table]) -> tuple[pa.Array, list[Any]]:
    """The names of subjects: `enterprise`, `project:P1`, `park`; and of every kind where the name of each of its rows stands among them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces: list[Any] = []
    places: list[Any] = []
    done = 0
    for kind, table in results.items():
        if "id" in table.column_names:
            # The same few ids are those of most enterprises.
            ids = table["id"].combine_chunks().cast(pa.string()).dictionary_encode()
            pieces.append(pc.binary_join_element_wise(pa.scalar(kind), ids.dictionary, ":"))
            places.append(ids.indices.to_numpy() + np.int32(done))
        else:
            pieces.append(pa.array([kind], pa.string()))
            places.append(np.full(table.num_rows, done, dtype=np.int32))
        done += len(pieces[-1])
    return pa.concat_arrays(pieces), places
