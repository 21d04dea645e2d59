"""conggao.engine.ledger: what was decided and paid, kept so that it can be checked and repeated, and nothing is paid twice.

    with Ledger.open("awards.db") as ledger:
        kept = ledger.record(case, engine=Engine(), received=True, key="2025-0017")
        answer = ledger.award(kept.entry, "yinchuan-2024-2/8a", key="2025-0017/8a")

A ledger may be used by many threads, and one database by many processes. The extra `ledger` brings what it needs (SQLAlchemy and Alembic),
`postgres` the driver of PostgreSQL; neither is imported before a ledger is opened.
"""

from conggao.engine.ledger.ledger import Ledger
from conggao.engine.ledger.model import (
    Answer,
    Bilingual,
    Finding,
    Head,
    Kept,
    Outside,
    Past,
    PastAward,
    PastDecision,
    PastOutcome,
    PastRefusal,
    Payment,
    Reason,
    Replay,
    Replayed,
    Reversed,
    Shift,
    Verdict,
)

__all__ = [
    "Answer",
    "Bilingual",
    "Finding",
    "Head",
    "Kept",
    "Ledger",
    "Outside",
    "Past",
    "PastAward",
    "PastDecision",
    "PastOutcome",
    "PastRefusal",
    "Payment",
    "Reason",
    "Replay",
    "Replayed",
    "Reversed",
    "Shift",
    "Verdict",
]
