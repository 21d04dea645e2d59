"""Rows of outcomes as Arrow tables in the columns of the JSON, flattened; and the totals of every enterprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.assembly import STATUSES, Assembly, Rows
from conggao.engine.evaluate.columnar.resolving import GRANTED, SUPERSEDED

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Tabled:
    """`outcomes` and `totals` of some enterprises, in their order, in the columns of `schemas`."""

    outcomes: pa.Table
    totals: pa.Table


class Tables:
    """Makes the tables of one plan. `outcome_schema` and `total_schema` say which columns, in which types."""

    def __init__(self, assembly: Assembly, outcome_schema: pa.Schema, total_schema: pa.Schema) -> None:
        import pyarrow as pa

        self.assembly = assembly
        self.outcome_schema, self.total_schema = outcome_schema, total_schema
        measures = assembly.measures
        texts = pa.list_(pa.string())
        self._names = pa.array([measure.key for measure in measures], pa.string())
        self._lines = pa.array([[line.name for line in measure.lines] for measure in measures], texts)
        paid = [measure.recipient if measure.kind in ("pay", "up_to") else None for measure in measures]
        self._recipients = pa.array(paid, pa.string())
        self._statuses = pa.array(STATUSES, pa.string())
        self._paid = sorted({name for name in paid if name is not None} - {"enterprise"})
        order = ["enterprise", *self._paid]
        self._recipient_of = [order.index(name) if name in order else 0 for name in paid]
        self._assumed = assembly.plan.program.relations.assumed

    def tables(
        self,
        results: Mapping[str, pa.Table],
        codes: pa.Array,
        first: int,
        everything: bool,
        handed: Any,
    ) -> Tabled:
        """What `results` say of the enterprises that were not `handed` over. `codes` are the keys of the enterprises from `first` on."""
        import numpy as np

        made = [(kind, self.assembly.rows(kind, table, everything)) for kind, table in results.items()]
        rows, kinds = _together(made)
        keep = np.ones(len(codes), dtype=bool)
        keep[np.asarray(handed, dtype=np.int64) - first] = False
        kept = keep[rows.case - first]
        most = len(self.assembly.measures)
        key = ((rows.case - first) * most + rows.number) * (1 << 14) + rows.rank
        order = np.nonzero(kept)[0]
        order = order[np.argsort(key[order], kind="stable")]
        rows, kinds = _picked(rows, order), kinds[order]
        return Tabled(
            self._outcomes(rows, kinds, [kind for kind, _ in made], results, codes, first),
            self._totals(rows, results, codes, first, keep),
        )

    def _outcomes(
        self, rows: Rows, kinds: Any, names: Sequence[str], results: Mapping[str, pa.Table], codes: pa.Array, first: int
    ) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        number = pa.array(rows.number.astype(np.int32))
        none = ~rows.claim
        made: dict[str, Any] = {
            "case_no": pa.array(rows.case),
            "credit_code": codes.take(pa.array(rows.case - first)),
            "measure": self._names.take(number),
            "subject": _subjects(rows, kinds, names, results),
            "status": self._statuses.take(pa.array(rows.status)),
            "lines": self._lines.take(number),
            "recipient": self._recipients.take(number),
            "standard_low": _money(rows.standard[0], none),
            "standard_high": _money(rows.standard[1], none | (rows.standard[1] < 0)),
            "amount_low": _money(rows.amount[0], none),
            "amount_high": _money(rows.amount[1], none | (rows.amount[1] < 0)),
            "superseded_by": self._instead(rows, kinds, names),
            "contested_by": self._contested(rows, kinds, names),
            "break_even": pa.nulls(len(rows.case), self.outcome_schema.field("break_even").type),
            "basis": self._basis(rows, kinds, names),
            "funding": self._funding(rows),
        }
        return pa.table([made[name] for name in self.outcome_schema.names], schema=self.outcome_schema)

    def _instead(self, rows: Rows, kinds: Any, names: Sequence[str]) -> Any:
        return self._listed(rows.instead, rows.number, kinds, names, self._instead_of)

    def _instead_of(self, kind: str, number: int, bits: int) -> list[str]:
        component, _ = self.assembly.instead[kind, number]
        return [member.key for at, member in enumerate(component.members) if bits >> at & 1]

    def _contested(self, rows: Rows, kinds: Any, names: Sequence[str]) -> Any:
        return self._listed(rows.contested, rows.number, kinds, names, self._contested_by)

    def _contested_by(self, kind: str, number: int, bits: int) -> list[str]:
        rivals = self.assembly.rivals[kind][number]
        return [self.assembly.measures[rival].key for bit, rival in enumerate(rivals) if bits >> bit & 1]

    def _listed(self, bits: Any, number: Any, kinds: Any, names: Sequence[str], told: Any) -> Any:
        """Lists of names that bits stand for: each different one is spelled out once."""
        import numpy as np
        import pyarrow as pa

        at = np.nonzero(bits >= 0)[0]
        place = np.zeros(len(bits), dtype=np.int32)
        values: list[list[str]] = [[]]
        if len(at):
            keys = np.stack([kinds[at].astype(np.int64), number[at].astype(np.int64), bits[at]], axis=1)
            different, inverse = np.unique(keys, axis=0, return_inverse=True)
            values += [told(names[kind], int(which), int(mask)) for kind, which, mask in different.tolist()]
            place[at] = inverse.reshape(-1) + 1
        return pa.array(values, pa.list_(pa.string())).take(pa.array(place))

    def _basis(self, rows: Rows, kinds: Any, names: Sequence[str]) -> Any:
        import numpy as np
        import pyarrow as pa

        place = np.zeros(len(rows.case), dtype=np.int8)
        at = np.nonzero((rows.status == SUPERSEDED) & (rows.instead >= 0))[0] if self._assumed else []
        if len(at):
            keys = np.stack([kinds[at].astype(np.int64), rows.number[at].astype(np.int64), rows.instead[at]], axis=1)
            different, inverse = np.unique(keys, axis=0, return_inverse=True)
            told = [
                any(
                    (self.assembly.measures[which].key, other) in self._assumed
                    for other in self._instead_of(names[kind], which, mask)
                )
                for kind, which, mask in different.tolist()
            ]
            place[at] = np.asarray(told, dtype=np.int8)[inverse.reshape(-1)]
        return pa.array([None, "assumed"], pa.string()).take(pa.array(place))

    def _funding(self, rows: Rows) -> Any:
        """Shares rounded down to the fen, the last payer takes what remains."""
        import numpy as np
        import pyarrow as pa

        kind = self.outcome_schema.field("funding").type
        pieces = [pa.nulls(1, kind)]
        place = np.zeros(len(rows.case), dtype=np.int64)
        done = 1
        for number, measure in enumerate(self.assembly.measures):
            if not measure.funding:
                continue
            at = np.nonzero((rows.number == number) & (rows.status == GRANTED) & (rows.amount[1] != 0))[0]
            if not len(at):
                continue
            pieces.append(_shares(measure.funding, rows.amount[0][at], rows.amount[1][at], kind))
            place[at] = np.arange(done, done + len(at))
            done += len(at)
        return pa.concat_arrays(pieces).take(pa.array(place))

    def _totals(self, rows: Rows, results: Mapping[str, pa.Table], codes: pa.Array, first: int, keep: Any) -> pa.Table:
        """From what is sure to the most that discretion allows: a row for every enterprise, and one for each other recipient of a claim."""
        import numpy as np
        import pyarrow as pa

        recipients = ["enterprise", *self._paid]
        many, whose = len(codes), len(recipients)
        low, high, opens, there = (np.zeros(many * whose, dtype=np.int64) for _ in range(4))
        paid = rows.claim
        slot = (rows.case[paid] - first) * whose + np.asarray(self._recipient_of)[rows.number[paid]]
        np.add.at(low, slot, rows.amount[0][paid])
        np.add.at(high, slot, np.maximum(rows.amount[1][paid], 0))
        np.add.at(opens, slot, rows.amount[1][paid] < 0)
        there[slot] = 1
        for table in results.values():
            cases, extra = self.assembly.extra(table)
            np.add.at(high, (cases - first) * whose, extra)
        high = np.maximum(low, high)
        there = there.reshape(many, whose).astype(bool)
        there[:, 0] = True
        there &= keep[:, None]
        at = np.nonzero(there.reshape(-1))[0]
        case = at // whose
        made = {
            "case_no": pa.array(case + first),
            "credit_code": codes.take(pa.array(case)),
            "recipient": pa.array(recipients, pa.string()).take(pa.array(at % whose)),
            "low": _money(low[at], np.zeros(len(at), dtype=bool)),
            "high": _money(high[at], opens[at] > 0),
        }
        return pa.table([made[name] for name in self.total_schema.names], schema=self.total_schema)


def _together(made: Sequence[tuple[str, Rows]]) -> tuple[Rows, Any]:
    """The rows of all kinds of subject, and of each its kind."""
    import numpy as np

    def joined(part: Any) -> Any:
        return np.concatenate([part(rows) for _, rows in made])

    rows = Rows(
        joined(lambda r: r.case), joined(lambda r: r.number), joined(lambda r: r.subject), joined(lambda r: r.status), joined(lambda r: r.claim),
        (joined(lambda r: r.standard[0]), joined(lambda r: r.standard[1])), (joined(lambda r: r.amount[0]), joined(lambda r: r.amount[1])),
        joined(lambda r: r.instead), joined(lambda r: r.contested), joined(lambda r: r.rank),
    )  # fmt: skip
    kinds = np.concatenate([np.full(len(rows.case), at, dtype=np.int8) for at, (_, rows) in enumerate(made)])
    return rows, kinds


def _picked(rows: Rows, order: Any) -> Rows:
    return Rows(
        rows.case[order], rows.number[order], rows.subject[order], rows.status[order], rows.claim[order],
        (rows.standard[0][order], rows.standard[1][order]), (rows.amount[0][order], rows.amount[1][order]),
        rows.instead[order], rows.contested[order], rows.rank[order],
    )  # fmt: skip


def _subjects(rows: Rows, kinds: Any, names: Sequence[str], results: Mapping[str, pa.Table]) -> Any:
    """The names of subjects: `enterprise`, `project:P1`, `park`; null for a measure as such."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces: list[Any] = [pa.nulls(1, pa.string())]
    place = np.zeros(len(rows.case), dtype=np.int64)
    done = 1
    for at, kind in enumerate(names):
        own = np.nonzero((kinds == at) & (rows.subject >= 0))[0]
        if "id" in results[kind].column_names:
            ids = results[kind]["id"].combine_chunks()
            pieces.append(pc.binary_join_element_wise(pa.scalar(kind), ids.cast(pa.string()), ":"))
            place[own] = rows.subject[own] + done
            done += len(ids)
        else:
            pieces.append(pa.array([kind], pa.string()))
            place[own] = done
            done += 1
    return pa.concat_arrays(pieces).take(pa.array(place))


