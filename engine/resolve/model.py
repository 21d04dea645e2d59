"""What the resolver is given and what it answers. Money is whole fen; an upper end of None is open."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, Literal, NamedTuple, TypeVar

Level = Literal["national", "region", "city"]
Status = Literal["granted", "contingent", "superseded", "received", "exhausted"]
Order = tuple[object, ...]
Key = tuple[str, str]
T = TypeVar("T")

_DIGITS = re.compile(r"(\d+)")
_NONE: frozenset[str] = frozenset()
_NO_KEYS: frozenset[Key] = frozenset()


@lru_cache(maxsize=8192)
def natural(text: str) -> Order:
    """A key that sorts `2a` before `10a` and `P2` before `P10`."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in _DIGITS.split(text) if part)


class Later(Generic[T]):
    """A value that is worked out when it is first read, and compares as that value."""

    __slots__ = ("_made", "_value")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, made: Callable[[], T]) -> None:
        self._made: Callable[[], T] | None = made
        self._value: T

    @property
    def value(self) -> T:
        if self._made is not None:
            self._value = self._made()
            self._made = None
        return self._value

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, Later) else other)

    def __repr__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Cap:
    """What is left of a cap: it binds the sum of the claims that name it."""

    low: int
    high: int | None


@dataclass(slots=True)
class Claim:
    """An eligible measure for one subject; never changed once made (freezing it would cost half of a decision's claims).

    `order` ends with the natural key of the subject and sorts by (policy, measure, subject). `low`..`high` is the standard; `own` what
    was received under the same measure for the same subject and period; `rival` what was received under others on its lines; `ended`
    says that a once-only award was already paid. `cap` and `ceilings` name entries of the caps and of the ceilings.

    Claims that share an entry of `lines` exclude each other, unless one of them names the measure of the other in `stacks`. `excludes`
    holds (measure, subject) of claims it excludes besides; one side saying so is enough. A claim steps back before any claim named in
    `yields`, whatever that one pays.
    """

    measure: str
    subject: str
    order: Order
    low: int
    high: int | None
    lines: tuple[tuple[str, ...], ...] = ()
    recipient: str = "enterprise"
    level: Level = "city"
    cap: str | None = None
    own: int = 0
    rival: int = 0
    ended: bool = False
    stacks: frozenset[str] = _NONE
    excludes: frozenset[Key] = _NO_KEYS
    yields: frozenset[Key] = _NO_KEYS
    ceilings: tuple[str, ...] = ()
    key: Key = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.key = self.measure, self.subject

    @property
    def due(self) -> tuple[int, int | None]:
        """The standard less what was received for it, before any cap or ceiling."""
        return max(0, self.low - self.own), None if self.high is None else max(0, self.high - self.own)


class Award(NamedTuple):
    """What became of a claim: its status, what is paid now, and, where it was given up, for which claims.

    `lost` is what `difference` reads, perhaps only worked out then. `break_even` is the least standard of a contingent claim at which it
    may stand in a plan that is as good as the chosen one; None also where that could not be proven.
    """

    status: Status
    low: int
    high: int | None
    superseded_by: tuple[Key, ...] = ()
    lost: int | Later[int | None] | None = None
    break_even: int | None = None

    @property
    def difference(self) -> int | None:
        """The sure optimum less that of the best plan with the claim, in fen; None where nothing is lost or it is not proven."""
        return self.lost.value if isinstance(self.lost, Later) else self.lost


class Resolution:
    """The awards by (measure, subject), the totals by recipient, and what can be said of the plan.

    `bound`: where the plan is not `proven`, what the enterprise's sure total cannot exceed, else None. `plan`: the chosen claims in
    natural order. `naive`: the enterprise's sure money where every line takes its greatest claim without regard to the rest.
    """

    __slots__ = ("_naive", "_plan", "awards", "bound", "proven", "totals")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        awards: Mapping[Key, Award],
        totals: Mapping[str, tuple[int, int | None]],
        proven: bool = True,
        bound: int | None = None,
        plan: tuple[Key, ...] | Later[tuple[Key, ...]] = (),
        naive: int | Later[int] | None = None,
    ) -> None:
        self.awards = awards
        self.totals = totals
        self.proven = proven
        self.bound = bound
        self._plan = plan
        self._naive = naive

    @property
    def plan(self) -> tuple[Key, ...]:
        return self._plan.value if isinstance(self._plan, Later) else self._plan

    @property
    def naive(self) -> int | None:
        return self._naive.value if isinstance(self._naive, Later) else self._naive

    def by_recipient(self) -> dict[str, tuple[int, int | None]]:
        """The totals in whole fen, that of the enterprise first, whether or not it has a claim."""
        return {"enterprise": (0, 0), **{name: self.totals[name] for name in sorted(self.totals)}}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resolution):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("awards", "totals", "proven", "bound", "plan", "naive")
        )

    def __repr__(self) -> str:
        return f"Resolution(plan={self.plan}, totals={dict(self.totals)}, proven={self.proven}, awards={dict(self.awards)})"
