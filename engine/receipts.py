"""Money already received: what a receipt means for a claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, Self

from conggao.engine.evaluate.record import Record
from conggao.engine.rulebook.model import Policy, Rulebooks
from conggao.engine.rulebook.relations import Relations
from conggao.facts.models import Case, Receipt


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
    annual: bool = False
    """Whether every line of its measure is one of a year."""


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
        fen = None if receipt.amount is None else fen_of(receipt.amount)
        annual = measure is not None and bool(measure.lines) and all(line.annual for line in measure.lines)
        found.append(Taken(index, receipt, measure.key if measure else None, subject, lines, fen, annual))
    return found


def fen_of(amount: Decimal) -> int:
    """Money that was paid or decided, in fen; a part of a fen counts as the whole it rounds to."""
    return int((amount * 200 + 1) // 2)


def meet(subject: str, other: str) -> bool:
    """Whether measures that exclude each other do so for these two subjects: the same one, or ones of different kinds, as a project and
    its enterprise."""
    return subject == other or subject.partition(":")[0] != other.partition(":")[0]


class LineOf(Protocol):
    """A line, as far as money received is concerned."""

    @property
    def name(self) -> str: ...
    @property
    def annual(self) -> bool: ...


class Rule(Protocol):
    """A measure, as far as money received is concerned."""

    @property
    def key(self) -> str: ...
    @property
    def lines(self) -> Sequence[LineOf]: ...
    @property
    def annual(self) -> bool: ...
    @property
    def once(self) -> str | None: ...
    @property
    def capped(self) -> bool: ...
    @property
    def cap_per(self) -> str | None: ...
    @property
    def cap_yearly(self) -> bool: ...


def counts_again(rule: Rule) -> bool:
    """Whether of money of a measure itself only what was for the same year counts against its claims."""
    return rule.once is None and rule.annual and (not rule.capped or rule.cap_yearly)


def counts_across(rule: Rule, lines: Collection[str], annual: bool, rival: bool) -> bool | None:
    """Whether money of another measure, which pays for `lines`, counts against claims of `rule` only where it was for the same year; None
    where it does not count. `annual`: all lines of that measure are of a year; `rival`: the two exclude each other beyond a line."""
    common = [line for line in rule.lines if line.name in lines]
    if not common and not rival:
        return None
    return (annual if rival else True) and all(line.annual for line in common or rule.lines)


class History:
    """What money received means for a claim. Unknown is never taken for no: what a receipt leaves out is `missing`.

    `subject` claims under `measure`, whose cap adds up over `scope`; `year` is the year that is decided on. `stacks` and `rivals` are the
    measures it stacks with and those it excludes beyond a line; `excludes` says that other money ends the claim.
    """

    def __init__(
        self,
        measure: Rule,
        subject: str,
        scope: str,
        year: int,
        *,
        excludes: bool,
        stacks: Collection[str],
        rivals: Collection[str],
        providers: Mapping[str, str],
    ) -> None:
        self.measure = measure
        self.stacks = stacks
        self.rivals = rivals
        self.subject = subject
        self.excludes = excludes
        self.scope = scope
        self.year = year
        self.providers = providers
        self.missing: set[str] = set()
        self.own = self.rival = self.used = 0
        self.ended = False

    @classmethod
    def of(
        cls,
        record: Record,
        policy: Policy,
        scope: str,
        year: int,
        providers: Mapping[str, str],
        relations: Relations,
    ) -> Self:
        """That of a record."""
        measure = record.compiled.measure
        return cls(
            measure,
            record.subject.name,
            scope,
            year,
            excludes=policy.conflicts.received == "exclude",
            stacks=relations.stacks.get(measure.key, frozenset()),
            rivals=relations.excludes.get(measure.key, frozenset()),
            providers=providers,
        )

    def add(self, item: Taken) -> None:
        if item.fen == 0:
            return
        if item.key != self.measure.key:
            self._other_measure(item)
        elif self.measure.once is not None:
            self._once(item, self.measure.once)
        else:
            self.add_same(item)

    def _once(self, item: Taken, scope: str) -> None:
        inside = scope in ("enterprise", "park") or self._is(item, item.subject, self.subject, "subject")
        if inside and self._amount(item):
            self.ended = True

    def add_same(self, item: Taken) -> None:
        """Money of the measure itself, `once` aside."""
        other = self._for_another_year(item)
        if self.measure.capped and not (self.measure.cap_yearly and other) and self._in_scope(item):
            counted = not self.measure.cap_yearly or self._is(item, item.receipt.year, self.year, "year")
            if counted:
                self.used += self._amount(item)
        if not (self.measure.annual and other) and self._is(item, item.subject, self.subject, "subject"):
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
        """Money of another measure counts where the two would exclude each other: on a common line, or because a page says so."""
        if item.key in self.stacks:
            return
        rival = item.key in self.rivals
        yearly = counts_across(self.measure, item.lines, item.annual, rival)
        if yearly is None or (yearly and self._for_another_year(item)):
            return
        if rival and item.subject is not None:
            here = meet(item.subject, self.subject)
        else:
            here = self._is(item, item.subject, self.subject, "subject")
        if not here or (yearly and not self._is(item, item.receipt.year, self.year, "year")):
            return
        self.rival += self._amount(item)
        self.ended = self.ended or self.excludes

    def _for_another_year(self, item: Taken) -> bool:
        """Whether it says so: what else it leaves open then matters no more where only the year decided on counts."""
        return item.receipt.year is not None and item.receipt.year != self.year

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
