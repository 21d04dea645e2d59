"""The oracle against sums done by hand from the text of the measures.

An oracle wrong in the same way as an engine would hide the fault; so its answers are checked here without either.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.agreement.cases import Case
from tests.agreement.oracle import MEASURES, Result, decide
from tests.agreement.oracle_money import Interval, Row, fen, natural

WAN = 1_000_000  # 万元 in fen
MAKER: Case = {"industry": "3421"}
GUARANTEED: Case = {"fills_industry_gap": True, "newly_settled": True}
EMERGING: Case = {"emerging_industry": True, "technology_innovation": True}
RENEWAL: Case = {"purposes": ["equipment_renewal"], "replaces_obsolete_equipment": True}
DIGITAL: Case = {"purposes": ["digital_transformation"], "evident_digital_effect": True}
CUT: Case = {"purposes": ["carbon_reduction"], "carbon_reduction": 100}


def case(**parts: Any) -> Case:
    return {"as_of": "2025-03-01", **parts}


def project(name: str = "P1", **facts: Any) -> Case:
    return {"id": name, **facts}


def received(measure: str, subject: str, amount: Any = None, year: int | None = None, **more: Any) -> Case:
    stated = {"measure": measure if "/" in measure else f"yinchuan-2024-2/{measure}", "subject": subject, **more}
    return stated | {key: value for key, value in (("amount", amount), ("year", year)) if value is not None}


def row(stated: Case, measure: str, subject: str | None = "enterprise") -> Row:
    return decide(stated).rows[measure, subject]


def paid(stated: Case, measure: str, subject: str = "enterprise") -> Interval | None:
    found = row(stated, measure, subject)
    assert found.status == "granted", found
    return found.amount


def exactly(amount: int) -> Interval:
    return (amount, amount)


@pytest.mark.parametrize(
    ("as_of", "county", "in_force"),
    [
        ("2024-05-31", None, False),
        ("2024-06-01", None, True),
        ("2027-12-31", "灵武市", True),
        ("2028-01-01", "灵武市", False),
        ("2025-03-01", "苏银产业园", True),
        ("2025-03-01", "石嘴山市", False),
    ],
)
def test_dates_and_places(as_of: str, county: str | None, in_force: bool) -> None:
    enterprise = {"county": county} if county else {}
    rows = decide(case(as_of=as_of, enterprise=enterprise, projects=[project()])).rows
    assert (("1", "project:P1") in rows) is in_force
    if not in_force:
        assert rows == {(measure, None): Row("not_in_force") for measure in MEASURES}


def test_every_measure_has_its_row() -> None:
    stated = case(projects=[project()], services=[{"id": "S1", "provider": "A", "kind": "cloud"}], park={"id": "K"})
    assert len(MEASURES) == 35
    assert sorted({measure for measure, _ in decide(stated).rows}, key=natural) == list(MEASURES)
    assert {measure for (measure, subject) in decide(case()).rows if subject is None} == {
        "6c",
        "10e",
        "12b",
        "15",
        "17",
    }


@pytest.mark.parametrize(
    ("code", "industrial", "manufacturing"),
    [
        ("05", False, False),
        ("0610", True, False),
        ("12", True, False),
        ("13", True, True),
        ("4390", True, True),
        ("44", True, False),
        ("46", True, False),
        ("4710", False, False),
    ],
)
def test_divisions(code: str, industrial: bool, manufacturing: bool) -> None:
    stated = case(enterprise={"industry": code, "employees": 10})
    assert (row(stated, "16d").status == "service") is industrial
    assert (row(stated, "10b").status == "service") is manufacturing


@pytest.mark.parametrize(
    ("employees", "revenue", "status", "missing"),
    [
        (1000, 400_000_000, "unmet", ()),
        (999, 400_000_000, "service", ()),
        (1000, "399999999.99", "service", ()),
        (None, "399999999.99", "service", ()),
        (None, 400_000_000, "undetermined", ("enterprise.employees",)),
        (1000, None, "undetermined", ("latest.main_business_revenue",)),
        (None, None, "undetermined", ("enterprise.employees", "latest.main_business_revenue")),
    ],
)
def test_small_or_medium(employees: int | None, revenue: Any, status: str, missing: tuple[str, ...]) -> None:
    report = {"year": 2024} | ({} if revenue is None else {"main_business_revenue": revenue})
    stated = case(enterprise={} if employees is None else {"employees": employees}, reports=[report])
    assert row(stated, "16c") == Row(status, missing=missing)


@pytest.mark.parametrize(
    ("expense", "amount"),
    [
        (1, 10),
        ("0.05", 1),  # half a fen
        ("0.049999999", 0),
        ("9999999.949999999", 100 * WAN - 1),
        (10_000_000, 100 * WAN),
        ("99999999999999999999", 100 * WAN),
    ],
)
def test_research_expense(expense: Any, amount: int) -> None:
    report = {"year": 2024, "main_business_revenue": 20_000_000, "rd_expense": expense}
    assert paid(case(enterprise=MAKER, reports=[report]), "8a") == exactly(amount)
    below = report | {"main_business_revenue": "19999999.99"}
    assert row(case(enterprise=MAKER, reports=[below]), "8a") == Row("unmet")
    assert row(case(enterprise=MAKER, reports=[report | {"year": 2023}]), "8a").status == "undetermined"


@pytest.mark.parametrize(
    ("latest", "previous", "status", "missing"),
    [
        ((28_500, 7), (30_000, 7), "granted", ()),
        (("28500.000000001", 7), (30_000, 7), "unmet", ()),
        ((26_000, 7), (30_000, 7), "unmet", ()),
        (("26000.0000001", 7), (30_000, 7), "granted", ()),
        ((28_500, 1_000), (28_500, 950), "granted", ()),
        ((28_500, "999.999999999"), (28_500, 950), "unmet", ()),
        ((28_500, 0), (30_000, 0), "undetermined", ("latest.output_value", "previous.output_value")),
        ((28_500, 7), (0, 7), "undetermined", ("previous.carbon_emissions",)),
        ((28_500, 7), (None, 7), "undetermined", ("previous.carbon_emissions",)),
        ((None, 7), (30_000, 7), "undetermined", ("latest.carbon_emissions",)),
        ((26_000, None), (None, None), "unmet", ()),
    ],
)
def test_carbon(latest: Any, previous: Any, status: str, missing: tuple[str, ...]) -> None:
    names = ("carbon_emissions", "output_value")
    reports = [
        {"year": year} | {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for year, values in ((2024, latest), (2023, previous))
    ]
    found = row(case(enterprise=MAKER, reports=reports, projects=[project(**CUT)]), "11", "project:P1")
    assert (found.status, found.missing) == (status, missing)
    assert found.amount == (exactly(2 * WAN) if status == "granted" else None)


@pytest.mark.parametrize(
    ("now", "amount"),
    [(300_000, None), ("300000.001", 50 * WAN + 1), (1_200_000, 500 * WAN), ("1200000.002", 500 * WAN), (0, None)],
)
def test_reclaimed_water(now: Any, amount: int | None) -> None:
    reports = [{"year": 2024, "industrial_reclaimed_water": now}, {"year": 2023, "industrial_reclaimed_water": 200_000}]
    result = decide(case(park={"id": "K", "reports": reports}))
    found = result.rows["12a", "park"]
    assert found == (Row("unmet") if amount is None else Row("granted", exactly(amount), exactly(amount)))
    assert result.totals == {"enterprise": (0, 0), "provider": (0, 0), "park": exactly(amount or 0)}
    missing = row(case(park={"id": "K", "reports": reports[:1]}), "12a", "park").missing
    assert missing == ("park.previous.industrial_reclaimed_water",)


@pytest.mark.parametrize(
    ("year", "status"), [(2023, "unmet"), (2024, "granted"), (2025, "granted"), (2026, "unmet"), (None, "undetermined")]
)
def test_titles(year: int | None, status: str) -> None:
    held = {"title": "city_little_lighthouse"} | ({} if year is None else {"year": year})
    found = row(case(recognitions=[{"title": "city_little_lighthouse", "year": 2022}, held]), "9a")
    assert (found.status, found.amount) == (status, exactly(50 * WAN) if status == "granted" else None)
    assert found.missing == (("recognitions.city_little_lighthouse.year",) if year is None else ())


def test_interest_and_its_cap_of_the_project() -> None:
    def at(loan: Any, lease: Any, *entries: Case) -> Row:
        held = project(purposes=["weak_link_repair"], loan_interest=loan, lease_interest=lease)
        return row(case(projects=[held], received=list(entries)), "1", "project:P1")

    assert at(1_860_000, 425_000).amount == exactly(91_400_000)
    assert at(5_000_000, "0.012499999").amount == exactly(200 * WAN)
    assert at("4999999.987499999", 0).standard == exactly(200 * WAN - 1)
    assert at("4999999.9875", 0).standard == exactly(200 * WAN)
    assert at(0, 0) == Row("unmet")
    assert row(case(projects=[project(loan_interest=1)]), "1", "project:P1") == Row("unmet")
    before = received("1", "project:P1", 1_500_000, 2022)  # another year: not this claim, but the cap is for ever
    assert at(1_500_000, 0, before).amount == exactly(50 * WAN)
    assert at(1_000_000, 0, before).amount == exactly(40 * WAN)
    assert at(1_000_000, 0, received("1", "project:P1", 300_000, 2024)).amount == exactly(10 * WAN)
    assert at(1_000_000, 0, received("1", "project:P1", 2_000_000, 2022)).status == "exhausted"
    assert at(1, 0, received("1", "project:P1")).missing == ("received.1.amount", "received.1.year")
    assert at(1, 0, received("1", "project:OLD")).status == "granted"


def test_caps_of_the_enterprise_are_filled_in_natural_order() -> None:
    held = [
        project(name, **RENEWAL, equipment_payment=payment)
        for name, payment in (("P10", 9_000_000), ("P2", 15_000_000))
    ]
    rows = decide(case(projects=held)).rows
    assert rows["3", "project:P2"] == Row("granted", exactly(150 * WAN), exactly(150 * WAN))
    assert rows["3", "project:P10"] == Row("granted", exactly(90 * WAN), exactly(50 * WAN))
    full = case(projects=[held[0], project("P2", **RENEWAL, equipment_payment=20_000_000)])
    assert row(full, "3", "project:P10") == Row("exhausted", exactly(90 * WAN), (0, 0))
    elsewhere = case(projects=held, received=[received("3", "project:OLD", 1_200_000)])
    assert paid(elsewhere, "3", "project:P2") == exactly(80 * WAN)
    own = case(projects=held[1:], received=[received("3", "project:P2", 1_500_000)])
    assert row(own, "3", "project:P2") == Row("received", exactly(150 * WAN), (0, 0))


def test_the_higher_digital_cap_is_an_interval() -> None:
    held = [project(name, **DIGITAL, digital_investment=cost) for name, cost in (("P2", 400_000), ("P1", 1_000_000))]

    def at(*years: int | None) -> Result:
        titles = [{"title": "smart_factory"} | ({"year": year} if year else {}) for year in years]
        return decide(case(enterprise=MAKER, projects=held, recognitions=titles))

    assert at().rows["9b", "project:P2"] == Row("granted", exactly(16 * WAN), exactly(10 * WAN))
    assert at(2023).rows["9b", "project:P2"].amount == exactly(10 * WAN)
    assert at(2024).rows["9b", "project:P1"].amount == exactly(40 * WAN)
    assert at(2024).rows["9b", "project:P2"].amount == (10 * WAN, 16 * WAN)
    assert at(2024).totals["enterprise"] == (50 * WAN, 56 * WAN)
    assert at(None).rows["9b", "project:P1"] == Row("undetermined", missing=("recognitions.smart_factory.year",))


def test_guarantee_fees_exclude_each_other_on_a_project() -> None:
    both = project("P1", guarantee_fee=4_000_000, **EMERGING)
    alone = row(case(enterprise=GUARANTEED, projects=[both]), "2b", "project:P1")
    assert alone == Row("superseded", exactly(200 * WAN), (0, 0), (), (("2a", "project:P1"),)), "a tie: 2a before 2b"
    stated = case(enterprise=GUARANTEED, projects=[both, project("P2", guarantee_fee=3_000_000)])
    result = decide(stated)
    assert result.rows["2a", "project:P1"].superseded_by == (("2b", "project:P1"),)
    assert result.rows["2a", "project:P2"].amount == exactly(150 * WAN), (
        "the enterprise's cap is left to the other project"
    )
    assert result.rows["2b", "project:P2"] == Row(
        "undetermined", missing=("projects.P2.emerging_industry", "projects.P2.technology_innovation")
    )
    assert result.totals["enterprise"] == exactly(350 * WAN)


def test_money_received_for_a_guarantee_fee() -> None:
    held = project("P1", guarantee_fee=4_000_000, **EMERGING)

    def at(*entries: Case) -> tuple[Row, Row]:
        rows = decide(case(enterprise=GUARANTEED, projects=[held], received=list(entries))).rows
        return rows["2a", "project:P1"], rows["2b", "project:P1"]

    nothing_more = Row("received", exactly(200 * WAN), (0, 0))
    assert at(received("2a", "project:OLD", "0.01")) == (
        nothing_more,
        Row("granted", exactly(200 * WAN), exactly(200 * WAN)),
    )
    assert at(received("2a", "project:P1", 300_000))[1].amount == exactly(170 * WAN)
    assert at(received("2b", "project:P1", 300_000)) == (
        Row("granted", exactly(200 * WAN), exactly(170 * WAN)),
        nothing_more,
    )
    assert at(received("2b", "project:P1", 2_000_000)) == (nothing_more, nothing_more)
    assert at(received("2b", "project:OLD", 1))[1].status == "superseded", "once a project, not once an enterprise"
    assert at(received("2a", "project:OLD", 0))[0].status == "granted", "nothing was received"
    assert at(received("x/1", "project:P1", 500_000, lines=["guarantee_fee"]))[0].amount == exactly(150 * WAN)
    assert [found.missing for found in at(received("2a", "project:OLD"))] == [("received.1.amount",), ()]


def test_the_best_plan_leaves_out_what_was_paid_elsewhere() -> None:
    held = [project(name, **RENEWAL, equipment_payment=20_000_000) for name in ("P1", "P2")]
    entry = received("x/1", "project:P1", 1_500_000, lines=["equipment_purchase"])
    rows = decide(case(projects=held, received=[entry])).rows
    assert rows["3", "project:P1"].status == "exhausted"
    assert rows["3", "project:P2"].amount == exactly(200 * WAN), "more than the 50 万元 left of P1"


def test_annual_money_counts_in_its_year() -> None:
    report = {"year": 2024, "main_business_revenue": 20_000_000, "rd_expense": 8_000_000}

    def at(*entries: Case) -> Row:
        return row(case(enterprise=MAKER, reports=[report], received=list(entries)), "8a")

    assert at(received("8a", "enterprise", 300_000, 2024)).amount == exactly(50 * WAN)
    assert at(received("8a", "enterprise", 300_000, 2023)).amount == exactly(80 * WAN)
    assert at(received("8a", "enterprise", 800_000, 2024)) == Row("received", exactly(80 * WAN), (0, 0))
    assert at(received("8a", "enterprise", 300_000)).missing == ("received.1.year",)
    assert at(received("9a", "enterprise", 1), received("8a", "enterprise", year=2024)).missing == (
        "received.2.amount",
    )
    assert at(received("8a", "enterprise", year=2023)).amount == exactly(80 * WAN)
    assert at(received("x/1", "enterprise", 300_000, 2024, lines=["research_expense"])).amount == exactly(50 * WAN)
    assert at(received("x/1", "enterprise", 300_000, 2023, lines=["research_expense"])).amount == exactly(80 * WAN)


def test_the_cap_of_a_provider() -> None:
    fees = (("S10", "A", 120_000), ("S2", "A", 98_000), ("S3", "B", "166666.65"))
    services = [{"id": name, "provider": who, "kind": "cloud", "fee": fee} for name, who, fee in fees]
    result = decide(case(enterprise=MAKER, services=services))
    assert result.rows["16a", "service:S2"].amount == exactly(2_940_000)
    assert result.rows["16a", "service:S10"] == Row("granted", exactly(3_600_000), exactly(2_060_000))
    assert result.rows["16a", "service:S3"].amount == exactly(5 * WAN), "49,999.995 元 is rounded up"
    assert result.totals["provider"] == exactly(10 * WAN)
    nearly = case(enterprise=MAKER, services=[services[0] | {"fee": "0.000000001"}, {**services[1], "fee": 0}])
    assert [row(nearly, "16a", f"service:{name}").status for name in ("S10", "S2")] == ["granted", "unmet"]
    entry = received("16a", "service:S99", 50_000, provider="A")
    rows = decide(case(enterprise=MAKER, services=services, received=[entry])).rows
    assert [rows["16a", f"service:{name}"].status for name in ("S2", "S10", "S3")] == [
        "exhausted",
        "exhausted",
        "granted",
    ]


def test_what_an_authority_decides() -> None:
    enterprise = MAKER | {"key_chain_link": True}

    def at(amount: Any, **more: Any) -> Row:
        decided = [{"measure": "yinchuan-2024-2/13", "subject": "enterprise", "amount": amount}]
        return row(case(enterprise=enterprise, assessed=decided, **more), "13")

    assert paid(case(enterprise=enterprise), "13") == (0, 500 * WAN)
    assert at(3_000_000) == Row("granted", exactly(300 * WAN), exactly(300 * WAN))
    assert at(3_000_000, received=[received("13", "enterprise", 1_000_000, 2024)]).amount == exactly(200 * WAN)
    assert at(0) == Row("unmet")
    with pytest.raises(ValueError, match="are the most"):
        at("5000000.01")
    assert row(case(enterprise=MAKER | {"key_chain_link": False}), "13").missing == (
        "enterprise.steady_growth_contributor",
    )


def test_an_open_amount() -> None:
    leads = {"leading_enterprise": True, "chain_partners_upgraded": 10}
    result = decide(case(enterprise=leads, received=[received("14b", "enterprise", 5)]))
    assert result.rows["14b", "enterprise"] == Row("granted", (0, None), (0, None))
    assert result.totals["enterprise"] == (0, None)
    assert row(case(enterprise={"chain_partners_upgraded": 9}), "14b") == Row("unmet")


@pytest.mark.parametrize(("output", "status"), [("19999999.99", "unmet"), (20_000_000, "granted"), (None, "unmet")])
def test_commercialisation(output: Any, status: str) -> None:
    flags: Case = {"new_track_or_industry": True, "industrialised_locally": True}
    held = project(purposes=["commercialisation"], **flags) | ({} if output is None else {"annual_output": output})
    found = row(case(projects=[held]), "7", "project:P1")
    assert (found.status, found.amount) == (status, (0, 1000 * WAN) if status == "granted" else None)


@pytest.mark.parametrize(
    ("measure", "purpose", "quantity", "value", "amount"),
    [
        ("4", "construction", "floor_area", "0.0002", 2),  # 0.015 元
        ("4", "construction", "floor_area", "18600.5", 139_503_750),
        ("5", "industry_transfer", "fixed_asset_investment", "99999999.9", 500 * WAN),  # 4,999,999.995 元
        ("5", "industry_transfer", "fixed_asset_investment", "0.1", 1),
        ("6b", "major_technology_programme", "rd_investment", 20_000_000, 500 * WAN),
        ("6b", "major_technology_programme", "rd_investment", "0.05", 2),
        ("14a", "chain_support", "chain_support_investment", "19999999.94", 200 * WAN - 1),
    ],
)
def test_a_project_alone(measure: str, purpose: str, quantity: str, value: Any, amount: int) -> None:
    flags: Case = dict.fromkeys(("targets_verified", "encouraged_transfer", "new_headquarters_or_centre"), True)
    held = project(purposes=[purpose], **flags) | {quantity: value}
    assert paid(case(enterprise=MAKER, projects=[held]), measure, "project:P1") == exactly(amount)
    assert row(case(enterprise=MAKER, projects=[held | {"purposes": []}]), measure, "project:P1") == Row("unmet")
    assert row(case(enterprise=MAKER, projects=[held | {quantity: 0}]), measure, "project:P1") == Row("unmet")


def test_half_up() -> None:
    assert [fen(nano, 1, 2) for nano in (10**7 - 1, 10**7, 10**7 + 1, 3 * 10**7)] == [0, 1, 1, 2]
    assert sorted(["P10", "P2", "A", "P1"], key=natural) == ["A", "P1", "P2", "P10"]
