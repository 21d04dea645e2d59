"""CLIPS 6.4 (clipspy): one enterprise fact, `above-scale` derived and joined.

Rules report through a Python function, which is quicker than asserting grants and reading them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rivals.rival import Decided, Rival, fen, settle
from rivals.workload import FLAGS, QUANTITIES, Record, doubles

DECISIONS_AN_ENVIRONMENT = 500
"""One long-lived environment grows slower with every decision; a new one a decision costs more than the decision."""

GRANTS = {
    1: (
        "(leading_industry_project yes) (loan_interest ?a) (lease_interest ?b&:(> (+ ?a ?b) 0.0))",
        "(min (* 0.4 (+ ?a ?b)) 2000000.0)",
    ),
    2: ("(fills_gap yes) (guarantee_fee ?a&:(> ?a 0.0))", "(min (* 0.5 ?a) 2000000.0)"),
    3: ("(retired_obsolete yes) (equipment_payment ?a&:(> ?a 0.0))", "(min (* 0.1 ?a) 2000000.0)"),
    4: ("(reached_production yes) (floor_area ?a&:(> ?a 0.0))", "(* 75.0 ?a)"),
    5: ("(encouraged_transfer yes) (fixed_asset_investment ?a&:(> ?a 0.0))", "(min (* 0.05 ?a) 5000000.0)"),
    6: ("(is_manufacturer yes) (project_rd ?a&:(> ?a 0.0))", "(min (* 0.3 ?a) 5000000.0)"),
    7: ("(rd_expense ?a&:(> ?a 0.0))", "(min (* 0.1 ?a) 1000000.0)"),
    8: (
        "(digital_effect yes) (digital_investment ?a&:(> ?a 0.0)) (smart_factory ?smart)",
        "(min (* 0.4 ?a) (if (eq ?smart yes) then 600000.0 else 500000.0))",
    ),
    9: (
        "(carbon_reduction ?a&:(> ?a 0.0)) (emissions ?e&:(> ?e 26000.0)) (emissions_before ?eb) (output_before ?ob)"
        " (output ?o&:(<= (* ?e ?ob) (* 0.95 ?eb ?o)))",
        "(min (* 200.0 ?a) 1000000.0)",
    ),
    10: ("(chain_investment ?a&:(> ?a 0.0))", "(min (* 0.1 ?a) 2000000.0)"),
    11: ("(service_fee ?a&:(> ?a 0.0))", "(min (* 0.3 ?a) 50000.0)"),
    12: ("(rd_expense ?a&:(>= ?a 5000000.0))", "(min (* 0.12 ?a) 800000.0)"),
}
FOR_ABOVE_SCALE = (7, 12)


def make(form: str) -> Rival:
    import clips

    granted: dict[int, int] = {}

    def grant(rule: int, amount: float) -> None:
        granted[rule] = fen(amount)

    def renew() -> tuple[Any, Any]:
        environment = clips.Environment()
        environment.define_function(grant, "grant")
        environment.build(_template())
        environment.build("(defrule scale (enterprise (revenue ?r&:(>= ?r 20000000.0))) => (assert (above-scale)))")
        for rule, (pattern, amount) in GRANTS.items():
            also = "(above-scale) " if rule in FOR_ABOVE_SCALE else ""
            environment.build(f"(defrule r{rule} {also}(enterprise {pattern}) => (grant {rule} {amount}))")
        return environment, environment.find_template("enterprise")

    environment, enterprise = renew()
    done = 0

    def decide(slots: dict[str, Any]) -> Decided:
        nonlocal environment, enterprise, granted, done
        if done == DECISIONS_AN_ENVIRONMENT:
            environment, enterprise = renew()
            done = 0
        done += 1
        granted = {}
        environment.reset()
        enterprise.assert_fact(**slots)
        environment.run()
        return settle(granted)

    def prepare(records: Sequence[Record]) -> list[Any]:
        word = {True: clips.Symbol("yes"), False: clips.Symbol("no")}
        return [
            {name: word[value] if isinstance(value, bool) else value for name, value in doubles(record).items()}
            for record in records
        ]

    return Rival(prepare, decide)


def _template() -> str:
    slots = [f"(slot {name} (type SYMBOL))" for name in FLAGS] + [f"(slot {name} (type FLOAT))" for name in QUANTITIES]
    return f"(deftemplate enterprise {' '.join(slots)})"
