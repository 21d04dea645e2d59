"""Rules put into parts that durable-rules can hold: few rules, few patterns that one fact could meet, few kinds and fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conggao.engine.evaluate.durable import Rule, Test

MOST_RULES = 150
MOST_CONDITIONS = 60
"""Different patterns on one kind of fact: one fact could meet all of them at once, and the library takes 64."""
MOST_PATTERNS = 240
"""Patterns in all: a session sets about 10 kB aside for each, and a list of the library that has room for 256 is not checked."""
MOST_KINDS = 100
"""Kinds of facts: each is a condition at the top level, of which 512 are an endless loop."""
MOST_FIELDS = 200
"""Fields tested of one kind of fact: a fact with 255 is refused."""


class Cycle(ValueError):  # noqa: N818 - says what is wrong
    """Derived facts that follow from each other."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact of `kind` that passes all tests, of the subject of the clause's first condition where `joined`."""

    kind: int
    tests: tuple[Test, ...]
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule no two conditions of which can be met by one fact. A name below 0 is a helper's: it derives for no subject in particular."""

    name: int
    when: tuple[Condition, ...]
    derives: int | None


@dataclass(frozen=True, eq=False)
class Shard:
    """Clauses that are compiled together. `fields` lists what they test of each kind of fact; `derives` what each derives."""

    clauses: tuple[Clause, ...]
    fields: Mapping[int, tuple[int, ...]] = field(init=False)
    derives: Mapping[int, int] = field(init=False)
    key: int = field(init=False)

    def __post_init__(self) -> None:
        fields: dict[int, dict[int, None]] = {}
        for clause in self.clauses:
            for condition in clause.when:
                fields.setdefault(condition.kind, {}).update(dict.fromkeys(test.field for test in condition.tests))
        object.__setattr__(self, "fields", {kind: tuple(found) for kind, found in fields.items()})
        object.__setattr__(self, "derives", {c.name: c.derives for c in self.clauses if c.derives is not None})
        object.__setattr__(self, "key", hash(self.clauses))

    def __hash__(self) -> int:
        return self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shard) and self.clauses == other.clauses


@dataclass(frozen=True, slots=True)
class Plan:
    """How a set of rules is decided.

    `order` is the place of each rule among what fires. `whole` holds all rules where they fit into one ruleset; it says the same as the
    rules while at most one fact can be had of each group of kinds in `alone`, and a fact of a kind brings at most `weight` facts into
    its session, itself and derived ones.
    """

    rules: tuple[Rule, ...]
    order: Mapping[int, int]
    whole: Shard | None
    weight: Mapping[int, int]
    alone: frozenset[frozenset[int]]

    def stages(self) -> tuple[Shard, ...]:
        """Shards of clauses that do not depend on each other, after those they depend on. What a rule takes from any subject is decided
        before, by a helper that derives it for nobody in particular: however many facts meet it, the rule then sees one."""
        clauses = _helped(self.rules)
        depth = _depths(clauses)
        shards: list[Shard] = []
        for _, level in groupby(sorted(clauses, key=lambda c: depth[c.name]), key=lambda c: depth[c.name]):
            group, load = list[Clause](), _Load()
            for clause in level:
                if not load.takes(clause):
                    shards.append(Shard(tuple(group)))
                    group, load = [], _Load()
                    load.takes(clause)
                group.append(clause)
            shards.append(Shard(tuple(group)))
        return tuple(shards)


def plan(rules: tuple[Rule, ...]) -> Plan:
    """Raises Cycle where derived facts follow from each other."""
    merged = [_merged(rule) for rule in rules]
    depth = _depths(merged)
    merged.sort(key=lambda clause: depth[clause.name])
    load = _Load()
    whole = Shard(tuple(merged)) if all(load.takes(clause) for clause in merged) else None
    sources = _sources(merged)
    weight = {kind: 1 for clause in merged for kind in (condition.kind for condition in clause.when)}
    for derived, below in sources.items():
        for kind in below - {derived}:
            weight[kind] = weight.get(kind, 0) + 1
    alone = {p.kind for rule in rules for p in rule.when[1:] if not p.same_subject}
    return Plan(
        rules,
        {clause.name: place for place, clause in enumerate(merged)},
        whole,
        weight,
        frozenset(sources.get(kind, frozenset((kind,))) for kind in alone),
    )


def _merged(rule: Rule) -> Clause:
    """One condition a kind. One fact cannot meet two conditions of a rule in the library, so those on one fact are gathered; where there
    is only one fact of a kind, all on that kind are."""
    tests: dict[int, dict[Test, None]] = {}
    joined = {pattern.kind for pattern in rule.when if pattern.same_subject} - {rule.when[0].kind}
    for pattern in rule.when:
        tests.setdefault(pattern.kind, {}).update(dict.fromkeys(pattern.tests))
    when = tuple(Condition(kind, tuple(found), kind in joined) for kind, found in tests.items())
    return Clause(rule.name, when, rule.derives)


