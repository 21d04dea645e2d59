"""Seek: what is nearest. For each measure that is not met, or that pays less than it could, the smallest change that would help.

`seek(engine, case)` decides every change before it proposes it; what it says a change brings is what the decision of the changed case says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.seek.frames import Frames
from conggao.engine.analysis.seek.moves import Move, plain
from conggao.engine.analysis.seek.reasons import Why, hindrance, reasons, told
from conggao.engine.analysis.seek.search import Found, Search
from conggao.engine.claims import assessments
from conggao.engine.decide import CaseLike, Engine
from conggao.engine.decision import Decision, Outcome, Range, Status
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.units import unit_symbol

APPLIES = ("granted", "contingent", "superseded", "received", "exhausted", "service")
"""Statuses of a measure whose conditions hold."""
_LESS = ("superseded", "contingent", "exhausted", "received")


@dataclass(frozen=True, slots=True)
class Changed:
    """One fact of a proposal. `fact` is its name and `set` the text that `--set` takes; `before` and `after` are its values in words.

    `change` is how far a quantity moves, in base units of `unit` (yuan, tonnes, nothing for counts), else None. `held` says why the
    enterprise cannot move the fact itself, None where it can.
    """

    fact: str
    label: str
    before: str
    after: str
    set: tuple[str, ...]
    change: Decimal | None
    unit: str
    held: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of one fact or two, and what the decision of the changed case says.

    `gain` is what the enterprise surely has more in all, in yuan; `upside` what it may have more at the most, None where that has no end.
    `amount` is what the measure then pays to its `recipient`. `ratio` is the gain by unit of the change: yuan by yuan of money, else yuan
    by unit, or by flag or word set; None where two facts of different units change. `reasons` say what stood in the way, then how the
    amount is reckoned. `begins`: a fact that is nothing need only become one unit, such as one fen, so that the gain says little.
    """

    measure: str
    subject: str
    title: str
    was: Status
    becomes: Status
    changes: tuple[Changed, ...]
    gain: Decimal
    upside: Decimal | None
    amount: Range | None
    recipient: str | None
    ratio: Fraction | None
    superseded_by: tuple[str, ...]
    reasons: tuple[str, ...]
    begins: bool


@dataclass(frozen=True, slots=True)
class Hindered:
    """A measure that no change of one or two facts helps. `why` is a code; `text` says it; `facts` stand in the way, or are missing."""

    measure: str
    subject: str | None
    title: str
    status: Status
    why: Why
    text: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """What is nearest: `proposals`, the most worthwhile first, and what is `hindered`. `decision` is that of the case as it stands."""

    decision: Decision
    proposals: tuple[Proposal, ...]
    hindered: tuple[Hindered, ...]


def seek(
    engine: Engine,
    case: CaseLike,
    measure: str | None = None,
    as_of: date | str | None = None,
    everything: bool = False,
    lang: Lang = "zh",
) -> Sought:
    """The smallest changes that would make measures apply or pay more; of one `measure` only where it is named.

    `everything` also proposes changes of facts that the enterprise cannot move itself. Proposals come by what they surely bring, then by
    what they may bring, the fewer facts first. Raises InputFaults: a fault of the case, or a measure that is not there.
    """
    probe = Probe(engine, case, as_of)
    key = None if measure is None else _key(engine, measure, probe.day)
    decision = probe.decide({}, lang)
    finder = _Finder(probe, decision, everything)
    proposals: list[Proposal] = []
    hindered: list[Hindered] = []
    for outcome in decision.outcomes:
        if outcome.status != "programme" and key in (None, outcome.measure):
            found = finder.proposals(outcome)
            proposals += found
            if not found and (known := finder.hindrance(outcome, asked=key is not None)):
                hindered.append(known)
    return Sought(decision, tuple(sorted(proposals, key=_rank)), tuple(hindered))


def _key(engine: Engine, name: str, day: date) -> str:
    books = engine.edition(day).rulebooks
    found = books.find(name)
    if found is not None:
        return found[1].key
    message, hint = books.not_found(name)
    raise InputFaults([Diagnostic("case/unknown-measure", message, help=hint)])


def _rank(item: Proposal) -> tuple[Any, ...]:
    open_end = item.amount is not None and item.amount.high is None
    return (
        -item.gain,
        not open_end,
        Decimal(0) if item.upside is None else -item.upside,
        item.becomes == "superseded",
        len(item.changes),
        0 if item.ratio is None else -item.ratio,
    )


