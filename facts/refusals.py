"""How a reader says no: an error that carries its message and its help in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import LiteralString

from pydantic_core import PydanticCustomError

from conggao.facts.diagnostics import Text, quote


def refuse(
    code: LiteralString,
    message: Text,
    help: Text | None = None,  # noqa: A002
    first: int | None = None,
) -> PydanticCustomError:
    """The error a reader raises; `code` becomes `case/CODE`. `first` is the entry that a duplicate repeats."""
    context: dict[str, str | int] = {"zh": message.zh, "en": message.en}
    if first is not None:
        context["first"] = first
    if help is not None:
        context["help_zh"], context["help_en"] = help
    return PydanticCustomError(code, "{en}", context)


def shown(value: object) -> Text:
    """A value in a message, never as a program writes it."""
    if isinstance(value, bool):
        return Text("`true`", "`true`") if value else Text("`false`", "`false`")
    if value is None:
        return Text("空值", "nothing")
    if isinstance(value, list | tuple | set | frozenset):
        return Text("列表", "a list")
    if isinstance(value, dict):
        return Text("一组 `键: 值`", "a block of `key: value`")
    if isinstance(value, str | int | float | Decimal | Fraction | date):
        return Text(quote(bounded(value)), quote(bounded(value)))
    return Text("此处的值", "the value here")


def bounded(value: object) -> object:
    """A whole number too long to print is not printed."""
    return "…" if isinstance(value, int) and not -(10**60) < value < 10**60 else value
