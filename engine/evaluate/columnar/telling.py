"""What claims say beside their money: which stand in their way, which could overturn them, on what ground, and who pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.assembly import Assembly
from conggao.engine.evaluate.columnar.encoding import bits, lists, offsets, words
from conggao.engine.evaluate.columnar.funding import Funding
from conggao.engine.evaluate.columnar.ordering import Claims, Piece

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Listed:
    """A list for every claim of a part: how long each is, where it begins in `values`, and where the last ends."""

    lengths: Any
    begins: Any
    values: Any

    def of(self, piece: Piece, empty_is_null: bool = False) -> Any:
        """The lists of a piece's rows, empty where there is no claim."""
        import numpy as np

        lengths = np.zeros(len(piece.case), dtype=np.int32)
        lengths[piece.at] = self.lengths[piece.claims]
        first, last = self.begins[piece.claims.start], self.begins[piece.claims.stop]
        known = bits(lengths > 0) if empty_is_null else None
        return lists(offsets(lengths), self.values.slice(first, last - first), known)


@dataclass(frozen=True, slots=True)
class Told:
    """What the claims of a part say."""

    instead: Listed
    contested: Listed
    funding: Listed
    assumed: Any
    """Which of them another stands in the way of by assumption."""


class Telling:
    """Says it of the claims of one plan. `funding` is the Arrow type of who pays how much, a list."""

    def __init__(self, assembly: Assembly, funding: pa.DataType) -> None:
        import pyarrow as pa

        self._assembly = assembly
        self._keys = [measure.key for measure in assembly.measures]
        self._place = {key: number for number, key in enumerate(self._keys)}
        self._names = pa.array(self._keys, pa.string())
        self._assumed = assembly.plan.program.relations.assumed
        self._funding = Funding(assembly.measures, funding)

    def of(self, claims: Claims, kinds: Sequence[str]) -> Told:
        """`kinds`: the kinds of subject of which there are rows."""
        import numpy as np

        assumed = np.zeros(len(claims.case), dtype=bool)
        given_up = np.flatnonzero(claims.instead >= 0)
        if self._assumed and len(given_up):
            said, which = _spelled(claims, claims.instead, given_up, kinds, self._by_assumption)
            assumed[given_up] = np.array(said, dtype=bool)[which]
        lengths, shares = self._funding.of(claims)
        return Told(
            self._listed(claims, claims.instead, kinds, self._instead),
            self._listed(claims, claims.contested, kinds, self._contested),
            Listed(lengths, offsets(lengths), shares),
            assumed,
        )

    def _instead(self, kind: str, number: int, mask: int) -> list[str]:
        component, _ = self._assembly.instead[kind, number]
        return [member.key for at, member in enumerate(component.members) if mask & component.bit(at)]

    def _contested(self, kind: str, number: int, mask: int) -> list[str]:
        rivals = self._assembly.rivals[kind][number]
        return [self._keys[rival] for bit, rival in enumerate(rivals) if mask >> bit & 1]

    def _by_assumption(self, kind: str, number: int, mask: int) -> bool:
        return any((self._keys[number], other) in self._assumed for other in self._instead(kind, number, mask))

    def _listed(
        self, claims: Claims, masks: Any, kinds: Sequence[str], told: Callable[[str, int, int], list[str]]
    ) -> Listed:
        """Lists of measures that bits stand for."""
        import numpy as np

        there = np.flatnonzero(masks >= 0)
        lengths = np.zeros(len(masks), dtype=np.int32)
        values = np.empty(0, dtype=np.int16)
        if len(there):
            said, which = _spelled(claims, masks, there, kinds, told)
            lengths[there] = np.array([len(item) for item in said], dtype=np.int32)[which]
            table = np.full((len(said), max(len(item) for item in said)), -1, dtype=np.int16)
            for row, item in enumerate(said):
                table[row, : len(item)] = [self._place[name] for name in item]
            found = table[which]
            values = found[found >= 0]
        return Listed(lengths, offsets(lengths), words(values, self._names))


def _spelled(
    claims: Claims, masks: Any, there: Any, kinds: Sequence[str], told: Callable[[str, int, int], Any]
) -> tuple[list[Any], Any]:
    """What `told` says of every different (kind of subject, measure, bits) `there`, once of each, and which of these each claim has."""
    import numpy as np

    keys = np.stack([claims.kind[there], claims.number[there], masks[there]], dtype=np.int64)
    order = np.lexsort(keys)
    keys = keys[:, order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    which = np.empty(len(order), dtype=np.int64)
    which[order] = np.cumsum(new) - 1
    return [told(kinds[kind], number, mask) for kind, number, mask in keys[:, new].T.tolist()], which
