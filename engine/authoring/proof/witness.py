"""From a model that z3 found to a case as a case file has it, which the exact engine can decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any

from conggao.engine.authoring.proof.kleene import Z3
from conggao.engine.authoring.proof.world import Stated, World
from conggao.engine.language.tree import FactKey
from conggao.facts.quantities import DECIMALS, LIMIT
from conggao.facts.units import scale
from conggao.facts.vocabulary import PARAMETER

CaseDict = dict[str, Any]
OTHER = "其他"
"""A text that no rule names."""
PROVIDER = "服务商"


def cases(world: World, model: Z3, subject: str | None, day: date) -> Iterator[CaseDict]:
    """The case that `model` describes. A value that no decimal can be is rounded: to the nearest, down and up in turn."""
    made: list[CaseDict] = []
    for rounding in (round, floor, ceil):
        case = _Writer(world, model, subject, day, rounding).case()
        if case not in made:
            made.append(case)
            yield case


def written(number: Fraction) -> int | str:
    """A number as a case file has it: an int where it is whole, else decimal text."""
    whole, rest = divmod(abs(int(number * 10**DECIMALS)), 10**DECIMALS)
    sign = -1 if number < 0 else 1
    return f"{'-' if sign < 0 else ''}{whole}.{rest:0{DECIMALS}d}".rstrip("0") if rest else sign * whole


class _Writer:
    def __init__(self, world: World, model: Z3, subject: str | None, day: date, rounding: Any) -> None:
        self.world, self.model, self.subject, self.day, self.rounding = world, model, subject, day, rounding
        self.z3 = world.logic.z3

    def case(self) -> CaseDict:
        """The case file as a dict; quantities are decimal text or ints of base units."""
        enterprise: CaseDict = {}
        reports: dict[str, CaseDict] = {}
        park: CaseDict = {}
        park_reports: dict[str, CaseDict] = {}
        items: dict[str, dict[int, CaseDict]] = {"project": {}, "service": {}}
        parameters: CaseDict = {}
        for kind, found in items.items():
            there = self.world.there(kind) if kind in self.world._there else []
            for index, filled in enumerate(there):
                if self._true(filled):
                    found[index] = {}
        if self.subject in items:
            items[self.subject].setdefault(0, {})
        for (key, place), stated in self.world.facts.items():
            value = self._value(key, stated)
            if key.name == "year" and key.period is not None:
                continue
            if key.subject in items:
                if place in items[key.subject] and value is not None:
                    items[key.subject][place or 0][key.name] = value
            elif value is None:
                continue
            elif key.subject == PARAMETER:
                parameters[key.name] = {self.day.year - 1: value}
            elif key.period is not None:
                (reports if key.subject == "enterprise" else park_reports).setdefault(key.period, {})[key.name] = value
            elif key.subject == "park":
                park[key.name] = value
            elif key.name == "division":
                enterprise.setdefault("industry", f"{int(value):02d}")
            else:
                enterprise[key.name] = value
        self._same_industry(enterprise)
        case: CaseDict = {"as_of": self.day.isoformat()}
        if enterprise:
            case["enterprise"] = enterprise
        if reports:
            case["reports"] = self._yearly(reports)
        if items["project"]:
            case["projects"] = [{"id": f"P{i + 1}", **facts} for i, facts in sorted(items["project"].items())]
        if recognitions := self._recognitions():
            case["recognitions"] = recognitions
        if items["service"]:
            case["services"] = [
                {"id": f"S{i + 1}", "provider": PROVIDER, **self._kind(), **facts}
                for i, facts in sorted(items["service"].items())
            ]
        if self.subject == "park" or park or park_reports:
            case["park"] = {"id": "park", **park, **({"reports": self._yearly(park_reports)} if park_reports else {})}
        if parameters:
            case["parameters"] = parameters
        return case

    def _kind(self) -> CaseDict:
        """A service has a kind, whether or not a rule asks for it."""
        return {"kind": next(iter(self.world.vocabulary.words("kinds")))}

    def _same_industry(self, enterprise: CaseDict) -> None:
        """A code that no rule names still has the division that rules ask for."""
        division = self.world.facts.get((FactKey("enterprise", "division"), None))
        if enterprise.get("industry") == OTHER:
            number = 97 if division is None else int(self._fraction(division.value) or 97)
            named = self.world.text
            taken = {named(code) for code in range(1, 1000)}
            enterprise["industry"] = next(
                code for code in (f"{number:02d}", *(f"{number:02d}{n:02d}" for n in range(99))) if code not in taken
            )

    def _yearly(self, reports: dict[str, CaseDict]) -> list[CaseDict]:
        years = {"latest": self.day.year - 1, "previous": self.day.year - 2}
        return [{"year": years[period], **reports[period]} for period in ("latest", "previous") if period in reports]

    def _recognitions(self) -> list[CaseDict]:
        made: list[CaseDict] = []
        for title, entries in self.world.entries.items():
            for entry in entries:
                if self._true(entry.there):
                    item: CaseDict = {"title": title}
                    if self._true(entry.level.known):
                        item["level"] = self._text(entry.level.value)
                    if self._true(entry.year.known):
                        item["year"] = int(self._fraction(entry.year.value) or 0)
                    if item not in made:
                        made.append(item)
        return made

    def _value(self, key: FactKey, stated: Stated) -> Any:
        """The fact as a case file has it; None where it is left out."""
        if not self._true(stated.known):
            return None
        spec = stated.spec
        match spec.kind:
            case "flag":
                return self._true(stated.value)
            case "quantity":
                number = self._fraction(stated.value)
                return None if number is None else self._decimal(number, scale(spec.dimension))
            case "integer":
                number = self._fraction(stated.value)
                return None if number is None else int(number)
            case "date":
                number = self._fraction(stated.value)
                return None if number is None else date.fromordinal(int(number)).isoformat()
            case "words":
                return [word for word, there in stated.words.items() if self._true(there)]
            case "years":
                found = {int(self._fraction(year) or 0) for year, there in stated.years if self._true(there)}
                return sorted(found)
            case _:
                return self._text(stated.value)

    def _decimal(self, number: Fraction, unit: int) -> int | str:
        if (number * 10**DECIMALS).denominator != 1:
            number = Fraction(int(self.rounding(number * unit)), unit)
        return written(number if abs(number) < LIMIT else Fraction(int(LIMIT) - 1))

    def _true(self, formula: Z3) -> bool:
        return bool(self.z3.is_true(self.model.eval(formula, model_completion=True)))

    def _text(self, term: Z3) -> str:
        return self.world.text(int(self._fraction(term) or 0)) or OTHER

    def _fraction(self, term: Z3) -> Fraction | None:
        """The number of a term; of a root of a polynomial a near one."""
        value = self.model.eval(term, model_completion=True)
        if self.z3.is_algebraic_value(value):
            value = value.approx(30)
        if self.z3.is_int_value(value):
            return Fraction(value.as_long())
        if self.z3.is_rational_value(value):
            return Fraction(value.numerator_as_long(), value.denominator_as_long())
        return None
