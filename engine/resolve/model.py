"""What the resolver is given and what it answers. Money is whole fen; an upper end of None is open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

Level = Literal["national", "region", "city"]
Status = Literal["granted", "contingent", "superseded", "received", "exhausted"]
Order = tuple[object, ...]

_DIGITS = re.compile(r"(\d+)")


@lru_cache(maxsize=8192)
def natural(text: str) -> Order:
    """A key that sorts `2a` before `10a` and `P2` before `P10`."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in _DIGITS.split(text) if part)


@dataclass(frozen=True, slots=True)
class Cap:
    """What is left of a cap: it binds the sum of the claims that name it."""

    low: int
    high: int | None


@dataclass(slots=True)
class Claim:
    """An eligible measure for one subject; never changed once made (freezing it would cost half of a decision's claims).

    `low`..`high` is its standard; `own` what was received under the same measure for the same subject and period; `rival` what was
    received under others on its lines; `ended` says that a once-only award was already paid. Claims that share an entry of `lines`
    exclude each other. `cap` names an entry of the caps.
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
    stacks: frozenset[str] = frozenset()
    excludes: frozenset[tuple[str, str]] = frozenset()
    yields: frozenset[tuple[str, str]] = frozenset()
    ceilings: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.measure, self.subject

    @property
    def due(self) -> tuple[int, int | None]:
        """The standard less what was received for it."""
        return max(0, self.low - self.own), None if self.high is None else max(0, self.high - self.own)


class Award(NamedTuple):
    """What became of a claim: its status, what is paid now, and, where it was given up, for which claims and by how much."""

    status: Status
    low: int
    high: int | None
    superseded_by: tuple[tuple[str, str], ...] = ()
    difference: int | None = None
    break_even: int | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The awards by (measure, subject), and the totals by recipient."""

    awards: Mapping[tuple[str, str], Award]
    totals: Mapping[str, tuple[int, int | None]]
    proven: bool = field(default=True)
    bound: int | None = None
    plan: tuple[tuple[str, str], ...] = ()
    naive: int | None = None
