"""durable-rules 2.0, written by hand against its own `Host`, in the way that does not crash it.

No background dispatch, one session at a time and deleted before the next, rules as data, a rule that every fact meets, actions of one
parameter whose faults are kept, flags as 1 and 0, facts joined by equality only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rivals.rival import Decided, Rival, fen, settle
from rivals.workload import Record, doubles

SESSION = "s"
ENTERPRISE, ABOVE_SCALE, INTENSITY_FELL = 1, 2, 3

Test = dict[str, Any]
Amount = Callable[[Any], float]

GRANTS: dict[int, tuple[list[Test], Amount]] = {
    1: ([{"leading_industry_project": 1}, {"$gt": {"interest": 0}}], lambda e: min(0.4 * e["interest"], 2_000_000.0)),
    2: ([{"fills_gap": 1}, {"$gt": {"guarantee_fee": 0}}], lambda e: min(0.5 * e["guarantee_fee"], 2_000_000.0)),
    3: (
        [{"retired_obsolete": 1}, {"$gt": {"equipment_payment": 0}}],
        lambda e: min(0.1 * e["equipment_payment"], 2_000_000.0),
    ),
    4: ([{"reached_production": 1}, {"$gt": {"floor_area": 0}}], lambda e: 75.0 * e["floor_area"]),
    5: (
        [{"encouraged_transfer": 1}, {"$gt": {"fixed_asset_investment": 0}}],
        lambda e: min(0.05 * e["fixed_asset_investment"], 5_000_000.0),
    ),
    6: ([{"is_manufacturer": 1}, {"$gt": {"project_rd": 0}}], lambda e: min(0.3 * e["project_rd"], 5_000_000.0)),
    7: ([{"$gt": {"rd_expense": 0}}], lambda e: min(0.1 * e["rd_expense"], 1_000_000.0)),
    8: (
        [{"digital_effect": 1}, {"$gt": {"digital_investment": 0}}],
        lambda e: min(0.4 * e["digital_investment"], 600_000.0 if e["smart_factory"] else 500_000.0),
    ),
    9: (
        [{"$gt": {"carbon_reduction": 0}}, {"$gt": {"emissions": 26000}}],
        lambda e: min(200.0 * e["carbon_reduction"], 1_000_000.0),
    ),
    10: ([{"$gt": {"chain_investment": 0}}], lambda e: min(0.1 * e["chain_investment"], 2_000_000.0)),
    11: ([{"$gt": {"service_fee": 0}}], lambda e: min(0.3 * e["service_fee"], 50_000.0)),
    12: ([{"$gte": {"rd_expense": 5000000}}], lambda e: min(0.12 * e["rd_expense"], 800_000.0)),
}
DERIVED = {7: ABOVE_SCALE, 12: ABOVE_SCALE, 9: INTENSITY_FELL}


def make(form: str) -> Rival:
    """`form`: "joined", derived facts asserted by rules and joined; "one fact", all derived before and told in one fact."""
    from durable.engine import Host

    class Quiet(Host):  # type: ignore[misc]
        def _run(self) -> None:
            """Its threads would take a session while it is being deleted."""

    granted: dict[int, int] = {}
    faults: list[Exception] = []

    def kept(action: Callable[[Any], None]) -> Callable[[Any], None]:
        def run(c: Any) -> None:
            try:
                action(c)
            except Exception as fault:  # the library would swallow it
                faults.append(fault)

        return run

    def grants(rule: int, amount: Amount) -> Callable[[Any], None]:
        def grant(c: Any) -> None:
            granted[rule] = fen(amount(c.e))

        return kept(grant)

    def scale(c: Any) -> None:
        c.assert_fact({"sid": SESSION, "k": ABOVE_SCALE, "s": c.e["s"]})

    def intensity(c: Any) -> None:
        if _fell(c.e):
            c.assert_fact({"sid": SESSION, "k": INTENSITY_FELL, "s": c.e["s"]})

    rules: dict[str, Any] = {"every": {"all": [{"e": {"$gte": {"k": ENTERPRISE}}}], "run": kept(lambda c: None)}}
    for rule, (tests, amount) in GRANTS.items():
        patterns: list[Test] = [{"e": {"$and": [{"k": ENTERPRISE}, *tests]}}]
        if rule in DERIVED:
            if form == "joined":
                patterns.append({"d": {"$and": [{"k": DERIVED[rule]}, {"s": {"e": "s"}}]}})
            else:
                patterns[0]["e"]["$and"].append({f"derived{DERIVED[rule]}": 1})
        rules[f"r{rule}"] = {"all": patterns, "run": grants(rule, amount)}
    if form == "joined":
        large = [{"k": ENTERPRISE}, {"$gte": {"revenue": 20000000}}]
        emitter = [{"k": ENTERPRISE}, {"$gt": {"emissions": 26000}}]
        rules["scale"] = {"all": [{"e": {"$and": large}}], "run": kept(scale)}
        rules["intensity"] = {"all": [{"e": {"$and": emitter}}], "run": kept(intensity)}
    host, name = Quiet(), f"yinchuan12{form.replace(' ', '')}"
    host.register_rulesets({name: rules})

    def decide(record: dict[str, Any]) -> Decided:
        nonlocal granted
        granted = {}
        fact = {
            "sid": SESSION,
            "k": ENTERPRISE,
            "s": 1,
            **record,
            "interest": record["loan_interest"] + record["lease_interest"],
        }
        if form != "joined":
            fact[f"derived{ABOVE_SCALE}"] = int(record["revenue"] >= 20_000_000.0)
            fact[f"derived{INTENSITY_FELL}"] = int(_fell(record))
        host.assert_fact(name, fact)
        host.delete_state(name, SESSION)
        if faults:
            raise faults.pop()
        return settle(granted)

    return Rival(prepare, decide)


def _fell(e: Any) -> bool:
    return bool(e["emissions"] * e["output_before"] <= 0.95 * e["emissions_before"] * e["output"])


def prepare(records: Sequence[Record]) -> list[Any]:
    return [
        {name: int(value) if isinstance(value, bool) else value for name, value in doubles(record).items()}
        for record in records
    ]
