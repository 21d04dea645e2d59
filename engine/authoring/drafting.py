"""A new page: front matter from a notice's particulars, and a skeleton under a heading for every clause of its text.

A draft restates nothing: what stands in the notice is quoted in comments, which do not count, and every one of them is a gap that
`policy check` reports until a person has written the restatement and the rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from string import ascii_lowercase
from typing import Literal

from conggao.engine.authoring.comparing import scalar
from conggao.engine.authoring.notice import Clause, Found, Notice
from conggao.engine.rulebook.model import Level

Conflict = Literal["top_up", "exclude", "unseen"]

_ODD = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_UNSEEN = {
    "number": ("文号", "its number"),
    "issuer": ("发文机关", "its issuer"),
    "ends": ("截止日", "its end"),
    "conflict": ("冲突条款", "a clause on conflicts"),
}
UNSEEN_WORD = "未见"


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the front matter says of a notice. Empty: not seen (number, issuer), anywhere (places), no end seen (ends).

    `begins` is assumed where `begins_seen` says so.
    """

    id: str
    title: str
    title_en: str
    level: Level
    begins: date
    number: str = ""
    issuer: str = ""
    places: tuple[str, ...] = ()
    ends: date | None = None
    begins_seen: bool = True
    conflict: Conflict = "unseen"
    against: tuple[Level, ...] = ("national", "region", "city")


def drafted(particulars: Particulars, notice: Notice | None = None) -> str:
    """The text of a page that checks: its front matter, and a heading with a gap for every clause of `notice`, or for a first one."""
    titles = dict.fromkeys(_heading(title) for title in (particulars.title, particulars.title_en))
    parts = [_front(particulars), f"# {' '.join(titles)}"]
    if len(titles) == 1:
        parts.append(_gap("英文标题 / the title in English", "title: {…, en: …}"))
    if notice is None or not notice.clauses:
        parts += [
            "## （一）",
            _gap("复述第一条并写规则 / restate the first clause and write its rule", _skeleton("1", Payment())),
        ]
        return "\n\n".join(parts) + "\n"
    if notice.conflict:
        parts.append(_gap("核对冲突条款 / compare the clause on conflicts", f"原文：{notice.conflict}"))
    depths = sorted({clause.depth for clause in notice.clauses})
    taken: set[str] = set()
    for clause, following in zip(notice.clauses, [*notice.clauses[1:], None], strict=True):
        level = min(6, 2 + depths.index(clause.depth))
        space = "" if clause.mark.endswith(("）", "、")) else " "
        parts.append(f"{'#' * level} {clause.mark}{space}{_heading(clause.heading)}".rstrip())
        above = following is not None and following.depth > clause.depth and len(clause.text) <= _SHORT
        if clause.found or not (above or "。" not in clause.text):
            parts.append(_clause_gap(clause, taken))
    return "\n\n".join(parts) + "\n"


def _front(given: Particulars) -> str:
    unseen = [
        _UNSEEN[key]
        for key, seen in (
            ("number", given.number),
            ("issuer", given.issuer),
            ("ends", given.ends),
            ("conflict", given.conflict != "unseen"),
        )
        if not seen
    ]
    lines = [
        f"policy: {given.id}",
        f"title: {{zh: {_said(given.title)}, en: {_said(given.title_en)}}}",
        f"number: {_said(given.number or UNSEEN_WORD)}",
        f"issuer: {_said(given.issuer or UNSEEN_WORD)}",
        f"level: {given.level}",
    ]
    if given.places:
        lines.append(f"place: [{', '.join(_said(place) for place in given.places)}]")
    lines.append(f"in_force: {given.begins} .. {given.ends or ''}".rstrip())
    if given.conflict != "unseen":
        against = ", ".join(given.against)
        lines.append(f"conflicts: {{principle: highest, against: [{against}], received: {given.conflict}}}")
    readings = []
    if unseen:
        zh, en = "、".join(zh for zh, _ in unseen), ", ".join(en for _, en in unseen)
        readings += [f"  - zh: {zh}未见。", f"    en: Not seen, {en}."]
    if not given.begins_seen:
        zh, en = (
            f"施行日未见，假定自 {given.begins} 起。",
            f"The day it begins was not seen; {given.begins} is assumed.",
        )
        readings += [f"  - zh: {zh}", f"    en: {en}"]
    if readings:
        lines += ["interpretation:", *readings]
    return "---\n" + "\n".join(lines) + "\n---"


