"""From eligible measures to claims: what was received and what an authority has decided, laid against each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from conggao.engine.evaluate.record import Record
from conggao.engine.resolve import Cap, Claim
from conggao.engine.resolve.model import natural
from conggao.engine.rulebook.model import Policy, Rulebooks
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.models import Case, Receipt


@dataclass(slots=True)
class Claims:
    """The claims of a case, the caps they share, and which of them an open question about money received keeps undetermined."""

    claims: list[Claim] = field(default_factory=list)
    caps: dict[str, Cap] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A receipt as the rulebooks understand it. `index` is its place in the case, from 1; `key` the measure's full id, None where no
    loaded rulebook knows it; `subject` whose support it was, None where that is not said."""

    index: int
    receipt: Receipt
    key: str | None
    subject: str | None
    lines: frozenset[str]
    fen: int | None


def taken(case: Case, rulebooks: Rulebooks) -> list[Taken]:
    """What the case says was received. An enterprise's or a park's measure has only one subject, which need not be said."""
    found = []
    for index, receipt in enumerate(case.received, start=1):
        pair = rulebooks.find(receipt.measure)
        measure = pair[1] if pair else None
        subject = receipt.subject
        if subject is None and measure is not None and measure.subject in ("enterprise", "park"):
            subject = measure.subject
        lines = frozenset(line.name for line in measure.lines) if measure else frozenset(receipt.lines)
        fen = None if receipt.amount is None else _fen(receipt.amount)
        found.append(Taken(index, receipt, measure.key if measure else None, subject, lines, fen))
    return found


def assessments(case: Case, rulebooks: Rulebooks) -> dict[tuple[str, str], int]:
    """What authorities have decided, in fen, by (measure, subject); InputFaults for a measure that is not there."""
    decided: dict[tuple[str, str], int] = {}
    faults: list[Diagnostic] = []
    for index, item in enumerate(case.assessed, start=1):
        pair = rulebooks.find(item.measure)
        if pair is None:
            known = [measure.key for policy in rulebooks.policies for measure in policy.measures]
            message = Text(f"没有措施 `{item.measure}`", f"there is no measure `{item.measure}`")
            hint = did_you_mean(item.measure, known)
            faults.append(Diagnostic("case/unknown-measure", message, path=f"assessed.{index}.measure", help=hint))
            continue
        subject = item.subject or pair[1].subject or "enterprise"
        if item.amount is not None:
            decided[(pair[1].key, subject)] = _fen(item.amount)
    if faults:
        raise InputFaults(faults)
    return decided


