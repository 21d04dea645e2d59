"""Which facts are known wherever conditions hold: an amount made of them is known there too, and need not be looked at for null."""

from __future__ import annotations

from collections.abc import Iterable

from conggao.engine.evaluate.compile import is_interval
from conggao.engine.language.tree import (
    Aggregate,
    And,
    Arithmetic,
    Compare,
    Constant,
    Derived,
    Extreme,
    Fact,
    Node,
    Not,
)
from conggao.engine.language.types import Quantity


def stated(conditions: Iterable[Node]) -> frozenset[Node]:
    """The quantities without which one of the conditions, which all hold, could not."""
    found: set[Node] = set()
    for node in conditions:
        match node:
            case And(items=items):
                found |= stated(items)
            # What is compared, whichever way, is known.
            case Compare() | Not(item=Compare()):
                compared = node if isinstance(node, Compare) else node.item
                assert isinstance(compared, Compare)
                if isinstance(compared.left.type, Quantity) and not (
                    is_interval(compared.left) or is_interval(compared.right)
                ):
                    found |= _read(compared.left) | _read(compared.right)
    return frozenset(found)


def _read(node: Node) -> set[Node]:
    """What must be known for a quantity to be."""
    match node:
        case Fact() | Derived() | Aggregate():
            return {node}
        case Arithmetic(left=left, right=right):
            return _read(left) | _read(right)
        case Extreme(items=items):
            return set().union(*map(_read, items))
        case _:
            return set()


def known(node: Node, given: frozenset[Node]) -> bool:
    """Whether a quantity is known where those `given` are."""
    match node:
        case Constant():
            return True
        case Fact() | Derived() | Aggregate():
            return node in given
        case Arithmetic(operator="+" | "-" | "*", left=left, right=right):
            return known(left, given) and known(right, given)
        case Extreme(items=items):
            return all(known(item, given) for item in items)
        case _:
            return False