def _clause_gap(clause: Clause, taken: set[str]) -> str:
    count = len(clause.found)
    told = [f"{ratio}（比，不算数字；规则里写百分比）：{context}" for ratio, context in clause.ratios]
    if not count:
        said = f"{clause.mark} 复述；没有数字 / restate {clause.mark}: no figures were found"
        original = "\n".join([f"原文：{clause.text[:_LONGEST]}", *told])
        return _gap(said, f"{original}\n\n{_SERVICE.format(id=_name(clause, taken))}")
    figures = "1 figure" if count == 1 else f"{count} figures"
    said = f"{clause.mark} 复述并写规则，有 {count} 个数字 / restate {clause.mark} and write its rule: {figures}"
    listed = [f"{item.figure.text}（{_ROLES[item.role]}）：{item.context}" for item in clause.found]
    rules: list[str] = []
    others: list[Found] = []
    for _, together in groupby(clause.found, key=lambda item: len(_END.findall(clause.text, 0, item.figure.start))):
        sentence = list(together)
        steps = _steps(sentence)
        if steps is None:
            others += sentence
            continue
        rules += [_skeleton(_name(clause, taken), payment) for payment in payments(others) if others]
        rules.append(_tiers(_name(clause, taken), *steps))
        others = []
    if others or not rules:
        rules += [_skeleton(_name(clause, taken), payment) for payment in payments(others)]
    return _gap(said, "\n".join(["找到的数字：", *listed, *told]) + "\n\n" + "\n\n".join(rules))


_END = re.compile("[。；;]")
"""What ends a sentence."""
_LONGEST = 200
_SHORT = 40
"""Characters of a clause that does no more than head those below it."""
_ROLES = {
    "rate": "比例或单价",
    "cap": "上限",
    "threshold": "门槛",
    "amount": "金额",
    "share": "承担比例",
    "deferred": "分期兑现，不是另一项措施",
    "term": "期限，不是门槛",
}
_SERVICE = (
    "```measure\nid: {id}\ntitle: {{zh: …, en: …}}\nsubject: enterprise\nlines: []\nservice: {{zh: …, en: …}}\n```"
)


def _name(clause: Clause, taken: set[str]) -> str:
    """The number of the clause, `4-1` for the first part of an article; `8b` where `8` is taken."""
    own = str(clause.number) if clause.within is None else f"{clause.within}-{clause.number}"
    names = [own, *(f"{own}{letter}" for letter in ascii_lowercase[1:])]
    name = next((name for name in names if name not in taken), f"{own}-{len(taken)}")
    taken.add(name)
    return name


@dataclass(slots=True)
class Payment:
    """Figures that seem to belong to one payment: at most one of `pays` (a rate or an amount) and its cap, with what is asked for it."""

    pays: Found | None = None
    cap: Found | None = None
    thresholds: list[Found] = field(default_factory=list)
    shares: list[Found] = field(default_factory=list)
    deferred: list[Found] = field(default_factory=list)


def payments(found: Sequence[Found]) -> list[Payment]:
    """The figures of a clause in the order written, a payment beginning where a second rate, amount or cap comes; never none."""
    made = [Payment()]
    for item in found:
        last = made[-1]
        full = last.pays is not None if item.role in ("rate", "amount") else item.role == "cap" and last.cap is not None
        begun = item.role == "threshold" and (last.pays is not None or last.cap is not None)
        if full or begun or (item.role in ("rate", "amount") and last.cap is not None):
            last = Payment()
            made.append(last)
        match item.role:
            case "rate" | "amount":
                last.pays = item
            case "cap":
                last.cap = item
            case "threshold":
                last.thresholds.append(item)
            case "share":
                last.shares.append(item)
            case "deferred" | "term":
                last.deferred.append(item)
    return made


