"""What of a program is in force: of which policies the day alone says so, and which facts the others read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from conggao.engine.evaluate.layout import Layout
from conggao.engine.evaluate.program import Program
from conggao.engine.language.tree import Derived, Fact, Node, Recognised, walk
from conggao.engine.rulebook.model import Derivation, Policy


@dataclass(frozen=True)
class InForce:
    """`day` is that of every decision, None where each enterprise has its own. `outside` says of every policy whether it does not apply,
    None where a row must tell. `layout` has the slots of the program, and of its facts those that policies read which may apply."""

    program: Program
    day: date | None
    outside: tuple[bool | None, ...]
    expressions: tuple[Node, ...]
    derivations: tuple[Derivation, ...]
    layout: Layout

    @property
    def uncertain(self) -> list[tuple[int, Policy]]:
        """The policies of which a row must tell, each with its place."""
        return [
            (place, policy) for place, (policy, _) in enumerate(self.program.policies) if self.outside[place] is None
        ]


def in_force(program: Program, day: date | None) -> InForce:
    """What of `program` may apply, to anyone, on `day`; None: on any."""
    outside = tuple(_outside(policy, day) for policy, _ in program.policies)
    expressions = tuple(
        node
        for gone, (_, measures) in zip(outside, program.policies, strict=True)
        if not gone
        for compiled in measures
        for node in compiled.measure.expressions()
    )
    read = _read(program, expressions)
    derivations = tuple(item for item in program.rulebooks.derivations if (item.subject, item.name) in read)
    whole = program.layout
    layout = replace(
        whole,
        facts={subject: tuple(key for key in keys if key in read) for subject, keys in whole.facts.items()},
        titles=tuple(item for item in whole.titles if item in read),
    )
    return InForce(program, day, outside, expressions, derivations, layout)


def _outside(policy: Policy, day: date | None) -> bool | None:
    if day is None:
        return None
    if not policy.in_force(day):
        return True
    return None if policy.places else False


def _read(program: Program, expressions: Iterable[Node]) -> set[object]:
    """The facts, titles and derived facts of expressions, and those that these are made of."""
    found: set[object] = set()
    waiting = list(expressions)
    while waiting:
        for node in walk(waiting.pop()):
            match node:
                case Fact(key=key):
                    found.add(key)
                case Recognised():
                    found.add(node)
                case Derived(name=name, subject=subject) if (subject, name) not in found:
                    found.add((subject, name))
                    waiting.append(program.derivations[subject, name].node)
    return found
