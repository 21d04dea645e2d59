"""The answers that make up a page's front matter: each read from what a person types, or refused with what is expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TypeVar

from conggao.engine.authoring.drafting import Conflict
from conggao.engine.rulebook.figures import dates
from conggao.engine.rulebook.model import Level
from conggao.facts.diagnostics import Text, did_you_mean
from conggao.facts.words import other_level

T = TypeVar("T")

LEVELS: Mapping[str, Level] = {
    "national": "national", "region": "region", "city": "city",
    "国家": "national", "国家级": "national", "自治区": "region", "自治区级": "region", "省": "region", "省级": "region",
    "市": "city", "市级": "city",
}  # fmt: skip
CONFLICTS: Mapping[str, Conflict] = {"top_up": "top_up", "exclude": "exclude", "unseen": "unseen", "未见": "unseen"}
AGAINST: tuple[Level, ...] = ("national", "region", "city")

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BETWEEN = re.compile(r"[,，、;；]\s*")


class Wrong(ValueError):  # noqa: N818 - says what an answer is
    """An answer that cannot be taken: what is wrong with it, and what would be right."""

    def __init__(self, message: Text, help: Text | None = None) -> None:  # noqa: A002
        super().__init__(message.en)
        self.message, self.help = message, help


def said(answer: str) -> str:
    """Any text but an empty one. Raises Wrong."""
    if not answer:
        raise Wrong(Text("这一项必须写", "this one is required"))
    return answer


def identifier(taken: Collection[str]) -> Callable[[str], str]:
    """Reads the id of a policy: lower-case letters and digits, joined by hyphens, and none of `taken`."""

    def read(answer: str) -> str:
        said(answer)
        if not _ID.fullmatch(answer):
            raise Wrong(
                Text(f"`{answer}` 不能作编号", f"`{answer}` cannot be an id"),
                Text("用小写英文、数字和连字符", "use lower-case letters, digits and hyphens"),
            )
        if answer in taken:
            raise Wrong(Text(f"已有政策 `{answer}`", f"there is a policy `{answer}` already"))
        return answer

    return read


def one_of(known: Mapping[str, T]) -> Callable[[str], T]:
    """Reads one of the words of `known`, case aside."""

    def read(answer: str) -> T:
        value = known.get(answer.casefold())
        if value is None:
            options = Text("可写：" + "、".join(known), "one of: " + ", ".join(known))
            message = Text(f"不认识 `{answer}`", f"`{answer}` is not known")
            level = other_level(answer) if "national" in known else None
            raise Wrong(message, level or did_you_mean(answer, known) or options)
        return value

    return read


def listed(answer: str) -> tuple[str, ...]:
    """Words separated by commas, Chinese or English."""
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(answer) if part.strip()))


def levels(answer: str) -> tuple[Level, ...]:
    """Levels separated by commas, at least one. Raises Wrong."""
    found = tuple(dict.fromkeys(one_of(LEVELS)(part) for part in listed(answer)))
    if not found:
        raise Wrong(Text("至少写一个层级", "give at least one level"))
    return found


def required_day(answer: str) -> date:
    """A day: `2024-06-01` or 2024年6月1日. Raises Wrong."""
    try:
        return date.fromisoformat((dates(answer) or [answer])[0])
    except ValueError:
        message = Text(f"`{answer}` 不是日期", f"`{answer}` is not a date") if answer else None
        missing = Text("这一项必须写", "this one is required")
        raise Wrong(message or missing, Text("写作 `2024-06-01`", "write `2024-06-01`")) from None


_ASSUMED = re.compile(r"(?:未见|unseen|not seen)[\s,，:：]*", re.IGNORECASE)


def beginning(answer: str) -> tuple[date, bool]:
    """A day, and whether it was seen: `未见 2024-06-01` or `unseen 2024-06-01` is one that is assumed. Raises Wrong."""
    unseen = _ASSUMED.match(answer)
    try:
        return required_day(answer[unseen.end() :] if unseen else answer), unseen is None
    except Wrong as wrong:
        hint = Text(
            "写作 `2024-06-01`；施行日未见的写 `未见 2024-06-01`，即假定自这一天起，页上会注明",
            "write `2024-06-01`; where it was not seen, `unseen 2024-06-01`: it is assumed to begin then, and the page says so",
        )
        raise Wrong(wrong.message, hint) from None


def optional_day(begins: date | None) -> Callable[[str], date | None]:
    """Reads a day that is not before `begins`; nothing for an empty answer."""

    def read(answer: str) -> date | None:
        if not answer:
            return None
        day = required_day(answer)
        if begins is not None and day < begins:
            raise Wrong(Text("截止日早于施行日", "the end is before the beginning"))
        return day

    return read
