"""What one enterprise was granted, refused and paid, read off the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from conggao.engine.decision import Outcome
from conggao.engine.ledger import reading
from conggao.engine.ledger.awards import past_award
from conggao.engine.ledger.chain import Entry
from conggao.engine.ledger.model import Bilingual, Past, PastAward, PastDecision, PastOutcome, PastRefusal
from conggao.engine.ledger.schema import entries
from conggao.engine.ledger.store import Store
from conggao.facts.diagnostics import Lang

GRANTED = ("granted", "contingent", "service")
SILENT = ("programme", "not_in_force")
"""What says nothing of the enterprise."""


def history(store: Store, holder: str, lang: Lang) -> Past:
    """As `Ledger.history`; reasons stand in the language in which each decision was made."""
    decisions: list[PastDecision] = []
    awards: dict[int, PastAward] = {}
    refusals: list[PastRefusal] = []
    with store.reading() as connection:
        mine = sa.or_(entries.c.holder == holder, entries.c.park == holder)
        for entry in list(reading.all_entries(connection, mine)):
            said = entry.said
            match entry.kind:
                case "decision":
                    result = reading.json_of(connection, said["result"])
                    outcomes = [Outcome.model_validate(item) for item in result["outcomes"]]
                    decisions.append(_decision(entry, said, outcomes, lang))
                case "award":
                    awards[entry.seq] = past_award(entry.seq, entry.at, entry.holder or "", said)
                case "reversal":
                    undone = awards[said["award"]]
                    awards[undone.entry] = undone.model_copy(
                        update={"reversed_by": entry.seq, "reversed_because": said["because"]}
                    )
                case _:
                    refusals.append(_refusal(entry, said))
    paid: dict[str, Decimal] = {}
    for award in awards.values():
        if award.reversed_by is None:
            paid[award.recipient] = paid.get(award.recipient, Decimal("0.00")) + award.amount
    return Past(
        holder=holder, decisions=tuple(decisions), awards=tuple(awards.values()), refusals=tuple(refusals), paid=paid
    )


def _decision(entry: Entry, said: dict[str, Any], outcomes: Sequence[Outcome], lang: Lang) -> PastDecision:
    told = [_outcome(item, lang) for item in outcomes if item.status not in SILENT]
    return PastDecision(
        entry=entry.seq,
        at=entry.at,
        as_of=date.fromisoformat(said["as_of"]),
        policies=tuple(item["id"] for item in said["policies"]),
        granted=tuple(item for item in told if item.status in GRANTED),
        not_granted=tuple(item for item in told if item.status not in GRANTED),
    )


def _outcome(outcome: Outcome, lang: Lang) -> PastOutcome:
    amount = outcome.amount
    return PastOutcome(
        measure=outcome.measure,
        title=outcome.title,
        subject=outcome.subject,
        status=outcome.status,
        low=None if amount is None else amount.low,
        high=None if amount is None else amount.high,
        reason=_reason(outcome, lang),
    )


def _reason(outcome: Outcome, lang: Lang) -> str:
    """Why, in a sentence: what fails, what is missing, what stands in the way, or how the amount came about."""
    failed = [item.finding or item.text for item in outcome.conditions if item.truth is False]
    if failed:
        return ("；" if lang == "zh" else "; ").join(failed)
    if outcome.missing:
        return ("缺少 " if lang == "zh" else "missing ") + ", ".join(outcome.missing)
    if outcome.superseded_by:
        return "← " + ", ".join(outcome.superseded_by)
    worked = [step.text for step in outcome.steps if step.name in ("pay", "cap")]
    return "; ".join(worked or outcome.notes)


def _refusal(entry: Entry, said: dict[str, Any]) -> PastRefusal:
    return PastRefusal(
        entry=entry.seq,
        at=entry.at,
        measure=said["measure"],
        subject=said["subject"],
        amount=Decimal(said["amount"]),
        decision=said["decision"],
        reason=said["reason"],
        in_the_way=tuple(said["in_the_way"]),
        message=Bilingual(**said["message"]),
    )
