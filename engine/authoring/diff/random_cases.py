"""Random cases about some rules: facts left out, values on a threshold or a step beside it. A number gives one case, always the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from conggao.engine.authoring.proof.shrink import figures_of
from conggao.engine.authoring.proof.witness import OTHER, PROVIDER, CaseDict, written
from conggao.engine.language.scope import REPORTS
from conggao.engine.language.tree import Constant, Fact, FactKey, Node, Recognised, walk
from conggao.facts.vocabulary import FactSpec, Vocabulary

_LEFT_OUT = 0.15
_ENTRIES = (1, 2, 3, 1, 0)
"""How many projects or services there are; none only where no rule is about one of them."""


class Cases:
    """Cases that speak of the facts that `nodes` read, on one of `days` (ISO dates)."""

    def __init__(
        self,
        nodes: Sequence[Node],
        vocabulary: Vocabulary,
        days: Sequence[str],
        subject: str | None,
        received: tuple[str, str] | None = None,
    ) -> None:
        """`received` is a measure and a subject for which money may have been received."""
        self.received = received
        self.vocabulary, self.days, self.subject = vocabulary, days, subject
        parts = [part for node in nodes for part in walk(node)]
        self.keys = list(dict.fromkeys(part.key for part in parts if isinstance(part, Fact)))
        self.titles = list(dict.fromkeys(part for part in parts if isinstance(part, Recognised)))
        self.figures = [Fraction(0), *figures_of(nodes), Fraction(10**6), Fraction(10**9)]
        self.texts = [str(part.value) for part in parts if isinstance(part, Constant) and isinstance(part.value, str)]
        self.dates = [
            part.value.isoformat() for part in parts if isinstance(part, Constant) and hasattr(part.value, "isoformat")
        ]

    def __call__(self, number: int) -> CaseDict:
        draw = Random(number)
        day = draw.choice(self.days)
        year = int(day[:4])
        case: CaseDict = {"as_of": day}
        enterprise = self._facts(draw, "enterprise", None)
        if "division" in enterprise:
            enterprise["industry"] = f"{min(97, max(1, int(enterprise.pop('division')) % 98)):02d}"
        if enterprise:
            case["enterprise"] = enterprise
        for subject, owner in (("enterprise", case), ("park", {})):
            reports = [
                {"year": year - back, **self._facts(draw, subject, period)}
                for back, period in ((1, "latest"), (2, "previous"))
                if any(key.subject == subject and key.period == period for key in self.keys)
            ]
            if subject == "park":
                if self.subject == "park":
                    case["park"] = {"id": "park", **self._facts(draw, "park", None), "reports": reports}
            elif reports:
                owner["reports"] = reports
        for kind, fixed in (
            ("project", {}),
            ("service", {"provider": PROVIDER, "kind": next(iter(self.vocabulary.words("kinds")))}),
        ):
            if self.subject == kind or any(key.subject == kind for key in self.keys):
                case[f"{kind}s"] = [
                    {"id": f"{kind[0].upper()}{n + 1}", **fixed, **self._facts(draw, kind, None)}
                    for n in range(draw.choice(_ENTRIES[:4] if self.subject == kind else _ENTRIES))
                ]
        if self.titles:
            case["recognitions"] = list(self._recognitions(draw, year))
        figures = {key.name: {year - 1: self._number(draw)} for key in self.keys if key.subject == "parameter"}
        if figures:
            case["parameters"] = figures
        if self.received is not None and draw.random() < 0.2:  # noqa: PLR2004
            measure, who = self.received
            paid = {"measure": measure, "subject": who, "amount": self._number(draw), "year": year - draw.randrange(2)}
            case["received"] = [paid]
        return case

    def _facts(self, draw: Random, subject: str, period: str | None) -> CaseDict:
        made: CaseDict = {}
        for key in self.keys:
            if key.subject == subject and key.period == period and key.name != "year" and draw.random() >= _LEFT_OUT:
                spec = self._spec(key)
                if spec is not None:
                    made[key.name] = self._value(draw, spec)
        return made

    def _spec(self, key: FactKey) -> FactSpec | None:
        return self.vocabulary.find(REPORTS[key.subject] if key.period else key.subject, key.name)

    def _value(self, draw: Random, spec: FactSpec) -> Any:
        match spec.kind:
            case "flag":
                return draw.random() < 0.7  # noqa: PLR2004 - conditions mostly want what is true
            case "quantity":
                return self._number(draw)
            case "integer":
                return int(Fraction(self._number(draw)))
            case "date":
                return draw.choice([*self.dates, "2024-01-01"])
            case "word":
                return draw.choice(list(self.vocabulary.words(spec.words or "")))
            case "words":
                named = [word for word in self.vocabulary.words(spec.words or "") if word in self.texts]
                return [word for word in named if draw.random() < 0.7]  # noqa: PLR2004
            case "years":
                return [year for year in range(2019, 2029) if draw.random() < 0.7]  # noqa: PLR2004
            case _:
                if spec.name == "industry":
                    return f"{draw.randrange(1, 98):02d}"
                return draw.choice([*self.texts, OTHER])

    def _number(self, draw: Random) -> int | str:
        if draw.random() < 0.8:  # noqa: PLR2004 - most lie on a threshold or beside it
            return written(abs(draw.choice(self.figures)))
        return written(Fraction(draw.randrange(10**11), 100))

    def _recognitions(self, draw: Random, year: int) -> Iterator[CaseDict]:
        for node in dict.fromkeys(item.title for item in self.titles):
            if draw.random() < 0.7:  # noqa: PLR2004
                made: CaseDict = {"title": node}
                if draw.random() > _LEFT_OUT:
                    made["year"] = year - draw.randrange(-1, 4)
                if draw.random() > _LEFT_OUT:
                    made["level"] = draw.choice(list(self.vocabulary.words("levels")))
                yield made
