"""One case while a few of its numbers vary: the frames are built once, and only what can change is evaluated and planned again.

The claims that a varied fact reaches, and all that a line, a cap, a ceiling or an exclusion joins to them, are the moving part. The rest
is resolved once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from conggao.engine.analysis.probe.slots import Moved, Uses
from conggao.engine.ceilings import Ceilings
from conggao.engine.claims import Claims, assessments, build
from conggao.engine.decide import Engine
from conggao.engine.evaluate.exact import evaluate
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.program import CompiledCeiling, CompiledMeasure
from conggao.engine.evaluate.record import Record
from conggao.engine.resolve import Award, Claim, Resolution, resolve
from conggao.engine.resolve.model import Key, Later, natural
from conggao.engine.resolve.problem import components
from conggao.engine.rulebook.model import Policy
from conggao.engine.sitting import Records, assess, sit
from conggao.facts.models import Case
from conggao.facts.vocabulary import PARAMETER

MOST_KEPT = 20_000
"""Resolutions kept for claims that come again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found at one place: the records of the moving part, its claims and what became of them."""

    records: Sequence[Record]
    claims: Claims
    resolution: Resolution


class Lane:
    """A case on a day whose facts `facts` vary. Not for several threads at once.

    `case` holds some value for each of them. Raises InputFaults where such a case is refused.
    """

    def __init__(self, engine: Engine, case: Case, day: date, facts: Sequence[Moved]) -> None:
        sitting = sit(case, day, engine.edition(day), "exact")
        self.case, self.day, self.facts = case, day, facts
        self.edition, self.subjects, self.received = sitting.edition, sitting.subjects, sitting.received
        self.program = program = sitting.edition.program
        self.uses = Uses(program)
        self._outside = sitting.outside
        self._assessed = assessments(case, sitting.edition.rulebooks) if case.assessed else {}
        self._patches = [list(self._frames(item)) for item in facts]
        self._derivations = list(self._derive())
        self._over: list[tuple[CompiledCeiling, str]] = []
        self._ceilings_move: set[Key] = set()
        for item in program.ceilings:
            if item.policy.id in self._outside:
                continue
            for subject in self.subjects[item.measure.subject or "enterprise"]:
                moves = self._touched(self.uses.all_of(item.measure.expressions()), subject)
                if moves:
                    self._ceilings_move.add((item.measure.key, subject.name))
                if moves or item.truth(subject.frame) is not False:
                    self._over.append((item, subject.name))
        moving = self._moving(sitting.records)
        still = [pair for pair in sitting.records if pair[1].key not in moving]
        self.kept: Records = []
        self._turning: list[tuple[Policy, CompiledMeasure, list[Subject]]] = []
        for policy, record in sitting.records:
            if record.key not in moving:
                continue
            if not self._touched(self.uses.all_of(record.compiled.measure.expressions()), record.subject):
                self.kept.append((policy, record))
            elif self._turning and self._turning[-1][1] is record.compiled:
                self._turning[-1][2].append(record.subject)
            else:
                self._turning.append((policy, record.compiled, [record.subject]))
        over = {
            (item.measure.key, who)
            for item, who in self._over
            if any(_under(item, key[0]) for key in moving if key[1] == who)
        }
        self._ceilinged = bool(over)
        self._ceilings = None if over & self._ceilings_move else self._lay() if over else None
        self._known: dict[Any, Resolution] = {}
        self.still = self._resolve(self._build(still, self._lay() if self._over else None))

    def read(self, values: Sequence[Any]) -> Reading:
        """The moving part with `values` in the slots of the facts, as `Moved.read` gives them. Raises InputFaults."""
        records = [*self.kept, *self.turned(values)]
        for _, record in self.kept:
            record.missing = ()
        ceilings = self._ceilings
        if ceilings is None and self._ceilinged:
            ceilings = self._lay()
        claims = self._build(records, ceilings)
        return Reading([record for _, record in records], claims, self._resolve(claims))

    def turned(self, values: Sequence[Any]) -> Records:
        """The records that the facts reach, evaluated with `values` in their slots. Raises InputFaults."""
        self.put(values)
        found: Records = []
        for policy, compiled, subjects in self._turning:
            kind = compiled.measure.subject or "enterprise"
            found += [(policy, record) for record in evaluate([compiled], {kind: subjects})]
        if self._assessed:
            assess(found, self._assessed)
        return found

    @property
    def turning(self) -> Iterator[CompiledMeasure]:
        """The measures whose records the facts reach."""
        return (compiled for _, compiled, _ in self._turning)

    @property
    def under_fixed_ceilings(self) -> bool:
        """Whether no ceiling over the moving part varies."""
        return self._ceilings is not None or not self._ceilinged

    def whole(self, reading: Reading) -> Resolution:
        """The awards and totals of the whole case, where the moving part is `reading`."""
        return _together([self.still, reading.resolution])

    def put(self, values: Sequence[Any]) -> None:
        """The values into the frames, and what is derived from them."""
        for patch, value in zip(self._patches, values, strict=True):
            for frame, slot in patch:
                frame[slot] = value
        for slot, read, source, frames in self._derivations:
            value = read(source)
            for frame in frames:
                frame[slot] = value

    def _frames(self, fact: Moved) -> Iterator[tuple[Frame, int]]:
        key = fact.key
        slot = None if key is None else self.program.layout.slots.get(key)
        if key is None or slot is None:
            return
        if key.subject == PARAMETER:
            stated = self.program.rulebooks.parameters.get(key.name)
            if stated is not None and stated.values.get(self.day.year - 1) is not None:
                return  # the figure of the page counts, not that of the case
        if key.subject in ("enterprise", PARAMETER):
            yield from ((subject.frame, slot) for subject in self._everyone())
        else:
            yield from (
                (subject.frame, slot) for subject in self.subjects[key.subject] if fact.id in (None, subject.id)
            )

    def _everyone(self) -> Iterator[Subject]:
        return (subject for subjects in self.subjects.values() for subject in subjects)

    def _derive(self) -> Iterator[tuple[int, Any, Frame, list[Frame]]]:
        """The derived facts that can change: slot, closure, the frame that it reads and those that take its value."""
        every = [subject.frame for subject in self._everyone()]
        for kind, slot, uses, read in self.uses.derived:
            for subject in self.subjects[kind]:
                if self._touched(uses, subject):
                    yield slot, read, subject.frame, every if kind == "enterprise" else [subject.frame]

    def _touched(self, uses: frozenset[Any], subject: Subject) -> bool:
        return any(fact.touches(uses, subject) for fact in self.facts)

    def _lay(self) -> Ceilings:
        return Ceilings(self.program, self.subjects, self.received, self.day, self._outside)

    def _build(self, records: Records, ceilings: Ceilings | None) -> Claims:
        """The claims of those records that may have one, as a decision builds them."""
        possible = [(policy, record) for policy, record in records if self._may_claim(record)]
        return build(possible, self.case, self.received, self.day, self.program.relations, ceilings)

    def _may_claim(self, record: Record) -> bool:
        if record.truth is False or record.assessed == 0:
            return False
        return record.standard is not None or (bool(self.received) and record.compiled.standard is not None)

    def _resolve(self, built: Claims) -> Resolution:
        """What the resolver makes of the claims, group by group, so that a group that comes again is not planned again."""
        parts = []
        for group in _groups(built.claims):
            caps = {claim.cap: built.caps[claim.cap] for claim in group if claim.cap is not None}
            over = {name: built.ceilings[name] for claim in group for name in claim.ceilings}
            key = (
                tuple([(c.measure, c.subject, c.low, c.high, c.own, c.rival, c.ended) for c in group]),
                tuple([(name, cap.low, cap.high) for name, cap in caps.items()]),
                tuple(over.items()),
            )
            found = self._known.get(key)
            if found is None:
                if len(self._known) >= MOST_KEPT:
                    self._known.clear()
                found = self._known[key] = resolve(group, caps, over)
            parts.append(found)
        return parts[0] if len(parts) == 1 else _together(parts)

    def _moving(self, records: Records) -> set[Key]:
        """The keys of what a varied fact reaches, and of all that is joined to it."""
        joined: dict[Any, list[Key]] = {}
        start: set[Key] = set()
        for _, record in records:
            key, measure = record.key, record.compiled.measure
            if self._touched(self.uses.all_of(measure.expressions()), record.subject):
                start.add(key)
            elif not self._may_claim(record):
                continue  # and never will: nothing that varies reaches it
            if record.compiled.standard is None:
                continue
            for tie in self._ties(record):
                joined.setdefault(tie, []).append(key)
                if tie[0] == "ceiling" and (tie[1], tie[2]) in self._ceilings_move:
                    start.add(key)
        ties: dict[Key, list[Any]] = {}
        for tie, keys in joined.items():
            for key in keys:
                ties.setdefault(key, []).append(tie)
        found, waiting = set(start), list(start)
        while waiting:
            for tie in ties.get(waiting.pop(), ()):
                for key in joined.pop(tie, ()):
                    if key not in found:
                        found.add(key)
                        waiting.append(key)
        return found

    def _ties(self, record: Record) -> Iterable[tuple[Any, ...]]:
        """What joins the claim of `record` to others. Ties may be wider than the resolver's, never narrower."""
        compiled, measure, who = record.compiled, record.compiled.measure, record.subject.name
        yield from (("line", who, name) for name in compiled.lines)
        if measure.cap is not None and compiled.shared_cap is not None:
            yield "cap", measure.key, ""
        for other in self.program.relations.excludes.get(measure.key, ()):
            yield "excludes", *sorted((measure.key, other))
        for item, subject in self._over:
            if subject == who and _under(item, measure.key):
                yield "ceiling", item.measure.key, who
        if measure.recipient != "enterprise":
            # The upper total of another recipient is settled over all its claims.
            yield "recipient", measure.recipient, ""


