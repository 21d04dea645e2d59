"""ZEN (GoRules) 2: one expression node, its decision read by the static loader; its numbers are decimals of 28 digits."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from rivals.rival import Decided, Rival, settle
from rivals.workload import FLAGS, Record

NAME = "yinchuan-12"
EXPRESSIONS = {
    1: "leading_industry_project and loan_interest + lease_interest > 0"
    " ? min([0.4 * (loan_interest + lease_interest), 2000000]) : null",
    2: "fills_gap and guarantee_fee > 0 ? min([0.5 * guarantee_fee, 2000000]) : null",
    3: "retired_obsolete and equipment_payment > 0 ? min([0.1 * equipment_payment, 2000000]) : null",
    4: "reached_production and floor_area > 0 ? 75 * floor_area : null",
    5: "encouraged_transfer and fixed_asset_investment > 0 ? min([0.05 * fixed_asset_investment, 5000000]) : null",
    6: "is_manufacturer and project_rd > 0 ? min([0.3 * project_rd, 5000000]) : null",
    7: "revenue >= 20000000 and rd_expense > 0 ? min([0.1 * rd_expense, 1000000]) : null",
    8: "digital_effect and digital_investment > 0"
    " ? min([0.4 * digital_investment, smart_factory ? 600000 : 500000]) : null",
    9: "carbon_reduction > 0 and emissions > 26000"
    " and emissions * output_before <= 0.95 * emissions_before * output ? min([200 * carbon_reduction, 1000000]) : null",
    10: "chain_investment > 0 ? min([0.1 * chain_investment, 2000000]) : null",
    11: "service_fee > 0 ? min([0.3 * service_fee, 50000]) : null",
    12: "revenue >= 20000000 and rd_expense >= 5000000 ? min([0.12 * rd_expense, 800000]) : null",
}


def make(form: str) -> Rival:
    """`form`: "static", the loader that holds compiled decisions, or "create_decision"."""
    import zen

    graph = _graph()
    evaluate: Callable[[bytes], Any]
    if form == "static":
        evaluate = partial(zen.ZenEngine({"loader": {"type": "static", "content": {NAME: graph}}}).evaluate, NAME)
    else:
        evaluate = zen.ZenEngine().create_decision(json.dumps(graph)).evaluate

    def decide(record: bytes) -> Decided:
        amounts = evaluate(record)["result"]
        return settle({int(key[1:]): int(amount) for key, amount in amounts.items() if amount is not None})

    return Rival(prepare, decide)


def prepare(records: Sequence[Record]) -> list[Any]:
    """JSON texts whose numbers are the decimal texts themselves."""
    return [
        ("{" + ",".join(f'"{k}":{json.dumps(v) if k in FLAGS else v}' for k, v in record.items()) + "}").encode()
        for record in records
    ]


def _graph() -> dict[str, Any]:
    expressions = [{"id": f"x{rule}", "key": f"r{rule}", "value": _in_fen(text)} for rule, text in EXPRESSIONS.items()]
    content = {"expressions": expressions, "passThrough": False}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
            {"id": "do", "name": "do", "type": "expressionNode", "position": {"x": 1, "y": 0}, "content": content},
            {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "type": "edge", "sourceId": "in", "targetId": "do"},
            {"id": "b", "type": "edge", "sourceId": "do", "targetId": "out"},
        ],
    }


def _in_fen(text: str) -> str:
    condition, amount = text.split(" ? ", 1)
    return f"{condition} ? round(100 * ({amount.removesuffix(' : null')})) : null"
