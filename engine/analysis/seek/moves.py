"""Which changes of single facts would make a condition hold, each the smallest in its direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.seek.facts import held
from conggao.engine.analysis.seek.frames import COUNTS, MONEY_UNITS, OTHER_UNITS, VALUES, Frames, Slot, Unit, nearest
from conggao.engine.evaluate.compile import is_interval
from conggao.engine.evaluate.frames import Subject, recognised
from conggao.engine.explain import path as path_of
from conggao.engine.language.scope import REPORTS
from conggao.engine.language.tree import (
    FLIPPED,
    Aggregate,
    And,
    Compare,
    Constant,
    Contains,
    Derived,
    Fact,
    FactKey,
    Node,
    Not,
    Or,
    Recognised,
    Words,
    children,
)
from conggao.engine.language.types import Day, Quantity, Word
from conggao.facts.diagnostics import InputFaults, Text
from conggao.facts.paths import FactPath
from conggao.facts.units import MONEY, scale
from conggao.facts.vocabulary import FactSpec

DIVISIONS = 98
"""Divisions of industry lie below this."""


@dataclass(frozen=True, slots=True)
class Move:
    """One fact changed. `before` and `after` are base units, a truth, a word, a list, a date; `before` None where it was unknown.

    `name` is the fact as `--set` takes it, `writes` what is put into the case, `slots` where rules read it; `held` says why the enterprise
    cannot move it.
    """

    name: str
    key: FactKey | None
    spec: FactSpec | None
    subject: str
    before: Any
    after: Any
    writes: tuple[tuple[FactPath, Any], ...]
    slots: tuple[tuple[Slot, Any], ...]
    unit: Unit | None = None
    held: Text | None = None

    @property
    def change(self) -> Fraction | None:
        """By how many base units the fact moves; None where it is no quantity."""
        return None if self.unit is None else self.after - self.before

    @property
    def count(self) -> int:
        """The new value in whole units."""
        assert self.unit is not None
        return int(self.after * self.unit.per)

    def to(self, count: int) -> Move:
        """The same fact moved to `count` units instead."""
        assert self.unit is not None
        value = Fraction(count, self.unit.per)
        (path, _), (slot, _) = self.writes[0], self.slots[0]
        written = ((path, f"{count:02d}" if self._division else plain(value)),)
        return replace(self, after=value, writes=written, slots=((slot, self.unit.read(value)),))

    @property
    def _division(self) -> bool:
        return self.key is not None and self.key.name == "division"


class Moves:
    """Finds moves for the subjects of one case."""

    def __init__(self, frames: Frames, probe: Probe) -> None:
        self.frames, self.probe = frames, probe
        self.compiler = frames.program.compiler
        self.unknown: set[str] = set()
        """Quantities that would have to be known before a change of them can be measured."""
        self._paths: dict[str, FactPath | None] = {}

    def towards(self, node: Node, subject: Subject, want: bool = True) -> Iterator[Move]:
        """The moves after which `node`, or the part of it that stands in the way, may have the truth `want` for `subject`."""
        if self.compiler.truth(node)(subject.frame) is want:
            return
        match node:
            case And(items=items) | Or(items=items):
                for item in items:
                    yield from self.towards(item, subject, want)
            case Not(item=item):
                yield from self.towards(item, subject, not want)
            case Derived(name=name, subject=owner):
                yield from self.towards(self.frames.program.derivations[owner, name].node, subject, want)
            case Aggregate(over=over, body=body) if body is not None:
                for inner in self.frames.subjects[over]:
                    yield from self.towards(body, inner, want)
            case Fact():
                yield from self._set(node, subject, [want])
            case Recognised() if want:
                yield from self._title(node, subject)
            case Contains():
                yield from self._contains(node, subject, want)
            case Compare(left=left) if isinstance(left.type, Quantity):
                yield from self._quantities(node, subject, want)
            case Compare():
                yield from self._words(node, subject, want)

    def within(self, node: Node, subject: Subject) -> Iterator[Move]:
        """The moves of everything that is no quantity in an amount: the conditions of its branches turned, either way."""
        if node.type.__class__ is not Quantity and not isinstance(node, Constant | Words):
            yield from self.towards(node, subject, True)
            yield from self.towards(node, subject, False)
            return
        for inner, owner in self._below(node, subject):
            yield from self.within(inner, owner)

    def quantities(self, node: Node, subject: Subject) -> Iterator[Move]:
        """Every quantity that a case states in an expression, as a move to where it is; those that are unknown are noted."""
        node = self.frames.opened(node)
        if isinstance(node, Fact) and isinstance(node.type, Quantity):
            move = self._here(node, subject)
            if move is not None:
                yield move
        if isinstance(node, Contains | Recognised):
            return
        for inner, owner in self._below(node, subject):
            yield from self.quantities(inner, owner)

    def _below(self, node: Node, subject: Subject) -> Iterator[tuple[Node, Subject]]:
        if isinstance(node, Aggregate):
            if node.body is not None:
                yield from ((node.body, inner) for inner in self.frames.subjects[node.over])
        else:
            yield from ((item, subject) for item in children(node))

    # -- quantities ---------------------------------------------------------------------------------------------------

    def _quantities(self, node: Compare, subject: Subject, want: bool) -> Iterator[Move]:
        """Each quantity of a comparison, moved up and down to where the comparison turns."""
        opened = self.frames.opened(node)
        assert isinstance(opened, Compare)
        holds = self._turned(opened, subject, want)
        seen: set[str] = set()
        for move in self.quantities(opened, subject):
            if move.name in seen:
                continue
            seen.add(move.name)
            assert move.unit is not None
            at = self.frames.tried(move.slots[0][0], move.unit, holds)
            for direction in (1, -1):
                count = nearest(at, move.before, move.unit, direction)
                if count is not None:
                    yield move.to(count)
        yield from self.within(opened.left, subject)
        yield from self.within(opened.right, subject)

    def _turned(self, node: Compare, subject: Subject, want: bool) -> Any:
        """Whether the comparison has the truth wanted; of an equality, whether its sides have met or passed each other."""
        truth, frame = self.compiler.truth(node), subject.frame
        if (
            (node.comparator, want) not in (("==", True), ("!=", False))
            or is_interval(node.left)
            or is_interval(node.right)
        ):
            return lambda: truth(frame) is want
        left, right = self.compiler.number(node.left), self.compiler.number(node.right)

        def difference() -> Fraction:
            a, b = left.value(frame), right.value(frame)
            return Fraction(0) if a is None or b is None else Fraction(a) - Fraction(b)

        below = difference() < 0
        return lambda: (found := difference()) == 0 or (found < 0) != below

    def _here(self, node: Fact, subject: Subject) -> Move | None:
        key = node.key
        spec = self._spec(key)
        path = self._path(key, subject)
        if spec is None or path is None or spec.kind not in ("integer", "quantity"):
            return None
        slot = self._slot(node, subject)
        stands = subject.frame[slot.index]
        name = path_of(key, subject, self._latest)
        if stands is None:
            self.unknown.add(name)
            return None
        most = DIVISIONS if key.name == "division" else COUNTS if spec.kind == "integer" else VALUES
        per = 1 if spec.kind == "integer" else MONEY_UNITS if spec.dimension == MONEY else OTHER_UNITS
        unit = Unit(per, 1 if spec.kind == "integer" else scale(spec.dimension), most)
        value = Fraction(stands) / unit.scale
        why = held(path, self._latest)
        return Move(name, key, spec, subject.name, value, value, ((path, None),), ((slot, stands),), unit, why)

    # -- everything else ----------------------------------------------------------------------------------------------

    def _set(self, node: Fact, subject: Subject, values: Iterable[Any], written: Any = None) -> Iterator[Move]:
        """The fact set to each of `values`, as rules read them."""
        spec, path = self._spec(node.key), self._path(node.key, subject)
        if spec is None or path is None:
            return
        slot = self._slot(node, subject)
        before = subject.frame[slot.index]
        name, why = path_of(node.key, subject, self._latest), held(path, self._latest)
        for value in values:
            if value != before:
                told = _told(value)
                yield Move(
                    name, node.key, spec, subject.name, before, value, ((path, told),), ((slot, value),), held=why
                )

    def _contains(self, node: Contains, subject: Subject, want: bool) -> Iterator[Move]:
        item, collection = node.item, node.collection
        if isinstance(collection, Fact):
            if isinstance(item, Constant):
                member: Any = item.value
            elif isinstance(item.type, Quantity):
                number = self.compiler.number(item).value(subject.frame)
                if number is None:
                    return
                member = int(number)
            else:
                return
            listed = subject.frame[self._slot(collection, subject).index] or ()
            new = (*listed, member) if want else tuple(entry for entry in listed if entry != member)
            yield from self._set(collection, subject, [new])
        elif isinstance(item, Fact) and isinstance(collection, Words) and want:
            if isinstance(item.type, Quantity):
                move = self._here(item, subject)
                if move is not None and move.unit is not None:
                    for entry in collection.items:
                        if isinstance(entry.value, Fraction) and (entry.value * move.unit.per).denominator == 1:
                            yield move.to(int(entry.value * move.unit.per))
            else:
                yield from self._set(item, subject, [entry.value for entry in collection.items])

    def _words(self, node: Compare, subject: Subject, want: bool) -> Iterator[Move]:
        """A word or a date against a constant: the word itself, the day or the one beside it."""
        if isinstance(node.left, Constant):
            node = Compare(FLIPPED[node.comparator], node.right, node.left)
        left, right = node.left, node.right
        if not isinstance(left, Fact) or not isinstance(right, Constant):
            return
        if isinstance(left.type, Day) and isinstance(right.value, date):
            yield from self._set(left, subject, [right.value + timedelta(days=off) for off in (0, 1, -1)])
        elif (node.comparator == "==") == want:
            yield from self._set(left, subject, [right.value])
        elif isinstance(left.type, Word):
            words = self.probe.engine.vocabulary.words(left.type.table)
            yield from self._set(left, subject, [word for word in words if word != right.value])

    def _title(self, node: Recognised, subject: Subject) -> Iterator[Move]:
        """The title held since this year, at the level asked for. A title is another's decision."""
        day = self.probe.day
        if node.since is not None and node.since > day.year:
            return
        writes: list[tuple[FactPath, Any]] = [(FactPath("recognition", node.title, "", None), str(day.year))]
        if node.level is not None:
            writes.append((FactPath("recognition", node.title, "level", None), node.level))
        case = self.probe.changed(dict(writes))
        layout = self.frames.program.layout
        slots = tuple(
            (Slot("enterprise", None, layout.slot(item)), recognised(case, item, day))
            for item in layout.titles
            if item.title == node.title
        )
        stands = any(item.title == node.title for item in self.probe.case.recognitions)
        why = held(writes[0][0], self._latest)
        before = None if stands else False
        name = f"recognitions.{node.title}"
        yield Move(name, None, None, "enterprise", before, True, tuple(writes), slots, held=why)

    # -- where a fact stands ------------------------------------------------------------------------------------------

    @property
    def _latest(self) -> int:
        return self.probe.day.year - 1

    def _spec(self, key: FactKey) -> FactSpec | None:
        return self.probe.engine.vocabulary.find(REPORTS[key.subject] if key.period else key.subject, key.name)

    def _slot(self, node: Fact, subject: Subject) -> Slot:
        kind = node.key.subject
        index = self.frames.program.layout.slot(node)
        return (
            Slot(kind, subject.id, index) if kind in ("project", "service", "park") else Slot("enterprise", None, index)
        )

    def _path(self, key: FactKey, subject: Subject) -> FactPath | None:
        """None for what no case states: which year a period is."""
        if key.period is not None and key.name == "year":
            return None
        name = path_of(key, subject, self._latest)
        if name not in self._paths:
            try:
                self._paths[name] = self.probe.path(name)
            except InputFaults:
                self._paths[name] = None
        return self._paths[name]


def plain(value: Fraction) -> str:
    """A number that ends, as plain decimal text."""
    whole, rest = divmod(abs(value.numerator), value.denominator)
    sign = "-" if value < 0 else ""
    digits = f"{rest * 10**9 // value.denominator:09d}".rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def _told(value: Any) -> Any:
    """A value as a case file has it."""
    match value:
        case tuple():
            return list(value)
        case date():
            return value.isoformat()
        case _:
            return value
