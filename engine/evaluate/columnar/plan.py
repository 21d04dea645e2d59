"""The statements that decide a set of tables: Ibis expressions compiled once, run on each part of a province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.claims import with_amounts, with_claims
from conggao.engine.evaluate.columnar.frames import HAND, Frames, source_tables
from conggao.engine.evaluate.columnar.resolving import EXTRA, natural_columns, resolved
from conggao.engine.evaluate.columnar.rivals import Component, Member, components, members
from conggao.engine.evaluate.columnar.schema import CASE, Need, needs
from conggao.engine.evaluate.program import Program

FACTS = "_facts"
"""The table that holds the enterprises with their facts, made first."""
KINDS = ("enterprise", "project", "service", "park")


@dataclass(frozen=True)
class Plan:
    """`needs`: the columns of the counted tables that are read. `facts`: makes the table `FACTS`. `results`: by kind of subject, what
    becomes of every measure for each of them; each row begins with `case_no`."""

    program: Program
    needs: Mapping[str, tuple[Need, ...]]
    facts: ir.Table
    results: Mapping[str, ir.Table]
    members: Mapping[str, tuple[Member, ...]]
    components: Mapping[str, tuple[Component, ...]]
    _said: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict, compare=False, repr=False)

    def sql(self, dialect: str) -> tuple[str, dict[str, str]]:
        """The statements in the words of an engine."""
        made = self._said.get(dialect)
        if made is None:
            results = {kind: _sql(table, dialect) for kind, table in self.results.items()}
            made = self._said[dialect] = _sql(self.facts, dialect), results
        return made


def _sql(table: ir.Table, dialect: str) -> str:
    return str(ibis.to_sql(table, dialect=dialect, pretty=False))


def plan_of(program: Program) -> Plan:
    """The statements of a program. Raises Inexpressible where a rule cannot be said exactly over columns."""
    before = ibis.options.sql.fuse_selects
    # Stages stay apart, so that an expression is worked out once and not wherever it is used.
    ibis.options.sql.fuse_selects = False
    try:
        frames = Frames(program, source_tables(program))
        facts = frames.enterprise
        frames.replace_enterprise(FACTS)
        paying = members(program)
        asked = {
            compiled.measure.subject or "enterprise"
            for _, measures in program.policies
            for compiled in measures
            if not compiled.measure.idle or compiled.measure.ceiling is not None
        }
        results = {kind: _result(frames, kind, paying[kind]) for kind in KINDS if kind in asked or kind == "enterprise"}
        return Plan(
            program,
            needs([program.layout], program.vocabulary),
            facts,
            results,
            {kind: tuple(found) for kind, found in paying.items()},
            {kind: tuple(components(found, program)) for kind, found in paying.items()},
        )
    finally:
        ibis.options.sql.fuse_selects = before


def _result(frames: Frames, kind: str, paying: list[Member]) -> ir.Table:
    table = frames.enterprise if kind == "enterprise" else frames.subject(kind)
    table = natural_columns(table, kind)
    table = with_claims(frames, kind, table)
    table = with_amounts(frames, paying, table)
    table = resolved(frames.program, kind, paying, table)
    own = {"project": ["id"], "service": ["id"]}.get(kind, [])
    outside = [f"o{place}" for place in range(len(frames.program.policies))] if kind == "enterprise" else []
    statuses = [name for name in table.columns if name[0] in "su" and name[1:].isdigit()]
    money = [f"{part}{member.number}" for member in paying for part in "lhab"]
    return table.select(CASE, HAND, "_rank", EXTRA, *own, *outside, *statuses, *money)
