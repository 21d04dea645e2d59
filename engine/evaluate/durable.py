"""The one place where durable-rules is touched: an old C library, fenced in so that its traps cannot be reached.

Only its C module is used, in this thread and under a lock: no host, no background dispatch, no action of its own. Names are generated;
a fact holds small whole numbers under `f0`, `f1` …, its kind under `k` and its subject under `s`; facts are joined by equality of the
subject alone; nothing is negated and nothing computed inside. A session is deleted before the next begins. Rulesets that would be too
large for the library are split into shards, so that no rulebook can reach a limit of it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from types import ModuleType
from typing import Any, Literal

from conggao.engine.evaluate.shards import Shard, split

Operator = Literal["<", "<=", ">", ">=", "==", "!="]

_OPERATORS: dict[str, str] = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}
_LEAST, _MOST = -(2**63), 2**63 - 1
SUBJECTS_A_SESSION = 100
"""Subjects whose facts share a session; more are decided in several, as no rule joins two subjects."""
_SESSION = "s"
_HANDLED, _OBSERVED = 1, 2


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
    """Fires for every match of its patterns. `derives` is the kind of the fact it then asserts for the subject of its first pattern."""

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
    """A set of rules, compiled on first use. A ruleset can never be freed, so equal rules share one for the whole process."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            _check(rule)
        self.shards = split(tuple(rules))

    def run(self, facts: Sequence[Fact]) -> list[tuple[int, int]]:
        """(rule, subject of its first pattern) of all that fires on `facts`, in the order fired, each pair once.

        Raises Refused for a number beyond 64 bits or a fact stated twice; Unavailable where durable-rules cannot be had.
        """
        for fact in facts:
            for value in fact.fields.values():
                if type(value) is not int or not _LEAST <= value <= _MOST:
                    raise Refused(f"{value!r} is no whole number of 64 bits")
        subjects = list(dict.fromkeys(fact.subject for fact in facts))
        if len({(fact.kind, fact.subject) for fact in facts}) < len(facts):
            raise Refused("two facts of one kind and subject")
        if len(subjects) <= SUBJECTS_A_SESSION:
            return self._run(facts)
        # The first subject is the one that all others may be joined with.
        shared, fired = subjects[0], dict[tuple[int, int], None]()
        for start in range(1, len(subjects), SUBJECTS_A_SESSION - 1):
            some = {shared, *subjects[start : start + SUBJECTS_A_SESSION - 1]}
            fired.update(dict.fromkeys(self._run([fact for fact in facts if fact.subject in some])))
        return list(fired)

    def _run(self, facts: Sequence[Fact]) -> list[tuple[int, int]]:
        if len(self.shards) == 1:
            return _ruleset(self.shards[0]).run([(fact.kind, fact.subject, fact.fields) for fact in facts])
        fired: dict[tuple[int, int], None] = {}
        derived: dict[tuple[int, int], None] = {}
        for shard in self.shards:
            told = [
                (f.kind, f.subject, {n: v for n, v in f.fields.items() if n in shard.fields.get(f.kind, ())})
                for f in facts
                if f.kind in shard.fields
            ]
            told += [(kind, subject, {}) for kind, subject in derived if kind in shard.fields]
            for name, subject in _ruleset(shard).run(told):
                fired[name, subject] = None
                kind = shard.derives.get(name)
                if kind is not None:
                    derived[kind, subject] = None
        return list(fired)


class Unavailable(RuntimeError):  # noqa: N818 - says what is the matter
    """durable-rules cannot be built or imported here."""


def available() -> str | None:
    """None where durable-rules can be used, else the reason why not."""
    try:
        _library()
    except Unavailable as reason:
        return str(reason)
    return None


@cache
def _library() -> ModuleType:
    if os.environ.get("CONGGAO_NO_DURABLE_RULES"):
        raise Unavailable("CONGGAO_NO_DURABLE_RULES is set")
    flags = sys.getdlopenflags() if hasattr(sys, "getdlopenflags") else None
    try:
        if flags is not None:
            # Its store callbacks name a function that Python 3.13 no longer has; they are never called.
            sys.setdlopenflags(os.RTLD_LAZY)
        import durable_rules_engine
    except (ImportError, OSError) as fault:
        raise Unavailable(str(fault)) from None
    finally:
        if flags is not None:
            sys.setdlopenflags(flags)
    return durable_rules_engine  # type: ignore[no-any-return]