def _groups(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Claims that can be resolved apart from each other: components, but all claims of another recipient together, whose upper total is
    settled over all of them."""
    groups: list[list[Claim]] = []
    shared: dict[str, list[Claim]] = {}
    for component in components(claims) if claims else ():
        others = sorted({claim.recipient for claim in component if claim.recipient != "enterprise"})
        joined = component
        for group in {id(shared[name]): shared[name] for name in others if name in shared}.values():
            groups = [item for item in groups if item is not group]
            joined = [*group, *joined]
        groups.append(joined)
        for claim in joined if others else ():
            if claim.recipient != "enterprise":
                shared[claim.recipient] = joined
    return groups


def _together(parts: Sequence[Resolution]) -> Resolution:
    """Resolutions of claims that have nothing to do with each other, as one."""
    awards: dict[Key, Award] = {}
    totals: dict[str, tuple[int, int | None]] = {}
    slack, proven = 0, True
    for part in parts:
        awards.update(part.awards)
        for recipient, (low, high) in part.totals.items():
            before, most = totals.get(recipient, (0, 0))
            totals[recipient] = before + low, None if high is None or most is None else most + high
        proven = proven and part.proven
        if part.bound is not None:
            slack += part.bound - part.totals.get("enterprise", (0, 0))[0]
    return Resolution(
        awards,
        totals,
        proven,
        None if proven else totals.get("enterprise", (0, 0))[0] + slack,
        Later(lambda: tuple(sorted((key for part in parts for key in part.plan), key=_order))),
        Later(lambda: sum(part.naive or 0 for part in parts)),
    )


def _under(item: CompiledCeiling, measure: str) -> bool:
    return item.ceiling.over is None or measure in item.ceiling.over


def _order(key: Key) -> tuple[Any, ...]:
    policy, _, measure = key[0].partition("/")
    return natural(policy), natural(measure), natural(key[1])
