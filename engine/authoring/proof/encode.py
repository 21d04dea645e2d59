"""Typed trees as formulas over a `World`: the fourth reading of the rules, held against the exact one by tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import cast

from conggao.engine.authoring.proof.kleene import Z3, Ends, Logic, Number, Truth
from conggao.engine.authoring.proof.world import COLLECTED, Place, World
from conggao.engine.evaluate.compile import is_interval
from conggao.engine.language.tree import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Choice,
    Compare,
    Constant,
    Contains,
    Derived,
    Extreme,
    Fact,
    FactKey,
    Node,
    Not,
    Or,
    Recognised,
    Words,
    walk,
)
from conggao.engine.language.types import Quantity
from conggao.engine.language.types import Truth as TruthType
from conggao.engine.rulebook.model import Condition, Rulebooks
from conggao.facts.vocabulary import PARAMETER, Vocabulary

Shift = tuple[FactKey, Place, Z3]
"""A fact read as more than it is."""


class Encoder:
    """Encodes the rules of one set of rulebooks in a world, which several encoders may share. `shift` adds to what one fact is."""

    def __init__(self, world: World, books: Rulebooks, shift: Shift | None = None) -> None:
        self.world, self.logic, self.books, self.shift = world, world.logic, books, shift
        self.derivations: Mapping[tuple[str, str], Node] = {(d.subject, d.name): d.node for d in books.derivations}
        self._truths: dict[tuple[Node, Place], Truth] = {}
        self._numbers: dict[tuple[Node, Place], Number] = {}

    def truth(self, node: Node, place: Place = 0) -> Truth:
        """A condition about the subject in `place`."""
        key = node, place
        if key not in self._truths:
            self._truths[key] = self._truth(node, place)
        return self._truths[key]

    def number(self, node: Node, place: Place = 0) -> Number:
        """A quantity that is no interval."""
        key = node, place
        if key not in self._numbers:
            self._numbers[key] = self._number(node, place)
        return self._numbers[key]

    def all_hold(self, conditions: Iterable[Condition], place: Place = 0) -> Truth:
        return self.logic.conjunction([self.truth(item.node, place) for item in conditions])

    # -- truths ----------------------------------------------------------------------------------------------------

    def _truth(self, node: Node, place: Place) -> Truth:
        logic = self.logic
        match node:
            case And(items=items):
                return logic.conjunction([self.truth(item, place) for item in items])
            case Or(items=items):
                return logic.disjunction([self.truth(item, place) for item in items])
            case Not(item=item):
                return logic.negation(self.truth(item, place))
            case Compare(comparator=comparator, left=left, right=right):
                if not isinstance(left.type, Quantity):
                    return logic.compare(comparator, self._value(left, place), self._value(right, place))
                if is_interval(left) or is_interval(right):
                    return logic.compare_ends(comparator, self.interval(left, place), self.interval(right, place))
                return logic.compare(comparator, self.number(left, place), self.number(right, place))
            case Contains(item=item, collection=collection):
                return self._contains(item, collection, place)
            case Fact(key=key):
                stated = self.world.fact(key, place)
                return logic.settled(stated.value, stated.known)
            case Derived(name=name, subject=subject):
                return self.truth(self.derivations[subject, name], place)
            case Recognised():
                return self.world.recognised(node)
            case Aggregate(kind="any", over=over, body=body):
                each: list[Truth] = []
                for index, there in self._each(over):
                    inner = self.truth(cast("Node", body), index)
                    each.append(Truth(logic.z3.And(there, inner.yes), logic.z3.Or(logic.z3.Not(there), inner.no)))
                return logic.disjunction(each)
        raise AssertionError(f"no condition: {node!r}")

    def _each(self, over: str) -> Iterable[tuple[int, Z3]]:
        self.world.bounded = True
        return enumerate(self.world.there(over))

    def _contains(self, item: Node, collection: Node, place: Place) -> Truth:
        logic, z3 = self.logic, self.logic.z3
        numeric = isinstance(item.type, Quantity)
        found = self.number(item, place) if numeric else self._value(item, place)
        if isinstance(collection, Words):
            same = [
                found.value == (logic.real(cast("Fraction", word.value)) if numeric else self._code(word.value))
                for word in collection.items
            ]
            return logic.settled(logic.either(same), found.known)
        stated = self.world.fact(cast("Fact", collection).key, place)
        known = z3.And(found.known, stated.known)
        if numeric:
            among = [z3.And(there, year == found.value) for year, there in stated.years]
        elif isinstance(item, Constant):
            among = [stated.words.get(str(item.value), logic.false)]
        else:
            among = [z3.And(there, found.value == self._code(word)) for word, there in stated.words.items()]
        return logic.settled(logic.either(among), known)

    def _value(self, node: Node, place: Place) -> Number:
        """A word, text, date or truth as a term."""
        logic = self.logic
        if isinstance(node.type, TruthType):
            truth = self.truth(node, place)
            return Number(truth.yes, logic.z3.Or(truth.yes, truth.no))
        if isinstance(node, Constant):
            return Number(self._code(node.value), logic.true)
        stated = self.world.fact(cast("Fact", node).key, place)
        return Number(stated.value, stated.known)

    def _code(self, value: Fraction | str | date) -> Z3:
        return self.logic.whole(value.toordinal() if isinstance(value, date) else self.world.code(str(value)))

    # -- quantities ------------------------------------------------------------------------------------------------

    def _number(self, node: Node, place: Place) -> Number:
        logic, z3 = self.logic, self.logic.z3
        match node:
            case Constant(value=value):
                return logic.fixed(cast("Fraction", value))
            case Fact(key=key):
                return self._fact(key, place)
            case Derived(name=name, subject=subject):
                return self.number(self.derivations[subject, name], place)
            case Arithmetic(operator=sign, left=left, right=right):
                a, b = self.number(left, place), self.number(right, place)
                known = z3.And(a.known, b.known)
                match sign:
                    case "+":
                        return Number(a.value + b.value, known)
                    case "-":
                        return Number(a.value - b.value, known)
                    case "*":
                        return Number(a.value * b.value, known)
                    case "/":
                        return logic.divide(a, b)
            case Extreme(kind=kind, items=items):
                parts = [self.number(item, place) for item in items]
                value = logic.extreme([part.value for part in parts], greatest=kind == "max")
                return Number(value, logic.both([part.known for part in parts]))
            case Aggregate():
                return self._aggregate(node)
        raise AssertionError(f"no quantity: {node!r}")

    def _fact(self, key: FactKey, place: Place) -> Number:
        logic, z3 = self.logic, self.logic.z3
        stated = self.world.fact(key, place)
        value, known = stated.value, stated.known
        if key.subject == PARAMETER:
            parameter = self.books.parameters.get(key.name)
            for year, figure in sorted((parameter.values if parameter else {}).items()):
                here = self.world.year == year + 1
                value = z3.If(here, logic.real(figure.value), value)
                known = z3.Or(here, known)
        elif self.shift is not None and (key, place if key.subject in COLLECTED else None) == self.shift[:2]:
            value = value + self.shift[2]
        return Number(value, known)

    def _aggregate(self, node: Aggregate) -> Number:
        logic, z3 = self.logic, self.logic.z3
        places = list(self._each(node.over))
        one, zero = logic.real(1), logic.real(0)
        if node.body is None:
            return Number(z3.Sum([z3.If(there, one, zero) for _, there in places]), logic.true)
        if node.kind == "count":
            truths = [(there, self.truth(node.body, index)) for index, there in places]
            value = z3.Sum([z3.If(z3.And(there, truth.yes), one, zero) for there, truth in truths])
            known = logic.both([z3.Or(z3.Not(there), truth.yes, truth.no) for there, truth in truths])
            return Number(value, known)
        numbers = [(there, self.number(node.body, index)) for index, there in places]
        known = logic.both([z3.Or(z3.Not(there), number.known) for there, number in numbers])
        if node.kind == "sum":
            return Number(z3.Sum([z3.If(there, number.value, zero) for there, number in numbers]), known)
        value = numbers[0][1].value
        for there, number in numbers[1:]:
            better = number.value > value if node.kind == "max" else number.value < value
            value = z3.If(z3.And(there, better), number.value, value)
        return Number(value, z3.And(places[0][1], known))  # the least or greatest of nothing is unknown

    # -- intervals -------------------------------------------------------------------------------------------------

    def interval(self, node: Node, place: Place = 0) -> Ends:
        """Any quantity, as an interval."""
        logic = self.logic
        if not is_interval(node) and not isinstance(node, Choice):
            return logic.ends(self.number(node, place))
        match node:
            case Between(low=low, high=high):
                return logic.between(self.number(low, place), None if high is None else self.number(high, place))
            case Arithmetic(operator=sign, left=left, right=right):
                a, b = self.interval(left, place), self.interval(right, place)
                match sign:
                    case "+":
                        return logic.sum_of(a, b)
                    case "-":
                        return logic.difference_of(a, b)
                    case "*":
                        return logic.product_of(a, b)
                    case "/":
                        inverse = logic.divide(logic.fixed(Fraction(1)), self.number(right, place))
                        return logic.product_of(a, logic.ends(inverse))
            case Extreme(kind=kind, items=items):
                found = self.interval(items[0], place)
                for item in items[1:]:
                    found = logic.extreme_of(found, self.interval(item, place), greatest=kind == "max")
                return found
            case Choice(branches=branches, otherwise=otherwise):
                made = [(self.truth(condition, place), self.interval(value, place)) for condition, value in branches]
                return logic.choose(made, self.interval(otherwise, place))
        raise AssertionError(f"no interval: {node!r}")


def world_for(
    logic: Logic, vocabulary: Vocabulary, nodes: Iterable[Node], years: tuple[int, int], places: int = 3
) -> World:
    """A world for cases of `years` (first and last) wide enough for what `nodes`, derived facts written out, ask about."""
    titles: dict[str, set[Recognised]] = {}
    listed: set[Contains] = set()
    for node in (part for whole in nodes for part in walk(whole)):
        if isinstance(node, Recognised):
            titles.setdefault(node.title, set()).add(node)
        elif isinstance(node, Contains):
            listed.add(node)
    counts = {title: len(asked) for title, asked in titles.items()}
    return World(logic, vocabulary, years, places, counts, max(1, len(listed)))
