"""Our own engines on the twelve rules, written as the rulebook `bench/yinchuan-12.md`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from conggao.engine import Case, Decision, Engine
from conggao.facts.loading import read_case
from rivals.rival import Decided, Rival
from rivals.workload import Record

PAGE = Path(__file__).resolve().parent.parent / "yinchuan-12.md"
RULES = {f"yinchuan-12/{number}": number for number in range(1, 13)}
DAY = date(2025, 3, 1)


def make(form: str = "exact") -> Rival:
    """`form` is `exact` or `forward`, with ` decision` for the complete Decision instead of what the peers return."""
    name, _, whole = form.partition(" ")
    evaluator = cast("Literal['exact', 'forward']", name)
    engine = Engine([PAGE])

    def prepare(records: Sequence[Record]) -> list[Any]:
        return [read_case({"as_of": DAY, "enterprise": dict(record)}, engine.vocabulary) for record in records]

    def amounts(case: Case) -> Decided:
        awards = engine.awards(case, engine=evaluator).awards
        granted: dict[int, int] = {}
        suppressed: set[int] = set()
        for (measure, _), award in awards.items():
            rule = RULES[measure]
            if award.status == "granted":
                granted[rule] = award.low
            else:
                suppressed.add(rule)
        return granted, suppressed, sum(granted.values())

    def decision(case: Case) -> Decided:
        decided: Decision = engine.decide(case, engine=evaluator)
        granted: dict[int, int] = {}
        suppressed: set[int] = set()
        for outcome in decided.outcomes:
            if outcome.status == "granted" and outcome.amount is not None:
                granted[RULES[outcome.measure]] = int(outcome.amount.low.scaleb(2))
            elif outcome.status == "superseded":
                suppressed.add(RULES[outcome.measure])
        return granted, suppressed, sum(granted.values())

    return Rival(prepare, decision if whole else amounts)
