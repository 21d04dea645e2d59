"""OpenFisca-Core 46: one variable a rule, one simulation a decision. Made for arrays of people, not for one enterprise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rivals.rival import Decided, Rival, fen, settle
from rivals.workload import FLAGS, QUANTITIES, Record, doubles

PERIOD = "2024"
RULES = range(1, 13)


def make(form: str) -> Rival:
    """`form`: "float32", as it comes; "float64", its dtype for floats replaced before any variable is made."""
    import numpy
    from openfisca_core.simulations import SimulationBuilder

    system, year = _rules(form)
    number = numpy.dtype(form).type
    wanted = [(rule, f"rule_{rule}") for rule in RULES]

    def decide(inputs: list[tuple[str, Any]]) -> Decided:
        simulation = SimulationBuilder().build_default_simulation(system, 1)
        for name, value in inputs:
            simulation.set_input(name, year, value)
        granted = {}
        for rule, name in wanted:
            amount = fen(float(simulation.calculate(name, year)[0]))
            if amount > 0:
                granted[rule] = amount
        return settle(granted)

    def prepare(records: Sequence[Record]) -> list[Any]:
        kinds = dict.fromkeys(FLAGS, numpy.bool_) | dict.fromkeys(QUANTITIES, number)
        return [
            [(name, numpy.array([value], dtype=kinds[name])) for name, value in doubles(record).items()]
            for record in records
        ]

    return Rival(prepare, decide)


def arrays(form: str) -> Callable[[Mapping[str, Any]], dict[int, Any]]:
    """One simulation of all enterprises: what every rule pays, in yuan, before rivals are settled."""
    from openfisca_core.simulations import SimulationBuilder

    system, year = _rules(form)

    def calculate(inputs: Mapping[str, Any]) -> dict[int, Any]:
        simulation = SimulationBuilder().build_default_simulation(system, len(inputs["revenue"]))
        for name, value in inputs.items():
            simulation.set_input(name, year, value)
        return {rule: simulation.calculate(f"rule_{rule}", year) for rule in RULES}

    return calculate


def _rules(form: str) -> tuple[Any, Any]:
    """The tax and benefit system of the twelve rules, and the year they are asked for."""
    import numpy
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit, period
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable, config

    number = numpy.dtype(form).type
    config.VALUE_TYPES[float]["dtype"] = number
    enterprise = build_entity(key="enterprise", plural="enterprises", label="企业", is_person=True)
    system = TaxBenefitSystem([enterprise])

    def add(name: str, kind: type, formula: Any = None) -> None:
        members = {"value_type": kind, "entity": enterprise, "definition_period": DateUnit.YEAR, "label": name}
        if formula is not None:
            members["formula"] = formula
        system.add_variable(type(name, (Variable,), members))

    for name in FLAGS:
        add(name, bool)
    for name in QUANTITIES:
        add(name, float)

    def above_scale(e: Any, p: Any) -> Any:
        return e("revenue", p) >= 20_000_000.0

    def intensity_fell(e: Any, p: Any) -> Any:
        return e("emissions", p) * e("output_before", p) <= 0.95 * e("emissions_before", p) * e("output", p)

    def interest(e: Any, p: Any) -> Any:
        return e("loan_interest", p) + e("lease_interest", p)

    add("above_scale", bool, above_scale)
    add("intensity_fell", bool, intensity_fell)
    add("interest", float, interest)

    def share(rate: float, base: str, flag: str | None, cap: float | None) -> Any:
        def formula(e: Any, p: Any) -> Any:
            amount = rate * e(base, p)
            if cap is not None:
                amount = numpy.minimum(amount, cap)
            return amount if flag is None else amount * e(flag, p)

        return formula

    def digital(e: Any, p: Any) -> Any:
        cap = numpy.where(e("smart_factory", p), 600_000.0, 500_000.0)
        return numpy.minimum(0.4 * e("digital_investment", p), cap) * e("digital_effect", p)

    def carbon(e: Any, p: Any) -> Any:
        large = e("emissions", p) > 26_000.0
        return numpy.minimum(200.0 * e("carbon_reduction", p), 1_000_000.0) * (large & e("intensity_fell", p))

    def regional(e: Any, p: Any) -> Any:
        research = e("rd_expense", p)
        return numpy.minimum(0.12 * research, 800_000.0) * (e("above_scale", p) & (research >= 5_000_000.0))

    formulas = {
        1: share(0.4, "interest", "leading_industry_project", 2_000_000.0),
        2: share(0.5, "guarantee_fee", "fills_gap", 2_000_000.0),
        3: share(0.1, "equipment_payment", "retired_obsolete", 2_000_000.0),
        4: share(75.0, "floor_area", "reached_production", None),
        5: share(0.05, "fixed_asset_investment", "encouraged_transfer", 5_000_000.0),
        6: share(0.3, "project_rd", "is_manufacturer", 5_000_000.0),
        7: share(0.1, "rd_expense", "above_scale", 1_000_000.0),
        8: digital,
        9: carbon,
        10: share(0.1, "chain_investment", None, 2_000_000.0),
        11: share(0.3, "service_fee", None, 50_000.0),
        12: regional,
    }
    for rule, formula in formulas.items():
        add(f"rule_{rule}", float, formula)
    return system, period(PERIOD)
