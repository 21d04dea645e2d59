"""The official text of a notice: its clauses and their figures, from the text itself or from the data kept beside the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conggao.engine.rulebook.figures import Figure, check_dates, check_official, dates, figures
from conggao.engine.rulebook.model import Policy
from conggao.engine.rulebook.page import CLAUSE_MARK, LARGEST
from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.documents import read_yaml

_CLAUSE = re.compile(rf"^\s*{CLAUSE_MARK}", re.MULTILINE)
_UNLISTED = "数字应按条款号逐条列出", "the figures are to be listed by clause number"
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Official:
    """The figures of an official text by clause (`八`), and the dates it closes with."""

    name: str
    clauses: Mapping[str, tuple[Figure, ...]]
    closing: tuple[str, ...]


def read_source(path: Path) -> Official:
    """The figures of the notice whose text lies at `path` (UTF-8); raises InputFaults where it cannot be read or has no clauses."""
    try:
        if path.stat().st_size > LARGEST:
            raise _refusal(path, "文件太大", "the file is too large")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise _refusal(path, "无法读取官方文本", "the official text cannot be read") from None
    starts = list(_CLAUSE.finditer(text))
    if not starts:
        raise _refusal(
            path,
            "官方文本里没有行首写（一）或 (一) 的条款，无从逐条核对",
            "no line of the official text begins with （一） or (一): there is no clause to compare with",
            Text(
                "数字按（一）这一级逐条核对；编作 `一、`、`第一条`、`1.` 的，在文本副本里给与本页标题对应的各条冠以（一）（二）",
                "figures are compared at the level of （一）; where clauses are numbered `一、`, `第一条` or `1.`, put （一） before "
                "each of them in a copy of the text, as the headings of the page have it",
            ),
        )
    clauses: dict[str, tuple[Figure, ...]] = {}
    closing: list[str] = []
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        # Lines of the text break in the middle of sentences and of figures.
        body = text[match.end() : following.start() if following else len(text)].replace("\n", "")
        # Numbers that begin again in every part of a notice are one clause here, as they are of the page.
        clauses[match.group(1)] = (*clauses.get(match.group(1), ()), *figures(body))
        closing += dates(body)
    return Official(path.name, clauses, tuple(closing))


def figures_beside(page: Path) -> Path:
    """Where the figures of a page's official text are kept as data."""
    return page.with_suffix(".figures.yaml")


def read_figures(path: Path) -> Official:
    """The figures kept as data: a list for each clause number, and `closing` dates. Raises InputFaults."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise _refusal(path, "无法读取数字文件", "the figures cannot be read") from None
    document = read_yaml(text, path.name)
    clauses: dict[str, tuple[Figure, ...]] = {}
    closing: tuple[str, ...] = ()
    if not isinstance(document.data, Mapping):
        raise _refusal(path, *_UNLISTED)
    for key, value in document.data.items():
        if key != "closing" and not str(key).isdigit():
            continue
        if not isinstance(value, list | None):
            raise _refusal(path, *_UNLISTED)
        if key == "closing":
            closing = tuple(str(item) for item in value or ())
        else:
            clauses[numeral(int(key))] = tuple(figure for item in value or () for figure in figures(str(item)))
    return Official(path.name, clauses, closing)


def check_source(policy: Policy, official: Official) -> list[Diagnostic]:
    """What the page lost or invented against an official text."""
    return [
        *check_official(policy, official.clauses, official.name),
        *check_dates(policy, official.closing, official.name),
    ]


def compare(text: Official, data: Official) -> list[Diagnostic]:
    """Where the data kept beside the page differs from the text it was taken from."""
    faults: list[Diagnostic] = []
    for clause in sorted({*text.clauses, *data.clauses}, key=value_of):
        law, kept = _keys(text.clauses.get(clause, ())), _keys(data.clauses.get(clause, ()))
        if law != kept:
            shown = "、".join(figure.text for figure in text.clauses.get(clause, ())) or "（无）"
            message = Text(
                f"条款（{clause}）的数字与官方文本不同，文本为：{shown}",
                f"the figures of clause （{clause}） differ from the official text, which has: {shown}",
            )
            faults.append(Diagnostic("figure/data", message, (Label(Span(data.name, None)),)))
    if text.closing != data.closing:
        message = Text("结尾日期与官方文本不同", "the closing dates differ from the official text")
        faults.append(Diagnostic("figure/data", message, (Label(Span(data.name, None)),)))
    return faults


def _keys(found: Sequence[Figure]) -> list[object]:
    return [figure.key for figure in found]


def numeral(number: int) -> str:
    """1..99 in Chinese numerals, as clauses are numbered."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def value_of(text: str) -> int:
    """The number that a Chinese numeral below a thousand means."""
    hundred, sign, rest = text.partition("百")
    if sign:
        return _DIGITS.find(hundred or "一") * 100 + (value_of(rest.lstrip("零〇")) if rest else 0)
    head, ten, tail = text.partition("十")
    if not ten:
        return _DIGITS.find(text)
    return (_DIGITS.find(head) if head else 1) * 10 + (_DIGITS.find(tail) if tail else 0)


def _refusal(path: Path, zh: str, en: str, help: Text | None = None) -> InputFaults:  # noqa: A002
    return InputFaults([Diagnostic("source/unreadable", Text(zh, en), (Label(Span(str(path), None)),), help=help)])
