"""What one decision finds before it is put into words: who applies, what fired, which claims there are, what becomes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from conggao.engine.ceilings import Ceilings
from conggao.engine.claims import assessments, build
from conggao.engine.decision import Range
from conggao.engine.edition import Edition
from conggao.engine.evaluate.exact import evaluate
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import Program
from conggao.engine.evaluate.record import Record
from conggao.engine.receipts import Taken, taken
from conggao.engine.resolve import Resolution, resolve
from conggao.engine.rulebook.model import Policy
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.models import Case

EngineName = Literal["forward", "exact"]
Records = list[tuple[Policy, Record]]


class Sitting(NamedTuple):
    """What was found. `outside` says of each policy that does not apply why; `fired` is None under `exact`."""

    edition: Edition
    case: Case
    day: date
    outside: Mapping[str, Text]
    subjects: Mapping[str, Sequence[Subject]]
    fired: list[tuple[str, str]] | None
    records: Records
    received: Sequence[Taken]
    resolution: Resolution


def sit(stated: Case, day: date, edition: Edition, engine: EngineName) -> Sitting:
    """Evaluates and resolves a checked case on `day` under `edition`, which is that of the day. Raises InputFaults."""
    program = edition.program
    outside = {policy.id: note for policy, _ in program.policies if (note := outside_of(policy, stated, day))}
    subjects = program.subjects(stated, day)
    fired: list[tuple[str, str]] | None = None
    if engine == "forward" and edition.forward.unavailable is None:
        fired = [item for item in edition.forward.run(subjects) if item[0].partition("/")[0] not in outside]
    records = _evaluate(program, outside, subjects, None if fired is None else frozenset(fired))
    received = taken(stated, edition.rulebooks) if stated.received else []
    if stated.assessed:
        assess(records, assessments(stated, edition.rulebooks))
    ceilings = Ceilings(program, subjects, received, day, outside) if program.ceilings else None
    possible = [
        (policy, record)
        for policy, record in records
        if record.truth is not False
        and record.assessed != 0
        and (record.standard is not None or (received and record.compiled.standard is not None))
    ]
    claims = build(possible, stated, received, day, program.relations, ceilings or None)
    resolution = resolve(claims.claims, claims.caps, claims.ceilings)
    return Sitting(edition, stated, day, outside, subjects, fired, records, received, resolution)


def _evaluate(
    program: Program,
    outside: Mapping[str, Text],
    subjects: Mapping[str, Sequence[Subject]],
    fired: Collection[tuple[str, str]] | None,
) -> Records:
    return [
        (policy, record)
        for policy, measures in program.policies
        if policy.id not in outside
        for record in evaluate(measures, subjects, fired)
    ]


def decision_day(as_of: date | str | None, case: Case) -> date:
    if as_of is None and case.as_of is not None:
        return case.as_of
    if isinstance(as_of, date):
        return as_of.date() if isinstance(as_of, datetime) else as_of
    if as_of is None:
        message = Text("没有决定日期", "there is no date to decide for")
        hint = Text(
            "在案例里写 `as_of: 2025-03-01`，或另行给出日期",
            "write `as_of: 2025-03-01` in the case, or give the date with the call",
        )
    else:
        try:
            return date.fromisoformat(as_of)
        except (TypeError, ValueError):
            message = Text(f"`{as_of}` 不是日期", f"`{as_of}` is not a date")
            hint = Text("日期写作 `2025-03-01`", "write a date as `2025-03-01`")
    raise InputFaults([Diagnostic("case/as-of", message, path="as_of", help=hint)])


def outside_of(policy: Policy, case: Case, day: date) -> Text | None:
    """Why the policy does not apply, on the day or at the place; an unknown county counts as inside."""
    if not policy.in_force(day):
        return _out_of_force(policy.begins, policy.ends, day)
    county = case.enterprise.county if case.enterprise is not None else None
    if policy.places and county is not None and county not in policy.places:
        return Text(f"{county} 不在适用地区之内", f"{county} is outside the places of the policy")
    return None


@lru_cache(maxsize=1024)
def _out_of_force(begins: date, ends: date | None, day: date) -> Text:
    zh = f"有效期 {begins} 至 {ends or '（未见截止日）'}"
    return Text(f"{day} 不在{zh}之内", f"{day} is outside {begins} to {ends or '(no end seen)'}")


def assess(records: Records, decided: Mapping[tuple[str, str], int]) -> None:
    """Puts what an authority has decided in place of a claim's interval; InputFaults where it lies outside."""
    faults: list[Diagnostic] = []
    for _, record in records:
        fen = decided.get(record.key)
        if fen is None or record.compiled.standard is None:
            continue
        if fen == 0:
            # A refusal settles it, whatever else is unknown.
            record.assessed = 0
            continue
        if not record.truth:
            continue
        low, high = record.standard or (0, None)
        if record.cap is not None:
            low, most = min(low, record.cap[0]), record.cap[1]
            high = most if high is None else high if most is None else min(high, most)
        if not (low <= fen and (high is None or fen <= high)):
            message = Text(
                f"核定金额 {Range.fen(fen, fen).low} 元不在 {Range.fen(low, high).low} 至 {Range.fen(low, high).high} 元之间",
                f"the amount decided, {Range.fen(fen, fen).low}, is not between {Range.fen(low, high).low} and {Range.fen(low, high).high}",
            )
            faults.append(Diagnostic("case/assessed", message, path=f"assessed ({record.key[0]}, {record.key[1]})"))
            continue
        record.assessed = fen
        record.standard = (fen, fen)
    if faults:
        raise InputFaults(faults)
