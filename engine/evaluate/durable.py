"""The fence around durable-rules, an old C library: its traps cannot be reached from here, whatever the rules and facts.

Rules and facts are checked here and put into terms the library cannot trip over (`shards`), and a session is run on its C module alone
(`durable_host`): no host, no background dispatch, no action of its own. Nothing is negated and nothing computed inside; a fact holds
whole numbers, and facts are joined by equality of their subject alone.

Two ways lead to the same answer. Where all rules fit into one ruleset and every fact that a rule takes from any subject is the only one
of its kind, they are decided in one session: derived facts then trigger the rules that need them. Else the rules are decided in stages,
derivations first, each stage in rulesets and sessions as small as the library needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, get_args

from conggao.engine.evaluate.durable_host import Entry, Ruleset, Unavailable, available, ruleset
from conggao.engine.evaluate.shards import MOST_FIELDS, Shard, plan

__all__ = ["Fact", "Network", "Operator", "Pattern", "Refused", "Rule", "Test", "Unavailable", "available"]

Operator = Literal["<", "<=", ">", ">=", "==", "!="]

MOST_PATTERNS = 12
"""Patterns of a rule. The library joins at most 16 facts."""
MOST_FACTS = 256
"""Facts of a session, derived ones included: it sets about 10 kB aside for each."""
_LEAST, _MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Test:
    """A field against a whole number. A field that the fact lacks never matches."""

    field: int
    operator: Operator
    value: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A fact of `kind` that passes all tests; `same_subject` joins it to the subject of the rule's first pattern."""

    kind: int
    tests: tuple[Test, ...] = ()
    same_subject: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires for each subject whose facts match its patterns. `name` is its number among the network's rules, from 0 on; `derives` is the
    kind of the fact that then holds of the subject of its first pattern."""

    name: int
    when: tuple[Pattern, ...]
    derives: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What is asserted of a subject, at most one fact a kind and subject."""

    kind: int
    subject: int
    fields: Mapping[int, int]


class Refused(ValueError):  # noqa: N818 - says what happened
    """Rules or facts that the fence does not let through."""


