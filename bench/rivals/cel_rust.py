"""CEL in Rust (`common-expression-language`): one compiled program, which gives all twelve amounts as doubles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rivals.rival import Decided, Rival, fen, settle
from rivals.workload import Record, doubles

NOT_GRANTED = "-1.0"


def least(amount: str, cap: str) -> str:
    return f"({amount} < {cap} ? {amount} : {cap})"


AMOUNTS = {
    1: (
        "leading_industry_project && loan_interest + lease_interest > 0.0",
        least("0.4 * (loan_interest + lease_interest)", "2000000.0"),
    ),
    2: ("fills_gap && guarantee_fee > 0.0", least("0.5 * guarantee_fee", "2000000.0")),
    3: ("retired_obsolete && equipment_payment > 0.0", least("0.1 * equipment_payment", "2000000.0")),
    4: ("reached_production && floor_area > 0.0", "75.0 * floor_area"),
    5: (
        "encouraged_transfer && fixed_asset_investment > 0.0",
        least("0.05 * fixed_asset_investment", "5000000.0"),
    ),
    6: ("is_manufacturer && project_rd > 0.0", least("0.3 * project_rd", "5000000.0")),
    7: ("revenue >= 20000000.0 && rd_expense > 0.0", least("0.1 * rd_expense", "1000000.0")),
    8: (
        "digital_effect && digital_investment > 0.0",
        least("0.4 * digital_investment", "(smart_factory ? 600000.0 : 500000.0)"),
    ),
    9: (
        "carbon_reduction > 0.0 && emissions > 26000.0"
        " && emissions * output_before <= 0.95 * emissions_before * output",
        least("200.0 * carbon_reduction", "1000000.0"),
    ),
    10: ("chain_investment > 0.0", least("0.1 * chain_investment", "2000000.0")),
    11: ("service_fee > 0.0", least("0.3 * service_fee", "50000.0")),
    12: ("revenue >= 20000000.0 && rd_expense >= 5000000.0", least("0.12 * rd_expense", "800000.0")),
}
PROGRAM = "[" + ", ".join(f"{when} ? {amount} : {NOT_GRANTED}" for when, amount in AMOUNTS.values()) + "]"


def granted(amounts: Sequence[float]) -> Decided:
    return settle({rule: fen(amount) for rule, amount in enumerate(amounts, 1) if amount >= 0})


def make(form: str) -> Rival:
    import cel

    execute = cel.compile(PROGRAM).execute
    context = cel.Context()

    def decide(record: dict[str, Any]) -> Decided:
        context.update(record)
        return granted(execute(context))

    return Rival(prepare, decide)


def prepare(records: Sequence[Record]) -> list[Any]:
    return [doubles(record) for record in records]
