"""Recording awards: each is weighed against everything recorded while no one else writes, and recorded or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from conggao.engine.ledger import reading
from conggao.engine.ledger.awards import Awards, money, past_award
from conggao.engine.ledger.chain import Entry, digest
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.model import Answer, Bilingual, Outside, Payment, Reason, Reversed
from conggao.engine.ledger.recording import check_key, repeated
from conggao.engine.ledger.store import Store
from conggao.engine.ledger.terms import Terms
from conggao.engine.ledger.weigh import Prior, Weighed, weigh
from conggao.engine.ledger.wording import refusal
from conggao.engine.ledger.writing import Draft, Writing
from conggao.engine.receipts import Taken, fen_of
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
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


class Awarding:
    """Awards under the decisions of one ledger; what a decision says never changes, so it is read once."""

    MOST = 4096
    """Decisions remembered."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._grounds: dict[str, Ground] = {}  # by the hash, as awards are

    def award_all(self, payments: Sequence[Payment]) -> tuple[Answer, ...]:
        """As `Ledger.award_all`: faults of all of them at once, before any is recorded."""
        keys: set[str] = set()
        for payment in payments:
            check_key(payment.key)
            _check_words(payment)
            if payment.key in keys:
                message = Text(f"键 `{payment.key}` 用了两次", f"the key `{payment.key}` stands here twice")
                raise fault("key", message, Text("每项请求一个键", "give each request its own"), "key")
            keys |= set() if payment.key is None else {payment.key}
        return self._store.write(lambda writing: self._all(writing, payments))

    def _all(self, writing: Writing, payments: Sequence[Payment]) -> tuple[Answer, ...]:
        steps: list[Any] = []
        faults: list[Diagnostic] = []
        for payment in payments:
            fen = None if payment.amount is None else fen_of(payment.amount)
            request = digest(["award", payment.decision, payment.measure, payment.subject, fen, payment.note])
            try:
                before = None if payment.key is None else reading.by_key(writing.connection, payment.key)
                if before is not None:
                    steps.append(partial(_again, writing, repeated(before, request, "award", "refusal")))
                    continue
                ground = self._ground(writing.connection, payment.decision)
                decide = partial(_decide, writing, self._store.awards, payment, request, ground)
                steps.append(partial(decide, _asked(writing.connection, payment, ground)))
            except InputFaults as found:
                faults += found.diagnostics
        if faults:
            raise InputFaults(faults)
        return tuple(step() for step in steps)

    def _ground(self, connection: Connection, seq: int) -> Ground:
        name = reading.hash_of(connection, seq) or ""
        found = self._grounds.get(name)
        if found is None:
            found = _ground(reading.entry(connection, seq, "decision"))
            if len(self._grounds) >= self.MOST:
                self._grounds.clear()
            self._grounds[name] = found
        return found


def _ground(entry: Entry) -> Ground:
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


def _check_words(payment: Payment) -> None:
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


def _asked(connection: Connection, payment: Payment, ground: Ground) -> Asked:
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


def _decide(writing: Writing, awards: Awards, payment: Payment, request: str, ground: Ground, asked: Asked) -> Answer:
    claim = asked.terms
    holder = ground.park if asked.subject == "park" else ground.holder
    if holder is None or (holder.startswith("park:") and asked.subject != "park"):
        message = Text("判定的案例没有统一社会信用代码", "the case of the decision has no credit code")
        raise fault(
            "holder",
            message,
            Text("写上 `enterprise.credit_code` 后重新判定", "state `enterprise.credit_code` and decide again"),
        )
    weighed = Weighed(0, "decision", ())
    if claim is not None:
        weighed = weigh(claim, ground.entry, _priors(writing.connection, awards, ground, claim))
    provider = f"{claim.provider}" if claim is not None and claim.cap_per == "provider" and claim.provider else None
    left = None if weighed.left is None else money(weighed.left)
    said: dict[str, Any] = {
        "decision": ground.entry, "measure": asked.measure, "subject": asked.subject, "year": ground.year,
        "amount": money(asked.fen), "note": payment.note,
    }  # fmt: skip
    key = payment.key
    draft = partial(
        Draft, key=key, request=request if key else None, holder=holder, measure=asked.measure, target=ground.entry
    )
    if claim is not None and (weighed.left is None or asked.fen <= weighed.left):
        said |= {
            "title": {"zh": claim.title[0], "en": claim.title[1]}, "lines": [line.name for line in claim.lines],
            "annual": claim.all_annual, "recipient": claim.recipient, "provider": claim.provider, "level": claim.level,
            "left": None if weighed.left is None else money(weighed.left - asked.fen),
        }  # fmt: skip
        made = writing.add(draft("award", said, provider=provider))
        return _answer(writing.connection, made, repeated=False)
    said |= {
        "reason": weighed.reason, "left": left, "status": asked.status,
        "in_the_way": [prior.entry for prior in weighed.way if prior.entry is not None],
        "outside": [_outside(prior.taken) for prior in weighed.way if prior.entry is None],
    }  # fmt: skip
    way = reading.past_awards(writing.connection, said["in_the_way"])
    said["message"] = refusal(asked.measure, asked.subject, asked.fen, asked.status, weighed, way)._asdict()
    made = writing.add(draft("refusal", said))
    return _answer(writing.connection, made, repeated=False)


