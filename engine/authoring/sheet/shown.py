"""What a cell shows of a number or a date by its number format. What it does not show is not what its writer meant to say."""

from __future__ import annotations

import re
from decimal import Decimal

from conggao.facts.diagnostics import Text

DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""
_PLAIN = frozenset({"General", "@", ""})
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_PADDING = re.compile(
    r"_.|\*.|\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color\d+)\]|\[\$-[0-9A-Fa-f,]*\]", re.IGNORECASE
)
_FIGURE = re.compile(r"(-?)(\(?)[#0?,]*[#0?](?:\.([#0?]*))?(%?)(\)?)")


class NotShown(Exception):  # noqa: N818 - says what is wrong with a cell
    """The cell shows something else than the number that it holds."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def figure(value: float, form: str) -> str:
    """The number of a cell with this format as decimal text, with `%` where the cell shows one. Raises NotShown where it shows fewer
    decimals, another scale, a unit, a fraction, or where the number is the result of binary arithmetic.
    """
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or len(exact.normalize().as_tuple().digits) > DIGITS:
        raise NotShown(f"`{value!r}` 不是表格里看到的数", f"`{value!r}` is not the number that the sheet shows")
    if form in _PLAIN:
        return _decimal(exact)
    shape = _PADDING.sub("", _section(form, exact))
    literal = "".join(a or b for a, b in _LITERAL.findall(shape)).strip()
    shape = _LITERAL.sub("", shape).replace(" ", "")
    found = _FIGURE.fullmatch(shape)
    if literal or found is None or _scaled(shape):
        zh = f"单元格的格式 `{form}` 使它显示的不是 {_decimal(exact)}"
        raise NotShown(zh, f"with its format `{form}` the cell does not show {_decimal(exact)}")
    minus, opening, decimals, percent, closing = found.groups()
    if exact < 0 and ";" in form and form.split(";")[1] and not (minus or (opening and closing)):
        raise NotShown(
            f"单元格没有显示 {_decimal(exact)} 的负号", f"the cell does not show the sign of {_decimal(exact)}"
        )
    told = exact * 100 if percent else exact
    places = -int(told.normalize().as_tuple().exponent)
    if places > len(decimals or ""):
        zh = f"单元格只显示 {len(decimals or '')} 位小数，它的值是 {_decimal(told)}{percent}"
        raise NotShown(zh, f"the cell shows {len(decimals or '')} decimals of {_decimal(told)}{percent}")
    return f"{_decimal(told)}{percent}"


def shows_day(form: str) -> bool:
    """Whether a format of dates shows the day, the month and the year, so that nothing of the date was made up."""
    bare = re.sub(r"\[[^\]]*\]", "", _LITERAL.sub("", form)).casefold()
    # A locale's own long date has no letters; `mm-dd-yy` is how files name the short date of wherever they are opened.
    return all(sign in bare for sign in "ymd")


def _decimal(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def _section(form: str, value: Decimal) -> str:
    """The part of a format that applies: for positive numbers, negative ones, and nought."""
    sections = _LITERAL.sub(lambda found: found.group().replace(";", "\0"), form).split(";")
    index = 1 if value < 0 else 2 if value == 0 else 0
    return (sections[index] if index < len(sections) else sections[0]).replace("\0", ";")


def _scaled(shape: str) -> bool:
    """Whether commas after the last digit divide by thousands."""
    return re.search(r",(?=\.|%|\)|$)", shape) is not None
