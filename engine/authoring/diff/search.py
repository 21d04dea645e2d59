"""The smallest case that two versions of a measure decide differently, or what can be said where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from datetime import date
from typing import Any, NamedTuple

from conggao.engine.authoring.diff.facets import Reading
from conggao.engine.authoring.diff.model import Facet, Verdict
from conggao.engine.authoring.diff.random_cases import Cases
from conggao.engine.authoring.diff.sides import Side
from conggao.engine.authoring.proof.ask import available
from conggao.engine.authoring.proof.encode import Encoder
from conggao.engine.authoring.proof.expand import aggregates
from conggao.engine.authoring.proof.kleene import Z3, Ends
from conggao.engine.authoring.proof.questions import NOT_ELIGIBLE, Question, Span, capped, worth
from conggao.engine.authoring.proof.shrink import figures_of, shrink
from conggao.engine.authoring.proof.witness import CaseDict
from conggao.engine.rulebook.model import Measure
from conggao.facts.diagnostics import InputFaults
from conggao.facts.vocabulary import Vocabulary

TRIED = 10_000
"""Random cases that have to agree where nothing is proven."""


class Shown(NamedTuple):
    verdict: Verdict
    case: CaseDict | None = None
    tried: int = 0
    by: str | None = None
    """The measure whose outcome differs, where it is another one of the page."""


class Pair:
    """Two versions of one measure, and the days on which both are asked about."""

    def __init__(self, first: Reading, second: Reading, span: Span, tried: int = TRIED) -> None:
        self.first, self.second, self.span, self.tried = first, second, span, tried
        self.sides: tuple[Side, Side] = (first.side, second.side)
        self.keys = first.measure.key, second.measure.key
        self.nodes = [*(first.expander.of(n) for n in first.measure.expressions())]
        self.nodes += [second.expander.of(n) for n in second.measure.expressions()]
        one, other = first.side.engine.vocabulary, second.side.engine.vocabulary
        self.vocabulary = both(one, other)
        self.alike = set(one.facts) <= set(self.vocabulary.facts)
        """Whether no name means two things; only then do both speak of one world."""

    # -- what a case shows -----------------------------------------------------------------------------------------

    def differs(self, case: CaseDict) -> bool:
        """Whether the two decide the case differently."""
        try:
            one, other = (side.full(case, key) for side, key in zip(self.sides, self.keys, strict=True))
        except InputFaults:
            return False
        # A measure that applies on neither side decides nothing, whatever else it says.
        return one != other and (
            [item[0] for item in one] != [item[0] for item in other] or _counts(one) or _counts(other)
        )

    def settled(self, case: CaseDict, *, worthy: bool = False) -> bool:
        """Whether they decide it differently, and neither for want of a fact; `worthy`: about a yuan or more, where it is about money."""
        try:
            found = [item for side, key in zip(self.sides, self.keys, strict=True) for item in side.outcomes(case, key)]
        except InputFaults:
            return False
        if any(item.status == "undetermined" for item in found) or (worthy and not worth(found)):
            return False
        return self.differs(case)

    def tells(self, case: CaseDict) -> bool:
        """`settled`, and about an amount that is worth showing."""
        return self.settled(case, worthy=True)

    # -- the facets that a formula states ---------------------------------------------------------------------------

    def formula(self, facet: Facet) -> Shown:
        """For `when`, `amount` and `cap`: proven the same, or a case, or as many random cases as agree."""
        if not available() or not self.alike or self.first.measure.subject != self.second.measure.subject:
            return self._random(facet)
        question = Question(
            self.second.side.engine, self.second.books, self.second.side.policy, self.second.measure, self.span
        )
        question.vocabulary, question.nodes = self.vocabulary, self.nodes
        a, b = Encoder(question.encoder.world, self.first.books), question.encoder
        certain, possible = self._formulas(facet, a, b)
        _ = question.truths
        question.encoder.world.industries()
        answer = question.ask([certain])
        case = question.smallest(answer, self.tells) or question.smallest(answer, self.settled)
        case = case or question.smallest(question.ask([possible]), self.differs)
        if case is not None:
            return Shown("differs", case)
        if not any(aggregates(node) for node in self.nodes) and self._proven(facet, question, possible, a):
            return Shown("same_proven")
        return self._random(facet)

    def _proven(self, facet: Facet, question: Question, possible: Z3, a: Encoder) -> bool:
        """Whether nothing can tell the two apart. Caps have to be the same figures: two that no single claim reaches are told apart by
        several claims, or by money received."""
        if facet == "cap":
            x, y = self.first.measure, self.second.measure
            if x.cap is None or y.cap is None or scope(x) != scope(y):
                return False
            possible = a.logic.z3.Not(a.logic.same_ends(a.interval(x.cap), question.encoder.interval(y.cap)))
        return question.ask([possible]).verdict == "cannot"

    def _formulas(self, facet: Facet, a: Encoder, b: Encoder) -> tuple[Z3, Z3]:
        """That the two differ with every fact known, and that they differ at all."""
        z3 = a.logic.z3
        x, y = a.all_hold(self.first.measure.when), b.all_hold(self.second.measure.when)
        if facet == "when":
            opposed = z3.Or(z3.And(x.yes, y.no), z3.And(x.no, y.yes))
            # Where the amount is unknown the measure is undetermined, whether its conditions hold or are unknown.
            first_settled = z3.And(x.yes, _known(a, self.first.measure))
            return opposed, z3.Or(x.no != y.no, first_settled != z3.And(y.yes, _known(b, self.second.measure)))
        ends = self._ends(facet, a, self.first), self._ends(facet, b, self.second)
        held = [z3.And(x.yes, y.yes)] if facet in ("amount", "cap") else []
        if None in ends:
            return z3.And(*held), z3.And(*held)
        first, second = ends
        assert first is not None
        assert second is not None
        fen = a.logic.real(1) / 100
        apart = z3.Or(
            first.open != second.open,
            z3.And(z3.Not(first.open), z3.Or(first.high - second.high >= fen, second.high - first.high >= fen)),
            first.low - second.low >= fen,
            second.low - first.low >= fen,
        )
        certain = z3.And(*held, first.known, second.known, apart)
        return certain, z3.And(*held, z3.Not(a.logic.same_ends(first, second)))

    @staticmethod
    def _ends(facet: Facet, encoder: Encoder, one: Reading) -> Ends | None:
        """What is compared: for `amount` the standard of one claim, which a cap of a wider scope does not cut."""
        measure = one.measure
        if measure.amount is None:
            return None
        if facet == "amount" and (measure.cap is None or measure.cap_per != measure.subject):
            return encoder.interval(measure.amount)
        return capped(encoder, measure)

    def _random(self, facet: Facet) -> Shown:
        days = sorted(
            {
                self.span.begins,
                self.span.day(self.span.begins.year),
                min(self.span.ends, date(self.span.begins.year + 1, 3, 1)),
            }
        )
        listed = [day.isoformat() for day in days if day <= self.span.ends]
        received = (self.second.measure.key, _subject(self.second)) if self.keys[0] == self.keys[1] else None
        cases = Cases(self.nodes, self.vocabulary, listed, self.second.measure.subject, received)
        for number in range(self.tried):
            case = cases(number)
            if self.differs(case):
                return Shown("differs", shrink(case, self._best(case), figures_of(self.nodes)))
        return Shown("same_tried", tried=self.tried)

    def _best(self, case: CaseDict) -> Callable[[CaseDict], bool]:
        """The most telling thing that the case shows: that is what shrinking keeps."""
        return next((shows for shows in (self.tells, self.settled) if shows(case)), self.differs)

    # -- the facets that only a decision shows ----------------------------------------------------------------------

    def by_example(self, others: Sequence[tuple[Reading, Reading]] = ()) -> Shown:
        """For all other facets: cases in which the measure applies, alone, twice, and beside money received.

        `others` are the measures of the same page, of which one may be what a relation touches.
        """
        for case in self._applying():
            if self.differs(case):
                return Shown("differs", shrink(case, self._best(case), figures_of(self.nodes)))
        for pair in others:
            touched = Pair(*pair, self.span, self.tried)
            for case in self._beside(touched):
                if touched.differs(case):
                    small = shrink(case, touched._best(case), figures_of([*self.nodes, *touched.nodes]))
                    return Shown("differs", small, by=touched.second.measure.id)
        found = self._random("relations")
        return found if found.verdict == "differs" else Shown("not_shown", tried=found.tried)

    def _applying(self) -> Iterator[CaseDict]:
        for one in (self.second, self.first):
            case = firing(one, self.span)
            if case is None:
                continue
            for base in (case, rich(case)):
                yield base
                yield from _twice(base)
                for amount in ("0.01", 100000, 10**9):
                    for year in (int(base["as_of"][:4]), int(base["as_of"][:4]) - 1):
                        receipt = {"measure": one.measure.key, "subject": _subject(one), "amount": amount, "year": year}
                        yield {**base, "received": [receipt]}

    def _beside(self, other: Pair) -> Iterator[CaseDict]:
        """Cases in which this measure and another apply."""
        own, its = firing(self.second, self.span), firing(other.second, self.span)
        if own is not None and its is not None:
            yield from (merged(a, b) for a in (own, rich(own)) for b in (its, rich(its)))


def firing(one: Reading, span: Span) -> CaseDict | None:
    """The smallest case in which a version of a measure applies; None where z3 or the exact engine finds none."""
    policy = one.books.policy(one.measure.policy) or one.side.policy
    if available():
        return Question(one.side.engine, one.books, policy, one.measure, span).firing()
    nodes = [one.expander.of(node) for node in one.measure.expressions()]
    cases = Cases(nodes, one.side.engine.vocabulary, [span.day(span.begins.year).isoformat()], one.measure.subject)

    def applies(case: CaseDict) -> bool:
        try:
            return any(item.status not in NOT_ELIGIBLE for item in one.side.outcomes(case, one.measure.key))
        except InputFaults:
            return False

    found = next((case for case in map(cases, range(TRIED)) if applies(case)), None)
    return None if found is None else shrink(found, applies, figures_of(nodes))


def both(first: Vocabulary, second: Vocabulary) -> Vocabulary:
    """All that either version knows; where they contradict each other, what the second says."""
    try:
        return second.extend(first.facts, dict(first.titles), dict(first.purposes))
    except InputFaults:
        return second


def rich(case: CaseDict) -> CaseDict:
    """The case with every small sum made large, so that caps bind."""
    made = deepcopy(case)
    for item in [*made.get("projects", ()), *made.get("services", ()), *made.get("reports", ())]:
        for key, value in item.items():
            if key not in ("id", "year") and isinstance(value, int | str) and not isinstance(value, bool):
                item[key] = 10**10 if str(value).replace(".", "", 1).isdecimal() else value
    return made


def _twice(case: CaseDict) -> Iterator[CaseDict]:
    """The case with its project or service a second time."""
    for section in ("projects", "services"):
        if section in case:
            first = case[section][0]
            second = {**first, "id": f"{first['id']}b"}
            yield {**case, section: [first, second]}
            if "provider" in first:
                yield {**case, section: [first, {**second, "provider": f"{first['provider']}乙"}]}


def _known(encoder: Encoder, measure: Measure) -> Z3:
    """Whether what a measure pays, and its cap, are known."""
    amounts = (measure.amount, measure.cap)
    return encoder.logic.both([encoder.interval(node).known for node in amounts if node is not None])


def merged(first: CaseDict, second: CaseDict) -> CaseDict:
    """One case that says what both say; where they contradict each other, what the second says."""
    made = deepcopy(first)
    for key, value in second.items():
        if isinstance(value, dict):
            made[key] = {**made.get(key, {}), **value}
        elif isinstance(value, list) and key in ("reports", "projects", "services"):
            name = "year" if key == "reports" else "id"
            entries = {item[name]: item for item in made.get(key, [])}
            for item in value:
                known = entries.get(item[name], {})
                words = [
                    *known.get("purposes", []),
                    *(w for w in item.get("purposes", []) if w not in known.get("purposes", [])),
                ]
                entries[item[name]] = {**known, **item, **({"purposes": words} if words else {})}
            made[key] = list(entries.values())
        elif isinstance(value, list):
            made[key] = [*made.get(key, []), *value]
        else:
            made[key] = value
    return made


def scope(measure: Measure) -> tuple[object, ...]:
    """Over what a cap adds up."""
    return measure.cap_per, measure.cap_yearly, measure.once


def _counts(found: tuple[Any, ...]) -> bool:
    return any(item[0].status not in NOT_ELIGIBLE for item in found)


def _subject(one: Reading) -> str:
    match one.measure.subject:
        case "project":
            return "project:P1"
        case "service":
            return "service:S1"
        case "park":
            return "park"
        case _:
            return "enterprise"
