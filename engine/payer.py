"""The money alone, as fast as it can be had: for loops over very many cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from conggao.engine.claims import Claims, build
from conggao.engine.evaluate.exact import evaluate
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure, Program
from conggao.engine.evaluate.record import Record
from conggao.engine.evaluate.written import Due, due
from conggao.engine.resolve import Award, Claim, Resolution, resolve
from conggao.engine.resolve.model import Key, Later, Order, natural
from conggao.engine.rulebook.model import Policy
from conggao.facts.models import Case


@dataclass(frozen=True, slots=True)
class _Entitlement:
    """A measure with its generated function. `alone`: no other measure pays for any of its lines; `line`: its only line, where all
    measures that pay for it are of this kind; `settled`: they also all pay the same recipient from the same level of government, so
    that the greatest amount on the line is the best plan, and of equals the one of the least `order`."""

    key: str
    subject: str
    recipient: str
    due: Due
    alone: bool
    line: str | None
    settled: bool
    order: tuple[Order, Order]
    claim: Callable[[Subject, int], Claim]


_Due = tuple[int, _Entitlement, Subject]
"""So many fen, under which measure and for whom."""


class Payer:
    """Pays the claims of cases in which nothing was received and nothing is assessed. Says no reasons."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def _plan(self) -> list[tuple[Policy, list[_Entitlement], list[CompiledMeasure]]]:
        """Of each policy the measures that are written out as functions, and those that are not."""
        listed = [(policy, compiled) for policy, measures in self.program.policies for compiled in measures]
        apart = self.program.relations.entangled(self.program.rulebooks.policies)
        written: dict[str, Due | None] = {}
        users: dict[str, list[tuple[Policy, CompiledMeasure]]] = {}
        for policy, compiled in listed:
            key = compiled.measure.key
            written[key] = None if key in apart else due(compiled.measure, self.program.compiler)
            for line in compiled.lines:
                users.setdefault(line, []).append((policy, compiled))
        closed = {
            line
            for line, found in users.items()
            if all(written[item.measure.key] is not None and len(item.lines) == 1 for _, item in found)
        }
        settled = {
            line
            for line, found in users.items()
            if len({(policy.level, item.measure.recipient) for policy, item in found}) == 1
        }
        made: list[tuple[Policy, list[_Entitlement], list[CompiledMeasure]]] = []
        for policy, measures in self.program.policies:
            quick: list[_Entitlement] = []
            rest: list[CompiledMeasure] = []
            for compiled in measures:
                measure, lines = compiled.measure, compiled.lines
                function = written[measure.key]
                if measure.kind not in ("pay", "up_to"):
                    continue
                if function is None:
                    rest.append(compiled)
                    continue
                only = lines[0] if len(lines) == 1 and lines[0] in closed else None
                quick.append(
                    _Entitlement(
                        key=measure.key,
                        subject=measure.subject or "enterprise",
                        recipient=measure.recipient,
                        due=function,
                        alone=all(len(users[name]) == 1 for name in lines),
                        line=only,
                        settled=only in settled,
                        order=compiled.order,
                        claim=_claimer(policy, compiled),
                    )
                )
            made.append((policy, quick, rest))
        return made

    def pay(self, case: Case, day: date, outside: Collection[str]) -> Resolution | None:
        """The awards of all eligible claims; those that share a line or a cap go through the resolver. None where a ceiling may hold."""
        subjects = self.program.subjects(case, day)
        for ceiling in self.program.ceilings:
            if ceiling.policy.id not in outside and any(
                ceiling.truth(subject.frame) is not False
                for subject in subjects[ceiling.measure.subject or "enterprise"]
            ):
                return None
        awards: dict[Key, Award] = {}
        sure: list[_Due] = []
        rivals: dict[tuple[str, str], list[_Due]] = {}
        claims: list[Claim] = []
        others: list[tuple[Policy, Record]] = []
        for policy, quick, rest in self._plan:
            if policy.id in outside:
                continue
            for item in quick:
                for subject in subjects[item.subject]:
                    fen = item.due(subject.frame)
                    if fen is None:
                        continue
                    if item.alone:
                        sure.append((fen, item, subject))
                    elif item.line is not None:
                        rivals.setdefault((subject.name, item.line), []).append((fen, item, subject))
                    else:
                        claims.append(item.claim(subject, fen))
            if rest:
                others += [(policy, record) for record in evaluate(rest, subjects) if record.standard is not None]
        for found in rivals.values():
            if len(found) == 1:
                sure += found
            elif found[0][1].settled:
                sure.append(_greatest(found, awards))
            else:
                claims += [item.claim(subject, fen) for fen, item, subject in found]
        paid: dict[str, int] = {}
        for fen, item, subject in sure:
            awards[item.key, subject.name] = Award("granted", fen, fen)
            paid[item.recipient] = paid.get(item.recipient, 0) + fen
        totals: dict[str, tuple[int, int | None]] = {recipient: (fen, fen) for recipient, fen in paid.items()}
        if not claims and not others:
            return Resolution(awards, totals, plan=Later(lambda: self._in_order(sure)), naive=paid.get("enterprise", 0))
        own = paid.get("enterprise", 0)
        built = build(others, case, (), day, self.program.relations) if others else Claims()
        resolution = resolve([*claims, *built.claims], built.caps)
        awards |= resolution.awards
        for recipient, (low, high) in resolution.totals.items():
            before = paid.get(recipient, 0)
            totals[recipient] = before + low, None if high is None else before + high

        return Resolution(
            awards,
            totals,
            resolution.proven,
            None if resolution.bound is None else own + resolution.bound,
            Later(lambda: self._in_order(sure, resolution.plan)),
            # What was settled line by line is what a choice line by line takes.
            Later(lambda: own + (resolution.naive or 0)),
        )

    def _in_order(self, sure: Sequence[_Due], others: Sequence[Key] = ()) -> tuple[Key, ...]:
        """The claims that are paid, in the natural order of (policy, measure, subject)."""
        order = {compiled.measure.key: compiled.order for _, measures in self.program.policies for compiled in measures}
        keys = [*others, *((item.key, subject.name) for _, item, subject in sure)]
        return tuple(sorted(keys, key=lambda key: (*order[key[0]], natural(key[1]))))


def _greatest(found: Sequence[_Due], awards: dict[Key, Award]) -> _Due:
    """The best of the entitlements on one line, all of which pay the same recipient from the same level; `awards` takes the others."""
    best = found[0]
    for entry in found[1:]:
        if entry[0] > best[0] or (entry[0] == best[0] and entry[1].order < best[1].order):
            best = entry
    instead = ((best[1].key, best[2].name),)
    for fen, item, subject in found:
        if item is not best[1]:
            awards[item.key, subject.name] = Award("superseded", 0, 0, instead, best[0] - fen)
    return best


def _claimer(policy: Policy, compiled: CompiledMeasure) -> Callable[[Subject, int], Claim]:
    measure = compiled.measure

    def claim(subject: Subject, fen: int) -> Claim:
        who = subject.name
        lines = tuple((who, name) for name in compiled.lines)
        return Claim(
            measure.key, who, (*compiled.order, natural(who)), fen, fen, lines, measure.recipient, policy.level
        )

    return claim
