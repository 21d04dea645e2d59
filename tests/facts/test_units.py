"""Units: what people write, to exact numbers of base units, and back."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.facts.units import (
    AREA,
    ENERGY,
    MASS,
    MONEY,
    NUMBER_PATTERN,
    PURE,
    UNIT_PATTERN,
    UNIT_PREFIX_PATTERN,
    VOLUME,
    Dimension,
    QuantityFault,
    UnknownUnit,
    dimension_name,
    parse_quantity,
    scale,
    show,
    unit,
)

PER_AREA: Dimension = (("area", -1), ("money", 1))


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("1200 万元", 12_000_000, MONEY),
        ("1200万元", 12_000_000, MONEY),
        ("3.15 亿千瓦时", 315_000_000, ENERGY),
        ("2.6 万吨", 26_000, MASS),
        ("200 tCO2", 200, MASS),
        ("500 kg", Fraction(1, 2), MASS),
        ("10 万立方米", 100_000, VOLUME),
        ("18600.5 平方米", Fraction(37201, 2), AREA),
        ("3 m²", 3, AREA),
        ("1 MWh", 1000, ENERGY),
        ("5 度", 5, ENERGY),
        ("75 元/平方米", 75, PER_AREA),
        ("75 元 / 平方米", 75, PER_AREA),
        ("0.3 万元/公顷", Fraction(3, 10), PER_AREA),
        ("5%", Fraction(1, 20), PURE),
        ("５％", Fraction(1, 20), PURE),
        ("1‰", Fraction(1, 1000), PURE),
        ("10 家", 10, PURE),
        ("10 万", 100_000, PURE),
        ("1 千万 元", 10_000_000, MONEY),
        ("1,200,000.05 元", Fraction(120_000_005, 100), MONEY),
        ("2 million CNY", 2_000_000, MONEY),
        ("１２００ 万元", 12_000_000, MONEY),
        ("-3 元", -3, MONEY),
        ("1e6", 1_000_000, PURE),
        ("007", 7, PURE),
    ],
)
def test_read(text: str, value: Fraction, dimension: Dimension) -> None:
    assert parse_quantity(text) == (value, dimension)


@pytest.mark.parametrize(
    "text", ["", " ", "元", "abc", "NaN", "inf", "1,2 元", "1,2000", "--1", "1..2", "1.", ".5", "٣ 元", "1_000"]
)
def test_no_number(text: str) -> None:
    with pytest.raises(QuantityFault) as caught:
        parse_quantity(text)
    assert caught.value.code == "number"
    assert caught.value.help is not None


def test_unknown_unit_names_the_nearest() -> None:
    with pytest.raises(UnknownUnit) as caught:
        parse_quantity("12 万园")
    assert caught.value.nearest[0] == "万元"
    assert caught.value.message.en == "unknown unit `万园`"
    with pytest.raises(UnknownUnit):
        unit("元/")
    with pytest.raises(UnknownUnit):
        unit("%/元")


def test_long_number_is_refused_before_it_is_converted() -> None:
    with pytest.raises(QuantityFault) as caught:
        parse_quantity("1" * 400)
    assert caught.value.code == "too-long"
    assert "400" in caught.value.message.zh


DECIMALS = st.decimals(min_value=-(10**15), max_value=10**15, places=4, allow_nan=False)
DIMENSIONS = st.sampled_from([PURE, MONEY, AREA, VOLUME, MASS, ENERGY, PER_AREA])


@given(DECIMALS, DIMENSIONS)
def test_what_is_shown_in_chinese_reads_back(value: Decimal, dimension: Dimension) -> None:
    """A terminating decimal is shown in full, so nothing is lost on the way to a person and back."""
    assert parse_quantity(show(value, dimension, "zh")) == (Fraction(value), dimension)


@given(st.integers(-(10**12), 10**12), DIMENSIONS)
def test_scaled_values_are_shown_in_base_units(value: int, dimension: Dimension) -> None:
    whole = scale(dimension)
    assert parse_quantity(show(value, dimension, "zh", scale=whole)).value == Fraction(value, whole)


@given(
    st.integers(0, 10**9),
    st.sampled_from(["", "万", "千", "亿", "十万", "万亿"]),
    st.sampled_from(["元", "吨", "平方米"]),
)
def test_multiplier_multiplies(number: int, multiplier: str, symbol: str) -> None:
    times = {"": 1, "万": 10**4, "千": 10**3, "亿": 10**8, "十万": 10**5, "万亿": 10**12}[multiplier]
    assert parse_quantity(f"{number} {multiplier}{symbol}").value == number * times


@pytest.mark.parametrize(
    ("value", "dimension", "zh", "en"),
    [
        (Fraction(1_200_000), MONEY, "1,200,000 元", "CNY 1,200,000"),
        (Fraction(-1, 2), MONEY, "-0.5 元", "-CNY 0.5"),
        (Fraction(75), PER_AREA, "75 元/平方米", "75 CNY/m²"),
        (Fraction(1, 3), PURE, "≈ 0.333333", "≈ 0.333333"),
        (Fraction(1, 30_000), PURE, "≈ 0.0000333333", "≈ 0.0000333333"),
        (Fraction(-(10**9), 3), MONEY, "≈ -333,333,333.333333 元", "≈ -CNY 333,333,333.333333"),
        (Fraction(0), MASS, "0 吨", "0 t"),
    ],
)
def test_shown(value: Fraction, dimension: Dimension, zh: str, en: str) -> None:
    assert show(value, dimension, "zh") == zh
    assert show(value, dimension, "en") == en


def test_shown_as_percentage_only_where_asked() -> None:
    assert show(Fraction(1, 20), PURE, "en") == "0.05"
    assert show(Fraction(1, 20), PURE, "en", percent=True) == "5%"
    assert show(Fraction(5), MONEY, "zh", percent=True) == "5 元"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("元/平方米", "元/平方米"),
        ("元/建筑面积", "元"),
        ("元件数", None),
        ("人均产值", None),
        ("万元以上", None),
        ("%以上", "%"),
        ("t", "t"),
        ("total", None),
        ("万千瓦时", "万千瓦时"),
        ("tCO2", "tCO2"),
    ],
)
def test_unit_of_a_rule_swallows_no_name(text: str, found: str | None) -> None:
    match = re.match(UNIT_PATTERN, text)
    assert (match.group() if match else None) == found


def test_unit_in_running_text_is_the_longest() -> None:
    for text, found in [("家企业", "家"), ("万元以内", "万元"), ("元/平方米的", "元/平方米"), ("个百分点", "个百分点")]:
        match = re.match(UNIT_PREFIX_PATTERN, text)
        assert match is not None
        assert match.group() == found


def test_every_unit_matched_is_known() -> None:
    """The pattern and the table cannot drift apart: what the pattern takes, `unit` knows."""
    for symbol in ["万元", "元/tCO2", "万吨/万元", "千瓦时/万元", "百分点", "亿", "million yuan", "元/人"]:
        assert re.fullmatch(UNIT_PATTERN, symbol), symbol
        assert unit(symbol).factor > 0
    assert re.fullmatch(NUMBER_PATTERN, "12.50")
    assert not re.fullmatch(NUMBER_PATTERN, "1e5")


def test_dimension_names() -> None:
    assert dimension_name(MONEY).zh == "金额（元）"
    assert dimension_name(PER_AREA) == ("元/平方米", "CNY/m²")
    assert [scale(item) for item in (MONEY, MASS, PER_AREA, PURE)] == [100, 1000, 1000, 1]


def test_units_load_without_heavy_libraries() -> None:
    """Every command pays for this import."""
    code = (
        "import sys, conggao.facts.units; print([m for m in ('pydantic', 'ruamel.yaml', 'pint') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
