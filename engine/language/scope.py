"""What a name in a rule can mean: the facts of the rule's subject and of its enterprise, and the derived facts in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conggao.engine.language.tree import FactKey, Period
from conggao.engine.language.types import DAY, FREE, NUMBER, TRUTH, ListOf, Quantity, Type, Word
from conggao.facts.diagnostics import Text
from conggao.facts.vocabulary import PARAMETER, FactSpec, Vocabulary

PERIODS: dict[str, Period] = {"latest": "latest", "上年度": "latest", "previous": "previous", "前年度": "previous"}
PERIOD_LABELS: dict[Period, Text] = {"latest": Text("上年度", "latest"), "previous": Text("前年度", "previous")}
ENTERPRISE = {"enterprise", "企业"}
COLLECTIONS = {"projects": "project", "项目": "project", "services": "service", "服务": "service"}
REPORTS = {"enterprise": "report", "park": "park_report"}
"""Whose yearly reports `latest` and `previous` read, by the kind of subject; others read their enterprise's."""


@dataclass(frozen=True, slots=True)
class DerivedSpec:
    """A derived fact as other rules see it."""

    name: str
    label: Text
    subject: str
    type: Type


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for."""

    type: Type
    key: FactKey | None = None
    derived: DerivedSpec | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The names a rule about `subject` can use. `subject` None is a rule about no one: it knows the enterprise's facts."""

    vocabulary: Vocabulary
    subject: str | None
    derived: Mapping[str, DerivedSpec] = field(default_factory=dict)

    def find(self, name: str) -> Meaning | None:
        """A bare name: on the subject, then among its derived facts, then on the enterprise, then a dated parameter."""
        for owner in self._owners():
            spec = self.vocabulary.find(owner, name)
            if spec is not None:
                return _meaning(spec, owner, None)
            derived = self._derived(owner, name)
            if derived is not None:
                return Meaning(derived.type, derived=derived)
        return None

    def on_enterprise(self, name: str) -> Meaning | None:
        """`enterprise.NAME`."""
        return Scope(self.vocabulary, None, self.derived).find(name)

    def in_period(self, period: Period, name: str) -> Meaning | None:
        """`latest.NAME`: of the park's own reports in a rule about a park, else of the enterprise's."""
        owner = "park" if self.subject == "park" else "enterprise"
        spec = self.vocabulary.find(REPORTS[owner], name)
        return None if spec is None else _meaning(spec, owner, period)

    def of(self, subject: str) -> Scope:
        """The same names seen from another kind of subject: inside an aggregate."""
        return Scope(self.vocabulary, subject, self.derived)

    def names(self) -> list[str]:
        """Every name that `find` knows, for the nearest ones."""
        known: list[str] = []
        for owner in self._owners():
            known += [text for spec in self.vocabulary.specs(owner) for text in (spec.name, spec.label.zh)]
            known += [
                text for item in self.derived.values() if item.subject == owner for text in (item.name, item.label.zh)
            ]
        return known

    def period_names(self) -> list[str]:
        """Every name that `in_period` knows."""
        owner = "park" if self.subject == "park" else "enterprise"
        return [text for spec in self.vocabulary.specs(REPORTS[owner]) for text in (spec.name, spec.label.zh)]

    def _owners(self) -> tuple[str, ...]:
        own = () if self.subject in (None, "enterprise") else (str(self.subject),)
        return (*own, "enterprise", PARAMETER)

    def _derived(self, owner: str, name: str) -> DerivedSpec | None:
        for item in self.derived.values():
            if item.subject == owner and name in (item.name, item.label.zh):
                return item
        return None


def _meaning(spec: FactSpec, owner: str, period: Period | None) -> Meaning:
    return Meaning(type_of(spec), key=FactKey(owner, spec.name, period))


def type_of(spec: FactSpec) -> Type:
    """The type of a fact of the vocabulary."""
    match spec.kind:
        case "flag":
            return TRUTH
        case "quantity" | "integer":
            return Quantity(spec.dimension)
        case "date":
            return DAY
        case "word":
            return Word(spec.words or spec.name)
        case "words":
            return ListOf(Word(spec.words or spec.name))
        case "years":
            return ListOf(NUMBER)
        case _:
            return FREE
