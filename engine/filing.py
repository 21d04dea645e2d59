"""The plan as a person files it, made from a decision when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conggao.engine.decision import Filing, Outcome, Plan, yuan
from conggao.engine.discretion import break_even_rate, rate_text
from conggao.engine.evaluate.record import Record
from conggao.engine.explain import Explainer
from conggao.engine.resolve import Resolution
from conggao.engine.rulebook.model import Policy

LEVELS = ("national", "region", "city")
"""In which order claims are filed: what a higher level pays is known before a lower one tops it up."""


def planned(
    outcomes: Sequence[Outcome],
    records: Sequence[tuple[Policy, Record]],
    resolution: Resolution,
    explainer: Explainer,
) -> dict[str, Any]:
    """The field `plan` of a decision."""
    found = {record.key: (policy, record) for policy, record in records}
    claim: list[Filing] = []
    leave: list[Filing] = []
    discretion: list[Filing] = []
    for outcome in outcomes:
        pair = found.get((outcome.measure, outcome.subject or ""))
        if pair is None or outcome.amount is None:
            continue
        policy, record = pair
        values = _filing(outcome, policy.level)
        if outcome.status == "granted":
            claim.append(Filing.of(values))
        elif outcome.status == "contingent":
            if outcome.break_even is not None:
                rate = break_even_rate(record, int(outcome.break_even * 100), explainer)
                values["rate"] = None if rate is None else rate_text(rate)
            discretion.append(Filing.of(values))
        else:
            leave.append(Filing.of(values))
    claim.sort(key=lambda item: LEVELS.index(item.level))
    for order, item in enumerate(claim, start=1):
        item.__dict__["order"] = order
    sure = resolution.totals.get("enterprise", (0, 0))[0]
    naive = sure if resolution.naive is None else resolution.naive
    plan = Plan.of(
        {
            "claim": tuple(claim),
            "leave": tuple(leave),
            "discretion": (*(item for item in claim if item.open), *discretion),
            "naive": yuan(naive),
            "gain": yuan(sure - naive),
            "proven": resolution.proven,
            "bound": None if resolution.bound is None else yuan(resolution.bound),
        }
    )
    return {"plan": plan}


def _filing(outcome: Outcome, level: str) -> dict[str, Any]:
    amount = outcome.amount
    return {
        "order": None,
        "measure": outcome.measure,
        "subject": outcome.subject,
        "level": level,
        "title": outcome.title,
        "recipient": outcome.recipient,
        "amount": amount,
        "open": amount is not None and amount.low != amount.high,
        "instead_of": outcome.superseded_by,
        "difference": outcome.difference,
        "break_even": outcome.break_even,
        "rate": None,
    }
