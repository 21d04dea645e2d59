"""`yinchuan-12`: enterprises as flat records, by seed, many of them on a threshold.

A record holds flags as bool and quantities as decimal texts: money in yuan to the fen, areas in m² to 0.01, emissions in tonnes to the
kilogram. Every engine is given the same values in whatever form suits it.

The rules, each only where what it pays for is above zero:

 1  leading_industry_project: 40% of loan_interest + lease_interest, at most 2,000,000
 2  fills_gap: 50% of guarantee_fee, at most 2,000,000
 3  retired_obsolete: 10% of equipment_payment, at most 2,000,000
 4  reached_production: 75 a m² of floor_area
 5  encouraged_transfer: 5% of fixed_asset_investment, at most 5,000,000
 6  is_manufacturer: 30% of project_rd, at most 5,000,000
 7  above scale (revenue >= 20,000,000): 10% of rd_expense, at most 1,000,000
 8  digital_effect: 40% of digital_investment, at most 500,000, with smart_factory 600,000
 9  emissions > 26,000 and 1 - (emissions / output) / (emissions_before / output_before) >= 5%: 200 a tonne of carbon_reduction,
    at most 1,000,000
10  10% of chain_investment, at most 2,000,000
11  30% of service_fee, at most 50,000
12  above scale, rd_expense >= 5,000,000: 12% of rd_expense, at most 800,000

Of 7 and 12, and of 3 and 10, only the higher is granted. Amounts are rounded half up to the fen. The quotient of rule 9 is
cross-multiplied in every engine, which is the best form for all: emissions * output_before <= 0.95 * emissions_before * output. Outputs
are above zero.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Record = Mapping[str, Any]

FLAGS = (
    "leading_industry_project",
    "fills_gap",
    "retired_obsolete",
    "reached_production",
    "encouraged_transfer",
    "is_manufacturer",
    "smart_factory",
    "digital_effect",
)
QUANTITIES = (
    "loan_interest",
    "lease_interest",
    "guarantee_fee",
    "equipment_payment",
    "floor_area",
    "fixed_asset_investment",
    "project_rd",
    "revenue",
    "rd_expense",
    "digital_investment",
    "emissions_before",
    "emissions",
    "output_before",
    "output",
    "carbon_reduction",
    "chain_investment",
    "service_fee",
)

_THRESHOLDS = {
    "loan_interest": (2_500_000, 5_000_000),
    "lease_interest": (2_500_000, 5_000_000),
    "guarantee_fee": (4_000_000,),
    "equipment_payment": (20_000_000,),
    "fixed_asset_investment": (100_000_000,),
    "project_rd": (16_666_667,),
    "revenue": (20_000_000,),
    "rd_expense": (5_000_000, 8_000_000, 10_000_000),
    "digital_investment": (1_250_000, 1_500_000),
    "chain_investment": (20_000_000,),
    "service_fee": (166_667,),
}
"""In yuan: where a condition or a cap turns, or two rivals pay the same."""


def records(number: int = 2000, seed: int = 20240601) -> list[Record]:
    """`number` enterprises; a tenth lie on the line of rule 9, exactly or within a few kilograms."""
    source = random.Random(seed)
    return [_record(source) for _ in range(number)]


def doubles(record: Record) -> dict[str, Any]:
    """The record as JSON numbers are usually read."""
    return {name: float(value) if isinstance(value, str) else value for name, value in record.items()}


def decimals(record: Record) -> dict[str, Any]:
    """The record with Decimal for every quantity."""
    return {name: Decimal(value) if isinstance(value, str) else value for name, value in record.items()}


def _record(source: random.Random) -> Record:
    made: dict[str, Any] = {name: source.random() < 0.6 for name in FLAGS}
    for name in ("loan_interest", "lease_interest", "guarantee_fee", "digital_investment"):
        made[name] = _money(source, name, 10_000, 9_000_000)
    for name in ("equipment_payment", "fixed_asset_investment", "project_rd", "chain_investment"):
        made[name] = _money(source, name, 100_000, 200_000_000)
    made["floor_area"] = "0.00" if source.random() < 0.2 else _scaled(source.randint(50_000, 5_000_000), 2)
    made["revenue"] = _money(source, "revenue", 2_000_000, 900_000_000)
    made["rd_expense"] = _money(source, "rd_expense", 100_000, 30_000_000)
    made["service_fee"] = _money(source, "service_fee", 1_000, 400_000)
    if source.random() < 0.2:
        made["chain_investment"] = made["equipment_payment"]
    made["carbon_reduction"] = "0.000" if source.random() < 0.2 else _scaled(source.randint(100_000, 9_000_000), 3)
    made.update(_on_the_line(source) if source.random() < 0.1 else _anywhere(source))
    return made


def _money(source: random.Random, name: str, low: int, high: int) -> str:
    kind = source.random()
    if kind < 0.15:
        return "0.00"
    if kind < 0.5:
        return _scaled(source.choice(_THRESHOLDS[name]) * 100 + source.choice((-1, 0, 0, 1)), 2)
    return _scaled(int(low * 100 * (high / low) ** source.random()), 2)


def _anywhere(source: random.Random) -> dict[str, str]:
    before, output_before = source.randint(20_000_000, 90_000_000), source.randint(10**9, 10**12)
    at_the_line = source.random() < 0.3
    after = 26_000_000 + source.choice((-1, 0, 1)) if at_the_line else int(before * source.uniform(0.7, 1.2))
    return {
        "emissions_before": _scaled(before, 3),
        "emissions": _scaled(after, 3),
        "output_before": _scaled(output_before, 2),
        "output": _scaled(int(output_before * source.uniform(0.8, 1.3)), 2),
    }


def _on_the_line(source: random.Random) -> dict[str, str]:
    """Intensity down by 5%: exactly in two cases of three, else one to three kilograms of emissions beside it."""
    before_part, after_part = source.randint(70, 130), source.randint(70, 130)
    kilograms = source.randint(30_000_000, 80_000_000) // (20 * before_part)
    worth = source.randint(10**7, 10**10)
    beside = source.choice((0, 0, source.choice((-3, -1, 1, 3))))
    return {
        "emissions_before": _scaled(20 * before_part * kilograms, 3),
        "emissions": _scaled(19 * after_part * kilograms + beside, 3),
        "output_before": _scaled(before_part * worth, 2),
        "output": _scaled(after_part * worth, 2),
    }


def _scaled(whole: int, places: int) -> str:
    return str(Decimal(whole).scaleb(-places))
