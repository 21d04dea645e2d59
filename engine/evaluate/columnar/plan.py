"""The statements that decide a set of tables: Ibis expressions compiled once, run on each part of a province."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar import receiving
from conggao.engine.evaluate.columnar.ceilings import under_ceilings, with_ceilings
from conggao.engine.evaluate.columnar.choosing import best, greatest, keys
from conggao.engine.evaluate.columnar.claims import with_amounts, with_claims
from conggao.engine.evaluate.columnar.dialect import in_words
from conggao.engine.evaluate.columnar.frames import Frames, source_tables
from conggao.engine.evaluate.columnar.inforce import InForce, in_force
from conggao.engine.evaluate.columnar.rivals import Component, Member, components, members, spread
from conggao.engine.evaluate.columnar.schema import HAND, UNDER, Need, needs
from conggao.engine.evaluate.columnar.sharing import binding, filled, scopes
from conggao.engine.evaluate.program import Program

FACTS = "_facts"
"""The enterprises with their facts."""
KINDS = ("enterprise", "project", "service", "park")
Statements = tuple[list[tuple[str, str, bool]], dict[str, str]]
"""Those that make tables, by their names, in order, and whether each is stored; and those that give results, by kind of subject."""


@dataclass(frozen=True)
class Plan:
    """`outside`: of every policy whether it does not apply, None where a row of the results tells. `needs`: the columns of the counted
    tables that are read. `steps`: tables to make, in order, each of those before it; one that is not `kept` is read once only and need not
    be stored. `results`: by kind of subject, what becomes of every measure for each of them; each row begins with `case_no`. `chosen` and
    `filled` name the steps that say more of few of these rows: for the components that are not plain, by their place, and for shared caps;
    see `merging`."""

    program: Program
    outside: tuple[bool | None, ...]
    needs: Mapping[str, tuple[Need, ...]]
    steps: tuple[tuple[str, ir.Table, bool], ...]
    results: Mapping[str, ir.Table]
    members: Mapping[str, tuple[Member, ...]]
    components: Mapping[str, tuple[Component, ...]]
    chosen: Mapping[str, Mapping[int, str]]
    filled: Mapping[str, tuple[str, ...]]
    _said: dict[str, Statements] = field(default_factory=dict, compare=False, repr=False)

    def few(self, kind: str) -> tuple[str, ...]:
        """The steps that say more of few of the rows of a kind of subject."""
        return *self.chosen[kind].values(), *self.filled[kind]

    def sql(self, dialect: str) -> Statements:
        """The statements in the words of an engine."""
        with _SAYING:
            made = self._said.get(dialect)
            if made is None:
                steps = [(name, _sql(table, dialect), kept) for name, table, kept in self.steps]
                made = self._said[dialect] = steps, {kind: _sql(table, dialect) for kind, table in self.results.items()}
            return made


_SAYING = Lock()
"""One thread says them: in several at once each would, and how it is done is an option of all."""


def _sql(table: ir.Table, dialect: str) -> str:
    before = ibis.options.sql.fuse_selects
    # Stages stay apart, so that an expression is worked out once and not wherever it is used; looking for what to join takes longest.
    ibis.options.sql.fuse_selects = False
    try:
        return in_words(str(ibis.to_sql(table, dialect=dialect, pretty=False)), dialect)
    finally:
        ibis.options.sql.fuse_selects = before


def plan_of(program: Program, day: date | None = None, receipts: bool = False) -> Plan:
    """The statements of a program: for decisions of one `day`, or of any; of enterprises that received nothing that counts, or with
    `receipts`. Raises Inexpressible where a rule cannot be said exactly over columns."""
    inforce = in_force(program, day)
    read = needs([inforce.layout], program.vocabulary)
    if receipts:
        read[receiving.TABLE] = receiving.NEEDS
    frames = Frames(program, inforce, source_tables(read))
    steps: list[tuple[str, ir.Table, bool]] = []
    facts = frames.enterprise
    paying = {
        kind: [member for member in listed if not inforce.outside[member.place]]
        for kind, listed in members(program).items()
    }
    hanging = {kind: tuple(components(found, program)) for kind, found in paying.items()}
    asked = {
        compiled.measure.subject or "enterprise"
        for gone, (_, measures) in zip(inforce.outside, program.policies, strict=True)
        for compiled in measures
        if not gone and (not compiled.measure.idle or compiled.measure.ceiling is not None)
    }
    others = [kind for kind in KINDS[1:] if kind in asked]
    beside = {name: None for kind in others for name in frames.beside(kind)}
    frames.replace_enterprise(FACTS)
    results: dict[str, ir.Table] = {}
    chosen: dict[str, Mapping[int, str]] = {}
    fills: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        if kind in asked or kind == "enterprise":
            claims, small = _claims(
                frames, kind, paying[kind], hanging[kind], receipts, [] if kind != "enterprise" else list(beside)
            )
            if kind == "enterprise" and others:
                # Facts are not stored for themselves: what the other kinds read of them stands with the claims.
                frames.replace_enterprise(f"_claims_{kind}", claims)
            apart = [place for place, component in enumerate(hanging[kind]) if not component.plain]
            steps.append(
                (f"_claims_{kind}", claims, bool(apart or scopes(paying[kind]) or (kind == "enterprise" and others)))
            )
            claims = ibis.table(claims.schema(), name=f"_claims_{kind}")
            chosen[kind] = {place: f"_plan_{kind}_{place}" for place in apart}
            steps += [(name, best(hanging[kind][place], claims), True) for place, name in chosen[kind].items()]
            for over, shared in scopes(paying[kind]).items():
                name = f"_bound_{kind}_{over}"
                bound = binding(over, shared, hanging[kind], claims)
                steps.append((name, bound, True))
                fill = filled(over, shared, claims, ibis.table(bound.schema(), name=name))
                steps.append((f"_fill_{kind}_{over}", fill, True))
                fills[kind].append(f"_fill_{kind}_{over}")
            results[kind] = _result(inforce, kind, paying[kind], hanging[kind], claims, small)
    before = [(name, table, True) for name, table in frames.steps]
    steps[:0] = [*before, (FACTS, facts, False)]
    found = {kind: tuple(listed) for kind, listed in paying.items()}
    named = {kind: tuple(names) for kind, names in fills.items()}
    return Plan(program, inforce.outside, read, tuple(steps), results, found, hanging, chosen, named)


def _claims(
    frames: Frames, kind: str, paying: list[Member], hanging: Sequence[Component], receipts: bool, beside: Sequence[str]
) -> tuple[ir.Table, frozenset[int]]:
    """Every measure for the kind of subject: its conditions, what is due, what its cap allows; and the columns `beside`. Also the
    numbers of the measures under which what is due fits 32 bits."""
    table = frames.enterprise if kind == "enterprise" else frames.subject(kind)
    table = with_claims(frames, kind, table)
    table, small = with_amounts(frames, paying, with_ceilings(frames, kind, table))
    table = under_ceilings(frames, kind, paying, table)
    if receipts:
        table = receiving.with_receipts(frames, kind, paying, hanging, table)
    own = {"project": ["id"], "service": ["id", "provider"]}.get(kind, [])
    # Of a measure that pays its standard says whether its conditions hold.
    said = {f"t{member.number}" for member in paying}
    columns = [name for name in table.columns if name[0] in "tlhcdogj" and name[1:].isdigit() and name not in said]
    marks = [HAND, *([UNDER] if UNDER in table.columns else [])]
    kept = table.select(*keys(table), *marks, *own, *columns, *(name for name in beside if name not in columns))
    return kept, small


def _result(
    inforce: InForce,
    kind: str,
    paying: list[Member],
    hanging: Sequence[Component],
    claims: ir.Table,
    small: Container[int],
) -> ir.Table:
    plain = {f"p{place}": greatest(c, claims).cast(f"int{c.width}") for place, c in enumerate(hanging) if c.plain}
    table = claims.mutate(**plain)
    own = ["id"] if kind in ("project", "service") else []
    outside = [f"o{place}" for place, _ in inforce.uncertain] if kind == "enterprise" else []
    truths = [name for name in table.columns if name[0] == "t" and name[1:].isdigit()]
    # A quantity has one end.
    money = [
        (name, table[name].cast("int32" if part in "lg" and member.number in small else "int64"))
        for member in paying
        for part in ("lhgj" if spread(member.compiled.measure) else "lg")
        if (name := f"{part}{member.number}") in table.columns
    ]
    shown = [column.name(name) for name, column in money]
    # A byte is given out sooner than a bit.
    marks = [table[name].cast("int8").name(name) for name in (HAND, UNDER) if name in table.columns]
    return table.select(*keys(table), *marks, *own, *outside, *truths, *plain, *shown)
