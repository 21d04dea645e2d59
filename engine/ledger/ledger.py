"""The Ledger: one object over one database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from conggao.engine.decide import CaseLike, Engine
from conggao.engine.decision import Decision
from conggao.engine.ledger.model import Answer, Kept, Past, Payment, Replay, Reversed, Verdict
from conggao.engine.sitting import EngineName
from conggao.facts.diagnostics import Lang, Text, quote
from conggao.facts.models import Case, Receipt
from conggao.facts.quantities import quantity
from conggao.facts.units import MONEY

if TYPE_CHECKING:
    from conggao.engine.ledger.store import Store


class Ledger:
    """Decisions, awards and their reversal, in the order in which they were recorded. Nothing in it is ever changed.

    Threads may share one; every writing call is one transaction, and has been written to the disk when it returns. All methods raise
    InputFaults: for what is asked wrongly, and where the database cannot be had (`ledger/unavailable`, `ledger/full`).
    """

    def __init__(self, store: Store) -> None:
        from conggao.engine.ledger.awarding import Awarding

        self._store = store
        self._awarding = Awarding(store)

    @classmethod
    def open(cls, url: str | Path, *, witness: str | Path | None = None, create: bool = True) -> Self:
        """The ledger at `url`: the path of a SQLite file, or a `sqlite:///…` or `postgresql://…` URL.

        Made where there is none, unless `create` is False. `witness`: a file that holds the hash of every entry a second time, best on
        another disk; by default beside a SQLite file, and none for PostgreSQL.
        """
        from conggao.engine.ledger.store import Store

        return cls(Store.open(url, witness=witness, create=create))

    def close(self) -> None:
        """Lets go of the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing.

    def record(
        self,
        case: CaseLike | Decision,
        *,
        engine: Engine | None = None,
        as_of: date | str | None = None,
        received: bool = False,
        key: str | None = None,
        evaluator: EngineName = "forward",
        lang: Lang = "zh",
    ) -> Kept:
        """Decides `case` with `engine` (by default all shipped rulebooks) and records the decision; or records a decision just made.

        `received`: what the ledger knows the enterprise, its park and its providers to have received counts too. A decision must be
        that which `engine` makes of its case.
        """
        from conggao.engine.ledger.recording import record

        decider = engine or Engine()
        kept = record(
            self._store,
            decider,
            case,
            as_of=as_of,
            received=received,
            key=key,
            evaluator=evaluator,
            lang=lang,
        )
        return kept.read_by(decider.vocabulary)

    def award(
        self,
        decision: int,
        measure: str,
        subject: str | None = None,
        amount: Decimal | int | str | None = None,
        *,
        key: str | None = None,
        note: str | None = None,
    ) -> Answer:
        """Records an award under a recorded decision, or refuses it because of what has been recorded by then."""
        asked = payment(decision, measure, subject, amount, key, note)
        return self._awarding.award_all([asked])[0]

    def award_all(self, payments: Iterable[Payment]) -> tuple[Answer, ...]:
        """As `award`, for several in one transaction: each is answered by itself, in their order."""
        return self._awarding.award_all(list(payments))

    def reverse(self, award: int, because: str, *, key: str | None = None) -> Reversed:
        """Takes the award that is entry `award` back, whole; it then counts for nothing."""
        from conggao.engine.ledger.reversing import reverse

        return reverse(self._store, award, because, key)

    # Reading.

    def received(
        self, credit_code: str | None, *, park: str | None = None, providers: Sequence[str] = ()
    ) -> tuple[Receipt, ...]:
        """What a case may state as `received`: the awards that stand of an enterprise, of a park, and of providers under measures capped
        by provider, whichever enterprise bought from them."""
        holders = [holder for holder in (credit_code, None if park is None else f"park:{park}") if holder is not None]
        with self._store.reading() as connection:
            return tuple(item.receipt for item in self._store.awards.standing(connection, holders, providers))

    def with_received(self, case: Case) -> Case:
        """`case` with what the ledger knows was received added to what it states; what both know counts once."""
        from conggao.engine.ledger.recording import received_by, with_received

        with self._store.reading() as connection:
            return with_received(case, received_by(connection, self._store.awards, case))[0]

    def history(self, credit_code: str, *, lang: Lang = "zh") -> Past:
        """What the enterprise (or `park:ID`) was granted, refused and paid."""
        from conggao.engine.ledger.past import history

        return history(self._store, credit_code, lang)

    def verify(self, *, head: str | None = None, progress: Callable[[int, int], None] | None = None) -> Verdict:
        """Reads the whole ledger and finds every entry altered, removed, reordered, inserted or cut off.

        `head`: the `NUMBER:HASH` of an entry noted elsewhere, which must be in it. `progress` is told how many entries are read, of
        how many.
        """
        from conggao.engine.ledger.verifying import verify

        return verify(self._store, head, progress)

    def replay(
        self,
        *,
        as_of: date | str | None = None,
        engine: Engine | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Replay:
        """Decides every recorded case again: under the rulebooks stored with it, or on another day, or under those of `engine`."""
        from conggao.engine.ledger.replaying import replay

        return replay(self._store, as_of=as_of, engine=engine, progress=progress)

    def export(
        self, folder: str | Path, *, formats: Sequence[str] = ("jsonl", "parquet"), force: bool = False
    ) -> tuple[Path, ...]:
        """Writes `entries.jsonl` and `texts.jsonl` (everything, enough to check the chain), and `awards`, `refusals`, `decisions` and
        `outcomes` as `.parquet`, for which pyarrow is needed. All of the files, or none."""
        from conggao.engine.ledger.exporting import export

        return export(self._store, Path(folder), formats, force=force)


def payment(
    decision: int,
    measure: str,
    subject: str | None,
    amount: Decimal | int | str | None,
    key: str | None,
    note: str | None,
) -> Payment:
    """The request that these arguments make. Raises InputFaults (`ledger/amount`) where the amount is no money."""
    from conggao.engine.ledger.faults import fault

    given: Decimal | None = None
    if amount is not None:
        try:
            given = amount if isinstance(amount, Decimal) else Decimal(quantity(MONEY)(amount))
        except ValueError:
            message = Text(f"{quote(amount)} 不是金额", f"{quote(amount)} is not an amount of money")
            hint = Text("例如 `1000000` 或 `100 万元`", "such as `1000000` or `100 万元`")
            raise fault("amount", message, hint, "amount") from None
    return Payment(decision=decision, measure=measure, subject=subject, amount=given, key=key, note=note)
