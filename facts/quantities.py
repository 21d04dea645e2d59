"""Readers of quantities, counts and years: exact, bounded, and in one canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, LiteralString

from pydantic_core import PydanticCustomError

from conggao.facts.diagnostics import Text, quote
from conggao.facts.refusals import refuse, shown
from conggao.facts.units import PURE, WRITE, Dimension, QuantityFault, dimension_name, measure, scale

LIMIT = Decimal(10**20)
"""Quantities in base units lie below this."""
DECIMALS = 9
"""Decimal places of a quantity in base units, at most."""
YEARS = (1990, 2100)

_MOST = 10**40
_NANO = 10**DECIMALS
_DEEP = 100
_EXACT = Context(prec=120)
_ONE, _ZERO = Decimal(1), Decimal(0)


class Exact(Decimal):
    """A quantity that also knows its `count` of the whole units that evaluators work in (fen for money; `units.scale`)."""

    __slots__ = ("count",)
    count: int | Fraction

    @classmethod
    def of(cls, number: Decimal, factor: int) -> Exact:
        """`number` base units, `factor` whole units each."""
        made = cls(number)
        product = _EXACT.multiply(number, factor)
        whole = int(product)
        made.count = whole if whole == product else Fraction(product)
        return made

    @classmethod
    def nano(cls, number: int, factor: int) -> Exact:
        """`number` parts of the finest that a quantity may have, in the canonical form; `factor` whole units each base unit."""
        whole, rest = divmod(number, _NANO)
        if not rest:
            made = cls(whole)
            made.count = whole * factor
            return made
        made = cls(Decimal(number).scaleb(-DECIMALS, _EXACT).normalize(_EXACT))
        units = number * factor
        made.count = Fraction(units, _NANO) if units % _NANO else units // _NANO
        return made

    def __copy__(self) -> Exact:
        return self

    def __deepcopy__(self, memo: dict[int, Any] | None) -> Exact:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (str(self), self.count)


def _restored(text: str, count: int | Fraction) -> Exact:
    made = Exact(text)
    made.count = count
    return made


def quantity(dimension: Dimension, signed: bool = False) -> Callable[[Any], Exact]:
    """Reads exact decimals of base units of `dimension`."""
    factor = scale(dimension)
    decimal = _decimal(dimension, signed)

    def read(value: Any) -> Exact:
        return Exact.of(decimal(value), factor)

    return read


def _decimal(dimension: Dimension, signed: bool) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        if isinstance(value, str):
            try:
                number, unit, whole = measure(value)
            except QuantityFault as fault:
                raise _fault(fault) from None
            if unit is not None and unit.dimension != dimension and not unit.bare:
                raise _wrong_unit(value, dimension, unit.dimension)
            if whole and number < LIMIT:
                return number
        elif value.__class__ is int:
            number = _whole(value)
        else:
            number = _number(value)
        return _within(number, value, signed)

    return read


def _within(number: Decimal, value: object, signed: bool) -> Decimal:
    """`number` in its one canonical form: no exponent, no zeros at the end."""
    if number < 0 and not signed:
        raise _no("negative", value, " 是负数", " is negative", _NOT_NEGATIVE)
    if not -LIMIT < number < LIMIT:
        raise _no("range", value, " 太大", " is too large", _TOO_LARGE)
    exponent = number.as_tuple().exponent
    if exponent == 0:
        return number or _ZERO
    if isinstance(exponent, int) and exponent > -_DEEP:
        number = number.normalize(_EXACT)
    places = number.as_tuple().exponent
    assert isinstance(places, int)
    if places > 0:
        return number.quantize(_ONE, context=_EXACT)
    if places < -DECIMALS:
        raise _no("decimals", value, " 的小数位太多", " has too many decimals", _TOO_FINE)
    return number or _ZERO


def _no(code: LiteralString, value: object, zh: str, en: str, help: Text | None = None) -> PydanticCustomError:  # noqa: A002
    found = shown(value)
    return refuse(code, Text(found.zh + zh, found.en + en), help)


_NOT_NEGATIVE = Text("应为零或正数", "zero or more is expected")
_TOO_LARGE = Text("换算成基本单位后应小于 10 的 20 次方", "in base units it must be below 10 to the power of 20")
_TOO_FINE = Text(f"换算成基本单位后最多 {DECIMALS} 位小数", f"in base units, {DECIMALS} decimal places at most")


def _fault(fault: QuantityFault) -> PydanticCustomError:
    match fault.code:
        case "too-long":
            return refuse("too-long", fault.message, fault.help)
        case "unknown-unit":
            return refuse("unknown-unit", fault.message, fault.help)
        case _:
            return refuse("number", fault.message, fault.help)


def _wrong_unit(value: object, wanted: Dimension, found: Dimension) -> PydanticCustomError:
    need, has = dimension_name(wanted), dimension_name(found)
    message = Text(f"{quote(value)} 是{has.zh}", f"{quote(value)} is {has.en}")
    return refuse("unit", message, Text(f"此处应为{need.zh}", f"{need.en} is expected here"))


def _number(value: Any) -> Decimal:
    """A number of a Python program: Decimal, a float as its shortest text, what numpy and pandas make of these."""
    if value is True or value is False:
        raise _not_a_number(value)
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, float):
        number = Decimal(float.__repr__(value))
    elif isinstance(value, Integral):
        number = _whole(int(value))
    elif isinstance(value, Fraction):
        number = LIMIT if value >= LIMIT else -LIMIT if value <= -LIMIT else _nano(value)
        if abs(number) < LIMIT and Fraction(number) != value:
            raise _no("decimals", value, " 的小数位太多", " has too many decimals", _TOO_FINE)
    elif isinstance(value, Real):
        number = Decimal(float.__repr__(float(value)))
    else:
        raise _not_a_number(value)
    if not number.is_finite():
        raise _not_a_number(value)
    return number


def _nano(value: Fraction) -> Decimal:
    """`value`, cut to the decimals that a quantity may have."""
    return Decimal(value.numerator * _NANO // value.denominator).scaleb(-DECIMALS, _EXACT)


def _whole(value: int) -> Decimal:
    """An int as it is, or one out of range where it is: a long int is slow to convert."""
    return Decimal(value) if -_MOST < value < _MOST else LIMIT.copy_sign(Decimal(-1 if value < 0 else 1))


def _not_a_number(value: object) -> PydanticCustomError:
    return _no("number", value, " 不是数字", " is not a number", WRITE)


def integer(value: Any) -> int:
    """Reads counts: whole and not negative."""
    number = _COUNT(value)
    if number != number.to_integral_value() or number >= 10**15:
        help_ = Text("应为零或正整数", "a whole number from zero is expected")
        raise _no("integer", value, " 不是整数", " is not a whole number", help_)
    return int(number)


_COUNT = quantity(PURE)


def year(value: Any) -> int:
    """Reads years between 1990 and 2100."""
    low, high = YEARS
    found = -1
    if isinstance(value, str):
        found = int(value) if re.fullmatch(r"\s*[0-9]{4}\s*", value, re.ASCII) else -1
    elif isinstance(value, Integral) or (isinstance(value, float) and value.is_integer()):
        found = int(value)
    if low <= found <= high:
        return found
    raise _no("year", value, " 不是年份", " is not a year", Text(f"应为 {low} 至 {high} 年", f"from {low} to {high}"))
