"""A comparison as rows: what each measure was and is, and why it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from conggao.engine.decision import Outcome
from conggao.engine.labels import STATUS, amount
from conggao.engine.whatif import Comparison
from conggao.facts.diagnostics import Lang


@dataclass(frozen=True, slots=True)
class Row:
    """One measure for one subject: what it paid or was, what it pays or is, the change of what is sure, and the reason."""

    outcome: Outcome
    before: str
    after: str
    difference: Decimal
    reason: str


def rows(comparison: Comparison) -> tuple[Row, ...]:
    """The changes in their order."""
    return tuple(_rows(comparison))


def _rows(comparison: Comparison) -> Iterator[Row]:
    lang = comparison.after.lang
    for change in comparison.changes:
        item = change.after or change.before
        if item is not None:
            yield Row(item, _cell(change.before, lang), _cell(change.after, lang), change.low, change.reason)


def _cell(item: Outcome | None, lang: Lang) -> str:
    if item is None:
        return "–"
    return amount(item.amount, lang) if item.status in ("granted", "contingent") else STATUS[item.status].of(lang)
