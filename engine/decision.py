"""A decision as the outside sees it. Knows neither rules nor files: what only an explanation needs is made when it is read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_serializer,
)

from conggao.facts.diagnostics import Lang
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


Later = tuple[Any, ...]
"""A function and its arguments: what it makes is made when it is read."""

_new: Callable[..., Any] = object.__new__
_put = object.__setattr__
_KEPT = frozenset({"__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"})
"""What pydantic keeps of an instance beside its fields."""


class Made(BaseModel):
    """A model whose values were made by the engine and need no validation; some are made when first read.

    An instance made by `of` has its values and makes those of `LATER` together when one of them is read. One made by `when_read` has
    none yet. Two threads that read at once may both make a value; it is the same value.
    """

    __slots__ = ("_later", "_whole")

    model_config = ConfigDict(frozen=True, extra="forbid")

    LATER: ClassVar[frozenset[str]] = frozenset()
    """Fields that are made after the others, all at once."""
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()
    """Fields left out of the JSON form where they say nothing."""

    ALL: ClassVar[set[str]] = set()
    """All fields, as one set for all instances: none of them is ever changed."""

    @classmethod
    def of(cls, values: dict[str, Any], later: Later | None = None) -> Self:
        """An instance that holds `values` as they are: all fields but those that `later` makes, which returns them as a dict."""
        made: Self = _new(cls)
        _put(made, "__dict__", values)
        made._keep()
        if later is not None:
            _put(made, "_later", later)
        return made

    @classmethod
    def when_read(cls, *whole: Any) -> Self:
        """An instance whose fields `whole`, a function and its arguments, makes: it returns what `of` takes."""
        made: Self = _new(cls)
        _set_whole(made, whole)
        return made

    @classmethod
    def all_when_read(cls, wholes: Iterable[tuple[dict[str, Any], Later]]) -> list[Self]:
        """An instance for each of `wholes`: it has some of its values, and makes the others as by `when_read`."""
        new, put, set_whole = _new, _put, _set_whole
        found: list[Self] = []
        for values, whole in wholes:
            made = new(cls)
            put(made, "__dict__", values)
            set_whole(made, whole)
            found.append(made)
        return found

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.ALL = set(cls.model_fields)

    def __getattr__(self, name: str) -> Any:
        cls = type(self)
        if name in cls.ALL or name in _KEPT:
            self._begin()
            if name in cls.LATER:
                self._fill()
            return object.__getattribute__(self, name)
        return super().__getattr__(name)  # type: ignore[misc]

    def _keep(self) -> None:
        _put(self, "__pydantic_fields_set__", self.ALL)
        _put(self, "__pydantic_extra__", None)
        _put(self, "__pydantic_private__", None)

    def _begin(self) -> None:
        """Makes all fields but those of `LATER`, where nothing is made yet."""
        whole = _waiting(self, _WHOLE)
        if whole is not None:
            make, *arguments = whole
            values, later = make(*arguments)
            # In this order: whoever finds `_whole` empty must find all the rest.
            _put(self, "_later", later)
            self._keep()
            self.__dict__.update(values)
            _put(self, "_whole", None)

    def _fill(self) -> None:
        """Makes every field."""
        self._begin()
        later = _waiting(self, _LATER)
        if later is not None:
            make, *arguments = later
            self.__dict__.update(make(*arguments))
            _put(self, "_later", None)

    @model_serializer(mode="wrap")
    def _serialize(self, handler: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        self._fill()
        form = handler(self)
        return {
            name: form[name]
            for name in type(self).model_fields
            if name in form and (name not in self.OPTIONAL or form[name] not in (None, [], ()))
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    # What pydantic reads off the fields without asking for them by name.

    def __getstate__(self) -> dict[Any, Any]:
        self._fill()
        return super().__getstate__()

    def __copy__(self) -> Self:
        self._fill()
        return super().__copy__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        self._fill()
        return super().__deepcopy__(memo)

    def __iter__(self) -> Generator[tuple[str, Any], None, None]:
        self._fill()
        yield from super().__iter__()

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        self._fill()
        return super().__repr_args__()


_WHOLE, _LATER = Made.__dict__["_whole"], Made.__dict__["_later"]
_set_whole = _WHOLE.__set__


def _waiting(made: Made, slot: Any) -> Later | None:
    """What `slot` still has to make; a model that was validated has never had anything there."""
    try:
        found: Later | None = slot.__get__(made)
    except AttributeError:
        return None
    return found


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


def _read(value: Any) -> Any:
    """The case of a decision that is loaded back: it may hold facts that the shipped rulebooks declare."""
    if not isinstance(value, Mapping):
        return value
    from conggao.engine.rulebook.library import shipped_vocabulary

    return shipped_vocabulary().case_model().model_validate(dict(value))


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

        Raises KeyError where there is none, or more than one.
        """
        found = [
            item
            for item in self.outcomes
            if measure in (item.measure, item.measure.rpartition("/")[2]) and subject in (None, item.subject)
        ]
        if len(found) != 1:
            raise KeyError(f"{len(found)} outcomes of {measure!r} for {subject!r}")
        return found[0]

    def to_json(self) -> str:
        """The one stable JSON form; the same facts under the same rulebooks give the same bytes."""
        return self.model_dump_json(indent=1)

    def _repr_html_(self) -> str | None:
        """How a notebook shows it; None, for the plain form, where the extra `report` is not installed."""
        try:
            from conggao.engine.report import decision_html
        except ModuleNotFoundError as missing:
            if missing.name not in ("jinja2", "markupsafe"):
                raise
            return None
        return decision_html(self)
