"""The Engine: a case in, a Decision out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple

from conggao.engine.ceilings import Ceilings
from conggao.engine.claims import assessments, build
from conggao.engine.decision import Decision, Firing, Outcome, PolicyRef, Range
from conggao.engine.edition import Edition
from conggao.engine.evaluate.exact import evaluate
from conggao.engine.evaluate.forward import Forward
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import Program
from conggao.engine.evaluate.record import Record
from conggao.engine.explain import Explainer
from conggao.engine.filing import planned
from conggao.engine.outcomes import Evaluated
from conggao.engine.receipts import Taken, taken
from conggao.engine.resolve import Resolution, resolve
from conggao.engine.rulebook.library import load, load_pages
from conggao.engine.rulebook.model import Measure, Policy, Rulebooks
from conggao.engine.rulebook.page import Page
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.documents import decode, read_json
from conggao.facts.loading import read_case, read_document
from conggao.facts.models import Case
from conggao.facts.vocabulary import Vocabulary

EngineName = Literal["forward", "exact"]
CaseLike = Case | Mapping[str, Any] | str | bytes
"""A case, a dict in the shape of a case file, or the JSON text of one."""
Records = list[tuple[Policy, Record]]


class Engine:
    """Decides cases under a choice of rulebooks.

    `policies` names rulebooks by id or by the path of a page; None loads all that are shipped. A page given by path replaces the
    shipped policy of its id. An engine is immutable once made and may be used by many threads. Raises InputFaults where a rulebook
    has faults, all of them at once.
    """

    def __init__(self, policies: Iterable[str | Path] | None = None) -> None:
        self._set_up(*load(policies))

    @classmethod
    def of(cls, pages: Sequence[Page]) -> Engine:
        """An engine of pages already read, such as ones that are being edited. Raises InputFaults."""
        made = cls.__new__(cls)
        made._set_up(*load_pages(pages))
        return made

    def _set_up(self, rulebooks: Rulebooks, vocabulary: Vocabulary) -> None:
        self.rulebooks, self.vocabulary = rulebooks, vocabulary
        self._first = Edition(self.rulebooks, self.vocabulary)
        self._later = [(day, Edition(books, self.vocabulary)) for day, books in self.rulebooks.editions]
        self._refs = tuple(PolicyRef.of({"id": p.id, "sha256": p.page.sha256}) for p in self.rulebooks.policies)

    @property
    def program(self) -> Program:
        """The compiled rulebooks as their pages stand, before any amendment."""
        return self._first.program

    @property
    def forward(self) -> Forward:
        return self._first.forward

    def edition(self, day: date) -> Edition:
        """What applies on `day`, with the amendments in force."""
        found = self._first
        for begins, edition in self._later:
            if begins > day:
                break
            found = edition
        return found

    def read(self, case: CaseLike) -> Case:
        """`case` as a checked Case: a dict or JSON text, with quantities that may be text with units. Raises InputFaults."""
        if isinstance(case, Case):
            return case
        if isinstance(case, str | bytes):
            return read_document(read_json(decode(case, None) if isinstance(case, bytes) else case), self.vocabulary)
        return read_case(case, self.vocabulary)

    def decide(
        self,
        case: CaseLike,
        as_of: date | str | None = None,
        engine: EngineName = "forward",
        lang: Lang = "zh",
    ) -> Decision:
        """What the enterprise of `case` may claim on the day `as_of`, and why.

        `as_of` given here wins over the case's own; one of them is required. `engine` chooses the evaluator: `forward` (durable-rules;
        where it cannot be had, `exact` decides) or `exact`. Texts are in `lang`. Raises InputFaults.
        """
        sitting = self._sit(case, as_of, engine)
        stated, day = sitting.case, sitting.day
        edition = sitting.edition
        explainer = Explainer(edition.program, sitting.subjects, day, lang, stated.recognitions)
        outcomes = _list(edition, sitting.outside, sitting.records, sitting.resolution, explainer, lang)
        values = {
            "as_of": day,
            "policies": self._refs,
            "outcomes": outcomes,
            "totals": _totals(sitting.resolution),
            "fired": None
            if sitting.fired is None
            else tuple(Firing.of({"rule": rule, "subject": who}) for rule, who in sitting.fired),
            "notes": tuple(text.of(lang) for text in _notes(sitting)),
            "case": stated if stated.as_of == day else stated.model_copy(update={"as_of": day}),
            "lang": lang,
        }
        return Decision.of(values, (planned, outcomes, sitting.records, sitting.resolution, explainer))

    def awards(self, case: CaseLike, as_of: date | str | None = None, engine: EngineName = "exact") -> Resolution:
        """The money alone, in whole fen: the awards of all eligible claims by (measure, subject), and the totals by recipient.

        What `decide` pays, without the outcomes that pay nothing and without reasons: for loops over many cases. Raises InputFaults.
        """
        stated = self.read(case)
        if engine == "exact" and not stated.received and not stated.assessed:
            day = _day(as_of, stated)
            edition = self.edition(day)
            outside = {policy.id for policy, _ in edition.program.policies if _outside(policy, stated, day)}
            paid = edition.payer.pay(stated, day, outside)
            if paid is not None:
                return paid
        return self._sit(stated, as_of, engine).resolution

    def _sit(self, case: CaseLike, as_of: date | str | None, engine: EngineName) -> _Sitting:
        stated = self.read(case)
        day = _day(as_of, stated)
        edition = self.edition(day)
        program = edition.program
        outside = {policy.id: note for policy, _ in program.policies if (note := _outside(policy, stated, day))}
        subjects = program.subjects(stated, day)
        fired: list[tuple[str, str]] | None = None
        if engine == "forward" and edition.forward.unavailable is None:
            fired = [item for item in edition.forward.run(subjects) if item[0].partition("/")[0] not in outside]
        records = _evaluate(program, outside, subjects, None if fired is None else frozenset(fired))
        received = taken(stated, edition.rulebooks) if stated.received else []
        if stated.assessed:
            _assess(records, assessments(stated, edition.rulebooks))
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
        return _Sitting(edition, stated, day, outside, subjects, fired, records, received, resolution)


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


def _list(
    edition: Edition,
    outside: Mapping[str, Text],
    records: Records,
    resolution: Resolution,
    explainer: Explainer,
    lang: Lang,
) -> tuple[Outcome, ...]:
    """Outcomes in the order of the rulebooks, then of subject ids; records come in that order."""
    outcomes = edition.outcomes
    found = [record for _, record in records]
    evaluated = Evaluated(outcomes, found, resolution.awards, explainer, lang).outcomes()
    many = {kind: len(subjects) for kind, subjects in explainer.subjects.items()}
    listed: list[Outcome] = []
    first = following = 0
    for policy, measures in edition.program.policies:
        note = outside.get(policy.id)
        if note is not None:
            listed += [outcomes.outside(compiled.measure, note.of(lang), lang) for compiled in measures]
            continue
        for compiled in measures:
            measure = compiled.measure
            if not measure.idle:
                following += many[measure.subject or "enterprise"]
                continue
            listed += evaluated[first:following]
            first = following
            if measure.kind == "repealed":
                listed.append(outcomes.outside(measure, _repealed(measure).of(lang), lang))
            else:
                listed.append(outcomes.programme(compiled, lang))
        listed += evaluated[first:following]
        first = following
    return tuple(listed)


def _repealed(measure: Measure) -> Text:
    by = measure.amended[-1]
    return Text(f"已由 {by} 废止", f"ended by {by}")


class _Sitting(NamedTuple):
    """What one decision found, before it is put into words."""

    edition: Edition
    case: Case
    day: date
    outside: Mapping[str, Text]
    subjects: Mapping[str, Sequence[Subject]]
    fired: list[tuple[str, str]] | None
    records: Records
    received: Sequence[Taken]
    resolution: Resolution


def _day(as_of: date | str | None, case: Case) -> date:
    if as_of is None and case.as_of is not None:
        return case.as_of
    if isinstance(as_of, date):
        return as_of
    if as_of is None:
        message = Text("没有决定日期", "there is no date to decide for")
        hint = Text(
            "在案例里写 `as_of: 2025-03-01`，或另行给出日期",
            "write `as_of: 2025-03-01` in the case, or give the date with the call",
        )
    else:
        try:
            return date.fromisoformat(as_of)
        except ValueError:
            message = Text(f"`{as_of}` 不是日期", f"`{as_of}` is not a date")
            hint = Text("日期写作 `2025-03-01`", "write a date as `2025-03-01`")
    raise InputFaults([Diagnostic("case/as-of", message, path="as_of", help=hint)])


def _outside(policy: Policy, case: Case, day: date) -> Text | None:
    """Why the policy does not apply, on the day or at the place; an unknown county counts as inside."""
    if not policy.in_force(day):
        zh = f"有效期 {policy.begins} 至 {policy.ends or '（未见截止日）'}"
        return Text(f"{day} 不在{zh}之内", f"{day} is outside {policy.begins} to {policy.ends or '(no end seen)'}")
    county = case.enterprise.county if case.enterprise is not None else None
    if policy.places and county is not None and county not in policy.places:
        return Text(f"{county} 不在适用地区之内", f"{county} is outside the places of the policy")
    return None


def _assess(records: Records, decided: Mapping[tuple[str, str], int]) -> None:
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


def _totals(resolution: Resolution) -> dict[str, Range]:
    totals = {"enterprise": Range.fen(0, 0)}
    for recipient in sorted(resolution.totals):
        totals[recipient] = Range.fen(*resolution.totals[recipient])
    return totals


def _notes(sitting: _Sitting) -> list[Text]:
    notes: list[Text] = []
    case, received = sitting.case, sitting.received
    for name, years in case.parameters.items():
        parameter = sitting.edition.rulebooks.parameters.get(name)
        stated = years.get(sitting.day.year - 1)
        known = parameter.values.get(sitting.day.year - 1) if parameter is not None else None
        if parameter is None:
            notes.append(
                Text(
                    f"没有政策用到参数 `{name}`，未计入",
                    f"no loaded policy borrows the figure `{name}`; it is not counted",
                )
            )
        elif known is not None and stated is not None and known.value != Fraction(stated):
            notes.append(
                Text(
                    f"参数 `{name}` 以 {parameter.policy} 所载并注明来源的数值为准，案例所写未计入",
                    f"`{name}` is that of {parameter.policy}, which has a source; what the case states is not counted",
                )
            )
    if not sitting.resolution.proven:
        notes.append(
            Text(
                "申请互相牵连太多，所列是找到的最好方案，未证明没有更好的",
                "too many claims hang together: this is the best plan found, not proven to be the best there is",
            )
        )
    if case.enterprise is None or case.enterprise.county is None:
        notes.append(
            Text(
                "所在县区不明，视为在适用地区之内",
                "the county is unknown and counts as inside the places of the policies",
            )
        )
    for item in received:
        if item.key is None:
            name = item.receipt.measure
            if item.lines:
                lines = "、".join(sorted(item.lines))
                notes.append(
                    Text(
                        f"已获支持的措施 `{name}` 不在所载政策中，按其支持内容（{lines}）计",
                        f"the measure `{name}` of money received is in no loaded rulebook; it counts on its lines ({lines})",
                    )
                )
            else:
                notes.append(
                    Text(
                        f"已获支持的措施 `{name}` 不在所载政策中，也没有写支持内容，未计入",
                        f"the measure `{name}` of money received is in no loaded rulebook and names no lines; it is not counted",
                    )
                )
    return notes
