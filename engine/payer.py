"""The money alone, as fast as it can be had: for loops over very many cases."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from conggao.engine.claims import Claims, build
from conggao.engine.evaluate.exact import evaluate
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure, Program
from conggao.engine.evaluate.written import Due, due
from conggao.engine.resolve import Award, Claim, Resolution, resolve
from conggao.engine.resolve.model import natural
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.models import Case


@dataclass(frozen=True, slots=True)
class _Entitlement:
    """A measure with its generated function. `alone`: no other measure pays for any of its lines; `line`: its only line, where all
    measures that pay for it are of this kind."""

    measure: Measure
    due: Due
    alone: bool
    line: str | None
    claim: Callable[[Subject, int], Claim]


class Payer:
    """Pays the claims of cases in which nothing was received and nothing is assessed. Says no reasons."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def _plan(self) -> list[tuple[Policy, list[_Entitlement], list[CompiledMeasure]]]:
        users: dict[str, int] = {}
        for _, measures in self.program.policies:
            for compiled in measures:
                for line in compiled.measure.lines:
                    users[line.name] = users.get(line.name, 0) + 1
        apart = self.program.relations.entangled(self.program.rulebooks.policies)
        written = {
            compiled.measure.key: None
            if compiled.measure.key in apart
            else due(compiled.measure, self.program.compiler)
            for _, measures in self.program.policies
            for compiled in measures
        }
        open_lines = {
            line.name
            for _, measures in self.program.policies
            for compiled in measures
            for line in compiled.measure.lines
            if written[compiled.measure.key] is None or len(compiled.measure.lines) > 1
        }
        made: list[tuple[Policy, list[_Entitlement], list[CompiledMeasure]]] = []
        for policy, measures in self.program.policies:
            quick: list[_Entitlement] = []
            rest: list[CompiledMeasure] = []
            for compiled in measures:
                measure = compiled.measure
                if measure.kind not in ("pay", "up_to"):
                    continue
                function = written[measure.key]
                if function is None:
                    rest.append(compiled)
                else:
                    alone = all(users[line.name] == 1 for line in measure.lines)
                    names = [line.name for line in measure.lines]
                    only = names[0] if len(names) == 1 and names[0] not in open_lines else None
                    quick.append(_Entitlement(measure, function, alone, only, _claimer(policy, measure)))
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
        awards: dict[tuple[str, str], Award] = {}
        paid: dict[str, int] = {}
        claims: list[Claim] = []
        rivals: dict[tuple[str, str], list[tuple[_Entitlement, Subject, int]]] = {}
        others = []
        for policy, quick, rest in self._plan:
            if policy.id in outside:
                continue
            for item in quick:
                measure = item.measure
                for subject in subjects[measure.subject or "enterprise"]:
                    fen = item.due(subject.frame)
                    if fen is None:
                        continue
                    if item.alone:
                        awards[measure.key, subject.name] = Award("granted", fen, fen)
                        paid[measure.recipient] = paid.get(measure.recipient, 0) + fen
                    elif item.line is not None:
                        rivals.setdefault((subject.name, item.line), []).append((item, subject, fen))
                    else:
                        claims.append(item.claim(subject, fen))
            if rest:
                others += [(policy, record) for record in evaluate(rest, subjects) if record.standard is not None]
        for found in rivals.values():
            if len(found) > 1:
                claims += [item.claim(subject, fen) for item, subject, fen in found]
            else:
                item, subject, fen = found[0]
                awards[item.measure.key, subject.name] = Award("granted", fen, fen)
                paid[item.measure.recipient] = paid.get(item.measure.recipient, 0) + fen
        totals: dict[str, tuple[int, int | None]] = {recipient: (fen, fen) for recipient, fen in paid.items()}
        proven = True
        if claims or others:
            built = build(others, case, (), day, self.program.relations) if others else Claims()
            resolution = resolve([*claims, *built.claims], built.caps)
            awards |= resolution.awards
            proven = resolution.proven
            for recipient, (low, high) in resolution.totals.items():
                before = paid.get(recipient, 0)
                totals[recipient] = before + low, None if high is None else before + high
        return Resolution(awards, totals, proven)


def _claimer(policy: Policy, measure: Measure) -> Callable[[Subject, int], Claim]:
    first = natural(policy.id), natural(measure.id)
    names = tuple(line.name for line in measure.lines)

    def claim(subject: Subject, fen: int) -> Claim:
        who = subject.name
        lines = tuple((who, name) for name in names)
        return Claim(measure.key, who, (*first, natural(who)), fen, fen, lines, measure.recipient, policy.level)

    return claim
