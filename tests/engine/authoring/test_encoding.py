"""The formulas say of every case what the exact evaluator says: truth, and both ends of the amount."""

from __future__ import annotations

import os
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from conggao.engine import Engine
from conggao.engine.authoring.diff.random_cases import Cases
from conggao.engine.authoring.proof.encode import Encoder, world_for
from conggao.engine.authoring.proof.expand import Expander
from conggao.engine.authoring.proof.kleene import Logic
from conggao.engine.rulebook.model import Measure
from conggao.facts.diagnostics import InputFaults
from tests.engine.authoring.pinned import pinned
from tests.engine.rulebook.pages import block, engine, measure, page

pytest.importorskip("z3", reason="z3 is not installed")

EACH = max(10, int(os.environ.get("CONGGAO_AGREEMENT", "20000")) // 1000)
"""Cases a measure."""
DAYS = ("2025-03-01", "2026-01-01")
OF_PROJECTS = "subject: enterprise\nlines: [equipment_purchase]\n"
OF_PROJECT = "subject: project\nlines: [equipment_purchase]\n"


def rule(id: str, head: str, pays: str, *when: str) -> str:  # noqa: A002 - the key of the page
    """A measure with its conditions one a line, so that commas in them stay commas."""
    return measure(id, head + "when:\n" + "".join(f"  - {item}\n" for item in when) + pays)


CONSTRUCTS = page(
    "constructs-1",
    block(
        "derive",
        "name: construct_growth\nlabel: {zh: 构造增速, en: construct growth}\nsubject: enterprise\nsource: 无\n"
        "is: (上年度.研发费用 - 前年度.研发费用) / 前年度.研发费用",
    ),
    rule("sum", OF_PROJECTS, "pay: 10% * sum(项目.贷款本金)", "sum(项目.贷款本金) ≥ 100 元", "count(项目) ≥ 2"),
    rule("count", OF_PROJECTS, "pay: 5 元 * count(项目.新兴产业)", "count(项目.新兴产业) > 1"),
    rule("any", OF_PROJECTS, "pay: 1 元", "any(项目.贷款本金 > 50 元 且 项目.总投资 > 100 元)"),
    rule("extremes", OF_PROJECTS, "pay: min(项目.总投资)", "max(项目.总投资) > 100 元"),
    rule("least", OF_PROJECT, "pay: max(贷款本金, 总投资) - 10 元\ncap: 200 元", "min(贷款本金, 总投资) > 10 元"),
    rule("quotient", OF_PROJECTS, "pay: 构造增速 * 1000 元", "构造增速 ≥ 5%"),
    rule(
        "interval",
        OF_PROJECT,
        "up_to: between(10 元, 贷款本金) * 2 - up_to(总投资)",
        "between(贷款本金, 总投资) > 50 元",
    ),
    rule("interval2", OF_PROJECT, "up_to: 30 元\ncap: between(10 元, 20 元)", "非 (up_to(贷款本金) ≤ 总投资)"),
    rule(
        "choice",
        OF_PROJECT,
        "up_to:\n  - {when: 贷款本金 > 50 元, value: 40 元}\n  - {when: 总投资 > 50 元, value: 40 元}\n  - {otherwise: 10% * 总投资}",
        "新兴产业 或 非 科技创新培育",
    ),
    rule("words", OF_PROJECT, "pay: 1 元", '用途 包含 "construction" 且 非 用途 包含 "commercialisation"'),
    rule("member", OF_PROJECTS, "pay: 1 元", '企业.名称 属于 ["甲", "乙"]', "10 ≤ 行业大类 ≤ 12"),
    rule("held", OF_PROJECTS, "pay: 1 元", '认定("smart_factory", since=2024) 或 认定("smart_factory", level="city")'),
    rule("same", OF_PROJECT, "pay: 1 元", "新兴产业 = 科技创新培育", "贷款本金 ≠ 总投资"),
)


def agree(found: Engine, one: Measure, numbers: range) -> int:
    """Holds the formulas of a measure against its closures; gives how many cases could be laid into the world."""
    program, expander = found.program, Expander(found.rulebooks)
    compiled = next(item for _, items in program.policies for item in items if item.measure.key == one.key)
    nodes = [expander.of(node) for node in one.expressions()]
    world = world_for(Logic(), found.vocabulary, nodes, (2020, 2030))
    encoder = Encoder(world, found.rulebooks)
    truth = encoder.all_hold(one.when)
    amount = None if one.amount is None else encoder.interval(one.amount)
    z3 = world.logic.z3
    solver = z3.Solver(ctx=world.logic.context)
    cases = Cases(nodes, found.vocabulary, DAYS, one.subject)
    laid = 0
    for number in numbers:
        try:
            case = found.read(cases(number))
        except InputFaults:
            continue
        assert case.as_of is not None
        subjects = program.subjects(case, case.as_of)[one.subject or "enterprise"]
        pins = pinned(world, program, case, case.as_of)
        if pins is None or not subjects:
            continue
        frame = subjects[0].frame
        solver.push()
        solver.add(*world.domain, *pins)
        assert solver.check() == z3.sat, (one.key, number, "the world has no such case")
        model = solver.model()
        said = (model.eval(truth.yes, True), model.eval(truth.no, True))
        expected = compiled.truth(frame)
        assert tuple(map(z3.is_true, said)) == (expected is True, expected is False), (one.key, number, expected, said)
        if amount is not None and one.amount is not None:
            interval = program.compiler.interval(one.amount)
            ends = interval.read(frame)
            assert z3.is_true(model.eval(amount.known, True)) == (ends is not None), (one.key, number, ends)
            if ends is not None:
                assert z3.is_true(model.eval(amount.open, True)) == (ends[1] is None), (one.key, number)
                assert fraction(model.eval(amount.low, True)) == Fraction(ends[0]) / interval.scale, (one.key, number)
                if ends[1] is not None:
                    assert fraction(model.eval(amount.high, True)) == Fraction(ends[1]) / interval.scale, (
                        one.key,
                        number,
                    )
        solver.pop()
        laid += 1
    return laid


def fraction(value: Any) -> Fraction:
    return Fraction(value.numerator_as_long(), value.denominator_as_long())


def test_shipped_measures_in_formulas_agree_with_the_exact_evaluator(everything: Engine) -> None:
    laid = [
        agree(everything, one, range(EACH))
        for policy in everything.rulebooks.policies
        for one in policy.measures
        if not one.idle
    ]
    assert sum(laid) > len(laid) * EACH // 3, "most cases fit the world"


def test_every_construct_in_formulas_agrees_with_the_exact_evaluator() -> None:
    found = engine(CONSTRUCTS)
    for one in found.rulebooks.policies[0].measures:
        assert agree(found, one, range(10 * EACH)) > EACH, one.id


def test_the_day_of_a_question_is_one_of_its_span() -> None:
    from conggao.engine.authoring.proof.questions import Span

    span = Span(date(2024, 6, 1), date(2025, 2, 1))
    assert (span.day(2024), span.day(2025)) == (date(2024, 6, 1), date(2025, 1, 1))
    assert Span(date(2024, 1, 1), date(2027, 12, 31)).day(2025) == date(2025, 3, 1)
