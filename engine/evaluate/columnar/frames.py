"""The facts of every subject as the columns of one table a kind: reports of the two years, titles, dated figures, derived facts.

The columns are those of `Layout`: `f7` is what slot 7 of a frame holds. A subject that is no enterprise carries its enterprise's columns
beside its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.aggregating import aggregate, with_guards
from conggao.engine.evaluate.columnar.compile import BELOW, Compiler, Known, columns_of
from conggao.engine.evaluate.columnar.inforce import InForce
from conggao.engine.evaluate.columnar.integers import Guards, Inexpressible
from conggao.engine.evaluate.columnar.schema import (
    BACK,
    DAY,
    DECIMALS,
    HAND,
    MOST,
    ODD,
    RANK,
    SEVERAL,
    TABLES,
    Need,
    need_of,
)
from conggao.engine.evaluate.program import Program
from conggao.engine.language.tree import Aggregate, Derived, Fact, FactKey, Node, Recognised, walk
from conggao.engine.language.types import Quantity
from conggao.engine.rulebook.model import Derivation, Policy
from conggao.facts.tables.schema import CASE
from conggao.facts.vocabulary import PARAMETER

YEAR = "_year"


def source_tables(found: Mapping[str, Sequence[Need]]) -> dict[str, ir.Table]:
    """The counted tables by name, with the columns that are read."""
    return {name: ibis.table(source_schema(name, columns), name=name) for name, columns in found.items()}


def source_schema(name: str, columns: Sequence[Need]) -> dict[str, str]:
    """The columns of a counted table in Ibis's types."""
    day = {DAY: "date"} if name == "enterprises" else {}
    rank = {RANK: "int64"} if name in SEVERAL else {}
    return {CASE: "int64", **day, **rank, **{need.column: need.type for need in columns}, ODD: "boolean"}


