"""What a page about a decision holds, put together from the decision and, where they are at hand, the rulebooks it was made under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from conggao.engine.decide import Engine
from conggao.engine.decision import Decision, Filing, Outcome, Range
from conggao.engine.labels import STATUS
from conggao.engine.report.opening import Opening, openings
from conggao.engine.report.telling import Finding, Lacking, Told, findings, left, plan_sentences, undecided, unmet
from conggao.engine.rulebook.model import Measure, Policy
from conggao.engine.whatif import payers
from conggao.facts.diagnostics import Lang, Text


@dataclass(frozen=True, slots=True)
class Book:
    """A rulebook that took part; all but id and hash are empty where only the decision is at hand."""

    id: str
    sha256: str
    title: str = ""
    number: str = ""
    issuer: str = ""
    level: str = ""
    in_force: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the plan and what was found for its subject."""

    outcome: Outcome
    order: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """A measure and the claims under it that follow each other in the plan. `restated` is its clause in plain words, by its rulebook."""

    item: Outcome
    level: str
    book: Book | None
    restated: tuple[str, ...]
    amended: tuple[str, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything on the page, in its order."""

    decision: Decision
    books: tuple[Book, ...]
    applied: tuple[Book, ...]
    totals: tuple[tuple[str, Range], ...]
    payers: tuple[tuple[str, Decimal], ...]
    filings: tuple[Filing, ...]
    plan_sentences: tuple[str, ...]
    leave: tuple[Told, ...]
    discretion: tuple[Told, ...]
    grounds: tuple[Ground, ...]
    openings: tuple[Opening, ...]
    unmet: tuple[Lacking, ...]
    services: tuple[Outcome, ...]
    elsewhere: tuple[Told, ...]
    outside: tuple[tuple[Book, tuple[Outcome, ...], tuple[str, ...]], ...]
    notes: tuple[str, ...]


def content_of(decision: Decision, engine: Engine | None = None) -> Content:
    """The content of the page of `decision`; with the engine that made it, clauses in words and what missing facts would bring."""
    lang = decision.lang
    policies, measures = _law(decision, engine)
    books = tuple(_book(ref.id, ref.sha256, policies.get(ref.id), lang) for ref in decision.policies)
    by_id = {book.id: book for book in books}
    plan = decision.plan
    filings = () if plan is None else plan.claim
    filed = {(item.measure, item.subject): item for item in (filings + plan.discretion if plan else ())}
    outcomes = {(item.measure, item.subject): item for item in decision.outcomes}

    def ground(filings: Sequence[Filing]) -> Ground:
        key, level = filings[0].measure, filings[0].level
        law = measures.get(key)
        restated = tuple(line for line in (law.block.restatement if law else "").splitlines() if line.strip())
        under = [(outcomes[item.measure, item.subject], item.order) for item in filings]
        claims = tuple(Claim(outcome, order, tuple(findings(outcome.conditions))) for outcome, order in under)
        amended = () if law is None else law.amended
        return Ground(under[0][0], level, by_id.get(key.partition("/")[0]), restated, amended, claims)

    applied = {item.measure.partition("/")[0] for item in decision.outcomes if item.status != "not_in_force"}
    of = {status: [o for o in decision.outcomes if o.status == status] for status in STATUS}
    return Content(
        decision=decision,
        books=books,
        applied=tuple(book for book in books if book.id in applied),
        totals=tuple(
            (name, total) for name, total in decision.totals.items() if name == "enterprise" or total.high != 0
        ),
        payers=tuple(payers(decision).items()),
        filings=filings,
        plan_sentences=plan_sentences(decision),
        leave=()
        if plan is None
        else tuple(left(item, outcomes[item.measure, item.subject], lang) for item in plan.leave),
        discretion=()
        if plan is None
        else tuple(undecided(item, outcomes[item.measure, item.subject], lang) for item in plan.discretion),
        grounds=tuple(ground(list(group)) for _, group in groupby(filed.values(), lambda item: item.measure)),
        openings=openings(decision, engine),
        unmet=tuple(unmet(of["unmet"])),
        services=tuple(of["service"]),
        elsewhere=tuple(Told(item, STATUS["programme"].of(lang), item.notes) for item in of["programme"]),
        outside=tuple(_outside(of["not_in_force"], by_id)),
        notes=decision.notes,
    )


def _law(decision: Decision, engine: Engine | None) -> tuple[Mapping[str, Policy], Mapping[str, Measure]]:
    """The policies and measures as they stand on the day, by id and full id; only of pages whose hash is that of the decision."""
    if engine is None:
        return {}, {}
    hashes = {ref.id: ref.sha256 for ref in decision.policies}
    books = engine.edition(decision.as_of).rulebooks
    policies = {policy.id: policy for policy in books.policies if hashes.get(policy.id) == policy.page.sha256}
    return policies, {measure.key: measure for policy in policies.values() for measure in policy.measures}


def _book(id_: str, sha256: str, policy: Policy | None, lang: Lang) -> Book:
    if policy is None:
        return Book(id_, sha256)
    ends = str(policy.ends) if policy.ends else Text("（未见截止日）", "(no end seen)").of(lang)
    to = Text(" 至 ", " to ").of(lang)
    title = policy.title.of(lang)
    return Book(id_, sha256, title, policy.number, policy.issuer, policy.level, f"{policy.begins}{to}{ends}")


def _outside(
    outcomes: Sequence[Outcome], books: Mapping[str, Book]
) -> Iterator[tuple[Book, tuple[Outcome, ...], tuple[str, ...]]]:
    """The measures of a policy that are not in force for one reason, together."""
    alike: dict[tuple[str, tuple[str, ...]], list[Outcome]] = {}
    for item in outcomes:
        alike.setdefault((item.measure.partition("/")[0], item.notes), []).append(item)
    for (policy, notes), items in alike.items():
        yield books[policy], tuple(items), notes
