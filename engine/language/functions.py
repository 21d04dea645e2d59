"""The functions of the rule language: what each takes and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, cast

from lark import Token, Tree

from conggao.engine.language import units_check
from conggao.engine.language.scope import COLLECTIONS
from conggao.engine.language.tree import Aggregate, Between, Constant, Extreme, Node, Or, Place, Recognised
from conggao.engine.language.types import NUMBER, TRUTH, Free, Quantity, Word
from conggao.facts.diagnostics import Text, did_you_mean

if TYPE_CHECKING:
    from conggao.engine.language.check import Checker

NAMES = {
    "recognised": "recognised", "认定": "recognised", "min": "min", "最小": "min", "max": "max", "最大": "max",
    "sum": "sum", "合计": "sum", "count": "count", "计数": "count", "any": "any", "任一": "any",
    "up_to": "up_to", "最高": "up_to", "between": "between", "介于": "between",
}  # fmt: skip
_SINCE, _LEVEL = ("since", "自"), ("level", "级别")


def call(checker: Checker, tree: Tree[Token]) -> Node:
    """The node of a function call, or RuleFault."""
    name_token = tree.children[0]
    assert isinstance(name_token, Token)
    place = Place(tree.meta.start_pos, tree.meta.end_pos)
    name_place = Place(place.start, place.start + len(name_token))
    name = NAMES.get(str(name_token))
    if name is None:
        message = Text(f"没有名为 `{name_token}` 的函数", f"there is no function named `{name_token}`")
        raise checker.fail("rule/unknown-function", name_place, message, did_you_mean(str(name_token), NAMES))
    arguments = [child for child in tree.children if isinstance(child, Tree)]
    if not arguments:
        raise checker.fail("rule/arguments", place, Text(f"`{name_token}` 需要参数", f"`{name_token}` needs arguments"))
    return _MAKERS[name](checker, arguments, place, name)


def _recognised(checker: Checker, arguments: list[Tree[Token]], place: Place, name: str) -> Node:
    title = checker.node(arguments[0])
    if not isinstance(title, Constant) or not isinstance(title.type, Free):
        message = Text("第一个参数应是引号中的称号", "the first argument is a title in quotes")
        raise checker.fail("rule/arguments", title.place, message)
    since: int | None = None
    level: str | None = None
    for argument in arguments[1:]:
        _fixed_year(checker, argument)
        key, value = _keyword(checker, argument)
        if key in _SINCE and isinstance(value, Constant) and value.type == NUMBER:
            since = int(cast("int", value.value))
        elif key in _LEVEL and isinstance(value, Constant) and isinstance(value.type, Free):
            level = str(checker.word(value, Word("levels")).value)
        else:
            message = Text('此处应写 `since=年份` 或 `level="级别"`', 'write `since=YEAR` or `level="LEVEL"` here')
            raise checker.fail("rule/arguments", value.place, message)
    return Recognised(str(checker.word(title, Word("titles")).value), level, since, place=place)


def _fixed_year(checker: Checker, tree: Tree[Token]) -> None:
    """Raises RuleFault where `since` is given something else than a year in digits."""
    parts = [child for child in tree.children if isinstance(child, Tree)]
    if tree.data != "comparison" or len(parts) != 2 or parts[0].data != "name":  # noqa: PLR2004
        return
    if ".".join(str(token) for token in parts[0].children) not in _SINCE:
        return
    year = parts[1]
    if year.data == "quantity" and len(year.children) == 1 and str(year.children[0]).isdigit():
        return
    message = Text(
        "`since` 后面写一个固定的年份，例如 `since=2024`：该年及以后认定的",
        "`since` takes a fixed year, such as `since=2024`: recognised that year or later",
    )
    hint = Text(
        "上年度新认定这样写：用 `facts` 声明一个 `type: years` 的事实（如 `新认定年份`），条件写 `上年度.年份 属于 新认定年份`",
        "newly recognised last year: declare a fact of `type: years` in a `facts` block, and write `latest.year in` that fact",
    )
    raise checker.fail("rule/since", Place(year.meta.start_pos, year.meta.end_pos), message, hint)


def _keyword(checker: Checker, tree: Tree[Token]) -> tuple[str, Node]:
    """`since=2024` is read by the grammar as a comparison; here its left side is a keyword."""
    parts = [child for child in tree.children if isinstance(child, Tree)]
    if tree.data == "comparison" and len(parts) == 2 and parts[0].data == "name":  # noqa: PLR2004
        return ".".join(str(token) for token in parts[0].children), checker.node(parts[1])
    return "", checker.node(tree)


def _extreme(checker: Checker, arguments: list[Tree[Token]], place: Place, name: str) -> Node:
    if len(arguments) == 1:
        return _aggregate(checker, arguments, place, name)
    items = tuple(checker.node(argument) for argument in arguments)
    first = units_check.quantity(items[0], checker.origin)
    for item in items[1:]:
        units_check.same(item, first, checker.origin)
    interval = any(isinstance(item.type, Quantity) and item.type.interval for item in items)
    return Extreme(cast("Literal['min', 'max']", name), items, Quantity(first.dimension, interval), place=place)


def _any(checker: Checker, arguments: list[Tree[Token]], place: Place, name: str) -> Node:
    if len(arguments) == 1:
        return _aggregate(checker, arguments, place, name)
    items = tuple(checker.node(argument) for argument in arguments)
    for item in items:
        units_check.require(item, TRUTH, checker.origin)
    return Or(items, place=place)


def _aggregate(checker: Checker, arguments: list[Tree[Token]], place: Place, name: str) -> Node:
    if len(arguments) != 1:
        message = Text(f"`{name}` 只要一个参数", f"`{name}` takes one argument")
        raise checker.fail("rule/arguments", place, message)
    if name == "count" and (whole := _whole_collection(arguments[0])) is not None:
        return Aggregate("count", whole, None, NUMBER, place=place)
    if checker.inside:
        raise checker.fail("rule/collection", place, Text("合计之中不能再有合计", "an aggregate cannot hold another"))
    if checker.scope.subject not in (None, "enterprise"):
        message = Text(
            "只有关于企业的规则能遍历项目或服务", "only a rule about the enterprise can go over projects or services"
        )
        raise checker.fail("rule/collection", place, message)
    inner = type(checker)(checker.scope, checker.origin, inside=True)
    body = inner.node(arguments[0])
    if inner.collection is None:
        message = Text(
            "参数里没有 `项目.` 或 `服务.` 开头的名称", "the argument names nothing of `projects.` or `services.`"
        )
        raise checker.fail("rule/collection", body.place, message)
    if name in ("count", "any"):
        units_check.require(body, TRUTH, checker.origin)
        return Aggregate(
            cast("Literal['count', 'any']", name),
            inner.collection,
            body,
            NUMBER if name == "count" else TRUTH,
            place=place,
        )
    kind = units_check.quantity(body, checker.origin)
    if kind.interval:
        raise checker.fail("rule/type", body.place, Text("区间不能合计", "intervals cannot be aggregated"))
    return Aggregate(cast("Literal['sum', 'min', 'max']", name), inner.collection, body, kind, place=place)


def _whole_collection(tree: Tree[Token]) -> str | None:
    """`count(projects)` counts them all."""
    return COLLECTIONS.get(str(tree.children[0])) if tree.data == "name" and len(tree.children) == 1 else None


def _interval(checker: Checker, arguments: list[Tree[Token]], place: Place, name: str) -> Node:
    need = 1 if name == "up_to" else 2
    if len(arguments) != need:
        message = Text(f"此函数需要 {need} 个参数", f"this function takes {need} argument(s)")
        raise checker.fail("rule/arguments", place, message)
    ends = [checker.node(argument) for argument in arguments]
    kind = units_check.quantity(ends[-1], checker.origin)
    for end in ends:
        if units_check.quantity(end, checker.origin).interval:
            raise checker.fail(
                "rule/type", end.place, Text("区间的端点不能又是区间", "an end of an interval cannot be an interval")
            )
        units_check.same(end, kind, checker.origin)
    low = ends[0] if need == 2 else Constant(Fraction(0), kind, "0", place=Place(place.start, place.start))  # noqa: PLR2004
    high = ends[-1]
    if (
        isinstance(low, Constant)
        and isinstance(high, Constant)
        and cast("Fraction", low.value) > cast("Fraction", high.value)
    ):
        raise checker.fail("rule/interval", place, Text("下限大于上限", "the low end is above the high end"))
    return Between(low, high, Quantity(kind.dimension, interval=True), place=place)


_Maker = Callable[["Checker", list[Tree[Token]], Place, str], Node]
_MAKERS: dict[str, _Maker] = {
    "recognised": _recognised,
    "min": _extreme,
    "max": _extreme,
    "any": _any,
    "sum": _aggregate,
    "count": _aggregate,
    "up_to": _interval,
    "between": _interval,
}
