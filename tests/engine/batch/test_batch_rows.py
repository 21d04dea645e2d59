"""The rows of a batch say what its decisions say, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")

from conggao.engine import Engine
from conggao.engine.batch.rows import RowMaker
from conggao.engine.decision import Decision, Range
from conggao.facts.diagnostics import InputFaults
from tests.agreement import cases, wider
from tests.conftest import AGREEMENT
from tests.engine.rulebook.pages import engine, measure, page

SEEDS = range(max(120, AGREEMENT // 100))


def made(law: Engine, stated: Iterable[dict[str, Any]], everything: bool, why: bool) -> Iterator[tuple[Decision, Any]]:
    """Each decision with its rows and totals, of one table as a batch makes it."""
    maker, decisions = RowMaker(everything, why), list[Decision]()
    for case in stated:
        try:
            sitting = law.sit(case, engine="exact")
        except InputFaults:
            continue
        maker.add(len(decisions), f"code {len(decisions)}", sitting)
        decisions.append(law.decide(case, engine="exact"))
    rows, totals = maker.take()
    rows.validate(full=True)
    assert [table.num_rows for table in maker.take()] == [0, 0], "what was taken is gone"
    found: list[tuple[list[Any], list[Any]]] = [([], []) for _ in decisions]
    for place, table in enumerate((rows, totals)):
        for row in table.to_pylist():
            assert row["credit_code"] == f"code {row['case_no']}"
            found[row["case_no"]][place].append(row)
    return zip(decisions, found, strict=True)


def ends(range_: Range | None, name: str) -> dict[str, Any]:
    low, high = (None, None) if range_ is None else (range_.low, range_.high)
    return {f"{name}_low": low, f"{name}_high": high}


def expected(decision: Decision, everything: bool, why: bool) -> list[dict[str, Any]]:
    kept = [item for item in decision.outcomes if everything or item.status != "unmet"] or decision.outcomes[:1]
    rows = []
    for item in kept:
        row = {
            name: getattr(item, name) for name in ("measure", "subject", "status", "recipient", "break_even", "basis")
        }
        row |= {name: list(getattr(item, name)) for name in ("lines", "superseded_by", "contested_by")}
        row |= ends(item.standard, "standard") | ends(item.amount, "amount")
        row["funding"] = item.funding and [
            {"payer": payer, "low": share.low, "high": share.high} for payer, share in item.funding.items()
        ]
        if why:
            row |= {"difference": item.difference, "missing": list(item.missing)}
            told = [part.model_dump(mode="json", exclude_defaults=True) for part in item.conditions]
            row["conditions"] = json.dumps(told, ensure_ascii=False) if told else None
        rows.append(row)
    return rows


@pytest.mark.parametrize(("unmet", "why"), [(False, False), (True, False), (False, True), (True, True)])
def test_rows_say_what_decisions_say(everything: Engine, unmet: bool, why: bool) -> None:
    stated = [generate(seed) for seed in SEEDS for generate in (cases.generate, wider.generate)]
    for decision, (rows, totals) in made(everything, stated, unmet, why):
        own = {"case_no", "credit_code"}
        assert [{k: v for k, v in row.items() if k not in own} for row in rows] == expected(decision, unmet, why)
        assert [(row["recipient"], row["low"], row["high"]) for row in totals] == [
            (name, total.low, total.high) for name, total in decision.totals.items()
        ]


def test_what_is_said_once_for_many_holds_under_one_state_of_the_law() -> None:
    """A measure that pays until a day and helps in kind from then on has no recipient any more, whoever was decided before."""
    paying = measure("a", "subject: enterprise\nlines: [research_expense]\nwhen: [上年度.研发费用 > 0 元]\npay: 1 元")
    change = "复述。\n\n```amend\nmeasure: p-1/a\nfrom: 2026-01-01\nset: {service: {zh: 培训, en: training}}\n```"
    law = engine(page("p-1", paying), page("p-2", change))
    stated = [
        {"as_of": f"{year}-03-01", "reports": [{"year": year - 1, "rd_expense": 0}]}
        for year in (2025, 2026, 2025, 2026)
    ]
    found = [
        (row["status"], row["recipient"])
        for _, (rows, _) in made(law, stated, True, False)
        for row in rows
        if row["measure"] == "p-1/a"
    ]
    assert found == [("unmet", "enterprise"), ("unmet", None)] * 2
