"""YAML: ruamel's events, composed by us into texts, lists and dicts: nothing else can come out of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.documents import DEEPEST, MOST_TWICE, MOST_VALUES, Place, fault
from conggao.facts.json_text import too_many, twice

_BREAK = re.compile(r"\r\n|\r|\n")
_LONG_TAG = re.compile(r"!\S{500}")
"""ruamel takes time in the square of the length of a tag."""
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


def compose(text: str, name: str | None, first_line: int) -> tuple[Any, dict[Place, Span], dict[Place, Span]]:
    """The data, the spans of its values and those of its keys. Raises InputFaults."""
    tag = _LONG_TAG.search(text)
    if tag is not None:
        raise fault("document/tag", _NO_TAG, text, tag.start(), name, first_line)
    composer = _Composer(text, name, first_line)
    try:
        data = composer.document()
    except MarkedYAMLError as error:
        raise composer.syntax(error) from None
    except (YAMLError, ValueError, OverflowError) as error:
        # What ruamel raises without a place, such as for an escape beyond Unicode.
        if isinstance(error, InputFaults):
            raise
        raise InputFaults([Diagnostic("document/syntax", _NOT_YAML, (Label(Span(name, None)),))]) from None
    if composer.faults:
        raise InputFaults(composer.faults)
    return data, composer.values, composer.keys


class _Composer:
    def __init__(self, text: str, name: str | None, first_line: int) -> None:
        self.text, self.name, self.first_line = text, name, first_line
        self.events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(text))
        self.values: dict[Place, Span] = {}
        self.keys: dict[Place, Span] = {}
        self.faults: list[Diagnostic] = []

    def document(self) -> Any:
        data: Any = None
        seen = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if seen:
                    message = Text("一个文件里有几个文档", "the file holds several documents")
                    help_ = Text("去掉第二个 `---`", "take out the second `---`")
                    self.refuse("document/several", message, event, help_)
                seen = True
            elif isinstance(event, NodeEvent):
                data = self.node(event, ())
            elif isinstance(event, StreamEndEvent):
                break
        return data

    def node(self, event: Any, place: Place) -> Any:
        self.values[place] = self.span(event)
        if len(self.values) > MOST_VALUES:
            raise InputFaults([too_many(self.values[place])])
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self.refuse("document/alias", _NO_ALIAS, event, _WRITE_OUT)
        if getattr(event, "tag", None) is not None:
            self.refuse(
                "document/tag", _NO_TAG, event, Text("以 `!` 开头的文字加引号", "quote a text that begins with `!`")
            )
        if isinstance(event, ScalarEvent):
            value = str(event.value)
            return None if event.style is None and value in _NOTHING else value
        if len(place) >= DEEPEST:
            self.refuse("document/too-deep", Text(f"嵌套超过 {DEEPEST} 层", f"nested more than {DEEPEST} deep"), event)
        return self.sequence(place) if isinstance(event, SequenceStartEvent) else self.mapping(place)

    def sequence(self, place: Place) -> list[Any]:
        items: list[Any] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self.node(event, (*place, len(items))))
        return items

    def mapping(self, place: Place) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self.key(event)
            inner = (*place, key)
            span = self.span(event)
            if key in made:
                self.faults.append(twice(key, span, self.keys[inner]))
                if len(self.faults) >= MOST_TWICE:
                    raise InputFaults(self.faults)
            else:
                self.keys[inner] = span
            value = self.node(next(self.events), inner)
            made.setdefault(key, value)
        return made

    def key(self, event: Any) -> str:
        if isinstance(event, SequenceStartEvent | MappingStartEvent):
            self.refuse("document/key", Text("键应是一个词", "a key is one word"), event)
        key = self.node(event, ("",))
        if key is None:
            self.refuse("document/key", Text("冒号前没有键", "there is no key before the colon"), event)
        if key == "<<" and event.style is None:
            self.refuse("document/alias", _NO_ALIAS, event, _WRITE_OUT)
        return str(key)

    def span(self, event: Any) -> Span:
        """The stretch of the line that holds the text of a scalar; no column where it is not laid out so."""
        start = event.start_mark
        line = start.line + self.first_line
        if not isinstance(event, ScalarEvent):
            return Span(self.name, line, start.column + 1)
        inset = 0 if event.style is None else 1
        begin = start.index + inset
        literal = event.style in (None, '"', "'") and self.text[begin : begin + len(event.value)] == event.value
        if not literal or "\n" in event.value:
            return Span(self.name, line)
        return Span(self.name, line, start.column + 1 + inset, max(1, len(event.value)))

    def refuse(self, code: str, message: Text, event: Any, help: Text | None = None) -> NoReturn:  # noqa: A002
        mark = event.start_mark
        span = Span(self.name, mark.line + self.first_line, mark.column + 1)
        raise InputFaults([*self.faults, Diagnostic(code, message, (Label(span),), help=help)])

    def syntax(self, error: MarkedYAMLError) -> InputFaults:
        """What a person can do about a syntax error."""
        mark = error.problem_mark or error.context_mark
        problem = f"{error.problem or ''} {error.context or ''}"
        message, help_ = next(((said, hint) for part, said, hint in _SYNTAX if part in problem), (_NOT_YAML, None))
        if "expected ':'" in problem and error.context_mark is not None:
            mark = error.context_mark
        if mark is None:
            return InputFaults([*self.faults, Diagnostic("document/syntax", message, (Label(Span(self.name, None)),))])
        line, column = mark.line, mark.column
        rows = _BREAK.split(self.text)
        # A line that lacks its colon is often read on into the next, where the parser then complains.
        for index in (line, line - 1):
            row = rows[index] if 0 <= index < len(rows) else ""
            better = _look(row)
            if better is not None:
                message, help_ = better
                line, column = (line, column) if index == line else (index, len(row) - len(row.lstrip()))
                break
        span = Span(self.name, line + self.first_line, column + 1)
        return InputFaults([*self.faults, Diagnostic("document/syntax", message, (Label(span),), help=help_)])


def _look(row: str) -> tuple[Text, Text | None] | None:
    """What the line itself shows better than the parser can say."""
    if "\t" in row[: len(row) - len(row.lstrip())]:
        return Text("缩进用了制表符", "the line is indented with a tab"), Text("缩进只用空格", "indent with spaces")
    if re.match(r"\s*(- )?[^\s'\"\[{#]+：", row):
        help_ = Text("键后写英文冒号和空格 `: `", "write `: ` after the key")
        return Text("用了全角冒号 `：`", "a full-width colon `：`"), help_
    value = re.match(r"\s*(?:- )?[^\s:'\"\[{#]+:\s+(.*)$", row)
    if value and re.match(r"(\"[^\"]*\"|'[^']*')\s*[^\s#,\]}]", value.group(1)):
        return _AFTER_QUOTE, _QUOTE_ALL
    if re.match(r"\s*(?:- )?[^\s:'\"\[{#]+:[^\s:/]", row) and ": " not in row:
        return Text("冒号后缺少空格", "a space is missing after the colon"), Text("写作 `键: 值`", "write `key: value`")
    return None


_NOT_YAML = Text("此处不是合法的 YAML", "this is not YAML")
_NO_ALIAS = Text("不使用锚点、别名和合并键", "anchors, aliases and merge keys are not used here")
_NO_TAG = Text("不使用标签（`!`）", "tags (`!`) are not used here")
_WRITE_OUT = Text(
    "把内容逐处写出；以 `&`、`*` 开头的文字加引号", "write it out; quote a text that begins with `&` or `*`"
)
_QUOTE_ALL = Text("整个值加引号，其中的引号换成另一种", "quote the whole value, with the other kind of quotes in it")
_AFTER_QUOTE = Text("引号之后还有文字", "there is more text after the quotation mark")
_ALIGN = Text("同一层的行要左对齐", "lines of one level begin in the same column")
_SYNTAX = (
    ("\\t", Text("此处不能用制表符", "a tab cannot stand here"), Text("缩进只用空格", "indent with spaces")),
    (
        "cannot start any token",
        Text("值不能以这个符号开头", "a value cannot begin with this sign"),
        Text("给整个值加引号", "put the value in quotes"),
    ),
    (
        "mapping values are not allowed",
        Text("此处不应有冒号", "a colon is not expected here"),
        Text("值里有 `: ` 时给整个值加引号；并检查缩进", "quote a value that holds `: `, and check the indentation"),
    ),
    ("quoted scalar", Text("引号没有闭合", "the quotation mark is not closed"), _QUOTE_ALL),
    ("expected ':'", Text("此处缺少冒号", "a colon is missing here"), Text("写作 `键: 值`", "write `key: value`")),
    ("expected ',' or", Text("括号中缺少逗号，或没有闭合", "a comma is missing in the brackets, or their end"), None),
    ("flow", Text("括号没有闭合", "the brackets are not closed"), None),
    ("expected <block end>", Text("缩进不一致", "the indentation does not fit"), _ALIGN),
    ("block collection", Text("缩进不一致", "the indentation does not fit"), _ALIGN),
    ("escape", Text("双引号中有不认识的转义", "unknown escape in quotes"), Text("改用单引号", "use single quotes")),
    ("undefined alias", _NO_ALIAS, _WRITE_OUT),
    ("anchor", _NO_ALIAS, _WRITE_OUT),
    ("alias", _NO_ALIAS, _WRITE_OUT),
)
