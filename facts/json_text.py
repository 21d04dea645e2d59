"""JSON: parsed by the standard library, located by a small tokenizer of our own when a place is asked for."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text, quote
from conggao.facts.documents import DEEPEST, MOST_TWICE, MOST_VALUES, Place, fault

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_BREAK = re.compile(r"\r\n|\r|\n")

_MESSAGES = {
    "Expecting value": Text("此处缺少值", "a value is missing here"),
    "Expecting ',' delimiter": Text("此处应有逗号或右括号", "a comma or a closing bracket is missing here"),
    "Expecting ':' delimiter": Text("此处应有冒号", "a colon is missing here"),
    "Expecting property name enclosed in double quotes": Text(
        "此处应是双引号中的键", "a key in double quotes is needed"
    ),
    "Unterminated string starting at": Text("引号没有闭合", "the quotation mark is not closed"),
    "Invalid control character at": Text("引号中不能换行或用制表符", "a line break or tab cannot stand in quotes"),
    "Invalid \\escape": Text("不认识的转义", "unknown escape"),
    "Invalid \\uXXXX escape": Text("`\\u` 后应有四位十六进制数", "`\\u` needs four hexadecimal digits"),
    "Extra data": Text("此处内容多余", "there is more here than one value"),
    "Illegal trailing comma before end of object": Text("最后一项之后不能有逗号", "no comma can follow the last entry"),
    "Illegal trailing comma before end of array": Text("最后一项之后不能有逗号", "no comma can follow the last entry"),
}
_OTHER = Text("此处不是合法的 JSON", "this is not JSON")


def parse(text: str, name: str | None, first_line: int) -> Any:
    """The data, numbers as their source text. Raises InputFaults at a syntax error, or where keys stand twice."""
    if text.count("[") + text.count("{") > DEEPEST:
        _check_depth(text, name, first_line)
    if text.count(",") > MOST_VALUES:
        raise InputFaults([too_many(Span(name, None))])
    twice: list[bool] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            twice.append(True)
        return made

    try:
        data = json.loads(text, object_pairs_hook=mapping, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        found = next((said for start, said in _MESSAGES.items() if error.msg.startswith(start)), _OTHER)
        index, help_ = error.pos, _hint(text, error.pos)
        raise fault("document/syntax", found, text, index, name, first_line, help_) from None
    if twice:
        locate(text, name, first_line)
    return data


def _hint(text: str, index: int) -> Text | None:
    rest, before = text[index : index + 1], text[:index].rstrip()
    if rest == "'" or rest in "“”":
        return Text('JSON 用英文双引号 `"`', 'JSON uses the double quotation mark `"`')
    if rest in "，：":
        return Text("JSON 用英文逗号和冒号", "JSON uses the ASCII comma and colon")
    if rest in "]}" and before.endswith(","):
        return Text("最后一项之后不能有逗号", "no comma can follow the last entry")
    if rest in ("/", "#"):
        return Text("JSON 没有注释", "JSON has no comments")
    return None


def _check_depth(text: str, name: str | None, first_line: int) -> None:
    depth = 0
    for match in _BRACKET.finditer(text):
        sign = match.group()
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                message = Text(f"嵌套超过 {DEEPEST} 层", f"nested more than {DEEPEST} deep")
                raise fault("document/too-deep", message, text, match.start(), name, first_line)
        elif sign in "]}":
            depth -= 1


def locate(text: str, name: str | None, first_line: int) -> tuple[dict[Place, Span], dict[Place, Span]]:
    """The spans of all values and keys of a valid document. Raises InputFaults with every key that stands twice."""
    return _Locator(text, name, first_line).run()


class _Locator:
    def __init__(self, text: str, name: str | None, first_line: int) -> None:
        self.text, self.name, self.first_line = text, name, first_line
        self.breaks = [0, *(match.end() for match in _BREAK.finditer(text))]
        self.values: dict[Place, Span] = {}
        self.keys: dict[Place, Span] = {}
        self.faults: list[Diagnostic] = []

    def run(self) -> tuple[dict[Place, Span], dict[Place, Span]]:
        place: Place = ()
        stack: list[tuple[str, Place]] = []
        at_key = False
        for match in _TOKEN.finditer(self.text):
            sign = match.group()
            match sign:
                case "{" | "[":
                    self.values[place] = self._span(match.start(), 1)
                    stack.append((sign, place))
                    at_key = sign == "{"
                    place = (*place, 0) if sign == "[" else place
                case "}" | "]":
                    place = stack.pop()[1]
                    at_key = False
                case ",":
                    kind, outer = stack[-1]
                    at_key = kind == "{"
                    last = place[-1] if place else 0
                    place = (*outer, last + 1) if kind == "[" and isinstance(last, int) else outer
                case ":":
                    at_key = False
                case _ if at_key:
                    place = (*stack[-1][1], json.loads(sign))
                    self._key(place, self._scalar(match.start(), sign))
                case _:
                    self.values[place] = self._scalar(match.start(), sign)
        if self.faults:
            raise InputFaults(self.faults)
        return self.values, self.keys

    def _key(self, place: Place, span: Span) -> None:
        if place in self.keys:
            self.faults.append(twice(str(place[-1]), span, self.keys[place]))
            if len(self.faults) >= MOST_TWICE:
                raise InputFaults(self.faults)
        else:
            self.keys[place] = span

    def _scalar(self, start: int, source: str) -> Span:
        """The span of a scalar, without its quotation marks."""
        quoted = source.startswith('"')
        return self._span(start + 1, len(source) - 2) if quoted else self._span(start, len(source))

    def _span(self, index: int, length: int) -> Span:
        row = bisect_right(self.breaks, index) - 1
        return Span(self.name, row + self.first_line, index - self.breaks[row] + 1, max(1, length))


def too_many(span: Span) -> Diagnostic:
    """A document with more values than are taken."""
    message = Text(f"文件里超过 {MOST_VALUES:,} 个值", f"the document holds more than {MOST_VALUES:,} values")
    return Diagnostic("document/too-large", message, (Label(span),))


def twice(key: str, span: Span, first: Span) -> Diagnostic:
    """A key that stands twice in one mapping."""
    message = Text(f"键 {quote(key)} 写了两次", f"the key {quote(key)} stands here twice")
    labels = (Label(span, Text("第二次", "second")), Label(first, Text("第一次", "first")))
    return Diagnostic("document/duplicate-key", message, labels, path=quote(key)[1:-1])
