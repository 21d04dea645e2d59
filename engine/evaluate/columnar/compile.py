"""The typed tree compiled to Ibis expressions over one table, each column of which is a fact: SQL's null is Kleene's unknown."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar import intervals, numbers
from conggao.engine.evaluate.columnar.integers import Guards, Inexpressible, Whole
from conggao.engine.evaluate.columnar.intervals import Interval
from conggao.engine.evaluate.columnar.numbers import Number
from conggao.engine.evaluate.columnar.schema import MOST, need_of, spec_of
from conggao.engine.evaluate.compile import is_interval
from conggao.engine.evaluate.layout import Layout
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
)
from conggao.engine.language.types import Quantity
from conggao.facts.vocabulary import PARAMETER, FactSpec, Vocabulary

BELOW = "_below"
"""Ends the name of the column that holds the denominator of a derived fact."""


class Known:
    """What is known of the columns of one program before any row is read: the width, unit and sign of each."""

    def __init__(self, layout: Layout, vocabulary: Vocabulary) -> None:
        self.layout, self.vocabulary = layout, vocabulary
        self.derived: dict[tuple[str, str], Number] = {}
        self.aggregates: dict[Aggregate, tuple[str, Number | None]] = {}
        """The column of each, with its width and unit where it is a quantity."""

    def spec(self, key: FactKey) -> FactSpec:
        return spec_of(key, self.vocabulary)

    def column(self, node: Fact | Derived | Recognised) -> str:
        """The name of the column that holds a fact."""
        return f"f{self.layout.slot(node)}"


class Compiler:
    """Compiles nodes over the columns of `table`; rows beyond what is proven are noted in `guards`."""

    def __init__(self, known: Known, table: ir.Table, guards: Guards) -> None:
        self.known, self.table, self.guards = known, table, guards
        self._truths: dict[Node, ir.BooleanValue] = {}

    def truth(self, node: Node) -> ir.BooleanValue:
        """The column of a condition."""
        made = self._truths.get(node)
        if made is None:
            made = self._truths[node] = self._truth(node)
        return made

    def conjunction(self, nodes: list[Node]) -> ir.BooleanValue:
        """All of them together."""
        result: ir.BooleanValue = ibis.literal(True)
        for number, node in enumerate(nodes):
            result = self.truth(node) if number == 0 else result & self.truth(node)
        return result

    def _truth(self, node: Node) -> ir.BooleanValue:
        match node:
            case And(items=items):
                return self.conjunction(list(items))
            case Or(items=items):
                result = self.truth(items[0])
                for item in items[1:]:
                    result |= self.truth(item)
                return result
            case Not(item=item):
                return ~self.truth(item)
            case Compare(comparator=comparator, left=left, right=right):
                if not isinstance(left.type, Quantity):
                    return cast("ir.BooleanValue", numbers._COMPARE[comparator](self.value(left), self.value(right)))
                if is_interval(left) or is_interval(right):
                    return intervals.compare(comparator, self.interval(left), self.interval(right), self.guards)
                return numbers.compare(comparator, self.number(left), self.number(right), self.guards)
            case Contains():
                return self._contains(node)
            case Fact() | Derived() | Recognised():
                return self.table[self.known.column(node)]
            case Aggregate(kind="any"):
                return self.table[self.known.aggregates[node][0]]
            case _:
                raise AssertionError(f"no condition: {node!r}")

    def _contains(self, node: Contains) -> ir.BooleanValue:
        numeric = isinstance(node.item.type, Quantity)
        if isinstance(node.collection, Words):
            values = [item.value for item in node.collection.items]
            if not numeric:
                return cast("ir.BooleanValue", self.value(node.item).isin(values))
            number = self.number(node.item)
            result: ir.BooleanValue = ibis.literal(False)
            for place, value in enumerate(values):
                same = numbers.compare("==", number, Number.constant(cast("Fraction", value)), self.guards)
                result = same if place == 0 else result | same
            return result
        fact = cast("Fact", node.collection)
        items = self.table[self.known.column(fact)]
        if numeric:
            member = self._year(node.item)
            found = items.contains(member)
            known = member.notnull() & items.notnull()
        else:
            member = self.value(node.item)
            found = items.contains(member)
            known = items.notnull() if isinstance(node.item, Constant) else member.notnull() & items.notnull()
        # What engines say of a list that is empty or null differs.
        empty = self.known.spec(fact.key).absent == "empty"
        if empty:
            unknown = ibis.literal(False) if isinstance(node.item, Constant) else ibis.cases((member.notnull(), False))
            return ibis.cases((known, found.fill_null(False)), else_=unknown)
        return ibis.cases((known, found.fill_null(False)))

    def _year(self, node: Node) -> Any:
        """A whole number as it stands in a list of years."""
        number = self.number(node)
        if number.fixed is not None and number.fixed.denominator == 1 and abs(number.fixed) < 2**31:
            return ibis.literal(int(number.fixed), "int32")
        if number.factor != 1 or number.below is not None:
            raise Inexpressible("a quantity that is not whole is looked for in a list")
        return self.guards.within(number.above, 2**31 - 1).column.cast("int32")

    def number(self, node: Node) -> Number:
        """The columns of a quantity that is no interval."""
        match node:
            case Constant(value=value):
                return Number.constant(cast("Fraction", value))
            case Fact(key=key):
                return self._fact(node, key)
            case Derived(name=name, subject=subject):
                made = self.known.derived[subject, name]
                return self._stored(self.known.column(node), made)
            case Arithmetic(operator=sign, left=left, right=right):
                a, b = self.number(left), self.number(right)
                match sign:
                    case "+":
                        return numbers.add(a, b, 1, self.guards)
                    case "-":
                        return numbers.add(a, b, -1, self.guards)
                    case "*":
                        return numbers.multiply(a, b, self.guards)
                    case "/":
                        return numbers.divide(a, b, self.guards)
            case Extreme(kind=kind, items=items):
                return numbers.extreme([self.number(item) for item in items], kind == "max", self.guards)
            case Aggregate():
                name, made_of = self.known.aggregates[node]
                assert made_of is not None
                return self._stored(name, made_of)
        raise AssertionError(f"no quantity: {node!r}")

    def _fact(self, node: Fact, key: FactKey) -> Number:
        column = self.table[self.known.column(node)]
        if key.subject == PARAMETER:
            from conggao.engine.evaluate.columnar.schema import DECIMALS

            return Number(Whole(column, MOST), None, Fraction(1, DECIMALS))
        if key.name == "year" and key.period:
            return Number(Whole(column, 10**5), None, Fraction(1), None, False)
        if key.name == "division":
            return Number(Whole(column, 99), None, Fraction(1), None, False)
        unit = need_of(key, self.known.vocabulary).unit or 1
        return Number(Whole(column, MOST), None, Fraction(1, unit), None, False)

    def _stored(self, name: str, made: Number) -> Number:
        below = None if made.below is None else Whole(self.table[name + BELOW], made.below.bound)
        return Number(Whole(self.table[name], made.above.bound), below, made.factor, None, made.negative)

    def interval(self, node: Node) -> Interval:
        """The columns of any quantity, as an interval."""
        if not is_interval(node) and not isinstance(node, Choice):
            value = self.number(node)
            return Interval(value, value)
        match node:
            case Between(low=low, high=high):
                return intervals.between(self.number(low), None if high is None else self.number(high), self.guards)
            case Arithmetic(operator=sign, left=left, right=right):
                a, b = self.interval(left), self.interval(right)
                match sign:
                    case "+" | "-":
                        return intervals.both(a, b, 1 if sign == "+" else -1, self.guards)
                    case "*":
                        return intervals.product(a, b, self.guards)
                    case "/":
                        inverse = numbers.divide(Number.constant(Fraction(1)), self.number(right), self.guards)
                        return intervals.product(a, Interval(inverse, inverse), self.guards)
            case Extreme(kind=kind, items=items):
                return intervals.extreme([self.interval(item) for item in items], kind == "max", self.guards)
            case Choice(branches=branches, otherwise=otherwise):
                made = [(self.truth(condition), self.interval(value)) for condition, value in branches]
                return intervals.choose(made, self.interval(otherwise), self.guards)
        raise AssertionError(f"no interval: {node!r}")

    def value(self, node: Node) -> Any:
        """The column of a word, text, date or truth."""
        match node:
            case Constant(value=value):
                return ibis.literal(value)
            case Fact():
                return self.table[self.known.column(node)]
            case _:
                return self.truth(node)


def columns_of(name: str, number: Number) -> Mapping[str, Any]:
    """A quantity as columns that `Compiler` reads again."""
    made = {name: number.above.column}
    if number.below is not None:
        made[name + BELOW] = number.below.column
    return made
