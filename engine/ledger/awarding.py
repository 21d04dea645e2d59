"""Recording awards: each is weighed against everything recorded while no one else writes, and recorded or refused."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from conggao.engine.ledger import reading
from conggao.engine.ledger.awards import Awards, money
from conggao.engine.ledger.chain import Entry, digest
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.model import Answer, Bilingual, Outside, Payment, Reason
from conggao.engine.ledger.recording import check_key, repeated
from conggao.engine.ledger.requests import Asked, Ground, asked_of, check_words, ground_of
from conggao.engine.ledger.store import Store
from conggao.engine.ledger.terms import Terms
from conggao.engine.ledger.weigh import Prior, Weighed, weigh
from conggao.engine.ledger.wording import refusal
from conggao.engine.ledger.writing import Draft, Writing
from conggao.engine.receipts import Taken, fen_of
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text


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
            check_words(payment)
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
                steps.append(partial(decide, asked_of(writing.connection, payment, ground)))
            except InputFaults as found:
                faults += found.diagnostics
        if faults:
            raise InputFaults(faults)
        return tuple(step() for step in steps)

    def _ground(self, connection: Connection, seq: int) -> Ground:
        name = reading.hash_of(connection, seq) or ""
        found = self._grounds.get(name)
        if found is None:
            found = ground_of(reading.entry(connection, seq, "decision"))
            if len(self._grounds) >= self.MOST:
                self._grounds.clear()
            self._grounds[name] = found
        return found


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
