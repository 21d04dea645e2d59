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


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("（）·甲乙䶿一鿿ꀀ！（） \t\u3000\ufeffA-_.:"),
    max_size=9,
)


@given(
    cells=st.lists(st.none() | TEXTS | st.sampled_from(["字" * 66, "字" * 67, "字" * 201, "a" * 64, "a" * 65])),
    offset=st.integers(0, 2),
)
def test_plain_text_is_what_its_reader_takes_as_it_stands(cells: list[str | None], offset: int) -> None:
    """Cells are looked at as bytes; what those let pass the reader must take, and take for the same."""
    import pyarrow as pa

    from conggao.facts.tables.plain import plain_ids, plain_text
    from conggao.facts.values import identifier, text

    array = pa.array(["甲"] * offset + cells, pa.string()).slice(offset)
    for plain, reader in ((plain_text(array), text), (plain_ids(array), identifier)):
        assert len(plain) == len(cells)
        for cell, passed in zip(cells, plain.tolist(), strict=True):
            assert not passed or reader(cell) == cell
    assert plain_text(pa.array(["甲（一）有限公司", "A-1"])).all()


def test_bytes_that_are_no_characters_are_not_plain() -> None:
    import pyarrow as pa

    from conggao.facts.tables.plain import plain_text

    for cells in ([b"\xe7\x94", b"\xb2"], [b"\x80"], [b"A", b"\xe4"]):
        assert not plain_text(pa.array(cells, pa.binary()).view(pa.string())).any()


def test_coded_cells_are_read_as_if_they_were_not() -> None:
    import pyarrow as pa

    column = next(item for item in tables(shipped_vocabulary())["enterprises"].columns if item.name == "county")
    cells = ["金凤区", None, "金风区", " 金凤区 ", "", "金凤区", "金风区"]
    plain, coded = (read_column(column, raw) for raw in (pa.array(cells), pa.array(cells).dictionary_encode()))
    assert coded.values.equals(plain.values)
    assert coded.bad == plain.bad
    assert set(coded.bad) == {2, 6}
