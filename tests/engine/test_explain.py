"""What an explainer remembers is what it would find anew."""

from __future__ import annotations

from conggao.engine import Engine
from conggao.engine.explain import Explainer
from conggao.facts.diagnostics import InputFaults
from tests.agreement.wider import generate
from tests.conftest import AGREEMENT


def test_a_condition_that_was_answered_before_is_answered_the_same(everything: Engine) -> None:
    """For every subject: what is only about the enterprise is shared by its projects, what is about a project is its own."""
    differing = 0
    for seed in range(max(60, AGREEMENT // 200)):
        try:
            sitting = everything.sit(generate(seed), engine="exact")
        except InputFaults:
            continue
        program, case = sitting.edition.program, sitting.case
        shared = Explainer(program, sitting.subjects, sitting.day, "zh", case.recognitions)
        for _, record in sitting.records:
            for condition in record.compiled.measure.when:
                found = shared.condition(condition.node, record.subject)
                anew = Explainer(program, sitting.subjects, sitting.day, "zh", case.recognitions)
                assert found.plain() == anew.condition(condition.node, record.subject).plain()
                assert found.truth == program.compiler.truth(condition.node)(record.subject.frame)
                first = sitting.subjects[record.subject.kind][0]
                differing += shared.condition(condition.node, first).truth != found.truth
    assert differing, "projects of one enterprise differ"
