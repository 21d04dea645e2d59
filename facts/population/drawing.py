"""Columns drawn at random, whole columns at a time, and brought into the physical types of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

FEN_MOST = 9e15
"""No amount drawn is larger, in its smallest unit."""


class Draw:
    """A stream of random columns. The same seed and block give the same columns."""

    def __init__(self, seed: int, block: int) -> None:
        import numpy as np

        self.np = np
        self.random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(block,))))

    def chance(self, probability: Any, count: int) -> Any:
        """True with a probability: one for all, or one a row."""
        return self.random.random(count) < probability

    def lognormal(self, median: Any, spread: Any, count: int) -> Any:
        """Positive numbers around a median, skewed as incomes are."""
        return median * self.np.exp(spread * self.random.standard_normal(count))

    def choice(self, weights: Any, count: int) -> Any:
        """Indices by weight."""
        edges = self.np.cumsum(weights)
        return self.np.searchsorted(edges / edges[-1], self.random.random(count), side="right")

    def quantity(self, numbers: Any, decimals: int, known: Any = None) -> pa.Array:
        """Base units rounded to `decimals`, exact from there on; null where not `known`."""
        import pyarrow as pa

        np = self.np
        whole = np.rint(np.clip(numbers * 10.0**decimals, 0, FEN_MOST)).astype(np.int64)
        wide = np.zeros((len(whole), 2), dtype=np.int64)
        wide[:, 0] = whole
        exact = pa.Array.from_buffers(pa.decimal128(38, decimals), len(whole), [None, pa.py_buffer(wide.tobytes())])
        return self.null(exact.cast(pa.decimal128(38, 9)), known)

    def flag(self, true: Any, unknown: float, count: int) -> pa.Array:
        """Yes with probability `true`, and not known with probability `unknown`."""
        import pyarrow as pa

        return self.null(pa.array(self.chance(true, count)), ~self.chance(unknown, count))

    def null(self, values: pa.Array, known: Any) -> pa.Array:
        """`values`, null where not `known`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        return values if known is None else pc.if_else(pa.array(known), values, pa.scalar(None, values.type))

    def words(self, chosen: Any, names: tuple[str, ...]) -> pa.Array:
        """A list a row: the names whose column of the matrix `chosen` is true."""
        import pyarrow as pa

        np = self.np
        columns = np.nonzero(chosen)[1]
        offsets = np.concatenate([[0], np.cumsum(chosen.sum(axis=1))]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(names).take(pa.array(columns)))
