"""The rulebook as a person reads it leaves nothing of the page out: every rule, condition, reading and case, in either language."""

from __future__ import annotations

import pytest

from conggao.engine.authoring.check import Company
from conggao.engine.authoring.reading import Reading, Rule, Shown, reading
from conggao.engine.authoring.worked import run_cases
from conggao.engine.decide import Engine
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.model import Policy
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import Lang
from tests.engine.rulebook.pages import block, measure, page

LANGS: tuple[Lang, Lang] = ("zh", "en")


def read(engine: Engine, lang: Lang) -> tuple[Policy, Reading]:
    policy = engine.rulebooks.policies[0]
    done, faults = run_cases(policy, engine, Company(policy, [policy.id]))
    assert not faults
    return policy, reading(policy, engine, done, lang)


def rules(read_: Reading) -> list[Rule]:
    return [item for part in read_.parts for item in part.items if isinstance(item, Rule)]


def shown(read_: Reading) -> list[Shown]:
    return [case for rule in rules(read_) for case in rule.cases]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*shipped()][1:])
def test_nothing_of_a_shipped_page_is_left_out(name: str, lang: Lang) -> None:
    engine = Engine([name])
    policy, told = read(engine, lang)
    renderer = engine.program.renderer(lang)
    by_id = {rule.id: rule for rule in rules(told) if rule.kind == "measure"}
    assert list(by_id) == [item.id for item in policy.measures]
    for item in policy.measures:
        said = [text for row in by_id[item.id].rows for text in row.texts]
        assert {renderer.say(condition.node) for condition in item.when} <= set(said)
        assert item.amount is None or renderer.say(item.amount) in said
        assert item.cap is None or any(text.startswith(renderer.say(item.cap)) for text in said)
        assert by_id[item.id].readings == tuple(text.of(lang) for text in item.interpretation)
        assert set(item.not_modelled) <= set(said)
    assert len(shown(told)) == len(policy.cases)
    assert all(case.passed and case.results for case in shown(told))


@pytest.mark.parametrize("lang", LANGS)
def test_headings_and_prose_are_in_the_language_asked_for(lang: Lang) -> None:
    _, told = read(Engine(["ningxia-equipment-2024"]), lang)
    part = next(part for part in told.parts if part.heading in ("贷款贴息", "Loan interest"))
    prose = " ".join(item for item in part.items if isinstance(item, str))
    assert ("sixty per cent" in prose) is (lang == "en")
    assert ("总投资 500 万元以上" in prose) is (lang == "zh")


def test_every_kind_of_block_is_told() -> None:
    told = read(Engine.of([parse_page(_EVERYTHING.encode(), "p.md")]), "zh")[1]
    assert [rule.kind for rule in rules(told)] == ["facts", "parameter", "derive", "measure", "amend"]
    (case,) = shown(told)
    assert case.given.splitlines()[0].startswith("projects:")
    assert case.results == ("a a · 项目 P1：可领取 1.50 元", "示例大项目：是")
    amended = rules(told)[-1]
    assert amended.id == "yinchuan-2024-2/8a"
    assert [row.texts for row in amended.rows] == [("200 万元",)]


def test_a_case_that_fails_is_told_with_what_came() -> None:
    wrong = _EVERYTHING.replace("a: 1.5 元", "a: 7 元")
    (case,) = shown(read(Engine.of([parse_page(wrong.encode(), "p.md")]), "en")[1])
    assert not case.passed
    assert case.results[0].endswith("granted CNY 1.50")


_EVERYTHING = page(
    "p",
    block(
        "facts",
        "facts: [{name: guide_cost, label: {zh: 示例费, en: cost}, type: quantity, unit: 元, subject: project, absent: zero}]",
    ),
    block("parameter", "name: guide_rate\nlabel: {zh: 示例率, en: rate}\nvalues: {2024: {value: 50%, source: 甲}}"),
    block(
        "derive", "name: guide_big\nlabel: {zh: 示例大项目, en: big}\nsubject: project\nis: 示例费 > 2 元\nsource: 甲"
    ),
    measure("a", "subject: project\nlines: [equipment_purchase]\nwhen: [示例费 > 0 元]\npay: 示例率 * 示例费")
    + "\n\n```case\nname: 例\nas_of: 2025-03-01\ngiven:\n  projects: [{id: P1, guide_cost: 3 元}]\n"
    + "expect: {a: 1.5 元, guide_big: true}\n```",
    block("amend", "measure: yinchuan-2024-2/8a\nfrom: 2026-01-01\nset: {cap: 200 万元}"),
)
