"""What a ledger is asked and what it answers. Money is yuan with two decimals; an entry is called by its number, from 1."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, PrivateAttr

from conggao.engine.decision import Decision, Status
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.vocabulary import Vocabulary

Reason = Literal["once", "paid", "line", "excluded", "cap", "ceiling", "decision"]
"""Why an award is refused: the measure pays once and has paid; its claim is paid in full; money of another measure on a common line; money
of a measure that the page excludes; the cap is used up; the ceiling is; the decision does not grant so much."""

Kind = Literal["decision", "award", "refusal", "reversal"]


class Told(BaseModel):
    """A part of an answer; never changed once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Told):
    """A message in both languages."""

    zh: str
    en: str

    @classmethod
    def text(cls, text: Text) -> Bilingual:
        return cls(zh=text.zh, en=text.en)

    def of(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


class Head(Told):
    """The last entry of a ledger: its number and its hash, which stands for all before it."""

    entry: int
    hash: str


class Kept(Told):
    """A decision that was recorded. `result` is its JSON, byte for byte; `repeated`: the key was there, and this is what it answered."""

    entry: int
    at: str
    hash: str
    key: str | None
    repeated: bool
    result: str
    _vocabulary: Vocabulary | None = PrivateAttr(None)

    @property
    def decision(self) -> Decision:
        """The decision, as a model."""
        return Decision.model_validate_json(self.result, context={"vocabulary": self._vocabulary})

    def read_by(self, vocabulary: Vocabulary) -> Kept:
        """The same; its `decision` may hold facts of the vocabulary."""
        self._vocabulary = vocabulary
        return self


class Payment(Told):
    """An award asked for: of the measure, for the subject, under the decision that is entry `decision`.

    `subject` may be left out where the decision has only one for the measure, `amount` where it is an entitlement. `key` is the
    caller's own name of the request: a second request with it answers as the first did.
    """

    decision: int
    measure: str
    subject: str | None = None
    amount: Decimal | None = None
    key: str | None = None
    note: str | None = None


class PastAward(Told):
    """An award in the ledger. `holder` is a credit code, or `park:ID`; `reversed_by` the entry that took it back."""

    entry: int
    at: str
    holder: str
    measure: str
    title: Bilingual
    subject: str
    lines: tuple[str, ...]
    year: int
    amount: Decimal
    recipient: str
    provider: str | None
    decision: int
    note: str | None = None
    reversed_by: int | None = None
    reversed_because: str | None = None


class Outside(Told):
    """Money that stands in the way and is not an award of the ledger: the case of the decision stated it."""

    measure: str
    subject: str | None
    year: int | None
    amount: Decimal | None


class Answer(Told):
    """What became of an award that was asked for; either way it is an entry.

    `left`: what could still be awarded, None where there is no limit. A refusal has a `reason` and names what is `in_the_way`.
    """

    status: Literal["awarded", "refused"]
    entry: int
    at: str
    hash: str
    key: str | None
    repeated: bool
    decision: int
    holder: str
    measure: str
    subject: str
    year: int
    amount: Decimal
    left: Decimal | None
    reason: Reason | None = None
    in_the_way: tuple[PastAward, ...] = ()
    outside: tuple[Outside, ...] = ()
    message: Bilingual


class Reversed(Told):
    """An award taken back, whole."""

    entry: int
    at: str
    hash: str
    key: str | None
    repeated: bool
    award: PastAward
    because: str


class Finding(Told):
    """Something wrong with a ledger, at an entry where that can be said. A `note` does not shake it."""

    severity: Literal["error", "note"]
    kind: Literal[
        "altered", "removed", "reordered", "truncated", "inserted", "head", "text", "witness", "guard", "reference"
    ]
    entry: int | None
    message: Bilingual


class Verdict(Told):
    """What `verify` found: the ledger `holds` where nothing is wrong with it."""

    holds: bool
    entries: int
    head: Head | None
    witnessed: int | None
    """Entries of which the witness file holds the hash; None where there is no such file."""
    findings: tuple[Finding, ...]


class Shift(Told):
    """One measure for one subject treated differently; amounts are the sure ones, None where the outcome has no money."""

    measure: str
    subject: str | None
    before: Status | None
    after: Status | None
    amount_before: Decimal | None
    amount_after: Decimal | None
    reason: str


class Replayed(Told):
    """A recorded decision decided again, which came out differently or could not be decided; `fault` then says why."""

    entry: int
    holder: str | None
    as_of: date
    before: dict[str, Decimal]
    after: dict[str, Decimal]
    """Sure totals by recipient."""
    shifts: tuple[Shift, ...]
    fault: str | None = None

    @property
    def gain(self) -> Decimal:
        """What the enterprise surely gains, in yuan."""
        return self.after.get("enterprise", Decimal("0.00")) - self.before.get("enterprise", Decimal("0.00"))


class Replay(Told):
    """Every recorded decision decided again. `same` counts those that came out the same: to the byte under their own rulebooks (`exact`),
    else in every status and amount."""

    exact: bool
    decisions: int
    same: int
    differing: tuple[Replayed, ...]
    payers: dict[str, Decimal]
    """What each level of government would surely pay more, or less."""


class PastOutcome(Told):
    """What a recorded decision said of one measure, with the reason in a sentence."""

    measure: str
    title: str
    subject: str | None
    status: Status
    low: Decimal | None
    high: Decimal | None
    reason: str


class PastDecision(Told):
    """A recorded decision: what it granted, and what it did not, with the reasons."""

    entry: int
    at: str
    as_of: date
    policies: tuple[str, ...]
    granted: tuple[PastOutcome, ...]
    not_granted: tuple[PastOutcome, ...]


class PastRefusal(Told):
    """An award that was asked for and refused."""

    entry: int
    at: str
    measure: str
    subject: str
    amount: Decimal
    decision: int
    reason: Reason
    in_the_way: tuple[int, ...]
    message: Bilingual


class Past(Told):
    """What an enterprise, or a park, was granted, refused and paid. `paid` is the sum of the awards that stand, by recipient."""

    holder: str
    decisions: tuple[PastDecision, ...]
    awards: tuple[PastAward, ...]
    refusals: tuple[PastRefusal, ...]
    paid: dict[str, Decimal]
