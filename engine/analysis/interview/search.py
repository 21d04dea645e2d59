"""Whether a fact can still change the outcome: a case is looked for in which two of its values are decided differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice, product
from typing import Any

from conggao.engine.analysis.interview.trials import Assignment, Open, filled, open_facts, reads, trial_values
from conggao.engine.decide import Engine
from conggao.engine.decision import Decision, Outcome
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure
from conggao.engine.language.tree import Node
from conggao.engine.rulebook.model import Policy
from conggao.facts.diagnostics import InputFaults
from conggao.facts.loading import read_case
from conggao.facts.models import Case
from conggao.facts.paths import Document

COMBINATIONS = 400
"""Assignments tried for one condition."""
EVALUATIONS = 1500
"""Evaluations spent on one measure and subject."""

Said = Mapping[tuple[str, str | None], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A measure for a subject, with its expressions and those of the ceilings over it."""

    policy: Policy
    compiled: CompiledMeasure
    subject: str
    conditions: tuple[Node, ...]
    amounts: tuple[Node, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.compiled.measure.key, self.subject


@dataclass(frozen=True, slots=True)
class Witness:
    """A case (`base`, over what is stated) in which `values` of the fact are decided differently."""

    base: tuple[tuple[Open, Any], ...]
    values: tuple[Any, Any]


def said(decision: Decision) -> Said:
    """Status and amount of every outcome."""
    return {
        (item.measure, item.subject): (
            (item.status,) if item.amount is None else (item.status, item.amount.low, item.amount.high)
        )
        for item in decision.outcomes
    }


class Search:
    """Looks into one state of a case: `document` with the facts in `closed` not to be asked for."""

    def __init__(self, engine: Engine, document: Document, day: date, closed: Iterable[str]) -> None:
        self.engine, self.document, self.day = engine, document, day
        self.closed = frozenset(closed)
        self.edition = engine.edition(day)
        self.program = self.edition.program
        case = read_case(document, engine.vocabulary)
        self.now = said(engine.decide(case, day, engine="exact"))
        self.subjects = self.program.subjects(case, day)
        self.pairs = tuple(self._pairs())
        self._open: dict[tuple[str, str], list[Open]] = {}
        self._values: dict[tuple[str, tuple[str, str]], tuple[Any, ...]] = {}
        self._spent = 0

    def _pairs(self) -> Iterator[Pair]:
        outside = {item[0] for item, told in self.now.items() if told[0] == "not_in_force"}
        for policy, measures in self.program.policies:
            for compiled in measures:
                measure = compiled.measure
                if measure.idle or measure.key in outside:
                    continue
                over = [
                    item
                    for item in self.program.ceilings
                    if item.ceiling.over is None or measure.key in item.ceiling.over
                ]
                amounts = [node for node in (measure.amount, measure.cap) if node is not None]
                amounts += [node for item in over for node in item.measure.expressions()]
                conditions = tuple(condition.node for condition in measure.when)
                for subject in self.subjects[measure.subject or "enterprise"]:
                    yield Pair(policy, compiled, subject.name, conditions, tuple(amounts))

    # -- what is open -----------------------------------------------------------------------------------------------------

    def open_of(self, pair: Pair) -> list[Open]:
        """The open facts that the pair reads."""
        found = self._open.get(pair.key)
        if found is None:
            found = self._facts((*pair.conditions, *pair.amounts), pair)
            if pair.policy.places:
                county = open_facts(["enterprise.county"], self.document, self.engine.vocabulary, self.day, self.closed)
                found += [item for item in county if item not in found]
            self._open[pair.key] = found
        return found

    def _facts(self, nodes: Sequence[Node], pair: Pair) -> list[Open]:
        subject = self._subject(pair, self.subjects)
        names = [
            name for node in nodes for name in reads(node, subject, self.subjects, self.program, self.day.year - 1)
        ]
        return open_facts(names, self.document, self.engine.vocabulary, self.day, self.closed)

    @staticmethod
    def _subject(pair: Pair, subjects: Mapping[str, Sequence[Subject]]) -> Subject:
        return next(item for item in subjects[pair.subject.partition(":")[0]] if item.name == pair.subject)

    def values(self, item: Open, pair: Pair) -> tuple[Any, ...]:
        """Values of the fact to try for the pair, those that can be read."""
        key = (item.key, pair.key)
        if key not in self._values:
            tried = trial_values(
                item, pair.policy, pair.compiled.measure, self.program, self.engine.vocabulary, self.day, self.document
            )
            self._values[key] = tuple(value for value in tried if self._case({item: value}) is not None)
        return self._values[key]

    # -- trying -----------------------------------------------------------------------------------------------------------

    def _case(self, values: Assignment) -> Case | None:
        try:
            return read_case(filled(self.document, values), self.engine.vocabulary)
        except InputFaults:
            return None

    def decide(self, values: Assignment) -> Decision | None:
        """The decision with the values, None where no case can have them."""
        case = self._case(values)
        try:
            return None if case is None else self.engine.decide(case, self.day, engine="exact")
        except InputFaults:
            return None

    def _said(self, values: Assignment) -> Said | None:
        found = self.decide(values)
        return None if found is None else said(found)

    def _truth(self, node: Node, pair: Pair, values: Assignment) -> bool | None:
        self._spent += 1
        case = self._case(values)
        if case is None:
            return False
        subject = self._subject(pair, self.program.subjects(case, self.day))
        truth: bool | None = self.program.compiler.truth(node)(subject.frame)
        return truth

    def _combinations(self, items: Sequence[Open], pair: Pair) -> Iterator[dict[Open, Any]]:
        """Assignments of the facts, those that state the fewest first."""
        choices = [(None, *self.values(item, pair)) for item in items]
        for count in range(len(items) + 1):
            for picked in product(*(range(len(values)) for values in choices)):
                if sum(at > 0 for at in picked) == count:
                    yield {item: values[at] for item, values, at in zip(items, choices, picked, strict=True) if at}

    def satisfied(self, pair: Pair) -> dict[Open, Any] | None:
        """Values under which no condition of the pair is false, stating as little as may be; None where none are found."""
        self._spent = 0
        conditions = sorted(pair.conditions, key=lambda node: len(self._facts([node], pair)))
        return self._satisfy(conditions, pair, {})

    def _satisfy(self, conditions: Sequence[Node], pair: Pair, chosen: dict[Open, Any]) -> dict[Open, Any] | None:
        if not conditions:
            return chosen
        first, rest = conditions[0], conditions[1:]
        items = [item for item in self._facts([first], pair) if item not in chosen]
        unknown: list[dict[Open, Any]] = []
        for values in islice(self._combinations(items, pair), COMBINATIONS):
            if self._spent > EVALUATIONS:
                return None
            truth = self._truth(first, pair, {**chosen, **values})
            if truth:
                found = self._satisfy(rest, pair, {**chosen, **values})
                if found is not None:
                    return found
            elif truth is None and not values:
                unknown.append(values)
        # What no one knows keeps a condition unknown; the others may still make the measure unmet.
        return self._satisfy(rest, pair, {**chosen, **unknown[0]}) if unknown else None

    # -- what is worth asking ----------------------------------------------------------------------------------------------

    def _differ(self, item: Open, base: Assignment, values: Iterable[Any]) -> Witness | None:
        """Two of the values that are decided differently over `base`."""
        rest = {each: value for each, value in base.items() if each != item}
        first: tuple[Any, Said] | None = None
        for value in values:
            told = self._said({**rest, item: value})
            if told is None:
                continue
            if first is None:
                first = value, told
            elif told != first[1]:
                return Witness(tuple(rest.items()), (first[0], value))
        return None

    def witness(self, item: Open, pair: Pair, base: Mapping[Open, Any] | None) -> Witness | None:
        """Why the fact is worth asking for the sake of the pair: a case in which it changes an outcome. `base`: see `satisfied`."""
        values = (None, *self.values(item, pair))
        found = self._differ(item, {}, values)
        if found is not None or base is None:
            return found
        found = self._differ(item, base, values)
        if found is not None:
            return found
        # Alternatives: other facts of the same expression may hide it, as in `a or b`.
        groups = [[node] for node in pair.conditions] + ([list(pair.amounts)] if pair.amounts else [])
        for nodes in groups:
            items = self._facts(nodes, pair)
            if item not in items:
                continue
            others = [each for each in items if each != item]
            for combination in islice(self._combinations(others, pair), COMBINATIONS // 4):
                rest = {each: value for each, value in base.items() if each not in items}
                found = self._differ(item, {**rest, **combination}, values)
                if found is not None:
                    return found
        return None

    def most(self, pair: Pair, base: Mapping[Open, Any]) -> Outcome | None:
        """The outcome of the pair where it pays much: open quantities at their largest, so far as the conditions hold."""
        values = dict(base)
        for item in self._facts(pair.amounts, pair):
            spec = item.path.spec
            tried = self.values(item, pair)
            if not tried or spec is None or spec.kind not in ("quantity", "integer"):
                continue
            largest = max(tried, key=Decimal)
            for value in (largest, *tried):
                more = {**values, item: value}
                if all(self._truth(node, pair, more) is not False for node in pair.conditions):
                    values = more
                    break
        decision = self.decide(values)
        if decision is None:
            return None
        return next((item for item in decision.outcomes if (item.measure, item.subject) == pair.key), None)
