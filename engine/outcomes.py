"""Records and awards to the outcomes that a decision lists.

What becomes of a claim is decided before: an outcome holds its record and its award, and spells them out in its fields when one of them
is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from conggao.engine.decision import ZERO, Outcome, Range, Status, yuan
from conggao.engine.evaluate.program import CompiledMeasure, Fen, Program
from conggao.engine.evaluate.record import Record
from conggao.engine.explain import Explainer
from conggao.engine.made import Later
from conggao.engine.reasons import reasons
from conggao.engine.resolve import Award
from conggao.engine.rulebook.model import Measure
from conggao.facts.diagnostics import Lang, Text

if TYPE_CHECKING:
    from conggao.engine.sitting import Sitting

Fields = tuple[dict[str, Any], Later | None]
"""The fields of an outcome, and what makes those that only an explanation needs."""


class Outcomes:
    """Makes the outcomes of one program: what never changes from case to case is made once."""

    def __init__(self, program: Program) -> None:
        self.fixed: dict[Lang, dict[str, dict[str, Any]]] = {
            lang: {
                measure.measure.key: _fixed(measure.measure, lang)
                for _, measures in program.policies
                for measure in measures
            }
            for lang in ("zh", "en")
        }
        self._programmes: dict[tuple[str, Lang], Outcome] = {}
        users: dict[str, set[str]] = {}
        for _, measures in program.policies:
            for compiled in measures:
                for line in compiled.measure.lines:
                    users.setdefault(line.name, set()).add(compiled.measure.key)
        self.assumed = program.relations.assumed
        self.contested = frozenset(line for line, measures in users.items() if len(measures) > 1)
        """Lines that more than one measure pays for."""

    def outside(self, measure: Measure, note: str, lang: Lang) -> Outcome:
        """A measure that is not in force, on the day or at the place."""
        return Outcome.when_read(self._silent, measure, lang, "not_in_force", note)

    def programme(self, compiled: CompiledMeasure, lang: Lang) -> Outcome:
        """A measure under which no one has a claim: the same for every case."""
        measure = compiled.measure
        made = self._programmes.get((measure.key, lang))
        if made is None:
            note = None if measure.service is None else measure.service.of(lang)
            made = Outcome.when_read(self._silent, measure, lang, "programme", note)
            self._programmes[measure.key, lang] = made
        return made

    def _silent(self, measure: Measure, lang: Lang, status: Status, note: str | None) -> Fields:
        notes = () if note is None else (note,)
        values = {**self.fixed[lang][measure.key], "status": status, "notes": notes, "conditions": (), "steps": ()}
        return values, None


class Standing(NamedTuple):
    """What a claim is beside its amount. `funding` is whole fen by payer."""

    superseded_by: tuple[str, ...]
    contested_by: tuple[str, ...]
    basis: str | None
    funding: Mapping[str, Fen] | None


Place = tuple[CompiledMeasure, Record | None, Award | None, Status]
"""A measure with its record, its award and what becomes of it; without a record where it does not apply or no one has a claim."""


class Evaluated:
    """The outcomes of one case, in one language."""

    def __init__(self, sitting: Sitting, lang: Lang) -> None:
        edition = sitting.edition
        self.explainer = Explainer(edition.program, sitting.subjects, sitting.day, lang, sitting.case.recognitions)
        self.fixed = edition.outcomes.fixed[lang]
        """Of every measure what never changes from case to case."""
        self._outcomes = edition.outcomes
        self._outside = sitting.outside
        self._records = [record for _, record in sitting.records]
        self._awards = sitting.resolution.awards
        self._lang: Lang = lang

    def listed(self) -> Iterator[Place]:
        """What becomes of every measure and subject, in the order of the rulebooks, then of subject ids."""
        records, awards, outside = self._records, self._awards, self._outside
        at, count = 0, len(records)
        for policy, measures in self.explainer.program.policies:
            applies = policy.id not in outside
            for compiled in measures:
                measure = compiled.measure
                if not applies or measure.idle:
                    yield (
                        compiled,
                        None,
                        None,
                        "programme" if applies and measure.kind != "repealed" else "not_in_force",
                    )
                    continue
                while at < count and records[at].compiled is compiled:
                    record = records[at]
                    at += 1
                    if record.truth is False:
                        yield compiled, record, None, "unmet"
                    else:
                        award = None if record.standard is None else awards.get((measure.key, record.subject.name))
                        yield compiled, record, award, _status(record, award)

    def outcomes(self) -> tuple[Outcome, ...]:
        """One outcome a place."""
        return tuple(starmap(self.outcome, self.listed()))

    def outcome(self, compiled: CompiledMeasure, record: Record | None, award: Award | None, status: Status) -> Outcome:
        """That of a place: whose it is, its status and its money are there, the rest is spelled out when it is read."""
        measure, lang = compiled.measure, self._lang
        if record is None:
            if status == "programme":
                return self._outcomes.programme(compiled, lang)
            note = self._outside.get(measure.policy) or _repealed(measure)
            return self._outcomes.outside(measure, note.of(lang), lang)
        standard = amount = None
        if award is not None:
            standard, amount = _money(record, award)
        values = {
            "measure": measure.key, "subject": record.subject.name, "status": status, "standard": standard, "amount": amount,
        }  # fmt: skip
        return Outcome.partly(values, self._fields, record, award)

    def _fields(self, record: Record, award: Award | None) -> Fields:
        """The fields of an evaluated measure; `award` is what the resolver made of its claim, if it has one."""
        measure, who = record.compiled.measure, record.subject.name
        values = self.fixed[measure.key].copy()
        values["subject"] = who
        values["status"] = status = _status(record, award)
        if award is not None:
            values["standard"], values["amount"] = _money(record, award)
            stands = self.standing(record, award)
            values["superseded_by"], values["contested_by"] = stands.superseded_by, stands.contested_by
            values["basis"] = stands.basis
            if award.superseded_by:
                del values["difference"]  # worked out when it is read: in a large component that is a plan of its own
                values["break_even"] = None if award.break_even is None else yuan(award.break_even)
            if stands.funding:
                values["funding"] = {payer: Range.fen(*share) for payer, share in stands.funding.items()}
        elif status == "undetermined":
            values["missing"] = tuple(sorted({*record.missing, *self._missing(record)}))
        return values, (reasons, record, award, self.explainer, self._lang)

    def standing(self, record: Record, award: Award) -> Standing:
        """How a claim stands to the others, and who pays it."""
        measure, who = record.compiled.measure, record.subject.name
        superseded_by: tuple[str, ...] = ()
        basis = None
        if award.superseded_by:
            superseded_by = tuple([_name(claim, who) for claim in award.superseded_by])
            assumed = self._outcomes.assumed
            if assumed and any((measure.key, claim[0]) in assumed for claim in award.superseded_by):
                basis = "assumed"
        contested_by = self._contested_by(measure, who) if award.status == "granted" else ()
        funding = _shares(measure, award) if measure.funding and award.high else None
        return Standing(superseded_by, contested_by, basis, funding)

    def _contested_by(self, measure: Measure, who: str) -> tuple[str, ...]:
        """The undetermined claims on the lines of a granted one, which could still overturn it."""
        undecided = self._undecided
        if not undecided:
            return ()
        return tuple(dict.fromkeys(name for line in measure.lines for name in undecided.get((who, line.name), ())))

    @cached_property
    def _undecided(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The measures that are undetermined for a subject, by subject and line."""
        found: dict[tuple[str, str], list[str]] = {}
        for record in self._records:
            if record.truth is not False and _status(record, self._awards.get(record.key)) == "undetermined":
                for line in record.compiled.measure.lines:
                    if line.name in self._outcomes.contested:
                        found.setdefault((record.subject.name, line.name), []).append(record.compiled.measure.key)
        return found

    def _missing(self, record: Record) -> tuple[str, ...]:
        if record.standard is not None:
            return ()
        measure = record.compiled.measure
        nodes = [condition.node for condition in measure.when]
        nodes += [node for node in (measure.amount, measure.cap) if node is not None]
        return self.explainer.missing(nodes, record.subject)


