"""Typed tree to words, in Chinese or English: what a rule says, and what it compared with what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from conggao.engine.language.scope import PERIOD_LABELS, REPORTS, DerivedSpec
from conggao.engine.language.tree import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Choice,
    Comparator,
    Compare,
    Constant,
    Contains,
    Derived,
    Extreme,
    Fact,
    FactKey,
    Node,
    Not,
    Or,
    Recognised,
    Words,
    walk,
)
from conggao.engine.language.types import Quantity, Word
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.units import show, show_ratio
from conggao.facts.vocabulary import Vocabulary

SIGNS: dict[Comparator, str] = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
MUST: dict[Comparator, Text] = {
    "<": Text("须低于", "must be below"),
    "<=": Text("须不超过", "must not exceed"),
    ">": Text("须超过", "must exceed"),
    ">=": Text("须不低于", "must be at least"),
    "==": Text("须等于", "must equal"),
    "!=": Text("须不等于", "must differ from"),
}
_ARITHMETIC = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}
_COLLECTIONS = {"project": Text("项目", "project"), "service": Text("服务", "service")}
_FUNCTIONS = {
    "min": Text("取小", "least of"), "max": Text("取大", "greatest of"), "sum": Text("合计", "sum of"),
    "count": Text("计数", "number of"), "any": Text("任一", "any of"),
}  # fmt: skip


class Renderer:
    """Says nodes in one language, with the labels of a vocabulary and of the derived facts."""

    def __init__(self, vocabulary: Vocabulary, derived: Mapping[str, DerivedSpec], lang: Lang) -> None:
        self.vocabulary = vocabulary
        self.derived = derived
        self.lang: Lang = lang
        self._said: dict[int, tuple[Node, str]] = {}
        self._percent: dict[int, tuple[Node, bool]] = {}

    def text(self, node: Node) -> str:
        """`say`, remembered: what a rule says does not change from case to case."""
        known = self._said.get(id(node))
        if known is None:
            known = self._said[id(node)] = node, self.say(node)
        return known[1]

    def say(self, node: Node) -> str:
        """The expression in words."""
        zh = self.lang == "zh"
        match node:
            case Constant():
                return self.constant(node)
            case Words(items=items):
                return ("、" if zh else ", ").join(self.constant(item) for item in items)
            case Fact(key=key):
                return self.fact(key)
            case Derived(name=name):
                return self.derived[name].label.of(self.lang)
            case Not(item=item):
                return f"{'非' if zh else 'not '}{self._in_brackets(item)}"
            case And(items=items):
                return (" 且 " if zh else " and ").join(self._in_brackets(item) for item in items)
            case Or(items=items):
                return (" 或 " if zh else " or ").join(self._in_brackets(item) for item in items)
            case Compare(comparator=comparator, left=left, right=right):
                return f"{self.say(left)} {SIGNS[comparator]} {self.say(right)}"
            case Contains(item=item, collection=Words() as words):
                return f"{self.say(item)} {'属于' if zh else 'is one of'} {self.say(words)}"
            case Contains(item=item, collection=collection):
                return f"{self.say(collection)}{'包含' if zh else ' include '}{self.say(item)}"
            case Arithmetic(operator=operator, left=left, right=right):
                return f"{self._operand(left, operator)} {_ARITHMETIC[operator]} {self._operand(right, operator, right=True)}"
            case Extreme(kind=kind, items=items):
                return f"{_FUNCTIONS[kind].of(self.lang)}({', '.join(self.say(item) for item in items)})"
            case Aggregate(kind=kind, over=over, body=body):
                inner = _COLLECTIONS[over].of(self.lang) + ("" if body is None else f": {self.say(body)}")
                return f"{_FUNCTIONS[kind].of(self.lang)}({inner})"
            case Recognised():
                return self._title(node)
            case Between(low=low, high=high):
                return self._interval(low, high)
            case Choice(branches=branches, otherwise=otherwise):
                parts = [
                    f"{self.say(condition)} 时 {self.say(value)}"
                    if zh
                    else f"{self.say(value)} if {self.say(condition)}"
                    for condition, value in branches
                ]
                if not (isinstance(otherwise, Constant) and otherwise.value == 0):
                    parts.append(f"{'否则 ' if zh else 'otherwise '}{self.say(otherwise)}")
                return ("；" if zh else "; ").join(parts)

    def fact(self, key: FactKey) -> str:
        """A fact by its label: `上年度研发费用`, `latest R&D expense`."""
        owner = REPORTS[key.subject] if key.period else key.subject
        spec = self.vocabulary.find(owner, key.name)
        label = spec.label.of(self.lang) if spec else key.name
        if key.period is None:
            return label
        period = PERIOD_LABELS[key.period].of(self.lang)
        return f"{period}{label}" if self.lang == "zh" else f"{period} {label}"

    def word(self, table: str, name: str) -> str:
        """A word of a closed list by its label."""
        label = self.vocabulary.words(table).get(name)
        return label.of(self.lang) if label else name

    def constant(self, node: Constant) -> str:
        value = node.value
        if isinstance(node.type, Word):
            word = self.word(node.type.table, str(value))
            return f"「{word}」" if self.lang == "zh" else f"“{word}”"
        if isinstance(node.type, Quantity) and isinstance(value, Fraction):
            return show(value, node.type.dimension, self.lang, percent="%" in node.text)
        return value.isoformat() if isinstance(value, date) else str(value)

    def quantity(self, value: Fraction, kind: Quantity, like: Node | None = None) -> str:
        """A value as text; as a percentage where the expression it stands in (`like`) speaks in percentages."""
        return self.ratio(value.numerator, value.denominator, kind, like)

    def ratio(self, above: int, below: int, kind: Quantity, like: Node | None = None) -> str:
        """As `quantity`, for `above / below`."""
        percent = like is not None and not kind.dimension and self._in_percent(like)
        return show_ratio(above, below, kind.dimension, self.lang, percent)

    def _in_percent(self, node: Node) -> bool:
        known = self._percent.get(id(node))
        if known is None:
            found = any(isinstance(item, Constant) and "%" in item.text for item in walk(node))
            known = self._percent[id(node)] = node, found
        return known[1]

    def finding(self, node: Compare, value: str, threshold: str, lacking: str | None) -> str:
        """`再生水利用同比增量 92,000 立方米，须超过 100,000 立方米，差 8,000 立方米`."""
        must = MUST[node.comparator].of(self.lang)
        if self.lang == "zh":
            end = f"，差 {lacking}" if lacking else ""
            return f"{self.text(node.left)} {value}，{must} {threshold}{end}"
        end = f", off by {lacking}" if lacking else ""
        return f"{self.text(node.left)} is {value}, {must} {threshold}{end}"

    def _title(self, node: Recognised) -> str:
        title = self.word("titles", node.title)
        level = self.word("levels", node.level) if node.level else ""
        if self.lang == "zh":
            since = f"{node.since} 年及以后" if node.since else ""
            return f"{since}获{level}认定「{title}」"
        since = f" in {node.since} or later" if node.since else ""
        return f"recognised as {level + ' ' if level else ''}“{title}”{since}"

    def _interval(self, low: Node, high: Node | None) -> str:
        zh = self.lang == "zh"
        nothing = isinstance(low, Constant) and low.value == 0
        if high is None:
            return "数额未定" if zh else "an amount not stated"
        if nothing:
            return f"最高 {self.say(high)}" if zh else f"up to {self.say(high)}"
        return f"{self.say(low)} 至 {self.say(high)}" if zh else f"{self.say(low)} to {self.say(high)}"

    def _in_brackets(self, node: Node) -> str:
        text = self.say(node)
        return f"({text})" if isinstance(node, And | Or) else text

    def _operand(self, node: Node, operator: str, *, right: bool = False) -> str:
        text = self.say(node)
        if isinstance(node, Arithmetic):
            inner, outer = _BINDS[node.operator], _BINDS[operator]
            if inner < outer or (right and inner == outer and operator in "-/"):
                return f"({text})"
        return text
