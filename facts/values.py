"""From what a document or a program says to the value of a fact: one reader a kind.

A scalar is its source text (`0610`, `true`) or a Python value. What cannot be read is refused (see refusals).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from numbers import Integral
from typing import Any

from pydantic_core import PydanticCustomError

from conggao.facts import credit_code
from conggao.facts.diagnostics import Text, did_you_mean, quote
from conggao.facts.quantities import YEARS
from conggao.facts.refusals import refuse, shown
from conggao.facts.words import LIST_NAMES, Words, lookup, other_level

Reader = Callable[[Any], Any]

LONGEST_TEXT = 200
LONGEST_ID = 64

_ID = re.compile(r"[^\s.:\x00-\x1f\x7f-\x9f]+")
_FLAGS = {"true": True, "是": True, "false": False, "否": False}
_BLANK_HELP = Text("不知道就整行不写，即为不明", "leave the line out where it is not known")


def flag(value: Any) -> bool:
    """Reads true and false."""
    if value is True or value is False:
        return value
    if isinstance(value, str):
        found = _FLAGS.get(value) if value in _FLAGS else _FLAGS.get(value.strip().casefold())
        if found is not None:
            return found
    item = getattr(value, "item", None)
    if item is not None and type(value).__name__ in ("bool_", "bool") and isinstance(item(), bool):
        return bool(item())
    seen = shown(value)
    message = Text(f"{seen.zh} 不是 `true` 或 `false`", f"{seen.en} is neither `true` nor `false`")
    raise refuse("flag", message, Text("应为 `true`（是）或 `false`（否）", "`true` (是) or `false` (否) is expected"))


def text(value: Any) -> str:
    """Reads one line of text."""
    if not isinstance(value, str) and isinstance(value, Integral) and value is not True and value is not False:
        value = str(value) if abs(int(value)) < 10**LONGEST_TEXT else "…" * (LONGEST_TEXT + 1)
    if not isinstance(value, str):
        seen = shown(value)
        raise refuse("text", Text(f"此处应是一行文字，而不是{seen.zh}", f"a line of text is expected, not {seen.en}"))
    found = value.strip()
    if not found:
        raise refuse("text", Text("此处是空的", "there is nothing here"), _BLANK_HELP)
    if len(found) > LONGEST_TEXT:
        most = Text(f"最多 {LONGEST_TEXT} 个字符", f"{LONGEST_TEXT} characters at most")
        raise refuse("too-long", Text(f"文字有 {len(found)} 个字符", f"the text has {len(found)} characters"), most)
    if not found.isprintable() and any(c != "\u3000" and not c.isprintable() for c in found):
        raise refuse("text", Text(f"{quote(found)} 含有不可见的字符", f"{quote(found)} holds invisible characters"))
    return str(found)


def identifier(value: Any) -> str:
    """Reads ids: no white space, no `.` and no `:`, since paths and subjects are made of them."""
    found = text(value)
    if len(found) > LONGEST_ID or _ID.fullmatch(found) is None:
        message = Text(f"{quote(found)} 不能作编号", f"{quote(found)} cannot be an id")
        raise refuse("id", message, Text(
            f"编号不含空格、`.` 和 `:`，最多 {LONGEST_ID} 个字符",
            f"an id has no white space, no `.`, no `:`, and {LONGEST_ID} characters at most",
        ))  # fmt: skip
    return found


def code(value: Any) -> str:
    """Reads unified social credit codes, small letters as capitals."""
    found = text(value).upper()
    wrong = credit_code.fault(found)
    if wrong is not None:
        raise refuse("credit-code", *wrong)
    return found


def industry(value: Any) -> str:
    """Reads codes of GB/T 4754: division (01–97, two digits), group (three), class (four); leading zeros stay."""
    found = text(value)
    if re.fullmatch("[0-9]{2,4}", found) and 1 <= int(found[:2]) <= 97:  # noqa: PLR2004 - the last division, T 97
        return found
    message = Text(f"{quote(found)} 不是行业代码", f"{quote(found)} is not an industry code")
    raise refuse("industry", message, Text(
        "应为 GB/T 4754 的 2 至 4 位数字，例如 `3421`、`0610`，不带门类字母",
        "2 to 4 digits of GB/T 4754 are expected, such as `3421` or `0610`, without the letter of the section",
    ))  # fmt: skip


def subject(value: Any) -> str:
    """Reads whose support it is: `enterprise`, `park`, `project:P1` or `service:S1`."""
    found = text(value)
    kind, colon, name = found.partition(":")
    if (found in ("enterprise", "park")) or (colon and kind in ("project", "service") and _ID.fullmatch(name)):
        return found
    message = Text(f"{quote(found)} 不是支持对象", f"{quote(found)} is not a subject")
    raise refuse("subject", message, Text(
        "应为 `enterprise`、`park`、`project:编号` 或 `service:编号`",
        "`enterprise`, `park`, `project:ID` or `service:ID` is expected",
    ))  # fmt: skip


def day(value: Any) -> date:
    """Reads dates between 1990 and 2100."""
    if isinstance(value, datetime) and value.time() == time(0):
        value = value.date()
    if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise _no_day(value, "日历上没有这一天", "the calendar has no such day") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _no_day(value, "日期写作 `2025-03-01`", "write a date as `2025-03-01`")
    if not YEARS[0] <= value.year <= YEARS[1]:
        raise _no_day(value, f"应在 {YEARS[0]} 至 {YEARS[1]} 年之间", f"between {YEARS[0]} and {YEARS[1]}")
    return value


def _no_day(value: object, zh: str, en: str) -> PydanticCustomError:
    seen = shown(value)
    return refuse("date", Text(f"{seen.zh} 不是可用的日期", f"{seen.en} is not a usable date"), Text(zh, en))


def word(table: str, words: Words) -> Reader:
    """Reads words of a closed list, by canonical name or label; gives the canonical name."""
    spellings = lookup(words)
    name = LIST_NAMES.get(table) or Text(f"`{table}` 中的词", f"word of `{table}`")

    def read(value: Any) -> str:
        found = spellings.get(value) if isinstance(value, str) else None
        if found is not None:
            return found
        wanted = text(value)
        found = spellings.get(wanted.casefold())
        if found is not None:
            return found
        known = [spelling for key, label in words.items() for spelling in (key, label.zh)]
        listed = Text("可写：" + "、".join(words), "one of: " + ", ".join(words))
        message = Text(f"{quote(wanted)} 不是已知的{name.zh}", f"{quote(wanted)} is not a known {name.en}")
        level = other_level(wanted) if name == LIST_NAMES["levels"] else None
        raise refuse("unknown-word", message, level or did_you_mean(wanted, known) or listed)

    return read
