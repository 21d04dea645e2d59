"""The rules by hand in plain Python with floats: the floor for speed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rivals.rival import Decided, Rival, fen, settle
from rivals.workload import Record, doubles


def make(form: str) -> Rival:
    return Rival(prepare, decide)


def prepare(records: Sequence[Record]) -> list[Any]:
    return [doubles(record) for record in records]


def decide(record: dict[str, Any]) -> Decided:
    paid: dict[int, int] = {}
    if record["leading_industry_project"]:
        interest = record["loan_interest"] + record["lease_interest"]
        if interest > 0:
            paid[1] = fen(min(0.4 * interest, 2_000_000.0))
    if record["fills_gap"] and record["guarantee_fee"] > 0:
        paid[2] = fen(min(0.5 * record["guarantee_fee"], 2_000_000.0))
    if record["retired_obsolete"] and record["equipment_payment"] > 0:
        paid[3] = fen(min(0.1 * record["equipment_payment"], 2_000_000.0))
    if record["reached_production"] and record["floor_area"] > 0:
        paid[4] = fen(75.0 * record["floor_area"])
    if record["encouraged_transfer"] and record["fixed_asset_investment"] > 0:
        paid[5] = fen(min(0.05 * record["fixed_asset_investment"], 5_000_000.0))
    if record["is_manufacturer"] and record["project_rd"] > 0:
        paid[6] = fen(min(0.3 * record["project_rd"], 5_000_000.0))
    research = record["rd_expense"]
    if record["revenue"] >= 20_000_000.0 and research > 0:
        paid[7] = fen(min(0.1 * research, 1_000_000.0))
        if research >= 5_000_000.0:
            paid[12] = fen(min(0.12 * research, 800_000.0))
    if record["digital_effect"] and record["digital_investment"] > 0:
        cap = 600_000.0 if record["smart_factory"] else 500_000.0
        paid[8] = fen(min(0.4 * record["digital_investment"], cap))
    if (
        record["carbon_reduction"] > 0
        and record["emissions"] > 26_000.0
        and record["emissions"] * record["output_before"] <= 0.95 * record["emissions_before"] * record["output"]
    ):
        paid[9] = fen(min(200.0 * record["carbon_reduction"], 1_000_000.0))
    if record["chain_investment"] > 0:
        paid[10] = fen(min(0.1 * record["chain_investment"], 2_000_000.0))
    if record["service_fee"] > 0:
        paid[11] = fen(min(0.3 * record["service_fee"], 50_000.0))
    return settle(paid)