class _Ruleset:
    """A compiled shard. One session at a time, whichever thread asks."""

    def __init__(self, shard: Shard, name: str) -> None:
        self.library: Any = _library()
        self.lock = threading.Lock()
        self.derives = shard.derives
        self.handle = self.library.create_ruleset(name, json.dumps(_definition(shard.rules)))

    def run(self, facts: Sequence[tuple[int, int, Mapping[int, int]]]) -> list[tuple[int, int]]:
        if not facts:
            return []
        # The library takes the last fact first; ids are generated, or equal contents would count as one fact.
        told = [_told(number, *fact) for number, fact in enumerate(reversed(facts))]
        with self.lock:
            return self._session(f"[{','.join(told)}]", len(told))

    def _session(self, told: str, number: int) -> list[tuple[int, int]]:
        library, handle = self.library, self.handle
        fired: dict[tuple[int, int], None] = {}
        derived: set[tuple[int, int]] = set()
        state = self._taken(library.assert_facts(handle, told))
        try:
            started = library.start_action_for_state(handle, state)
            message = started[1] if started else None
            while message:
                match = _MATCH.match(message)
                if match is not None:
                    rule, subject = int(match[1]), int(match[2])
                    fired[rule, subject] = None
                    kind = self.derives.get(rule)
                    if kind is not None and (kind, subject) not in derived:
                        derived.add((kind, subject))
                        number += 1
                        self._taken(library.assert_fact(handle, _told(number, kind, subject, {})))
                message = library.complete_and_start_action(handle, state)
        finally:
            library.delete_state(handle, _SESSION)
        return list(fired)

    @staticmethod
    def _taken(answer: tuple[int, int]) -> int:
        code, state = answer
        if code in (_HANDLED, _OBSERVED):
            raise RuntimeError("durable-rules did not take a fact")
        return state


def _told(number: int, kind: int, subject: int, fields: Mapping[int, int]) -> str:
    told = "".join(f',"f{field}":{value}' for field, value in fields.items())
    return f'{{"sid":"{_SESSION}","id":"{number}","k":{kind},"s":{subject}{told}}}'


_EVERY = "every"
_MATCH = re.compile(r'\{\s*"r(\d+)"\s*:\s*\{\s*"e0"\s*:\s*\{[^{}]*?"s"\s*:\s*(\d+)')
"""What the library reports: the rule, and of the fact that met its first pattern the subject. It is the text that was told, so it need
not be read as JSON, which would take most of a session's time."""


def _definition(rules: Iterable[Rule]) -> dict[str, Any]:
    """The ruleset as the library takes it. One rule is met by every fact: a fact that meets none is fatal to it."""
    made: dict[str, Any] = {_EVERY: {"all": [{"e0": {"$ex": {"k": 1}}}]}}
    for rule in rules:
        made[f"r{rule.name}"] = {"all": [{f"e{n}": _pattern(pattern)} for n, pattern in enumerate(rule.when)]}
    return made


def _pattern(pattern: Pattern) -> dict[str, Any]:
    tests: list[dict[str, Any]] = [{"k": pattern.kind}]
    for test in pattern.tests:
        plain: dict[str, Any] = {f"f{test.field}": test.value}
        tests.append(plain if test.operator == "==" else {_OPERATORS[test.operator]: plain})
    if pattern.same_subject:
        tests.append({"s": {"e0": "s"}})
    return tests[0] if len(tests) == 1 else {"$and": tests}


def _check(rule: Rule) -> None:
    if not 1 <= len(rule.when) <= _MOST_PATTERNS or rule.when[0].same_subject:
        raise Refused(f"rule {rule.name} has {len(rule.when)} patterns")
    for pattern in rule.when:
        for test in pattern.tests:
            if type(test.value) is not int or not _LEAST < test.value < _MOST:
                raise Refused(f"rule {rule.name} tests against {test.value!r}, no whole number of 64 bits")


_MOST_PATTERNS = 12
_rulesets: dict[Shard, _Ruleset] = {}
_names = count()
_compiling = threading.Lock()


def _ruleset(shard: Shard) -> _Ruleset:
    found = _rulesets.get(shard)
    if found is None:
        with _compiling:
            found = _rulesets.get(shard)
            if found is None:
                found = _rulesets[shard] = _Ruleset(shard, f"c{os.getpid()}x{next(_names)}")
    return found


def _after_fork() -> None:
    """A thread of the parent may have been inside a session: its child begins with rulesets of its own."""
    global _compiling  # noqa: PLW0603
    _rulesets.clear()
    _compiling = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
