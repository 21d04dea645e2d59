"""What stands at a place of a page, found line by line, so that it works on text that is half written."""

from __future__ import annotations

import re
from dataclasses import dataclass

FENCE = re.compile(r"^\s*```+\s*(\w*)")
_TOP = re.compile(r"^([A-Za-z_]+)\s*:")
_NAMED = re.compile(r"[A-Za-z0-9_\u3400-\u9fff]*")
_END = re.compile(r"[A-Za-z0-9_\u3400-\u9fff]*\Z")
PREFIX = re.compile(r"([A-Za-z_\u3400-\u9fff][A-Za-z0-9_\u3400-\u9fff]*)\s*[.．·]\s*\Z")
_QUOTES = {'"': '"', "“": "”", "「": "」"}
"""Quotation marks of words in an expression; the apostrophe is left to YAML."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a page. `kind` is the block it lies in (`front` for the front matter, None outside), `key` the top-level key whose
    value it is in, `before` the line up to it and `word` the name around it, whose first sign is at `start`.

    `fresh` says that a key is being begun here; `subject` is what the block says it is about.
    """

    kind: str | None
    key: str | None
    line: int
    before: str
    word: str
    start: int
    fresh: bool
    subject: str | None
    block: tuple[int, int]
    """Lines of the block, from 0, the second excluded; on the fence that closes it, too."""

    @property
    def typed(self) -> str:
        """The part of the word before the place."""
        return _found(_END.search(self.before))

    @property
    def prefix(self) -> str:
        """The name before a dot before the word: `上年度` in `上年度.研发`."""
        found = PREFIX.search(self.before[: len(self.before) - len(self.typed)])
        return found.group(1) if found else ""

    @property
    def quoted(self) -> str | None:
        """What stands between an open quotation mark and the place; None where none is open."""
        opened: tuple[str, int] | None = None
        for index, sign in enumerate(self.before):
            if opened is None and sign in _QUOTES:
                opened = _QUOTES[sign], index
            elif opened is not None and sign == opened[0]:
                opened = None
        return None if opened is None else self.before[opened[1] + 1 :]


def _found(match: re.Match[str] | None) -> str:
    return "" if match is None else match.group()


def spot_at(text: str, line: int, column: int) -> Spot:
    """The place at a line and a column, both from 0; what lies beyond the text counts as its end."""
    lines = text.split("\n")
    line = min(line, len(lines) - 1)
    at = lines[line]
    column = min(column, len(at))
    start = column - len(_found(_END.search(at[:column])))
    word = _found(_NAMED.match(at, start))
    kind, begin, end = _block(lines, line)
    key, fresh, subject = None, False, None
    if kind is not None:
        key = _key(lines, line, begin)
        told = at[:column]
        fresh = re.fullmatch(r"[A-Za-z_]*", told) is not None
        subject = _said(lines[begin:end], "subject")
    return Spot(kind, key, line, at[:column], word, start, fresh, subject, (begin, end))


def _block(lines: list[str], line: int) -> tuple[str | None, int, int]:
    """The block that a line lies in, and its lines: up to a fence that closes it, begins another, or is lacking; on the fence that closes
    a block the lines of that.
    """
    begin = 0
    kind: str | None = None
    if lines and lines[0].strip() == "---":
        end = next((n for n in range(1, len(lines)) if lines[n].strip() == "---"), len(lines))
        if 0 < line < end:
            return "front", 1, end
        if line == 0:
            return None, 0, 0
    for index, said in enumerate(lines):
        found = FENCE.match(said)
        if found is None:
            continue
        if kind is not None and begin <= line < index:
            return kind, begin, index
        closes = kind is not None and not found.group(1)
        if index == line:
            return None, *((begin, index) if closes else (0, 0))
        # A fence that names a kind begins a block, also where the one before it is not closed yet.
        kind, begin = (None, 0) if closes else (found.group(1), index + 1)
        if index > line:
            return None, 0, 0
    return (kind, begin, len(lines)) if kind is not None and line >= begin else (None, 0, 0)


def _key(lines: list[str], line: int, begin: int) -> str | None:
    for index in range(line, begin - 1, -1):
        if found := _TOP.match(lines[index]):
            return found.group(1)
    return None


def _said(lines: list[str], key: str) -> str | None:
    for said in lines:
        if found := re.match(rf"{key}\s*:\s*(\w+)", said):
            return found.group(1)
    return None
