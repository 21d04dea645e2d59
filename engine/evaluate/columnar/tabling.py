"""Rows of outcomes as Arrow tables in the columns of the JSON, flattened; and the totals of every enterprise.

Text is encoded: a column holds places in a list of its different words, which is how Parquet keeps it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.assembly import STATUSES, Assembly, Rows, is_claim
from conggao.engine.evaluate.columnar.resolving import GRANTED, OUTSIDE, PROGRAMME, RECEIVED, SUPERSEDED

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Tabled:
    """`outcomes` and `totals` of some enterprises, in their order, encoded."""

    outcomes: pa.Table
    totals: pa.Table


@dataclass(frozen=True, slots=True)
class _Ordered:
    """Rows of all kinds of subject in the order of outcomes. `claims` are the places of claims among them, `which` their places in `money`
    and its like."""

    case: Any
    number: Any
    status: Any
    kind: Any
    subject: Any
    claims: Any
    money: Any
    instead: Any
    contested: Any


def encoded(schema: pa.Schema) -> pa.Schema:
    """The schema with its texts encoded."""
    import pyarrow as pa

    def of(kind: Any) -> Any:
        if pa.types.is_string(kind):
            return pa.dictionary(pa.int32(), pa.string())
        if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
            return pa.list_(pa.dictionary(pa.int32(), pa.string()))
        return kind

    return pa.schema([pa.field(field.name, of(field.type)) for field in schema])


def encode(table: pa.Table) -> pa.Table:
    """A plain table with its texts encoded."""
    import pyarrow as pa

    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        array = column.combine_chunks()
        if pa.types.is_string(field.type):
            array = array.dictionary_encode()
        elif pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type):
            values = array.flatten().dictionary_encode()
            lengths = array.value_lengths().fill_null(0)
            array = _lists(lengths.to_numpy(), values)
        columns.append(array)
    return pa.table(columns, schema=encoded(table.schema))


def plain(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """An encoded table in the types of `schema`."""
    import pyarrow as pa

    columns = []
    for field, column in zip(schema, table.columns, strict=True):
        array = column.combine_chunks()
        if pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type):
            array = pa.ListArray.from_arrays(array.offsets, array.values.cast(pa.string()))
        columns.append(array if array.type == field.type else array.cast(field.type))
    return pa.table(columns, schema=schema)


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
        lines = list(dict.fromkeys(line.name for measure in measures for line in measure.lines)) or [""]
        places = [lines.index(line.name) for measure in measures for line in measure.lines]
        self._lines = _lists(
            np.array([len(measure.lines) for measure in measures], dtype=np.int32),
            pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(lines, pa.string())),
        )
        """The lines of every measure."""
        paid = [measure.recipient if measure.kind in ("pay", "up_to") else None for measure in measures]
        self._recipients = ["enterprise", *sorted({name for name in paid if name is not None} - {"enterprise"})]
        self._recipient_of = np.array(
            [-1 if name is None else self._recipients.index(name) for name in paid], dtype=np.int32
        )
        self._assumed = assembly.plan.program.relations.assumed

    def tables(
        self, results: Mapping[str, pa.Table], codes: pa.Array, first: int, everything: bool, keep: Any
    ) -> Tabled:
        """What `results` say of the enterprises that `keep` marks. `codes` are the keys of the enterprises from `first` on."""
        names = list(results)
        made = [self.assembly.rows(kind, table, first, keep, everything) for kind, table in results.items()]
        rows = _ordered(made, len(self.assembly.measures))
        return Tabled(
            self._outcomes(rows, names, results, codes, first), self._totals(rows, results, codes, first, keep)
        )

    def _outcomes(
        self, rows: _Ordered, names: Sequence[str], results: Mapping[str, pa.Table], codes: pa.Array, first: int
    ) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        recipients = self._recipient_of[rows.number]
        made: dict[str, Any] = {
            "case_no": pa.array(rows.case.astype(np.int64) + first),
            "credit_code": pa.DictionaryArray.from_arrays(rows.case, codes),
            "measure": pa.DictionaryArray.from_arrays(rows.number.astype(np.int32), self._names),
            "subject": _subjects(rows, names, results),
            "status": pa.DictionaryArray.from_arrays(rows.status.astype(np.int32), self._statuses),
            "lines": self._lines_of(rows.number),
            "recipient": pa.DictionaryArray.from_arrays(
                pa.array(recipients, mask=recipients < 0), pa.array(self._recipients, pa.string())
            ),
            "superseded_by": self._listed(rows, rows.instead, names, self._instead_of),
            "contested_by": self._listed(rows, rows.contested, names, self._contested_by),
            "break_even": pa.nulls(len(rows.case), self.outcome_schema.field("break_even").type),
            "basis": self._basis(rows, names),
            "funding": self._funding(rows),
        }
        for place, name in enumerate(("standard_low", "standard_high", "amount_low", "amount_high")):
            made[name] = _money(rows.money[:, place], rows.claims, len(rows.case))
        return pa.table([made[name] for name in self.outcome_schema.names], schema=self.outcome_schema)

    def _lines_of(self, number: Any) -> Any:
        import pyarrow as pa

        return self._lines.take(pa.array(number))

    def _instead_of(self, kind: str, number: int, bits: int) -> list[str]:
        component, _ = self.assembly.instead[kind, number]
        return [member.key for at, member in enumerate(component.members) if bits & component.bit(at)]

    def _contested_by(self, kind: str, number: int, bits: int) -> list[str]:
        rivals = self.assembly.rivals[kind][number]
        return [self.assembly.measures[rival].key for bit, rival in enumerate(rivals) if bits >> bit & 1]

    def _listed(self, rows: _Ordered, bits: Any, names: Sequence[str], told: Any) -> Any:
        """Lists of measures that bits stand for: each different one is spelled out once."""
        import numpy as np
        import pyarrow as pa

        there = np.flatnonzero(bits >= 0)
        lengths = np.zeros(len(rows.case), dtype=np.int32)
        values: list[int] = []
        if len(there):
            spelled, inverse = self._spelled(rows, bits, there, names, told)
            places = {measure.key: number for number, measure in enumerate(self.assembly.measures)}
            at = rows.claims[there]
            lengths[at] = np.array([len(item) for item in spelled], dtype=np.int32)[inverse]
            widest = max(len(item) for item in spelled)
            table = np.full((len(spelled), widest), -1, dtype=np.int32)
            for row, item in enumerate(spelled):
                table[row, : len(item)] = [places[name] for name in item]
            found = table[inverse]
            values = found[found >= 0]
        return _lists(lengths, pa.DictionaryArray.from_arrays(pa.array(values, pa.int32()), self._names))

    def _spelled(self, rows: _Ordered, bits: Any, there: Any, names: Sequence[str], told: Any) -> tuple[list[Any], Any]:
        """What `told` says of every different (kind of subject, measure, bits), and which of these each claim has."""
        import numpy as np

        at = rows.claims[there]
        keys = np.stack([rows.kind[at].astype(np.int64), rows.number[at].astype(np.int64), bits[there]], axis=1)
        different, inverse = np.unique(keys, axis=0, return_inverse=True)
        return [told(names[kind], which, mask) for kind, which, mask in different.tolist()], inverse.reshape(-1)

    def _basis(self, rows: _Ordered, names: Sequence[str]) -> Any:
        import numpy as np
        import pyarrow as pa

        place = np.full(len(rows.case), -1, dtype=np.int32)
        given_up = (rows.instead >= 0) & (rows.status[rows.claims] == SUPERSEDED)
        there: Any = np.flatnonzero(given_up) if self._assumed else np.empty(0, dtype=np.int64)
        if len(there):

            def told(kind: str, number: int, bits: int) -> bool:
                key = self.assembly.measures[number].key
                return any((key, other) in self._assumed for other in self._instead_of(kind, number, bits))

            assumed, inverse = self._spelled(rows, rows.instead, there, names, told)
            place[rows.claims[there]] = np.asarray(assumed, dtype=np.int32)[inverse] - 1
        return pa.DictionaryArray.from_arrays(pa.array(place, mask=place < 0), pa.array(["assumed"], pa.string()))

    def _funding(self, rows: _Ordered) -> Any:
        """Shares rounded down to the fen, the last payer takes what remains."""
        import numpy as np
        import pyarrow as pa

        kind = self.outcome_schema.field("funding").type
        number, granted = rows.number[rows.claims], rows.status[rows.claims] == GRANTED
        lengths = np.zeros(len(rows.case), dtype=np.int32)
        there: list[Any] = []
        pieces: list[Any] = []
        for place, measure in enumerate(self.assembly.measures):
            if measure.funding:
                at = np.flatnonzero((number == place) & granted & (rows.money[:, 3] != 0))
                if len(at):
                    lengths[rows.claims[at]] = len(measure.funding)
                    there.append(np.repeat(rows.claims[at], len(measure.funding)))
                    pieces.append(_shares(measure.funding, rows.money[at, 2], rows.money[at, 3], kind))
        if not pieces:
            return pa.nulls(len(rows.case), kind)
        values = pa.concat_arrays(pieces).take(pa.array(np.argsort(np.concatenate(there), kind="stable")))
        return _lists(lengths, values, kind, lengths == 0)

    def _totals(
        self, rows: _Ordered, results: Mapping[str, pa.Table], codes: pa.Array, first: int, keep: Any
    ) -> pa.Table:
        """From what is sure to the most that discretion allows: a row for every enterprise, and one for each other recipient of a claim."""
        import numpy as np
        import pyarrow as pa

        many, whose = len(codes), len(self._recipients)
        low, high, opens, there = (np.zeros(many * whose, dtype=np.int64) for _ in range(4))
        slot = rows.case[rows.claims].astype(np.int64) * whose + self._recipient_of[rows.number[rows.claims]]
        np.add.at(low, slot, rows.money[:, 2])
        np.add.at(high, slot, np.maximum(rows.money[:, 3], 0))
        np.add.at(opens, slot, (rows.money[:, 3] < 0).astype(np.int64))
        # Who has received all has nothing in sums.
        there[slot[rows.status[rows.claims] != RECEIVED]] = 1
        for table in results.values():
            cases, extra = self.assembly.extra(table)
            np.add.at(high, (cases - first) * whose, extra)
        high = np.where(opens > 0, -1, np.maximum(low, high))
        marked = there.reshape(many, whose).astype(bool)
        marked[:, 0] = True
        marked &= keep[:, None]
        at = np.flatnonzero(marked.reshape(-1))
        case, recipient = np.divmod(at, whose)
        each = np.arange(len(at))
        made = {
            "case_no": pa.array(case + first),
            "credit_code": pa.DictionaryArray.from_arrays(case.astype(np.int32), codes),
            "recipient": pa.DictionaryArray.from_arrays(
                recipient.astype(np.int32), pa.array(self._recipients, pa.string())
            ),
            "low": _money(low[at], each, len(at)),
            "high": _money(high[at], each, len(at)),
        }
        return pa.table([made[name] for name in self.total_schema.names], schema=self.total_schema)


def _ordered(made: Sequence[Rows], measures: int) -> _Ordered:
    """The rows of all kinds of subject by enterprise, then measure, then subject, which is their order in each of `made`."""
    import numpy as np

    case = np.concatenate([rows.case for rows in made])
    number = np.concatenate([rows.number for rows in made])
    order = np.argsort(case.astype(np.int64) * measures + number, kind="stable")
    status = np.concatenate([rows.status for rows in made])[order]
    kind = np.repeat(np.arange(len(made), dtype=np.int8), [len(rows.case) for rows in made])[order]
    ids = []
    done = 0
    for rows in made:
        claim = is_claim(rows.status)
        ids.append(np.where(claim, np.cumsum(claim, dtype=np.int32) - 1 + done, -1))
        done += len(rows.money)
    which = np.concatenate(ids)[order]
    claims = np.flatnonzero(which >= 0)
    which = which[claims]
    return _Ordered(
        case[order], number[order], status, kind, np.concatenate([rows.subject for rows in made])[order], claims,
        np.concatenate([rows.money for rows in made])[which], np.concatenate([rows.instead for rows in made])[which],
        np.concatenate([rows.contested for rows in made])[which],
    )  # fmt: skip


def _subjects(rows: _Ordered, names: Sequence[str], results: Mapping[str, pa.Table]) -> Any:
    """The names of subjects: `enterprise`, `project:P1`, `park`; null for a measure as such."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces: list[Any] = []
    place = np.empty(len(rows.case), dtype=np.int32)
    done = 0
    for at, kind in enumerate(names):
        own = rows.kind == at
        if "id" in results[kind].column_names:
            ids = pc.binary_join_element_wise(
                pa.scalar(kind), results[kind]["id"].combine_chunks().cast(pa.string()), ":"
            )
            # The same few ids are those of most enterprises.
            short = ids.dictionary_encode()
            pieces.append(short.dictionary)
            place[own] = short.indices.to_numpy()[rows.subject[own]] + done
            done += len(short.dictionary)
        else:
            pieces.append(pa.array([kind], pa.string()))
            place[own] = done
            done += 1
    silent = (rows.status == OUTSIDE) | (rows.status == PROGRAMME)
    return pa.DictionaryArray.from_arrays(pa.array(place, mask=silent), pa.concat_arrays(pieces))