class Frames:
    """Builds the table of each kind of subject, of the facts that `inforce` reads."""

    def __init__(self, program: Program, inforce: InForce, sources: Mapping[str, ir.Table]) -> None:
        self.program, self.inforce, self.sources = program, inforce, sources
        self.known = Known(inforce.layout, program.vocabulary)
        self._derived: dict[str, list[Derivation]] = {"project": [], "service": [], "park": []}
        self.steps: list[tuple[str, ir.Table]] = []
        """Tables of enterprises that later ones read more than once, in order."""
        self.enterprise = self._enterprise()
        for derivation in inforce.derivations:
            self._aggregates([derivation.node])
            if derivation.subject == "enterprise":
                self.enterprise = self._derive(self.enterprise, derivation)
            else:
                self._derived[derivation.subject].append(derivation)
        self._aggregates(inforce.expressions)

    def replace_enterprise(self, name: str, stored: ir.Table | None = None) -> None:
        """From here on the enterprises are read from the table `name`, in which they, or what of them is `stored`, stand."""
        self.enterprise = ibis.table((self.enterprise if stored is None else stored).schema(), name=name)

    def subject(self, kind: str, read: Iterable[Node] = ()) -> ir.Table:
        """The table of the projects, services or parks, each with the columns of its enterprise that their measures, or `read`, read."""
        table = self._own(kind, self.beside(kind, read))
        for derivation in self._derived[kind]:
            table = self._derive(table, derivation)
        return table

    def beside(self, kind: str, read: Iterable[Node] = ()) -> list[str]:
        """The columns of the enterprise that are read of a subject of the kind."""
        measures = (
            compiled.measure
            for gone, (_, listed) in zip(self.inforce.outside, self.program.policies, strict=True)
            if not gone
            for compiled in listed
        )
        nodes = [
            node for measure in measures if (measure.subject or "enterprise") == kind for node in measure.expressions()
        ]
        nodes += [derivation.node for derivation in self._derived[kind]]
        wanted = {YEAR, *(f"o{place}" for place, _ in self.inforce.uncertain)}
        for node in (part for expression in (*nodes, *read) for part in walk(expression)):
            match node:
                case Fact() | Derived() | Recognised():
                    wanted |= {self.known.column(node), self.known.column(node) + BELOW}
                case Aggregate() if node in self.known.aggregates:
                    name = self.known.aggregates[node][0]
                    wanted |= {name, name + BELOW}
        return [name for name in self.enterprise.columns if name in wanted]

    # The enterprise

    def _enterprise(self) -> ir.Table:
        source = self.sources["enterprises"]
        day = self.inforce.day
        base = source.select(
            source[CASE],
            self._day(source).name(DAY),
            (source[DAY].year().cast("int64") if day is None else ibis.literal(day.year, "int64")).name(YEAR),
            source[ODD].fill_null(False).name(HAND),
            *[self._outside(policy, source).name(f"o{place}") for place, policy in self.inforce.uncertain],
            *self._facts("enterprise", source),
        )
        return self._with_titles(self._with_figures(self._with_years("enterprise", base)))

    def _day(self, source: ir.Table) -> Any:
        return source[DAY] if self.inforce.day is None else ibis.literal(self.inforce.day)

    def _outside(self, policy: Policy, source: ir.Table) -> ir.BooleanValue:
        """Whether the policy does not apply on the day or at the place; an unknown county counts as inside."""
        outside: Any = ibis.literal(False)
        if self.inforce.day is None:
            outside = source[DAY] < ibis.literal(policy.begins)
            if policy.ends is not None:
                outside |= source[DAY] > ibis.literal(policy.ends)
        if policy.places:
            outside |= source.county.notnull() & ~source.county.isin(list(policy.places))
        return outside.fill_null(False)

    def _facts(self, kind: str, source: ir.Table) -> list[Any]:
        """The facts of a subject, also those of its reports, but for the years of these."""
        return [
            self._cell(key, source).name(self._slot(key))
            for key in self.inforce.layout.facts[kind]
            if not (key.period and key.name == "year")
        ]

    def _slot(self, key: FactKey) -> str:
        return f"f{self.inforce.layout.slots[key]}"

    def _cell(self, key: FactKey, source: ir.Table) -> Any:
        """A fact as a column."""
        if key.name == "division":
            return source.industry.substr(0, 2).cast("int64")
        return source[need_of(key, self.program.vocabulary).column]

    def _with_years(self, kind: str, table: ir.Table) -> ir.Table:
        """The years that the latest reports and those before them are for."""
        years = {
            self._slot(key): table[YEAR] - BACK[key.period]
            for key in self.inforce.layout.facts[kind]
            if key.period and key.name == "year"
        }
        return table.mutate(**years) if years else table

    def _with_figures(self, base: ir.Table) -> ir.Table:
        """Dated figures of the year before: the page's, which has a source, else the case's."""
        for key in self.inforce.layout.facts[PARAMETER]:
            slot = self._slot(key)
            source = self.sources["parameters"]
            source = source.filter(source.parameter == key.name)
            stated = source.select(
                source[CASE].name("_of"),
                (source.year + 1).name("_for"),
                source[ODD].fill_null(False).name("_odd_figure"),
                source.value.name("_stated"),
            )
            joined = base.left_join(stated, [base[CASE] == stated._of, base[YEAR] == stated._for])
            figure = joined._stated
            parameter = self.program.rulebooks.parameters.get(key.name)
            if parameter is not None and parameter.values:
                fixed = []
                for year, value in parameter.values.items():
                    whole = value.value * DECIMALS
                    if whole.denominator != 1 or abs(whole) > MOST:
                        raise Inexpressible(f"the figure {key.name} of {year}")
                    fixed.append((joined[YEAR] == year + 1, ibis.literal(int(whole), "int64")))
                figure = ibis.cases(*fixed, else_=figure)
            hand = (joined[HAND] | joined._odd_figure.fill_null(False)).name(HAND)
            kept = [joined[name] for name in base.columns if name != HAND]
            base = joined.select(*kept, figure.name(slot), hand)
        return base

    def _with_titles(self, base: ir.Table) -> ir.Table:
        titles = self.inforce.layout.titles
        if not titles:
            return base
        source = self.sources["recognitions"]
        source = source.filter(source.title.isin(sorted({item.title for item in titles})))
        if self.inforce.day is None:
            days = base.select(base[CASE].name("_of"), base[YEAR].name("_now"))
            held = source.inner_join(days, source[CASE] == days._of)
        else:
            held = source.mutate(_now=ibis.literal(self.inforce.day.year, "int64"))
        marks = {f"_title{number}": _mark(held, item) for number, item in enumerate(titles)}
        found = held.select(held[CASE].name("_of"), **marks).group_by("_of")
        best = found.aggregate(**{name: (lambda table, name=name: table[name].max()) for name in marks})
        joined = base.left_join(best, base[CASE] == best._of)
        truths = {
            f"f{self.inforce.layout.slots[item]}": ibis.cases(
                (joined[f"_title{number}"] == 2, True),  # noqa: PLR2004
                (joined[f"_title{number}"] == 1, ibis.null("boolean")),
                else_=False,
            )
            for number, item in enumerate(titles)
        }
        return joined.select(*[joined[name] for name in base.columns], **truths)

    # Other subjects

    def _own(self, kind: str, read: Sequence[str]) -> ir.Table:
        source = self.sources[TABLES[kind]]
        provider = [source.provider] if kind == "service" else []
        name = [source[RANK], source.id] if TABLES[kind] in SEVERAL else []
        own = source.select(
            source[CASE].name("_of"),
            *name,
            *provider,
            source[ODD].fill_null(False).name("_odd_own"),
            *self._facts(kind, source),
        )
        base = self.enterprise
        joined = own.inner_join(base, own._of == base[CASE])
        hand = (joined[HAND] | joined._odd_own).name(HAND)
        beside = [joined[column] for column in (CASE, *read)]
        mine = [joined[column] for column in own.columns if column not in ("_of", "_odd_own")]
        table = joined.select(*beside, *mine, hand)
        return self._with_years(kind, table)

    # Derived facts

    def _derive(self, table: ir.Table, derivation: Derivation) -> ir.Table:
        guards = Guards()
        compiler = Compiler(self.known, table, guards)
        name = f"f{self.inforce.layout.slots[derivation.subject, derivation.name]}"
        if isinstance(derivation.node.type, Quantity):
            number = compiler.number(derivation.node)
            self.known.derived[derivation.subject, derivation.name] = number
            made = dict(columns_of(name, number))
        else:
            made = {name: compiler.truth(derivation.node)}
        return with_guards(table, made, guards)

    def _aggregates(self, nodes: Iterable[Node]) -> None:
        """The aggregates of expressions about the enterprise become columns of it."""
        for node in (part for expression in nodes for part in walk(expression)):
            if isinstance(node, Aggregate) and node not in self.known.aggregates:
                aggregate(self, node)


def _mark(held: ir.Table, wanted: Recognised) -> Any:
    """2 where the row is the title on the day, 1 where that is unknown, else 0."""
    year: Any = ibis.literal(True)
    if wanted.since is not None:
        year = (held.year <= held._now) & (held.year >= wanted.since)
    else:
        year = (held.year <= held._now) | held.year.isnull()
    held_at = year if wanted.level is None else year & (held.level == wanted.level)
    truth = (held.title == wanted.title) & held_at
    return ibis.cases((truth, 2), (~truth, 0), else_=1).cast("int8")
