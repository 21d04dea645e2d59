"""Clause by clause what the rulebooks say, what they leave out, what was not seen, and what could be granted without an application."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conggao.engine.authoring.automatic import PARTS, Automatic, automatic
from conggao.engine.authoring.principles import PRINCIPLES
from conggao.engine.evaluate.program import Program
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.diagnostics import Lang, Text


def described(policies: Iterable[Policy], program: Program, lang: Lang) -> dict[str, Any]:
    """What is covered, as JSON has it."""
    return {
        "policies": [
            {
                "id": policy.id,
                "number": policy.number,
                "checked": None if policy.checked is None else policy.checked.isoformat(),
                "trust": policy.trust or None,
                "in_force": [policy.begins.isoformat(), None if policy.ends is None else policy.ends.isoformat()],
                "conflict_clause": "assumed" if policy.conflicts.assumed else "stated",
                "clauses": [
                    {
                        "clause": clause,
                        "measures": [
                            {
                                "id": item.id,
                                "kind": item.kind,
                                "without_application": _automatic(automatic(item, program), lang),
                            }
                            for item in measures
                        ],
                        "not_modelled": [text for item in measures for text in item.not_modelled],
                        "not_seen": [text.of(lang) for item in measures for text in not_seen(item)],
                    }
                    for clause, measures in clauses(policy)
                ],
                "not_seen": [text.of(lang) for text in policy.interpretation if unseen(text)],
            }
            for policy in policies
        ],
        "principles": [
            {
                "name": item.name.of(lang),
                "meaning": item.meaning.of(lang),
                "modelled": item.said is not None,
                "said": item.said,
            }
            for item in PRINCIPLES
        ],
    }


def _automatic(found: Automatic | None, lang: Lang) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "possible": found.possible,
        **{
            part: [{"text": item.text.of(lang), "facts": list(item.facts)} for item in found.lacks(part)]
            for part in PARTS
        },
        "sources": [{"fact": fact, "held_by": holder} for fact, holder in found.sources],
    }


def clauses(policy: Policy) -> list[tuple[str, list[Measure]]]:
    """Every clause heading with its measures, none for a clause without rules; then the headings that are no clause."""
    found: dict[str, list[Measure]] = {}
    for _, heading, _ in policy.page.clauses:
        found.setdefault(heading, [])
    for measure in policy.measures:
        found.setdefault(measure.clause, []).append(measure)
    return list(found.items())


def not_seen(measure: Measure) -> list[Text]:
    """The readings of a measure that say that something of the law was not seen."""
    return [text for text in measure.interpretation if unseen(text)]


def unseen(text: Text) -> bool:
    return "not seen" in text.en.casefold()
