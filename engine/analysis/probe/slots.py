"""Which slots of which frames a fact stands in, and what is derived from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pydantic_core import PydanticCustomError

from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.program import Program
from conggao.engine.language.tree import Aggregate, Derived, Fact, FactKey, Node, Period, children
from conggao.engine.language.types import Quantity
from conggao.facts.paths import PERIODS, FactPath
from conggao.facts.quantities import integer, quantity
from conggao.facts.units import PURE, scale
from conggao.facts.vocabulary import PARAMETER

Use = tuple[FactKey, bool]
"""A fact that an expression reads, and whether it does so over all projects or services."""
_OWNERS = {"report": "enterprise", "park_report": "park"}
_PERIODS: dict[int, Period] = {PERIODS["latest"]: "latest", PERIODS["previous"]: "previous"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A numeric fact that is varied: its key (None where no rule can read it), of which project or service, and how it is read."""

    key: FactKey | None
    id: str | None
    read: Callable[[Any], int | Any]
    """From a value as a case file has it to what stands in a slot; ValueError where the case would refuse it."""

    def touches(self, uses: Collection[Use], subject: Subject) -> bool:
        """Whether an expression with these uses may change for `subject`."""
        if self.key is None:
            return False
        if (self.key, True) in uses:
            return True
        own = self.id is None or (subject.kind == self.key.subject and subject.id == self.id)
        return own and (self.key, False) in uses


def moved(path: FactPath, day: date) -> Moved | None:
    """The fact at `path` as one that can be varied in its slot; None for one that is no number, or more than a number in its slot."""
    spec = path.spec
    if path.owner == "parameter":
        key = FactKey(PARAMETER, path.name) if path.entry == day.year - 1 else None
        return Moved(key, None, _reader("quantity", PURE, signed=True))
    if spec is None or spec.name == "year" or spec.kind not in ("quantity", "integer"):
        return None
    read = _reader(spec.kind, spec.dimension, signed=False)
    if path.owner in _OWNERS:
        period = _PERIODS.get(day.year - int(path.entry or 0))
        return Moved(FactKey(_OWNERS[path.owner], spec.name, period) if period else None, None, read)
    owned = path.owner in ("project", "service")
    return Moved(FactKey(path.owner, spec.name), str(path.entry) if owned else None, read)


def _reader(kind: str, dimension: Any, *, signed: bool) -> Callable[[Any], Any]:
    if kind == "integer":
        return integer
    exact = quantity(dimension, signed)
    assert scale(dimension) >= 1

    def read(value: Any) -> Any:
        return exact(value).count

    return read


REFUSED = (PydanticCustomError, ValueError, TypeError)
"""What a reader raises where a case would be refused."""


class Uses:
    """What the expressions of one program read, through derived facts down to stated ones."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[int, tuple[Node, frozenset[Use]]] = {}

    def of(self, node: Node) -> frozenset[Use]:
        """The facts that `node` reads."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = node, frozenset(self._found(node))
        return known[1]

    def all_of(self, nodes: Iterable[Node]) -> frozenset[Use]:
        return frozenset(use for node in nodes for use in self.of(node))

    def _found(self, node: Node) -> Iterable[Use]:
        match node:
            case Fact(key=key):
                return ((key, False),)
            case Derived(name=name, subject=subject):
                return self.of(self.program.derivations[subject, name].node)
            case Aggregate(body=body):
                return () if body is None else ((key, True) for key, _ in self.of(body))
        return (use for child in children(node) for use in self.of(child))

    @cached_property
    def derived(self) -> list[tuple[str, int, frozenset[Use], Callable[[Frame], Any]]]:
        """Every derived fact, each after those it follows from: of which subject, its slot, what it reads, its closure."""
        compiler = self.program.compiler
        return [
            (
                item.subject,
                self.program.layout.slots[key],
                self.of(item.node),
                compiler.number(item.node).read if isinstance(item.node.type, Quantity) else compiler.truth(item.node),
            )
            for key, item in self.program.derivations.items()
        ]
