"""Why: conditions with the values that made them true or false, the arithmetic from fact to amount, and the facts that are missing.

Made from the typed tree and the frames of a decision, with the closures that decided it, when someone reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from conggao.engine.decision import Condition
from conggao.engine.evaluate.compile import is_interval
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.numbers import Number
from conggao.engine.evaluate.program import Program
from conggao.engine.evaluate.truths import Truth
from conggao.engine.language.render import Renderer
from conggao.engine.language.tree import (
    FLIPPED,
    Aggregate,
    And,
    Arithmetic,
    Choice,
    Compare,
    Constant,
    Contains,
    Derived,
    Fact,
    FactKey,
    Node,
    Not,
    Or,
    Recognised,
    children,
    walk,
)
from conggao.engine.language.types import TRUTH, Quantity
from conggao.facts.diagnostics import Lang
from conggao.facts.models import Recognition


class _Compared(NamedTuple):
    """A comparison of quantities, the fact on the left."""

    node: Compare
    kind: Quantity
    left: Number
    right: Number


class _Asked(NamedTuple):
    """What of a condition is the same for every case. `common`: whether it is only about the enterprise."""

    node: Node
    text: str
    truth: Truth
    common: bool
    parts: tuple[Node, ...]
    compared: _Compared | None


class Explainer:
    """Explains what a program found of the subjects of one case, in one language."""

    def __init__(
        self,
        program: Program,
        subjects: Mapping[str, Sequence[Subject]],
        as_of: date,
        lang: Lang,
        titles: Sequence[Recognition] = (),
    ) -> None:
        self.program = program
        self.titles = titles
        self.subjects = subjects
        self.year = as_of.year - 1
        self.renderer = program.renderer(lang)
        self._asked: dict[int, _Asked] = program.asked(lang)
        self._conditions: dict[tuple[int, str | None], Condition] = {}

    # -- conditions -------------------------------------------------------------------------------------------------

    def condition(self, node: Node, subject: Subject) -> Condition:
        """`node` with its truth for `subject`, and what it compared with what."""
        asked = self._asked.get(id(node)) or self._ask(node)
        key = id(node), None if asked.common else subject.name
        known = self._conditions.get(key)
        if known is None:
            # Many measures ask the same, and what an enterprise is it is for all its projects.
            known = self._conditions[key] = self._condition(asked, subject)
        return known

    def _condition(self, asked: _Asked, subject: Subject) -> Condition:
        truth = asked.truth(subject.frame)
        value = threshold = distance = finding = None
        if asked.compared is not None:
            value, threshold, distance, finding = self._comparison(asked.compared, asked.node, subject.frame, truth)
        condition = self.condition
        return Condition.of(
            {
                "text": asked.text, "truth": truth, "value": value, "threshold": threshold, "distance": distance, "finding": finding,
                "parts": tuple([condition(part, subject) for part in asked.parts]) if asked.parts else (),
            }
        )  # fmt: skip

    def _comparison(
        self, compared: _Compared, written: Node, frame: Frame, truth: bool | None
    ) -> tuple[str | None, ...]:
        """Value, threshold, distance and finding."""
        node, kind, ratio = compared.node, compared.kind, self.renderer.ratio
        left, right = compared.left.ratio(frame), compared.right.ratio(frame)
        value = None if left is None else ratio(*left, kind, written)
        threshold = None if right is None else ratio(*right, kind, written)
        if left is None or right is None or value is None or threshold is None:
            return value, threshold, None, None
        apart = abs(right[0] * left[1] - left[0] * right[1])
        distance = None if node.comparator in ("==", "!=") else ratio(apart, left[1] * right[1], kind, written)
        lacking = distance if truth is False and apart else None
        return value, threshold, distance, self.renderer.finding(node, value, threshold, lacking)

    def _ask(self, node: Node) -> _Asked:
        """Reads a condition of the rules for the first time."""
        program, compared = self.program, None
        if (
            isinstance(node, Compare)
            and isinstance(node.left.type, Quantity)
            and not (is_interval(node.left) or is_interval(node.right))
        ):
            # Fact against figure, whichever way round it is written.
            turned = isinstance(node.left, Constant)
            fact = Compare(FLIPPED[node.comparator], node.right, node.left) if turned else node
            number = program.compiler.number
            assert isinstance(fact.left.type, Quantity)
            compared = _Compared(fact, fact.left.type, number(fact.left), number(fact.right))
        truth, parts = program.compiler.truth(node), tuple(self._parts(node))
        made = _Asked(node, self.renderer.text(node), truth, program.common(node), parts, compared)
        self._asked[id(node)] = made
        return made

    def _parts(self, node: Node) -> Iterator[Node]:
        """What a condition is made of: the items of an `and` or `or`, the definition of a derived fact."""
        match node:
            case And(items=items) | Or(items=items):
                yield from items
            case Not(item=item):
                yield item
            case Derived(name=name, subject=owner):
                definition = self.program.derivations[(owner, name)].node
                if not isinstance(definition.type, Quantity):
                    yield definition

    def _quantity(self, node: Node, frame: Frame) -> Fraction | None:
        return self.program.compiler.number(node).value(frame)

    # -- amounts ----------------------------------------------------------------------------------------------------

    def arithmetic(self, node: Node, subject: Subject) -> str:
        """`10% × 上年度研发费用 = 10% × 12,000,000 元 = 1,200,000 元`; of a choice, the branch that holds."""
        if isinstance(node, Choice):
            truth = self.program.compiler.truth
            for condition, chosen in node.branches:
                if truth(condition)(subject.frame):
                    colon = "：" if self.renderer.lang == "zh" else ": "
                    return f"{self.renderer.text(condition)}{colon}{self.arithmetic(chosen, subject)}"
            return self.arithmetic(node.otherwise, subject)
        formula = self.renderer.text(node)
        with_values = _Substituting(self.program, self.renderer, subject).say(node)
        parts = [formula] if with_values == formula else [formula, with_values]
        if not is_interval(node):
            value = self._quantity(node, subject.frame)
            if value is not None and isinstance(node.type, Quantity):
                result = self.renderer.quantity(value, node.type)
                parts += [result] if parts[-1] != result else []
        return " = ".join(parts)

    # -- what is missing --------------------------------------------------------------------------------------------

    def missing(self, nodes: Sequence[Node], subject: Subject) -> tuple[str, ...]:
        """The paths of the facts that would settle the unknown ones among `nodes`."""
        found: set[str] = set()
        for node in nodes:
            self._unknown(node, subject, found)
        return tuple(sorted(found))

    def _unknown(self, node: Node, subject: Subject, found: set[str]) -> None:
        frame = subject.frame
        compiler = self.program.compiler
        flat = self.program.flat(node)
        if flat is not None:
            if node.type != TRUTH or compiler.truth(node)(frame) is None:
                found.update(path(key, subject, self.year) for slot, key in flat if frame[slot] is None)
            return
        match node:
            case Recognised():
                if compiler.truth(node)(frame) is None:
                    found.update(self._untold(node))
            case Derived(name=name, subject=owner):
                if frame[self.program.layout.slot(node)] is None:
                    self._unknown(self.program.derivations[(owner, name)].node, subject, found)
            case And() | Or() | Not():
                if compiler.truth(node)(frame) is None:
                    for item in children(node):
                        self._unknown(item, subject, found)
            case Compare() | Contains():
                if compiler.truth(node)(frame) is None:
                    for item in children(node):
                        self._unknown(item, subject, found)
            case Choice(branches=branches, otherwise=otherwise):
                for condition, value in branches:
                    self._unknown(condition, subject, found)
                    self._unknown(value, subject, found)
                self._unknown(otherwise, subject, found)
            case Aggregate(over=over, body=body) if body is not None:
                for inner in self.subjects[over]:
                    self._unknown(body, inner, found)
            case Arithmetic(operator="/", left=left, right=right):
                self._unknown(left, subject, found)
                self._unknown(right, subject, found)
                if self._quantity(right, frame) == 0:
                    self._zero(right, subject, found)
            case _:
                for item in children(node):
                    self._unknown(item, subject, found)

    def _untold(self, node: Recognised) -> Iterator[str]:
        """What the titles held do not say and the condition asks: the year, the level."""
        for item in self.titles:
            if item.title != node.title:
                continue
            if node.since is not None and item.year is None:
                yield f"recognitions.{node.title}.year"
            if node.level is not None and item.level is None:
                yield f"recognitions.{node.title}.level"

    def _zero(self, node: Node, subject: Subject, found: set[str]) -> None:
        """A divisor of zero settles nothing either: the facts in it that are zero, or all of them where none is."""
        slot = self.program.layout.slot
        facts = [item for item in self._opened(node) if isinstance(item, Fact)]
        zeros = [item for item in facts if subject.frame[slot(item)] == 0]
        found.update(path(item.key, subject, self.year) for item in zeros or facts)

    def _opened(self, node: Node) -> Iterator[Node]:
        for item in walk(node):
            if isinstance(item, Derived):
                yield from self._opened(self.program.derivations[(item.subject, item.name)].node)
            else:
                yield item


def path(key: FactKey, subject: Subject, year: int) -> str:
    """A fact as `--set` names it: `enterprise.industry`, `latest.rd_expense`, `projects.P1.floor_area`, `park.latest.…`,
    `parameters.NAME.YEAR`. `year` is that of `latest`."""
    match key.subject:
        case "parameter":
            return f"parameters.{key.name}.{year}"
        case "enterprise":
            return f"{key.period or 'enterprise'}.{_stated(key.name)}"
        case "park":
            return f"park.{key.period}.{key.name}" if key.period else f"park.{key.name}"
        case kind:
            return f"{kind}s.{subject.id}.{key.name}"


def _stated(name: str) -> str:
    """`division` is read off `industry`, which is what a case states."""
    return "industry" if name == "division" else name


class _Substituting(Renderer):
    """Says an expression with the values of its facts in place of their names."""

    def __init__(self, program: Program, like: Renderer, subject: Subject) -> None:
        super().__init__(like.vocabulary, like.derived, like.lang)
        self.program = program
        self.subject = subject

    def say(self, node: Node) -> str:
        if isinstance(node, Fact | Derived) and isinstance(node.type, Quantity) and not is_interval(node):
            value = self.program.compiler.number(node).value(self.subject.frame)
            if value is not None:
                return self.quantity(value, node.type)
        return super().say(node)
