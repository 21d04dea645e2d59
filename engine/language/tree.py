"""The typed tree: what every evaluator, renderer and lint reads.

Nodes are immutable and compare by content but for their place (`span`), so that equal expressions are equal keys.
Numbers are exact: a literal is a `Fraction` of base units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from conggao.engine.language.types import TRUTH, Type

Comparator = Literal["<", "<=", ">", ">=", "==", "!="]
Operator = Literal["+", "-", "*", "/"]
Period = Literal["latest", "previous"]

FLIPPED: dict[Comparator, Comparator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
NEGATED: dict[Comparator, Comparator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands in the text of its expression: offsets in characters, end excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    place: Place = field(default=Place(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FactKey:
    """A fact that a case can state: of which subject, of which year's report (or none), under which name."""

    subject: str
    name: str
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Constant(Base):
    value: Fraction | str | date
    type: Type
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Words(Base):
    """A list written out in a rule: `["a", "b"]`."""

    items: tuple[Constant, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Fact(Base):
    key: FactKey
    type: Type


@dataclass(frozen=True, slots=True)
class Derived(Base):
    """A fact that a `derive` block defines; `subject` says for whom."""

    name: str
    subject: str
    type: Type


@dataclass(frozen=True, slots=True)
class Not(Base):
    item: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class And(Base):
    items: tuple[Node, ...]
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Or(Base):
    items: tuple[Node, ...]
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Compare(Base):
    comparator: Comparator
    left: Node
    right: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Contains(Base):
    """`item` is one of `collection` (a list fact, or a list written out)."""

    item: Node
    collection: Node
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Arithmetic(Base):
    operator: Operator
    left: Node
    right: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Extreme(Base):
    """The least or the greatest of several quantities."""

    kind: Literal["min", "max"]
    items: tuple[Node, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Aggregate(Base):
    """`sum`, `count`, `any`, `min` or `max` of `body` over every project or service; `body` None counts them all."""

    kind: Literal["sum", "count", "any", "min", "max"]
    over: str
    body: Node | None
    type: Type


@dataclass(frozen=True, slots=True)
class Recognised(Base):
    """The enterprise holds `title`, at `level` if given, recognised in the year `since` or later if given."""

    title: str
    level: str | None
    since: int | None
    type: Type = TRUTH


@dataclass(frozen=True, slots=True)
class Between(Base):
    """An interval that an authority decides within; `high` None is an open end."""

    low: Node
    high: Node | None
    type: Type


@dataclass(frozen=True, slots=True)
class Choice(Base):
    """The value of the first branch whose condition holds, else `otherwise`: a cap that depends on conditions."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node
    type: Type


Node = (
    Constant
    | Words
    | Fact
    | Derived
    | Not
    | And
    | Or
    | Compare
    | Contains
    | Arithmetic
    | Extreme
    | Aggregate
    | Recognised
    | Between
    | Choice
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below `node`, in the order written."""
    match node:
        case Not(item=item):
            return (item,)
        case And(items=items) | Or(items=items) | Extreme(items=items) | Words(items=items):
            return items
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case Contains(item=item, collection=collection):
            return (item, collection)
        case Aggregate(body=body):
            return () if body is None else (body,)
        case Between(low=low, high=high):
            return (low,) if high is None else (low, high)
        case Choice(branches=branches, otherwise=otherwise):
            return (*(part for branch in branches for part in branch), otherwise)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and every node below it, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def literals(node: Node) -> Iterator[Constant]:
    """Every literal of the expression, in the order written."""
    return (item for item in walk(node) if isinstance(item, Constant))
