"""From eligible measures to claims: what was received and what an authority has decided, laid against each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from conggao.engine.ceilings import Ceilings
from conggao.engine.evaluate.program import Fen
from conggao.engine.evaluate.record import Record
from conggao.engine.receipts import History, Taken, fen_of, meet
from conggao.engine.resolve import Cap, Claim
from conggao.engine.resolve.model import natural
from conggao.engine.rulebook.model import Policy, Rulebooks
from conggao.engine.rulebook.relations import Relations
from conggao.facts.diagnostics import Diagnostic, InputFaults
from conggao.facts.models import Case


@dataclass(slots=True)
class Claims:
    """The claims of a case, the caps they share, and which of them an open question about money received keeps undetermined."""

    claims: list[Claim] = field(default_factory=list)
    caps: dict[str, Cap] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)


def assessments(case: Case, rulebooks: Rulebooks) -> dict[tuple[str, str], int]:
    """What authorities have decided, in fen, by (measure, subject); InputFaults for a measure that is not there."""
    decided: dict[tuple[str, str], int] = {}
    faults: list[Diagnostic] = []
    for index, item in enumerate(case.assessed, start=1):
        pair = rulebooks.find(item.measure)
        if pair is None:
            message, hint = rulebooks.not_found(item.measure)
            faults.append(Diagnostic("case/unknown-measure", message, path=f"assessed.{index}.measure", help=hint))
            continue
        subject = item.subject or pair[1].subject or "enterprise"
        if item.amount is not None:
            decided[(pair[1].key, subject)] = fen_of(item.amount)
    if faults:
        raise InputFaults(faults)
    return decided


def build(
    records: Iterable[tuple[Policy, Record]],
    case: Case,
    received: Sequence[Taken],
    as_of: date,
    relations: Relations,
    ceilings: Ceilings | None = None,
) -> Claims:
    """The claims of those `records` that are eligible; writes what was found of money received into each record.

    A record whose conditions or amount are unknown has no claim, but what money received leaves open is missing for it too; so is what a
    ceiling over it lacks.
    """
    result = Claims()
    if received:
        providers = {f"service:{service.id}": service.provider for service in case.services}
        for policy, record in records:
            history = History.of(record, policy, scope_of(record), as_of.year - 1, providers, relations)
            for item in received:
                history.add(item)
            record.own, record.rival = history.own, history.rival
            record.missing = tuple(sorted(history.missing))
            if not record.missing and record.standard is not None:
                _add(result, policy, record, ceilings, _cap(record, history), history)
    else:
        for policy, record in records:
            if record.standard is not None:
                _add(result, policy, record, ceilings, record.cap, None)
    if ceilings is not None:
        result.ceilings = ceilings.left
    _relate(result.claims, relations)
    return result


def _add(
    result: Claims,
    policy: Policy,
    record: Record,
    ceilings: Ceilings | None,
    cap: Fen | None,
    history: History | None,
) -> None:
    compiled, who = record.compiled, record.subject.name
    measure = compiled.measure
    over: tuple[str, ...] = ()
    if ceilings is not None:
        over, lacking = ceilings.over(record)
        if lacking:
            record.missing = lacking
            return
    key = None
    if cap is not None:
        record.cap_left = cap
        key = f"{measure.key}@{scope_of(record)}"
        before = result.caps.get(key)
        if before is None or history is not None or record.assessed is not None:
            result.caps[key] = _wider(before, cap, record)
    assert record.standard is not None, "only an eligible record has a claim"
    low, high = record.standard
    order = (*compiled.order, natural(who))
    lines = tuple([(who, name) for name in compiled.lines])
    claim = Claim(measure.key, who, order, low, high, lines, measure.recipient, policy.level, key)
    if history is not None:
        claim.own, claim.rival, claim.ended = history.own, history.rival, history.ended
    if over:
        claim.ceilings = over
    result.claims.append(claim)


def _relate(claims: Sequence[Claim], relations: Relations) -> None:
    """What the pages say of the measures, said of the claims at hand."""
    said = relations.said
    related = [claim for claim in claims if claim.measure in said] if said else ()
    if not related:
        return
    by_measure: dict[str, list[Claim]] = {}
    on_line: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        by_measure.setdefault(claim.measure, []).append(claim)
        for line in claim.lines:
            on_line.setdefault(line, []).append(claim)
    for claim in related:
        claim.stacks = relations.stacks.get(claim.measure, claim.stacks)
        others = relations.excludes.get(claim.measure)
        if others:
            claim.excludes = frozenset(
                other.key for name in others for other in by_measure.get(name, ()) if meet(claim.subject, other.subject)
            )
        before = relations.yields.get(claim.measure)
        if before:
            claim.yields = frozenset(
                other.key
                for line in claim.lines
                for other in on_line[line]
                if other.measure.partition("/")[0] in before and other.measure not in claim.stacks
            )


def scope_of(record: Record) -> str:
    """Over what the cap of the record's measure is added up."""
    measure = record.compiled.measure
    match measure.cap_per:
        case "provider":
            return f"provider:{record.subject.item.provider}"
        case None:
            return record.subject.name
        case "enterprise" | "park":
            return measure.cap_per
        case _:
            return record.subject.name


def _cap(record: Record, history: History) -> Fen | None:
    """What is left of the cap that binds the record, if the standard does not hold it yet."""
    ends = record.cap
    if ends is None:
        if not history.used or record.compiled.own_cap is None:
            return None
        ends = record.compiled.own_cap(record.subject.frame)
        assert ends is not None, "the standard was cut by it"
    low, high = ends
    return max(0, low - history.used), None if high is None else max(0, high - history.used)


def _wider(before: Cap | None, cap: Fen, record: Record) -> Cap:
    """An amount that the authority has decided within the cap's interval raises the sure end of the cap to it."""
    low, high = cap
    if before is not None:
        low = max(before.low, low)
    if record.assessed is not None:
        low = max(low, record.assessed) if high is None else min(high, max(low, record.assessed))
    return Cap(low, high)
