"""Quantities counted: every DECIMAL(38, 9) is the whole number that it is, or is said not to be one."""

from __future__ import annotations

from decimal import Context

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("numpy", reason="the extra `batch` is not installed")

import numpy as np
import pyarrow as pa

from conggao.engine.evaluate.columnar.counting import count
from conggao.engine.evaluate.columnar.schema import DECIMALS, MOST

DIGITS = Context(prec=38)
EDGES = [0, 1, 10**7, 10**9, 2**63 - 1, 2**63, 2**64, MOST * 10**7, MOST * 10**9, 10**29 - 1]
"""Thousand-millionths: a fen, a yuan, where one word ends, where counting does."""
NUMBERS = st.one_of(
    st.builds(lambda edge, off, sign: sign * (edge + off), st.sampled_from(EDGES), st.integers(-1, 1), st.sampled_from([1, -1])),
    st.integers(-(10**5), 10**5).map(lambda fen: fen * 10**7),
    st.integers(1 - 10**29, 10**29 - 1),
)  # fmt: skip


@given(
    nanos=st.lists(st.none() | NUMBERS.filter(lambda nano: abs(nano) < 10**29), max_size=40),
    begin=st.integers(0, 12),
    unit=st.sampled_from([1, 100, 1000, DECIMALS]),
    signed=st.booleans(),
    dirty=st.booleans(),
)
def test_what_is_counted_is_the_number(
    nanos: list[int | None], begin: int, unit: int, signed: bool, dirty: bool
) -> None:
    stated = [None if nano is None else DIGITS.scaleb(DIGITS.create_decimal(nano), -9) for nano in nanos]
    cells = pa.array(stated, pa.decimal128(38, 9))
    if dirty and len(cells):
        # What stands for an unknown one may be anything.
        words = np.frombuffer(cells.buffers()[1], dtype=np.int64).reshape(-1, 2)[: len(cells)].copy()
        words[[nano is None for nano in nanos]] = -1, 3
        cells = pa.Array.from_buffers(cells.type, len(cells), [cells.buffers()[0], pa.py_buffer(words)])
    cells, nanos = cells.slice(begin), nanos[begin:]
    counted, odd = count(cells, unit, signed)
    each = DECIMALS // unit
    fits = [
        nano is not None and nano % each == 0 and abs(nano // each) < MOST and (signed or nano >= 0) for nano in nanos
    ]
    assert counted.to_pylist() == [
        nano // each if nano is not None and fit else None for nano, fit in zip(nanos, fits, strict=True)
    ]
    assert odd.tolist() == [nano is not None and not fit for nano, fit in zip(nanos, fits, strict=True)]
