"""What a measure asks of a case: the facts that its rules read, and the values at which they turn.

Values are tried, never believed: whoever uses one decides the case that has it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import Program
from conggao.engine.explain import path as fact_path
from conggao.engine.language.tree import Aggregate, Constant, Derived, Fact, Node, Recognised, walk
from conggao.engine.language.types import Quantity, Word
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.diagnostics import InputFaults
from conggao.facts.fact import plain
from conggao.facts.paths import Document, FactPath, find_path, read_value, write_value
from conggao.facts.quantities import quantity
from conggao.facts.units import MONEY, Dimension
from conggao.facts.vocabulary import FactSpec, Vocabulary

MOST_VALUES = 14
_MUCH = {MONEY: 10**8}
_OTHERWISE = 10**6
_SMALLEST = Fraction(1, 100)
DIVISIONS = 97

Assignment = Mapping["Open", Any]
"""Values of facts as a case file has them; None leaves one unknown."""


@dataclass(frozen=True, slots=True)
class Open:
    """A fact that the case does not state: its path as `--set` takes it, or a title that it does not hold (`title`)."""

    key: str
    path: FactPath
    title: str | None = None


def read_nodes(node: Node, program: Program) -> Iterator[Node]:
    """Every node of the expression, with the definitions of derived facts opened."""
    for item in walk(node):
        yield item
        if isinstance(item, Derived):
            yield from read_nodes(program.derivations[(item.subject, item.name)].node, program)


def reads(
    node: Node, subject: Subject, subjects: Mapping[str, Sequence[Subject]], program: Program, year: int
) -> Iterator[str]:
    """The paths of the facts that the expression reads for `subject`; titles as `recognitions.TITLE`."""
    for item in read_nodes(node, program):
        match item:
            case Fact(key=key) if key.name not in ("year", "id") and (
                key.subject in ("enterprise", "parameter") or key.subject == subject.kind
            ):
                yield fact_path(key, subject, year)
            case Recognised(title=title):
                yield f"recognitions.{title}"
            case Aggregate(over=over, body=body) if body is not None:
                for inner in subjects[over]:
                    yield from reads(body, inner, subjects, program, year)


def open_facts(
    names: Iterable[str], document: Document, vocabulary: Vocabulary, day: date, closed: Iterable[str]
) -> list[Open]:
    """Those among the facts that the document leaves open and that are not `closed`, each once."""
    found: dict[str, Open] = {}
    shut = set(closed)
    for name in dict.fromkeys(names):
        for item in _open(name, document, vocabulary, day):
            if item.key not in shut:
                found.setdefault(item.key, item)
    return list(found.values())


def _open(name: str, document: Document, vocabulary: Vocabulary, day: date) -> Iterator[Open]:
    try:
        path = find_path(name, vocabulary, day, document)
    except InputFaults:
        return
    if path.owner == "recognition" and not path.name:
        held = [item for item in document.get("recognitions", ()) if item["title"] == path.entry]
        if not held:
            yield Open(str(path), path, str(path.entry))
        for part in ("year", "level"):
            detail = FactPath("recognition", path.entry, part, None)
            if held and held[0].get(part) is None:
                yield Open(str(detail), detail)
    elif read_value(path, document) is None:
        yield Open(str(path), path)


def put(document: Document, item: Open, value: Any) -> Document:
    """A copy of the document with the value; a title takes a year, `true`, `false`, or an entry with its level."""
    if item.title is None or not isinstance(value, Mapping):
        return write_value(item.path, value, document)
    changed = copy.deepcopy(document)
    held = [entry for entry in changed.get("recognitions", ()) if entry["title"] != item.title]
    changed["recognitions"] = [*held, {"title": item.title, **value}]
    return changed


def filled(document: Document, values: Assignment) -> Document:
    """The document with all values of an assignment."""
    for item, value in values.items():
        if value is not None:
            document = put(document, item, value)
    return document


# -- values to try -------------------------------------------------------------------------------------------------------


def trial_values(
    item: Open, policy: Policy, measure: Measure, program: Program, vocabulary: Vocabulary, day: date, stated: Document
) -> tuple[Any, ...]:
    """Values of the fact at which the rules of the measure may turn, and some beyond; those that surely help first."""
    nodes = [node for expression in measure.expressions() for node in read_nodes(expression, program)]
    if item.title is not None:
        return _titles(item.title, nodes, day)
    spec = item.path.spec
    if spec is None:
        return _details(item, vocabulary, day)
    match spec.kind:
        case "flag":
            return (True, False)
        case "words" | "word":
            return _words(spec, nodes, vocabulary, policy.places)
        case "integer":
            return tuple(dict.fromkeys(int(n) for n in _numbers((), nodes, Fraction(1), item, stated)))
        case "quantity":
            numbers = _numbers(spec.dimension, nodes, _SMALLEST, item, stated)
            read = quantity(spec.dimension)
            return tuple(plain(read(_cut(number))) for number in numbers)
        case "years":
            return ([day.year - 1], [day.year - 2])
        case "date":
            return tuple(str(day + timedelta(days=n)) for n in (0, -1, -400))
        case _:
            return _texts(spec, nodes)


def _titles(title: str, nodes: Sequence[Node], day: date) -> tuple[Any, ...]:
    wanted = [node for node in nodes if isinstance(node, Recognised) and node.title == title]
    held: list[Any] = []
    for node in wanted:
        level = {} if node.level is None else {"level": node.level}
        held.append({"year": day.year - 1, **level})
        if node.since is not None:
            held += [{"year": node.since, **level}, {"year": node.since - 1, **level}]
    return tuple(held)


def _details(item: Open, vocabulary: Vocabulary, day: date) -> tuple[Any, ...]:
    """Values of what has no type of its own: the year and level of a title held, money received, a figure borrowed."""
    match item.path.owner, item.path.name:
        case _, "year":
            return tuple(day.year - n for n in (1, 0, 2, 10))
        case _, "level":
            return tuple(vocabulary.words("levels"))
        case "parameter", _:
            return ("0.03", "0", "0.1")
        case _:
            return ("1000000", "0", "0.01")


def _words(spec: FactSpec, nodes: Sequence[Node], vocabulary: Vocabulary, places: Sequence[str]) -> tuple[Any, ...]:
    table = list(vocabulary.words(spec.words or ""))
    named = [
        str(node.value)
        for node in nodes
        if isinstance(node, Constant) and isinstance(node.type, Word) and node.value in table
    ]
    inside = tuple(places) if spec.name == "county" else ()
    other = [name for name in table if name not in named and name not in inside][:1]
    named = list(dict.fromkeys([*inside[:1], *named]))
    if spec.kind == "word":
        return (*named, *other)
    lists = [[name] for name in named[: MOST_VALUES - 3]]
    return (*lists, *([named] if len(named) > 1 else []), *([other] if other else []))


def _texts(spec: FactSpec, nodes: Sequence[Node]) -> tuple[Any, ...]:
    if spec.name == "industry":
        codes = [
            int(node.value) + step
            for node in nodes
            if isinstance(node, Constant) and isinstance(node.value, Fraction) and node.value.denominator == 1
            for step in (0, 1, -1)
        ]
        known = [code for code in dict.fromkeys([*codes, 1]) if 1 <= code <= DIVISIONS]
        return tuple(f"{code:02d}" for code in known[:MOST_VALUES])
    named = [node.value for node in nodes if isinstance(node, Constant) and isinstance(node.value, str)]
    return tuple(dict.fromkeys([*named[:MOST_VALUES], "—"]))


def _numbers(
    dimension: Dimension, nodes: Sequence[Node], unit: Fraction, item: Open, stated: Document
) -> list[Fraction]:
    """Thresholds of the dimension, a unit beside them, what a share makes of them, nothing and much."""
    constants = [
        (node.value, node.type.dimension)
        for node in nodes
        if isinstance(node, Constant) and isinstance(node.type, Quantity) and isinstance(node.value, Fraction)
    ]
    own = [value for value, of in constants if of == dimension and value]
    shares = [value for value, of in constants if not of and 0 < value < 1]
    # What is stated elsewhere of the same kind may be what it is compared with, such as the year before.
    beside = [Fraction(str(value)) for path in _beside(item, nodes) if (value := _stated(path, stated)) is not None]
    much = Fraction(_MUCH.get(dimension, _OTHERWISE))
    found: dict[Fraction, None] = {much: None, Fraction(0): None}
    for value in (*own, *beside):
        found.update(dict.fromkeys((value, value + unit, max(value - unit, Fraction(0)))))
    for value in (*own, *beside):
        found.update(dict.fromkeys(value / share for share in shares))
        found.update(dict.fromkeys(value * (1 - share) for share in shares))
    found.setdefault(unit)
    found.setdefault(Fraction(1000))
    return list(found)[:MOST_VALUES]


def _beside(item: Open, nodes: Sequence[Node]) -> Iterator[FactPath]:
    """The same fact of the other year, where the rules compare the two."""
    names = {node.key.name for node in nodes if isinstance(node, Fact)}
    if item.path.owner in ("report", "park_report") and item.path.name in names:
        for step in (1, -1):
            yield FactPath(item.path.owner, int(item.path.entry or 0) + step, item.path.name, item.path.spec)


def _stated(path: FactPath, document: Document) -> Any:
    return read_value(path, document)


def _cut(value: Fraction) -> Fraction:
    """To whole millionths, so that it can be written."""
    return Fraction(value * 10**6 // 1, 10**6)
