"""Recording decisions: the facts, the day, every rulebook as it reads, the result, and the terms on which it may be paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from conggao.engine.decide import CaseLike, Engine
from conggao.engine.decision import Decision
from conggao.engine.ledger import reading
from conggao.engine.ledger.awards import Award, Awards
from conggao.engine.ledger.chain import Entry, digest, digest_bytes
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.model import Kept
from conggao.engine.ledger.store import Store
from conggao.engine.ledger.terms import terms
from conggao.engine.ledger.writing import Draft, Writing, pack
from conggao.engine.rulebook.page import Page
from conggao.engine.sitting import EngineName, Sitting, decision_day
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.models import Case, Receipt

LONGEST_KEY = 200
"""Characters of a key."""


def record(
    store: Store,
    engine: Engine,
    case: CaseLike | Decision,
    *,
    as_of: date | str | None,
    received: bool,
    key: str | None,
    evaluator: EngineName,
    lang: Lang,
) -> Kept:
    """As `Ledger.record`."""
    check_key(key)
    given = case if isinstance(case, Decision) else None
    if given is not None:
        if received or (as_of is not None and decision_day(as_of, given.case) != given.as_of):
            message = Text("这项判定已经作出", "this decision has been made already")
            hint = Text(
                "要按另一天或台账中的已获支持判定，请交案例",
                "to decide for another day or with the ledger's receipts, give the case",
            )
            raise fault("decided", message, hint)
        stated, day, lang = engine.read(given.case), given.as_of, given.lang
        evaluator = "exact" if given.fired is None else "forward"
    else:
        assert not isinstance(case, Decision)
        stated = engine.read(case)
        day = decision_day(as_of, stated)
    asked = [
        "decision", stated.document(), day.isoformat(), received, [[p.id, p.page.sha256] for p in engine.rulebooks.policies],
        evaluator, lang,
    ]  # fmt: skip
    request = digest(asked)
    if key is not None:
        with store.reading() as connection:
            before = reading.by_key(connection, key)
            if before is not None:
                return _kept(connection, repeated(before, request, "decision"), again=True)
    known: list[Award] = []
    if received:
        with store.reading() as connection:
            known = received_by(connection, store.awards, stated)
    merged, own = with_received(stated, known)
    sitting = engine.sit(merged, day, evaluator)
    decision = engine.told(sitting, lang)
    result = decision.to_json()
    if given is not None and given.to_json() != result:
        message = Text("这不是所给规则对这些事实的判定", "this is not what these rulebooks decide on its facts")
        hint = Text("规则或结果已经改变；请重新判定", "the rules or the result have changed; decide again")
        raise fault("not-the-decision", message, hint)
    raw = result.encode()
    packed, name = pack(raw), digest_bytes(raw)  # before anyone has to wait for it
    body = {**_body(engine, sitting, decision, evaluator, own, known), "result": name}
    wanted = {page.sha256: partial(_packed, page) for page in _pages(engine)} | {name: lambda: packed}

    def add(writing: Writing) -> Kept:
        if key is not None:
            before = reading.by_key(writing.connection, key)
            if before is not None:
                writing.again(before)
                return _kept(writing.connection, repeated(before, request, "decision"), again=True)
        writing.keep(wanted)
        draft = Draft("decision", body, key, request if key else None, holder_of(decision.case), park_of(decision.case))
        made = writing.add(draft)
        return Kept(entry=made.seq, at=made.at, hash=made.hash, key=key, repeated=False, result=result)

    return store.write(add)


def _kept(connection: Any, entry: Entry, *, again: bool) -> Kept:
    result = reading.text_of(connection, entry.said["result"]).decode()
    return Kept(entry=entry.seq, at=entry.at, hash=entry.hash, key=entry.key, repeated=again, result=result)


def _body(
    engine: Engine,
    sitting: Sitting,
    decision: Decision,
    evaluator: EngineName,
    own: int,
    known: Sequence[Award],
) -> dict[str, Any]:
    return {
        "as_of": decision.as_of.isoformat(),
        "case": decision.case.document(),
        "evaluator": "exact" if decision.fired is None else evaluator,
        "lang": decision.lang,
        "policies": [{"id": p.id, "name": p.page.name, "sha256": p.page.sha256} for p in engine.rulebooks.policies],
        "shelf": [{"name": page.name, "sha256": page.sha256} for page in engine.beside],
        "stated": own,
        "owned": [
            {"key": item.key, "subject": item.subject, "lines": sorted(item.lines), "annual": item.annual}
            for item in sitting.received[:own]
        ],
        "received": [award.entry for award in known],
        "terms": [item.document() for item in terms(sitting)],
        "program": _program(),
    }


def _program() -> str:
    try:
        return version("conggao")
    except PackageNotFoundError:
        return "0"


def _pages(engine: Engine) -> list[Page]:
    return [*(policy.page for policy in engine.rulebooks.policies), *engine.beside]


def _packed(page: Page) -> bytes:
    """The bytes whose hash the page has, as they are kept: a mark at the beginning of the file is no part of its text."""
    raw = page.text.encode()
    return pack(raw if digest_bytes(raw) == page.sha256 else b"\xef\xbb\xbf" + raw)


def holder_of(case: Case) -> str | None:
    """Whose decision it is: the credit code, else the park."""
    code = case.enterprise.credit_code if case.enterprise is not None else None
    return code or park_of(case)


def park_of(case: Case) -> str | None:
    return None if case.park is None else f"park:{case.park.id}"


def received_by(connection: Any, awards: Awards, case: Case) -> list[Award]:
    """The awards that stand of the enterprise, its park, and the providers of its services."""
    holders = [holder for holder in dict.fromkeys((holder_of(case), park_of(case))) if holder is not None]
    providers = list(dict.fromkeys(service.provider for service in case.services))
    return awards.standing(connection, holders, providers)


def with_received(case: Case, known: Sequence[Award]) -> tuple[Case, int]:
    """`case` with the ledger's receipts, and how many of its receipts are its own: one that states what the ledger knows counts once."""
    ours = Counter(_same(award.receipt) for award in known)
    own: list[Receipt] = []
    for receipt in case.received:
        if ours[_same(receipt)]:
            ours[_same(receipt)] -= 1
        else:
            own.append(receipt)
    if not known:
        return case, len(own)
    receipts = (*own, *(award.receipt for award in known))
    return case.model_copy(update={"received": receipts}), len(own)


def _same(receipt: Receipt) -> tuple[Any, ...]:
    return receipt.measure, receipt.subject, receipt.year, receipt.amount


def check_key(key: str | None) -> None:
    """Raises InputFaults (`ledger/key`) for a key that is empty, too long, or not printable."""
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        message = Text(f"键应为 1 至 {LONGEST_KEY} 个可见字符", f"a key has 1 to {LONGEST_KEY} printable characters")
        raise fault("key", message, None, "key")


def repeated(entry: Entry, request: str, *kinds: str) -> Entry:
    """The entry under a key that was used before. Raises InputFaults (`ledger/key-reused`) where it asked for something else."""
    if entry.request == request and entry.kind in kinds:
        return entry
    message = Text(
        f"键 `{entry.key}` 已用于第 {entry.seq} 项，而那次请求的内容不同",
        f"the key `{entry.key}` was used for entry {entry.seq}, which asked for something else",
    )
    raise fault("key-reused", message, Text("新的请求用新的键", "a new request takes a new key"), "key")
