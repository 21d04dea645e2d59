"""An interview: asks only what can still change the outcome, what decides most money first, and says why it asks.

`Interview(engine, case)` holds a case that grows; `question()` is what to ask next, None when nothing more can change anything.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from conggao.engine.analysis.interview.search import Pair, Search
from conggao.engine.analysis.interview.trials import Open, put
from conggao.engine.decide import CaseLike, Engine
from conggao.engine.decision import Decision, yuan
from conggao.engine.language.tree import Constant
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.loading import read_case
from conggao.facts.models import Case
from conggao.facts.paths import Document, FactPath

Kind = Literal["fact", "title", "project", "service", "park"]
SUBJECTS: tuple[Kind, ...] = ("project", "service", "park")
_LISTS = {"project": ("projects", "P"), "service": ("services", "S")}
_FEN = 100


@dataclass(frozen=True, slots=True)
class Because:
    """A measure that the answer bears on; `most` is its cap in yuan where that is a fixed figure."""

    measure: str
    title: Text
    subject: str
    most: Decimal | None


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask. `key` names it: the path of a fact, `recognitions.TITLE` of a title, or `project`, `service`, `park`: is there
    another one? `because` lists the measures that it bears on, those that may pay most first."""

    key: str
    kind: Kind
    path: FactPath | None
    because: tuple[Because, ...]


Stake = tuple[int, Decimal]
"""How many open ends, and how many yuan besides, depend on an answer at most, by trial: it only orders questions."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A state to go back to, and what was asked then."""

    document: Document
    closed: frozenset[str]
    question: Question


