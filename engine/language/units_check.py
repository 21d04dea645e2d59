"""Types and dimensions of operands: what may be compared, added, multiplied, and what came of it."""

from __future__ import annotations

from conggao.engine.language.parse import Origin, RuleFault
from conggao.engine.language.tree import Comparator, Constant, Node, Operator
from conggao.engine.language.types import DAY, Free, Quantity, Truth, Type, Word
from conggao.facts.diagnostics import Text
from conggao.facts.units import Dimension


def require(node: Node, wanted: Type, origin: Origin) -> None:
    """RuleFault unless `node` is of type `wanted`; where a quantity is wanted, an interval of it will do."""
    found = node.type
    if found == wanted:
        return
    if isinstance(found, Quantity) and isinstance(wanted, Quantity) and found.dimension == wanted.dimension:
        return
    raise _mismatch(node, wanted, origin)


def quantity(node: Node, origin: Origin) -> Quantity:
    """The quantity that `node` is, or RuleFault."""
    if isinstance(node.type, Quantity):
        return node.type
    found = node.type.describe()
    message = Text(f"此处需要数量，而不是{found.zh}", f"a quantity is needed here, not {found.en}")
    raise RuleFault(origin.fault("rule/type", node.place, message))


def same(node: Node, wanted: Type, origin: Origin) -> None:
    """RuleFault unless `node` can be an element of a list of `wanted`."""
    if isinstance(wanted, Quantity):
        if quantity(node, origin).dimension != wanted.dimension:
            raise _units(node, wanted.dimension, origin)
    elif node.type != wanted:
        raise _mismatch(node, wanted, origin)


def comparable(left: Node, right: Node, comparator: Comparator, origin: Origin) -> None:
    """RuleFault unless the two sides can be compared so."""
    if isinstance(left.type, Quantity) or isinstance(right.type, Quantity):
        first, second = quantity(left, origin), quantity(right, origin)
        if first.dimension != second.dimension:
            raise _units(
                *((left, second.dimension) if isinstance(left, Constant) else (right, first.dimension)), origin
            )
        return
    ordered = comparator not in ("==", "!=")
    if left.type == right.type == DAY:
        return
    if ordered or left.type != right.type or not isinstance(left.type, Truth | Word | Free):
        if left.type == right.type:
            found = left.type.describe()
            message = Text(f"{found.zh}没有大小", f"{found.en} has no order")
            raise RuleFault(origin.fault("rule/type", left.place, message))
        raise _mismatch(right, left.type, origin)


def added(operator: Operator, left: Node, right: Node, origin: Origin) -> Quantity:
    """The type of a sum or difference."""
    first, second = quantity(left, origin), quantity(right, origin)
    if first.dimension != second.dimension:
        raise _units(*((left, second.dimension) if isinstance(left, Constant) else (right, first.dimension)), origin)
    return Quantity(first.dimension, first.interval or second.interval)


def multiplied(operator: Operator, left: Node, right: Node, origin: Origin) -> Quantity:
    """The type of a product or quotient."""
    first, second = quantity(left, origin), quantity(right, origin)
    if operator == "/":
        if second.interval:
            message = Text("不能除以区间", "an interval cannot divide")
            raise RuleFault(origin.fault("rule/type", right.place, message))
        if isinstance(right, Constant) and right.value == 0:
            raise RuleFault(origin.fault("rule/zero", right.place, Text("除数是零", "the divisor is zero")))
    sign = 1 if operator == "*" else -1
    return Quantity(_product(first.dimension, second.dimension, sign), first.interval or second.interval)


def _product(first: Dimension, second: Dimension, sign: int) -> Dimension:
    powers = dict(first)
    for base, power in second:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def _units(node: Node, wanted: Dimension, origin: Origin) -> RuleFault:
    need, found = Quantity(wanted).describe(), node.type.describe()
    message = Text(f"此处的单位应是{need.zh}，而不是{found.zh}", f"the unit here should be {need.en}, not {found.en}")
    hint = None
    if (
        isinstance(node, Constant)
        and isinstance(node.type, Quantity)
        and not node.type.dimension
        and wanted == (("money", 1),)
    ):
        ways = [f"`{node.text}元`"] if node.text[-1:] in "万亿" else [f"`{node.text} 元`", f"`{node.text} 万元`"]
        hint = Text(f"金额要写单位，例如 {' 或 '.join(ways)}", f"money needs its unit: {' or '.join(ways)}")
    return RuleFault(origin.fault("rule/unit", node.place, message, hint))


def _mismatch(node: Node, wanted: Type, origin: Origin) -> RuleFault:
    if isinstance(node.type, Quantity) and isinstance(wanted, Quantity):
        return _units(node, wanted.dimension, origin)
    need, found = wanted.describe(), node.type.describe()
    message = Text(f"此处需要{need.zh}，而不是{found.zh}", f"{need.en} is needed here, not {found.en}")
    return RuleFault(origin.fault("rule/type", node.place, message))
