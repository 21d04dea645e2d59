"""The one diagnostic object: what is wrong with a document that a person wrote, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]
Severity = Literal["error", "warning", "note"]

LONGEST_QUOTE = 60
"""Characters of the user's text shown in a message."""


class Text(NamedTuple):
    """A message or label in both languages."""

    zh: str
    en: str

    def of(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file: line and column from 1, column and `length` in characters; None where not known."""

    file: str | None
    line: int | None
    column: int | None = None
    length: int = 1


@dataclass(frozen=True, slots=True)
class Label:
    """A place to look at, and what to see there."""

    span: Span
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault. `code` is family/name, such as `case/unknown-key`; the first label is the place to look at."""

    code: str
    message: Text
    labels: tuple[Label, ...] = ()
    severity: Severity = "error"
    path: str | None = None
    """Into the document, list entries by id: `projects.P1.equipment_payment`."""
    breadcrumb: tuple[str, ...] = ()
    """policy › clause › measure."""
    help: Text | None = None
    note: Text | None = None
    cases: tuple[str, ...] = ()
    """Case files, each as YAML, that show what is said."""


class InputFaults(ValueError):  # noqa: N818 - names what it holds: all faults of a document, not one error
    """All faults of a document at once. `sources` holds the text of the files they lie in, where it is at hand."""

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        self.sources: Mapping[str, str] = sources or {}
        super().__init__(self.diagnostics, self.sources)

    def __str__(self) -> str:
        return "\n".join(headline(item, "en") for item in self.diagnostics)

    def render(self, lang: Lang) -> str:
        """Every fault as `render` shows it, a blank line between them."""
        return "\n\n".join(render(item, lang, self.sources) for item in self.diagnostics)


def quote(text: object) -> str:
    """The user's text for a message: in backticks, on one line, of bounded length, without control characters."""
    raw = str(text)
    cut = raw if len(raw) <= LONGEST_QUOTE else raw[: LONGEST_QUOTE - 1] + "…"
    return f"`{visible(cut)}`"


def visible(text: str) -> str:
    """`text` with characters that a terminal would obey, or could not show, written as `\\u…`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\u3000" else f"\\u{ord(c):04x}" for c in text)


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known words most like `word`, best first, case aside; none where nothing is like it."""
    from difflib import SequenceMatcher

    wanted = word.strip().casefold()[:LONGEST_QUOTE]
    if not wanted:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored: list[tuple[float, int, str]] = []
    for index, candidate in enumerate(dict.fromkeys(known)):
        matcher.set_seq1(candidate.casefold())
        least = 0.5 if len(candidate) <= 4 or not candidate.isascii() else 0.6  # noqa: PLR2004 - a short word has few letters to share
        if matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least:
            score = matcher.ratio()
            if score >= least:
                scored.append((-score, index, candidate))
    return [candidate for _, _, candidate in sorted(scored)[:most]]


def did_you_mean(word: str, known: Iterable[str]) -> Text | None:
    """A ready `help` that names the nearest known words; None where nothing is near."""
    found = nearest(word, known)
    if not found:
        return None
    zh = " 或 ".join(f"`{item}`" for item in found)
    en = " or ".join(f"`{item}`" for item in found)
    return Text(f"是否想写 {zh}？", f"did you mean {en}?")


_SEVERITY = {"error": Text("错误", "error"), "warning": Text("警告", "warning"), "note": Text("提示", "note")}
_HELP, _NOTE, _AT = Text("建议", "help"), Text("说明", "note"), Text("位置", "at")


def headline(d: Diagnostic, lang: Lang) -> str:
    """The fault on one line: `case.yaml:3:5: projects.P1.fee: …`."""
    where = _where(d.labels[0].span) if d.labels else ""
    parts = [part for part in (where, d.path, d.message.of(lang)) if part]
    return visible(": ".join(parts))


def render(d: Diagnostic, lang: Lang, sources: Mapping[str, str] | None = None) -> str:
    """The fault as several lines of plain text: message, place with the line and a caret under the word, path, help."""
    colon = "：" if lang == "zh" else ": "
    lines = [f"{_SEVERITY[d.severity].of(lang)}[{d.code}]{colon}{visible(d.message.of(lang))}"]
    for label in d.labels:
        lines += _frame(label, lang, sources or {})
    if d.breadcrumb:
        lines.append("  = " + visible(" › ".join(d.breadcrumb)))
    if d.path:
        lines.append(f"  = {_AT.of(lang)}{colon}{visible(d.path)}")
    if d.help:
        lines.append(f"  = {_HELP.of(lang)}{colon}{visible(d.help.of(lang))}")
    if d.note:
        lines.append(f"  = {_NOTE.of(lang)}{colon}{visible(d.note.of(lang))}")
    return "\n".join(lines)


def as_json(d: Diagnostic) -> dict[str, object]:
    """The fault as plain data, every key present."""
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message._asdict(),
        "labels": [
            {
                "file": label.span.file,
                "line": label.span.line,
                "column": label.span.column,
                "length": label.span.length,
                "text": label.text._asdict() if label.text else None,
            }
            for label in d.labels
        ],
        "path": d.path,
        "breadcrumb": list(d.breadcrumb),
        "help": d.help._asdict() if d.help else None,
        "note": d.note._asdict() if d.note else None,
    }


def _where(span: Span) -> str:
    return ":".join(str(part) for part in (span.file, span.line, span.column) if part is not None)


def _frame(label: Label, lang: Lang, sources: Mapping[str, str]) -> list[str]:
    span = label.span
    said = label.text.of(lang) if label.text else ""
    where = visible(_where(span))
    lines = [f"  --> {where}"] if where else []
    source = sources.get(span.file or "")
    row = None if source is None or span.line is None else _line(source, span.line)
    if row is None:
        return [f"{lines[0]}  {said}"] if lines and said else lines
    number = str(span.line)
    margin = " " * len(number)
    start, length = (span.column or 1) - 1, max(1, span.length)
    if span.column is None:
        start, length = len(row) - len(row.lstrip()), max(1, len(row.strip()))
    shown, start, length = _window(row, start, length)
    caret = " " * _cells(shown[:start]) + "^" * max(1, _cells(shown[start : start + length]))
    return [*lines, f" {margin} |", f" {number} | {shown}", f" {margin} | {caret}{' ' + said if said else ''}"]


def _line(source: str, number: int) -> str | None:
    """Line `number` of `source`, found without cutting all of it into lines."""
    start = 0
    text = source if "\r" not in source else source.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(number - 1):
        start = text.find("\n", start) + 1
        if not start:
            return None
    end = text.find("\n", start)
    return text[start : None if end < 0 else end]


def _window(row: str, start: int, length: int, width: int = 110) -> tuple[str, int, int]:
    """The part of a long line that holds the place, one cell or two a character, and the place in it."""
    row = "".join(c if c.isprintable() else " " for c in row)
    if len(row) <= width:
        return row, min(start, len(row)), length
    left = max(0, min(start - width // 3, len(row) - width))
    head, tail = ("…" if left else ""), ("…" if left + width < len(row) else "")
    start = min(start, len(row)) - left
    return head + row[left : left + width] + tail, start + len(head), min(length, width - start)


def _cells(text: str) -> int:
    """Terminal cells that `text` takes: wide East Asian characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
