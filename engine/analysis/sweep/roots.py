"""Where rules turn while one fact varies, solved exactly: comparisons, branches of amounts, caps, one claim overtaking another.

An expression is a quotient of polynomials of the fact, or one of several where a rule chooses between them. The places found are only
candidates: what happens at each is decided there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations, product
from math import isqrt

from conggao.engine.analysis.probe.lane import Lane
from conggao.engine.analysis.probe.slots import Moved
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.record import Record
from conggao.engine.language.tree import (
    Aggregate,
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
    Words,
    children,
)
from conggao.engine.language.types import Quantity

Polynomial = tuple[Fraction, ...]
Form = tuple[Polynomial, Polynomial]
"""Numerator and denominator, coefficients from the constant up."""

MOST = 24
"""Forms of one expression; of one with more only the places that the points show are found."""
_ONE: Polynomial = (Fraction(1),)
_HALF_FEN = Fraction(1, 200)


class Roots:
    """The candidates of one lane as fact number `at` of it varies and the others stay as they are in its frames."""

    def __init__(self, lane: Lane, at: int = 0) -> None:
        self.lane, self.fact = lane, lane.facts[at]
        self.program = lane.program

    def of(self, records: Iterable[Record]) -> set[Fraction]:
        """The values of the fact, in base units, at or beside which something may turn for the records of the moving part."""
        found: set[Fraction] = set()
        worth: list[tuple[Record, list[Form]]] = []
        for record in records:
            measure, subject = record.compiled.measure, record.subject
            nodes = [*measure.expressions()]
            for node in nodes:
                found.update(self._turns(node, subject))
            if measure.amount is None:
                if record.standard is not None:
                    worth.append((record, _fixed(record)))
                continue
            amounts, caps = self._forms(measure.amount, subject), []
            if measure.cap is not None:
                caps = self._forms(measure.cap, subject)
            found.update(
                root for a, c in product(amounts, caps) for s in (0, -1, 1) for root in _meet(a, c, s * _HALF_FEN)
            )
            worth.append((record, [*amounts, *caps]))
        for (record, forms), (other, others) in combinations(worth, 2):
            if record.subject.name == other.subject.name or record.compiled.measure.cap is not None:
                found.update(root for a, b in product(forms, others) for root in _meet(a, b))
        for record, forms in worth:
            found.update(root for form in forms for level in self._levels(record, worth) for root in _meet(form, level))
        return found

    def _levels(self, record: Record, worth: list[tuple[Record, list[Form]]]) -> Iterator[Form]:
        """Amounts at which money received or a shared cap begins or ceases to matter."""
        levels = {0, record.own, record.rival, record.own + record.rival}
        if record.cap_left is not None:
            others = [
                other.standard
                for other, _ in worth
                if other is not record and other.compiled is record.compiled and other.standard is not None
            ]
            for end in (0, 1):
                left = record.cap_left[end]
                if left is not None:
                    levels |= {left, left - sum(item[end] or 0 for item in others)}
                    levels |= {left + record.own, left - record.rival}
        for _, left in record.ceilings:
            levels.add(left)
        for fen in levels:
            for off in (Fraction(0), -_HALF_FEN):
                yield (Fraction(fen, 100) + off,), _ONE

    def _turns(self, node: Node, subject: Subject) -> Iterator[Fraction]:
        """Where a comparison below `node` may turn, or a choice of the greatest or least."""
        match node:
            case Compare(left=left, right=right) if isinstance(left.type, Quantity):
                for a, b in product(self._forms(left, subject), self._forms(right, subject)):
                    yield from _meet(a, b)
            case Contains(item=item, collection=Words(items=words)) if isinstance(item.type, Quantity):
                for form, word in product(self._forms(item, subject), words):
                    if isinstance(word.value, Fraction):
                        yield from _meet(form, ((word.value,), _ONE))
            case Extreme(items=items):
                for one, other in combinations(items, 2):
                    for a, b in product(self._forms(one, subject), self._forms(other, subject)):
                        yield from _meet(a, b)
            case Derived(name=name, subject=owner):
                yield from self._turns(self.program.derivations[owner, name].node, subject)
                return
            case Aggregate(over=over, body=body):
                if body is not None:
                    for inner in self.lane.subjects[over]:
                        yield from self._turns(body, inner)
                return
        for child in children(node):
            yield from self._turns(child, subject)

    def _forms(self, node: Node, subject: Subject) -> list[Form]:
        """What a quantity may be as a quotient of polynomials; nothing where that is unknown or too much."""
        if not isinstance(node.type, Quantity):
            return []
        found = list(dict.fromkeys(self._form(node, subject)))
        return found if len(found) <= MOST else []

    def _form(self, node: Node, subject: Subject) -> Iterable[Form]:
        match node:
            case Constant(value=Fraction() as value):
                return [((value,), _ONE)]
            case Fact():
                if _is(self.fact, node, subject):
                    return [((Fraction(0), Fraction(1)), _ONE)]
                known = self.program.compiler.number(node).value(subject.frame)
                return [] if known is None else [((Fraction(known),), _ONE)]
            case Derived(name=name, subject=owner):
                return self._forms(self.program.derivations[owner, name].node, subject)
            case Arithmetic(operator=sign, left=left, right=right):
                pairs = product(self._forms(left, subject), self._forms(right, subject))
                return [_join(sign, a, b) for a, b in pairs]
            case Extreme(items=items):
                return [form for item in items for form in self._forms(item, subject)]
            case Between(low=low, high=high):
                return [form for end in (low, high) if end is not None for form in self._forms(end, subject)]
            case Choice(branches=branches, otherwise=otherwise):
                return [form for item in (*(v for _, v in branches), otherwise) for form in self._forms(item, subject)]
            case Aggregate(kind="sum", over=over, body=body) if body is not None:
                total: list[Form] = [((Fraction(0),), _ONE)]
                for inner in self.lane.subjects[over]:
                    total = [_join("+", a, b) for a, b in product(total, self._forms(body, inner))][: MOST + 1]
                return total
            case Aggregate(kind="min" | "max", over=over, body=body) if body is not None:
                return [form for inner in self.lane.subjects[over] for form in self._forms(body, inner)]
        return []


def _is(fact: Moved, node: Fact, subject: Subject) -> bool:
    if fact.key != node.key:
        return False
    return fact.id is None or (subject.kind == node.key.subject and subject.id == fact.id)


def _fixed(record: Record) -> list[Form]:
    assert record.standard is not None
    return [((Fraction(end, 100),), _ONE) for end in record.standard if end is not None]


def _join(sign: str, first: Form, second: Form) -> Form:
    (a, b), (c, d) = first, second
    match sign:
        case "*":
            return _times(a, c), _times(b, d)
        case "/":
            return _times(a, d), _times(b, c)
    left, right = _times(a, d), _times(c, b)
    return _plus(left, right if sign == "+" else _times(right, (Fraction(-1),))), _times(b, d)


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    return tuple(value + (shorter[i] if i < len(shorter) else 0) for i, value in enumerate(longer))


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    found = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            found[i + j] += x * y
    while len(found) > 1 and not found[-1]:
        found.pop()
    return tuple(found)


def _meet(first: Form, second: Form, off: Fraction = Fraction(0)) -> Iterator[Fraction]:
    """Where `first` equals `second` + `off`, up to a unit far below any fact's where that is no fraction; up to the second degree."""
    (a, b), (c, d) = first, second
    if off:
        c = _plus(c, _times(d, (off,)))
    numerator = _plus(_times(a, d), _times(_times(c, b), (Fraction(-1),)))
    while len(numerator) > 1 and not numerator[-1]:
        numerator = numerator[:-1]
    if len(numerator) == 2:  # noqa: PLR2004 - a line
        yield -numerator[0] / numerator[1]
    elif len(numerator) == 3:  # noqa: PLR2004 - a parabola
        constant, linear, square = numerator
        under = linear * linear - 4 * square * constant
        if under >= 0:
            fine = 10**12
            root = Fraction(isqrt(under.numerator * under.denominator * fine * fine), under.denominator * fine)
            yield from ((-linear + sign * root) / (2 * square) for sign in (1, -1))
