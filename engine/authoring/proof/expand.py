"""Rules with their derived facts written out, so that what they say can be compared and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conggao.engine.language.tree import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Choice,
    Compare,
    Contains,
    Derived,
    Extreme,
    Node,
    Not,
    Or,
    walk,
)
from conggao.engine.rulebook.model import Derivation, Rulebooks


class Expander:
    """Writes out the derived facts of some rulebooks; what was written out once is kept."""

    def __init__(self, books: Rulebooks) -> None:
        self.derivations: Mapping[tuple[str, str], Derivation] = {(d.subject, d.name): d for d in books.derivations}
        self._made: dict[Node, Node] = {}

    def of(self, node: Node) -> Node:
        """`node` without derived facts."""
        if node not in self._made:
            self._made[node] = self._of(node)
        return self._made[node]

    def _of(self, node: Node) -> Node:
        match node:
            case Derived(name=name, subject=subject):
                return self.of(self.derivations[subject, name].node)
            case And(items=items) | Or(items=items) | Extreme(items=items):
                return _with(node, items=tuple(self.of(item) for item in items))
            case Not(item=item):
                return replace(node, item=self.of(item))
            case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
                return _with(node, left=self.of(left), right=self.of(right))
            case Contains(item=item, collection=collection):
                return replace(node, item=self.of(item), collection=self.of(collection))
            case Aggregate(body=body):
                return node if body is None else replace(node, body=self.of(body))
            case Between(low=low, high=high):
                return replace(node, low=self.of(low), high=None if high is None else self.of(high))
            case Choice(branches=branches, otherwise=otherwise):
                made = tuple((self.of(condition), self.of(value)) for condition, value in branches)
                return replace(node, branches=made, otherwise=self.of(otherwise))
            case _:
                return node


def _with(node: Any, **parts: Any) -> Node:
    made: Node = replace(node, **parts)
    return made


def aggregates(node: Node) -> bool:
    """Whether an expression goes over a collection, of which only a few places are looked at."""
    return any(isinstance(part, Aggregate) for part in walk(node))


def derived_in(node: Node) -> Iterator[tuple[str, str]]:
    """The derived facts that an expression names, by subject and name."""
    return ((part.subject, part.name) for part in walk(node) if isinstance(part, Derived))
