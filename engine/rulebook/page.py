"""A Markdown page taken apart: front matter, headings, paragraphs and fenced blocks, each with its line."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text

LARGEST = 4 * 1024 * 1024
"""Bytes of the largest page read."""

CLAUSE_MARK = "[（(]([一二三四五六七八九十百零〇]+)[）)]"
"""How a clause is numbered, in brackets of either width; the group is its number."""
_CLAUSE = re.compile(f"^{CLAUSE_MARK}")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of the page: its text and the line it begins on (1-based)."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its kind, its YAML, the line of its first content line, what stands above it."""

    kind: str
    text: str
    line: int
    headings: tuple[str, ...]
    clause: str | None
    prose: tuple[Passage, ...]
    """The paragraphs since the block before it that was not a `case`, under the same heading: its restatement."""

    @property
    def restatement(self) -> str:
        return "\n".join(passage.text for passage in self.prose)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as written. `name` is how messages call it: the path the user gave, or `policy/…` for a shipped one."""

    name: str
    text: str
    sha256: str
    front: str
    blocks: tuple[Block, ...]
    clauses: tuple[tuple[str, str, int], ...] = field(default=())
    """(number, heading, line) of every clause heading."""
    comments: tuple[Passage, ...] = field(default=())
    """The comments `<!-- … -->` between paragraphs: nothing in them counts, fenced blocks included."""

    def fault(self, code: str, message: Text, line: int | None = 1, help: Text | None = None) -> Diagnostic:  # noqa: A002
        """An error at a line of this page."""
        return Diagnostic(code=code, message=message, labels=(Label(Span(self.name, line)),), help=help)


def read_page(path: Path, name: str | None = None) -> Page:
    """The page at `path`; InputFaults where it cannot be read."""
    shown = name or str(path)

    def refuse(code: str, zh: str, en: str) -> InputFaults:
        return InputFaults([Diagnostic(code=code, message=Text(zh, en), labels=(Label(Span(shown, None)),))])

    try:
        if path.stat().st_size > LARGEST:
            raise refuse(
                "page/too-large", f"文件超过 {LARGEST >> 20} MiB", f"the file is larger than {LARGEST >> 20} MiB"
            )
        raw = path.read_bytes()
    except OSError as fault:
        reason = fault.strerror or "?"
        raise refuse("page/unreadable", f"无法读取此文件（{reason}）", f"the file cannot be read ({reason})") from None
    return parse_page(raw, shown)


def parse_page(raw: bytes, name: str) -> Page:
    """The page that `raw` holds (UTF-8); `sha256` is that of the bytes."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        message = Text("文件不是 UTF-8 编码", "the file is not UTF-8")
        raise InputFaults(
            [Diagnostic(code="page/encoding", message=message, labels=(Label(Span(name, line)),))]
        ) from None
    match = _FRONT.match(text)
    front = match.group(1) if match else ""
    blocks, clauses, comments = _blocks(body(text))
    return Page(name, text, hashlib.sha256(raw).hexdigest(), front, blocks, clauses, comments)


def body(text: str) -> str:
    """A page with blank lines instead of its front matter, so that every line keeps the number that the author sees."""
    match = _FRONT.match(text)
    return re.sub(r"[^\n]", "", text[: match.end()]) + text[match.end() :] if match else text


@cache
def markdown() -> MarkdownIt:
    """How pages are read: headings, paragraphs, lists, fences and comments; nothing within a line is interpreted."""
    markdown = MarkdownIt("zero", {"html": True}).enable(["heading", "fence", "list", "blockquote", "html_block", "hr"])
    markdown.core.ruler.enableOnly(["normalize", "block"])
    return markdown


def _blocks(body: str) -> tuple[tuple[Block, ...], tuple[tuple[str, str, int], ...], tuple[Passage, ...]]:
    comments: list[Passage] = []
    headings: list[tuple[int, str]] = []
    prose: list[Passage] = []
    blocks: list[Block] = []
    clauses: list[tuple[str, str, int]] = []
    level = 0
    for token in markdown().parse(body):
        line = (token.map or [0, 0])[0] + 1
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "inline" and level:
            headings = [item for item in headings if item[0] < level]
            headings.append((level, token.content.strip()))
            if found := _CLAUSE.match(token.content.strip()):
                clauses.append((found.group(1), token.content.strip(), line))
            prose, level = [], 0
        elif token.type == "inline":
            prose.append(Passage(token.content, line))
        elif token.type == "html_block":
            comments += [Passage(found.group(), line) for found in _COMMENT.finditer(token.content)]
            # What is no comment is text like any other: its figures count.
            rest = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), token.content)
            if rest.strip():
                prose.append(Passage(rest.rstrip("\n"), line))
        elif token.type == "fence":
            titles = tuple(title for _, title in headings)
            clause = next((found.group(1) for title in reversed(titles) if (found := _CLAUSE.match(title))), None)
            kind = token.info.split()[0] if token.info.strip() else ""
            blocks.append(Block(kind, token.content, line + 1, titles, clause, tuple(prose)))
            if kind != "case":
                prose = []
    return tuple(blocks), tuple(clauses), tuple(comments)
