"""What a decision says beside its outcomes."""

from __future__ import annotations

from typing import Any

from conggao.engine import Engine

RESEARCH: dict[str, Any] = {
    "as_of": "2025-03-01",
    "enterprise": {
        "county": "银川经开区",
        "research_deduction_years": [2024, 2023],
        "high_technology": False,
        "technology_sme": False,
        "first_year_above_scale": True,
    },
    "reports": [
        {"year": 2024, "main_business_revenue": "3 亿元", "rd_expense": "2000 万元"},
        {"year": 2023, "rd_expense": "900 万元"},
    ],
}


def notes(engine: Engine, received: list[dict[str, Any]]) -> tuple[str, ...]:
    return engine.decide({**RESEARCH, "received": received}, engine="exact", lang="en").notes


def test_a_receipt_under_a_name_of_several_policies_is_not_guessed(everything: Engine) -> None:
    (note,) = notes(everything, [{"measure": "loan", "amount": "5 万元"}])
    assert "stands in several policies" in note
    assert "ningxia-equipment-2024/loan, national-equipment-loan-2024/loan" in note
    assert "not counted" in note


def test_money_deducted_from_several_claims_that_stack_is_said(everything: Engine) -> None:
    """The city's subsidy was paid; the regional ones, which stack, are each reduced by it."""
    (note,) = notes(everything, [{"measure": "8a", "amount": "50 万元", "year": 2024}])
    assert "deducted from each of ningxia-rd-2022/first-scale, ningxia-rd-2022/general" in note
    assert notes(everything, [{"measure": "first-scale", "amount": "1 万元", "year": 2024}]) == ()
