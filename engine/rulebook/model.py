"""A checked rulebook: what the evaluators and the resolver read. Everything here has been typed and unit-checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from conggao.engine.language.parse import Origin
from conggao.engine.language.tree import Node
from conggao.engine.rulebook.page import Block, Page
from conggao.facts.diagnostics import Text, did_you_mean

if TYPE_CHECKING:
    from conggao.engine.rulebook.amend import Amendment

Level = Literal["national", "region", "city"]
Subject = Literal["enterprise", "project", "service", "park"]
Recipient = Literal["enterprise", "provider", "park"]
CapPer = Literal["enterprise", "project", "service", "park", "provider"]
Kind = Literal["pay", "up_to", "service", "programme", "ceiling", "repealed"]


@dataclass(frozen=True, slots=True)
class Line:
    """What is supported; two measures compete when they would pay for the same line of the same subject."""

    name: str
    label: Text
    annual: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One item of `when`: its text as written and its typed tree. `implied`: it follows from another key, such as `tiers`."""

    text: str
    node: Node
    origin: Origin
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that the claims of one subject under `over` may bring together: measures by full id, None for all of them."""

    amount: Node
    over: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `amount` is what it pays before the cap: None for an open end, a service or a programme.

    `stacks_with` and `excludes` name measures by full id, as this measure's own page says it. `amended` lists the policies that have
    changed it; one that they have ended is `repealed`.
    """

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
    stacks_with: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    ceiling: Ceiling | None = None
    amended: tuple[str, ...] = ()
    key: str = field(init=False)
    """`policy/id`, as the outside calls it."""
    annual: bool = field(init=False)
    """Whether its lines are lines of one year."""
    idle: bool = field(init=False)
    """Whether no one can have anything under it: a programme, a ceiling that stands alone, a measure repealed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "idle", self.kind in ("programme", "ceiling", "repealed"))
        object.__setattr__(self, "key", f"{self.policy}/{self.id}")
        object.__setattr__(self, "annual", any(line.annual for line in self.lines))

    @property
    def capped(self) -> bool:
        return self.cap is not None

    def expressions(self) -> Iterator[Node]:
        """Every expression of the measure: conditions, amount, cap, ceiling."""
        yield from (condition.node for condition in self.when)
        yield from (node for node in (self.amount, self.cap) if node is not None)
        if self.ceiling is not None:
            yield self.ceiling.amount


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
class Value:
    """A dated figure with where it was read."""

    value: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure that the law borrows, by year: a pure number, as a rate is. `values` may lack a year; the case may then state it."""

    name: str
    label: Text
    values: Mapping[int, Value]
    policy: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Which policies compete with this one, what money received does to a claim of it, and before which policies it steps back.

    `assumed`: the page states no clause, so that of most policies is taken.
    """

    principle: str
    against: tuple[Level, ...]
    received: Literal["top_up", "exclude"]
    assumed: bool
    yields_to: tuple[str, ...] = ()


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
    trust: str = ""
    """How far the text seen is to be trusted: A official, B newspaper or copy, C summary; empty where that is not graded."""
    interpretation: tuple[Text, ...] = ()

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
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    editions: tuple[tuple[date, Rulebooks], ...] = ()
    """What applies from each day on which an amendment begins or ends, in order; before the first of them, this."""
    amendments: tuple[Amendment, ...] = ()

    def on(self, day: date) -> Rulebooks:
        """What applies on `day`."""
        found = self
        for begins, edition in self.editions:
            if begins <= day:
                found = edition
        return found

    def policy(self, id: str) -> Policy | None:  # noqa: A002 - the name of the key in the page
        return next((item for item in self.policies if item.id == id), None)

    def find(self, key: str) -> tuple[Policy, Measure] | None:
        """A measure by its full id, or by its own id where only one policy has it."""
        found = [(p, m) for p in self.policies for m in p.measures if key in (m.key, m.id)]
        exact = [pair for pair in found if pair[1].key == key]
        return exact[0] if exact else found[0] if len(found) == 1 else None

    def not_found(self, name: str) -> tuple[Text, Text | None]:
        """What to say of a name under which `find` finds no measure, or more than one, and what would be right."""
        measures = [measure for policy in self.policies for measure in policy.measures]
        same = [measure.key for measure in measures if measure.id == name]
        if same:
            message = Text(f"`{name}` 在几部政策里都有", f"`{name}` stands in several policies")
            return message, Text("写明其一：" + "、".join(same), "name one of them: " + ", ".join(same))
        known = [text for measure in measures for text in (measure.id, measure.key)]
        return Text(f"没有措施 `{name}`", f"there is no measure `{name}`"), did_you_mean(name, known)

    @property
    def lines(self) -> Mapping[str, Line]:
        return {line.name: line for policy in self.policies for measure in policy.measures for line in measure.lines}
