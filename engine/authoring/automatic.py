"""Whether a measure could be granted without an application (免申即享), its scope, standard and data being objective and at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from conggao.engine.evaluate.program import Program
from conggao.engine.language.scope import REPORTS
from conggao.engine.language.tree import Aggregate, Derived, Fact, FactKey, Node, Recognised, walk
from conggao.engine.language.types import Quantity
from conggao.engine.rulebook.model import Measure
from conggao.facts.diagnostics import Text
from conggao.facts.holders import LABELS, Holder

Part = Literal["scope", "standard", "data"]
PARTS: tuple[Part, ...] = ("scope", "standard", "data")
PART_LABELS = {"scope": Text("范围", "scope"), "standard": Text("标准", "standard"), "data": Text("数据", "data")}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way: of scope, standard or data; in words, with the facts (`latest.rd_expense`) where it lies in facts."""

    part: Part
    text: Text
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Automatic:
    """A measure that gives something: the facts that it reads with who holds them, and what stands in the way."""

    sources: tuple[tuple[str, Holder], ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def possible(self) -> bool:
        return not self.obstacles

    def lacks(self, part: Part) -> tuple[Obstacle, ...]:
        return tuple(item for item in self.obstacles if item.part == part)


def automatic(measure: Measure, program: Program) -> Automatic | None:
    """What is needed to grant `measure` unasked; None for one that gives nothing to anyone of its own (`Measure.idle`).

    The scope is objective where no fact of its conditions is judged by an authority and nothing of the clause was left unmodelled; the
    standard where the amount is no interval and none of its facts is judged; the data are at hand where no fact is handed in.
    """
    if measure.idle:
        return None
    scope = list(_facts((condition.node for condition in measure.when), program))
    nodes = [node for node in (measure.amount, measure.cap) if node is not None]
    standard = list(_facts(nodes, program))
    held = {key: _holder(key, program) for key in dict.fromkeys([*scope, *standard, *_own(measure)])}
    titles: tuple[tuple[str, Holder], ...] = (("recognitions", "register"),) if _titles(measure, program) else ()
    return Automatic(
        (*((path(key), holder) for key, holder in held.items()), *titles),
        tuple(_obstacles(measure, nodes, scope, standard, held, program)),
    )


def _obstacles(
    measure: Measure,
    nodes: list[Node],
    scope: list[FactKey],
    standard: list[FactKey],
    held: dict[FactKey, Holder],
    program: Program,
) -> Iterator[Obstacle]:
    judged = {key for key, holder in held.items() if holder == "authority"}
    for part, keys in (("scope", scope), ("standard", standard)):
        found = [key for key in dict.fromkeys(keys) if key in judged]
        if found:
            yield Obstacle(
                "scope" if part == "scope" else "standard", _named(found, "authority", program), _paths(found)
            )
    if measure.not_modelled:
        zh, en = "、".join(measure.not_modelled), ", ".join(measure.not_modelled)
        yield Obstacle("scope", Text(f"条文有未建模的：{zh}", f"not modelled of the clause: {en}"))
    open_end = measure.kind == "up_to" and measure.amount is None
    if open_end or any(isinstance(node.type, Quantity) and node.type.interval for node in nodes):
        yield Obstacle(
            "standard", Text("数额由主管部门在区间内核定", "an authority decides the amount within an interval")
        )
    handed = [key for key, holder in held.items() if holder == "application"]
    if handed:
        # That there is the project goes without saying where one of its facts is handed in.
        told = [key for key in handed if key.name != "id"] or handed
        yield Obstacle("data", _named(told, "application", program), _paths(told))


def _parts(nodes: Iterable[Node], program: Program) -> Iterator[Node]:
    """All nodes of expressions, with those of the derived facts that they use."""
    waiting = list(nodes)
    while waiting:
        for part in walk(waiting.pop()):
            yield part
            if isinstance(part, Derived):
                waiting.append(program.derivations[part.subject, part.name].node)


def _facts(nodes: Iterable[Node], program: Program) -> Iterator[FactKey]:
    """The facts that expressions read; of an aggregate also that there are such projects or services."""
    for part in _parts(nodes, program):
        if isinstance(part, Fact):
            # The division is read off the industry code, which is what a case states.
            yield replace(part.key, name="industry") if part.key.name == "division" else part.key
        elif isinstance(part, Aggregate):
            yield FactKey(part.over, "id")


def _titles(measure: Measure, program: Program) -> bool:
    return any(isinstance(part, Recognised) for part in _parts(measure.expressions(), program))


def _own(measure: Measure) -> list[FactKey]:
    """That there is such a project or service, only the enterprise can say."""
    return [FactKey(measure.subject, "id")] if measure.subject in ("project", "service") else []


def _holder(key: FactKey, program: Program) -> Holder:
    spec = program.vocabulary.find(REPORTS[key.subject] if key.period else key.subject, key.name)
    return "application" if spec is None else spec.held


def path(key: FactKey) -> str:
    """A fact as a case calls it: `enterprise.industry`, `latest.rd_expense`, `projects.total_investment`."""
    owner = key.period or {"project": "projects", "service": "services", "parameter": "parameters"}.get(
        key.subject, key.subject
    )
    return f"{owner}.{key.name}"


def _paths(keys: Iterable[FactKey]) -> tuple[str, ...]:
    return tuple(path(key) for key in keys)


def _named(keys: list[FactKey], holder: Holder, program: Program) -> Text:
    zh = "、".join(dict.fromkeys(program.renderer("zh").fact(key) for key in keys))
    en = ", ".join(dict.fromkeys(program.renderer("en").fact(key) for key in keys))
    return Text(f"{LABELS[holder].zh}：{zh}", f"{LABELS[holder].en}: {en}")
