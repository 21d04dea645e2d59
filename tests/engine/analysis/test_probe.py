"""What a probe answers quickly is what a decision of the changed case says."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from conggao.engine import Engine
from conggao.engine.analysis.probe import Probe
from conggao.facts.diagnostics import InputFaults
from conggao.facts.paths import FactPath
from tests.agreement import cases, wider

REPORTED = ("rd_expense", "main_business_revenue", "carbon_emissions", "output_value")
OF_PROJECTS = (
    "loan_interest",
    "equipment_payment",
    "guarantee_fee",
    "digital_investment",
    "carbon_reduction",
    "annual_output",
)
WIDER = ("loan_principal", "total_investment", "equipment_and_software", "lease_financed", "technology_price_paid")


def facts_of(case: dict[str, Any], draw: Random, *, wide: bool = False) -> list[str]:
    """Names of numeric facts of the case, of every kind of owner, in no order."""
    names = ["enterprise.employees", "enterprise.chain_partners_upgraded"]
    names += [f"{period}.{name}" for period in ("latest", "previous") for name in REPORTED]
    for project in case.get("projects", ()):
        names += [f"projects.{project['id']}.{name}" for name in (*OF_PROJECTS, *(WIDER if wide else ()))]
    names += [f"services.{service['id']}.fee" for service in case.get("services", ())]
    if "park" in case:
        names += ["park.latest.industrial_reclaimed_water"]
    if wide:
        names += ["enterprise.highest_earlier_output"] * 2
        names += [f"parameters.lpr_december.{int(case['as_of'][:4]) - 1}"]
    draw.shuffle(names)
    return names


def values_of(path: FactPath, draw: Random) -> Iterator[Any]:
    """Values that hug thresholds, as numbers and as text."""
    if path.owner == "parameter":
        yield from ("0.0345", "0", "0.031")
        return
    pools = {
        "rd_expense": cases.RESEARCH, "main_business_revenue": cases.REVENUE, "carbon_emissions": cases.EMISSIONS,
        "employees": cases.EMPLOYEES, "chain_partners_upgraded": cases.PARTNERS, "fee": cases.FEES,
        "industrial_reclaimed_water": cases.INCREASE, "output_value": wider.OUTPUT, **cases.MEASURED,
        "loan_principal": wider.PRINCIPAL, "total_investment": wider.INVESTMENT, "lease_financed": wider.LEASED,
        "equipment_and_software": wider.EQUIPMENT, "technology_price_paid": wider.PRICE,
        "highest_earlier_output": wider.OUTPUT,
    }  # fmt: skip
    for _ in range(4):
        yield draw.choice(pools[path.name])


def agree(engine: Engine, case: dict[str, Any], seed: int, *, wide: bool = False) -> int:
    """Holds the lane of one fact and of two against decisions of the changed case; gives how many were compared."""
    draw = Random(seed)
    try:
        probe = Probe(engine, case)
    except InputFaults:
        return 0
    compared = 0
    names = facts_of(case, draw, wide=wide)
    for chosen in ([names[0]], [names[1], names[2]], [names[3]]):
        paths = [probe.path(name) for name in chosen]
        rows = list(zip(*(values_of(path, draw) for path in paths), strict=False))
        # The first question is answered by a whole decision, the others from frames that hold what was asked before.
        for row in rows[:1] + rows + rows[:1]:
            changes = dict(zip(paths, row, strict=True))
            try:
                found = probe.money(changes)
            except InputFaults as faults:
                with pytest.raises(InputFaults) as raised:
                    engine.awards(probe.changed(changes), probe.day)
                assert [str(item) for item in raised.value.diagnostics] == [str(i) for i in faults.diagnostics]
                continue
            wanted = engine.awards(probe.changed(changes), probe.day)
            assert found.awards == wanted.awards, (seed, changes)
            assert found.totals == wanted.totals, (seed, changes)
            assert (found.proven, found.bound) == (wanted.proven, wanted.bound)
            compared += 1
    return compared


@pytest.mark.parametrize("block", range(4))
def test_money_is_that_of_the_changed_case(engine: Engine, block: int) -> None:
    compared = sum(agree(engine, cases.generate(seed), seed) for seed in range(block * 25, block * 25 + 25))
    assert compared > 100


@pytest.mark.parametrize("block", range(4))
def test_money_is_that_of_the_changed_case_under_all_policies(everything: Engine, block: int) -> None:
    compared = sum(
        agree(everything, wider.generate(seed), seed, wide=True) for seed in range(block * 25, block * 25 + 25)
    )
    assert compared > 100


@pytest.mark.parametrize("policies", [None, ["yinchuan-2024-2", "national-upgrade-city-2024"]])
def test_a_ceiling_that_moves_takes_along_what_lies_under_it(policies: list[str] | None) -> None:
    """In a pilot city all support of a project together is limited to a share of its total investment. Under the city's own policy
    nothing but the ceiling reads that."""
    everything, bound = Engine(policies), 0
    for seed in range(40):
        stated = wider.generate(seed)
        stated.setdefault("enterprise", {})["in_pilot_city"] = True
        stated.get("enterprise", {}).pop("county", None)
        projects = stated.get("projects", ())
        if not projects:
            continue
        try:
            probe = Probe(everything, stated)
        except InputFaults:
            continue
        path = probe.path(f"projects.{projects[0]['id']}.total_investment")
        for value in (1, 1, 1_000_000, 60_000_000, 5, 10**9):
            found, wanted = probe.money({path: value}), everything.awards(probe.changed({path: value}), probe.day)
            assert (found.awards, found.totals) == (wanted.awards, wanted.totals), (seed, value)
            bound += value == 1 and any(award.status == "exhausted" for award in found.awards.values())
    assert bound, "somewhere the ceiling binds"


@pytest.mark.parametrize("value", ["-1 元", "5 吨", "0.0000000001", 10**20, "two", True])
def test_what_a_case_refuses_a_probe_refuses_alike(engine: Engine, value: Any) -> None:
    probe = Probe(engine, {"as_of": "2025-03-01", "enterprise": {"industry": "3421"}})
    path = probe.path("latest.rd_expense")
    for good in (1000, 2000, "3 万元"):
        probe.money({path: good})
    with pytest.raises(InputFaults) as direct:
        probe.changed({path: value})
    with pytest.raises(InputFaults) as asked:
        probe.money({path: value})
    assert [str(item) for item in asked.value.diagnostics] == [str(item) for item in direct.value.diagnostics]


def test_a_fact_taken_back_is_unknown_again(engine: Engine) -> None:
    case = {"as_of": "2025-03-01", "enterprise": {"industry": "3421"}, "reports": [
        {"year": 2024, "main_business_revenue": "3 亿元", "rd_expense": "500 万元"}
    ]}  # fmt: skip
    probe = Probe(engine, case)
    path = probe.path("latest.rd_expense")
    key = ("yinchuan-2024-2/8a", "enterprise")
    for value, fen in ((6_000_000, 60_000_000), ("700 万元", 70_000_000), (8_000_000, 80_000_000)):
        assert probe.money({path: value}).awards[key].low == fen
    assert key not in probe.money({path: None}).awards
    assert probe.money({path: 9_000_000}).awards[key].low == 90_000_000
    assert probe.case.document() == engine.read(case).document(), "the case itself never changes"
