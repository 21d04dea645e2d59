"""Records and awards to the outcomes that a decision lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conggao.engine.decision import ZERO, Outcome, Range, yuan
from conggao.engine.evaluate.program import CompiledMeasure, Program
from conggao.engine.evaluate.record import Record
from conggao.engine.explain import Explainer
from conggao.engine.reasons import reasons
from conggao.engine.resolve import Award
from conggao.engine.rulebook.model import Measure
from conggao.facts.diagnostics import Lang


class Outcomes:
    """Makes the outcomes of one program: what never changes from case to case is made once."""

    def __init__(self, program: Program) -> None:
        self._fixed: dict[Lang, dict[str, dict[str, Any]]] = {
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
        self._assumed = program.relations.assumed
        self._contested = {line for line, measures in users.items() if len(measures) > 1}

    def outside(self, measure: Measure, note: str, lang: Lang) -> Outcome:
        """A measure that is not in force, on the day or at the place."""
        fixed = self._fixed[lang][measure.key]
        return Outcome.of({**fixed, "status": "not_in_force", "notes": (note,), **_NOTHING_TO_SAY})

    def programme(self, compiled: CompiledMeasure, lang: Lang) -> Outcome:
        """A measure under which no one has a claim: the same for every case."""
        made = self._programmes.get((compiled.measure.key, lang))
        if made is None:
            fixed = self._fixed[lang][compiled.measure.key]
            notes = () if compiled.measure.service is None else (compiled.measure.service.of(lang),)
            made = Outcome.of({**fixed, "status": "programme", "notes": notes, **_NOTHING_TO_SAY})
            self._programmes[compiled.measure.key, lang] = made
        return made

    def of(self, record: Record, award: Award | None, explainer: Explainer, lang: Lang) -> Outcome:
        """The outcome of an evaluated measure; `award` is what the resolver made of its claim, if it has one."""
        measure = record.compiled.measure
        values = self._fixed[lang][measure.key].copy()
        values["subject"] = record.subject.name
        later = (reasons, record, award, explainer, lang)
        if award is not None:
            assert record.standard is not None
            values["status"] = award.status
            standard = values["standard"] = Range.fen(*record.standard)
            if award.high == 0:
                values["amount"] = ZERO
            else:
                same = award.low == record.standard[0] and award.high == record.standard[1]
                values["amount"] = standard if same else Range.fen(award.low, award.high)
            if award.superseded_by:
                values["superseded_by"] = tuple(_name(claim, record.subject.name) for claim in award.superseded_by)
                del values["difference"]  # worked out when it is read: in a large component that is a plan of its own
                values["break_even"] = None if award.break_even is None else yuan(award.break_even)
                if self._assumed and any((measure.key, claim[0]) in self._assumed for claim in award.superseded_by):
                    values["basis"] = "assumed"
            if measure.funding and award.high:
                values["funding"] = _shares(measure, award)
        elif record.truth is False or record.assessed == 0:
            values["status"] = "unmet"
        elif record.truth and measure.kind == "service":
            values["status"] = "service"
        else:
            values["status"] = "undetermined"
            values["missing"] = tuple(sorted({*record.missing, *self._missing(record, explainer)}))
        return Outcome.of(values, later)

    def contested(self, outcomes: Sequence[tuple[Record, Outcome]]) -> None:
        """Names in every granted outcome the undetermined claims on its lines, which could still overturn it."""
        undecided: dict[tuple[str, str], list[str]] = {}
        for record, outcome in outcomes:
            if record.truth is not False and outcome.status == "undetermined":
                for line in record.compiled.measure.lines:
                    if line.name in self._contested:
                        undecided.setdefault((record.subject.name, line.name), []).append(outcome.measure)
        if not undecided:
            return
        for record, outcome in outcomes:
            if outcome.status == "granted":
                names: dict[str, None] = {}
                for line in record.compiled.measure.lines:
                    names.update(dict.fromkeys(undecided.get((record.subject.name, line.name), ())))
                outcome.__dict__["contested_by"] = tuple(names)

    def _missing(self, record: Record, explainer: Explainer) -> tuple[str, ...]:
        if record.standard is not None:
            return ()
        measure = record.compiled.measure
        nodes = [condition.node for condition in measure.when]
        nodes += [node for node in (measure.amount, measure.cap) if node is not None]
        return explainer.missing(nodes, record.subject)


_NOTHING_TO_SAY: Mapping[str, Any] = {"conditions": (), "steps": ()}


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


def _shares(measure: Measure, award: Award) -> dict[str, Range]:
    """Who pays how much: shares rounded down to the fen, the last payer takes what remains."""
    shares: dict[str, Range] = {}
    low, high = award.low, award.high
    for payer, share in measure.funding[:-1]:
        part_low = int(award.low * share)
        part_high = None if award.high is None else int(award.high * share)
        shares[payer] = Range.fen(part_low, part_high)
        low -= part_low
        high = None if high is None or part_high is None else high - part_high
    shares[measure.funding[-1][0]] = Range.fen(low, high)
    return shares
