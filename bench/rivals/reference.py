"""The rules by hand in Decimal, exact: no quotient is formed, so nothing is rounded but the amounts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rivals.rival import Decided, Rival
from rivals.workload import Record, decimals

ZERO, FEN = Decimal(0), Decimal("0.01")
FIVE, TEN, TWELVE, THIRTY, FORTY, FIFTY = (Decimal(rate) / 100 for rate in (5, 10, 12, 30, 40, 50))
A_SQUARE_METRE, A_TONNE = Decimal(75), Decimal(200)
ABOVE_SCALE, LARGE_RESEARCH, LARGE_EMITTER = Decimal(20_000_000), Decimal(5_000_000), Decimal(26_000)
KEPT = Decimal(95) / 100
CAP_RESEARCH, CAP_RESEARCH_LARGE = Decimal(1_000_000), Decimal(800_000)
CAP_DIGITAL, CAP_SMART_FACTORY = Decimal(500_000), Decimal(600_000)
CAP_CARBON, CAP_SERVICE = Decimal(1_000_000), Decimal(50_000)
TWO_MILLION, FIVE_MILLION = Decimal(2_000_000), Decimal(5_000_000)


def make(form: str = "") -> Rival:
    """The yardstick."""
    return Rival(prepare, decide)


def prepare(records: Sequence[Record]) -> list[Any]:
    return [decimals(record) for record in records]


def decide(record: dict[str, Any]) -> Decided:
    """Exact to the fen for all quantities of up to 12 digits."""
    paid: dict[int, Decimal] = {}
    if record["leading_industry_project"]:
        interest = record["loan_interest"] + record["lease_interest"]
        if interest > ZERO:
            paid[1] = min(interest * FORTY, TWO_MILLION)
    if record["fills_gap"] and record["guarantee_fee"] > ZERO:
        paid[2] = min(record["guarantee_fee"] * FIFTY, TWO_MILLION)
    if record["retired_obsolete"] and record["equipment_payment"] > ZERO:
        paid[3] = min(record["equipment_payment"] * TEN, TWO_MILLION)
    if record["reached_production"] and record["floor_area"] > ZERO:
        paid[4] = record["floor_area"] * A_SQUARE_METRE
    if record["encouraged_transfer"] and record["fixed_asset_investment"] > ZERO:
        paid[5] = min(record["fixed_asset_investment"] * FIVE, FIVE_MILLION)
    if record["is_manufacturer"] and record["project_rd"] > ZERO:
        paid[6] = min(record["project_rd"] * THIRTY, FIVE_MILLION)
    research = record["rd_expense"]
    if record["revenue"] >= ABOVE_SCALE and research > ZERO:
        paid[7] = min(research * TEN, CAP_RESEARCH)
        if research >= LARGE_RESEARCH:
            paid[12] = min(research * TWELVE, CAP_RESEARCH_LARGE)
    if record["digital_effect"] and record["digital_investment"] > ZERO:
        paid[8] = min(
            record["digital_investment"] * FORTY, CAP_SMART_FACTORY if record["smart_factory"] else CAP_DIGITAL
        )
    if (
        record["carbon_reduction"] > ZERO
        and record["emissions"] > LARGE_EMITTER
        and record["emissions"] * record["output_before"] <= KEPT * record["emissions_before"] * record["output"]
    ):
        paid[9] = min(record["carbon_reduction"] * A_TONNE, CAP_CARBON)
    if record["chain_investment"] > ZERO:
        paid[10] = min(record["chain_investment"] * TEN, TWO_MILLION)
    if record["service_fee"] > ZERO:
        paid[11] = min(record["service_fee"] * THIRTY, CAP_SERVICE)

    granted = {rule: int(amount.quantize(FEN, ROUND_HALF_UP).scaleb(2)) for rule, amount in paid.items()}
    suppressed = set()
    for first, second in ((7, 12), (3, 10)):
        if first in granted and second in granted:
            lower = second if granted[first] >= granted[second] else first
            del granted[lower]
            suppressed.add(lower)
    return granted, suppressed, sum(granted.values())
