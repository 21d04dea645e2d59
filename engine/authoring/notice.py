"""The text of a notice taken apart by plain rules: its clauses, the figures in each with what they seem to be, its particulars.

Nothing is understood here. A figure is called a rate, a cap or a threshold after the words beside it, for a person to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from conggao.engine.rulebook.figures import Figure, dates, figures, ratios
from conggao.facts.units import MONEY, PURE

Role = Literal["rate", "cap", "threshold", "amount", "share", "deferred", "term"]

_NUMERAL = "零〇一二三四五六七八九十百"
_DIGITS: dict[str, int] = {**{sign: value for value, sign in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_MARKS = (
    ("chapter", re.compile(rf"^第([{_NUMERAL}]{{1,8}})[章节编]\s*")),
    ("article", re.compile(rf"^第([{_NUMERAL}]{{1,8}}|\d{{1,4}})条\s*")),
    ("bracket", re.compile(rf"^[（(]([{_NUMERAL}]{{1,8}})[）)]\s*")),
    ("comma", re.compile(rf"^([{_NUMERAL}]{{1,8}})[、.．]\s*")),
    ("number", re.compile(r"^(\d{1,2})[.．、](?!\d)\s*")),
    ("inner", re.compile(r"^[（(](\d{1,2})[）)]\s*")),
)
"""How clauses are numbered, in the order in which they are tried."""
_LEAP = 3
"""How many numbers may be missing before a number is not taken for that of a clause: the text of a page may have lost a line."""
_CAP = re.compile(r"(不超过|不高于|最高|以内|至多|上限|限额|封顶|累计|可提高至|提高到)[^，,。；;]{0,12}$")
_CAP_AFTER = re.compile(r"^[^，,。；;]{0,4}(以内|封顶|为限|上限)")
_LEAST = re.compile(r"(?<!不)(超过|突破|不低于|不少于|达到|高于|大于|满)[^，,。；;]{0,4}$")
_LEAST_AFTER = re.compile(r"^\s*(及?以上|（含）以上|\(含\)以上)")
_SHARE = re.compile(r"(承担|分担|负担|配套|按比例)[^，,。；;]{0,4}$")
_EACH = re.compile(r"每(平方米|立方米|千瓦时|吨|度|亩|人|台|套|件)[^，,。；;]{0,4}$")
_PAID = "(?:兑现|兑付|拨付|发放|支付|补足)"
_PART = re.compile("(其中|剩余|其余|余下|余额|另)[^。；;]{0,16}$")
_LATER = re.compile(f"^[^，,。；;]{{0,4}}(待|在|于|俟|经|视)[^。；;]{{0,40}}{_PAID}")
_IN_PARTS = re.compile(f"(先|先行|首次|首期|分期|预先|再|再行|后续){_PAID}[^，,。；;]{{0,4}}$|预拨[^，,。；;]{{0,4}}$")
_STAGED = re.compile(f"分[两{_NUMERAL}0-9]{{1,2}}(年|期|次|批)[^，,。；;]{{0,6}}$")
"""A share of a payment that is paid at another time: a manner of paying, not a payment of its own."""
_TERM_AFTER = re.compile(r"^\s*(个?月|年|日|天|个?工作日)")
"""How long something lasts."""
_NEAR = 16
"""Characters beside a figure that say what it is."""
_SENTENCE = 200
"""Characters of a sentence looked at on each side."""
_LONGEST_HEADING = 24
_LONGEST_CONTEXT = 60
_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,12}[〔\[［（(]\s*\d{4}\s*[〕\]］）)]\s*\d+\s*号")
_TITLE = re.compile(r"《([^《》]{4,60})》")
_HEADED = re.compile(r"^[^，。；：:]{2,50}(措施|办法|政策|意见|规定|细则|方案)(（[^）]*）)?$")
_TOP = 40
"""Lines among which the title stands."""
_DAY = r"(\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)"
_BEGINS = re.compile(rf"自\s*{_DAY}\s*起?\s*(?:施行|实施|执行|生效)")
_ENDS = re.compile(rf"(?:有效期(?:至|到)|执行至|至)\s*{_DAY}\s*(?:止)?")
_CONFLICT = re.compile("从高|就高|不重复|不得重复|不再重复|择一")


@dataclass(frozen=True, slots=True)
class Found:
    """A figure of a clause, what it seems to be, and the words around it."""

    figure: Figure
    role: Role
    context: str
    at_most: bool = False
    """Whether the words before it say that it is the most: of a rate, that an authority decides below it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A numbered part of the text. `mark` is its number as written, `text` all that follows, `depth` 1 for a chapter."""

    mark: str
    number: int
    within: int | None
    """The number of the article or bracket that it is a part of."""
    heading: str
    text: str
    depth: int
    found: tuple[Found, ...]
    ratios: tuple[tuple[str, str], ...] = ()
    """Each ratio, such as `1:1`, with the words around it: no figure, and nothing is proposed of it."""


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
    lines = [line.strip() for line in text.splitlines()]
    headed = next((line for line in lines[:_TOP] if _HEADED.search(line) and "《" not in line), "")
    quoted = _TITLE.search(whole)
    number = next(filter(None, map(_NUMBER.search, text.splitlines())), None)
    begins, ends = _BEGINS.search(whole), _ENDS.search(whole)
    clauses = tuple(_clauses(text))
    said = next((item.text for item in clauses if _CONFLICT.search(item.text)), whole)
    conflict = _CONFLICT.search(said)
    return Notice(
        clauses=clauses,
        title=headed or (quoted.group(1).strip() if quoted else ""),
        number=re.sub(r"\s+", "", number.group()) if number else "",
        begins=_day(begins),
        ends=_day(ends),
        conflict=_around(said, conflict.start()) if conflict else "",
    )


def _around(text: str, at: int) -> str:
    """The sentence that holds the character `at`, or what of it is near."""
    first = max(text.rfind(sign, max(0, at - _SENTENCE), at) for sign in "。；）")
    ends = [end for sign in "。；）" if (end := text.find(sign, at, at + _SENTENCE)) >= 0]
    start = first + 1 if first >= 0 else max(0, at - _SENTENCE)
    return text[start : min(ends, default=at + _SENTENCE)].strip()


def _day(match: re.Match[str] | None) -> str:
    """The date that was found, where there is such a day."""
    for text in dates(match.group(1)) if match else ():
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            continue
    return ""


def _clauses(text: str) -> Iterator[Clause]:
    parts: list[tuple[str, int, int | None, int, list[str]]] = []
    last: dict[str, int] = {}
    open_kinds: list[str] = []
    for line in (raw.strip() for raw in text.splitlines()):
        opened = _opened(line, last)
        if opened is not None:
            kind, value, mark, rest = opened
            if kind in open_kinds:
                del open_kinds[open_kinds.index(kind) :]
            outer = open_kinds[-1] if open_kinds else ""
            within = last[outer] if outer in ("article", "bracket") else None
            open_kinds.append(kind)
            last[kind] = value
            parts.append((mark, value, within, len(open_kinds), [rest]))
        elif parts:
            parts[-1][4].append(line)
    return (_clause(mark, number, within, depth, "".join(lines)) for mark, number, within, depth, lines in parts)


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


def _clause(mark: str, number: int, within: int | None, depth: int, body: str) -> Clause:
    title = body.partition("。")[0]
    short = title if len(title) <= _LONGEST_HEADING else re.split("[，,；;：:（(]", title)[0]
    cut = short if len(short) <= _LONGEST_HEADING else short[:_LONGEST_HEADING] + "…"
    told = tuple((text, _context(start, start + len(text), body)) for text, start in ratios(body))
    return Clause(mark, number, within, cut.strip(), body, depth, tuple(_found(body)), told)


def _found(body: str) -> Iterator[Found]:
    """The figures of a clause; one that is listed after another (1 亿元、5 亿元) is what that one is."""
    role: Role | None = None
    end = 0
    for figure in figures(body):
        if not figure.value:
            continue
        if role is None or body[end : figure.start].strip() not in ("、", "或", "和", "及", "，"):
            role = _role(figure, body)
        end = figure.start + len(figure.text)
        before = body[max(0, figure.start - _NEAR) : figure.start]
        yield Found(figure, role, _context(figure.start, end, body), bool(_CAP.search(before)))


def _role(figure: Figure, body: str) -> Role:
    end = figure.start + len(figure.text)
    before, after = body[max(0, figure.start - _NEAR) : figure.start], body[end : end + _NEAR]
    money = figure.dimension == MONEY
    if _LEAST_AFTER.match(after) or (_LEAST.search(before) and not _CAP.search(before)):
        return "threshold"
    percent = "%" in figure.text or "％" in figure.text
    later = _PART.search(before) and _LATER.match(body[end : end + _LONGEST_CONTEXT])
    if (percent and (later or _IN_PARTS.search(before))) or _STAGED.search(before):
        return "deferred"
    if figure.dimension == PURE and not percent and _TERM_AFTER.match(after):
        return "term"
    if "%" in figure.text and _SHARE.search(before):
        return "share"
    if percent or "/" in figure.text or (money and _EACH.search(before)):
        return "rate"
    if money and (_CAP.search(before) or _CAP_AFTER.match(after)):
        return "cap"
    return "amount" if money else "threshold"


def _context(begin: int, end: int, body: str) -> str:
    """The part of the sentence that holds the figure between two places."""
    near = max(0, begin - _LONGEST_CONTEXT)
    start = max([near, *(body.rfind(sign, near, begin) + 1 for sign in "。；")])
    ends = [at for sign in "。；;，," if (at := body.find(sign, end, end + _LONGEST_CONTEXT)) >= 0]
    return body[start : min(ends, default=end + _LONGEST_CONTEXT)].strip()
