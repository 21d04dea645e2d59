"""Rulebooks compiled once: the layout of frames, every derived fact and every measure as exact closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

from conggao.engine.evaluate.compile import Compiler, is_interval
from conggao.engine.evaluate.frames import Reading, Subject
from conggao.engine.evaluate.intervals import Interval
from conggao.engine.evaluate.layout import Frame, Layout
from conggao.engine.evaluate.numbers import round_half_up
from conggao.engine.evaluate.truths import Ends, Truth
from conggao.engine.evaluate.written import all_hold, entitlement, quotient
from conggao.engine.language.render import Renderer
from conggao.engine.language.scope import DerivedSpec
from conggao.engine.language.tree import (
    Aggregate,
    Arithmetic,
    Choice,
    Compare,
    Constant,
    Contains,
    Derived,
    Extreme,
    Fact,
    FactKey,
    Node,
    Words,
    walk,
)
from conggao.engine.language.types import Quantity
from conggao.engine.resolve.model import Order, natural
from conggao.engine.rulebook.model import Ceiling, Derivation, Measure, Policy, Rulebooks
from conggao.engine.rulebook.relations import Relations
from conggao.facts.diagnostics import Lang
from conggao.facts.models import Case, Project, Service
from conggao.facts.vocabulary import PARAMETER, Vocabulary

Fen = tuple[int, int | None]
Standard = Callable[[Frame], Fen | None]
FEN = 100
_PLAIN = (Fact, Constant, Words, Compare, Contains, Arithmetic, Extreme)
"""Nodes that are unknown exactly where a part of them is."""


@dataclass(frozen=True, slots=True)
class CompiledMeasure:
    """A measure as closures. `truth` is that of all conditions together.

    `standard` gives whole fen after a cap of its own subject; `shared_cap` the cap of a wider scope; `own_cap` that of its own, for when
    money was received under it. `order` and `lines` are what all its claims have in common.
    """

    measure: Measure
    truth: Truth
    standard: Standard | None
    own_cap: Standard | None
    shared_cap: Standard | None
    order: tuple[Order, Order] = field(init=False)
    """Sorts by (policy, measure)."""
    lines: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", (natural(self.measure.policy), natural(self.measure.id)))
        object.__setattr__(self, "lines", tuple(line.name for line in self.measure.lines))


@dataclass(frozen=True, slots=True)
class CompiledCeiling:
    """A ceiling: for whom it is there at all (`truth`), and how many whole fen it leaves, rounded down (`limit`, None: unknown)."""

    policy: Policy
    measure: Measure
    ceiling: Ceiling
    truth: Truth
    limit: Callable[[Frame], int | None]


class Program:
    """Rulebooks ready to decide cases. Immutable once made, so that threads may share it."""

    def __init__(self, rulebooks: Rulebooks, vocabulary: Vocabulary) -> None:
        self.rulebooks = rulebooks
        self.vocabulary = vocabulary
        self.derivations: Mapping[tuple[str, str], Derivation] = {(d.subject, d.name): d for d in rulebooks.derivations}
        self.specs: Mapping[str, DerivedSpec] = {
            d.name: DerivedSpec(d.name, d.label, d.subject, d.node.type) for d in rulebooks.derivations
        }
        self.layout = Layout.of(_expressions(rulebooks), list(self.derivations))
        scales: dict[tuple[str, str], int] = {}
        self.compiler = Compiler(self.layout, scales)
        self.reading = Reading(self.layout, vocabulary, rulebooks.parameters)
        self._renderers: dict[Lang, Renderer] = {}
        self._flat: dict[int, tuple[Node, tuple[tuple[int, FactKey], ...] | None]] = {}
        self._asked: dict[Lang, dict[int, Any]] = {}
        self._early: list[tuple[int, Callable[[Frame], Any]]] = []
        self._late: list[tuple[str, int, Callable[[Frame], Any]]] = []
        late: set[tuple[str, str]] = set()
        for key, item in self.derivations.items():
            if isinstance(item.node.type, Quantity):
                number = self.compiler.number(item.node)
                scales[key] = number.scale
                # Written out it counts base units, which is the scale of every quotient.
                written = quotient(item.node, self.compiler) if number.scale == 1 else None
                read: Callable[[Frame], Any] = written or number.read
            else:
                read = self.compiler.truth(item.node)
            waits = any(
                isinstance(node, Aggregate) or (isinstance(node, Derived) and (node.subject, node.name) in late)
                for node in walk(item.node)
            )
            if item.subject == "enterprise" and not waits:
                self._early.append((self.layout.slots[key], read))
            else:
                late.add(key)
                self._late.append((item.subject, self.layout.slots[key], read))
        self.policies: tuple[tuple[Policy, tuple[CompiledMeasure, ...]], ...] = tuple(
            (policy, tuple(self._compile(measure) for measure in policy.measures)) for policy in rulebooks.policies
        )
        self.ceilings: tuple[CompiledCeiling, ...] = tuple(
            self._ceiling(policy, measure, measure.ceiling)
            for policy in rulebooks.policies
            for measure in policy.measures
            if measure.ceiling is not None and measure.kind != "repealed"
        )
        self.relations = Relations.of(rulebooks.policies)

    def subjects(self, case: Case, as_of: date) -> dict[str, list[Subject]]:
        """The subjects of a case by kind, in natural order of their ids, with every fact and derived fact in its slot."""
        enterprise = self.reading.enterprise(case, as_of)
        for slot, read in self._early:
            enterprise[slot] = read(enterprise)
        found = {"enterprise": [Subject("enterprise", None, enterprise)], "project": [], "service": [], "park": []}
        collections: tuple[tuple[str, Sequence[Project | Service]], ...] = (
            ("project", case.projects),
            ("service", case.services),
        )
        for kind, items in collections:
            if items:
                ordered = sorted(items, key=lambda item: natural(item.id)) if len(items) > 1 else items
                found[kind] = [
                    Subject(kind, item.id, self.reading.subject(kind, item, enterprise, as_of), item)
                    for item in ordered
                ]
        if case.park is not None:
            found["park"] = [
                Subject("park", None, self.reading.subject("park", case.park, enterprise, as_of), case.park)
            ]
        self._finish(found)
        return found

    def renderer(self, lang: Lang) -> Renderer:
        """Says the rules of this program in one language."""
        made = self._renderers.get(lang)
        if made is None:
            made = self._renderers[lang] = Renderer(self.vocabulary, self.specs, lang)
        return made

    def flat(self, node: Node) -> tuple[tuple[int, FactKey], ...] | None:
        """The slots of the facts of an expression that is unknown only where one of them is; None for one that needs a closer look."""
        known = self._flat.get(id(node))
        if known is None:
            parts = list(walk(node))
            plain = all(
                isinstance(part, _PLAIN) and not (isinstance(part, Arithmetic) and part.operator == "/")
                for part in parts
            )
            facts = (
                tuple((self.layout.slot(part), part.key) for part in parts if isinstance(part, Fact)) if plain else None
            )
            known = self._flat[id(node)] = node, facts
        return known[1]

    def common(self, node: Node) -> bool:
        """Whether an expression is only about the enterprise, and so the same for all subjects of a case."""
        return all(
            (not isinstance(part, Fact) or part.key.subject in ("enterprise", PARAMETER))
            and (not isinstance(part, Derived) or part.subject == "enterprise")
            for part in walk(node)
        )

    def asked(self, lang: Lang) -> dict[int, Any]:
        """What an explainer remembers of each condition, by its place in memory, in one language."""
        return self._asked.setdefault(lang, {})

    def _finish(self, found: Mapping[str, list[Subject]]) -> None:
        """Collections, and the derived facts that need more than the enterprise's own facts, in their order."""
        frames = [subject.frame for subjects in found.values() for subject in subjects]
        for kind in ("project", "service"):
            slot = self.layout.slots.get(kind)
            if slot is not None:
                inner = [subject.frame for subject in found[kind]]
                for frame in frames:
                    frame[slot] = inner
        for kind, slot, read in self._late:
            if kind == "enterprise":
                value = read(found["enterprise"][0].frame)
                for frame in frames:
                    frame[slot] = value
            else:
                for subject in found[kind]:
                    subject.frame[slot] = read(subject.frame)

    def _compile(self, measure: Measure) -> CompiledMeasure:
        conditions = all_hold([condition.node for condition in measure.when], self.compiler, measure.key)
        if measure.kind not in ("pay", "up_to"):
            return CompiledMeasure(measure, conditions, None, None, None)
        own = measure.cap is not None and measure.cap_per == measure.subject
        standard = self._standard(measure.amount, measure.cap if own else None)
        cap = None if measure.cap is None else self._cap(measure.cap)
        return CompiledMeasure(measure, conditions, standard, cap if own else None, None if own else cap)

    def _standard(self, amount: Node | None, cap: Node | None) -> Standard:
        if (
            amount is not None
            and not is_interval(amount)
            and not isinstance(amount, Choice)
            and (cap is None or (not isinstance(cap, Choice) and not is_interval(cap)))
        ):
            return self._entitlement(amount, cap)
        pay = None if amount is None else self.compiler.interval(amount)
        limit = None if cap is None else self.compiler.interval(cap)

        def standard(frame: Frame) -> Fen | None:
            ends = (0, None) if pay is None else pay.read(frame)
            if ends is None:
                return None
            low, high = _fen(ends, 1 if pay is None else pay.scale)
            if limit is not None:
                caps = limit.read(frame)
                if caps is None:
                    return None
                least, most = _fen(caps, limit.scale)
                low = low if least is None else min(low, least)
                high = most if high is None else high if most is None else min(high, most)
            return max(0, low), None if high is None else max(0, high)

        return standard

    def _entitlement(self, amount: Node, cap: Node | None) -> Standard:
        """The usual case, without intervals: one product, one rounding, one comparison."""
        number = self.compiler.number(amount)
        read, scale = number.read, number.scale
        doubled, double_unit = 2 * scale, 2 * FEN
        limit = None if cap is None else self.compiler.number(cap)
        if limit is not None and limit.constant is None:
            ceiling, common = limit.read, lcm(scale, limit.scale)
            times, ceiling_times = common // scale, common // limit.scale

            def standard_within(frame: Frame) -> Fen | None:
                value, most = read(frame), ceiling(frame)
                if value is None or most is None:
                    return None
                fen = max(0, round_half_up(min(value * times, most * ceiling_times), common, FEN))
                return fen, fen

            return standard_within
        # Rounding keeps order, so a cap that is a whole number of fen may be applied after it.
        most = None if limit is None or limit.constant is None else round_half_up(limit.constant, 1, FEN)
        written = entitlement(amount, most, self.compiler, "of a measure")
        if written is not None:
            return written

        def standard(frame: Frame) -> Fen | None:
            x = read(frame)
            if x is None:
                return None
            fen = int((x * double_unit + scale) // doubled)
            if most is not None and fen > most:
                fen = most
            elif fen < 0:
                fen = 0
            return fen, fen

        return standard

    def _ceiling(self, policy: Policy, measure: Measure, ceiling: Ceiling) -> CompiledCeiling:
        truth = all_hold([condition.node for condition in measure.when], self.compiler, f"{measure.key} ceiling")
        number = self.compiler.number(ceiling.amount)

        def limit(frame: Frame) -> int | None:
            value = number.value(frame)
            return None if value is None else max(0, value.numerator * FEN // value.denominator)

        return CompiledCeiling(policy, measure, ceiling, truth, limit)

    def _cap(self, cap: Node) -> Standard:
        limit: Interval = self.compiler.interval(cap)
        if isinstance(cap, Constant):
            always = _whole_fen(limit.read([]), limit.scale)
            return lambda _: always

        def read(frame: Frame) -> Fen | None:
            return _whole_fen(limit.read(frame), limit.scale)

        return read


def _whole_fen(ends: Ends | None, scale: int) -> Fen | None:
    """The ends of a cap, rounded down."""
    if ends is None:
        return None
    low, high = ends
    return max(0, int(low * FEN // scale)), None if high is None else max(0, int(high * FEN // scale))


def _fen(ends: tuple[int | Fraction, int | Fraction | None], scale: int) -> tuple[int, int | None]:
    low, high = ends
    return round_half_up(low, scale, FEN), None if high is None else round_half_up(high, scale, FEN)


def _expressions(rulebooks: Rulebooks) -> Iterator[Node]:
    for derivation in rulebooks.derivations:
        yield derivation.node
    for policy in rulebooks.policies:
        for measure in policy.measures:
            yield from measure.expressions()
