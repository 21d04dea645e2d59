"""Sessions on the C module of durable-rules: its import, its compiled rulesets and one session at a time on each.

Every name inside is generated: rules `r0` …, facts `e0` … of a rule, and of a fact its number `id`, the session `sid`, its kind `k`, its
subject `s` and fields `f0` …. The library finds names, ids and sessions by a hash of 32 bits; among these none collide.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any, Protocol, cast

from conggao.engine.evaluate.shards import Condition, Shard

Entry = tuple[int, int | None, Mapping[int, int]]
"""Kind, subject and fields of a fact to assert; a subject None is nobody in particular."""

_OPERATORS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}
_SESSION = "s"
_STORED, _UNMET = 0, 1
_WARM_UP = "w"


class Unavailable(RuntimeError):  # noqa: N818 - says what is the matter
    """durable-rules cannot be built or imported here."""


class _Library(Protocol):
    """What is used of `durable_rules_engine`."""

    def create_ruleset(self, name: str, definition: str, /) -> int: ...
    def assert_facts(self, handle: int, facts: str, /) -> tuple[int, int]: ...
    def assert_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, state: int, /) -> str | None: ...
    def delete_state(self, handle: int, session: str, /) -> None: ...


def available() -> str | None:
    """None where durable-rules can be used, else the reason why not."""
    try:
        _library()
    except Unavailable as reason:
        return str(reason)
    return None


@cache
def _library() -> _Library:
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
    return cast("_Library", durable_rules_engine)


class Ruleset:
    """A compiled shard. Sessions take turns, whichever threads ask; a session that breaks off leaves the ruleset unusable."""

    def __init__(self, shard: Shard, name: str) -> None:
        self.alive = True
        self._library = _library()
        self._lock = threading.Lock()
        self._clauses = [clause.name for clause in shard.clauses]
        self._kinds = {kind: number for number, kind in enumerate(shard.fields, start=1)}
        self._fields = {
            kind: [(field, f',"f{number}":') for number, field in enumerate(fields)]
            for kind, fields in shard.fields.items()
        }
        # What a clause derives matters here only where another clause of the shard needs it.
        self._follows = [
            shard.derives[name] if shard.derives.get(name) in shard.fields else None for name in self._clauses
        ]
        self._handle = self._library.create_ruleset(name, json.dumps(self._definition(shard)))
        self._warm_up()

    def run(self, facts: Sequence[Entry]) -> list[tuple[int, int | None]] | None:
        """(clause, subject of its first condition) in the order fired, each pair once. None where the ruleset is no longer alive.

        The facts are of the shard's kinds, at most one a kind and subject.
        """
        if not facts:
            return []
        subjects = {who: token for token, who in enumerate(dict.fromkeys(fact[1] for fact in facts))}
        stated = [(kind, who) for kind, who, _ in facts]
        told = [self._told(number, kind, subjects[who], fields) for number, (kind, who, fields) in enumerate(facts)]
        with self._lock:
            if not self.alive:
                return None
            try:
                return self._session(f"[{','.join(told)}]", stated, subjects)
            except BaseException:
                self.alive = False
                raise

    def _session(
        self, told: str, stated: list[tuple[int, int | None]], subjects: Mapping[int | None, int]
    ) -> list[tuple[int, int | None]]:
        library, handle = self._library, self._handle
        known = set(stated)
        fired: dict[tuple[int, int | None], None] = {}
        state = _taken(library.assert_facts(handle, told))
        started = library.start_action_for_state(handle, state)
        message = started[1] if started else None
        while message:
            # {"r12":{"e0":{"id":"3", …: the rule and the fact that met its first condition
            parts = message.split('"', 8)
            rule, subject = int(parts[1][1:]), stated[int(parts[7])][1]
            fired[self._clauses[rule], subject] = None
            kind = self._follows[rule]
            if kind is not None and (kind, subject) not in known:
                known.add((kind, subject))
                _taken(library.assert_fact(handle, self._told(len(stated), kind, subjects[subject], {})))
                stated.append((kind, subject))
            message = library.complete_and_start_action(handle, state)
        library.delete_state(handle, _SESSION)
        return list(fired)

    def _told(self, number: int, kind: int, token: int, fields: Mapping[int, int]) -> str:
        told = "".join([f"{name}{fields[field]}" for field, name in self._fields[kind] if field in fields])
        return f'{{"id":"{number}","sid":"{_SESSION}","k":{self._kinds[kind]},"s":{token}{told}}}'

    def _warm_up(self) -> None:
        """A session that is deleted frees its current action, whether or not there ever was one: fatal in uninitialised memory. Sessions
        one after the other take the same place in memory, so that the first one, which has an action, initialises it for all."""
        library, handle = self._library, self._handle
        state = _taken(library.assert_fact(handle, f'{{"id":"0","sid":"{_SESSION}","k":0,"s":0}}'))
        started = library.start_action_for_state(handle, state)
        if started is None or library.complete_and_start_action(handle, state) is not None:
            # A session is leased for 30 seconds from the epoch on; with the clock in these nothing would ever fire.
            raise Unavailable("durable-rules does not start an action (is the clock set?)")
        library.delete_state(handle, _SESSION)

    def _definition(self, shard: Shard) -> dict[str, Any]:
        """The ruleset as the library takes it. Rules fire in this order as far as their facts are there."""
        made: dict[str, Any] = {
            f"r{number}": {"all": [{f"e{place}": self._pattern(c)} for place, c in enumerate(clause.when)]}
            for number, clause in enumerate(shard.clauses)
        }
        return made | {_WARM_UP: {"all": [{"e0": {"k": 0}}]}}

    def _pattern(self, condition: Condition) -> dict[str, Any]:
        """Its kind comes first of all: what one fact meets then lies below its kind, and the shard has bounded that."""
        names = {field: name.strip(',":') for field, name in self._fields[condition.kind]}
        tests: list[dict[str, Any]] = [{"k": self._kinds[condition.kind]}]
        for test in condition.tests:
            plain: dict[str, Any] = {names[test.field]: test.value}
            tests.append(plain if test.operator == "==" else {_OPERATORS[test.operator]: plain})
        if condition.joined:
            tests.append({"s": {"e0": "s"}})
        return tests[0] if len(tests) == 1 else {"$and": tests}


def _taken(answer: tuple[int, int]) -> int:
    code, state = answer
    if code not in (_STORED, _UNMET):
        raise RuntimeError("durable-rules did not take a fact")
    return state


_rulesets: dict[Shard, Ruleset] = {}
_names = count()
_compiling = threading.Lock()


def ruleset(shard: Shard) -> Ruleset:
    """The shard's ruleset, compiled where there is none alive."""
    found = _rulesets.get(shard)
    if found is None or not found.alive:
        with _compiling:
            found = _rulesets.get(shard)
            if found is None or not found.alive:
                found = _rulesets[shard] = Ruleset(shard, f"c{os.getpid()}x{next(_names)}")
    return found


def _after_fork() -> None:
    """A thread of the parent may have been inside a session: its child begins with rulesets of its own."""
    global _compiling  # noqa: PLW0603
    for found in _rulesets.values():
        found.alive = False
    _rulesets.clear()
    _compiling = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
