"""Rule coverage: which conditions the cases of a page have seen true, false and unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from conggao.engine.authoring.worked import Worked
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.program import Program
from conggao.engine.language.tree import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Choice,
    Derived,
    Fact,
    Node,
    Or,
    Recognised,
    walk,
)
from conggao.engine.language.types import Quantity
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.diagnostics import Lang

TRUTHS: tuple[bool | None, ...] = (True, False, None)


@dataclass(slots=True)
class Seen:
    """A condition and how often it was seen true, false and unknown. `depth` is 1 and more for a part of the one above it."""

    text: str
    line: int
    depth: int
    node: Node = field(repr=False)
    possible: tuple[bool | None, ...] = TRUTHS
    """Without None where nothing that is left out makes the condition unknown."""
    counts: dict[bool | None, int] = field(default_factory=lambda: dict.fromkeys(TRUTHS, 0))

    @property
    def never(self) -> tuple[bool | None, ...]:
        """The truths that no case has shown."""
        return tuple(truth for truth in self.possible if not self.counts[truth])


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure (`derived` False) or a derived truth and its conditions, in the order written."""

    name: str
    derived: bool
    conditions: tuple[Seen, ...]


def rule_coverage(policy: Policy, program: Program, cases: Sequence[Worked], lang: Lang) -> list[Rule]:
    """What the cases of `policy` have seen of each of its conditions: those of `when` and of tiers, of a choice in `pay` and `cap`,
    and every derived truth; an `and` or `or` also part by part.

    A condition that has no text of its own, such as a step of a table, is said in `lang`. A measure counts in the cases in which it is
    in force, once for each of its subjects; one that another page has amended does not.
    """
    spoken = _Spoken(program, lang)
    measures = {measure.key: (measure, tuple(_of_measure(measure, spoken))) for measure in policy.measures}
    derived = [
        (item, tuple(_parts(item.text, item.node, item.origin.line or item.block.line, spoken)))
        for item in program.derivations.values()
        if item.policy == policy.id and not isinstance(item.node.type, Quantity)
    ]
    for worked in cases:
        edition = worked.engine.edition(worked.decision.as_of)
        subjects = edition.program.subjects(worked.decision.case, worked.decision.as_of)
        frames = {subject.name: subject.frame for group in subjects.values() for subject in group}
        for outcome in worked.decision.outcomes:
            if outcome.measure in measures and outcome.status != "not_in_force" and outcome.subject is not None:
                standing = edition.rulebooks.find(outcome.measure)
                if standing is not None and not standing[1].amended:
                    _count(edition.program, measures[outcome.measure][1], frames[outcome.subject])
        for item, conditions in derived:
            for subject in subjects[item.subject]:
                _count(edition.program, conditions, subject.frame)
    rules = [Rule(item.name, True, conditions) for item, conditions in derived]
    return rules + [Rule(measure.id, False, conditions) for measure, conditions in measures.values() if conditions]


def _count(program: Program, conditions: Sequence[Seen], frame: Frame) -> None:
    for item in conditions:
        item.counts[program.compiler.truth(item.node)(frame)] += 1


def _of_measure(measure: Measure, spoken: _Spoken) -> Iterator[Seen]:
    for condition in measure.when:
        yield from _parts(condition.text, condition.node, condition.origin.line or measure.block.line, spoken)
    for node in (measure.amount, measure.cap):
        for part in () if node is None else walk(node):
            if isinstance(part, Choice):
                for branch, _ in part.branches:
                    yield Seen(spoken.say(branch), measure.block.line, 0, branch, spoken.possible(branch))


def _parts(text: str, node: Node, line: int, spoken: _Spoken, depth: int = 0) -> Iterator[Seen]:
    """A condition, and the parts of which it is an `and` or an `or`; each with its own words of `text`."""
    own = text[node.place.start : node.place.end] if depth else text
    yield Seen(own, line, depth, node, spoken.possible(node))
    if isinstance(node, And | Or):
        for item in node.items:
            yield from _parts(text, item, line, spoken, depth + 1)


class _Spoken:
    """How a program says conditions, and which of them can be unknown."""

    def __init__(self, program: Program, lang: Lang) -> None:
        self.vocabulary = program.vocabulary
        self.say: Callable[[Node], str] = program.renderer(lang).say

    def possible(self, node: Node) -> tuple[bool | None, ...]:
        """All three truths, or two where every fact of the condition means something when it is left out."""
        return TRUTHS if any(self._open(part) for part in walk(node)) else TRUTHS[:2]

    def _open(self, part: Node) -> bool:
        match part:
            case Fact(key=key):
                spec = self.vocabulary.find(key.subject, key.name)
                return key.period is not None or spec is None or spec.absent == "unknown"
            case Derived() | Recognised() | Aggregate() | Between():
                return True
            case Arithmetic(operator=operator):
                return operator == "/"
            case _:
                return False
