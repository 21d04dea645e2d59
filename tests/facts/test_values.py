"""From source text and Python values to the values of facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from conggao.facts import values
from conggao.facts.quantities import integer, quantity, year
from conggao.facts.units import MASS, MONEY
from conggao.facts.words import TITLES

money = quantity(MONEY)


class Scalar:
    """What numpy's numbers are to us: neither int nor float, but convertible."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


@pytest.mark.parametrize(
    ("given_value", "found"),
    [
        ("1200 万元", "12000000"),
        ("1200 万", "12000000"),
        ("1200000.50", "1200000.5"),
        ("1e6", "1000000"),
        ("-0", "0"),
        (12, "12"),
        (0.1, "0.1"),
        (1e16, "10000000000000000"),
        (Decimal("1.50"), "1.5"),
        (Fraction(1, 4), "0.25"),
        ("99999999999999999999.999999999", "99999999999999999999.999999999"),
    ],
)
def test_money(given_value: Any, found: str) -> None:
    """One canonical form: equal amounts have the same text."""
    assert str(money(given_value)) == found


@pytest.mark.parametrize(
    ("given_value", "code"),
    [
        ("-5", "negative"),
        (-1, "negative"),
        (float("nan"), "number"),
        (float("inf"), "number"),
        (Decimal("NaN"), "number"),
        ("NaN", "number"),
        (True, "number"),
        (None, "number"),
        ([1], "number"),
        (b"5", "number"),
        ("5 吨", "unit"),
        ("5%", "unit"),
        ("5 人", "unit"),
        ("12 万园", "unknown-unit"),
        ("1" * 400, "too-long"),
        (10**400, "range"),
        (10**20, "range"),
        (Fraction(10**50), "range"),
        ("1e20", "range"),
        ("1e999", "range"),
        ("1e-10", "decimals"),
        (Decimal("1e-300"), "decimals"),
        (Decimal("1." + "0" * 300 + "1"), "decimals"),
        (Fraction(1, 3), "decimals"),
    ],
)
def test_no_money(given_value: Any, code: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        money(given_value)
    assert caught.value.type == code
    assert caught.value.context is not None
    assert caught.value.context["zh"] != caught.value.context["en"]


@given(st.decimals(min_value=0, max_value=10**19, places=9, allow_nan=False))
def test_quantities_are_exact_and_canonical(value: Decimal) -> None:
    """Text, Decimal and Fraction of one number are one value with one text, which reads back."""
    read = [money(value), money(str(value)), money(f"{value:f} 元"), money(Fraction(value))]
    assert {str(item) for item in read} == {str(read[0])}
    assert read[0] == value
    assert str(money(format(read[0], "f"))) == str(read[0])


@given(st.floats(min_value=0, max_value=1e15, allow_nan=False))
def test_a_float_is_its_shortest_text(value: float) -> None:
    exact = Decimal(repr(value))
    if exact == round(exact, 9):
        assert money(value) == exact
    else:
        with pytest.raises(PydanticCustomError):
            money(value)


@pytest.mark.parametrize(
    ("reader", "given_value", "found"),
    [
        (integer, "420 人", 420),
        (integer, 420.0, 420),
        (integer, "9 家", 9),
        (year, "2024", 2024),
        (year, 2024.0, 2024),
        (values.flag, "是", True),
        (values.flag, "False", False),
        (values.flag, True, True),
        (values.identifier, 1, "1"),
        (values.identifier, "P-1（东区）", "P-1（东区）"),
        (values.industry, "0610", "0610"),
        (values.industry, 3421, "3421"),
        (values.industry, "97", "97"),
        (values.code, "91640100ma7examp48", "91640100MA7EXAMP48"),
        (values.subject, "project:P1", "project:P1"),
        (values.day, "2025-03-01", date(2025, 3, 1)),
        (values.day, datetime(2025, 3, 1), date(2025, 3, 1)),
        (values.text, " 银川　示例 ", "银川　示例"),
        (values.word("titles", TITLES), "智能工厂", "smart_factory"),
        (values.word("titles", TITLES), "Smart Factory", "smart_factory"),
    ],
)
def test_read(reader: Callable[[Any], Any], given_value: Any, found: Any) -> None:
    assert reader(given_value) == found
    assert type(reader(given_value)) is type(found)


@pytest.mark.parametrize(
    ("reader", "given_value", "code"),
    [
        (integer, "4.5", "integer"),
        (integer, 10**15, "integer"),
        (year, True, "year"),
        (year, "24", "year"),
        (year, 1989, "year"),
        (year, float("nan"), "year"),
        (year, "２０２４", "year"),
        (values.flag, "yes", "flag"),
        (values.flag, 1, "flag"),
        (values.identifier, "P 1", "id"),
        (values.identifier, "a.b", "id"),
        (values.identifier, "a:b", "id"),
        (values.identifier, "x" * 65, "id"),
        (values.identifier, "", "text"),
        (values.industry, "C34", "industry"),
        (values.industry, "00", "industry"),
        (values.industry, "98", "industry"),
        (values.industry, "1", "industry"),
        (values.industry, "34211", "industry"),
        (values.code, "91640100MA7EXAMP49", "credit-code"),
        (values.subject, "P1", "subject"),
        (values.subject, "project:", "subject"),
        (values.day, "2025-02-30", "date"),
        (values.day, "2025/3/1", "date"),
        (values.day, "20250301", "date"),
        (values.day, "1889-01-01", "date"),
        (values.day, datetime(2025, 3, 1, 12), "date"),
        (values.text, "a\u202eb", "text"),
        (values.text, "\ud800", "text"),
        (values.text, "x" * 201, "too-long"),
        (values.text, 10**400, "too-long"),
        (values.text, 1.5, "text"),
        (values.word("titles", TITLES), "smart_factry", "unknown-word"),
    ],
)
def test_refused(reader: Callable[[Any], Any], given_value: Any, code: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        reader(given_value)
    assert caught.value.type == code


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.decimals(), st.fractions(),
    st.dates(), st.datetimes(), st.lists(st.integers()), st.dictionaries(st.text(), st.integers()),
)  # fmt: skip
READERS: list[Callable[[Any], Any]] = [
    money, quantity(MASS, signed=True), integer, year, values.flag, values.text, values.identifier, values.code,
    values.industry, values.subject, values.day, values.word("titles", TITLES),
]  # fmt: skip


@given(ANYTHING, st.sampled_from(READERS))
def test_a_reader_reads_or_refuses(value: Any, reader: Callable[[Any], Any]) -> None:
    """Never another error; and what was read is read again as the same."""
    try:
        found = reader(value)
    except PydanticCustomError as error:
        context = error.context or {}
    else:
        context = {"zh": "read", "en": "read"}
        assert reader(found) == found
    assert context["zh"]
    assert context["en"]


def test_neighbours_of_numbers_are_no_numbers() -> None:
    with pytest.raises(PydanticCustomError):
        money(Scalar(5))


def test_an_int_too_long_to_print_is_refused_all_the_same() -> None:
    """Python itself refuses to print it, and a message must not fail over that."""
    for reader in READERS:
        with pytest.raises(PydanticCustomError):
            reader(10**5000)
