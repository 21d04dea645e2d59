"""Where each fact lies while a case is decided: a frame is a flat list, one slot a fact.

A frame begins with the enterprise's slots; those of its project, service or park follow. An expression about the enterprise
therefore reads any frame alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from conggao.engine.language.tree import Aggregate, Derived, Fact, FactKey, Node, Recognised, walk
from conggao.facts.vocabulary import PARAMETER

Frame = list[Any]
"""Slots: int or Fraction of the fact's scale, True/False, text, date or tuple; None is unknown."""

Key = FactKey | Recognised | tuple[str, str] | str
"""What a slot holds: a fact, the truth of a title, a derived fact (subject, name), or all frames of a kind of subject."""

SUBJECTS = ("enterprise", "project", "service", "park")


@dataclass(frozen=True)
class Layout:
    """The slot of every key, and the width of the frame of each kind of subject."""

    slots: dict[Key, int]
    facts: dict[str, tuple[FactKey, ...]]
    titles: tuple[Recognised, ...]
    width: dict[str, int]

    @classmethod
    def of(cls, expressions: Iterable[Node], derived: Sequence[tuple[str, str]]) -> Layout:
        """The layout that holds every fact the expressions read; `derived` lists (subject, name) of all derived facts."""
        facts: dict[str, dict[FactKey, None]] = {subject: {} for subject in (*SUBJECTS, PARAMETER)}
        titles: dict[Recognised, None] = {}
        collections: dict[str, None] = {}
        for node in (item for expression in expressions for item in walk(expression)):
            match node:
                case Fact(key=key):
                    facts[key.subject][key] = None
                case Recognised():
                    titles[node] = None
                case Aggregate(over=over):
                    collections[over] = None
        slots: dict[Key, int] = {}
        shared: list[Key] = [*facts["enterprise"], *facts[PARAMETER], *titles, *collections]
        shared += [item for item in derived if item[0] == "enterprise"]
        slots.update((slot_key, number) for number, slot_key in enumerate(shared))
        width = {"enterprise": len(slots)}
        for subject in SUBJECTS[1:]:
            own: list[Key] = [*facts[subject], *(item for item in derived if item[0] == subject)]
            slots.update((slot_key, width["enterprise"] + offset) for offset, slot_key in enumerate(own))
            width[subject] = width["enterprise"] + len(own)
        return cls(slots, {subject: tuple(keys) for subject, keys in facts.items()}, tuple(titles), width)

    def slot(self, node: Fact | Derived | Recognised) -> int:
        """The slot that `node` reads."""
        match node:
            case Fact(key=key):
                return self.slots[key]
            case Derived(name=name, subject=subject):
                return self.slots[subject, name]
            case Recognised():
                return self.slots[node]
