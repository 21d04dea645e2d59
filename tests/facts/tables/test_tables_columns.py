"""Whole columns are read as their cells are one by one."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")

from hypothesis import given
from hypothesis import strategies as st

from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.population.province import credit_codes
from conggao.facts.tables.columns import read_column
from conggao.facts.tables.schema import CODE_COLUMN, Column, tables

LISTS = [
    column
    for table in tables(shipped_vocabulary()).values()
    for column in table.columns
    if column.kind in ("words", "years", "ids")
]
CELLS = st.none() | st.lists(
    st.none() | st.sampled_from(["2021", "2022", "2023", " 2023", "no year", "A-1", "B_2", "", "铸造"]), max_size=4
)


@pytest.mark.parametrize("column", LISTS, ids=lambda column: column.name)
@given(cells=st.lists(CELLS, max_size=6))
def test_lists_are_read_as_each_of_them_alone(column: Column, cells: list[Any]) -> None:
    """What stands in other rows decides which way a column is read, and must not change what is read of a row."""
    import pyarrow as pa

    kind = pa.list_(pa.string())
    whole = read_column(column, pa.array(cells, kind))
    assert whole.values.type == column.type
    whole.values.validate(full=True)
    for place, cell in enumerate(cells):
        alone = read_column(column, pa.array([cell], kind))
        assert whole.values[place].as_py() == alone.values[0].as_py()
        assert whole.bad.get(place) == alone.bad.get(0)


CODES = [
    *credit_codes(3, 2).to_pylist(),
    "91640100MA0000000X",
    "九一六四零一",
    "９１６４０１",
    "x" * 18,
    "",
    "\u00e9" * 9,
]


@given(cells=st.lists(st.none() | st.sampled_from(CODES)), offset=st.integers(0, 3))
def test_credit_codes_are_read_as_each_of_them_alone(cells: list[str | None], offset: int) -> None:
    """Codes are weighed all at once, from the bytes of the column, wherever it begins."""
    import pyarrow as pa

    whole = read_column(CODE_COLUMN, pa.array(["91640100MA0000000X"] * offset + cells, pa.string()).slice(offset))
    for place, cell in enumerate(cells):
        alone = read_column(CODE_COLUMN, pa.array([cell], pa.string()))
        assert whole.values[place].as_py() == alone.values[0].as_py()
        assert (place in whole.bad) == (0 in alone.bad)
