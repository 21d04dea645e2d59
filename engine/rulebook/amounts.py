"""What a measure pays and at most: the keys `pay`, `up_to`, `tiers`, `cap` and `ceiling`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

from conggao.engine.language.check import check
from conggao.engine.language.parse import RuleFault
from conggao.engine.language.scope import Scope
from conggao.engine.language.tree import Arithmetic, Between, Choice, Constant, Fact, Node, Place, walk
from conggao.engine.language.types import MONEY, TRUTH, Quantity, Type
from conggao.engine.rulebook.model import CapPer, Ceiling, Kind, Subject
from conggao.engine.rulebook.reader import Path, Reader
from conggao.facts.diagnostics import Text


def expression(reader: Reader, path: Path, text: str, scope: Scope, wanted: Type | None) -> Node | None:
    """The typed tree of the expression under `path`; None with its fault noted."""
    try:
        return check(text, scope, reader.origin(path), wanted)
    except RuleFault as fault:
        found = fault.diagnostic
        if found.code == "rule/syntax" and unclosed(text) > 0:
            found = replace(found, help=AT_A_COMMA)
        reader.faults.append(found)
        return None


AT_A_COMMA = Text(
    "写在 `[ … ]` 或 `{ … }` 里的，逗号会把表达式断开：每条另起一行写 `- …`，或整条加单引号；不在其中的，补上右括号",
    "within `[ … ]` or `{ … }` a comma splits the expression: write each on a line of its own after `- `, or in single quotes; "
    "elsewhere close the bracket",
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’|「[^」]*」")


def unclosed(text: str) -> int:
    """How many brackets of an expression are not closed; below zero where some were never opened."""
    signs = _QUOTED.sub("", text)
    return sum(signs.count(sign) for sign in "(（[【") - sum(signs.count(sign) for sign in ")）]】")


def read_amount(reader: Reader, kind: Kind | None, scope: Scope) -> Node | None:
    """What `pay` or `up_to` says; None for an open end, or with its fault noted."""
    if kind not in ("pay", "up_to") or kind not in reader.data:
        return None
    if kind == "up_to" and reader.data[kind] == "open":
        return None
    node = _amount_or_choice(reader, kind, scope)
    if node is None or kind == "pay":
        return node
    return _up_to(node)


def _up_to(node: Node) -> Node:
    """From nothing to `node`; each value of a choice is read so."""
    interval = Quantity(MONEY.dimension, interval=True)
    if isinstance(node, Choice):
        branches = tuple((condition, _up_to(value)) for condition, value in node.branches)
        return Choice(branches, _up_to(node.otherwise), interval, place=node.place)
    if isinstance(node.type, Quantity) and node.type.interval:
        return node
    zero = Constant(Fraction(0), MONEY, "0", place=Place(node.place.start, node.place.start))
    return Between(zero, node, interval, place=node.place)


def read_cap(reader: Reader, scope: Scope) -> Node | None:
    """The cap; None where there is none, or with its fault noted."""
    if reader.data.get("cap") is None:
        return None
    node = _amount_or_choice(reader, "cap", scope)
    values = [node] if not isinstance(node, Choice) else [node.otherwise, *(value for _, value in node.branches)]
    if any((figure := _figure(value)) is not None and figure < 0 for value in values if value is not None):
        reader.fault("page/negative-cap", ("cap",), Text("上限不能是负数", "a cap cannot be negative"))
    return node


def _figure(node: Node) -> Fraction | None:
    """The value of an expression of figures alone, where it is a sum or a difference of them."""
    match node:
        case Constant(value=Fraction() as value):
            return value
        case Arithmetic(operator="+" | "-" as sign, left=left, right=right):
            first, second = _figure(left), _figure(right)
            if first is None or second is None:
                return None
            return first + second if sign == "+" else first - second
    return None


def _amount_or_choice(reader: Reader, key: str, scope: Scope) -> Node | None:
    """An amount of money, or a list of amounts by condition."""
    value: Any = reader.data[key]
    if isinstance(value, str):
        return expression(reader, (key,), value, scope, MONEY) if value else None
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        message = Text(
            f"`{key}` 应是一个数额，或 `when`/`value` 与 `otherwise` 的列表",
            f"`{key}` is an amount, or a list of `when`/`value` and `otherwise`",
        )
        reader.fault("page/shape", (key,), message)
        return None
    branches: list[tuple[Node, Node]] = []
    otherwise: Node | None = None
    for index, item in enumerate(value):
        last = index == len(value) - 1
        if last and set(item) == {"otherwise"}:
            otherwise = expression(reader, (key, index, "otherwise"), str(item["otherwise"]), scope, MONEY)
        elif not last and set(item) == {"when", "value"}:
            condition = expression(reader, (key, index, "when"), str(item["when"]), scope, TRUTH)
            amount = expression(reader, (key, index, "value"), str(item["value"]), scope, MONEY)
            if condition is not None and amount is not None:
                branches.append((condition, amount))
        else:
            message = Text(
                "每项写 `when` 和 `value`，最后一项写 `otherwise`",
                "each item has `when` and `value`, the last one `otherwise`",
            )
            texts = [text for text in item.values() if isinstance(text, str)]
            reader.fault(
                "page/shape", (key, index), message, AT_A_COMMA if any(unclosed(text) > 0 for text in texts) else None
            )
    if otherwise is None or len(branches) < len(value) - 1:
        return None
    interval = any(isinstance(n.type, Quantity) and n.type.interval for n in (otherwise, *(v for _, v in branches)))
    return Choice(tuple(branches), otherwise, Quantity(MONEY.dimension, interval=interval))


def wider_cap(reader: Reader, cap: Node, cap_per: CapPer, subject: Subject | None) -> None:
    """A cap over a wider scope is one figure for all its claims, so it cannot depend on facts of one of them."""
    if cap_per == subject:
        return
    if (
        cap_per != "enterprise"
        and not (cap_per == "provider" and subject == "service")
        and not (cap_per == "park" == subject)
    ):
        message = Text(
            f"`{subject}` 的上限不能按 `{cap_per}` 合计", f"a cap of `{subject}` cannot be added up over `{cap_per}`"
        )
        hint = Text(
            "可按对象自身或企业合计，服务还可按提供方合计",
            "over the subject itself or the enterprise; for services also over the provider",
        )
        reader.fault("page/cap-scope", ("cap_per",), message, hint)
        return
    for node in walk(cap):
        if isinstance(node, Fact) and node.key.subject == subject != "enterprise":
            message = Text(
                "按更大范围合计的上限不能取决于单个对象的事实",
                "a cap over a wider scope cannot depend on a fact of one subject",
            )
            reader.fault("page/cap-scope", ("cap",), message)
            return


def read_ceiling(reader: Reader, scope: Scope, policy: str) -> Ceiling | None:
    """`ceiling: {amount: …, over: all}`, or over a list of measures; None where there is none, or with its fault noted."""
    value: Any = reader.data.get("ceiling")
    if value is None:
        return None
    if not isinstance(value, Mapping) or not {"amount"} <= set(value) <= {"amount", "over"}:
        message = Text(
            "`ceiling` 写作 `{amount: 20% * 总投资, over: all}`",
            "write `ceiling: {amount: 20% * total_investment, over: all}`",
        )
        reader.fault("page/shape", ("ceiling",), message)
        return None
    amount = expression(reader, ("ceiling", "amount"), str(value["amount"]), scope, MONEY)
    if amount is not None and isinstance(amount.type, Quantity) and amount.type.interval:
        message = Text("合计上限不能是区间", "a ceiling cannot be an interval")
        reader.fault("rule/type", ("ceiling", "amount"), message)
        return None
    over = value.get("over", "all")
    if over != "all" and not (isinstance(over, list) and over and all(isinstance(item, str) for item in over)):
        message = Text("`over` 写 `all`，或措施的列表", "`over` is `all`, or a list of measures")
        reader.fault("page/shape", ("ceiling", "over"), message)
        return None
    if amount is None:
        return None
    return Ceiling(amount, None if over == "all" else tuple(full(item, policy) for item in cast("list[str]", over)))


def full(name: str, policy: str) -> str:
    """The full id of a measure that a page of `policy` calls `name`."""
    return name if "/" in name else f"{policy}/{name}"
