"""A decision as the outside sees it. Knows neither rules nor files: what only an explanation needs is made when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    SerializeAsAny,
    ValidationInfo,
    field_serializer,
)
from pydantic_core import to_json

from conggao.engine.made import Made
from conggao.facts.diagnostics import Lang, did_you_mean
from conggao.facts.models import Case

Status = Literal[
    "granted", "contingent", "superseded", "received", "exhausted", "unmet", "undetermined", "service", "programme", "not_in_force",
]  # fmt: skip

_LARGE = 10**24


def yuan(fen: int) -> Decimal:
    """Whole fen as yuan with two decimals, exactly."""
    if -_LARGE < fen < _LARGE:
        return Decimal(fen).scaleb(-2)
    sign, digits = ("-", -fen) if fen < 0 else ("", fen)
    return Decimal(f"{sign}{digits // 100}.{digits % 100:02d}")


class Range(Made):
    """An interval of yuan; both ends equal for an entitlement, `high` None where it is open."""

    low: Decimal
    high: Decimal | None

    @classmethod
    def fen(cls, low: int, high: int | None) -> Range:
        """From whole fen."""
        return cls.when_read(_ends, low, high)


def _ends(low: int, high: int | None) -> tuple[dict[str, Decimal | None], None]:
    first = yuan(low)
    return {"low": first, "high": first if high == low else None if high is None else yuan(high)}, None


ZERO = Range.fen(0, 0)


class Condition(Made):
    """A condition with what made it true, false or unknown.

    Of a comparison, `value` was compared with `threshold`, `distance` apart; `finding` says it in a sentence. `parts` are the conditions
    it is made of.
    """

    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"value", "threshold", "distance", "finding", "parts"})

    text: str
    truth: bool | None
    value: str | None = None
    threshold: str | None = None
    distance: str | None = None
    finding: str | None = None
    parts: tuple[Condition, ...] = ()


class Step(Made):
    """One step from fact to amount: `name` is `pay`, `standard`, `cap`, `received`, `assessed` or `paid`."""

    name: str
    text: str
    amount: Range | None = None

    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"amount"})


class Outcome(Made):
    """What one measure means for one subject (source: the design's statuses and JSON names)."""

    LATER: ClassVar[frozenset[str]] = frozenset({"conditions", "steps", "notes", "difference"})
    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"difference", "break_even", "basis", "funding"})

    measure: str
    subject: str | None
    title: str
    clause: str
    lines: tuple[str, ...]
    status: Status
    standard: Range | None
    amount: Range | None
    recipient: str | None
    superseded_by: tuple[str, ...] = ()
    contested_by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    steps: tuple[Step, ...] = ()
    interpretation: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    difference: Decimal | None = None
    break_even: Decimal | None = None
    funding: dict[str, Range] | None = None
    basis: str | None = None


class Filing(Made):
    """A claim to file: the `order` in which, under which measure and at which level of government, and what it pays.

    `open` says that an authority still decides the amount. A claim that what is decided could bring into the plan has its `break_even`:
    the amount of its own from which it is the better one; `rate` is the same as the rate to be decided, where there is one.
    """

    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"order", "break_even", "rate", "instead_of", "difference"})

    order: int | None = None
    measure: str
    subject: str | None
    level: str
    title: str
    recipient: str | None
    amount: Range | None
    open: bool
    instead_of: tuple[str, ...] = ()
    difference: Decimal | None = None
    break_even: Decimal | None = None
    rate: str | None = None


class Plan(Made):
    """The decision as a person files it: what to claim, in order; what to leave; what an office may still decide.

    `naive` is the sure money of the enterprise if it chose the highest standard line by line, `gain` what the plan brings more.
    `proven` is false where the time did not suffice to prove that nothing is better; `bound` is then what nothing can exceed.
    """

    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"bound"})

    claim: tuple[Filing, ...]
    leave: tuple[Filing, ...]
    discretion: tuple[Filing, ...]
    naive: Decimal
    gain: Decimal
    proven: bool = True
    bound: Decimal | None = None


class PolicyRef(Made):
    """A rulebook that took part, by the hash of its page."""

    id: str
    sha256: str


class Firing(Made):
    """A rule that fired: a derived fact or a measure, and for whom."""

    rule: str
    subject: str | None


def _read(value: Any, info: ValidationInfo) -> Any:
    """The case of a decision that is loaded back: it may hold facts that the shipped rulebooks declare, or those of the `vocabulary`
    that the context names."""
    if not isinstance(value, Mapping):
        return value
    known = (info.context or {}).get("vocabulary")
    if known is None:
        from conggao.engine.rulebook.library import shipped_vocabulary

        known = shipped_vocabulary()
    return known.case_model().model_validate(dict(value))


class Decision(Made):
    """What an enterprise may claim on a day. `totals` are by recipient; `fired` is null where no rule engine took part."""

    LATER: ClassVar[frozenset[str]] = frozenset({"plan"})

    as_of: date
    policies: tuple[PolicyRef, ...]
    outcomes: tuple[Outcome, ...]
    totals: dict[str, Range]
    plan: Plan | None = None
    fired: tuple[Firing, ...] | None = None
    notes: tuple[str, ...] = ()
    case: SerializeAsAny[Annotated[Case, BeforeValidator(_read)]]
    """The facts decided on. In JSON they are what a case file would hold."""
    lang: Lang = "zh"

    @field_serializer("case")
    def _document(self, case: Case) -> dict[str, Any]:
        return case.document()

    def outcome(self, measure: str, subject: str | None = None) -> Outcome:
        """The outcome of a measure (its full id, or its own where only one policy has it), for `subject` if given.

        Raises KeyError where there is none, which names the nearest, or more than one, which names them.
        """
        found = [
            item
            for item in self.outcomes
            if measure in (item.measure, item.measure.rpartition("/")[2]) and subject in (None, item.subject)
        ]
        if len(found) != 1:
            known = [name for item in self.outcomes for name in (item.measure.rpartition("/")[2], item.measure)]
            hint = did_you_mean(measure, dict.fromkeys(known)) if not found else None
            listed = ", ".join(f"{item.measure} for {item.subject!r}" for item in found) or (hint.en if hint else "")
            whom = "" if subject is None else f" for {subject!r}"
            raise KeyError(f"{len(found)} outcomes of {measure!r}{whom}" + (f": {listed}" if listed else ""))
        return found[0]

    def to_json(self) -> str:
        """The one stable JSON form; the same facts under the same rulebooks give the same bytes."""
        return self.encoded().decode()

    def encoded(self) -> bytes:
        """`to_json` in UTF-8, as it is sent and kept."""
        return to_json(self.plain(), indent=1)

    def plain(self) -> dict[str, Any]:
        """The decision as `to_json` writes it: dicts, lists and plain values."""
        return super().plain() | {"case": self.case.document()}

    def _repr_html_(self) -> str | None:
        """How a notebook shows it; None, for the plain form, where the extra `report` is not installed."""
        try:
            from conggao.engine.report import decision_html
        except ModuleNotFoundError as missing:
            if missing.name not in ("jinja2", "markupsafe"):
                raise
            return None
        return decision_html(self)
