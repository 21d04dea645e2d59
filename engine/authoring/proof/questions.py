"""What is asked of one measure: can it apply, is a condition needed, does its cap bind, does a yuan more lose money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from conggao.engine.authoring.proof.ask import COMMON, Answer, ask, in_decimals
from conggao.engine.authoring.proof.encode import Encoder, world_for
from conggao.engine.authoring.proof.expand import Expander, aggregates
from conggao.engine.authoring.proof.kleene import Z3, Ends, Logic, Truth
from conggao.engine.authoring.proof.shrink import Shows, figures_of, shrink
from conggao.engine.authoring.proof.witness import CaseDict, cases, written
from conggao.engine.authoring.proof.world import COLLECTED, Address, Place
from conggao.engine.decide import Engine
from conggao.engine.decision import Outcome
from conggao.engine.language.tree import Aggregate, Choice, Fact, FactKey, Node, Or, walk
from conggao.engine.language.types import MONEY
from conggao.engine.rulebook.model import Measure, Policy, Rulebooks
from conggao.facts.diagnostics import InputFaults
from conggao.facts.quantities import YEARS

NOT_ELIGIBLE = ("unmet", "undetermined", "not_in_force")


class Part(NamedTuple):
    """Something within a measure that can never count: which expression, and the conditions (by index) that rule it out."""

    node: Node
    within: int | str
    number: int
    because: tuple[int, ...]


class Span(NamedTuple):
    """The days on which what is asked about applies."""

    begins: date
    ends: date

    def day(self, year: int) -> date:
        """A day of `year`, the first of March where that is within."""
        first, last = max(self.begins, date(year, 1, 1)), min(self.ends, date(year, 12, 31))
        march = date(year, 3, 1)
        return march if first <= march <= last else first


class Question:
    """One measure of some rulebooks, as its page stands or as amendments leave it during `span`."""

    def __init__(
        self, engine: Engine, books: Rulebooks, policy: Policy, measure: Measure, span: Span | None = None
    ) -> None:
        self.engine, self.books, self.policy, self.measure = engine, books, policy, measure
        self.vocabulary = engine.vocabulary
        self.unsettled: list[int] = []
        """The conditions of which `idle_conditions` could not say whether they are needed."""
        ends = policy.ends or date(YEARS[1], 12, 31)
        self.span = span or Span(policy.begins, ends)
        self.expander = Expander(books)
        self.when = [self.expander.of(item.node) for item in measure.when]

    @cached_property
    def nodes(self) -> list[Node]:
        """Every expression of the measure, derived facts written out."""
        return [self.expander.of(node) for node in self.measure.expressions()]

    @cached_property
    def encoder(self) -> Encoder:
        years = (self.span.begins.year, self.span.ends.year)
        return Encoder(world_for(Logic(), self.vocabulary, self.nodes, years), self.books)

    @cached_property
    def truths(self) -> list[Truth]:
        made = [self.encoder.truth(node) for node in self.when]
        self.encoder.world.industries()
        return made

    def ask(self, wanted: Sequence[Z3], named: dict[str, Z3] | None = None, *, wider: bool = False) -> Answer:
        """`wider` asks it of words too that no list has yet."""
        world = self.encoder.world
        return ask(world, [*wanted] if wider else [*wanted, world.logic.z3.Not(world.wider)], named)

    def _others(self, *left_out: int) -> dict[str, Z3]:
        return {f"c{i}": truth.yes for i, truth in enumerate(self.truths) if i not in left_out}

    # -- conditions ------------------------------------------------------------------------------------------------

    @cached_property
    def never(self) -> tuple[str, tuple[int, ...]]:
        """`can`, `cannot` with the conditions that contradict each other, or `open`."""
        if not self.truths:
            return "can", ()
        answer = self.ask([], self._others())
        core = _indexes(answer)
        if answer.verdict == "cannot" and any(aggregates(self.when[i]) for i in core):
            return "open", core  # of a collection only a few places were looked at
        return answer.verdict, core

    def idle_conditions(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Each condition that is never false, or never false where others (given) hold; not those that come from `tiers`."""
        idle: list[int] = []
        self.unsettled = []
        for index in range(len(self.truths) - 1, -1, -1):
            if self.measure.when[index].implied or aggregates(self.when[index]):
                continue
            answer = self.ask([self.truths[index].no], self._others(index, *idle), wider=True)
            core = _indexes(answer)
            if answer.verdict == "open":
                self.unsettled.append(index)
            if answer.verdict == "cannot" and not any(aggregates(self.when[i]) for i in core):
                idle.append(index)
                yield index, core

    def dead_parts(self) -> Iterator[Part]:
        """Alternatives of an `or`, and branches of an amount or a cap, that nothing reaches while the conditions hold."""
        for index, condition in enumerate(self.measure.when):
            if isinstance(condition.node, Or):
                for number, item in enumerate(condition.node.items):
                    yield from self._dead(item, [self.encoder.truth(item).yes], index, number, (index,))
        for key, node in (("amount", self.measure.amount), ("cap", self.measure.cap)):
            if isinstance(node, Choice):
                before: list[Z3] = []
                for number, (condition_node, _) in enumerate(node.branches):
                    truth = self.encoder.truth(condition_node)
                    yield from self._dead(condition_node, [*before, truth.yes], key, number, ())
                    before.append(truth.no)

    def _dead(
        self, node: Node, wanted: list[Z3], within: int | str, number: int, besides: tuple[int, ...]
    ) -> Iterator[Part]:
        if aggregates(self.expander.of(node)):
            return
        _ = self.truths  # all facts are in the world before it is asked
        answer = self.ask(wanted, self._others(*besides), wider=True)
        core = _indexes(answer)
        if answer.verdict == "cannot" and not any(aggregates(self.when[i]) for i in core):
            yield Part(node, within, number, core)

    # -- money -----------------------------------------------------------------------------------------------------

    def cap_binds(self) -> str:
        """`can`, `cannot` or `open`: whether a claim that is eligible can come to more than the cap."""
        measure, z3 = self.measure, self.encoder.logic.z3
        if measure.cap is None or measure.amount is None or measure.kind not in ("pay", "up_to"):
            return "can"
        amount, cap = self.encoder.interval(measure.amount), self.encoder.interval(measure.cap)
        cut = z3.Or(amount.open, amount.high > cap.low, amount.low > cap.low)
        answer = self.ask([truth.yes for truth in self.truths] + [amount.known, cap.known, z3.Not(cap.open), cut])
        if answer.verdict == "cannot" and any(aggregates(node) for node in self.nodes):
            return "open"
        return answer.verdict

    def money_facts(self) -> list[Address]:
        """The facts in yuan that a rule about this subject reads of itself, in the order of the rules."""
        found: dict[Address, None] = {}
        for node in self.nodes:
            for key in _own(node):
                spec = self.encoder.world.fact(key, 0).spec
                if spec.kind == "quantity" and spec.dimension == MONEY.dimension:
                    place: Place = 0 if key.subject in COLLECTED else None
                    found[key, place] = None
        return list(found)

    def cliff(self, address: Address) -> tuple[CaseDict, CaseDict] | None:
        """Two cases, the second with one yuan more of the fact, in which the measure pays over a yuan less; the exact engine agrees."""
        measure, logic = self.measure, self.encoder.logic
        if measure.kind not in ("pay", "up_to") or measure.amount is None:
            return None
        after = Encoder(self.encoder.world, self.books, (*address, logic.real(1)))
        first, known = self.paid(self.encoder)
        second, known_after = self.paid(after)
        answer = self.ask([known, known_after, first - second > 1])
        key = address[0]

        def more(case: CaseDict) -> CaseDict | None:
            return _with_one_more(case, key, self.measure.subject)

        def shows(case: CaseDict) -> bool:
            other = more(case)
            if other is None:
                return False
            here, there = self.standard(case), self.standard(other)
            return here is not None and there is not None and here - there > 1

        case = self.smallest(answer, shows)
        other = None if case is None else more(case)
        return None if case is None or other is None else (case, other)

    def paid(self, encoder: Encoder) -> tuple[Z3, Z3]:
        """The upper end of the standard after the cap, 0 where a condition is false; and whether it is known and not open."""
        measure, z3 = self.measure, encoder.logic.z3
        assert measure.amount is not None
        holds = encoder.all_hold(measure.when)
        ends = capped(encoder, measure)
        value = z3.If(z3.And(holds.yes, ends.high > 0), ends.high, encoder.logic.real(0))
        return value, z3.Or(holds.no, z3.And(holds.yes, ends.known, z3.Not(ends.open)))

    # -- cases -----------------------------------------------------------------------------------------------------

    def firing(self) -> CaseDict | None:
        """The smallest case in which the measure applies, and pays a yuan or more if it can."""
        answer = self.ask([truth.yes for truth in self.truths])
        return self.smallest(answer, self.pays) or self.smallest(answer, self.applies)

    def pays(self, case: CaseDict) -> bool:
        """Whether it applies, and with money that is worth showing."""
        found = [item for item in self.outcomes(case) if item.status not in NOT_ELIGIBLE]
        return bool(found) and worth(found)

    def applies(self, case: CaseDict) -> bool:
        return any(item.status not in NOT_ELIGIBLE for item in self.outcomes(case))

    def outcomes(self, case: CaseDict) -> list[Outcome]:
        """What the exact engine says of the measure; nothing where it refuses the case."""
        try:
            decision = self.engine.decide(case, engine="exact")
        except InputFaults:
            return []
        return [item for item in decision.outcomes if item.measure == self.measure.key]

    def standard(self, case: CaseDict) -> Decimal | None:
        """The upper end of the first claim in yuan, 0 where a condition is false; None where it is unknown or open."""
        for item in self.outcomes(case):
            if item.status in ("unmet", "not_in_force"):
                return Decimal(0)
            if item.standard is None or item.standard.high is None:
                return None
            return item.standard.high
        return None

    def smallest(self, answer: Answer, shows: Shows, most: int = 400) -> CaseDict | None:
        """The smallest case of a model for which `shows` holds; None where the exact engine agrees with none."""
        if answer.verdict != "can":
            return None
        world = self.encoder.world
        for number in range(3):
            found = answer.model if number == 1 else in_decimals(world, answer, COMMON if number == 0 else None)
            if found is None:
                continue
            year = found.eval(world.year, model_completion=True).as_long()
            for case in cases(world, found, self.measure.subject, self.span.day(year)):
                if shows(case):
                    return shrink(case, shows, figures_of(self.nodes), most)
        return None