def _lists(lengths: Any, values: Any, kind: Any = None, none: Any = None) -> Any:
    """Lists of so many of `values` each; null where `none`."""
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    mask = None if none is None else pa.array(none)
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=kind, mask=mask)


def _money(fen: Any, at: Any, many: int) -> Any:
    """DECIMAL(38, 2) yuan of some of `many` rows; null elsewhere, and where the fen are -1, an open end."""
    import numpy as np
    import pyarrow as pa

    words = np.zeros((many, 2), dtype=np.int64)
    known = np.zeros(many, dtype=bool)
    words[at, 0] = fen
    known[at] = fen >= 0
    bits = np.packbits(known, bitorder="little")
    return pa.Array.from_buffers(pa.decimal128(38, 2), many, [pa.py_buffer(bits), pa.py_buffer(words)])


def _shares(funding: Sequence[tuple[str, Fraction]], low: Any, high: Any, kind: Any) -> Any:
    """Who pays how much of some amounts, payer by payer."""
    import numpy as np
    import pyarrow as pa

    many, payers = len(low), len(funding)
    lows, highs = np.empty((many, payers), dtype=np.int64), np.empty((many, payers), dtype=np.int64)
    left_low, left_high = low.copy(), high.copy()
    for at, (_, share) in enumerate(funding[:-1]):
        lows[:, at] = _share(low, share)
        highs[:, at] = _share(np.maximum(high, 0), share)
        left_low -= lows[:, at]
        left_high -= highs[:, at]
    lows[:, -1], highs[:, -1] = left_low, left_high
    highs[high < 0] = -1
    each = np.arange(many * payers)
    return pa.StructArray.from_arrays(
        [
            pa.array([payer for payer, _ in funding] * many, pa.string()),
            _money(lows.reshape(-1), each, len(each)),
            _money(highs.reshape(-1), each, len(each)),
        ],
        fields=list(kind.value_type),
    )


def _share(fen: Any, share: Fraction) -> Any:
    """The share of whole fen, rounded down; the fen are split so that no product passes 64 bits."""
    whole, rest = fen // share.denominator, fen % share.denominator
    return whole * share.numerator + rest * share.numerator // share.denominator
