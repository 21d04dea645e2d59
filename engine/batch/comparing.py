"""Two runs over the same enterprises side by side: what the budget was and would be, who gains, who loses, who pays instead of whom.

Who gains and who loses goes by what is sure. A park or a service provider that is paid counts as itself, not as its customers; so the
gains less the losses are the change of the budget, to the fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from conggao.engine.batch.budget import GROUPS, Books, Budget, Sum
from conggao.facts.diagnostics import Text

ZERO = Decimal("0.00")
TOP = 10
"""Gainers and losers named."""
STEPS = (10**4, 10**5, 10**6, 10**7)
"""Between the classes of changes, in yuan."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One key of a group before and after."""

    key: str
    label: Text
    before: Sum
    after: Sum

    @property
    def change(self) -> Decimal:
        """By how much the sure sum changes."""
        return self.after.low - self.before.low

    @property
    def most(self) -> Decimal | None:
        """By how much the most changes; None where an end is open."""
        return None if self.before.high is None or self.after.high is None else self.after.high - self.before.high


@dataclass(frozen=True, slots=True)
class Mover:
    """Who gains or loses: an enterprise by its credit code, a park or a provider by `park:ID` or `provider:NAME`."""

    who: str
    name: str
    county: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Spread:
    """A class of changes: how many lie in it, and their sum."""

    label: Text
    count: int
    change: Decimal


