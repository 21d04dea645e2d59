"""forward = exact = awards with the rulebooks of all three levels loaded, over cases that hug the thresholds of all of them.

`CONGGAO_AGREEMENT` is the number of cases.
"""

from __future__ import annotations

from typing import Any

import pytest

from conggao.engine import Engine
from conggao.facts.loading import read_case
from tests.agreement import cases, wider
from tests.agreement.test_agreement import PARTS, alike, differences, ends, join, rows
from tests.conftest import AGREEMENT


@pytest.mark.parametrize("part", range(PARTS))
def test_two_engines_agree_on_three_levels(everything: Engine, part: int) -> None:
    assert everything.forward.unavailable is None, "this test is of durable-rules too"
    statuses: set[str] = set()
    unproven = 0
    for seed in range(part, AGREEMENT, PARTS):
        stated = wider.generate(seed)
        case = read_case(stated, everything.vocabulary)
        exact = everything.decide(case, engine="exact")
        forward = everything.decide(case, engine="forward")

        def text(seed: int = seed, stated: Any = stated) -> str:
            return f"seed {seed}\n{cases.to_yaml(stated)}"

        told = [] if alike(forward, exact) else list(differences(rows(forward), rows(exact)))
        assert not told, f"forward against exact:\n{join(told)}\n{text()}"
        assert forward.totals == exact.totals, text()
        awards = everything.awards(case, engine="exact")
        money = {key: (award.status, (award.low, award.high)) for key, award in awards.awards.items()}
        paid = {(o.measure, o.subject): (o.status, ends(o.amount)) for o in exact.outcomes if o.amount is not None}
        assert money == paid, text()
        if seed // PARTS % 10 == 0:
            whole = everything.awards(case, engine="forward")
            assert (awards.plan, awards.naive, awards.bound) == (whole.plan, whole.naive, whole.bound), text()
        assert exact.plan is not None
        unproven += not exact.plan.proven
        assert exact.plan.proven == (exact.plan.bound is None), "what is not proven has a bound"
        assert exact.plan.gain >= 0, f"the naive choice is one of the plans\n{text()}"
        statuses |= {item.status for item in exact.outcomes}
    assert unproven <= AGREEMENT // PARTS // 1000, "cases of this size are planned to the end but for the odd one"
    if AGREEMENT >= 8000:
        wanted = {
            "granted",
            "contingent",
            "superseded",
            "received",
            "exhausted",
            "unmet",
            "undetermined",
            "not_in_force",
        }
        assert wanted <= statuses, "the cases reach every status"
