"""The names that rules and case files know: every fact with its kind, unit and labels, and the closed lists of words.

The core is read off the models. Rulebooks add facts, titles and purposes; the models of cases then know them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import BaseModel, create_model

from conggao.facts import models
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.fact import Absent, Entries, Fact, Kind
from conggao.facts.holders import CORE as HELD
from conggao.facts.holders import Holder
from conggao.facts.models import Case
from conggao.facts.units import PURE, Dimension
from conggao.facts.words import CORE, Words

SubjectKind = Literal["enterprise", "report", "project", "service", "park", "park_report"]
PARAMETER = "parameter"
"""Whose facts the dated figures are that the law borrows: of no subject, but of the year."""

MODELS: Mapping[str, type[models.Stated]] = {
    "enterprise": models.Enterprise, "report": models.Report, "project": models.Project,
    "service": models.Service, "park": models.Park, "park_report": models.ParkReport,
}  # fmt: skip
"""The core model of each kind of subject."""

M = TypeVar("M", bound=models.Stated)

_FIELDS = {
    "enterprise": "enterprise", "report": "reports", "project": "projects", "service": "services", "park": "park",
}  # fmt: skip
_TYPES: Mapping[str, Any] = {"words": tuple[str, ...], "years": tuple[int, ...]}


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact as rules see it. `words` is the name of its closed list; `table` that list, where it brings its own; `held` who has it."""

    name: str
    label: Text
    kind: Kind
    dimension: Dimension
    absent: Absent
    subject: str
    words: str | None = None
    table: tuple[tuple[str, Text], ...] | None = None
    held: Holder = "application"

    @classmethod
    def declared(
        cls,
        name: str,
        label: Text,
        kind: str,
        dimension: Dimension,
        subject: str,
        absent: str,
        table: Mapping[str, Text] | None = None,
        held: str = "application",
    ) -> FactSpec:
        """A fact that a rulebook declares; the list of a word is called after its subject and the fact."""
        words = f"{subject}.{name}" if kind == "word" else None
        listed = tuple((table or {}).items()) if kind == "word" else None
        empty = "empty" if kind in _TYPES and absent != "unknown" else absent
        kinds = cast("Kind", kind), cast("Absent", empty), cast("Holder", held)
        return cls(name, label, kinds[0], dimension, kinds[1], subject, words, listed, kinds[2])


@dataclass(frozen=True)
class Vocabulary:
    """An immutable vocabulary; `extend` makes a wider one."""

    facts: tuple[FactSpec, ...]
    """What rulebooks have added to the core, in their order."""
    titles: tuple[tuple[str, Text], ...] = ()
    purposes: tuple[tuple[str, Text], ...] = ()
    counties: tuple[tuple[str, Text], ...] = ()

    def __reduce__(self) -> tuple[type[Vocabulary], tuple[Any, ...]]:
        return Vocabulary, (self.facts, self.titles, self.purposes, self.counties)  # without what was looked up

    @staticmethod
    def core() -> Vocabulary:
        """What is known without any rulebook."""
        return _CORE

    def specs(self, subject: str) -> tuple[FactSpec, ...]:
        """The facts of a kind of subject."""
        return self._by_subject.get(subject, ())

    def find(self, subject: str, name: str) -> FactSpec | None:
        """A fact of a kind of subject, by canonical name or Chinese label."""
        return self._by_name.get((subject, name))

    def words(self, table: str) -> Words:
        """A closed list, canonical name to label: `titles`, `purposes`, `kinds`, `levels`, or a declared one."""
        return self._tables[table]

    def extend(
        self,
        facts: Iterable[FactSpec] = (),
        titles: Mapping[str, Text] | None = None,
        purposes: Mapping[str, Text] | None = None,
        counties: Mapping[str, Text] | None = None,
    ) -> Vocabulary:
        """This vocabulary and more. Raises InputFaults where a name or label would mean two things."""
        faults: list[Diagnostic] = []
        added = list(self.facts)
        known = dict(self._by_name)
        for spec in facts:
            before = known.get((spec.subject, spec.name)) or known.get((spec.subject, spec.label.zh))
            if before == spec:
                continue
            if before is not None or spec.name in _RESERVED or spec.subject not in (*MODELS, PARAMETER):
                faults.append(_clash(spec.name, spec.label))
                continue
            known[spec.subject, spec.name] = known[spec.subject, spec.label.zh] = spec
            added.append(spec)
        wider = [
            _wider(self.words(table), before, new or {}, faults)
            for table, before, new in (
                ("titles", self.titles, titles),
                ("purposes", self.purposes, purposes),
                ("counties", self.counties, counties),
            )
        ]
        if faults:
            raise InputFaults(faults)
        return Vocabulary(tuple(added), *wider)

    def case_model(self) -> type[Case]:
        """The model of a case that knows these facts and words: Case itself for the core, else a subclass of it."""
        return _case_model(self)

    @cached_property
    def _by_subject(self) -> dict[str, tuple[FactSpec, ...]]:
        core = _core_specs()
        return {
            kind: (*core.get(kind, ()), *(spec for spec in self.facts if spec.subject == kind))
            for kind in (*MODELS, PARAMETER)
        }

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], FactSpec]:
        specs = [spec for kind in (*MODELS, PARAMETER) for spec in self.specs(kind)]
        by_label = {(spec.subject, spec.label.zh): spec for spec in specs}
        return by_label | {(spec.subject, spec.name): spec for spec in specs}

    @cached_property
    def _tables(self) -> dict[str, Words]:
        own = {spec.words: dict(spec.table) for spec in self.facts if spec.words and spec.table is not None}
        titles = {**CORE["titles"], **dict(self.titles)}
        purposes = {**CORE["purposes"], **dict(self.purposes)}
        counties = {**CORE["counties"], **dict(self.counties)}
        return {**CORE, **own, "titles": titles, "purposes": purposes, "counties": counties}