def _priors(connection: Connection, awards: Awards, ground: Ground, claim: Terms) -> list[Prior]:
    holders = [holder for holder in dict.fromkeys((ground.holder, ground.park)) if holder is not None]
    providers = [claim.provider] if claim.cap_per == "provider" and claim.provider else []
    standing = awards.standing(connection, holders, providers, claim.key)
    return [*ground.stated, *(Prior(a.taken, a.entry, a.said["decision"], a.foreign) for a in standing)]


def _outside(taken: Taken) -> dict[str, Any]:
    amount = None if taken.fen is None else money(taken.fen)
    return {"measure": taken.receipt.measure, "subject": taken.subject, "year": taken.receipt.year, "amount": amount}


def _again(writing: Writing, entry: Entry) -> Answer:
    writing.again(entry)
    return _answer(writing.connection, entry, repeated=True)


def _answer(connection: Connection, entry: Entry, *, repeated: bool) -> Answer:
    """The answer that an entry is; the same whenever it is made."""
    said = entry.said
    awarded = entry.kind == "award"
    message = Text("已入账", "recorded") if awarded else Text(**said["message"])
    reason: Reason | None = None if awarded else said["reason"]
    return Answer(
        status="awarded" if awarded else "refused",
        entry=entry.seq, at=entry.at, hash=entry.hash, key=entry.key, repeated=repeated,
        decision=said["decision"], holder=entry.holder or "", measure=said["measure"], subject=said["subject"],
        year=said["year"], amount=Decimal(said["amount"]),
        left=None if said["left"] is None else Decimal(said["left"]),
        reason=reason,
        in_the_way=() if awarded else reading.past_awards(connection, said["in_the_way"]),
        outside=() if awarded else tuple(Outside(**item) for item in said["outside"]),
        message=Bilingual.text(message),
    )  # fmt: skip


def reverse(store: Store, award: int, because: str, key: str | None) -> Reversed:
    """As `Ledger.reverse`."""
    check_key(key)
    if not because.strip() or len(because) > 1000:  # noqa: PLR2004 - a reason, not a document
        raise fault("because", Text("写明撤回的理由", "say why the award is taken back"), None, "because")
    request = digest(["reversal", award, because])

    def add(writing: Writing) -> Reversed:
        connection = writing.connection
        if key is not None:
            before = reading.by_key(connection, key)
            if before is not None:
                writing.again(repeated(before, request, "reversal"))
                return _reversed(connection, before, repeated=True)
        entry = reading.entry(connection, award, "award")
        undone = reading.reversal_of(connection, award)
        if undone is not None:
            message = Text(f"第 {award} 项已由第 {undone} 项撤回", f"entry {award} was taken back by entry {undone}")
            raise fault("reversed", message, None, str(award))
        said = {"award": award, "because": because, "amount": entry.said["amount"]}
        draft = Draft(
            "reversal", said, key, request if key else None, entry.holder, measure=entry.measure, target=award
        )
        return _reversed(connection, writing.add(draft), repeated=False)

    return store.write(add)


def _reversed(connection: Connection, entry: Entry, *, repeated: bool) -> Reversed:
    said = entry.said
    award = reading.entry(connection, said["award"], "award")
    told = past_award(award.seq, award.at, award.holder or "", award.said, entry.seq, said["because"])
    return Reversed(
        entry=entry.seq,
        at=entry.at,
        hash=entry.hash,
        key=entry.key,
        repeated=repeated,
        award=told,
        because=said["because"],
    )
