"""The facts of one case where rules read them, so that trying a value costs microseconds and not a decision.

What is found here is only a candidate: whoever proposes it decides the changed case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from typing import Any, cast

from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.program import Program
from conggao.engine.language.tree import Aggregate, Base, Derived, Node, walk
from conggao.engine.language.types import Quantity
from conggao.facts.models import Case

MONEY_UNITS = 100
OTHER_UNITS = 1000
VALUES = 10**20
"""Quantities in base units lie below this, whole numbers below a hundred-thousandth of it."""
COUNTS = 10**15


@dataclass(frozen=True, slots=True)
class Slot:
    """Where rules read a fact: a slot of the frame of one subject, or of all frames for what the enterprise says."""

    kind: str
    id: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Unit:
    """What a quantity is counted in when the smallest change of it is sought.

    `per` units make one base unit: 100 fen of money, a thousandth of other quantities, whole numbers. Its slot counts 1/`scale`.
    """

    per: int
    scale: int
    most: int

    def read(self, value: Fraction) -> int | Fraction:
        """What stands in the slot for `value` base units."""
        scaled = value * self.scale
        return int(scaled) if scaled.denominator == 1 else scaled


class Frames:
    """The subjects of a case under a program; `changed` puts other values in their frames for as long as it is entered."""

    def __init__(self, program: Program, case: Case, day: date) -> None:
        self.program = program
        self.subjects = program.subjects(case, day)
        self._all: list[Frame] = [item.frame for items in self.subjects.values() for item in items]
        self._counts = any(
            isinstance(node, Aggregate) for item in program.rulebooks.derivations for node in walk(item.node)
        )
        self._opened: dict[int, tuple[Node, Node]] = {}
        self._derived: list[tuple[str, int, Callable[[Frame], Any]]] = []
        for item in program.rulebooks.derivations:
            read: Callable[[Frame], Any] = (
                program.compiler.number(item.node).read
                if isinstance(item.node.type, Quantity)
                else program.compiler.truth(item.node)
            )
            self._derived.append((item.subject, program.layout.slots[item.subject, item.name], read))

    def subject(self, name: str) -> Subject | None:
        """The subject called `enterprise`, `project:P1` …"""
        kind = name.partition(":")[0]
        return next((item for item in self.subjects[kind] if item.name == name), None)

    def frames(self, slot: Slot) -> list[Frame]:
        """The frames in which the slot is one and the same fact."""
        if slot.kind == "enterprise":
            return self._all
        return [item.frame for item in self.subjects[slot.kind] if item.id == slot.id]

    @contextmanager
    def changed(self, values: Sequence[tuple[Slot, Any]]) -> Iterator[None]:
        """The frames with `values` in their slots and everything derived from them; as they were afterwards."""
        if not values:
            yield
            return
        touched = self._touched(values)
        before = [subject.frame[:] for subject in touched]
        try:
            for slot, value in values:
                for frame in self.frames(slot):
                    frame[slot.index] = value
            self._derive(touched)
            yield
        finally:
            for subject, kept in zip(touched, before, strict=True):
                subject.frame[:] = kept

    def _touched(self, values: Sequence[tuple[Slot, Any]]) -> list[Subject]:
        """The subjects of whom anything may change: all of them, unless the facts are of a few and nothing counts over subjects."""
        if self._counts or any(slot.kind == "enterprise" for slot, _ in values):
            return [item for items in self.subjects.values() for item in items]
        wanted = {(slot.kind, slot.id) for slot, _ in values}
        kinds = dict.fromkeys(slot.kind for slot, _ in values)
        return [item for kind in kinds for item in self.subjects[kind] if (kind, item.id) in wanted]

    def _derive(self, touched: Sequence[Subject]) -> None:
        everyone = touched[0].kind == "enterprise"
        for kind, index, read in self._derived:
            if kind != "enterprise":
                for subject in touched:
                    if subject.kind == kind:
                        subject.frame[index] = read(subject.frame)
            elif everyone:
                value = read(touched[0].frame)
                for subject in touched:
                    subject.frame[index] = value

    def opened(self, node: Node) -> Node:
        """`node` with every derived fact replaced by what it is derived from, down to facts that a case states."""
        known = self._opened.get(id(node))
        if known is None:
            known = self._opened[id(node)] = node, self._open(node)
        return known[1]

    def _open(self, node: Node) -> Node:
        if isinstance(node, Derived):
            return self._open(self.program.derivations[node.subject, node.name].node)
        changes = {}
        for item in fields(node):
            value = getattr(node, item.name)
            new = self._part(value)
            if new is not value:
                changes[item.name] = new
        return replace(node, **changes) if changes else node

    def _part(self, value: Any) -> Any:
        if isinstance(value, Base):
            return self._open(cast("Node", value))
        if isinstance(value, tuple):
            made = tuple(self._part(item) for item in value)
            return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
        return value

    def tried(self, slot: Slot, unit: Unit, holds: Callable[[], bool]) -> Callable[[int], bool]:
        """Whether `holds` where the fact in `slot` is `count` of its units. Derived facts are not renewed: for opened nodes only."""
        frames, index = self.frames(slot), slot.index
        scale, per = unit.scale, unit.per

        def at(count: int) -> bool:
            value: int | Fraction = count if scale == per else unit.read(Fraction(count, per))
            kept = [frame[index] for frame in frames]
            for frame in frames:
                frame[index] = value
            try:
                return holds()
            finally:
                for frame, old in zip(frames, kept, strict=True):
                    frame[index] = old

        return at


def nearest(at: Callable[[int], bool], value: Fraction, unit: Unit, direction: int) -> int | None:
    """The count of units nearest to `value` (base units) in `direction` (1, -1) at which `at` is true; None where there is none.

    Steps that double, then exact bisection: where `at` turns true and false again within one step, a nearer place may be missed.
    """
    exact = value * unit.per
    start = exact.numerator // exact.denominator + 1 if direction > 0 else -(-exact.numerator // exact.denominator) - 1
    last = (unit.most * unit.per - 1) if direction > 0 else 0
    if (last - start) * direction < 0:
        return None
    before, count, step = start - direction, start, 1
    while not at(count):
        if count == last:
            return None
        before = count
        count += direction * step
        step *= 2
        if (last - count) * direction < 0:
            count = last
    return closest(at, before, count)


def closest(at: Callable[[int], bool], fails: int, holds: int) -> int:
    """Between a count at which `at` is false and one at which it is true: the one beside which it turns."""
    while abs(holds - fails) > 1:
        middle = (holds + fails) // 2
        if at(middle):
            holds = middle
        else:
            fails = middle
    return holds
