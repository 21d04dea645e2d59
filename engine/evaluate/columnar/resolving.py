"""What becomes of claims, in columns: where nothing excludes a claim that is eligible beside it, it is paid; where something does,
`choosing` has said which claims stand; what a cap leaves that claims share, `sharing` has said.

Of a measure that pays nothing `s12` is its status (`STATUSES`); of one that pays it follows from `l12` and the plan. Where its cap is
shared `a12` and `b12` are what is paid at either end. `p3`: which claims of component 3 stand, as bits, where claims of it meet; `k12` what
a claim that does not stand could add if its upper end were decided. `_extra` is what the greatest sum of upper ends has over that of the
plan, in fen, for the enterprise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from conggao.engine.evaluate.columnar.choosing import greatest
from conggao.engine.evaluate.columnar.inforce import InForce
from conggao.engine.evaluate.columnar.rivals import Component, Member

NONE, CONTINGENT, SUPERSEDED, EXHAUSTED, GRANTED, RECEIVED, UNMET, UNDETERMINED, OUTSIDE, SERVICE, PROGRAMME = range(11)
"""A measure that pays is `GRANTED` less its standard where that is negative. Those up to `RECEIVED` are claims, which have money."""
STATUSES = (
    "", "contingent", "superseded", "exhausted", "granted", "received", "unmet", "undetermined", "not_in_force", "service", "programme",
)  # fmt: skip
EXTRA = "_extra"


def resolved(
    inforce: InForce, kind: str, paying: Sequence[Member], found: Sequence[Component], claims: ir.Table
) -> ir.Table:
    """The claims with what becomes of them, but for those of which other tables say it (see `merging`): `choosing` of components that are
    not plain, `sharing` of caps that bind."""
    plans = {f"p{place}": greatest(c, claims).cast(f"int{c.width}") for place, c in enumerate(found) if c.plain}
    return claims.mutate(**_statuses(inforce, kind, paying, claims), **plans)


def _statuses(inforce: InForce, kind: str, paying: Sequence[Member], table: ir.Table) -> dict[str, Any]:
    """Of the measures that pay nothing."""
    made: dict[str, Any] = {}
    pays = {member.number for member in paying}
    number = 0
    for gone, (place, (_, measures)) in zip(inforce.outside, enumerate(inforce.program.policies), strict=True):
        before = [(table[f"o{place}"], OUTSIDE)] if gone is None else []
        for compiled in measures:
            measure = compiled.measure
            if not gone and not measure.idle and (measure.subject or "enterprise") == kind and number not in pays:
                truth = table[f"t{number}"]
                holds = SERVICE if measure.kind == "service" else UNDETERMINED
                made[f"s{number}"] = _status(*before, (truth == 1, holds), (truth == 0, UNMET))
            number += 1
    return made


def _status(*ways: tuple[Any, int]) -> Any:
    """The first that holds, in one byte."""
    shown = [(holds, ibis.literal(status, "int16")) for holds, status in ways]
    # Cast, since an engine takes a literal for a number of four bytes whatever its type here.
    return ibis.cases(*shown, else_=ibis.literal(UNDETERMINED, "int16")).cast("int8")
