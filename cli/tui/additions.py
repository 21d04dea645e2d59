"""What can be added to a case: a project, a service, money received, an amount that an authority decided."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Literal

from conggao.engine import Outcome
from conggao.facts.diagnostics import Text

Kind = Literal["project", "service", "received", "assessed"]
KINDS: Mapping[Kind, Text] = {
    "project": Text("项目", "a project"),
    "service": Text("服务", "a service"),
    "received": Text("所选措施已获的支持", "money received under the chosen measure"),
    "assessed": Text("所选结果的核定金额", "the amount decided for the chosen outcome"),
}
ASKED: Mapping[Kind, Text] = {
    "project": Text("项目编号", "id of the project"),
    "service": Text("服务提供方", "provider of the service"),
    "received": Text("已获金额", "amount received"),
    "assessed": Text("核定金额（0 为不予支持）", "amount decided (0: refused)"),
}
"""What must be known before there is such an entry."""
_LISTS = {"project": ("projects", "P"), "service": ("services", "S")}


def possible(outcome: Outcome | None) -> list[Kind]:
    """What can be added: the last two are for the chosen outcome, where it has one subject."""
    found: list[Kind] = ["project", "service"]
    if outcome is not None and outcome.subject is not None:
        found.append("received")
        if outcome.standard is not None and outcome.standard.low != outcome.standard.high:
            found.append("assessed")
    return found


def free_id(document: Mapping[str, Any], kind: Kind) -> str:
    """The first id of the usual form that is not taken: P1, P2 …"""
    key, letter = _LISTS[kind]
    taken = {str(item["id"]) for item in document.get(key, ())}
    return next(name for n in range(1, len(taken) + 2) if (name := f"{letter}{n}") not in taken)


def added(
    document: Mapping[str, Any], kind: Kind, told: str, outcome: Outcome | None, word: str | None = None
) -> tuple[dict[str, Any], str]:
    """A copy of the document with a new entry, and the path of the fact to go to; `word` is the kind of a service."""
    changed = copy.deepcopy(dict(document))
    if kind == "project":
        changed.setdefault("projects", []).append({"id": told})
        return changed, f"projects.{told}.purposes"
    if kind == "service":
        name = free_id(document, kind)
        changed.setdefault("services", []).append({"id": name, "provider": told, "kind": word})
        return changed, f"services.{name}.fee"
    assert outcome is not None
    entries = changed.setdefault(kind, [])
    entry = {"measure": outcome.measure, "subject": outcome.subject, "amount": told}
    if kind == "assessed":
        entries[:] = [
            item for item in entries if (item["measure"], item.get("subject")) != (outcome.measure, outcome.subject)
        ]
    entries.append(entry)
    return changed, f"{kind}.{len(entries)}.amount"
