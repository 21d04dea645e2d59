"""Units as people write them, exactly: text to a number of base units, and back.

Base units: 元 (money), 平方米 (area), 立方米 (volume), 吨 (mass; tCO2 is mass), 千瓦时 (energy). Counts (人, 家, 台 …),
% and ‰ are pure numbers. A Chinese multiplier may stand before a unit or alone: 1200 万元, 3.15 亿千瓦时, 10 万.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from conggao.facts.diagnostics import Lang, Text, did_you_mean, nearest, quote

Dimension = tuple[tuple[str, int], ...]
"""Base and power, sorted; () is a pure number, (("area", -1), ("money", 1)) is 元/平方米."""

PURE: Dimension = ()
MONEY: Dimension = (("money", 1),)
AREA: Dimension = (("area", 1),)
VOLUME: Dimension = (("volume", 1),)
MASS: Dimension = (("mass", 1),)
ENERGY: Dimension = (("energy", 1),)

LONGEST = 80
"""Characters of the longest quantity read."""

_EXACT = Context(prec=200)
_MULTIPLIERS = {
    "十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
    "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
    "thousand": 10**3, "million": 10**6, "billion": 10**9,
}  # fmt: skip
_UNITS: dict[str, tuple[Dimension, str]] = {
    **dict.fromkeys(("元", "人民币元", "yuan", "Yuan", "CNY", "cny", "RMB", "rmb"), (MONEY, "1")),
    **dict.fromkeys(("平方米", "平米", "m2", "m²", "㎡", "m^2"), (AREA, "1")),
    **dict.fromkeys(("公顷", "ha"), (AREA, "10000")),
    **dict.fromkeys(("平方公里", "平方千米", "km2", "km²"), (AREA, "1000000")),
    **dict.fromkeys(("立方米", "m3", "m³", "m^3"), (VOLUME, "1")),
    **dict.fromkeys(("吨", "t", "tCO2", "tCO₂", "tCO2e", "吨CO2", "吨二氧化碳", "吨二氧化碳当量"), (MASS, "1")),
    **dict.fromkeys(("千克", "公斤", "kg"), (MASS, "0.001")),
    **dict.fromkeys(("千瓦时", "度", "kWh", "kwh", "KWH", "KWh"), (ENERGY, "1")),
    **dict.fromkeys(("兆瓦时", "MWh", "mwh", "MWH"), (ENERGY, "1000")),
    **dict.fromkeys(("吉瓦时", "GWh", "gwh", "GWH"), (ENERGY, "1000000")),
    **dict.fromkeys(("人", "名", "家", "户", "个", "台", "套", "项", "件", "倍"), (PURE, "1")),
}
_SHARES: dict[str, str] = {"%": "0.01", "％": "0.01", "个百分点": "0.01", "百分点": "0.01", "‰": "0.001"}


def _any(words: dict[str, object] | dict[str, str] | dict[str, int] | dict[str, tuple[Dimension, str]]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_ONE = rf"(?:(?:{_any(_MULTIPLIERS)})[ ]?)?(?:{_any(_UNITS)})"
UNIT_PREFIX_PATTERN = rf"(?:{_any(_SHARES)}|{_ONE}(?:/{_ONE})?|(?:{_any(_MULTIPLIERS)}))"
"""A unit with its multiplier, longest first, whatever follows it: for figures in running text (`10 家企业`)."""
_NAME_FOLLOWS = r"(?![A-Za-z0-9_\u3400-\u9fff])"
UNIT_PATTERN = rf"(?:[%％‰]|{UNIT_PREFIX_PATTERN}{_NAME_FOLLOWS})"
"""The same after a number of a rule: never the beginning of a longer name (`元` is a unit, `元件数` is not)."""
NUMBER_PATTERN = r"[0-9]+(?:\.[0-9]+)?"
"""A decimal without sign, separators or exponent, as rules write it."""

_QUANTITY = re.compile(
    r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)((?:\.[0-9]+)?)((?:[eE][+-]?[0-9]{1,3})?)\s*([^\s0-9.,+_-].*)?", re.DOTALL
)
_WIDE = str.maketrans("０１２３４５６７８９．，＋－−％\u3000\u00a0", "0123456789.,+--%  ")


class Unit(NamedTuple):
    """A unit: `factor` base units of `dimension`. `bare` is a multiplier without a unit (万)."""

    symbol: str
    dimension: Dimension
    factor: Fraction
    exact: Decimal
    bare: bool = False


class Quantity(NamedTuple):
    """`value` base units of `dimension`."""

    value: Fraction
    dimension: Dimension


class Measured(NamedTuple):
    """A quantity as a decimal of base units; `unit` is None where the text has none."""

    value: Decimal
    unit: Unit | None
    plain: bool
    """Whether the value is a whole number without sign or exponent, and so already in its canonical form."""


class QuantityFault(ValueError):  # noqa: N818 - as InputFaults
    """A text that is no quantity. `code` is `number`, `too-long` or `unknown-unit`."""

    def __init__(self, code: str, message: Text, help: Text | None = None) -> None:  # noqa: A002
        super().__init__(message.en)
        self.code, self.message, self.help = code, message, help


class UnknownUnit(QuantityFault):
    """A unit that is not in the table; `nearest` are those most like it."""

    def __init__(self, symbol: str) -> None:
        known = ["万元", "亿元", "万吨", "万千瓦时", "元/平方米", "万平方米", "万立方米", *_UNITS, *_SHARES]
        self.nearest = nearest(symbol, known)
        message = Text(f"不认识的单位 {quote(symbol)}", f"unknown unit {quote(symbol)}")
        help_ = _NO_UNIT if symbol in _TIMES else did_you_mean(symbol, known) or _KNOWN
        super().__init__("unknown-unit", message, help_)


_TIMES = ("年", "个月", "月", "天", "日", "次", "岁", "years", "year", "months", "days")
_NO_UNIT = Text(
    "年数、次数等没有单位，只写数字", "numbers of years, times and the like have no unit: write the number alone"
)
_KNOWN = Text("可用的单位：元、万元、平方米、立方米、吨、千瓦时、人、%", "units: 元 (CNY), 万元, m², m³, t, kWh, 人, %")
WRITE = Text(
    "数字写作 `1200000` 或 `1200000.5`，可带单位，例如 `120 万元`",
    "write `1200000` or `1200000.5`, with a unit if you like: `120 万元`",
)


@lru_cache(maxsize=512)
def unit(text: str) -> Unit:
    """The unit called `text`, multiplier and denominator included. Raises UnknownUnit."""
    symbol = "/".join(part.strip() for part in text.split("/"))
    if symbol in _SHARES:
        return _made(symbol, PURE, Decimal(_SHARES[symbol]))
    if symbol in _MULTIPLIERS:
        return _made(symbol, PURE, Decimal(_MULTIPLIERS[symbol]), bare=True)
    numerator, slash, denominator = symbol.partition("/")
    above, below = _single(numerator), _single(denominator) if slash else None
    if above is None or (slash and below is None):
        raise UnknownUnit(symbol)
    if below is None:
        return _made(symbol, *above)
    powers = dict(above[0])
    for base, power in below[0]:
        powers[base] = powers.get(base, 0) - power
    dimension = tuple(sorted((base, power) for base, power in powers.items() if power))
    return _made(symbol, dimension, _EXACT.divide(above[1], below[1]))


def _single(text: str) -> tuple[Dimension, Decimal] | None:
    """A unit without denominator: the longest multiplier that leaves a unit."""
    if text in _UNITS:
        dimension, factor = _UNITS[text]
        return dimension, Decimal(factor)
    for word, times in _MULTIPLIERS.items():
        rest = text.removeprefix(word).lstrip(" ")
        if len(rest) < len(text) and rest in _UNITS:
            dimension, factor = _UNITS[rest]
            return dimension, Decimal(factor) * times
    return None


def _made(symbol: str, dimension: Dimension, factor: Decimal, bare: bool = False) -> Unit:
    exact = Fraction(factor)
    return Unit(symbol, dimension, exact, Decimal(exact.numerator) if exact.denominator == 1 else factor, bare)


def measure(text: str) -> Measured:
    """`text` as an exact decimal of base units: sign, digits (or `1,200,000`), exponent, unit. Raises QuantityFault."""
    if len(text) > LONGEST:
        most = f"{len(text)} characters, {LONGEST} at most"
        message = Text(f"数字写了 {len(text)} 个字符，最多 {LONGEST} 个", f"the number has {most}")
        raise QuantityFault("too-long", message)
    match = _QUANTITY.fullmatch(text.strip() if text.isascii() else text.translate(_WIDE).strip())
    if match is None:
        raise QuantityFault("number", Text(f"{quote(text)} 不是数字", f"{quote(text)} is not a number"), WRITE)
    sign, whole, fraction, exponent, symbol = match.groups()
    digits = whole.replace(",", "") if "," in whole else whole
    plain = not (sign or fraction or exponent)
    value = Decimal(digits if plain else sign + digits + fraction + exponent)
    if symbol is None:
        return Measured(value, None, plain)
    found = unit(symbol)
    return Measured(_EXACT.multiply(value, found.exact), found, plain and found.factor.denominator == 1)


def parse_quantity(text: str) -> Quantity:
    """`text` as an exact number of base units; without a unit, a pure number. Raises QuantityFault or UnknownUnit."""
    value, found, _ = measure(text)
    return Quantity(Fraction(value), found.dimension if found else PURE)


def scale(dimension: Dimension) -> int:
    """The whole units an evaluator counts in: fen for money, a thousandth of other dimensions, 1 for pure numbers."""
    return 100 if dimension == MONEY else 1000 if dimension else 1


_BASES = {
    "money": Text("元", "CNY"), "area": Text("平方米", "m²"), "volume": Text("立方米", "m³"),
    "mass": Text("吨", "t"), "energy": Text("千瓦时", "kWh"),
}  # fmt: skip
_NAMES = {
    PURE: Text("纯数", "a plain number"),
    MONEY: Text("金额（元）", "money (元, CNY)"),
    AREA: Text("面积（平方米）", "area (m²)"),
    VOLUME: Text("体积（立方米）", "volume (m³)"),
    MASS: Text("质量（吨）", "mass (t)"),
    ENERGY: Text("电量（千瓦时）", "energy (kWh)"),
}


def dimension_name(dimension: Dimension) -> Text:
    """What a dimension is called in a message: 金额（元）, money (元, CNY)."""
    return _NAMES.get(dimension) or Text(unit_symbol(dimension, "zh"), unit_symbol(dimension, "en"))


@lru_cache(maxsize=512)
def unit_symbol(dimension: Dimension, lang: Lang) -> str:
    """The base unit: `元`, `元/平方米`, `CNY/m²`; empty for a pure number."""
    above = [_power(base, power, lang) for base, power in dimension if power > 0]
    below = [_power(base, -power, lang) for base, power in dimension if power < 0]
    if not below:
        return "·".join(above)
    return f"{'·'.join(above) or '1'}/{'·'.join(below)}"


def _power(base: str, power: int, lang: Lang) -> str:
    symbol = _BASES[base].of(lang)
    return symbol if power == 1 else f"({symbol})^{power}"


def spelt_units() -> tuple[str, ...]:
    """The units that may follow a number, those that are written most first."""
    usual = ("万元", "亿元", "元", "%", "万吨", "吨", "万立方米", "立方米", "平方米", "万千瓦时", "千瓦时", "人")
    return tuple(dict.fromkeys([*usual, *_SHARES, *_UNITS]))


def show(
    value: Fraction | Decimal | int, dimension: Dimension, lang: Lang, *, percent: bool = False, scale: int = 1
) -> str:
    """Readable text: `1,200,000 元`, `CNY 1,200,000`, `75 元/平方米`, `5%`.

    `value` counts 1/`scale` base units. Exact where the decimal ends; otherwise, after ≈, to six decimals (below 1, six
    significant ones).
    """
    number = Fraction(value) if isinstance(value, Decimal) else value
    return show_ratio(number.numerator, number.denominator * scale, dimension, lang, percent)


@lru_cache(maxsize=8192)
def show_ratio(above: int, below: int, dimension: Dimension, lang: Lang, percent: bool = False) -> str:
    """As `show`, for `above / below` base units. Remembered: thresholds are the same in every decision, facts in many places of one."""
    if percent and not dimension:
        return f"{_digits(100 * above, below)}%"
    digits = _digits(above, below)
    symbol = unit_symbol(dimension, lang)
    if lang == "en" and dimension[:1] == MONEY and len(dimension) == 1:
        sign = "-" if above < 0 else ""
        return f"{'≈ ' if digits.startswith('≈') else ''}{sign}CNY {digits.removeprefix('≈ ').removeprefix('-')}"
    return f"{digits} {symbol}" if symbol else digits


def _digits(above: int, below: int) -> str:
    """`above / below` as a decimal."""
    common = gcd(above, below)
    above, below = above // common, below // common
    rest, twos, fives = below, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest == 1:
        places, about = max(twos, fives), ""
        whole = above * 10**places // below
    else:
        places, about = 6, "≈ "
        while abs(above) * 10 ** (places - 5) < below:
            places += 1
        # To the nearest: what does not end is never halfway between two.
        whole = (2 * above * 10**places + below) // (2 * below)
    sign = "-" if whole < 0 else ""
    head, tail = divmod(abs(whole), 10**places)
    fraction = f".{tail:0{places}d}".rstrip("0").rstrip(".") if places else ""
    return f"{about}{sign}{head:,}{fraction}"
