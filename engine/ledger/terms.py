"""What an award is held against: the terms of each claim that a decision grants, kept with the decision.

So that an award can be judged years later, by a program that has none of the rulebooks, the terms hold all that the law says of money
received: the lines, what stacks and what excludes, the cap and over what it adds up, `once`, the ceilings.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from conggao.engine.ceilings import Ceilings
from conggao.engine.claims import scope_of
from conggao.engine.evaluate.record import Record
from conggao.engine.resolve import Award
from conggao.engine.rulebook.model import Policy
from conggao.engine.sitting import Sitting


class TermLine(NamedTuple):
    name: str
    annual: bool


class TermCeiling(NamedTuple):
    """The most that claims of the subject bring together, in fen; `over` names the measures, None for all."""

    measure: str
    limit: int
    over: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Terms:
    """One claim of a decision. Money is whole fen, an upper end of None open.

    `low`..`high` is what the decision grants now, `standard` the claim before shared caps, `cap` the upper end of its cap (None: open or
    none). `scope` is what the cap adds up over; `mode` what money of other measures does to it, `top_up` or `exclude`.
    """

    key: str
    subject: str
    title: tuple[str, str]
    status: str
    low: int
    high: int | None
    standard: int | None
    recipient: str
    level: str
    year: int
    lines: tuple[TermLine, ...]
    once: str | None
    capped: bool
    cap: int | None
    cap_per: str | None
    cap_yearly: bool
    scope: str
    mode: str
    provider: str | None
    stacks: tuple[str, ...]
    rivals: tuple[str, ...]
    ceilings: tuple[TermCeiling, ...]

    @property
    def annual(self) -> bool:
        return any(line.annual for line in self.lines)

    @property
    def all_annual(self) -> bool:
        return bool(self.lines) and all(line.annual for line in self.lines)

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, said: dict[str, Any]) -> Terms:
        return cls(
            **{
                **said,
                "title": tuple(said["title"]),
                "lines": tuple(TermLine(*item) for item in said["lines"]),
                "stacks": tuple(said["stacks"]),
                "rivals": tuple(said["rivals"]),
                "ceilings": tuple(
                    TermCeiling(name, limit, None if over is None else tuple(over))
                    for name, limit, over in said["ceilings"]
                ),
            }
        )


def terms(sitting: Sitting) -> list[Terms]:
    """The terms of every claim that the decision grants, or could if an authority so decides."""
    program = sitting.edition.program
    # Without money received a ceiling leaves all of itself.
    whole = Ceilings(program, sitting.subjects, (), sitting.day, sitting.outside) if program.ceilings else None
    limits = {} if whole is None else whole.left
    found: list[Terms] = []
    for policy, record in sitting.records:
        award = sitting.resolution.awards.get(record.key)
        if award is not None and award.status in ("granted", "contingent"):
            found.append(_terms(sitting, policy, record, award, limits))
    return found


def _terms(sitting: Sitting, policy: Policy, record: Record, award: Award, limits: dict[str, int]) -> Terms:
    measure, who = record.compiled.measure, record.subject.name
    relations = sitting.edition.program.relations
    assert record.standard is not None, "a claim has a standard"
    cap = record.cap
    if cap is None and record.compiled.own_cap is not None:
        cap = record.compiled.own_cap(record.subject.frame)
    ceilings = tuple(
        TermCeiling(item.measure.key, limits[f"{item.measure.key}@{who}"], item.ceiling.over)
        for item in sitting.edition.program.ceilings
        if f"{item.measure.key}@{who}" in limits and (item.ceiling.over is None or measure.key in item.ceiling.over)
    )
    # What an office could still decide for a claim outside the plan is all of it; what stands against it is weighed when it is awarded.
    high = record.standard[1] if award.status == "contingent" else award.high
    return Terms(
        key=measure.key,
        subject=who,
        title=(measure.title.zh, measure.title.en),
        status=award.status,
        low=award.low,
        high=high,
        standard=record.standard[1],
        recipient=measure.recipient,
        level=policy.level,
        year=sitting.day.year - 1,
        lines=tuple(TermLine(line.name, line.annual) for line in measure.lines),
        once=measure.once,
        capped=measure.capped,
        cap=None if cap is None else cap[1],
        cap_per=measure.cap_per,
        cap_yearly=measure.cap_yearly,
        scope=scope_of(record),
        mode=policy.conflicts.received,
        provider=getattr(record.subject.item, "provider", None) if record.subject.kind == "service" else None,
        stacks=tuple(sorted(relations.stacks.get(measure.key, ()))),
        rivals=tuple(sorted(relations.excludes.get(measure.key, ()))),
        ceilings=ceilings,
    )