def _helped(rules: Iterable[Rule]) -> list[Clause]:
    """The rules with one condition a kind on their own subject's facts, and what they take from any subject by way of helpers."""
    rules = tuple(rules)
    named = {p.kind for rule in rules for p in rule.when} | {rule.derives or 0 for rule in rules}
    free = max(named, default=0) + 1
    helpers: dict[Condition, Clause] = {}
    clauses: list[Clause] = []
    for rule in rules:
        own: dict[int, dict[Test, None]] = {}
        others: dict[int, None] = {}
        for place, pattern in enumerate(rule.when):
            if place == 0 or pattern.same_subject:
                own.setdefault(pattern.kind, {}).update(dict.fromkeys(pattern.tests))
                continue
            condition = Condition(pattern.kind, tuple(dict.fromkeys(pattern.tests)))
            if condition not in helpers:
                helpers[condition] = Clause(-1 - len(helpers), (condition,), free + len(helpers))
            kind = helpers[condition].derives
            if kind is not None:
                others[kind] = None
        when = [Condition(kind, tuple(tests), place > 0) for place, (kind, tests) in enumerate(own.items())]
        when += [Condition(kind, ()) for kind in others]
        clauses.append(Clause(rule.name, tuple(when), rule.derives))
    return [*helpers.values(), *clauses]


class _Load:
    """What a ruleset holds so far."""

    def __init__(self) -> None:
        self.rules = self.patterns = 0
        self.conditions: dict[int, set[tuple[Test, ...] | tuple[int, int]]] = {}
        self.fields: dict[int, set[int]] = {}

    def takes(self, clause: Clause) -> bool:
        """Whether the clause fits beside the others; if so, it is counted in."""
        own = {condition.kind for condition in clause.when}
        if (
            self.rules + 1 > MOST_RULES
            or self.patterns + len(clause.when) > MOST_PATTERNS
            or len(self.conditions.keys() | own) > MOST_KINDS
        ):
            return False
        for condition in clause.when:
            met = self.conditions.get(condition.kind, set())
            fields = self.fields.get(condition.kind, set())
            if len(met) + 1 > MOST_CONDITIONS or len(fields | {test.field for test in condition.tests}) > MOST_FIELDS:
                return False
        self.rules += 1
        for place, condition in enumerate(clause.when):
            # The library shares what patterns have in common, but not a join.
            key = (clause.name, place) if condition.joined else condition.tests
            self.conditions.setdefault(condition.kind, set()).add(key)
            self.fields.setdefault(condition.kind, set()).update(test.field for test in condition.tests)
        self.patterns += len(clause.when)
        return True


def _depths(clauses: Iterable[Clause]) -> dict[int, int]:
    """How many derivations deep each clause lies; those that derive nothing come after all others."""
    clauses = tuple(clauses)
    by_kind: dict[int, list[Clause]] = {}
    for clause in clauses:
        if clause.derives is not None:
            by_kind.setdefault(clause.derives, []).append(clause)
    needs = {
        kind: {c.kind for clause in made for c in clause.when if c.kind in by_kind} for kind, made in by_kind.items()
    }
    depth: dict[int, int] = {}
    try:
        for kind in TopologicalSorter(needs).static_order():
            depth[kind] = 1 + max((depth[below] for below in needs[kind]), default=0)
    except CycleError as fault:
        kinds = set(fault.args[1])
        names = sorted(c.name for kind in kinds for c in by_kind[kind] if any(w.kind in kinds for w in c.when))
        raise Cycle(f"rules {', '.join(map(str, names))} derive a fact that they need") from None
    deepest = max(depth.values(), default=0)
    return {clause.name: deepest + 1 if clause.derives is None else depth[clause.derives] for clause in clauses}


def _sources(clauses: Iterable[Clause]) -> dict[int, frozenset[int]]:
    """The kinds of stated facts for whose subjects a fact of each derived kind can come to hold, the kind itself among them."""
    made: dict[int, set[int]] = {}
    for clause in clauses:
        if clause.derives is not None:
            made.setdefault(clause.derives, {clause.derives}).add(clause.when[0].kind)
    found: dict[int, frozenset[int]] = {}
    for kind in made:
        seen, waiting = {kind}, [kind]
        while waiting:
            for below in made.get(waiting.pop(), set()) - seen:
                seen.add(below)
                waiting.append(below)
        found[kind] = frozenset(seen)
    return found
