"""rule-engine 5: expressions whose numbers are Decimals; one expression gives all twelve amounts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP
from typing import Any

from rivals.rival import Decided, Rival, settle
from rivals.workload import Record, decimals


def least(amount: str, cap: str) -> str:
    """Written out: the engine's own $min takes a third of a decision."""
    return f"({amount} < {cap} ? {amount} : {cap})"


AMOUNTS = {
    1: (
        "leading_industry_project and loan_interest + lease_interest > 0",
        least("0.4 * (loan_interest + lease_interest)", "2000000"),
    ),
    2: ("fills_gap and guarantee_fee > 0", least("0.5 * guarantee_fee", "2000000")),
    3: ("retired_obsolete and equipment_payment > 0", least("0.1 * equipment_payment", "2000000")),
    4: ("reached_production and floor_area > 0", "75 * floor_area"),
    5: ("encouraged_transfer and fixed_asset_investment > 0", least("0.05 * fixed_asset_investment", "5000000")),
    6: ("is_manufacturer and project_rd > 0", least("0.3 * project_rd", "5000000")),
    7: ("revenue >= 20000000 and rd_expense > 0", least("0.1 * rd_expense", "1000000")),
    8: (
        "digital_effect and digital_investment > 0",
        least("0.4 * digital_investment", "(smart_factory ? 600000 : 500000)"),
    ),
    9: (
        "carbon_reduction > 0 and emissions > 26000 and emissions * output_before <= 0.95 * emissions_before * output",
        least("200 * carbon_reduction", "1000000"),
    ),
    10: ("chain_investment > 0", least("0.1 * chain_investment", "2000000")),
    11: ("service_fee > 0", least("0.3 * service_fee", "50000")),
    12: ("revenue >= 20000000 and rd_expense >= 5000000", least("0.12 * rd_expense", "800000")),
}
RULE = "[" + ", ".join(f"{when} ? {amount} : null" for when, amount in AMOUNTS.values()) + "]"


def make(form: str) -> Rival:
    from rule_engine import Rule

    evaluate = Rule(RULE).evaluate

    def decide(record: dict[str, Any]) -> Decided:
        return settle(
            {
                rule: int((amount * 100).to_integral_value(ROUND_HALF_UP))
                for rule, amount in enumerate(evaluate(record), 1)
                if amount is not None
            }
        )

    return Rival(prepare, decide)


def prepare(records: Sequence[Record]) -> list[Any]:
    return [decimals(record) for record in records]
