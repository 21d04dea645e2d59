"""Awards as they are stored, and as money received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conggao.engine.decision import yuan
from conggao.engine.ledger.chain import Entry
from conggao.engine.ledger.model import Bilingual, PastAward
from conggao.engine.ledger.schema import entries
from conggao.engine.receipts import Taken, fen_of
from conggao.facts.models import Receipt
from conggao.facts.values import LONGEST_ID

_reversal = entries.alias("reversal")
_STANDS = ~sa.exists().where(_reversal.c.target == entries.c.seq, _reversal.c.kind == "reversal")
_COLUMNS = tuple(entries.c)

OWN = (
    sa.select(*_COLUMNS)
    .where(entries.c.kind == "award", entries.c.holder.in_(sa.bindparam("holders", expanding=True)), _STANDS)
    .order_by(entries.c.seq)
)
SHARED = (
    sa.select(*_COLUMNS)
    .where(entries.c.kind == "award", entries.c.provider.in_(sa.bindparam("providers", expanding=True)), _STANDS)
    .order_by(entries.c.seq)
)


@dataclass(frozen=True, slots=True)
class Award:
    """An award that stands. `foreign`: of another enterprise, under a cap of the provider."""

    entry: int
    at: str
    holder: str
    said: dict[str, Any]
    foreign: bool

    @property
    def fen(self) -> int:
        return fen_of(Decimal(self.said["amount"]))

    def taken(self) -> Taken:
        """As what was received is read by the rulebooks; the subject of another enterprise is none of ours."""
        said = self.said
        return Taken(
            self.entry,
            self.receipt(),
            said["measure"],
            self.subject,
            frozenset(said["lines"]),
            self.fen,
            said["annual"],
        )

    @property
    def subject(self) -> str:
        subject: str = self.said["subject"]
        if not self.foreign:
            return subject
        kind, _, name = subject.partition(":")
        return f"{kind}:{f'{self.holder}-{name}'[:LONGEST_ID]}"

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

    def told(self, reversed_by: int | None = None, because: str | None = None) -> PastAward:
        return past_award(self.entry, self.at, self.holder, self.said, reversed_by, because)


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


def standing(
    connection: Connection, holders: Sequence[str], providers: Sequence[str] = (), measure: str | None = None
) -> list[Award]:
    """The awards that stand of these holders, and, under caps of a provider (of `measure`, if given), of these providers."""
    found: dict[int, Award] = {}
    for foreign, statement, names in (
        (False, OWN, {"holders": list(holders)}),
        (True, SHARED, {"providers": list(providers)}),
    ):
        if not any(names.values()):
            continue
        if foreign and measure is not None:
            statement = statement.where(entries.c.measure == measure)  # noqa: PLW2901
        for row in connection.execute(statement, names):
            if row.seq not in found:
                found[row.seq] = Award(row.seq, row.at, row.holder, Entry.of(row._mapping).said, foreign)
    return [found[seq] for seq in sorted(found)]


def money(fen: int) -> str:
    """Fen as the text of yuan that entries hold."""
    return f"{yuan(fen):.2f}" if abs(fen) < 10**24 else str(yuan(fen))
