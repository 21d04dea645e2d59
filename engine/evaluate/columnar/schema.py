"""What the evaluator counts in: every quantity is a whole number in 64 bits, of the smallest unit of its dimension.

Tables arrive in the physical types of `facts.tables.schema` (quantities DECIMAL(38, 9) in base units). A quantity that is no whole number
of its unit, or not below `MOST`, cannot be counted: its enterprise goes to the exact evaluator (the column `ODD` of its row says so).
What is counted is at most `MOST`, so that the width of every sum and product is known before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from conggao.engine.evaluate.layout import Layout
from conggao.engine.language.scope import REPORTS
from conggao.engine.language.tree import FactKey
from conggao.facts.units import PURE, Dimension, scale
from conggao.facts.vocabulary import PARAMETER, FactSpec, Vocabulary

ODD = "_odd"
"""A column: whether a quantity of the row could not be counted."""
RANK = "_rank"
"""A column of tables of which an enterprise may have several rows: the place of the row among those of its enterprise, in the natural order
of ids, from 1."""
SEVERAL = ("projects", "services")
HAND = "_hand"
"""A column: whether the row is beyond what was proven, so that its enterprise is handed over."""
UNDER = "_under"
"""A column: whether claims of the row stand under a ceiling."""
DAY = "_day"
"""A column of `enterprises`: the day of its decision."""
MOST = 10**15
"""What is counted is below this, either side of zero: 10 trillion yuan in fen."""
ALL_RECEIVED, REFUSED, UNKNOWN, ELSEWHERE = -1, -2, -3, -4
"""What stands for the standard of a measure where nothing is due: all of it was received; a condition is false; a condition, the amount or
a cap is unknown; its policy does not apply on the day or at the place."""
DECIMALS = 10**9
"""The decimals of a pure number are counted too: a rate of 3.1% is 31,000,000."""

TABLES: Mapping[str, str] = {
    "enterprise": "enterprises", "report": "reports", "project": "projects", "service": "services", "park": "parks",
    "park_report": "park_reports",
}  # fmt: skip
"""The table of each kind of subject."""
REPORTED: Mapping[str, str] = {"enterprises": "reports", "parks": "park_reports"}
"""The table of the reports of those who have them."""
BACK: Mapping[str | None, int] = {None: 0, "latest": 1, "previous": 2}
"""How many years before that of the day a report is for; 0: it is no fact of a report."""


@dataclass(frozen=True, slots=True)
class Need:
    """A column that rules read: the kind of its fact, and how many of what is counted make a base unit (0: it is no quantity).

    `filled`: what does not state it says 0, or no. `back`: it is of the report so many years before that of the day, 0 of none.
    """

    name: str
    kind: str
    unit: int
    filled: bool = False
    back: int = 0

    @property
    def column(self) -> str:
        """Its name in the counted table, in which the facts of reports stand beside their owner's."""
        return f"{self.name}_{self.back}" if self.back else self.name

    @property
    def type(self) -> str:
        """The type in Ibis, once counted."""
        return _TYPES[self.kind]


_TYPES: Mapping[str, str] = {
    "quantity": "int64", "integer": "int64", "flag": "boolean", "date": "date", "word": "string", "text": "string",
    "words": "array<string>", "years": "array<int32>",
}  # fmt: skip


def unit(dimension: Dimension) -> int:
    """How many of what is counted make a base unit: fen of money, thousandths of other dimensions, decimals of a pure number."""
    return DECIMALS if dimension == PURE else scale(dimension)


@cache
def _fixed() -> Mapping[str, tuple[Need, ...]]:
    """What is read of every table, whatever the rules say."""
    text = [Need("id", "text", 0)]
    return {
        "enterprises": (Need("county", "word", 0),),
        "projects": tuple(text),
        "services": (*text, Need("provider", "text", 0)),
        "parks": (),
        "recognitions": (Need("title", "word", 0), Need("level", "word", 0), Need("year", "integer", 0)),
        "parameters": (Need("parameter", "text", 0), Need("year", "integer", 0), Need("value", "quantity", DECIMALS)),
    }


def needs(layouts: Iterable[Layout], vocabulary: Vocabulary) -> dict[str, tuple[Need, ...]]:
    """The columns of every counted table that the rules of `layouts` read, besides `case_no`."""
    found: dict[str, dict[str, Need]] = {
        table: {need.column: need for need in fixed} for table, fixed in _fixed().items()
    }
    for layout in layouts:
        for subject, keys in layout.facts.items():
            for key in keys:
                if subject != PARAMETER and not (key.period and key.name == "year"):
                    need = need_of(key, vocabulary)
                    found[TABLES[subject]][need.column] = need
    return {table: tuple(columns.values()) for table, columns in found.items()}


def spec_of(key: FactKey, vocabulary: Vocabulary) -> FactSpec:
    spec = vocabulary.find(REPORTS[key.subject] if key.period else key.subject, key.name)
    assert spec is not None, key
    return spec


def need_of(key: FactKey, vocabulary: Vocabulary) -> Need:
    """The column that a fact is read from: the division of an industry is the beginning of its code."""
    spec = spec_of(key, vocabulary)
    if spec.name == "division":
        return Need("industry", "text", 0)
    unit_of = unit(spec.dimension) if spec.kind == "quantity" else 0
    return Need(spec.name, spec.kind, unit_of, spec.absent in ("zero", "false"), BACK[key.period])
