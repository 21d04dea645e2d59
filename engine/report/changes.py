"""A comparison as rows: what each measure was and is, and why it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from conggao.engine.decision import Outcome
from conggao.engine.report.labels import STATUS, amount
from conggao.engine.whatif import Change, Comparison
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
            yield Row(item, _cell(change.before, lang), _cell(change.after, lang), change.low, reason(change))


def _cell(item: Outcome | None, lang: Lang) -> str:
    if item is None:
        return "–"
    return amount(item.amount, lang) if item.status in ("granted", "contingent") else STATUS[item.status].of(lang)


def reason(change: Change) -> str:
    """The condition whose truth changed, else one that fails, what is missing, what stands in the way, or the first step that differs."""
    before, after = change.before, change.after
    if after is None:
        return ""
    if before is not None and len(before.conditions) == len(after.conditions):
        for was, now in zip(before.conditions, after.conditions, strict=True):
            if was.truth != now.truth:
                return now.finding or now.text
    failed = next((item for item in after.conditions if item.truth is False), None)
    if failed is not None:
        return failed.finding or failed.text
    if after.missing:
        return ", ".join(after.missing)
    if after.superseded_by:
        return "← " + ", ".join(after.superseded_by)
    known = set() if before is None else {(step.name, step.text) for step in before.steps}
    changed = [step for step in after.steps if (step.name, step.text) not in known]
    return (changed or [*after.steps])[0].text if after.steps else ""
