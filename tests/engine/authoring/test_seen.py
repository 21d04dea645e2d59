"""Rule coverage counts what the evaluator finds: on every case the truths counted are those of the decision."""

from __future__ import annotations

from collections import Counter

import pytest

from conggao.engine.authoring.check import Company
from conggao.engine.authoring.seen import Rule, rule_coverage
from conggao.engine.authoring.worked import Worked, run_cases
from conggao.engine.decide import Engine
from conggao.engine.rulebook.model import Policy
from conggao.engine.rulebook.page import parse_page
from tests.engine.rulebook.pages import block, measure, page


def covered(engine: Engine) -> tuple[Policy, list[Worked], list[Rule]]:
    policy = engine.rulebooks.policies[0]
    done, _ = run_cases(policy, engine, Company(policy, [policy.id]))
    return policy, done, rule_coverage(policy, engine.program, done, "zh")


@pytest.mark.parametrize("name", ["ningxia-equipment-2024", "ningxia-rd-2022", "national-carbon-2024"])
def test_the_counts_are_those_of_the_decisions(name: str) -> None:
    policy, done, rules = covered(Engine([name]))
    for rule in rules:
        measure_ = policy.measure(rule.name)
        if rule.derived or measure_ is None:
            continue
        told: list[Counter[bool | None]] = [Counter() for _ in measure_.when]
        for worked in done:
            for outcome in worked.decision.outcomes:
                if outcome.measure == measure_.key and outcome.conditions:
                    for counter, condition in zip(told, outcome.conditions, strict=True):
                        counter[condition.truth] += 1
        whole = [item for item in rule.conditions if item.depth == 0][: len(told)]
        assert [dict(counter) for counter in told] == [{t: n for t, n in item.counts.items() if n} for item in whole]


def test_what_no_case_shows_is_named_part_by_part() -> None:
    either = measure(
        "a",
        "subject: project\nlines: [research_expense]\nwhen:\n  - 银行贷款利息 > 0 元 或 项目.总投资 > 5 元\npay: 银行贷款利息",
    )
    either = either.replace("项目.总投资", "总投资")
    shown = block(
        "case", "name: 例\nas_of: 2025-03-01\ngiven: {projects: [{id: P1, loan_interest: 3 元}]}\nexpect: {a: 3 元}"
    )
    _, _, rules = covered(Engine.of([parse_page(page("p", either, shown).encode(), "p.md")]))
    (rule,) = rules
    seen = {item.text: item.never for item in rule.conditions}
    assert seen == {
        "银行贷款利息 > 0 元 或 总投资 > 5 元": (False, None),
        "银行贷款利息 > 0 元": (False,),  # left out it is nothing, so it is never unknown
        "总投资 > 5 元": (True, False),
    }
