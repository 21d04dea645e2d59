"""Text of an expression to lark's syntax tree, with every fault as a diagnostic at its word."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lark import Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from conggao.engine.language.grammar import parser
from conggao.engine.language.tree import Place
from conggao.facts.diagnostics import Diagnostic, Label, Span, Text
from conggao.facts.units import UnknownUnit

LONGEST = 2000
"""Characters of the longest expression taken; a longer one belongs into `derive` blocks."""
DEEPEST = 40
"""Levels of brackets taken."""
MOST_SIGNS = 150
"""Operators of the longest expression taken: bounds the depth of every tree made from it."""

_SIGN = re.compile(r"[-+−＋－*/×÷<>=≤≥≠＜＞＝,，、]|\b(?:not|and|or|in|contains)\b|[且或非]")
"""Counted before parsing, so that even the parser never meets an expression too deep for it."""
_EXPECTED = {
    "RPAR": Text("右括号 `)`", "a closing bracket `)`"),
    "NAME": Text("名称", "a name"),
    "NUMBER": Text("数字", "a number"),
    "STRING": Text("引号中的文字", "a quoted word"),
    "LPAR": Text("左括号 `(`", "an opening bracket `(`"),
    "COMPARATOR": Text("比较符（> ≥ < ≤ = ≠）", "a comparison (> ≥ < ≤ = ≠)"),
    "ADD": Text("加减号", "a plus or minus"),
    "MULTIPLY": Text("乘除号", "a times or divided by"),
    "AND": Text("`且`", "`and`"),
    "OR": Text("`或`", "`or`"),
    "UNIT": Text("单位", "a unit"),
    "COMMA": Text("逗号", "a comma"),
    "$END": Text("表达式结束", "the end of the expression"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the text of an expression stands: its file, the line and column of its first character, and the headings above it.

    `column` is None where the text is not laid out as one line of the file (a folded scalar): the line is then all that is known.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    breadcrumb: tuple[str, ...] = field(default=())
    path: str | None = None

    def span(self, place: Place) -> Span:
        length = max(1, place.end - place.start)
        return Span(self.file, self.line, None if self.column is None else self.column + place.start, length)

    def fault(self, code: str, place: Place, message: Text, help: Text | None = None) -> Diagnostic:  # noqa: A002
        """An error of this expression at `place`."""
        return Diagnostic(
            code=code,
            message=message,
            labels=(Label(self.span(place)),),
            breadcrumb=self.breadcrumb,
            path=self.path,
            help=help,
        )


class RuleFault(Exception):  # noqa: N818 - carries one diagnostic up to the page that collects them
    """An expression that cannot be taken; `diagnostic` says why and where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message.en)
        self.diagnostic = diagnostic


def parse(text: str, origin: Origin) -> Tree[Token]:
    """The syntax tree of `text`; raises RuleFault where it is none, or is longer or deeper than the language allows."""
    whole = Place(0, len(text))
    if not text.strip():
        raise RuleFault(origin.fault("rule/empty", whole, Text("表达式为空", "the expression is empty")))
    if len(text) > LONGEST:
        message = Text(
            f"表达式有 {len(text)} 个字符，最多 {LONGEST} 个",
            f"the expression has {len(text)} characters, {LONGEST} at most",
        )
        raise RuleFault(origin.fault("rule/too-long", whole, message, _SPLIT))
    if _depth(text) > DEEPEST:
        message = Text(f"括号嵌套超过 {DEEPEST} 层", f"brackets are nested more than {DEEPEST} deep")
        raise RuleFault(origin.fault("rule/too-deep", whole, message, _SPLIT))
    signs = len(_SIGN.findall(text))
    if signs > MOST_SIGNS:
        message = Text(
            f"表达式有 {signs} 个运算符，最多 {MOST_SIGNS} 个",
            f"the expression has {signs} operators, {MOST_SIGNS} at most",
        )
        raise RuleFault(origin.fault("rule/too-long", whole, message, _SPLIT))
    try:
        tree: Tree[Token] = parser().parse(text)
    except UnexpectedInput as fault:
        raise RuleFault(_syntax_fault(text, origin, fault)) from None
    return tree


_SPLIT = Text("请用 `derive` 块把它拆成几个有名称的概念", "split it into named facts with `derive` blocks")


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        if character in "(（[【":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")）]】":
            depth -= 1
    return deepest


def _syntax_fault(text: str, origin: Origin, fault: UnexpectedInput) -> Diagnostic:
    if isinstance(fault, UnexpectedToken) and fault.token.type != "$END":
        token = fault.token
        start = token.start_pos or 0
        place = Place(start, start + len(token))
        if token.type == "NAME" and text[:start].rstrip()[-1:].isdigit():
            wrong = UnknownUnit(str(token))
            return origin.fault("rule/unit", place, wrong.message, wrong.help)
        expected = _expected(fault.accepts or fault.expected)
        message = Text(f"此处不应出现 `{token}`", f"`{token}` is not expected here")
        return origin.fault("rule/syntax", place, message, _help(text, place, expected))
    if isinstance(fault, UnexpectedCharacters):
        start = fault.pos_in_stream or 0
        place = Place(start, start + 1)
        if text[start] == "…":
            gap = Text("`…` 处还没有填", "`…` is still to be filled in")
            return origin.fault("rule/syntax", place, gap, Text("换成条件或算式", "put a condition or an amount there"))
        message = Text(
            f"规则语言中没有 `{text[start]}` 这个符号", f"the sign `{text[start]}` is not part of the rule language"
        )
        return origin.fault("rule/syntax", place, message, _help(text, place, _expected(fault.allowed or ())))
    accepts = fault.accepts or fault.expected if isinstance(fault, UnexpectedToken) else getattr(fault, "expected", ())
    place = Place(max(0, len(text.rstrip()) - 1), len(text.rstrip()))
    assert isinstance(fault, UnexpectedEOF | UnexpectedToken)
    message = Text("表达式没有写完", "the expression ends too early")
    return origin.fault("rule/syntax", place, message, _expected(accepts))


def _help(text: str, place: Place, expected: Text | None) -> Text | None:
    before = text[: place.start].rstrip()
    if text[place.start : place.end] in {"=", "＝"} and before.endswith(("=", "＝")):
        return Text("等于只写一个 `=`", "equality is written with one `=`")
    return expected


def _expected(names: object) -> Text | None:
    known = (
        [_EXPECTED[name] for name in sorted(names) if name in _EXPECTED]
        if isinstance(names, set | frozenset | list | tuple)
        else []
    )
    if not known:
        return None
    return Text(
        "此处可写：" + "、".join(item.zh for item in known), "expected here: " + ", ".join(item.en for item in known)
    )