class Network:
    """A set of rules, compiled on first use. Equal rules share one compiled ruleset for the whole process, which keeps it.

    Raises Refused for rules beyond what the library can hold, `shards.Cycle` (both ValueErrors) where derived facts follow from
    each other.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        if sorted(rule.name for rule in self.rules) != list(range(len(self.rules))):
            raise Refused("rules are not numbered from 0 on, each once")
        for rule in self.rules:
            _check(rule)
        self._plan = plan(self.rules)
        self._stages: tuple[Shard, ...] | None = None
        self._whole: Ruleset | None = None

    def run(self, facts: Sequence[Fact]) -> list[tuple[int, int]]:
        """(rule, subject of its first pattern) of all that fires on `facts`, each pair once, in the order fired: derivations by their
        depth before rules that only report, rules in the order given, subjects in the order first stated.

        Safe in threads: sessions of one ruleset take turns. Raises Refused for a number that is no int of 64 bits or a fact stated
        twice; Unavailable where durable-rules cannot be had.
        """
        _check_numbers(facts)
        if len({(fact.kind, fact.subject) for fact in facts}) < len(facts):
            raise Refused("two facts of one kind and subject")
        if not self.rules:
            return []
        fired = self._one_session(facts) if self._fits(facts) else self._staged(facts)
        order = self._plan.order
        subjects = {subject: place for place, subject in enumerate(dict.fromkeys(fact.subject for fact in facts))}
        return sorted(fired, key=lambda pair: (order[pair[0]], subjects[pair[1]]))

    def _fits(self, facts: Sequence[Fact]) -> bool:
        made = self._plan
        if made.whole is None:
            return False
        counts = Counter(fact.kind for fact in facts)
        if sum(number * made.weight.get(kind, 0) for kind, number in counts.items()) > MOST_FACTS:
            return False
        return all(sum(counts[kind] for kind in sources) <= 1 for sources in made.alone)

    def _one_session(self, facts: Sequence[Fact]) -> list[tuple[int, int]]:
        shard = self._plan.whole
        if shard is None:
            raise AssertionError("rules that do not fit into one ruleset")
        told: list[Entry] = [(fact.kind, fact.subject, fact.fields) for fact in facts if fact.kind in shard.fields]
        fired = None
        while fired is None:
            if self._whole is None or not self._whole.alive:
                self._whole = ruleset(shard)
            fired = self._whole.run(told)
        return [(name, who) for name, who in fired if who is not None]

    def _staged(self, facts: Sequence[Fact]) -> list[tuple[int, int]]:
        if self._stages is None:
            self._stages = self._plan.stages()
        # A helper's kind must not be mistaken for one that no rule knows.
        facts = [fact for fact in facts if fact.kind in self._plan.weight]
        fired: dict[tuple[int, int], None] = {}
        stated = {(fact.kind, fact.subject) for fact in facts}
        derived: dict[tuple[int, int | None], None] = {}
        for shard in self._stages:
            needed = shard.fields
            anyone: list[Entry] = [(kind, None, {}) for kind, who in derived if who is None and kind in needed]
            told: list[Entry] = [(fact.kind, fact.subject, fact.fields) for fact in facts if fact.kind in needed]
            told += [(kind, who, {}) for kind, who in derived if who is not None and kind in needed]
            for part in _parts(told):
                for name, who in _settled(shard, anyone + part):
                    if who is None:
                        continue
                    kind = shard.derives.get(name)
                    if name < 0 and kind is not None:
                        derived[kind, None] = None
                        continue
                    fired[name, who] = None
                    if kind is not None and (kind, who) not in stated:
                        derived[kind, who] = None
        return list(fired)


def _settled(shard: Shard, told: list[Entry]) -> list[tuple[int, int | None]]:
    """A session on the shard's ruleset, which is compiled anew where another thread's session broke it off."""
    while True:
        fired = ruleset(shard).run(told)
        if fired is not None:
            return fired


def _parts(told: list[Entry]) -> Iterator[list[Entry]]:
    """The facts in parts of a session's size, those of one subject together."""
    grouped: dict[int | None, list[Entry]] = {}
    for entry in told:
        grouped.setdefault(entry[1], []).append(entry)
    part: list[Entry] = []
    for group in grouped.values():
        if part and len(part) + len(group) > MOST_FACTS:
            yield part
            part = []
        part.extend(group)
    if part:
        yield part


def _check_numbers(facts: Sequence[Fact]) -> None:
    for value in chain.from_iterable(fact.fields.values() for fact in facts):
        if type(value) is not int or not _LEAST <= value <= _MOST:
            raise Refused(f"{value!r} is no whole number of 64 bits")


def _check(rule: Rule) -> None:
    if not 1 <= len(rule.when) <= MOST_PATTERNS:
        raise Refused(f"rule {rule.name} has {len(rule.when)} patterns, not 1 to {MOST_PATTERNS}")
    if rule.when[0].same_subject:
        raise Refused(f"rule {rule.name} joins its first pattern to itself")
    tested: dict[int, set[int]] = {}
    for pattern in rule.when:
        for test in pattern.tests:
            if test.operator not in get_args(Operator):
                raise Refused(f"rule {rule.name} tests with `{test.operator}`")
            if type(test.value) is not int or not _LEAST <= test.value <= _MOST:
                raise Refused(f"rule {rule.name} tests against {test.value!r}, no whole number of 64 bits")
            tested.setdefault(pattern.kind, set()).add(test.field)
    if any(len(fields) > MOST_FIELDS for fields in tested.values()):
        raise Refused(f"rule {rule.name} tests more than {MOST_FIELDS} fields of one fact")
