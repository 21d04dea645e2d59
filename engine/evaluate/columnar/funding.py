"""Who pays how much of what is granted, or could be: shares rounded down to the fen, the last payer takes what remains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.encoding import money
from conggao.engine.evaluate.columnar.ordering import Claims
from conggao.engine.rulebook.model import Measure

if TYPE_CHECKING:
    import pyarrow as pa


class Funding:
    """The payers of every measure. `kind` is the Arrow type of who pays how much, a list."""

    def __init__(self, measures: Sequence[Measure], kind: pa.DataType) -> None:
        import numpy as np
        import pyarrow as pa

        listed = [list(measure.funding or ()) for measure in measures]
        names = list(dict.fromkeys(payer for payers in listed for payer, _ in payers))
        shape = len(listed), max((len(payers) for payers in listed), default=0)
        self._share = list(kind.value_type)
        self._names = pa.array(names, pa.string())
        self._count = np.array([len(payers) for payers in listed], dtype=np.int32)
        self._payer = np.zeros(shape, dtype=np.int32)
        self._over, self._under = np.zeros(shape, dtype=np.int64), np.ones(shape, dtype=np.int64)
        for number, payers in enumerate(listed):
            for at, (payer, share) in enumerate(payers):
                self._payer[number, at] = names.index(payer)
                self._over[number, at], self._under[number, at] = share.numerator, share.denominator

    def of(self, claims: Claims) -> tuple[Any, Any]:
        """How many pay each claim, and what each of them pays, claim by claim. Of a claim that pays nothing nobody is named."""
        import numpy as np
        import pyarrow as pa

        low, high = claims.money[:, 2], claims.money[:, 3]
        count = np.where(high != 0, self._count[claims.number], 0)
        at = np.flatnonzero(count)
        number = claims.number[at]
        there = np.arange(self._payer.shape[1]) < count[at][:, None]
        lows = self._split(number, low[at])[there]
        highs = self._split(number, np.maximum(high[at], 0))
        highs[high[at] < 0] = -1
        highs = highs[there]
        every = slice(None)
        payers = self._names.take(pa.array(self._payer[number][there]))
        parts = [payers, money(lows, every, len(lows)), money(highs, every, len(highs))]
        return count, pa.StructArray.from_arrays(parts, fields=self._share)

    def _split(self, number: Any, fen: Any) -> Any:
        """A row an amount, a column a payer. The fen are split so that no product passes 64 bits."""
        import numpy as np

        made = np.zeros((len(fen), self._payer.shape[1]), dtype=np.int64)
        left = fen.copy()
        for at in range(made.shape[1]):
            over, under = self._over[number, at], self._under[number, at]
            share = fen // under * over + fen % under * over // under
            made[:, at] = np.where(self._count[number] == at + 1, left, share)
            left -= made[:, at]
        return made