def _fen(amount: Decimal) -> int:
    """Money that was paid or decided, in fen; a part of a fen counts as the whole it rounds to."""
    return int((amount * 200 + 1) // 2)


def build(records: Iterable[tuple[Policy, Record]], case: Case, received: Sequence[Taken], as_of: date) -> Claims:
    """The claims of those `records` that are eligible; writes what was found of money received into each record.

    A record whose conditions or amount are unknown has no claim, but what money received leaves open is missing for it too.
    """
    if not received:
        return _unburdened(records)
    result = Claims()
    providers = {f"service:{service.id}": service.provider for service in case.services} if received else {}
    for policy, record in records:
        measure = record.compiled.measure
        scope = _scope(record)
        history = _History(record, policy, scope, as_of.year - 1, providers)
        for item in received:
            history.add(item)
        record.own, record.rival = history.own, history.rival
        record.missing = tuple(sorted(history.missing))
        if record.missing or record.standard is None:
            continue
        cap = _cap(record, history)
        key = None
        if cap is not None:
            record.cap_left = (cap.low, cap.high)
            key = f"{measure.key}@{scope}"
            result.caps[key] = _wider(result.caps.get(key), cap, record)
        result.claims.append(_claim(policy, record, key, history.own, history.rival, ended=history.ended))
    return result


def _claim(
    policy: Policy, record: Record, cap: str | None, own: int = 0, rival: int = 0, *, ended: bool = False
) -> Claim:
    measure, who = record.compiled.measure, record.subject.name
    assert record.standard is not None, "only an eligible record has a claim"
    order = (natural(policy.id), natural(measure.id), natural(who))
    lines = tuple([(who, line.name) for line in measure.lines])
    return Claim(
        measure.key, who, order, *record.standard, lines, measure.recipient, policy.level, cap, own, rival, ended
    )


def _unburdened(records: Iterable[tuple[Policy, Record]]) -> Claims:
    """The claims where nothing was received: caps are whole."""
    result = Claims()
    for policy, record in records:
        if record.standard is None:
            continue
        key = None
        if record.cap is not None:
            record.cap_left = record.cap
            key = f"{record.compiled.measure.key}@{_scope(record)}"
            if key not in result.caps or record.assessed is not None:
                result.caps[key] = _wider(result.caps.get(key), Cap(*record.cap), record)
        result.claims.append(_claim(policy, record, key))
    return result


def _scope(record: Record) -> str:
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


def _cap(record: Record, history: _History) -> Cap | None:
    """What is left of the cap that binds the record, if the standard does not hold it yet."""
    ends = record.cap
    if ends is None:
        if not history.used or record.compiled.own_cap is None:
            return None
        ends = record.compiled.own_cap(record.subject.frame)
        assert ends is not None, "the standard was cut by it"
    low, high = ends
    return Cap(max(0, low - history.used), None if high is None else max(0, high - history.used))


def _wider(before: Cap | None, cap: Cap, record: Record) -> Cap:
    """An amount that the authority has decided within the cap's interval raises the sure end of the cap to it."""
    low = cap.low if before is None else max(before.low, cap.low)
    if record.assessed is not None:
        low = max(low, record.assessed) if cap.high is None else min(cap.high, max(low, record.assessed))
    return Cap(low, cap.high)


class _History:
    """What money received means for one record. Unknown is never taken for no: what a receipt leaves out is `missing`."""

    def __init__(self, record: Record, policy: Policy, scope: str, year: int, providers: Mapping[str, str]) -> None:
        self.measure = record.compiled.measure
        self.subject = record.subject.name
        self.excludes = policy.conflicts.received == "exclude"
        self.scope = scope
        self.year = year
        self.providers = providers
        self.missing: set[str] = set()
        self.own = self.rival = self.used = 0
        self.ended = False

    def add(self, item: Taken) -> None:
        if item.fen == 0:
            return
        if item.key != self.measure.key:
            self._other_measure(item)
        elif self.measure.once is not None:
            self._once(item, self.measure.once)
        else:
            self._same_measure(item)

    def _once(self, item: Taken, scope: str) -> None:
        inside = scope in ("enterprise", "park") or self._is(item, item.subject, self.subject, "subject")
        if inside and self._amount(item):
            self.ended = True

    def _same_measure(self, item: Taken) -> None:
        if self.measure.cap is not None and self._in_scope(item):
            counted = not self.measure.cap_yearly or self._is(item, item.receipt.year, self.year, "year")
            if counted:
                self.used += self._amount(item)
        if self._is(item, item.subject, self.subject, "subject"):
            this_year = not self.measure.annual or self._is(item, item.receipt.year, self.year, "year")
            if this_year:
                self.own += self._amount(item)

    def _in_scope(self, item: Taken) -> bool:
        match self.measure.cap_per:
            case "enterprise" | "park":
                return True
            case "provider":
                provider = item.receipt.provider or self.providers.get(item.subject or "")
                return self._is(item, provider, self.scope.removeprefix("provider:"), "provider")
            case _:
                return self._is(item, item.subject, self.subject, "subject")

    def _other_measure(self, item: Taken) -> None:
        common = [line for line in self.measure.lines if line.name in item.lines]
        if not common or not self._is(item, item.subject, self.subject, "subject"):
            return
        if all(line.annual for line in common) and not self._is(item, item.receipt.year, self.year, "year"):
            return
        self.rival += self._amount(item)
        self.ended = self.ended or self.excludes

    def _is(self, item: Taken, found: object, wanted: object, what: str) -> bool:
        if found is None:
            self.missing.add(f"received.{item.index}.{what}")
            self._amount(item)
            return False
        return found == wanted

    def _amount(self, item: Taken) -> int:
        if item.fen is None:
            self.missing.add(f"received.{item.index}.amount")
            return 0
        return item.fen
