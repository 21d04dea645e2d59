"""What an expression of a rule can be: a truth, a quantity with its dimension, a word, a list, a date or free text."""

from __future__ import annotations

from dataclasses import dataclass

from conggao.facts.diagnostics import Text
from conggao.facts.units import Dimension, dimension_name


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false or unknown (Kleene)."""

    def describe(self) -> Text:
        return Text("真假（条件）", "a truth (a condition)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A rational number of base units of `dimension`; an interval of such numbers when `interval`."""

    dimension: Dimension
    interval: bool = False

    def describe(self) -> Text:
        name = dimension_name(self.dimension)
        if self.interval:
            return Text(f"{name.zh}区间", f"an interval of {name.en}")
        return name


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the closed list `table` (`titles`, `purposes`, `kinds` …)."""

    table: str

    def describe(self) -> Text:
        return Text(f"`{self.table}` 词表中的词", f"a word of the list `{self.table}`")


@dataclass(frozen=True, slots=True)
class Free:
    """Free text, such as a name; it can only be compared for equality."""

    def describe(self) -> Text:
        return Text("文字", "a text")


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    def describe(self) -> Text:
        return Text("日期", "a date")


@dataclass(frozen=True, slots=True)
class ListOf:
    """A known list of `item` values; an empty one holds nothing."""

    item: Word | Quantity | Free

    def describe(self) -> Text:
        item = self.item.describe()
        return Text(f"列表（{item.zh}）", f"a list of: {item.en}")


Type = Truth | Quantity | Word | Free | Day | ListOf

TRUTH = Truth()
NUMBER = Quantity(())
MONEY = Quantity((("money", 1),))
FREE = Free()
DAY = Day()
