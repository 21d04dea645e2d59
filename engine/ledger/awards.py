"""Awards as they are stored, and as money received."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conggao.engine.decision import yuan
from conggao.engine.ledger.model import Bilingual, PastAward
from conggao.engine.ledger.schema import entries
from conggao.engine.receipts import Taken, fen_of
from conggao.facts.models import Receipt
from conggao.facts.values import LONGEST_ID

_reversal = entries.alias("reversal")
_STANDS = ~sa.exists().where(_reversal.c.target == entries.c.seq, _reversal.c.kind == "reversal")
_PORTION = 500
"""Entries asked for at once."""

_OWN = sa.select(entries.c.seq, entries.c.hash).where(
    entries.c.kind == "award", entries.c.holder.in_(sa.bindparam("holders", expanding=True)), _STANDS
)
_SHARED = sa.select(entries.c.seq, entries.c.hash).where(
    entries.c.kind == "award", entries.c.provider.in_(sa.bindparam("providers", expanding=True)), _STANDS
)
_THESE = sa.select(entries.c.seq, entries.c.at, entries.c.holder, entries.c.body).where(
    entries.c.seq.in_(sa.bindparam("seqs", expanding=True))
)


@dataclass(frozen=True)
class Award:
    """An award that stands. `foreign`: of another enterprise, under a cap of the provider."""

    entry: int
    at: str
    holder: str
    said: dict[str, Any]
    foreign: bool

    @cached_property
    def taken(self) -> Taken:
        """As what was received is read by the rulebooks; the subject of another enterprise is none of ours."""
        said = self.said
        return Taken(
            self.entry,
            self.receipt,
            said["measure"],
            self.subject,
            frozenset(said["lines"]),
            fen_of(Decimal(said["amount"])),
            said["annual"],
        )

    @property
    def subject(self) -> str:
        subject: str = self.said["subject"]
        if not self.foreign:
            return subject
        kind, _, name = subject.partition(":")
        return f"{kind}:{f'{self.holder}-{name}'[:LONGEST_ID]}"

    @cached_property
    def receipt(self) -> Receipt:
        """As a case states it."""
        said = self.said
        return Receipt(
            measure=said["measure"],
            subject=self.subject,
            provider=said["provider"],
            amount=Decimal(said["amount"]),
            year=said["year"],
            lines=tuple(said["lines"]),
        )


def past_award(
    entry: int, at: str, holder: str, said: dict[str, Any], reversed_by: int | None = None, because: str | None = None
) -> PastAward:
    return PastAward(
        entry=entry,
        at=at,
        holder=holder,
        measure=said["measure"],
        title=Bilingual(**said["title"]),
        subject=said["subject"],
        lines=tuple(said["lines"]),
        year=said["year"],
        amount=Decimal(said["amount"]),
        recipient=said["recipient"],
        provider=said["provider"],
        decision=said["decision"],
        note=said["note"],
        reversed_by=reversed_by,
        reversed_because=because,
    )


class Awards:
    """The awards of a ledger. What an award says never changes, so it is read and understood once; whether it stands is always asked."""

    MOST = 50_000
    """Awards remembered."""

    def __init__(self) -> None:
        # By the hash: a number may be given twice, where what was to be recorded first was not.
        self._known: dict[tuple[str, bool], Award] = {}

    def standing(
        self, connection: Connection, holders: Sequence[str], providers: Sequence[str] = (), measure: str | None = None
    ) -> list[Award]:
        """The awards that stand of these holders, and, under caps of a provider (of `measure`, if given), of these providers."""
        keys: dict[int, tuple[str, bool]] = {}
        if providers:
            shared = _SHARED if measure is None else _SHARED.where(entries.c.measure == measure)
            for seq, name in connection.execute(shared, {"providers": list(providers)}):
                keys[seq] = name, True
        if holders:
            for seq, name in connection.execute(_OWN, {"holders": list(holders)}):
                keys[seq] = name, False
        found = {seq: self._known[key] for seq, key in keys.items() if key in self._known}
        missing = [seq for seq in keys if seq not in found]
        if len(self._known) + len(missing) > self.MOST:
            self._known.clear()
        for begin in range(0, len(missing), _PORTION):
            for row in connection.execute(_THESE, {"seqs": missing[begin : begin + _PORTION]}):
                key = keys[row.seq]
                found[row.seq] = self._known[key] = Award(row.seq, row.at, row.holder, json.loads(row.body), key[1])
        return [found[seq] for seq in sorted(found)]


def money(fen: int) -> str:
    """Fen as the text of yuan that entries hold."""
    return f"{yuan(fen):.2f}" if abs(fen) < 10**24 else str(yuan(fen))
