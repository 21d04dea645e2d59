"""The typed tree compiled to exact closures over a frame: the reference that every other evaluator is held against."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from operator import itemgetter
from typing import cast

from conggao.engine.evaluate import intervals, numbers, truths
from conggao.engine.evaluate.intervals import Interval
from conggao.engine.evaluate.layout import Frame, Layout
from conggao.engine.evaluate.numbers import Exact, Number
from conggao.engine.evaluate.truths import Truth, Value
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
    Node,
    Not,
    Or,
    Recognised,
    Words,
)
from conggao.engine.language.types import Quantity
from conggao.facts.units import scale


class Compiler:
    """Compiles nodes against one layout; what it made of a node is kept, so that an explanation reads what the decision read."""

    def __init__(self, layout: Layout, derived_scales: Mapping[tuple[str, str], int]) -> None:
        self.layout = layout
        self._scales = derived_scales
        self._truths: dict[Node, Truth] = {}
        self._numbers: dict[Node, Number] = {}
        self._intervals: dict[Node, Interval] = {}
        # Explanations ask for the same nodes again and again, and hashing a tree costs more than reading it.
        self._by_identity: dict[int, tuple[Node, Truth]] = {}
        self._numbers_by_identity: dict[int, tuple[Node, Number]] = {}

    def truth(self, node: Node) -> Truth:
        """The closure of a condition."""
        known = self._by_identity.get(id(node))
        if known is not None:
            return known[1]
        made = self._truths.get(node)
        if made is None:
            made = self._truths[node] = self._truth(node)
        self._by_identity[id(node)] = node, made
        return made

    def number(self, node: Node) -> Number:
        """The closure of a quantity that is no interval."""
        known = self._numbers_by_identity.get(id(node))
        if known is not None:
            return known[1]
        made = self._numbers.get(node)
        if made is None:
            made = self._numbers[node] = self._number(node)
        self._numbers_by_identity[id(node)] = node, made
        return made

    def interval(self, node: Node) -> Interval:
        """The closure of any quantity, as an interval."""
        made = self._intervals.get(node)
        if made is None:
            made = self._intervals[node] = self._interval(node)
        return made

    def _truth(self, node: Node) -> Truth:
        match node:
            case And(items=items):
                return truths.conjunction([self.truth(item) for item in items])
            case Or(items=items):
                return truths.disjunction([self.truth(item) for item in items])
            case Not(item=item):
                return truths.negation(self.truth(item))
            case Compare(comparator=comparator, left=left, right=right):
                if not isinstance(left.type, Quantity):
                    return truths.compare_values(comparator, self.value(left), self.value(right))
                if is_interval(left) or is_interval(right):
                    first, second = self.interval(left), self.interval(right)
                    common = lcm(first.scale, second.scale)
                    return truths.compare_intervals(comparator, first.at(common), second.at(common))
                return truths.compare_numbers(comparator, self.number(left), self.number(right))
            case Contains():
                return self._contains(node)
            case Fact() | Derived() | Recognised():
                return itemgetter(self.layout.slot(node))
            case Aggregate(kind="any", over=over, body=body):
                return self._any(self.layout.slots[over], self.truth(cast("Node", body)))
            case _:
                raise AssertionError(f"no condition: {node!r}")

    def _contains(self, node: Contains) -> Truth:
        """Words are compared as text; numbers are brought to the scale of base units first."""
        numeric = isinstance(node.item.type, Quantity)
        if isinstance(node.collection, Words):
            constants = [item.value for item in node.collection.items]
            if numeric:
                number = self.number(node.item)
                scaled = {cast("Fraction", value) * number.scale for value in constants}
                read = number.read
                return lambda frame: None if (x := read(frame)) is None else x in scaled
            among = frozenset(constants)
            value = self.value(node.item)
            return lambda frame: None if (x := value(frame)) is None else x in among
        slot = self.layout.slot(cast("Fact", node.collection))
        if isinstance(node.item, Constant):
            wanted = node.item.value
            return lambda frame: None if (items := frame[slot]) is None else wanted in items
        member: Value = self._plain(node.item) if numeric else self.value(node.item)

        def read_member(frame: Frame) -> bool | None:
            items, x = frame[slot], member(frame)
            return None if items is None or x is None else x in items

        return read_member

    def _plain(self, node: Node) -> Value:
        number = self.number(node)
        return number.read if number.scale == 1 else number.value

    def _any(self, slot: int, body: Truth) -> Truth:
        def read(frame: Frame) -> bool | None:
            result: bool | None = False
            for inner in frame[slot]:
                truth = body(inner)
                if truth:
                    return True
                if truth is None:
                    result = None
            return result

        return read

    def _number(self, node: Node) -> Number:
        match node:
            case Constant(value=value):
                return Number.fixed(cast("Fraction", value))
            case Fact(type=Quantity(dimension=dimension)):
                return Number.at(self.layout.slot(node), scale(dimension))
            case Derived(name=name, subject=subject):
                return Number.at(self.layout.slot(node), self._scales[(subject, name)])
            case Arithmetic(operator=sign, left=left, right=right):
                a, b = self.number(left), self.number(right)
                match sign:
                    case "+":
                        return numbers.add(a, b, 1)
                    case "-":
                        return numbers.add(a, b, -1)
                    case "*":
                        return numbers.multiply(a, b)
                    case "/":
                        return numbers.divide(a, b)
            case Extreme(kind=kind, items=items):
                return numbers.extreme([self.number(item) for item in items], greatest=kind == "max")
            case Aggregate():
                return self._aggregate(node)
        raise AssertionError(f"no quantity: {node!r}")

    def _aggregate(self, node: Aggregate) -> Number:
        slot = self.layout.slots[node.over]
        if node.body is None:
            return Number(lambda frame: len(frame[slot]), 1)
        if node.kind == "count":
            truth = self.truth(node.body)

            def count(frame: Frame) -> Exact | None:
                found = [truth(inner) for inner in frame[slot]]
                return None if None in found else sum(1 for item in found if item)

            return Number(count, 1)
        body = self.number(node.body)
        read_body = body.read

        def gather(frame: Frame) -> list[Exact] | None:
            values: list[Exact] = []
            for inner in frame[slot]:
                x = read_body(inner)
                if x is None:
                    return None
                values.append(x)
            return values

        if node.kind == "sum":
            return Number(lambda frame: None if (values := gather(frame)) is None else sum(values), body.scale)
        choose = max if node.kind == "max" else min
        # The least or greatest of nothing is unknown.
        return Number(lambda frame: choose(values) if (values := gather(frame)) else None, body.scale)

    def _interval(self, node: Node) -> Interval:
        if not is_interval(node) and not isinstance(node, Choice):
            return Interval.of(self.number(node))
        match node:
            case Between(low=low, high=high):
                return intervals.between(self.number(low), None if high is None else self.number(high))
            case Arithmetic(operator=sign, left=left, right=right):
                a, b = self.interval(left), self.interval(right)
                match sign:
                    case "+":
                        return intervals.combine(a, b, intervals.sum_of)
                    case "-":
                        return intervals.combine(a, b, intervals.difference_of)
                    case "*":
                        return intervals.product(a, b)
                    case "/":
                        return intervals.product(
                            a, Interval.of(numbers.divide(Number.fixed(Fraction(1)), self.number(right)))
                        )
            case Extreme(kind=kind, items=items):
                join = intervals.greatest_of if kind == "max" else intervals.least_of
                result = self.interval(items[0])
                for item in items[1:]:
                    result = intervals.combine(result, self.interval(item), join)
                return result
            case Choice(branches=branches, otherwise=otherwise):
                made = [(self.truth(condition), self.interval(value)) for condition, value in branches]
                return intervals.choose(made, self.interval(otherwise))
        raise AssertionError(f"no interval: {node!r}")

    def value(self, node: Node) -> Value:
        """The closure of a word, text, date or truth."""
        match node:
            case Constant(value=value):
                return lambda _: value
            case Fact():
                return itemgetter(self.layout.slot(node))
            case _:
                return self.truth(node)


def is_interval(node: Node) -> bool:
    """Whether the node's quantity may be an interval."""
    return isinstance(node.type, Quantity) and node.type.interval
