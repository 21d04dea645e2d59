"""The interview against every case there is: on small rulebooks all answers can be tried, and none that matters may be missed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conggao.engine import Engine, InputFaults
from conggao.engine.analysis.interview import SUBJECTS, Interview, Question
from conggao.engine.analysis.interview.search import Said, Search, said
from conggao.facts.loading import load_case
from tests.agreement import cases
from tests.engine.rulebook.pages import engine as made
from tests.engine.rulebook.pages import measure, page

AS_OF = "2025-03-01"
GRID: Mapping[str, tuple[Any, ...]] = {
    "enterprise.employees": (None, 9, 10, 11),
    "enterprise.chain_leader": (None, True, False),
    "enterprise.leading_enterprise": (None, True, False),
    "reports.2024.rd_expense": (None, "0", "9999999.99", "10000000", "20000000"),
    "recognitions.smart_factory": (False, 2024),
}
"""Every fact that the small rulebooks read, on each side of every threshold."""
Point = tuple[Any, ...]
NAMES = tuple(GRID)


def document(point: Point) -> dict[str, Any]:
    employees, leader, leading, expense, title = point
    enterprise = {"employees": employees, "chain_leader": leader, "leading_enterprise": leading}
    return {
        "as_of": AS_OF,
        "enterprise": {key: value for key, value in enterprise.items() if value is not None},
        "reports": [{"year": 2024, **({} if expense is None else {"rd_expense": expense})}],
        "recognitions": [{"title": "smart_factory", "year": title}] if title else [],
    }


ATOMS = (
    "从业人员 ≥ 10 人", "从业人员 < 11 人", "上年度.研发费用 ≥ 1000 万元", "上年度.研发费用 > 0 元", "链主企业", "龙头企业",
    'recognised("smart_factory")',
)  # fmt: skip
CONDITIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("且", "或")), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        inner.map(lambda item: f"非 ({item})"),
    ),
    max_leaves=4,
)
PAYS = st.sampled_from(
    (
        "pay: 10% * 上年度.研发费用",
        "pay: 50 万元",
        "up_to: 30 万元",
        "pay: 10% * 上年度.研发费用\ncap: 100 万元",
        "pay: 1 万元",
    )
)
MEASURES = st.tuples(st.lists(CONDITIONS, min_size=1, max_size=2), PAYS, st.sampled_from(("one", "two")))


FRONT = """conflicts: {principle: highest, against: [national, region, city]}
lines: {one: {zh: 甲项, en: one}, two: {zh: 乙项, en: two}, three: {zh: 丙项, en: three}}
"""


def book(*blocks: str) -> Engine:
    """One page of these measures."""
    return made(page("region-1", *blocks, front=FRONT))


def rulebook(measures: list[tuple[list[str], str, str]]) -> Engine:
    blocks = [
        measure(f"m{n}", f"subject: enterprise\nlines: [{line}]\nwhen:\n" + "".join(f"  - {c!r}\n" for c in when) + pay)
        for n, (when, pay, line) in enumerate(measures)
    ]
    return book(*blocks)


def table(engine: Engine) -> dict[Point, Said]:
    return {
        point: said(engine.decide(document(point), engine="exact"))
        for point in product(*(GRID[name] for name in NAMES))
    }


def matching(found: Mapping[Point, Said], stated: Mapping[str, Any]) -> Iterator[tuple[Point, Said]]:
    """The cases of the grid that say what is stated."""
    for point, told in found.items():
        if all(point[NAMES.index(name)] == value for name, value in stated.items()):
            yield point, told


def matters(found: Mapping[Point, Said], stated: Mapping[str, Any], name: str) -> bool:
    """Whether two cases that differ in this fact alone, and say what is stated, are decided differently."""
    at = NAMES.index(name)
    groups: dict[Point, set[str]] = {}
    for point, told in matching(found, stated):
        groups.setdefault((*point[:at], *point[at + 1 :]), set()).add(repr(sorted(told.items(), key=repr)))
    return any(len(group) > 1 for group in groups.values())


@settings(max_examples=40)
@given(st.lists(MEASURES, min_size=1, max_size=2), st.integers(0, 10**6))
def test_only_what_matters_is_asked_and_all_of_it(measures: list[tuple[list[str], str, str]], seed: int) -> None:
    draw = random.Random(seed)
    engine = rulebook(measures)
    found = table(engine)
    interview = Interview(engine, {"as_of": AS_OF, "reports": [{"year": 2024}]})
    stated: dict[str, Any] = {}
    while (question := interview.question()) is not None:
        assert question.key in GRID, question.key
        assert question.key not in stated, "nothing is asked twice"
        assert matters(found, stated, question.key), f"{question.key} can change nothing"
        value = draw.choice(GRID[question.key])
        stated[question.key] = value
        if value is None:
            interview.unknown(question)
        else:
            interview.answer(question, value)
    now = said(interview.decide())
    for point, told in matching(found, stated):
        assert told == now, f"{point} would still be decided differently"


def test_a_fact_that_matters_only_with_another_is_asked() -> None:
    """Neither fact alone settles the condition; both together do."""
    rule = "subject: enterprise\nlines: [one]\nwhen: [上年度.研发费用 + 前年度.研发费用 > 1000 万元]\npay: 1 万元"
    engine = book(measure("m", rule))
    interview = Interview(engine, {"as_of": AS_OF})
    asked = []
    while (question := interview.question()) is not None:
        asked.append(question.key)
        interview.answer(question, "600 万元")
    assert sorted(asked) == ["reports.2023.rd_expense", "reports.2024.rd_expense"]
    assert interview.decide().outcome("m").status == "granted"


def test_what_decides_more_money_is_asked_first() -> None:
    def small(name: str, fact: str, pay: str) -> str:
        line = {"a": "one", "b": "two", "c": "three"}[name]
        return measure(name, f"subject: enterprise\nlines: [{line}]\nwhen: [{fact}]\npay: {pay}")

    engine = book(small("a", "链主企业", "1 万元"), small("b", "龙头企业", "9 万元"), small("c", "新落地", "5 万元"))
    interview = Interview(engine, {"as_of": AS_OF})
    asked = []
    while (question := interview.question()) is not None:
        asked.append(question.because[0].measure)
        interview.unknown(question)
    assert asked == ["region-1/b", "region-1/c", "region-1/a"]


def test_a_refused_answer_changes_nothing(engine: Engine) -> None:
    interview = Interview(engine, {"as_of": AS_OF})
    question = interview.question()
    assert question is not None
    before = interview.document
    with pytest.raises(InputFaults):
        interview.answer(question, {"not": "a value"})
    assert interview.document == before
    assert interview.question() == question


def test_going_back_takes_answers_back_one_by_one(engine: Engine) -> None:
    interview = Interview(engine, {"as_of": AS_OF})
    states = []
    for _ in range(4):
        question = interview.question()
        assert question is not None
        states.append((interview.document, interview.closed, question))
        interview.unknown(question)
    for document_, closed, question in reversed(states):
        assert interview.back() == question
        assert (interview.document, interview.closed) == (document_, closed)
        assert interview.question() == question
    assert interview.back() is None


def test_a_half_filled_case_is_not_asked_for_what_it_states(engine: Engine, sample: Path) -> None:
    case = load_case(sample, engine.vocabulary)
    interview = Interview(engine, case)
    asked = set()
    while (question := interview.question()) is not None:
        asked.add(question.key)
        interview.unknown(question)
    assert "projects.P2.targets_verified" in asked, "the one fact that the sample leaves open and pays most"
    assert "enterprise.industry" not in asked
    assert "enterprise.steady_growth_contributor" not in asked, "another way into the same measure holds already"
    assert interview.case == case, "not knowing changes nothing"


def answers(question: Question, interview: Interview, draw: random.Random) -> Any:
    """Some answer of the right kind."""
    if question.kind == "title":
        return draw.choice([False, 2024, 2019])
    if question.kind == "park":
        return draw.choice([False, {"id": "K"}])
    if question.kind in SUBJECTS:
        entry = {"id": interview.free_id(question.kind)}
        more = {"provider": "云", "kind": draw.choice(cases.KINDS)} if question.kind == "service" else {}
        return {**entry, **more} if int(entry["id"][1:]) < 3 else False
    assert question.path is not None
    spec = question.path.spec
    kind = spec.kind if spec is not None else question.path.name
    return {
        "flag": draw.choice([True, False]), "quantity": draw.choice(["30000", "5000 万", "3 亿"]),
        "integer": draw.choice([5, 500, 5000]), "words": draw.sample(cases.PURPOSES, 2), "year": 2024, "level": "city",
        "text": "3411", "word": "金凤区",
    }[kind]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_an_interview_from_nothing_ends_with_nothing_left_to_ask(engine: Engine, seed: int) -> None:
    """Whatever is answered it ends, no question comes twice, and the case that it makes needs no other of the facts asked."""
    draw = random.Random(seed)
    interview = Interview(engine, {"as_of": AS_OF})
    asked: list[str] = []
    while (question := interview.question()) is not None:
        assert question.because, "it says why it asks"
        asked.append(question.key)
        assert len(asked) < 200
        interview.answer(question, answers(question, interview, draw))
    facts = [key for key in asked if key not in SUBJECTS]
    assert len(facts) == len(set(facts))
    missing = {name for outcome in interview.decide().outcomes for name in outcome.missing}
    assert not missing, "everything was answered, so that everything is decided"


def test_a_fact_hidden_by_another_way_to_the_same_measure_is_found() -> None:
    """Where one way holds the other says nothing; with the first way shut it decides."""
    rule = (
        "subject: enterprise\nlines: [one]\nwhen: [(链主企业 且 龙头企业) 或 (新落地 且 产业链关键环节)]\npay: 1 万元"
    )
    search = Search(book(measure("m", rule)), {"as_of": AS_OF}, date(2025, 3, 1), ())
    (pair,) = search.pairs
    base = search.satisfied(pair)
    assert base is not None
    assert len(base) == 2, "one way is enough"
    for item in search.open_of(pair):
        witness = search.witness(item, pair, base)
        assert witness is not None, item.key
        told = [search.decide({**dict(witness.base), item: value}) for value in witness.values]
        assert told[0] is not None
        assert told[1] is not None
        assert said(told[0]) != said(told[1]), "the two cases that it names are decided differently"