class Interview:
    """A case that is asked for. Answers are checked as a case file is; one that cannot be changes nothing.

    `as_of` wins over the case's own; one of them is required. Raises InputFaults, as every decision does.
    """

    def __init__(self, engine: Engine, case: CaseLike, as_of: date | str | None = None) -> None:
        self.engine = engine
        decision = engine.decide(case, as_of, engine="exact")
        self.day = decision.as_of
        self.document: Document = decision.case.document()
        self.closed: frozenset[str] = frozenset()
        """What is not asked for again: not known, or answered in a way that a case file does not show."""
        self._steps: list[_Step] = []
        self._next: tuple[Question | None] | None = None
        self._idle: set[str] = set()
        """Facts found to change nothing. An answer about another may revive one, so before the end they are looked at again."""
        self._known: dict[tuple[tuple[str, str], frozenset[Open]], tuple[dict[Open, Any] | None, Stake]] = {}
        """What a pair takes and may pay, for as long as the same of its facts are open."""

    @property
    def case(self) -> Case:
        """What has been said so far."""
        return read_case(self.document, self.engine.vocabulary)

    def decide(self, lang: Lang = "zh") -> Decision:
        """The decision of what has been said so far."""
        return self.engine.decide(self.case, self.day, engine="exact", lang=lang)

    @property
    def asked(self) -> int:
        """How many questions have been answered."""
        return len(self._steps)

    # -- answering --------------------------------------------------------------------------------------------------------

    def answer(self, question: Question, value: Any) -> None:
        """Takes `value`, as a case file has it: of a title a year, true or false; of a subject its entry, or false for no more."""
        document, closed = self.document, self.closed
        if question.kind in SUBJECTS:
            document = self._with(question.kind, value) if value else document
            closed = closed | {question.key} if not value or question.kind == "park" else closed
        elif question.path is not None:
            title = str(question.path.entry) if question.kind == "title" else None
            document = put(document, Open(question.key, question.path, title), value)
            closed |= {question.key}
        case = read_case(document, self.engine.vocabulary)
        self.engine.decide(case, self.day, engine="exact")
        self._enter(question, case.document(), closed)

    def unknown(self, question: Question) -> None:
        """The answer is not known: the fact stays unknown and is not asked for again."""
        self._enter(question, self.document, self.closed | {question.key})

    def back(self) -> Question | None:
        """Takes the last answer back and gives its question; None at the beginning."""
        if not self._steps:
            return None
        step = self._steps.pop()
        self.document, self.closed = step.document, step.closed
        self._next = (step.question,)
        self._forget()
        return step.question

    def _enter(self, question: Question, document: Document, closed: frozenset[str]) -> None:
        self._steps.append(_Step(self.document, self.closed, question))
        self.document, self.closed, self._next = document, closed, None

    def _forget(self) -> None:
        self._idle.clear()
        self._known.clear()

    def _with(self, kind: Kind, entry: Mapping[str, Any]) -> Document:
        changed = copy.deepcopy(self.document)
        if kind == "park":
            changed["park"] = dict(entry)
        else:
            changed.setdefault(_LISTS[kind][0], []).append(dict(entry))
        return changed

    def free_id(self, kind: Kind) -> str:
        """The first id of the usual form that no project or service has: P1, P2 …"""
        key, letter = _LISTS[kind]
        taken = {str(item["id"]) for item in self.document.get(key, ())}
        return next(name for n in range(1, len(taken) + 2) if (name := f"{letter}{n}") not in taken)

    # -- asking -----------------------------------------------------------------------------------------------------------

    def question(self) -> Question | None:
        """What to ask next; None where no answer can change an outcome."""
        if self._next is None:
            self._next = (next(self._questions(), None),)
        return self._next[0]

    def _questions(self) -> Iterator[Question]:
        search = Search(self.engine, self.document, self.day, self.closed)
        yield from self._facts(search)
        if self._idle:
            self._forget()
            yield from self._facts(search)
        yield from self._subjects()

    def _facts(self, search: Search) -> Iterator[Question]:
        """Open facts worth asking for, those that decide most first."""
        known = {pair.key: self._looked_at(search, pair) for pair in search.pairs}
        bases = {key: base for key, (base, _) in known.items()}
        stakes = {key: stake for key, (_, stake) in known.items()}
        bearing: dict[Open, list[Pair]] = {}
        for pair in search.pairs:
            for item in search.open_of(pair):
                if item.key not in self._idle:
                    bearing.setdefault(item, []).append(pair)
        order = {item: index for index, item in enumerate(bearing)}

        def worth(item: Open) -> tuple[int, Decimal, int]:
            found = [stakes[pair.key] for pair in bearing[item]]
            return -sum(ends for ends, _ in found), -sum((money for _, money in found), Decimal(0)), order[item]

        for item in sorted(bearing, key=worth):
            pairs = sorted(bearing[item], key=lambda pair: stakes[pair.key], reverse=True)
            if any(search.witness(item, pair, bases[pair.key]) is not None for pair in pairs):
                # A measure that can no longer hold is no reason to ask.
                told = [pair for pair in pairs if bases[pair.key] is not None] or pairs
                yield self._made(item.key, "title" if item.title is not None else "fact", item.path, told)
            else:
                self._idle.add(item.key)

    def _looked_at(self, search: Search, pair: Pair) -> tuple[dict[Open, Any] | None, Stake]:
        """Values under which the pair holds, and what it may then pay."""
        key = pair.key, frozenset(search.open_of(pair))
        if key not in self._known:
            base = search.satisfied(pair)
            self._known[key] = base, self._stake(search, pair, base)
        return self._known[key]

    @staticmethod
    def _stake(search: Search, pair: Pair, base: Mapping[Open, Any] | None) -> Stake:
        if base is None or not search.open_of(pair):
            return 0, Decimal(0)
        outcome = search.most(pair, base)
        if outcome is None or outcome.standard is None:
            return 0, Decimal(0)
        high = outcome.standard.high
        return (1, outcome.standard.low) if high is None else (0, high)

    def _subjects(self) -> Iterator[Question]:
        """Whether there is another project, service or park, where some measure could then apply to it."""
        for kind in SUBJECTS:
            if kind in self.closed or (kind == "park" and "park" in self.document):
                continue
            found: dict[tuple[str, str], Pair] = {}
            for entry in self._blank(kind):
                trial = Search(self.engine, self._with(kind, entry), self.day, self.closed)
                name = "park" if kind == "park" else f"{kind}:{entry['id']}"
                for pair in trial.pairs:
                    if pair.subject == name and pair.key not in found and trial.satisfied(pair) is not None:
                        found[pair.key] = pair
            if found:
                yield self._made(kind, kind, None, list(found.values()))

    def _blank(self, kind: Kind) -> Iterator[dict[str, Any]]:
        """A subject of which nothing is known but what must be."""
        if kind == "park":
            yield {"id": "—"}
        elif kind == "project":
            yield {"id": self.free_id(kind)}
        else:
            for word in self.engine.vocabulary.words("kinds"):
                yield {"id": self.free_id(kind), "provider": "—", "kind": word}

    @staticmethod
    def _made(key: str, kind: Kind, path: FactPath | None, pairs: list[Pair]) -> Question:
        told = [
            Because(pair.compiled.measure.key, pair.compiled.measure.title, pair.subject, _cap(pair)) for pair in pairs
        ]
        return Question(key, kind, path, tuple(sorted(told, key=lambda item: -(item.most or 0))))


def _cap(pair: Pair) -> Decimal | None:
    """The cap of the measure in yuan, where it is a figure."""
    cap = pair.compiled.measure.cap
    if not isinstance(cap, Constant) or isinstance(cap.value, str | date):
        return None
    fen = cap.value * _FEN
    return yuan(int(fen)) if fen.denominator == 1 else None
