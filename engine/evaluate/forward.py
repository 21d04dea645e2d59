"""The rulebooks as a forward-chaining ruleset: facts are asserted, derived facts follow, measures fire.

What durable-rules can say exactly (a fact against a figure, a flag, a word in a list, a derived fact) is said as rules; the rest
(arithmetic, dates, titles, aggregates) is decided exactly beforehand and asserted as a truth. Unknown facts are absent, and nothing
is negated inside the engine, so that unknown never reads as no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any, cast

from conggao.engine.evaluate import durable
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.layout import SUBJECTS, Frame
from conggao.engine.evaluate.program import Program
from conggao.engine.language.tree import (
    FLIPPED,
    NEGATED,
    And,
    Compare,
    Constant,
    Contains,
    Derived,
    Fact,
    Node,
    Not,
    Or,
    walk,
)
from conggao.engine.language.types import Quantity
from conggao.facts.units import scale

MOST_BRANCHES = 12
"""Rules that one condition list may become; where `or` would make more, it is decided beforehand and asserted as a truth."""
_LIMIT = 2**61

Encode = Callable[[Frame], int | None]


@dataclass(frozen=True, slots=True)
class _Atom:
    """One test: on a field of a subject's fact, or the presence of a derived fact."""

    kind: int
    test: durable.Test | None = None


@dataclass(slots=True)
class _Fields:
    """The fields of one kind of subject's fact: how each is read off a frame."""

    numbers: dict[object, int] = field(default_factory=dict)
    encoders: list[Encode] = field(default_factory=list)

    def of(self, key: object, encode: Encode) -> int:
        if key not in self.numbers:
            self.numbers[key] = len(self.encoders)
            self.encoders.append(encode)
        return self.numbers[key]


