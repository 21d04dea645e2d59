"""YAML and JSON as plain data whose scalars are the text that stands in the file, and where each of them stands.

A scalar stays its source text until the type of its fact reads it: `industry: 0610` is not 610. Only what is empty
(`null`, `~`) becomes None, and JSON's `true` and `false` become bool. Anchors, aliases, tags, merge keys are refused.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest document read."""
DEEPEST = 32
"""Levels of nesting taken."""

MOST_VALUES = 250_000
"""Values of the longest document taken: ten thousand projects with every fact."""
MOST_TWICE = 100
"""Keys that stand twice which are told one by one; reading ends there."""
REMEMBERED = 8192
"""Characters of the longest YAML text that is remembered."""

Place = tuple[str | int, ...]
"""The way to a value: keys, and indices from 0."""
Spans = Mapping[Place, Span]

_ODD = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Document:
    """A document, or the part of one under `prefix`. `locate` gives the spans of all values and of all keys."""

    data: Any
    name: str | None
    first_line: int
    locate: Callable[[], tuple[Spans, Spans]]
    prefix: Place = ()

    @cached_property
    def _spans(self) -> tuple[Spans, Spans]:
        return self.locate()

    def span(self, place: Place) -> Span | None:
        """Where a value stands; its column is None where its text is not laid out as one stretch of a line."""
        return self._spans[0].get(self.prefix + place)

    def key_span(self, place: Place) -> Span | None:
        """Where the last key of `place` stands."""
        return self._spans[1].get(self.prefix + place)

    def below(self, key: str) -> Document:
        """The part under `key`; its data are None where there is none."""
        data = self.data.get(key) if isinstance(self.data, dict) else None
        return Document(data, self.name, self.first_line, lambda: self._spans, (*self.prefix, key))


def read_yaml(text: str, name: str | None = None, first_line: int = 1) -> Document:
    """The document that `text` holds; its lines count from `first_line`. Raises InputFaults."""
    from conggao.facts.yaml_text import compose

    check_text(text, name, first_line)
    if len(text) > REMEMBERED:
        data, spans, keys = compose(text, name, first_line)
        return Document(data, name, first_line, lambda: (spans, keys))
    try:
        remembered = _composed(text)
    except InputFaults:
        compose(text, name, first_line)  # says where in the file
        raise
    shift = first_line - 1
    return Document(
        _copied(remembered[0]),
        name,
        first_line,
        lambda: (_moved(remembered[1], name, shift), _moved(remembered[2], name, shift)),
    )


@lru_cache(maxsize=2048)
def _composed(text: str) -> tuple[Any, Spans, Spans]:
    """A short document, remembered: a page that is read at every save has changed in one of its blocks."""
    from conggao.facts.yaml_text import compose

    return compose(text, None, 1)


def _copied(data: Any) -> Any:
    """Lists and dicts of its own for each reader."""
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(item) for item in data] if isinstance(data, list) else data


def _moved(spans: Spans, name: str | None, shift: int) -> Spans:
    """The spans as they lie in the file `name`, from whose top the text is `shift` lines away."""
    return {
        place: Span(name, None if span.line is None else span.line + shift, span.column, span.length)
        for place, span in spans.items()
    }


def read_json(text: str, name: str | None = None, first_line: int = 1) -> Document:
    """As `read_yaml`, for JSON. Places are found only when they are asked for."""
    from conggao.facts.json_text import locate, parse

    check_text(text, name, first_line)
    data = parse(text, name, first_line)
    return Document(data, name, first_line, lambda: locate(text, name, first_line))


def read_file(path: str | os.PathLike[str]) -> tuple[Document, str]:
    """The document in a file and its text: JSON where the name ends so, else YAML. Raises InputFaults."""
    name = os.fspath(path)
    text = decode(read_bytes(path), name)
    try:
        return (read_json if name.lower().endswith(".json") else read_yaml)(text, name), text
    except InputFaults as faults:
        raise InputFaults(faults.diagnostics, {name: text}) from None


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file. Raises InputFaults where there is none, or it is too large: it is then not read."""
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            known = os.fstat(file.fileno())
            raw = b"" if stat.S_ISREG(known.st_mode) and known.st_size > LARGEST else file.read(LARGEST + 1)
            size = max(known.st_size, len(raw))
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None
    if size > LARGEST:
        message = Text(f"文件有 {size:,} 字节，最多 {LARGEST:,}", f"the file has {size:,} bytes, {LARGEST:,} at most")
        help_ = Text("一个文件只写一家企业；许多企业用 JSONL", "a case file holds one enterprise; for many, use JSONL")
        raise InputFaults([Diagnostic("document/too-large", message, (Label(Span(name, None)),), help=help_)])
    return raw


def unreadable(name: str, error: Exception) -> InputFaults:
    """The fault of a file that cannot be opened or read."""
    match error:
        case FileNotFoundError():
            message = Text("没有这个文件", "there is no such file")
        case IsADirectoryError():
            message = Text("这是一个目录，不是文件", "this is a folder, not a file")
        case PermissionError():
            message = Text("没有读取这个文件的权限", "no permission to read this file")
        case _:
            message = Text("无法读取这个文件", "this file cannot be read")
    return InputFaults([Diagnostic("document/unreadable", message, (Label(Span(name, None)),))])


def decode(raw: bytes, name: str | None, first_line: int = 1) -> str:
    """The text of UTF-8 bytes, without a byte order mark. Raises InputFaults at the first byte that is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + first_line
        message = Text("文件不是 UTF-8 编码", "the file is not UTF-8")
        help_ = Text("请另存为 UTF-8", "save it as UTF-8")
        raise InputFaults([Diagnostic("document/encoding", message, (Label(Span(name, line)),), help=help_)]) from None


def check_text(text: str, name: str | None, first_line: int) -> None:
    """InputFaults for a text that is too large or holds a character that no document has."""
    if len(text) > LARGEST:
        message = Text("文件太大", "the document is too large")
        raise InputFaults([Diagnostic("document/too-large", message, (Label(Span(name, None)),))])
    found = _ODD.search(text)
    if found is not None:
        code = f"U+{ord(found.group()):04X}"
        message = Text(f"文件含有不可用的字符 {code}", f"the file holds the unusable character {code}")
        raise fault("document/character", message, text, found.start(), name, first_line)


def fault(
    code: str,
    message: Text,
    text: str,
    index: int,
    name: str | None,
    first_line: int,
    help: Text | None = None,  # noqa: A002
) -> InputFaults:
    """A fault at a character of `text`."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + first_line, len(before) - before.rfind("\n")
    return InputFaults([Diagnostic(code, message, (Label(Span(name, line, column)),), help=help)])