@dataclass(frozen=True, slots=True)
class Hand:
    """Expenditures (a line of a subject) that another level of government pays for after; `before` or `after` None where none does."""

    before: str | None
    after: str | None
    expenditures: int
    enterprises: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a reform changes."""

    name: str
    total: Pair
    groups: Mapping[str, tuple[Pair, ...]]
    winners: int
    gained: Decimal
    losers: int
    lost: Decimal
    spread: tuple[Spread, ...]
    gainers: tuple[Mover, ...]
    sufferers: tuple[Mover, ...]
    hands: tuple[Hand, ...]


def compare_runs(books: Books, before: str, after: str, first: Budget, second: Budget, name: str) -> Effect:
    """The effect of going from the run `before` to the run `after`, whose sums are `first` and `second`."""
    _moves(books, before, after)
    moves = f"moves_{after}"
    [(winners, gained, losers, lost)] = books.rows(
        "SELECT count(*) FILTER (WHERE change > 0), coalesce(sum(change) FILTER (WHERE change > 0), 0), "
        f"count(*) FILTER (WHERE change < 0), coalesce(-sum(change) FILTER (WHERE change < 0), 0) FROM {moves}"
    )
    groups = {group: _pairs(books, group, first.groups[group], second.groups[group]) for group in GROUPS}
    return Effect(
        name=name,
        total=Pair("", first.total.label, first.total, second.total),
        groups=groups,
        winners=winners,
        gained=Decimal(gained),
        losers=losers,
        lost=Decimal(lost),
        spread=_spread(books, moves),
        gainers=_movers(books, moves, "change > 0", "DESC"),
        sufferers=_movers(books, moves, "change < 0", "ASC"),
        hands=_hands(books, before, after),
    )


def write_changes(books: Books, after: str, path: Path) -> None:
    """Everyone whose sure or greatest money changes, as Parquet."""
    target = str(path).replace("'", "''")
    books.connection.execute(
        f"COPY (SELECT * FROM moves_{after} WHERE change <> 0 OR before_high IS DISTINCT FROM after_high ORDER BY who) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _moves(books: Books, before: str, after: str) -> None:
    """A row for everyone who has money before or after."""

    def one(run: str) -> str:
        high = "CASE WHEN count(*) FILTER (WHERE high IS NULL) > 0 THEN NULL ELSE sum(high) END"
        return f"(SELECT who, sum(low) AS low, {high} AS high, min(credit_code) AS credit_code FROM paid_{run} GROUP BY who)"

    money = "DECIMAL(38, 2)"
    books.connection.execute(
        f"CREATE TABLE moves_{after} AS SELECT who, p.name, p.county, p.size, before_low::{money} AS before_low, "
        f"after_low::{money} AS after_low, (after_low - before_low)::{money} AS change, before_high, after_high FROM ("
        "SELECT coalesce(a.who, b.who) AS who, coalesce(a.credit_code, b.credit_code) AS credit_code, "
        "coalesce(a.low, 0) AS before_low, coalesce(b.low, 0) AS after_low, "
        "CASE WHEN a.who IS NULL THEN 0 ELSE a.high END AS before_high, CASE WHEN b.who IS NULL THEN 0 ELSE b.high END AS after_high "
        f"FROM {one(before)} a FULL JOIN {one(after)} b ON a.who = b.who) JOIN people p USING (credit_code)"
    )


def _pairs(books: Books, group: str, first: tuple[Sum, ...], second: tuple[Sum, ...]) -> tuple[Pair, ...]:
    before, after = {item.key: item for item in first}, {item.key: item for item in second}
    return tuple(
        Pair(key, books.label(group, key), before.get(key) or _none(key), after.get(key) or _none(key))
        for key in books.order(group, list(dict.fromkeys([*before, *after])))
    )


def _none(key: str) -> Sum:
    return Sum(key, Text(key, key), 0, 0, ZERO, ZERO)


def _spread(books: Books, moves: str) -> tuple[Spread, ...]:
    """Losses from the greatest, then gains up to the greatest."""
    bounds = [-step for step in reversed(STEPS)] + [0, *STEPS]
    cases = " ".join(f"WHEN change < {bound} THEN {n}" for n, bound in enumerate(bounds))
    found = {
        n: (count, Decimal(total))
        for n, count, total in books.rows(
            f"SELECT CASE {cases} ELSE {len(bounds)} END AS class, count(*), sum(change) FROM {moves} WHERE change <> 0 GROUP BY class"
        )
    }
    made: list[Spread] = []
    for n in range(len(bounds) + 1):
        low = None if n == 0 else bounds[n - 1]
        high = None if n == len(bounds) else bounds[n]
        made.append(Spread(_class(low, high), *found.get(n, (0, ZERO))))
    return tuple(made)


def _class(low: int | None, high: int | None) -> Text:
    """`-100,000 to -10,000`: the end nearer to zero is left out of neither class twice."""
    if low is None:
        return Text(f"减少超过 {-(high or 0):,} 元", f"less by more than {-(high or 0):,}")
    if high is None:
        return Text(f"增加 {low:,} 元及以上", f"more by {low:,} and above")
    if high <= 0:
        return Text(
            f"减少不超过 {-low:,} 元" + (f"、超过 {-high:,} 元" if high else ""), f"less by {-high:,} to {-low:,}"
        )
    return Text(f"增加 {low:,} 元至 {high:,} 元", f"more by {low:,} to {high:,}")


def _movers(books: Books, moves: str, where: str, order: str) -> tuple[Mover, ...]:
    rows = books.rows(
        f"SELECT who, name, county, before_low, after_low FROM {moves} WHERE {where} ORDER BY change {order}, who LIMIT {TOP}"
    )
    return tuple(
        Mover(who, _shown(who, name), county, Decimal(low), Decimal(high)) for who, name, county, low, high in rows
    )


def _shown(who: str, name: Any) -> str:
    kind, colon, rest = who.partition(":")
    return rest if colon and kind in ("park", "provider") else str(name or who)


def _hands(books: Books, before: str, after: str) -> tuple[Hand, ...]:
    """By who pays before and after, for every line of every subject that is paid under either."""

    def one(run: str) -> str:
        return (
            "(SELECT credit_code, subject, line, string_agg(DISTINCT level, ' + ' ORDER BY level) AS level FROM "
            f"(SELECT credit_code, subject, level, unnest(lines) AS line FROM paid_{run}) GROUP BY ALL)"
        )

    rows = books.rows(
        "SELECT a.level, b.level, count(*), count(DISTINCT coalesce(a.credit_code, b.credit_code)) "
        f"FROM {one(before)} a FULL JOIN {one(after)} b ON a.credit_code = b.credit_code AND a.subject = b.subject AND a.line = b.line "
        "WHERE a.level IS DISTINCT FROM b.level GROUP BY ALL ORDER BY count(*) DESC, a.level, b.level"
    )
    return tuple(Hand(*row) for row in rows)
