"""Granted without an application: scope, standard and data are each judged by what the rule reads, and by who holds it."""

from __future__ import annotations

import re

import pytest

from conggao.engine.authoring.automatic import automatic
from conggao.engine.authoring.coverage import described
from conggao.engine.decide import Engine
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults
from conggao.facts.holders import AT_HAND, CORE, HOLDERS, LABELS
from conggao.facts.vocabulary import MODELS, Vocabulary
from tests.engine.rulebook.pages import block, measure, page

EMPTY = {
    "enterprise": {}, "projects": [{"id": "P1"}], "park": {"id": "A"},
    "services": [{"id": "S1", "provider": "甲", "kind": "cloud"}],
}  # fmt: skip


def test_every_fact_of_the_core_has_its_holder() -> None:
    known = {(kind, spec.name) for kind in MODELS for spec in Vocabulary.core().specs(kind)}
    assert set(CORE) == known
    assert set(LABELS) == set(HOLDERS)


def test_whatever_a_decision_lacks_is_among_the_sources(everything: Engine) -> None:
    """The facts that a measure waits for, found by deciding, are facts that it reads, found in its rule."""
    asked = 0
    decision = everything.decide(EMPTY, "2025-03-01", engine="exact")
    for outcome in decision.outcomes:
        found = everything.rulebooks.find(outcome.measure)
        assert found is not None
        told = automatic(found[1], everything.program)
        for missing in outcome.missing:
            assert told is not None
            general = re.sub(r"^(projects|services)\.\w+\.", r"\1.", missing)
            general = re.sub(r"^park\.(latest|previous)\.", r"\1.", re.sub(r"\.\d{4}$", "", general))
            general = re.sub(r"^recognitions\..*", "recognitions", general)
            assert general in {fact for fact, _ in told.sources}, missing
            asked += 1
    assert asked > 30


def test_obstacles_are_those_of_the_sources(everything: Engine) -> None:
    for policy in everything.rulebooks.policies:
        for item in policy.measures:
            told = automatic(item, everything.program)
            assert (told is None) is item.idle
            if told is None:
                continue
            holders = {holder for _, holder in told.sources}
            assert bool(told.lacks("data")) is ("application" in holders)
            judged = {fact for fact, holder in told.sources if holder == "authority"}
            assert judged == {
                fact for part in ("scope", "standard") for item_ in told.lacks(part) for fact in item_.facts
            }
            assert told.possible is (holders <= AT_HAND and not item.not_modelled and not told.lacks("standard"))


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("8a", ()),  # tax and statistics
        ("9a", ()),  # a title granted
        ("1", ("data",)),  # interest is shown by the enterprise
        ("6a", ("standard",)),  # up to
        ("4", ("scope", "data")),  # verified by the authority, by the floor area
        ("13", ("scope", "standard")),
    ],
)
def test_measures_of_the_city(engine: Engine, key: str, parts: tuple[str, ...]) -> None:
    policy = engine.rulebooks.policies[0]
    item = policy.measure(key)
    assert item is not None
    told = automatic(item, engine.program)
    assert told is not None
    assert tuple(dict.fromkeys(obstacle.part for obstacle in told.obstacles)) == parts


def declared(held: str) -> Engine:
    fact = f"facts: [{{name: guide_sum, label: {{zh: 示例额, en: sum}}, type: quantity, unit: 元, held_by: {held}}}]"
    rule = measure("a", "subject: enterprise\nlines: [research_expense]\nwhen: [示例额 > 0 元]\npay: 示例额")
    return Engine.of([parse_page(page("p", block("facts", fact), rule).encode(), "p.md")])


@pytest.mark.parametrize("held", HOLDERS)
def test_a_page_says_who_holds_its_facts(held: str) -> None:
    made = declared(held)
    told = automatic(made.rulebooks.policies[0].measures[0], made.program)
    assert told is not None
    assert told.possible is (held in AT_HAND)


def test_an_unknown_holder_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputFaults) as raised:
        declared("taxes")
    fault = raised.value.diagnostics[0]
    assert (fault.code, fault.path) == ("page/choice", "facts.1.held_by")
    assert fault.help is not None
    assert "tax" in fault.help.en


def test_json_names_part_and_facts(engine: Engine) -> None:
    said = described(engine.rulebooks.policies, engine.program, "en")
    measures = {item["id"]: item for clause in said["policies"][0]["clauses"] for item in clause["measures"]}
    assert measures["8a"]["without_application"]["possible"] is True
    assert measures["15"]["without_application"] is None
    told = measures["4"]["without_application"]
    assert told["scope"][0]["facts"] == ["projects.targets_verified"]
    assert "projects.floor_area" in told["data"][0]["facts"]
    assert {"fact": "projects.floor_area", "held_by": "application"} in told["sources"]
