"""What the statements found as tables: the outcomes of a part, laid out piece by piece, and the totals of every enterprise.

What only a claim has is made of all claims of a part together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.assembly import Assembly
from conggao.engine.evaluate.columnar.encoding import encoded, money, words
from conggao.engine.evaluate.columnar.ordering import Ordered
from conggao.engine.evaluate.columnar.sheet import Laid, Sheet
from conggao.engine.evaluate.columnar.statuses import CONTINGENT, RECEIVED
from conggao.engine.evaluate.columnar.telling import Telling
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Tabled:
    """Outcomes and `totals` of some enterprises, in their order, encoded. Can be sent to another process."""

    laid: tuple[Laid, ...]
    """The outcomes of the same enterprises: of each under one of several editions of the law."""
    sums: tuple[Sums, ...]
    """Their totals likewise."""
    said: Any
    """Of which of the enterprises there are outcomes."""

    def pieces(self) -> Iterator[pa.Table]:
        """Makes the outcomes, those of so many enterprises at a time, each with the texts of its own."""
        if len(self.laid) == 1:
            yield from self.laid[0].pieces()
        else:
            for found in zip(*(laid.pieces() for laid in self.laid), strict=True):
                yield _in_order(found)

    @property
    def totals(self) -> pa.Table:
        tables = [sums.table() for sums in self.sums]
        return tables[0] if len(tables) == 1 else _in_order(tables)

    @property
    def outcomes(self) -> pa.Table:
        import pyarrow as pa

        return pa.concat_tables(self.pieces()).unify_dictionaries()


def together(listed: Sequence[Tabled]) -> Tabled:
    """What was decided of the same enterprises under different editions of the law, of each under one."""
    import numpy as np

    said = np.logical_or.reduce([tabled.said for tabled in listed])
    laid = tuple(found for tabled in listed for found in tabled.laid)
    return Tabled(laid, tuple(found for tabled in listed for found in tabled.sums), said)


def _in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of several encoded tables by enterprise, those of one as they stand."""
    import numpy as np
    import pyarrow as pa

    table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    return table.take(pa.array(np.argsort(table[CASE].to_numpy(), kind="stable")))


@dataclass(frozen=True)
class Sums:
    """Rows of totals as arrays of one length: the place of the enterprise among those of `laid`, the recipient, and the ends in fen, an
    open one -1."""

    laid: Laid
    schema: pa.Schema
    case: Any
    recipient: Any
    low: Any
    high: Any

    def table(self) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        every = slice(None)
        made = {
            "case_no": pa.array(np.add(self.case, self.laid.first, dtype=np.int64)),
            "credit_code": words(self.case, self.laid.codes),
            "recipient": words(self.recipient, self.laid.sheet.recipient_names),
            "low": money(self.low, every, len(self.low)),
            "high": money(self.high, every, len(self.high)),
        }
        return pa.table([made[name] for name in self.schema.names], schema=self.schema)


class Tables:
    """Makes the tables of one plan. `outcome_schema` and `total_schema` say which columns there are."""

    def __init__(self, assembly: Assembly, outcome_schema: pa.Schema, total_schema: pa.Schema) -> None:
        self.assembly = assembly
        self._sheet = Sheet(assembly.measures, encoded(outcome_schema))
        self._total_schema = encoded(total_schema)
        self._telling = Telling(assembly, self._sheet.schema.field("funding").type)

    def tables(
        self, results: Mapping[str, pa.Table], codes: pa.Array, first: int, everything: bool, keep: Any
    ) -> Tabled:
        """What `results` say of the enterprises that `keep` marks. `codes` are the keys of the enterprises from `first` on."""
        import numpy as np

        made = [self.assembly.rows(kind, table, first, keep, everything) for kind, table in results.items()]
        subjects, named = _subjects(results)
        rows = Ordered(made, named, len(codes), len(self.assembly.measures))
        told = self._telling.of(rows.claims, list(results))
        said = np.zeros(len(codes), dtype=bool)
        for kind in made:
            said[kind.case[kind.counts > 0]] = True
        laid = Laid(self._sheet, rows, told, subjects, codes, first)
        return Tabled((laid,), (self._sums(laid, results, keep),), said)

    def _sums(self, laid: Laid, results: Mapping[str, pa.Table], keep: Any) -> Sums:
        """From what is sure to the most that discretion allows: a row for every enterprise, and one for each other recipient of a claim."""
        import numpy as np

        claims, first = laid.rows.claims, laid.first
        many, whose = len(laid.codes), len(self._sheet.recipients)
        low, high, opens, there = (np.zeros(many * whose, dtype=np.int64) for _ in range(4))
        slot = claims.case.astype(np.int64) * whose + self._sheet.recipient_of[claims.number]
        np.add.at(low, slot, claims.money[:, 2])
        # What a contingent claim could add is in what the results say beyond the sum of upper ends.
        np.add.at(high, slot, np.where(claims.status == CONTINGENT, 0, np.maximum(claims.money[:, 3], 0)))
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
        return Sums(laid, self._total_schema, case.astype(np.int32), recipient.astype(np.int16), low[at], high[at])


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
