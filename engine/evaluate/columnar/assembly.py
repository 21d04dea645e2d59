"""What the statements found, as rows of outcomes and totals: the measures of an enterprise one below the other, in the order of the pages.

Whole arrays at a time: the statuses of all measures are a matrix, of which every entry that is said becomes a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.plan import Plan
from conggao.engine.evaluate.columnar.rivals import Component, Member, across
from conggao.engine.evaluate.columnar.schema import ALL_RECEIVED, HAND
from conggao.engine.evaluate.columnar.statuses import (
    BITS,
    CONTINGENT,
    EXHAUSTED,
    EXTRA,
    GRANTED,
    MASK,
    NONE,
    OUTSIDE,
    PROGRAMME,
    RECEIVED,
    SERVICE,
    SUPERSEDED,
    UNDETERMINED,
    UNMET,
)
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa

RECIPIENTS = ("enterprise", "park", "provider")
"""In the order of totals."""
_UNKNOWN = 2
"""Stands for a truth that is neither 0 nor 1."""
BLOCK = 16_384
"""Subjects whose statuses are looked at together, so that they stay near the processor."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of outcomes as arrays: for every subject what says whose it is and how many rows it has, for every row what it says, and for
    those that are claims, in the same order, what only a claim has. Fen, an open end -1."""

    case: Any
    """Of a subject the place of its enterprise, counted from the first of its part."""
    counts: Any
    said: Any
    """Of a row the place of the measure among those of the program, and in the last `BITS` its status."""
    subject: Any
    """Of a claim the row of its subject in the table."""
    number: Any
    status: Any
    money: Any
    """A row a claim: the ends of its standard, then of its amount; what a contingent one could add is its upper end."""
    instead: Any
    """The claims of its component that stand in its way, as bits; -1 none."""
    contested: Any
    """The undetermined measures that could overturn it, as bits; -1 none."""


class Assembly:
    """Makes the rows of one plan's results; what never changes is made once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        program = plan.program
        every = [(place, compiled) for place, (_, measures) in enumerate(program.policies) for compiled in measures]
        self.measures = [compiled.measure for _, compiled in every]
        self.places = [place for place, _ in every]
        self.kinds = [measure.subject or "enterprise" for measure in self.measures]
        self.across = [(self._number(one), self._number(other)) for one, other in across(program)]
        users: dict[str, int] = {}
        for measure in self.measures:
            for line in measure.lines:
                users[line.name] = users.get(line.name, 0) + 1
        self.rivals = {kind: self._rivals(kind, users) for kind in plan.results}
        """Of each measure that pays, those that while undetermined contest it, in the order in which they are named."""
        self.instead: dict[tuple[str, int], tuple[Component, int]] = {
            (kind, member.number): (component, at)
            for kind, found in plan.components.items()
            for component in found
            for at, member in enumerate(component.members)
        }
        self._stands = {
            (kind, member.number): (f"p{place}", component.bit(at), component.bits(component.excluded[at]))
            for kind, found in plan.components.items()
            for place, component in enumerate(found)
            for at, member in enumerate(component.members)
        }
        """Of a measure the column of its component's plan, its own bit in that, and those of the claims that exclude it."""

    def _number(self, key: str) -> int:
        return next(number for number, measure in enumerate(self.measures) if measure.key == key)

    def _rivals(self, kind: str, users: Mapping[str, int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, measure in enumerate(self.measures):
            named: dict[int, None] = {}
            for line in measure.lines:
                if users[line.name] > 1:
                    for other, rival in enumerate(self.measures):
                        same = self.kinds[other] == kind and any(item.name == line.name for item in rival.lines)
                        if same and other != number and not rival.idle:
                            named[other] = None
            if named and self.kinds[number] == kind and measure.kind in ("pay", "up_to"):
                found[number] = list(named)
        return found

    def handed(self, results: Mapping[str, pa.Table]) -> Any:
        """The enterprises that the exact evaluator must decide, ascending: those of which a row is marked."""
        import numpy as np

        found = [table[CASE].to_numpy()[_flags(table, HAND)] for table in results.values()]
        found += [np.intersect1d(*(self.eligible(results, item) for item in pair)) for pair in self.across]
        return np.unique(np.concatenate(found))

    def eligible(self, results: Mapping[str, pa.Table], number: int, received: bool = False) -> Any:
        """The enterprises with a claim under a measure; also those that have `received` all of it."""
        import numpy as np

        table = results.get(self.kinds[number])
        if table is None or f"l{number}" not in table.column_names:
            return np.empty(0, dtype=np.int64)
        low = table[f"l{number}"].to_numpy()
        return table[CASE].to_numpy()[(low >= 0) | (low == ALL_RECEIVED) if received else low >= 0]

    def rows(self, kind: str, table: pa.Table, first: int, keep: Any, everything: bool) -> Rows:
        """The rows of one kind of subject, in the order of enterprises, subjects and measures, of the enterprises that `keep` marks."""
        import numpy as np

        case = (table[CASE].to_numpy() - first).astype(np.int32)
        many = len(self.measures)
        matrix = np.zeros((table.num_rows, many), dtype=np.int8)
        numbers: Any = np.arange(many, dtype=np.int16 if many << BITS <= np.iinfo(np.int16).max else np.int32)
        numbers <<= BITS
        counts = np.zeros(table.num_rows, dtype=np.int32)
        found = [(numbers[:0], np.empty(0, np.int32), numbers[:0])]
        for begin in range(0, table.num_rows, BLOCK):
            part, own = table.slice(begin, BLOCK), matrix[begin : begin + BLOCK]
            self._fill(kind, part, own)
            said = own != NONE
            if not everything:
                said &= own != UNMET
            said &= keep[case[begin : begin + BLOCK]][:, None]
            counts[begin : begin + BLOCK] = np.count_nonzero(said, axis=1)
            flat = np.flatnonzero(said.reshape(-1))
            shown = (own | numbers).reshape(-1)[flat]
            claims = np.flatnonzero((shown & MASK) <= RECEIVED)
            found.append((shown, (begin + flat[claims] // many).astype(np.int32), shown[claims]))
        shown, row, claimed = (np.concatenate(listed) for listed in zip(*found, strict=True))
        number, status = claimed >> BITS, claimed & MASK
        money = np.zeros((len(row), 4), dtype=np.int64)
        instead, contested = (np.full(len(row), -1, dtype=np.int64) for _ in range(2))
        order = np.argsort(number, kind="stable")
        known = set(table.column_names)
        bounds = np.searchsorted(number[order], np.arange(many + 1))
        for member in self.plan.members[kind]:
            at = order[bounds[member.number] : bounds[member.number + 1]]
            if not len(at):
                continue
            rows, became = row[at], status[at]
            granted = became == GRANTED
            ends = {
                part: _fen(table, f"{part}{member.number}")[rows]
                for part in "lhgjabk"
                if f"{part}{member.number}" in known
            }
            low = ends.get("g", ends["l"])
            high = ends.get("j", ends.get("h", low)) if "g" in ends else ends.get("h", low)
            first_end, last_end = ends.get("a", ends["l"]), ends.get("b", ends.get("h", ends["l"]))
            could = np.where(became == CONTINGENT, ends["k"], 0) if "k" in ends else 0
            money[at] = np.stack(
                [low, high, np.where(granted, first_end, 0), np.where(granted, last_end, could)], axis=1
            )
            if (kind, member.number) in self.instead:
                given = (became == SUPERSEDED) | (became == CONTINGENT)
                plan, _, excluding = self._stands[kind, member.number]
                instead[at[given]] = table[plan].to_numpy()[rows[given]].astype(np.int64) & excluding
            rivals = self.rivals[kind].get(member.number)
            if rivals:
                bits = np.zeros(granted.sum(), dtype=np.int64)
                for bit, rival in enumerate(rivals):
                    bits |= (matrix[rows[granted], rival] == UNDETERMINED).astype(np.int64) << bit
                contested[at[granted]] = np.where(bits == 0, -1, bits)
        return Rows(case, counts, shown, row, number, status, money, instead, contested)

    def _fill(self, kind: str, table: pa.Table, matrix: Any) -> None:
        """Puts the status of every measure for every subject of a kind into a matrix, a row each."""
        import numpy as np
        import pyarrow.compute as pc

        known = set(table.column_names)
        paying = {member.number: member for member in self.plan.members[kind]}
        for number, measure in enumerate(self.measures):
            if number in paying:
                matrix[:, number] = self.status(kind, table, paying[number])
            elif f"t{number}" in known:
                holds = SERVICE if measure.kind == "service" else UNDETERMINED
                became = np.array([UNMET, holds, UNDETERMINED], dtype=np.int8)
                matrix[:, number] = became[pc.fill_null(table[f"t{number}"], _UNKNOWN).to_numpy()]
            elif kind == "enterprise" and measure.idle:
                matrix[:, number] = OUTSIDE if measure.kind == "repealed" else PROGRAMME
        if kind != "enterprise":
            # A measure that is not in force has one outcome, which stands with the enterprise.
            matrix[matrix == OUTSIDE] = NONE
            return
        for place, gone in enumerate(self.plan.outside):
            own = [number for number, found in enumerate(self.places) if found == place]
            if gone is None:
                matrix[np.ix_(_flags(table, f"o{place}"), own)] = OUTSIDE
            elif gone:
                matrix[:, own] = OUTSIDE

    def status(self, kind: str, table: pa.Table, member: Member) -> Any:
        """The status of a measure that pays, for every subject of a kind."""
        import numpy as np

        number = member.number
        low = table[f"l{number}"].to_numpy()
        found = np.subtract(GRANTED, np.minimum(low, 0), dtype=np.int8, casting="unsafe")
        if (kind, number) in self._stands:
            plan, bit, _ = self._stands[kind, number]
            stands = table[plan].to_numpy()
            found -= ((low >= 0) & (stands != 0) & ((stands & bit) == 0)) * np.int8(GRANTED - SUPERSEDED)
            if f"k{number}" in table.column_names:
                found[table[f"k{number}"].to_numpy() > 0] = CONTINGENT
        if f"b{number}" in table.column_names:
            high = _fen(table, f"h{number}" if f"h{number}" in table.column_names else f"l{number}")
            found[(found == GRANTED) & (_fen(table, f"b{number}") == 0) & (high > 0)] = EXHAUSTED
        return found

    def extra(self, table: pa.Table) -> tuple[Any, Any]:
        """The enterprises whose upper total is beyond the sum of their upper ends, and by how much."""
        import numpy as np

        if EXTRA not in table.column_names:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        values = table[EXTRA].to_numpy()
        at = np.nonzero(values)[0]
        return table[CASE].to_numpy()[at], values[at]


def _flags(table: pa.Table, name: str) -> Any:
    return table[name].to_numpy().astype(bool)


def _fen(table: pa.Table, name: str) -> Any:
    """Fen; -1 where there is no number, which for a claim is an open end."""
    import pyarrow.compute as pc

    return pc.fill_null(table[name], -1).to_numpy()
