"""Which facts an enterprise can move, and which it cannot: what it is, what is past, what others decide."""

from __future__ import annotations

import re

from conggao.facts.diagnostics import Text
from conggao.facts.paths import FactPath

IDENTITY = Text("企业自身的属性", "what the enterprise is")
SIZE = Text("企业规模", "the size of the enterprise")
HISTORY = Text("已成历史", "it is past")
OTHERS = Text("由他人认定", "others decide it")
LAW = Text("由法律规定", "the law sets it")

_IDENTITY = frozenset(
    {"industry", "county", "credit_code", "name", "id", "provider", "age", "ownership", "title", "key_energy_industry"}
)
_SIZE = frozenset({"employees", "size", "size_class"})
_HISTORY = frozenset({"first_year_above_scale", "highest_earlier_output", "newly_settled", "year"})
_OTHERS = frozenset(
    {
        "chain_leader", "leading_enterprise", "technology_sme", "high_technology", "in_pilot_city",
        "steady_growth_contributor", "other_central_support",
    }
)  # fmt: skip
_PAST = re.compile(
    r"(^|_)(founded|established|registered|settled|age)(_|$)|^(previous|earlier|first)_|_(age|drawn_on)$"
)
_DECIDED = re.compile(
    r"(^|_)(verified|recognised|recognized|certified|approved|designated|awarded|listed)(_|$)|_(title|grade|rating)$"
)


def held(path: FactPath, latest: int) -> Text | None:
    """Why the enterprise cannot move the fact; None where it can. `latest` is the last complete year.

    The facts of the core are listed; those that a rulebook declares go by their names (`…_verified`, `listed_…`) and kinds: lists of years
    and dates record what has happened.
    """
    name = path.name
    match path.owner:
        case "recognition":
            return OTHERS
        case "parameter":
            return LAW
        case "case" | "received" | "assessed":
            return HISTORY
        case "report" | "park_report" if isinstance(path.entry, int) and path.entry < latest:
            return HISTORY
    if name in _IDENTITY:
        return IDENTITY
    if name in _SIZE:
        return SIZE
    if name in _OTHERS or _DECIDED.search(name):
        return OTHERS
    kind = None if path.spec is None else path.spec.kind
    if name in _HISTORY or kind in ("years", "date") or _PAST.search(name):
        return HISTORY
    return IDENTITY if kind == "text" else None
