"""Every recorded decision, decided again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from conggao.engine.decide import Engine
from conggao.engine.decision import Decision, Range
from conggao.engine.ledger import reading
from conggao.engine.ledger.chain import Entry
from conggao.engine.ledger.model import Replay, Replayed, Shift
from conggao.engine.ledger.schema import entries
from conggao.engine.ledger.store import Store
from conggao.engine.rulebook.page import Page, parse_page
from conggao.engine.sitting import EngineName, decision_day
from conggao.engine.whatif import Change, compare
from conggao.facts.diagnostics import InputFaults, Text, headline
from conggao.facts.loading import read_case
from conggao.facts.models import Case

ZERO = Decimal("0.00")
ENGINES = 8
"""Sets of rulebooks kept compiled at once."""


def replay(
    store: Store,
    *,
    as_of: date | str | None,
    engine: Engine | None,
    progress: Callable[[int, int], None] | None,
) -> Replay:
    """As `Ledger.replay`."""
    day = None if as_of is None else decision_day(as_of, Case())
    same = total = 0
    differing: list[Replayed] = []
    payers: dict[str, Decimal] = {}
    with store.reading() as connection:
        only = entries.c.kind == "decision"
        many = connection.execute(sa.select(sa.func.count()).select_from(entries).where(only)).scalar_one()
        books = _Books(lambda name: reading.text_of(connection, name))
        for entry in list_of(connection, only):
            total += 1
            said = entry.said
            before = reading.text_of(connection, said["result"])
            found, paid = _again(entry, said, before, engine, books, day)
            if found is None:
                same += 1
            else:
                differing.append(found)
            for payer, gain in paid.items():
                payers[payer] = payers.get(payer, ZERO) + gain
            if progress is not None:
                progress(total, many)
    return Replay(
        exact=engine is None and day is None, decisions=total, same=same, differing=tuple(differing), payers=payers
    )


def list_of(connection: Any, condition: Any) -> Any:
    """Entries one by one by their numbers, so that texts can be read in between."""
    for seq in connection.execute(sa.select(entries.c.seq).where(condition).order_by(entries.c.seq)).scalars().all():
        yield reading.entry(connection, seq, "decision")


class _Books:
    """Engines of recorded rulebooks, by their hashes."""

    def __init__(self, text: Callable[[str], bytes]) -> None:
        self._text = text
        self._engines: dict[Any, Engine] = {}

    def engine(self, said: dict[str, Any]) -> Engine:
        key = tuple(tuple((item["name"], item["sha256"]) for item in said[part]) for part in ("policies", "shelf"))
        found = self._engines.get(key)
        if found is None:
            if len(self._engines) >= ENGINES:
                self._engines.clear()
            found = Engine.of(
                [self._page(item) for item in said["policies"]], [self._page(item) for item in said["shelf"]]
            )
            self._engines[key] = found
        return found

    def _page(self, item: dict[str, str]) -> Page:
        return parse_page(self._text(item["sha256"]), item["name"])


def _again(
    entry: Entry, said: dict[str, Any], before: bytes, engine: Engine | None, books: _Books, day: date | None
) -> tuple[Replayed | None, dict[str, Decimal]]:
    """What came out differently, if anything did, and what each payer would surely pay more."""
    on = date.fromisoformat(said["as_of"])
    try:
        decider = engine or books.engine(said)
        case = read_case(said["case"], decider.vocabulary)
        exact = engine is None and day is None
        evaluator: EngineName = said["evaluator"] if exact else "exact"
        now = decider.decide(case, day or on, engine=evaluator, lang=said["lang"])
    except InputFaults as faults:
        told = "; ".join(headline(item, said["lang"]) for item in faults.diagnostics)
        return Replayed(
            entry=entry.seq, holder=entry.holder, as_of=day or on, before={}, after={}, shifts=(), fault=told
        ), {}
    if exact and now.to_json().encode() == before:
        return None, {}
    was = Decision.model_validate_json(before, context={"vocabulary": decider.vocabulary})
    compared = compare(was, now)
    shifts = tuple(_shift(change) for change in compared.changes)
    if not exact and not shifts:
        return None, {}
    only = Text("字节不同，状态和金额都相同", "the bytes differ, no status or amount does")
    paid = {payer: ends[1] - ends[0] for payer, ends in compared.payers.items() if ends[0] != ends[1]}
    found = Replayed(
        entry=entry.seq, holder=entry.holder, as_of=now.as_of, before=_sure(was.totals), after=_sure(now.totals),
        shifts=shifts, fault=None if shifts else only.of(said["lang"]),
    )  # fmt: skip
    return found, paid


def _sure(totals: dict[str, Range]) -> dict[str, Decimal]:
    return {recipient: amount.low for recipient, amount in totals.items()}


def _shift(change: Change) -> Shift:
    before, after = change.before, change.after
    return Shift(
        measure=change.measure,
        subject=change.subject,
        before=None if before is None else before.status,
        after=None if after is None else after.status,
        amount_before=None if before is None or before.amount is None else before.amount.low,
        amount_after=None if after is None or after.amount is None else after.amount.low,
        reason=change.reason,
    )