class _Finder:
    """Turns what the search finds for an outcome into proposals, each decided."""

    def __init__(self, probe: Probe, decision: Decision, everything: bool) -> None:
        self.probe, self.decision, self.everything = probe, decision, everything
        program = probe.engine.edition(probe.day).program
        self.compiled: Mapping[str, CompiledMeasure] = {
            item.measure.key: item for _, measures in program.policies for item in measures
        }
        self.frames = Frames(program, probe.case, probe.day)
        self._refrained = False
        """Whether the search for the last outcome left a fact alone that the enterprise cannot move."""
        self.search = Search(self.frames, probe, probe.money({}))
        self.assessed = assessments(probe.case, program.rulebooks)
        self.renderer = program.renderer(decision.lang)

    def proposals(self, outcome: Outcome) -> list[Proposal]:
        """What would help, decided; nothing for what needs no help or what facts decide nothing of."""
        self._refrained = False
        found = self._found(outcome, self._movable)
        if self.everything:
            known = [[(move.name, move.after) for move in moves] for moves in found]
            every = self._found(outcome, lambda _: True) if self._refrained else []
            self._refrained = False
            found += [moves for moves in every if [(move.name, move.after) for move in moves] not in known]
        made = [self._decided(outcome, moves) for moves in found]
        return [item for item in made if item is not None]

    def _movable(self, move: Move) -> bool:
        self._refrained |= move.held is not None
        return move.held is None

    def _found(self, outcome: Outcome, allowed: Callable[[Move], bool]) -> Found:
        compiled, subject = self.compiled[outcome.measure], self._subject(outcome)
        if subject is None:
            return []
        if outcome.status == "unmet":
            return [] if self._refused(outcome) else self.search.qualifying(compiled, subject, allowed)
        if outcome.status in _LESS or self._capped(outcome):
            return self.search.paying_more(compiled, subject, allowed)
        return []

    def _refused(self, outcome: Outcome) -> bool:
        return self.assessed.get((outcome.measure, str(outcome.subject))) == 0

    def _subject(self, outcome: Outcome) -> Subject | None:
        return None if outcome.subject is None else self.frames.subject(outcome.subject)

    def _capped(self, outcome: Outcome) -> bool:
        """Whether a granted claim is paid less than its conditions and rates would bring: cut by a cap, a ceiling or money received."""
        if outcome.status != "granted" or outcome.amount is None or outcome.standard is None:
            return False
        if (outcome.amount.low, outcome.amount.high) != (outcome.standard.low, outcome.standard.high):
            return True
        compiled, subject = self.compiled[outcome.measure], self._subject(outcome)
        assert subject is not None
        ends = None if compiled.own_cap is None else compiled.own_cap(subject.frame)
        return ends is not None and Range.fen(*ends).high == outcome.standard.high

    def _decided(self, outcome: Outcome, moves: Sequence[Move]) -> Proposal | None:
        """The changed case decided; None where it turns out otherwise than the search expected."""
        try:
            after = self.probe.decide(dict(pair for move in moves for pair in move.writes), self.decision.lang)
        except InputFaults:
            return None
        assert outcome.subject is not None
        then = next(
            (item for item in after.outcomes if (item.measure, item.subject) == (outcome.measure, outcome.subject)),
            None,
        )
        if then is None or then.status not in APPLIES:
            return None
        begins = any(move.unit is not None and move.before == 0 and move.count == 1 for move in moves)
        now, total = self.decision.totals["enterprise"], after.totals["enterprise"]
        gain = total.low - now.low
        return Proposal(
            outcome.measure,
            outcome.subject,
            outcome.title,
            outcome.status,
            then.status,
            tuple(self._changed(move) for move in moves),
            gain,
            None if total.high is None or now.high is None else total.high - now.high,
            then.amount,
            then.recipient,
            _ratio(gain, moves),
            then.superseded_by,
            reasons(outcome, then, self._formula(outcome) if begins else None, self.decision.lang),
            begins,
        )

    def _formula(self, outcome: Outcome) -> str | None:
        amount = self.compiled[outcome.measure].measure.amount
        return None if amount is None else self.renderer.text(amount)

    def _changed(self, move: Move) -> Changed:
        lang = self.decision.lang
        change = None if move.change is None else Decimal(plain(move.change))
        unit = "" if move.spec is None else unit_symbol(move.spec.dimension, lang)
        said = told(move, self.renderer)
        held = None if move.held is None else move.held.of(lang)
        return Changed(move.name, said.label, said.before, said.after, said.set, change, unit, held)

    # -- why nothing helps --------------------------------------------------------------------------------------------

    def hindrance(self, outcome: Outcome, asked: bool) -> Hindered | None:
        """Why no change helps; None for what needs none, unless it was `asked` for."""
        settled = outcome.status in ("granted", "service") and not self._capped(outcome)
        if settled and not asked:
            return None
        unknown = self.search.moves.unknown
        stuck: dict[str, Text] = {}
        unknown.clear()
        beyond: Found = [] if settled or not self._refrained else self._found(outcome, lambda _: True)
        if outcome.status == "unmet" and not beyond and not self._refused(outcome):
            subject = self._subject(outcome)
            assert subject is not None
            compiled = self.compiled[outcome.measure]
            unknown.update(self.search.lacking(compiled, subject))
            stuck = {move.name: move.held for move in self.search.first(compiled, subject) if move.held is not None}
        why, text, facts = hindrance(
            outcome,
            beyond,
            unknown,
            stuck,
            self.decision.lang,
            settled=settled,
            refused=self._refused(outcome),
        )
        return Hindered(outcome.measure, outcome.subject, outcome.title, outcome.status, why, text, facts)


def _ratio(gain: Decimal, moves: Sequence[Move]) -> Fraction | None:
    """Yuan gained by unit of change; None where units differ or nothing is gained to be divided."""
    changes = [move.change for move in moves]
    kinds = {None if move.spec is None or move.unit is None else move.spec.dimension for move in moves}
    if all(change is None for change in changes):
        return Fraction(gain) / len(moves)
    if len(kinds) > 1 or any(change is None for change in changes):
        return None
    far = sum((abs(change) for change in changes if change is not None), Fraction(0))
    return Fraction(gain) / far if far else None
