"""The text of a notice taken apart by plain rules: its clauses, the figures in each with what they seem to be, its particulars.

Nothing is understood here. A figure is called a rate, a cap or a threshold after the words beside it, for a person to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from conggao.engine.rulebook.figures import Figure, dates, figures
from conggao.facts.units import MONEY

Role = Literal["rate", "cap", "threshold", "amount", "share"]

_NUMERAL = "零〇一二三四五六七八九十百"
_DIGITS: dict[str, int] = {**{sign: value for value, sign in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_MARKS = (
    ("chapter", re.compile(rf"^第([{_NUMERAL}]+)[章节编]\s*")),
    ("article", re.compile(rf"^第([{_NUMERAL}]+|\d+)条\s*")),
    ("bracket", re.compile(rf"^[（(]([{_NUMERAL}]+)[）)]\s*")),
    ("comma", re.compile(rf"^([{_NUMERAL}]+)[、.．]\s*")),
    ("number", re.compile(r"^(\d{1,2})[.．、](?!\d)\s*")),
    ("inner", re.compile(r"^[（(](\d{1,2})[）)]\s*")),
)
"""How clauses are numbered, in the order in which they are tried."""
_LEAP = 3
"""How many numbers may be missing before a number is not taken for that of a clause: the text of a page may have lost a line."""
_CAP = re.compile(r"(不超过|不高于|最高|以内|至多|上限|限额|封顶|累计|可提高至|提高到)[^，。；]{0,12}$")
_CAP_AFTER = re.compile(r"^[^，。；]{0,4}(以内|封顶|为限|上限)")
_LEAST = re.compile(r"(?<!不)(超过|不低于|不少于|达到|高于|大于|满)[^，。；]{0,4}$")
_LEAST_AFTER = re.compile(r"^\s*(及?以上|（含）以上|\(含\)以上)")
_SHARE = re.compile(r"(承担|分担|负担|配套|按比例)[^，。；]{0,4}$")
_NEAR = 16
"""Characters beside a figure that say what it is."""
_LONGEST_HEADING = 24
_LONGEST_CONTEXT = 60
_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,12}[〔\[［（(]\s*\d{4}\s*[〕\]］）)]\s*\d+\s*号")
_TITLE = re.compile(r"《([^《》]{4,60})》")
_DAY = r"(\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)"
_BEGINS = re.compile(rf"自\s*{_DAY}\s*起?\s*(?:施行|实施|执行|生效)")
_ENDS = re.compile(rf"(?:有效期(?:至|到)|执行至|至)\s*{_DAY}\s*(?:止)?")
_CONFLICT = re.compile(r"[^。；）]*(?:从高|就高|不重复|不得重复|不再重复|择一)[^。；]*")


@dataclass(frozen=True, slots=True)
class Found:
    """A figure of a clause, what it seems to be, and the words around it."""

    figure: Figure
    role: Role
    context: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A numbered part of the text. `mark` is its number as written, `text` all that follows, `depth` 1 for a chapter."""

    mark: str
    number: int
    heading: str
    text: str
    depth: int
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What was found of a whole text; a particular that was not found is empty."""

    clauses: tuple[Clause, ...]
    title: str
    number: str
    begins: str
    ends: str
    conflict: str
    """The sentence about other support, as written."""


def read_notice(text: str) -> Notice:
    """The clauses and particulars of a text; any text gives a notice, if only one without clauses."""
    whole = "".join(line.strip() for line in text.splitlines())
    title = _TITLE.search(whole)
    number = next(filter(None, map(_NUMBER.search, text.splitlines())), None)
    begins, ends, conflict = _BEGINS.search(whole), _ENDS.search(whole), _CONFLICT.search(whole)
    return Notice(
        clauses=tuple(_clauses(text)),
        title=title.group(1).strip() if title else "",
        number=re.sub(r"\s+", "", number.group()) if number else "",
        begins=_day(begins),
        ends=_day(ends),
        conflict=conflict.group().strip() if conflict else "",
    )


def _day(match: re.Match[str] | None) -> str:
    """The date that was found, where there is such a day."""
    for text in dates(match.group(1)) if match else ():
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            continue
    return ""


def _clauses(text: str) -> Iterator[Clause]:
    parts: list[tuple[str, int, int, list[str]]] = []
    last: dict[str, int] = {}
    open_kinds: list[str] = []
    for line in (raw.strip() for raw in text.splitlines()):
        opened = _opened(line, last)
        if opened is not None:
            kind, value, mark, rest = opened
            if kind in open_kinds:
                del open_kinds[open_kinds.index(kind) :]
            open_kinds.append(kind)
            last[kind] = value
            parts.append((mark, value, len(open_kinds), [rest]))
        elif parts:
            parts[-1][3].append(line)
    return (_clause(mark, number, depth, "".join(lines)) for mark, number, depth, lines in parts)


def _opened(line: str, last: dict[str, int]) -> tuple[str, int, str, str] | None:
    """The kind and number of the clause that a line opens, its mark, and the rest of the line; None where it opens none."""
    for kind, pattern in _MARKS:
        match = pattern.match(line)
        if match is not None:
            value = value_of(match.group(1))
            before = last.get(kind, 0)
            if value == 1 or before < value <= before + _LEAP:
                return kind, value, match.group().strip(), line[match.end() :]
    return None


def value_of(numeral: str) -> int:
    """The number that digits or a Chinese numeral below a thousand mean: 十二 is 12, 一百零五 is 105."""
    if numeral.isdigit():
        return int(numeral)
    total = current = 0
    for sign in numeral:
        if sign in "十百":
            total += (current or 1) * (10 if sign == "十" else 100)
            current = 0
        else:
            current = current * 10 * (current > 0) + _DIGITS[sign]
    return total + current


def _clause(mark: str, number: int, depth: int, body: str) -> Clause:
    found = tuple(
        Found(figure, _role(figure, body), _context(figure, body)) for figure in figures(body) if figure.value
    )
    title = body.partition("。")[0]
    short = title if len(title) <= _LONGEST_HEADING else re.split("[，,；;：:（(]", title)[0][:_LONGEST_HEADING]
    return Clause(mark, number, short.strip(), body, depth, found)


def _role(figure: Figure, body: str) -> Role:
    end = figure.start + len(figure.text)
    before, after = body[max(0, figure.start - _NEAR) : figure.start], body[end : end + _NEAR]
    money = figure.dimension == MONEY
    if _LEAST_AFTER.match(after) or (_LEAST.search(before) and not _CAP.search(before)):
        return "threshold"
    if "%" in figure.text and _SHARE.search(before):
        return "share"
    if "%" in figure.text or "％" in figure.text or "/" in figure.text:
        return "rate"
    if money and (_CAP.search(before) or _CAP_AFTER.match(after)):
        return "cap"
    return "amount" if money else "threshold"


def _context(figure: Figure, body: str) -> str:
    """The part of the sentence that holds the figure."""
    start = max(max(body.rfind(sign, 0, figure.start) for sign in "。；") + 1, figure.start - _LONGEST_CONTEXT)
    ends = [at for sign in "。；，" if (at := body.find(sign, figure.start + len(figure.text))) >= 0]
    return body[start : min(ends, default=len(body))].strip()[: 2 * _LONGEST_CONTEXT]
