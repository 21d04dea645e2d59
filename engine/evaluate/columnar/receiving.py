"""Money already received, in columns: what of it counts against which claim, and which claims it ends.

Said of receipts that state what counts: their measure, subject and amount, the year where only one year's money counts, the provider where
a cap is one of a provider. What reaches beyond a common line, or from another measure to a cap that claims share, is left to the exact
evaluator, as are receipts that leave something open (`touching`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.choosing import at_least_0, eligible, upper
from conggao.engine.evaluate.columnar.claims import whole_fen
from conggao.engine.evaluate.columnar.frames import YEAR, Frames
from conggao.engine.evaluate.columnar.integers import TYPE
from conggao.engine.evaluate.columnar.rivals import Component, Member, spread
from conggao.engine.evaluate.columnar.schema import ALL_RECEIVED, HAND, Need
from conggao.engine.evaluate.columnar.sharing import shared_cap
from conggao.engine.evaluate.program import Program
from conggao.engine.receipts import counts_across, counts_again
from conggao.engine.rulebook.model import Measure
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "received"
NEEDS = (
    Need("measure", "text", 0), Need("subject", "text", 0), Need("provider", "text", 0), Need("amount", "quantity", 100),
    Need("year", "integer", 0),
)  # fmt: skip
SINGLE = ("enterprise", "park")
"""Kinds of subject of which a case has but one, which need not be named."""
Means = Literal["own", "used", "rival", "end", "beyond"]
Scope = Literal["subject", "case", "provider"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What money received under the measure `paid` means for claims of the measure `number`: it counts as its `own` or as a `rival`'s, it
    has `used` its cap, it ends them, or it is `beyond` what columns say. `yearly`: only where it was for the year decided on; `over`: whose
    it must have been."""

    paid: str
    number: int
    means: Means
    yearly: bool
    over: Scope = "subject"

    @property
    def column(self) -> str:
        """The column of its sum in fen."""
        return f"{self.means}{self.number}"


def effects(program: Program, members: Iterable[Member]) -> list[Effect]:
    """What money received under any measure of `program` means for the claims of `members`."""
    known = [compiled.measure for _, measures in program.policies for compiled in measures]
    return [effect for member in members for paid in known for effect in _effects(program, paid, member)]


def _effects(program: Program, paid: Measure, member: Member) -> list[Effect]:
    measure, relations, number = member.compiled.measure, program.relations, member.number
    if paid.key == measure.key:
        return _again(measure, member)
    if paid.key in relations.stacks.get(measure.key, ()):
        return []
    lines, annual = {line.name for line in paid.lines}, bool(paid.lines) and all(line.annual for line in paid.lines)
    rival = paid.key in relations.excludes.get(measure.key, ())
    yearly = counts_across(measure, lines, annual, rival)
    if yearly is None:
        return []
    if rival or member.shared:
        return [Effect(paid.key, number, "beyond", yearly)]
    return [Effect(paid.key, number, "end" if member.policy.conflicts.received == "exclude" else "rival", yearly)]


def _again(measure: Measure, member: Member) -> list[Effect]:
    """What money of a measure itself means for its claims."""
    key, number = measure.key, member.number
    if measure.once is not None:
        return [Effect(key, number, "end", False, "case" if measure.once in SINGLE else "subject")]
    own = Effect(key, number, "own", measure.annual)
    if not measure.capped or (not member.shared and measure.cap_yearly == measure.annual):
        # What the cap of its own subject has left is the standard less the same money, where both count the same years.
        return [own]
    if not member.shared and whole_fen(measure.cap) is None:
        return [Effect(key, number, "beyond", counts_again(measure))]
    over: Scope = "case" if measure.cap_per in SINGLE else "provider" if measure.cap_per == "provider" else "subject"
    return [own, Effect(key, number, "used", measure.cap_yearly, over)]


def with_receipts(
    frames: Frames, kind: str, paying: Sequence[Member], found: Sequence[Component], table: ir.Table
) -> ir.Table:
    """The claims less what was received: `l12` and `h12` are what is still due (`ALL_RECEIVED` where nothing is), `g12` and `j12` the ends
    of the standard itself."""
    listed = [effect for effect in effects(frames.program, paying) if effect.means != "beyond"]
    receipts = _receipts(frames, table)
    by_scope: dict[Scope, list[Effect]] = {}
    for effect in listed:
        by_scope.setdefault(effect.over, []).append(effect)
    for over, counted in by_scope.items():
        rows, names = receipts, {}
        if over == "subject":
            rows = receipts.filter(receipts._whom == kind if kind in SINGLE else receipts._whom.startswith(f"{kind}:"))
            names = {} if kind in SINGLE else {"id": rows._whom.substr(len(kind) + 1)}
        elif over == "provider":
            names = {"provider": rows.provider}
        marked = rows.select("_of", **{f"_{name}": column for name, column in names.items()}, **_marks(counted, rows))
        sums = marked.group_by(["_of", *(f"_{name}" for name in names)]).aggregate(**_sums(counted, marked))
        keys = [table[CASE] == sums._of, *(table[name] == sums[f"_{name}"] for name in names)]
        joined = table.left_join(sums, keys)
        found_ = {effect.column: joined[effect.column].fill_null(0) for effect in counted}
        table = joined.select(*[joined[name] for name in table.columns], **found_)
    return _less(listed, paying, found, table)


