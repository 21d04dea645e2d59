"""All cases at once: every fact that rules read as a variable of z3, with whether it is known, within what a case file takes.

A collection (projects, services) has a few places, each filled or empty. Titles and lists of years have as many entries as rules ask
about, which loses no case; a collection does lose cases, and `World.bounded` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from conggao.engine.authoring.proof.kleene import Z3, Logic, Number, Truth
from conggao.engine.language.scope import REPORTS
from conggao.engine.language.tree import FactKey, Recognised
from conggao.facts.quantities import LIMIT, YEARS
from conggao.facts.vocabulary import MODELS, PARAMETER, FactSpec, Vocabulary, fact_of

Place = int | None
"""Which project or service; None for what there is one of."""
Address = tuple[FactKey, Place]
_MOST_INTEGER = 10**15
_DAYS = (date(YEARS[0], 1, 1).toordinal(), date(YEARS[1], 12, 31).toordinal())
COLLECTED = ("project", "service")


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as variables. `value` is a term; of a list of words one truth a word, of a list of years its entries with whether each is
    there."""

    spec: FactSpec
    known: Z3
    value: Z3 = None
    words: Mapping[str, Z3] = field(default_factory=dict)
    years: Sequence[tuple[Z3, Z3]] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One recognition of a title: whether it is there, its level and its year."""

    there: Z3
    level: Number
    year: Number


class World:
    """The variables of all cases decided in the years `first` to `last`, made as they are asked for.

    `domain` holds what is true of every case. `texts` are the texts that rules compare with, `years` how many entries a list of years
    has, `titles` how many recognitions of each title.
    """

    def __init__(
        self,
        logic: Logic,
        vocabulary: Vocabulary,
        years: tuple[int, int],
        places: int = 3,
        titles: Mapping[str, int] | None = None,
        listed: int = 3,
    ) -> None:
        self.logic, self.vocabulary = logic, vocabulary
        self.places = places
        self.titles: Mapping[str, int] = titles or {}
        self.listed = listed
        self.domain: list[Z3] = []
        self.facts: dict[Address, Stated] = {}
        self.entries: dict[str, list[Entry]] = {}
        self.bounded = False
        self._codes: dict[str, int] = {}
        self._there: dict[str, list[Z3]] = {}
        self._reports: dict[tuple[str, str], Z3] = {}
        z3 = logic.z3
        self.year = z3.Int("as_of.year", logic.context)
        self.wider = z3.Bool("wider", logic.context)
        """Whether a word may also be one that no list has yet: a rule that names all words of a list still says something."""
        self.domain += [self.year >= years[0], self.year <= years[1]]

    def there(self, kind: str) -> list[Z3]:
        """Whether each place of a collection is filled, the first ones first."""
        if kind not in self._there:
            z3, context = self.logic.z3, self.logic.context
            made = [z3.Bool(f"{kind}.{index}", context) for index in range(self.places)]
            self.domain += [z3.Implies(made[index + 1], made[index]) for index in range(len(made) - 1)]
            self._there[kind] = made
        return self._there[kind]

    def code(self, text: str) -> int:
        """The number that stands for a word or text."""
        return self._codes.setdefault(text, len(self._codes) + 1)

    def text(self, code: int) -> str | None:
        """What a number stands for; None for a text that no rule names."""
        return next((text for text, known in self._codes.items() if known == code), None)

    def fact(self, key: FactKey, place: Place) -> Stated:
        """The variables of a fact."""
        address = key, place if key.subject in COLLECTED else None
        if address not in self.facts:
            self.facts[address] = self._made(key, address[1])
        return self.facts[address]

    def report(self, key: FactKey) -> Z3:
        """Whether there is the report of the period that `key` reads."""
        assert key.period is not None
        name = key.subject, key.period
        if name not in self._reports:
            self._reports[name] = self.logic.z3.Bool(f"{key.subject}.{key.period}", self.logic.context)
        return self._reports[name]

    def spec(self, key: FactKey) -> FactSpec:
        spec = self.vocabulary.find(REPORTS[key.subject] if key.period else key.subject, key.name)
        assert spec is not None
        return spec

    def _made(self, key: FactKey, place: Place) -> Stated:
        logic, z3 = self.logic, self.logic.z3
        name = ".".join(str(part) for part in (key.subject, key.period, place, key.name) if part is not None)
        if key.subject == PARAMETER:
            known = z3.Bool(f"{name}?", logic.context)
            value = z3.Real(name, logic.context)
            self.domain += [value > -int(LIMIT), value < int(LIMIT)]
            return Stated(self.vocabulary.find(PARAMETER, key.name) or _loose(key), known, value)
        spec = self.spec(key)
        if key.period is not None and key.name == "year":
            return Stated(spec, logic.true, z3.ToReal(self.year - (1 if key.period == "latest" else 2)))
        known = self._known(key, spec, name)
        match spec.kind:
            case "flag":
                return Stated(spec, known, z3.Bool(name, logic.context))
            case "quantity":
                value = z3.Real(name, logic.context)
                self.domain += [value >= 0, value < int(LIMIT)]
                return Stated(spec, known, value)
            case "integer":
                value = z3.Int(name, logic.context)
                low, high = (1, 97) if key.name == "division" and key.subject == "enterprise" else (0, _MOST_INTEGER)
                self.domain += [value >= low, value < high + (low == 1)]
                return Stated(spec, known, z3.ToReal(value))
            case "date":
                value = z3.Int(name, logic.context)
                self.domain += [value >= _DAYS[0], value <= _DAYS[1]]
                return Stated(spec, known, value)
            case "words":
                table = self.vocabulary.words(spec.words or "")
                return Stated(spec, known, words={word: z3.Bool(f"{name}.{word}", logic.context) for word in table})
            case "years":
                entries = [
                    (z3.Int(f"{name}.{index}", logic.context), z3.Bool(f"{name}.{index}?", logic.context))
                    for index in range(self.listed)
                ]
                self.domain += [z3.And(entry >= YEARS[0], entry <= YEARS[1]) for entry, _ in entries]
                return Stated(spec, known, years=[(z3.ToReal(entry), there) for entry, there in entries])
            case "word":
                value = z3.Int(name, logic.context)
                listed = [value == self.code(word) for word in self.vocabulary.words(spec.words or "")]
                self.domain.append(logic.either([*listed, z3.And(self.wider, value == 0)]))
                return Stated(spec, known, value)
            case _:
                value = z3.Int(name, logic.context)
                self.domain.append(value >= 0)
                return Stated(spec, known, value)

    def _known(self, key: FactKey, spec: FactSpec, name: str) -> Z3:
        """Whether the fact is known: always where leaving it out means something, or where a case must state it."""
        if key.period is not None:
            if spec.absent != "unknown":
                return self.report(key)
            known = self.logic.z3.Bool(f"{name}?", self.logic.context)
            self.domain.append(self.logic.z3.Implies(known, self.report(key)))
            return known
        model = MODELS[key.subject]
        stated = fact_of(model, key.name) if key.name in model.model_fields else None
        if spec.absent != "unknown" or (stated is not None and stated.required):
            return self.logic.true
        if key.subject == "enterprise" and key.name in ("industry", "division"):
            name = "enterprise.industry"  # the one is read off the other
        return self.logic.z3.Bool(f"{name}?", self.logic.context)

    def industries(self) -> None:
        """The division is the first two digits of the code: where rules read both, they agree."""
        code = self.facts.get((FactKey("enterprise", "industry"), None))
        division = self.facts.get((FactKey("enterprise", "division"), None))
        if code is None or division is None:
            return
        for text, number in self._codes.items():
            if text.isascii() and text.isdecimal():
                same = self.logic.z3.Implies(code.value == number, division.value == int(text[:2]))
                self.domain.append(same)

    def recognised(self, node: Recognised) -> Truth:
        """Whether a title is held on the day; see `evaluate.frames.recognised`."""
        logic, z3 = self.logic, self.logic.z3
        yes, no = [], []
        for entry in self._entries(node.title):
            year = logic.settled(
                z3.And(
                    entry.year.value <= self.year, logic.true if node.since is None else entry.year.value >= node.since
                ),
                entry.year.known,
            )
            if node.since is None:
                year = Truth(z3.Or(year.yes, z3.Not(entry.year.known)), year.no)
            level = Truth(logic.true, logic.false)
            if node.level is not None:
                level = logic.settled(entry.level.value == self.code(node.level), entry.level.known)
            yes.append(z3.And(entry.there, year.yes, level.yes))
            no.append(z3.Or(z3.Not(entry.there), year.no, level.no))
        return Truth(logic.either(yes), logic.both(no))

    def _entries(self, title: str) -> list[Entry]:
        if title not in self.entries:
            logic, z3 = self.logic, self.logic.z3
            made = []
            for index in range(self.titles.get(title, 1)):
                name = f"title.{title}.{index}"
                level, year = z3.Int(f"{name}.level", logic.context), z3.Int(f"{name}.year", logic.context)
                self.domain += [year >= YEARS[0], year <= YEARS[1]]
                levels = self.vocabulary.words("levels")
                self.domain.append(logic.either([level == self.code(word) for word in levels]))
                made.append(
                    Entry(
                        z3.Bool(name, logic.context),
                        Number(level, z3.Bool(f"{name}.level?", logic.context)),
                        Number(year, z3.Bool(f"{name}.year?", logic.context)),
                    )
                )
            self.entries[title] = made
        return self.entries[title]


def _loose(key: FactKey) -> FactSpec:
    """A figure that the case alone gives."""
    from conggao.facts.diagnostics import Text
    from conggao.facts.units import PURE

    return FactSpec(key.name, Text(key.name, key.name), "quantity", PURE, "unknown", PARAMETER)