def _money(record: Record, award: Award) -> tuple[Range, Range]:
    """The standard of a claim, and what is paid of it."""
    assert record.standard is not None
    standard = Range.fen(*record.standard)
    if award.high == 0:
        return standard, ZERO
    same = award.low == record.standard[0] and award.high == record.standard[1]
    return standard, standard if same else Range.fen(award.low, award.high)


def _status(record: Record, award: Award | None) -> Status:
    if award is not None:
        return award.status
    if record.truth is False or record.assessed == 0:
        return "unmet"
    return "service" if record.truth and record.compiled.measure.kind == "service" else "undetermined"


def _repealed(measure: Measure) -> Text:
    by = measure.amended[-1]
    return Text(f"已由 {by} 废止", f"ended by {by}")


def _fixed(measure: Measure, lang: Lang) -> dict[str, Any]:
    return {
        "measure": measure.key,
        "subject": None,
        "title": measure.title.of(lang),
        "clause": measure.clause,
        "lines": tuple(line.name for line in measure.lines),
        "status": None,
        "standard": None,
        "amount": None,
        "recipient": measure.recipient if measure.kind in ("pay", "up_to") else None,
        "superseded_by": (),
        "contested_by": (),
        "missing": (),
        "interpretation": tuple(text.of(lang) for text in measure.interpretation),
        "funding": None,
        "difference": None,
        "break_even": None,
        "basis": None,
    }


def _name(claim: tuple[str, str], subject: str) -> str:
    """A claim by its measure, and by its subject where that is another."""
    return claim[0] if claim[1] == subject else f"{claim[0]}@{claim[1]}"


def _shares(measure: Measure, award: Award) -> dict[str, Fen]:
    """Who pays how much, in fen: shares rounded down, the last payer takes what remains."""
    shares: dict[str, Fen] = {}
    low, high = award.low, award.high
    for payer, share in measure.funding[:-1]:
        part_low = int(award.low * share)
        part_high = None if award.high is None else int(award.high * share)
        shares[payer] = part_low, part_high
        low -= part_low
        high = None if high is None or part_high is None else high - part_high
    shares[measure.funding[-1][0]] = low, high
    return shares
