"""What an award that is asked for means under the decision it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection

from conggao.engine.ledger import reading
from conggao.engine.ledger.awards import money
from conggao.engine.ledger.chain import Entry
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.model import Payment
from conggao.engine.ledger.terms import Terms
from conggao.engine.ledger.weigh import Prior
from conggao.engine.receipts import Taken, fen_of
from conggao.facts.diagnostics import Text, did_you_mean
from conggao.facts.models import Receipt
from conggao.facts.quantities import LIMIT

LARGEST = Decimal(LIMIT) - 1
"""Yuan of the largest award: what a case can state as received."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A recorded decision as awards need it. `stated`: what its case states as received and the ledger did not know."""

    entry: int
    result: str
    holder: str | None
    park: str | None
    year: int
    terms: dict[tuple[str, str], Terms]
    stated: tuple[Prior, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with everything filled in. `terms` is None where the decision grants nothing of the kind."""

    measure: str
    subject: str
    terms: Terms | None
    fen: int
    status: str


def ground_of(entry: Entry) -> Ground:
    said = entry.said
    claims = [Terms.read(item) for item in said["terms"]]
    stated = []
    for index, item in enumerate(said["case"].get("received", [])[: said["stated"]], start=1):
        receipt = Receipt.model_validate(item)
        stated.append(Prior(_stated(index, receipt, said["owned"][index - 1]), None, None))
    return Ground(
        entry.seq, said["result"], entry.holder, entry.park, date.fromisoformat(said["as_of"]).year - 1,
        {(claim.key, claim.subject): claim for claim in claims}, tuple(stated),
    )  # fmt: skip


def _stated(index: int, receipt: Receipt, owned: dict[str, Any]) -> Taken:
    """A receipt of the case, as the rulebooks of the decision understood it."""
    fen = None if receipt.amount is None else fen_of(receipt.amount)
    return Taken(index, receipt, owned["key"], owned["subject"], frozenset(owned["lines"]), fen, owned["annual"])


def check_words(payment: Payment) -> None:
    if payment.note is not None and len(payment.note) > 1000:  # noqa: PLR2004 - a note, not a document
        raise fault("note", Text("附注超过 1000 字", "the note is longer than 1,000 characters"), None, "note")
    amount = payment.amount
    if amount is None:
        return
    if not amount.is_finite() or not 0 < amount <= LARGEST:
        message = Text(
            f"金额应大于零，不超过 {LARGEST:,} 元", f"an award is more than zero and at most CNY {LARGEST:,}"
        )
        raise fault("amount", message, None, "amount")
    if amount * 100 != int(amount * 100):
        raise fault(
            "amount", Text(f"`{amount}` 不是整数分", f"`{amount}` is not a whole number of fen"), None, "amount"
        )


def asked_of(connection: Connection, payment: Payment, ground: Ground) -> Asked:
    """What is asked for, filled in from the decision. Raises InputFaults where the decision does not say it."""
    named = payment.measure
    found = [
        claim
        for claim in ground.terms.values()
        if named in (claim.key, claim.key.rpartition("/")[2]) and payment.subject in (None, claim.subject)
    ]
    if len(found) > 1:
        listed = ", ".join(f"{claim.key} {claim.subject}" for claim in found)
        message = Text(f"`{named}` 在判定里不止一项：{listed}", f"the decision has several of `{named}`: {listed}")
        raise fault(
            "which-claim", message, Text("写明全名和对象", "name the measure in full and the subject"), "subject"
        )
    if not found:
        return _not_granted(connection, payment, ground)
    claim = found[0]
    if payment.amount is not None:
        return Asked(claim.key, claim.subject, claim, fen_of(payment.amount), claim.status)
    if claim.low != claim.high or not 0 < claim.low <= LARGEST * 100:
        ends = f"{money(claim.low)} – {'…' if claim.high is None else money(claim.high)}"
        message = Text(f"`{claim.key}` 的金额未定（{ends}）", f"the amount of `{claim.key}` is not settled ({ends})")
        raise fault("amount", message, Text("写明核定的金额", "give the amount that was decided"), "amount")
    return Asked(claim.key, claim.subject, claim, claim.low, claim.status)


def _not_granted(connection: Connection, payment: Payment, ground: Ground) -> Asked:
    """A measure that the decision names without granting it: a refusal, and no fault."""
    outcomes = reading.json_of(connection, ground.result)["outcomes"]
    named = payment.measure
    found = [
        item
        for item in outcomes
        if named in (item["measure"], item["measure"].rpartition("/")[2]) and payment.subject in (None, item["subject"])
    ]
    if not found:
        whom = "" if payment.subject is None else f" {payment.subject}"
        known = [text for item in outcomes for text in (item["measure"], item["measure"].rpartition("/")[2])]
        message = Text(f"判定里没有 `{named}{whom}`", f"the decision says nothing of `{named}{whom}`")
        raise fault("no-claim", message, did_you_mean(named, dict.fromkeys(known)), "measure")
    item = found[0]
    fen = 0 if payment.amount is None else fen_of(payment.amount)
    return Asked(item["measure"], item["subject"] or "enterprise", None, fen, item["status"])