class Forward:
    """A program's rules as one network. Compiled on first use; `unavailable` says why durable-rules cannot be used here, if so."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._network: durable.Network | None = None
        self._names: list[str] = []
        self._fields = {kind: _Fields() for kind in SUBJECTS}
        self._derived = {key: len(SUBJECTS) + index for index, key in enumerate(program.derivations)}
        # A derived fact of a project is that project's; one of the enterprise is everyone's.
        self._joined = {kind for (subject, _), kind in self._derived.items() if subject != "enterprise"}

    @property
    def unavailable(self) -> str | None:
        return durable.available()

    @property
    def network(self) -> durable.Network:
        """The rules, compiled when first asked for."""
        return self._network or self._compile()

    def told(self, subjects: Mapping[str, Sequence[Subject]]) -> list[durable.Fact]:
        """What is asserted of each subject; its token is its place among all of them."""
        facts: list[durable.Fact] = []
        for number, kind in enumerate(SUBJECTS):
            encoders = self._fields[kind].encoders
            for subject in subjects[kind]:
                frame = subject.frame
                fields = {i: value for i, encode in enumerate(encoders) if (value := encode(frame)) is not None}
                facts.append(durable.Fact(number, len(facts), fields))
        return facts

    def run(self, subjects: Mapping[str, Sequence[Subject]]) -> list[tuple[str, str]]:
        """(rule, subject) of every derived fact and measure that fired, in the order fired: `policy/name`, `project:P1`."""
        network = self.network
        who = [subject.name for kind in SUBJECTS for subject in subjects[kind]]
        names = self._names
        fired = network.run(self.told(subjects))
        return list(dict.fromkeys((names[rule], who[subject]) for rule, subject in fired))

    def _compile(self) -> durable.Network:
        rules: list[durable.Rule] = []
        for (subject, name), derivation in self.program.derivations.items():
            if not isinstance(derivation.node.type, Quantity):
                kind = self._derived[(subject, name)]
                self._add(rules, f"{derivation.policy}/{name}", subject, derivation.node, kind)
        for policy, measures in self.program.policies:
            for compiled in measures:
                measure = compiled.measure
                if not measure.idle:
                    whole = And(tuple(condition.node for condition in measure.when))
                    self._add(rules, f"{policy.id}/{measure.id}", measure.subject or "enterprise", whole, None)
        self._network = durable.Network(rules)
        return self._network

    def _add(self, rules: list[durable.Rule], name: str, subject: str, condition: Node, derives: int | None) -> None:
        for branch in self._branches(condition, subject):
            rules.append(durable.Rule(len(rules), self._patterns(branch, SUBJECTS.index(subject)), derives))
            self._names.append(name)

    def _patterns(self, branch: tuple[_Atom, ...], own: int) -> tuple[durable.Pattern, ...]:
        """The tests of one rule gathered by fact: the subject's own first, then the enterprise's and the derived facts."""
        tests: dict[int, list[durable.Test]] = {own: []}
        for atom in branch:
            found = tests.setdefault(atom.kind, [])
            if atom.test is not None and atom.test not in found:
                found.append(atom.test)
        return tuple(
            durable.Pattern(kind, tuple(found), same_subject=kind in self._joined) for kind, found in tests.items()
        )

    def _branches(self, node: Node, subject: str, *, positive: bool = True) -> list[tuple[_Atom, ...]]:
        """The condition as alternatives of tests that must hold together."""
        match node:
            case Not(item=item):
                return self._branches(item, subject, positive=not positive)
            case And(items=items) | Or(items=items):
                parts = [self._branches(item, subject, positive=positive) for item in items]
                if isinstance(node, And) == positive:
                    count = 1
                    for part in parts:
                        count *= len(part)
                    if count > MOST_BRANCHES:
                        parts = [
                            part if len(part) == 1 else [(self._truth(item, subject, positive),)]
                            for part, item in zip(parts, items, strict=True)
                        ]
                    return [tuple(atom for part in choice for atom in part) for choice in product(*parts)]
                branches = [branch for part in parts for branch in part]
                return branches if len(branches) <= MOST_BRANCHES else [(self._truth(node, subject, positive),)]
            case _:
                return [(self._atom(node, subject, positive),)]

    def _atom(self, node: Node, subject: str, positive: bool) -> _Atom:
        match node:
            case Derived(name=name, subject=owner) if positive:
                return _Atom(self._derived[(owner, name)])
            case Fact():
                return self._field(node, ("flag", node), self._flag(node), "==", int(positive))
            case Contains(item=Constant(value=str() as word), collection=Fact() as collection):
                slot = self.program.layout.slot(collection)

                def holds(frame: Frame) -> int | None:
                    return None if (items := frame[slot]) is None else int(word in items)

                return self._field(node, ("has", slot, word), holds, "==", int(positive))
            case Compare(left=left, right=right, comparator=comparator) if isinstance(left.type, Quantity):
                if isinstance(left, Constant):
                    left, right, comparator = right, left, FLIPPED[comparator]
                if isinstance(left, Fact) and isinstance(right, Constant):
                    slot, kind = self.program.layout.slot(left), cast("Quantity", left.type)
                    figure = cast("Fraction", right.value) * scale(kind.dimension)
                    if figure.denominator == 1 and abs(figure) < _LIMIT:
                        operator = comparator if positive else NEGATED[comparator]
                        return self._field(node, ("number", slot), _number(slot), operator, 2 * int(figure))
        return self._truth(node, subject, positive)

    def _flag(self, node: Fact) -> Encode:
        slot = self.program.layout.slot(node)
        return lambda frame: None if (flag := frame[slot]) is None else int(flag)

    def _truth(self, node: Node, subject: str, positive: bool) -> _Atom:
        """A condition decided exactly beforehand; asserted on the enterprise's fact where it concerns only the enterprise."""
        truth = self.program.compiler.truth(node)

        def encode(frame: Frame) -> int | None:
            found = truth(frame)
            return None if found is None else int(found)

        return self._field(node, ("truth", node), encode, "==", int(positive))

    def _field(self, node: Node, key: object, encode: Encode, operator: durable.Operator, value: int) -> _Atom:
        owner = _owner(node)
        number = self._fields[owner].of(key, encode)
        return _Atom(SUBJECTS.index(owner), durable.Test(number, operator, value))


def _owner(node: Node) -> str:
    """Whose fact carries a test: the subject's, if the condition reads anything of the subject, else the enterprise's."""
    for item in walk(node):
        match item:
            case Fact(key=key) if key.subject != "enterprise":
                return key.subject
            case Derived(subject=subject) if subject != "enterprise":
                return subject
    return "enterprise"


def _number(slot: int) -> Encode:
    """A number as twice its count, plus one where it lies between two counts, so that every comparison with a whole figure is exact
    whatever the fact's precision; beyond any figure of a rule, its size no longer matters."""

    def encode(frame: Frame) -> int | None:
        value: Any = frame[slot]
        if value is None:
            return None
        doubled = 2 * value if type(value) is int else 2 * (value.numerator // value.denominator) + 1
        return doubled if -2 * _LIMIT < doubled < 2 * _LIMIT else (2 * _LIMIT if doubled > 0 else -2 * _LIMIT)

    return encode