def _receipts(frames: Frames, claims: ir.Table) -> ir.Table:
    """Money received: whose it is, how much in fen, and whether it was for the year decided on."""
    source = frames.sources[TABLE]
    single = {
        kind: [
            compiled.measure.key
            for _, measures in frames.program.policies
            for compiled in measures
            if compiled.measure.subject == kind
        ]
        for kind in SINGLE
    }
    implied = [(source.measure.isin(keys), kind) for kind, keys in single.items() if keys]
    whom = source.subject.coalesce(ibis.cases(*implied)) if implied else source.subject
    source = source.mutate(_whom=whom)
    kept = ("measure", "provider", "amount", "_whom")
    day = frames.inforce.day
    if day is not None:
        return source.select(source[CASE].name("_of"), *kept, _same=source.year == day.year - 1)
    years = claims.select(claims[CASE].name("_case"), claims[YEAR].name("_now")).distinct()
    joined = source.inner_join(years, source[CASE] == years._case)
    return joined.select(
        joined[CASE].name("_of"), *[joined[name] for name in kept], _same=joined.year == joined._now - 1
    )


def _marks(listed: Sequence[Effect], receipts: ir.Table) -> dict[str, Any]:
    """The fen of every receipt that count towards each sum."""
    made: dict[str, Any] = {}
    for column in dict.fromkeys(effect.column for effect in listed):
        counts: Any = ibis.literal(False)
        for yearly in (True, False):
            keys = [effect.paid for effect in listed if effect.column == column and effect.yearly == yearly]
            if keys:
                counts |= receipts.measure.isin(keys) & (receipts._same if yearly else ibis.literal(True))
        made[column] = ibis.cases((counts, receipts.amount), else_=ibis.literal(0, "int64"))
    return made


def _sums(listed: Sequence[Effect], rows: ir.Table) -> dict[str, Any]:
    names = dict.fromkeys(effect.column for effect in listed)
    return {name: rows[name].cast(TYPE).sum().cast("int64") for name in names}


def with_providers(received: pa.Table, services: pa.Table) -> pa.Table:
    """The receipts with the providers of services that the case tells of, where they state none."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    stated = received["provider"].combine_chunks()
    open_ = pc.and_(pc.is_null(stated), pc.fill_null(pc.starts_with(received["subject"], "service:"), False))
    if not pc.any(open_).as_py():
        return received

    def named(table: pa.Table, subject: Any) -> Any:
        return pc.binary_join_element_wise(table[CASE].cast(pa.string()), subject, " ")

    ours = named(services, pc.binary_join_element_wise("service", services["id"], ":"))
    at = pc.index_in(named(received, received["subject"]), value_set=ours.combine_chunks())
    found = services["provider"].combine_chunks().take(at.combine_chunks())
    place = received.column_names.index("provider")
    return received.set_column(place, "provider", pc.if_else(np.asarray(open_), found, stated))


def _less(listed: Sequence[Effect], paying: Sequence[Member], found: Sequence[Component], table: ir.Table) -> ir.Table:
    """What is left of claims and of the caps that they share."""
    stepping = {c.members[place].number for c in found for pair in c.unsettled for place in pair}
    there = {effect.column for effect in listed}
    touched = {effect.number for effect in listed}
    made: dict[str, Any] = {}
    hand = table[HAND]
    for member in paying:
        number = member.number
        if number not in touched:
            continue
        own, used, rival, end = (
            table[f"{means}{number}"] if f"{means}{number}" in there else ibis.literal(0, "int64")
            for means in ("own", "used", "rival", "end")
        )
        low, high = table[f"l{number}"], upper(table, number)
        left = [at_least_0(item - own) for item in (low, high)]
        nothing = left[1] == 0
        if member.shared:
            cap, most = (at_least_0(end - used) for end in shared_cap(table, member))
            made |= {f"c{number}": cap, f"d{number}": most}
            nothing |= most == 0
        else:
            if f"used{number}" in there:
                figure = whole_fen(member.compiled.measure.cap)
                assert figure is not None
                cap = at_least_0(ibis.literal(figure, "int64") - used)
                left = [ibis.cases((item > cap, cap), else_=item) for item in left]
            left = [at_least_0(item - rival) for item in left]
            nothing = left[1] == 0
        claim = eligible(table, number)
        gone = claim & ((end > 0) | (((own > 0) | (rival > 0)) & nothing).fill_null(False))
        if f"used{number}" in there and not member.shared:
            # A cap that other years have used up is another matter than money received for the claim.
            hand |= claim & ~gone & nothing.fill_null(False) & (used > 0)
        all_received = ibis.literal(ALL_RECEIVED, "int64")
        made |= {f"g{number}": low, f"l{number}": ibis.cases((gone, all_received), (low < 0, low), else_=left[0])}
        if spread(member.compiled.measure):
            made |= {f"j{number}": high, f"h{number}": ibis.cases((~gone, left[1]))}
        if number in stepping:
            # A measure also steps back before one of which all was received.
            hand |= gone
    return table.mutate(**made, **{HAND: hand})
