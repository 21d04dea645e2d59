"""Taking an award back."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from conggao.engine.ledger import reading
from conggao.engine.ledger.awards import past_award
from conggao.engine.ledger.chain import Entry, digest
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.model import Reversed
from conggao.engine.ledger.recording import check_key, repeated
from conggao.engine.ledger.store import Store
from conggao.engine.ledger.writing import Draft, Writing
from conggao.facts.diagnostics import Text


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
                return _told(connection, before, repeated=True)
        entry = reading.entry(connection, award, "award")
        undone = reading.reversal_of(connection, award)
        if undone is not None:
            message = Text(f"第 {award} 项已由第 {undone} 项撤回", f"entry {award} was taken back by entry {undone}")
            raise fault("reversed", message, None, str(award))
        said = {"award": award, "because": because, "amount": entry.said["amount"]}
        draft = Draft(
            "reversal", said, key, request if key else None, entry.holder, measure=entry.measure, target=award
        )
        return _told(connection, writing.add(draft), repeated=False)

    return store.write(add)


def _told(connection: Connection, entry: Entry, *, repeated: bool) -> Reversed:
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