def _money(fen: Any, none: Any) -> Any:
    """Fen as DECIMAL(38, 2) yuan; null where `none`."""
    import numpy as np
    import pyarrow as pa

    words = np.empty((len(fen), 2), dtype=np.int64)
    words[:, 0] = fen
    words[:, 1] = fen >> 63
    mask = None if not none.any() else pa.array(~none).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(38, 2), len(fen), [mask, pa.py_buffer(words)])


def _shares(funding: Sequence[tuple[str, Fraction]], low: Any, high: Any, kind: Any) -> Any:
    """The lists of who pays how much of some amounts."""
    import numpy as np
    import pyarrow as pa

    many, payers = len(low), len(funding)
    lows, highs = np.empty((many, payers), dtype=np.int64), np.empty((many, payers), dtype=np.int64)
    left_low, left_high, opened = low.copy(), high.copy(), high < 0
    for at, (_, share) in enumerate(funding[:-1]):
        lows[:, at] = _share(low, share)
        highs[:, at] = _share(np.maximum(high, 0), share)
        left_low -= lows[:, at]
        left_high -= highs[:, at]
    lows[:, -1], highs[:, -1] = left_low, left_high
    nothing = np.zeros(many * payers, dtype=bool)
    shares = pa.StructArray.from_arrays(
        [
            pa.array([payer for payer, _ in funding] * many, pa.string()),
            _money(lows.reshape(-1), nothing),
            _money(highs.reshape(-1), np.repeat(opened, payers)),
        ],
        fields=list(kind.value_type),
    )
    return pa.ListArray.from_arrays(pa.array(np.arange(many + 1) * payers, pa.int32()), shares, type=kind)


def _share(fen: Any, share: Fraction) -> Any:
    """The share of whole fen, rounded down; the fen are split so that no product passes 64 bits."""
    whole, rest = fen // share.denominator, fen % share.denominator
    return whole * share.numerator + rest * share.numerator // share.denominator
