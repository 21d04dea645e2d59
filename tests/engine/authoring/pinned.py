"""A case laid into the variables of a world, so that formulas can be held against the exact evaluator."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from conggao.engine.authoring.proof.world import World
from conggao.engine.evaluate.program import Program
from conggao.facts.models import Case
from conggao.facts.units import scale


def pinned(world: World, program: Program, case: Case, day: date) -> list[Any] | None:
    """What makes every variable that of `case`; None where the world is too small for it."""
    z3, logic = world.logic.z3, world.logic
    subjects = program.subjects(case, day)
    made: list[Any] = [world.year == day.year]
    frames: dict[tuple[str, int | None], Any] = {("enterprise", None): subjects["enterprise"][0].frame}
    for kind in ("project", "service"):
        found = subjects[kind]
        if len(found) > world.places:
            return None
        frames |= {(kind, place): subject.frame for place, subject in enumerate(found)}
        if kind in world._there:
            made += [there == (place < len(found)) for place, there in enumerate(world._there[kind])]
    if subjects["park"]:
        frames["park", None] = subjects["park"][0].frame
    for (key, place), stated in world.facts.items():
        frame = frames.get((key.subject if key.subject != "parameter" else "enterprise", place))
        if frame is None or (key.name == "year" and key.period):
            continue
        value = frame[program.layout.slots[key]]
        made.append(stated.known == (value is not None))
        if value is None:
            continue
        match stated.spec.kind:
            case "flag":
                made.append(stated.value == value)
            case "quantity":
                made.append(stated.value == logic.real(Fraction(value) / scale(stated.spec.dimension)))
            case "integer":
                made.append(stated.value == logic.real(value))
            case "date":
                made.append(stated.value == value.toordinal())
            case "words":
                made += [there == (word in value) for word, there in stated.words.items()]
            case "years":
                if len(value) > len(stated.years):
                    return None
                filled = [*value, *([None] * (len(stated.years) - len(value)))]
                for (year, there), one in zip(stated.years, filled, strict=True):
                    made.append(there == (one is not None))
                    if one is not None:
                        made.append(year == one)
            case _:
                made.append(stated.value == world.code(value))
    for title, entries in world.entries.items():
        held = [item for item in case.recognitions if item.title == title]
        if len(held) > len(entries):
            return None
        for index, entry in enumerate(entries):
            made.append(entry.there == (index < len(held)))
            if index < len(held):
                level, year = held[index].level, held[index].year
                made += [entry.level.known == (level is not None), entry.year.known == (year is not None)]
                if level is not None:
                    made.append(entry.level.value == world.code(level))
                if year is not None:
                    made.append(entry.year.value == year)
    return [z3.simplify(item) if z3.is_expr(item) else item for item in made]
