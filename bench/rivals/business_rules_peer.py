"""business-rules 1.1 (venmo): its numbers are Decimals, its comparisons have a built-in tolerance of 1e-6."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rivals.rival import Decided, Rival, settle
from rivals.workload import FLAGS, QUANTITIES, Record, decimals

MEANS = {
    1: ("interest", "0.4", 2_000_000),
    2: ("guarantee_fee", "0.5", 2_000_000),
    3: ("equipment_payment", "0.1", 2_000_000),
    4: ("floor_area", "75", None),
    5: ("fixed_asset_investment", "0.05", 5_000_000),
    6: ("project_rd", "0.3", 5_000_000),
    7: ("rd_expense", "0.1", 1_000_000),
    8: ("digital_investment", "0.4", 500_000),
    9: ("carbon_reduction", "200", 1_000_000),
    10: ("chain_investment", "0.1", 2_000_000),
    11: ("service_fee", "0.3", 50_000),
    12: ("rd_expense", "0.12", 800_000),
}


def make(form: str) -> Rival:
    from business_rules import run_all
    from business_rules.actions import BaseActions, rule_action
    from business_rules.fields import FIELD_NUMERIC
    from business_rules.variables import BaseVariables, boolean_rule_variable, numeric_rule_variable

    class Variables(BaseVariables):  # type: ignore[misc]
        def __init__(self, record: dict[str, Any]) -> None:
            self.record = record

        @numeric_rule_variable
        def interest(self) -> Decimal:
            return self.record["loan_interest"] + self.record["lease_interest"]  # type: ignore[no-any-return]

        @numeric_rule_variable
        def emissions_to_spare(self) -> Decimal:
            record = self.record
            return (  # type: ignore[no-any-return]
                95 * record["emissions_before"] * record["output"] - 100 * record["emissions"] * record["output_before"]
            )

    for name in QUANTITIES:
        setattr(Variables, name, numeric_rule_variable(_getter(name)))
    for name in FLAGS:
        setattr(Variables, name, boolean_rule_variable(_getter(name)))

    class Actions(BaseActions):  # type: ignore[misc]
        def __init__(self, record: dict[str, Any]) -> None:
            self.record = record
            self.granted: dict[int, int] = {}

        @rule_action(params={"rule": FIELD_NUMERIC, "of": FIELD_NUMERIC, "rate": FIELD_NUMERIC, "cap": FIELD_NUMERIC})
        def grant(self, rule: int, of: str, rate: Decimal, cap: Decimal | None) -> None:
            record = self.record
            base = record["loan_interest"] + record["lease_interest"] if of == "interest" else record[of]
            amount = base * rate
            if cap is not None and amount > cap:
                amount = cap
            self.granted[rule] = int((amount * 100).to_integral_value(ROUND_HALF_UP))

    rules = _rules()

    def decide(record: dict[str, Any]) -> Decided:
        actions = Actions(record)
        run_all(rules, Variables(record), actions)
        return settle(actions.granted)

    return Rival(prepare, decide)


def prepare(records: Sequence[Record]) -> list[Any]:
    return [decimals(record) for record in records]


def _getter(name: str) -> Any:
    def get(self: Any) -> Any:
        return self.record[name]

    get.__name__ = name
    return get


def _is(name: str) -> dict[str, Any]:
    return {"name": name, "operator": "is_true", "value": True}


def _number(name: str, operator: str, value: int) -> dict[str, Any]:
    return {"name": name, "operator": operator, "value": value}


def _rules() -> list[dict[str, Any]]:
    above_scale = _number("revenue", "greater_than_or_equal_to", 20_000_000)
    not_smart = {"name": "smart_factory", "operator": "is_false", "value": True}
    conditions = {
        1: [_is("leading_industry_project")],
        2: [_is("fills_gap")],
        3: [_is("retired_obsolete")],
        4: [_is("reached_production")],
        5: [_is("encouraged_transfer")],
        6: [_is("is_manufacturer")],
        7: [above_scale],
        8: [_is("digital_effect"), not_smart],
        9: [
            _number("emissions", "greater_than", 26_000),
            _number("emissions_to_spare", "greater_than_or_equal_to", 0),
        ],
        10: [],
        11: [],
        12: [above_scale, _number("rd_expense", "greater_than_or_equal_to", 5_000_000)],
    }
    rules = [_rule(rule, *MEANS[rule], also) for rule, also in conditions.items()]
    rules.append(_rule(8, "digital_investment", "0.4", 600_000, [_is("digital_effect"), _is("smart_factory")]))
    return rules


def _rule(rule: int, of: str, rate: str, cap: int | None, also: list[dict[str, Any]]) -> dict[str, Any]:
    means = {"rule": rule, "of": of, "rate": Decimal(rate), "cap": None if cap is None else Decimal(cap)}
    return {
        "conditions": {"all": [*also, _number(of, "greater_than", 0)]},
        "actions": [{"name": "grant", "params": means}],
    }