_CORE = Vocabulary(())
_RESERVED = frozenset(dir(BaseModel)) | {"division", "document"}
"""Names that a declared fact cannot have, since the models use them otherwise."""


def fact_of(model: type[BaseModel], name: str) -> Fact | None:
    """What a model knows of one of its fields; None where the field is no fact but holds other models."""
    return next((item for item in model.model_fields[name].metadata if isinstance(item, Fact)), None)


def _spec(kind: str, name: str, fact: Fact) -> FactSpec:
    held = HELD.get((kind, name), "application")
    return FactSpec(name, fact.label, fact.kind, fact.dimension, fact.absent, kind, fact.list, held=held)


@cache
def _core_specs() -> dict[str, tuple[FactSpec, ...]]:
    made: dict[str, tuple[FactSpec, ...]] = {}
    for kind, model in MODELS.items():
        specs = [_spec(kind, name, fact) for name in model.model_fields if (fact := fact_of(model, name)) is not None]
        if kind == "enterprise":
            specs.append(
                FactSpec(
                    "division",
                    Text("行业大类", "industry division"),
                    "integer",
                    PURE,
                    "unknown",
                    kind,
                    held="registration",
                )
            )
        made[kind] = tuple(specs)
    return made


def _wider(
    known: Words, before: tuple[tuple[str, Text], ...], new: Mapping[str, Text], faults: list[Diagnostic]
) -> tuple[tuple[str, Text], ...]:
    words = dict(known)
    added = dict(before)
    for name, label in new.items():
        same = [other for other, other_label in words.items() if other != name and other_label.zh == label.zh]
        if same or words.get(name, label) != label:
            faults.append(_clash(name, label))
            continue
        if name not in words:
            words[name] = added[name] = label
    return tuple(added.items())


def _clash(name: str, label: Text) -> Diagnostic:
    zh = f"名称 `{name}` 或“{label.zh}”已有别的含义"
    message = Text(zh, f"the name `{name}` or its label “{label.zh}” already means something else")
    return Diagnostic("vocabulary/clash", message)


@lru_cache(maxsize=32)
def _case_model(vocabulary: Vocabulary) -> type[Case]:
    if vocabulary == _CORE:
        return Case
    made = {kind: _model(kind, vocabulary) for kind in MODELS if kind != "park"}
    park_fields = _own_fields("park", vocabulary)
    if made["park_report"] is not models.ParkReport:
        park_fields["reports"] = _entries(models.Park, "reports", made["park_report"])
    made["park"] = _subclass(models.Park, park_fields)
    recognition = models.Recognition
    if vocabulary.titles:
        recognition = _subclass(recognition, {"title": _reworded(recognition, "title", vocabulary)})
    fields: dict[str, Any] = {
        name: (made[kind] | None, None) if kind in ("enterprise", "park") else _entries(Case, name, made[kind])
        for kind, name in _FIELDS.items()
    }
    fields["recognitions"] = _entries(Case, "recognitions", recognition)
    wider = _subclass(Case, fields)
    wider.VOCABULARY = vocabulary
    return wider


def restore(vocabulary: Vocabulary, document: dict[str, Any]) -> Case:
    """A pickled case of a wider vocabulary: its model is made, not imported, so pickle cannot find it by name."""
    return vocabulary.case_model().model_validate(document)


def _model(kind: str, vocabulary: Vocabulary) -> type[models.Stated]:
    fields = _own_fields(kind, vocabulary)
    if kind == "project" and vocabulary.purposes:
        fields["purposes"] = _reworded(models.Project, "purposes", vocabulary)
    if kind == "enterprise" and vocabulary.counties:
        fields["county"] = _reworded(models.Enterprise, "county", vocabulary)
    return _subclass(MODELS[kind], fields)


def _own_fields(kind: str, vocabulary: Vocabulary) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for spec in vocabulary.facts:
        if spec.subject == kind:
            fact = Fact(spec.label, spec.kind, spec.dimension, spec.absent, spec.words, words=spec.table)
            type_: Any = _TYPES.get(spec.kind, Any)
            # A list left out is unknown like any other fact, unless its declaration says that it is then empty.
            fields[spec.name] = (
                (Annotated[type_, fact], ()) if spec.absent == "empty" else (Annotated[type_ | None, fact], None)
            )
    return fields


def _reworded(model: type[models.Stated], name: str, vocabulary: Vocabulary) -> tuple[Any, Any]:
    """The field of a word or words with the list of this vocabulary."""
    info, fact = model.model_fields[name], fact_of(model, name)
    assert fact is not None
    assert fact.list is not None
    words = tuple(vocabulary.words(fact.list).items())
    wider = Fact(fact.label, fact.kind, PURE, fact.absent, fact.list, required=fact.required, words=words)
    return (Annotated[info.annotation, wider], ... if info.is_required() else info.default)


def _entries(model: type[models.Stated], name: str, entry: type[BaseModel]) -> tuple[Any, Any]:
    """The field of a list of models with another model of its entries."""
    known = next(item for item in model.model_fields[name].metadata if isinstance(item, Entries))
    return (Annotated[tuple[entry, ...], known], ())  # type: ignore[valid-type]


def _subclass(model: type[M], fields: dict[str, Any]) -> type[M]:
    return create_model(model.__name__, __base__=model, __module__=model.__module__, **fields) if fields else model