def worth(outcomes: Sequence[Outcome]) -> bool:
    """Whether one of the outcomes is of a yuan or more, or none of them of money."""
    ends = [item.standard.high for item in outcomes if item.standard is not None]
    return not ends or any(high is None or high >= 1 for high in ends)


def capped(encoder: Encoder, measure: Measure, place: Place = 0) -> Ends:
    """What one claim alone is paid: the amount, and no more than the cap."""
    assert measure.amount is not None
    ends = encoder.interval(measure.amount, place)
    if measure.cap is None:
        return ends
    return encoder.logic.extreme_of(ends, encoder.interval(measure.cap, place), greatest=False)


def _indexes(answer: Answer) -> tuple[int, ...]:
    return tuple(sorted(int(name[1:]) for name in answer.core))


def _own(node: Node) -> Iterator[FactKey]:
    """The facts that an expression reads outside collections."""
    inside = {id(part) for whole in walk(node) if isinstance(whole, Aggregate) for part in walk(whole)}
    return (part.key for part in walk(node) if isinstance(part, Fact) and id(part) not in inside)


def _with_one_more(case: CaseDict, key: FactKey, subject: str | None) -> CaseDict | None:
    """The case with one yuan more of a fact that it states; None where it does not state it."""
    from copy import deepcopy
    from fractions import Fraction

    other = deepcopy(case)
    if key.period is not None:
        reports = other.get("reports", []) if key.subject == "enterprise" else other.get("park", {}).get("reports", [])
        year = int(str(case["as_of"])[:4]) - (1 if key.period == "latest" else 2)
        owner = next((report for report in reports if report["year"] == year), None)
    elif key.subject in COLLECTED:
        owner = next(iter(other.get(f"{key.subject}s", ())), None)
    else:
        owner = other.get(key.subject)
    if owner is None or key.name not in owner:
        return None
    owner[key.name] = written(Fraction(owner[key.name]) + 1)
    return other
