"""Rules split into parts that durable-rules can hold: few rules, few patterns that one fact could meet, few fields a fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conggao.engine.evaluate.durable import Rule

MOST_RULES = 150
MOST_PATTERNS = 55
"""Patterns on one kind of fact: all of them could be met at once, and the library takes 64."""
MOST_FIELDS = 200


class Cycle(ValueError):  # noqa: N818 - says what is wrong
    """Derived facts that follow from each other."""


@dataclass(frozen=True, eq=False)
class Shard:
    """Rules that are compiled together. `fields` lists what they test of each kind of fact; `derives` what each derives."""

    rules: tuple[Rule, ...]
    fields: Mapping[int, frozenset[int]] = field(init=False)
    derives: Mapping[int, int] = field(init=False)
    _hash: int = field(init=False)

    def __post_init__(self) -> None:
        fields: dict[int, set[int]] = {}
        for rule in self.rules:
            for pattern in rule.when:
                fields.setdefault(pattern.kind, set()).update(test.field for test in pattern.tests)
        object.__setattr__(self, "_hash", hash(self.rules))
        object.__setattr__(self, "fields", {kind: frozenset(found) for kind, found in fields.items()})
        object.__setattr__(
            self, "derives", {rule.name: rule.derives for rule in self.rules if rule.derives is not None}
        )

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Shard) and self.rules == other.rules)


def split(rules: tuple[Rule, ...]) -> tuple[Shard, ...]:
    """One shard where all fit: derived facts then trigger the rules that need them. Else shards in an order in which every derived fact
    is known before it is needed. Raises Cycle where there is no such order."""
    levels = _levels(rules)
    if _fits(rules):
        return (Shard(rules),)
    shards: list[Shard] = []
    for level in sorted(set(levels.values())):
        group: list[Rule] = []
        for rule in rules:
            if levels[rule.name] == level:
                if group and not _fits((*group, rule)):
                    shards.append(Shard(tuple(group)))
                    group = []
                group.append(rule)
        shards.append(Shard(tuple(group)))
    return tuple(shards)


def _fits(rules: Iterable[Rule]) -> bool:
    patterns: dict[int, int] = {}
    fields: dict[int, set[int]] = {}
    number = 0
    for rule in rules:
        number += 1
        for pattern in rule.when:
            patterns[pattern.kind] = patterns.get(pattern.kind, 0) + 1
            fields.setdefault(pattern.kind, set()).update(test.field for test in pattern.tests)
    most = max(patterns.values(), default=0)
    return (
        number <= MOST_RULES and most <= MOST_PATTERNS and all(len(found) <= MOST_FIELDS for found in fields.values())
    )


def _levels(rules: Iterable[Rule]) -> dict[int, int]:
    """How many derivations deep each rule lies; rules that derive nothing come after all others."""
    by_kind: dict[int, list[Rule]] = {}
    for rule in rules:
        if rule.derives is not None:
            by_kind.setdefault(rule.derives, []).append(rule)
    depth: dict[int, int] = {}
    path: list[int] = []

    def of_kind(kind: int) -> int:
        if kind in path:
            names = ", ".join(str(rule.name) for rule in by_kind[kind])
            raise Cycle(f"rules {names} derive a fact that they need")
        if kind not in depth:
            path.append(kind)
            below = [of_kind(p.kind) for rule in by_kind.get(kind, ()) for p in rule.when if p.kind in by_kind]
            path.pop()
            depth[kind] = 1 + max(below, default=0)
        return depth[kind]

    deepest = max((of_kind(kind) for kind in by_kind), default=0)
    return {rule.name: deepest + 1 if rule.derives is None else of_kind(rule.derives) for rule in rules}