def _skeleton(id_: str, payment: Payment) -> str:
    """A measure with what was found in the keys it seems to belong to, the rest left open, and a case to go with it."""
    lines = [
        f"id: {id_}",
        "title: {zh: …, en: …}",
        "subject: enterprise   # enterprise project service park",
        "lines: […]",
        "when:",
    ]
    lines += [f"  - … ≥ {item.figure.text}" for item in payment.thresholds] or ["  - …"]
    pays, cap = payment.pays, payment.cap
    if pays is not None:
        key = "up_to" if pays.at_most else "pay"
        lines.append(f"{key}: {pays.figure.text}" + (" * …" if pays.role == "rate" else ""))
        lines += [f"cap: {cap.figure.text}"] if cap is not None else []
    else:
        lines.append("up_to: open" if cap is None else f"up_to: {cap.figure.text}")
    if payment.shares:
        lines.append("funding: {" + ", ".join(f"…: {item.figure.text}" for item in payment.shares) + "}")
    if any("一次性" in item.context for item in (pays, cap) if item is not None):
        lines.append("once: enterprise   # 一次性")
    if payment.deferred:
        lines.append(
            "not_modelled:   # 期限、分期兑现：不另作一项措施 how long, or when it is paid: no measure of its own"
        )
        lines += [f"  - {text}" for text in dict.fromkeys(_said(_phrase(item)) for item in payment.deferred)]
    case = "name: …\nas_of: …\ngiven: {}\nexpect: {" + id_ + ": …}"
    return "```measure\n" + "\n".join(lines) + f"\n```\n\n```case\n{case}\n```"


def _phrase(item: Found) -> str:
    """The words between commas that hold the figure, with the figures listed beside it."""
    whole = re.compile(rf"(?<![0-9.]){re.escape(item.figure.text)}(?![0-9.%％])")
    return next((part for part in re.split("[，,]", item.context) if whole.search(part)), item.context).strip()


def _steps(found: Sequence[Found]) -> tuple[list[Found], list[Found]] | None:
    """Thresholds and as many amounts after them, two or more, rising or falling, and nothing else: steps, from the lowest on."""
    found = [item for item in found if item.role not in ("deferred", "term")]
    half = len(found) // 2
    low, pays = list(found[:half]), list(found[half:])
    alike = {item.role for item in low} == {"threshold"} and {item.role for item in pays} == {"amount"}
    if half < 2 or len(low) != len(pays) or not alike:  # noqa: PLR2004 - one step is a condition
        return None
    values = [item.figure.value for item in low]
    if values == sorted(values, reverse=True):
        return low[::-1], pays[::-1]
    return low, pays


def _tiers(id_: str, low: Sequence[Found], pays: Sequence[Found]) -> str:
    """A table of steps to be checked, and a measure that reads it."""
    ends = [*(item.figure.text for item in low[1:]), ""]
    rows = [f"| {a.figure.text} | {b} | {c.figure.text} |" for a, b, c in zip(low, ends, pays, strict=True)]
    table = "\n".join(["| 不低于 | 低于 | 给予 |", "| --- | --- | --- |", *rows])
    lines = [f"id: {id_}", "title: {zh: …, en: …}", "subject: enterprise", "lines: […]", "tiers: 上年度.…"]
    if any("一次性" in item.context for item in pays):
        lines.append("once: enterprise   # 一次性")
    case = "name: …\nas_of: …\ngiven: {}\nexpect: {" + id_ + ": …}"
    return table + "\n\n```measure\n" + "\n".join(lines) + f"\n```\n\n```case\n{case}\n```"


def _gap(said: str, body: str) -> str:
    return f"<!-- 待填 TODO：{_comment(said)}\n\n{_comment(body)}\n-->"


def _comment(text: str) -> str:
    """`text` without what would end a comment, or what no document may hold."""
    return _ODD.sub("", text).replace("-->", "--＞")


def _heading(text: str) -> str:
    return " ".join(_ODD.sub(" ", text).split())


def _said(text: str) -> str:
    return scalar(_heading(text))
