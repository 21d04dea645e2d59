"""Syntax tree to typed tree: every name resolved, every unit checked, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from lark import Token, Tree

from conggao.engine.language import functions, units_check
from conggao.engine.language.parse import Origin, RuleFault, parse
from conggao.engine.language.scope import COLLECTIONS, ENTERPRISE, PERIODS, Meaning, Scope
from conggao.engine.language.tree import (
    And,
    Arithmetic,
    Comparator,
    Compare,
    Constant,
    Contains,
    Derived,
    Fact,
    Node,
    Not,
    Operator,
    Or,
    Place,
    Words,
)
from conggao.engine.language.types import DAY, FREE, TRUTH, Free, ListOf, Quantity, Type, Word
from conggao.facts.diagnostics import Text, did_you_mean
from conggao.facts.units import parse_quantity
from conggao.facts.words import other_level

_COMPARATORS: dict[str, Comparator] = {
    "<": "<", "＜": "<", ">": ">", "＞": ">", "<=": "<=", "≤": "<=", ">=": ">=", "≥": ">=",
    "=": "==", "==": "==", "＝": "==", "!=": "!=", "≠": "!=", "<>": "!=",
}  # fmt: skip
_OPERATORS: dict[str, Operator] = {
    "+": "+", "＋": "+", "-": "-", "−": "-", "－": "-", "*": "*", "×": "*", "/": "/", "÷": "/",
}  # fmt: skip


def check(text: str, scope: Scope, origin: Origin, wanted: Type | None = None) -> Node:
    """The typed tree of `text`, of type `wanted` if one is given (an interval is taken where its quantity is wanted).

    Raises RuleFault at the first word that cannot be taken.
    """
    node = Checker(scope, origin).node(parse(text, origin))
    if wanted is not None:
        units_check.require(node, wanted, origin)
    return node


class Checker:
    """Checks one expression. `inside` an aggregate, `collection` becomes the kind of subject its body goes over."""

    def __init__(self, scope: Scope, origin: Origin, *, inside: bool = False) -> None:
        self.scope = scope
        self.origin = origin
        self.inside = inside
        self.collection: str | None = None

    def node(self, tree: Tree[Token]) -> Node:
        return _VISITORS[str(tree.data)](self, tree)

    def fail(self, code: str, place: Place, message: Text, help: Text | None = None) -> RuleFault:  # noqa: A002
        return RuleFault(self.origin.fault(code, place, message, help))

    # -- truths ---------------------------------------------------------------------------------------------------

    def disjunction(self, tree: Tree[Token]) -> Node:
        return Or(self._truths(tree), place=_place(tree))

    def conjunction(self, tree: Tree[Token]) -> Node:
        return And(self._truths(tree), place=_place(tree))

    def negation(self, tree: Tree[Token]) -> Node:
        return Not(self._truth(_trees(tree)[0]), place=_place(tree))

    def _truths(self, tree: Tree[Token]) -> tuple[Node, ...]:
        return tuple(self._truth(item) for item in _trees(tree))

    def _truth(self, tree: Tree[Token]) -> Node:
        node = self.node(tree)
        units_check.require(node, TRUTH, self.origin)
        return node

    def comparison(self, tree: Tree[Token]) -> Node:
        """`a ≤ b ≤ c` is `a ≤ b and b ≤ c`."""
        operands = [self.node(item) for item in _trees(tree)]
        signs = [child for child in tree.children if isinstance(child, Token)]
        parts: list[Node] = []
        for index, sign in enumerate(signs):
            left, right = self._same_words(operands[index], operands[index + 1])
            units_check.comparable(left, right, _COMPARATORS[str(sign)], self.origin)
            place = Place(left.place.start, right.place.end)
            parts.append(Compare(_COMPARATORS[str(sign)], left, right, place=place))
        return parts[0] if len(parts) == 1 else And(tuple(parts), place=_place(tree))

    def _same_words(self, left: Node, right: Node) -> tuple[Node, Node]:
        if isinstance(left.type, Word) and isinstance(right, Constant):
            return left, self.word(right, left.type)
        if isinstance(right.type, Word) and isinstance(left, Constant):
            return self.word(left, right.type), right
        return left, right

    def member(self, tree: Tree[Token]) -> Node:
        item, collection = _trees(tree)
        return self._contains(item, collection, tree)

    def contains(self, tree: Tree[Token]) -> Node:
        collection, item = _trees(tree)
        return self._contains(item, collection, tree)

    def _contains(self, item_tree: Tree[Token], collection_tree: Tree[Token], tree: Tree[Token]) -> Node:
        item, collection = self.node(item_tree), self.node(collection_tree)
        if not isinstance(collection.type, ListOf):
            found = collection.type.describe()
            message = Text(f"此处需要列表，而不是{found.zh}", f"a list is needed here, not {found.en}")
            raise self.fail("rule/type", collection.place, message)
        if isinstance(collection.type.item, Word):
            if isinstance(item, Constant):
                item = self.word(item, collection.type.item)
        elif isinstance(item.type, Word) and isinstance(collection, Words):
            words = tuple(self.word(word, item.type) for word in collection.items)
            collection = Words(words, ListOf(item.type), place=collection.place)
        assert isinstance(collection.type, ListOf)
        if isinstance(item.type, ListOf):
            message = Text("列表不能整个属于另一个列表", "a whole list cannot be in another list")
            hint = Text(
                '逐个写，例如 `any(用途 包含 "a", 用途 包含 "b")`',
                'name each: `any(purposes contains "a", purposes contains "b")`',
            )
            raise self.fail("rule/type", item.place, message, hint)
        units_check.same(item, collection.type.item, self.origin)
        return Contains(item, collection, place=_place(tree))

    def word(self, constant: Constant, table: Word) -> Constant:
        if not isinstance(constant.type, Free) or not isinstance(constant.value, str):
            return constant
        words = self.scope.vocabulary.words(table.table)
        for name, label in words.items():
            if constant.value in (name, label.zh, label.en):
                return Constant(name, table, constant.text, place=constant.place)
        known = [text for name, label in words.items() for text in (name, label.zh)]
        message = Text(
            f"`{constant.value}` 不在词表 `{table.table}` 中", f"`{constant.value}` is not in the list `{table.table}`"
        )
        level = other_level(constant.value) if table.table == "levels" else None
        raise self.fail("rule/unknown-word", constant.place, message, level or did_you_mean(constant.value, known))

    # -- quantities -----------------------------------------------------------------------------------------------

    def additive(self, tree: Tree[Token]) -> Node:
        return self._fold(tree, units_check.added)

    def multiplicative(self, tree: Tree[Token]) -> Node:
        return self._fold(tree, units_check.multiplied)

    def _fold(self, tree: Tree[Token], typed: Callable[[Operator, Node, Node, Origin], Quantity]) -> Node:
        operands = [self.node(item) for item in _trees(tree)]
        signs = [_OPERATORS[str(child)] for child in tree.children if isinstance(child, Token)]
        result = operands[0]
        for sign, right in zip(signs, operands[1:], strict=True):
            place = Place(result.place.start, right.place.end)
            result = Arithmetic(sign, result, right, typed(sign, result, right, self.origin), place=place)
        return result

    def signed(self, tree: Tree[Token]) -> Node:
        sign, item = tree.children
        assert isinstance(item, Tree)
        node = self.node(item)
        kind = units_check.quantity(node, self.origin)
        if _OPERATORS[str(sign)] == "+":
            return node
        zero = Constant(Fraction(0), Quantity(kind.dimension), "0", place=Place(node.place.start, node.place.start))
        return Arithmetic("-", zero, node, kind, place=_place(tree))

    def group(self, tree: Tree[Token]) -> Node:
        return self.node(_trees(tree)[0])

    def quantity(self, tree: Tree[Token]) -> Node:
        text = " ".join(str(token) for token in tree.children)
        value = parse_quantity(text)
        return Constant(value.value, Quantity(value.dimension), text, place=_place(tree))

    def date(self, tree: Tree[Token]) -> Node:
        text = str(tree.children[0])
        try:
            return Constant(date.fromisoformat(text), DAY, text, place=_place(tree))
        except ValueError:
            message = Text(f"`{text}` 不是日历上的日期", f"`{text}` is not a day of the calendar")
            raise self.fail("rule/date", _place(tree), message) from None

    def text(self, tree: Tree[Token]) -> Node:
        text = str(tree.children[0])
        return Constant(text[1:-1].strip(), FREE, text, place=_place(tree))

    def listed(self, tree: Tree[Token]) -> Node:
        items = [self.node(item) for item in _trees(tree)]
        if not items:
            raise self.fail("rule/type", _place(tree), Text("列表是空的", "the list is empty"))
        constants = [item for item in items if isinstance(item, Constant)]
        if len(constants) < len(items):
            odd = next(item for item in items if not isinstance(item, Constant))
            message = Text("列表中只能写确定的词或数", "a list is made of fixed words or numbers")
            raise self.fail("rule/type", odd.place, message)
        first = constants[0].type
        assert isinstance(first, Free | Quantity | Word) or first == DAY
        if not isinstance(first, Free | Quantity | Word):
            raise self.fail("rule/type", constants[0].place, Text("列表中不能写日期", "a list cannot hold dates"))
        for item in constants[1:]:
            units_check.same(item, first, self.origin)
        return Words(tuple(constants), ListOf(first), place=_place(tree))

    # -- names and calls ------------------------------------------------------------------------------------------

    def name(self, tree: Tree[Token]) -> Node:
        parts = [str(token) for token in tree.children if isinstance(token, Token) and token.type == "NAME"]
        place = _place(tree)
        if len(parts) == 1:
            meaning, known = self.scope.find(parts[0]), self.scope.names
        elif len(parts) == 2 and parts[0] in PERIODS:  # noqa: PLR2004 - a dotted name has two parts
            meaning, known = self.scope.in_period(PERIODS[parts[0]], parts[1]), self.scope.period_names
        elif len(parts) == 2 and parts[0] in ENTERPRISE:  # noqa: PLR2004
            meaning, known = (
                self.scope.on_enterprise(parts[1]),
                Scope(self.scope.vocabulary, None, self.scope.derived).names,
            )
        elif len(parts) == 2 and parts[0] in COLLECTIONS:  # noqa: PLR2004
            return self._each(parts, place)
        else:
            message = Text(f"`{'.'.join(parts)}` 不是一个名称", f"`{'.'.join(parts)}` is not a name")
            hint = Text(
                "可写：`上年度.名称`、`前年度.名称`、`企业.名称`",
                "write `latest.NAME`, `previous.NAME` or `enterprise.NAME`",
            )
            raise self.fail("rule/unknown-name", place, message, hint)
        if meaning is None:
            raise self._unknown(parts, place, known)
        return _node_of(meaning, place)

    def _each(self, parts: list[str], place: Place) -> Node:
        subject = COLLECTIONS[parts[0]]
        if not self.inside:
            message = Text(
                f"`{parts[0]}` 有多个，须写在合计之类的函数里",
                f"there may be several `{parts[0]}`: use them inside sum, count, any, min or max",
            )
            hint = Text(f"例如 `sum({'.'.join(parts)})`", f"for instance `sum({'.'.join(parts)})`")
            raise self.fail("rule/collection", place, message, hint)
        if self.collection not in (None, subject):
            raise self.fail(
                "rule/collection",
                place,
                Text("一个合计只能遍历一种对象", "one aggregate goes over one kind of subject"),
            )
        self.collection = subject
        scope = self.scope.of(subject)
        meaning = scope.find(parts[1])
        if meaning is None:
            raise self._unknown(parts, place, scope.names)
        return _node_of(meaning, place)

    def _unknown(self, parts: list[str], place: Place, known: Callable[[], Sequence[str]]) -> RuleFault:
        name = parts[-1]
        start = place.end - len(name)
        help_ = did_you_mean(name, known())
        if len(parts) == 1 and self.scope.in_period("latest", name) is not None:
            help_ = Text(f"这是年度数据，请写 `上年度.{name}`", f"this is a yearly figure: write `latest.{name}`")
        elif (owner := self._owner(name)) is not None:
            help_ = owner
        elif any(keyword in name for keyword in "且或非"):
            help_ = Text("`且`、`或`、`非` 前后要有空格", "put spaces around `且`, `或` and `非`")
        message = Text(f"没有名为 `{name}` 的事实", f"there is no fact named `{name}`")
        return self.fail("rule/unknown-name", Place(start, place.end), message, help_)

    def _owner(self, name: str) -> Text | None:
        """How to write a fact of this name of another kind of subject than the rule's, where there is one."""
        for owner, (zh, en) in _OWNERS.items():
            if owner != self.scope.subject and self.scope.vocabulary.find(owner, name) is not None:
                told_zh, told_en = (
                    f"这是{zh}的事实：写 `subject: {owner}`",
                    f"this is a fact of a {en}: write `subject: {owner}`",
                )
                inside = next((word for word, each in COLLECTIONS.items() if each == owner), None)
                if inside is None:
                    return Text(told_zh, told_en)
                return Text(
                    f"{told_zh}，或写进合计，如 `any({inside}.{name})`",
                    f"{told_en}, or put it into an aggregate such as `any({inside}.{name})`",
                )
        return None

    def call(self, tree: Tree[Token]) -> Node:
        return functions.call(self, tree)


def _node_of(meaning: Meaning, place: Place) -> Node:
    """The node that reads what a name means."""
    if meaning.derived is not None:
        return Derived(meaning.derived.name, meaning.derived.subject, meaning.type, place=place)
    assert meaning.key is not None
    return Fact(meaning.key, meaning.type, place=place)


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _place(tree: Tree[Token]) -> Place:
    return Place(tree.meta.start_pos, tree.meta.end_pos)


_VISITORS: dict[str, Callable[[Checker, Tree[Token]], Node]] = {
    "disjunction": Checker.disjunction,
    "conjunction": Checker.conjunction,
    "negation": Checker.negation,
    "comparison": Checker.comparison,
    "member": Checker.member,
    "contains": Checker.contains,
    "sum": Checker.additive,
    "product": Checker.multiplicative,
    "signed": Checker.signed,
    "group": Checker.group,
    "quantity": Checker.quantity,
    "date": Checker.date,
    "text": Checker.text,
    "list": Checker.listed,
    "name": Checker.name,
    "call": Checker.call,
}


_OWNERS = {"project": ("项目", "project"), "service": ("服务", "service"), "park": ("园区", "park")}
