"""A checked rulebook: what the evaluators and the resolver read. Everything here has been typed and unit-checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from conggao.engine.language.parse import Origin
from conggao.engine.language.tree import Node
from conggao.engine.rulebook.page import Block, Page
from conggao.facts.diagnostics import Text

Level = Literal["national", "region", "city"]
Subject = Literal["enterprise", "project", "service", "park"]
Recipient = Literal["enterprise", "provider", "park"]
CapPer = Literal["enterprise", "project", "service", "park", "provider"]
Kind = Literal["pay", "up_to", "service", "programme"]


@dataclass(frozen=True, slots=True)
class Line:
    """What is supported; two measures compete when they would pay for the same line of the same subject."""

    name: str
    label: Text
    annual: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One item of `when`: its text as written and its typed tree."""

    text: str
    node: Node
    origin: Origin


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `amount` is what it pays before the cap: None for an open end, a service or a programme."""

    id: str
    policy: str
    title: Text
    clause: str
    kind: Kind
    subject: Subject | None
    lines: tuple[Line, ...]
    when: tuple[Condition, ...]
    amount: Node | None
    cap: Node | None
    cap_per: CapPer | None
    cap_yearly: bool
    once: CapPer | None
    recipient: Recipient
    funding: tuple[tuple[str, Fraction], ...]
    interpretation: tuple[Text, ...]
    service: Text | None
    authorities: tuple[str, ...]
    not_modelled: tuple[str, ...]
    block: Block
    origin: Origin
    key: str = field(init=False)
    """`policy/id`, as the outside calls it."""
    annual: bool = field(init=False)
    """Whether its lines are lines of one year."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.policy}/{self.id}")
        object.__setattr__(self, "annual", any(line.annual for line in self.lines))


@dataclass(frozen=True, slots=True)
class Derivation:
    """A named fact that follows from others."""

    name: str
    label: Text
    subject: Subject
    node: Node
    text: str
    source: str
    interpretation: tuple[Text, ...]
    policy: str
    block: Block
    origin: Origin


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Which policies compete with this one, and what money received does to a claim of it."""

    principle: str
    against: tuple[Level, ...]
    received: Literal["top_up", "exclude"]
    assumed: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A rulebook: one policy document."""

    id: str
    title: Text
    number: str
    issuer: str
    level: Level
    places: tuple[str, ...]
    begins: date
    ends: date | None
    interpreter: str
    checked: date | None
    conflicts: Conflicts
    measures: tuple[Measure, ...]
    derivations: tuple[Derivation, ...]
    page: Page
    cases: tuple[Block, ...] = field(default=())

    def measure(self, id: str) -> Measure | None:  # noqa: A002 - the name of the key in the page
        return next((item for item in self.measures if item.id == id), None)

    def in_force(self, day: date) -> bool:
        """Whether `day` lies within its dates, both included; an end that was not seen is open."""
        return self.begins <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Rulebooks:
    """The policies that apply together, with the derived facts in an order in which each follows those it needs."""

    policies: tuple[Policy, ...]
    derivations: tuple[Derivation, ...]

    def find(self, key: str) -> tuple[Policy, Measure] | None:
        """A measure by its full id, or by its own id where only one policy has it."""
        found = [(p, m) for p in self.policies for m in p.measures if key in (m.key, m.id)]
        exact = [pair for pair in found if pair[1].key == key]
        return exact[0] if exact else found[0] if len(found) == 1 else None

    @property
    def lines(self) -> Mapping[str, Line]:
        return {line.name: line for policy in self.policies for measure in policy.measures for line in measure.lines}
