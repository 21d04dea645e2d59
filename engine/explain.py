"""Why: conditions with the values that made them true or false, the arithmetic from fact to amount, and the facts that are missing.

Made from the typed tree and the frames of a decision, with the closures that decided it, when someone reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from conggao.engine.decision import Condition
from conggao.engine.evaluate.compile import is_interval
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.layout import Frame
from conggao.engine.evaluate.program import Program
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

    # -- conditions -------------------------------------------------------------------------------------------------

    def condition(self, node: Node, subject: Subject) -> Condition:
        """`node` with its truth for `subject`, and what it compared with what."""
        truth = self.program.compiler.truth(node)(subject.frame)
        values: dict[str, Any] = {
            "text": self.renderer.text(node), "truth": truth, "value": None, "threshold": None, "distance": None, "finding": None,
            "parts": tuple([self.condition(part, subject) for part in self._parts(node)]),
        }  # fmt: skip
        if isinstance(node, Compare):
            left, right = node.left, node.right
            if isinstance(left.type, Quantity) and not (is_interval(left) or is_interval(right)):
                values |= self._comparison(node, subject, truth)
        return Condition.of(values)

    def _comparison(self, node: Compare, subject: Subject, truth: bool | None) -> dict[str, Any]:
        """Fact against figure, whichever way round it is written."""
        written = node
        if isinstance(node.left, Constant):
            node = Compare(FLIPPED[node.comparator], node.right, node.left)
        left, right = self._quantity(node.left, subject.frame), self._quantity(node.right, subject.frame)
        kind = node.left.type
        assert isinstance(kind, Quantity)
        said: dict[str, Any] = {}
        if left is not None:
            said["value"] = self.renderer.quantity(left, kind, like=written)
        if right is not None:
            said["threshold"] = self.renderer.quantity(right, kind, like=written)
        if left is not None and right is not None and node.comparator not in ("==", "!="):
            said["distance"] = self.renderer.quantity(abs(right - left), kind, like=written)
        if left is not None and right is not None:
            lacking = said.get("distance") if truth is False and left != right else None
            said["finding"] = self.renderer.finding(node, said["value"], said["threshold"], lacking)
        return said

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
