"""Each condition of each measure as the oracle reads it: an enterprise that meets them all, and one thing changed."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import pytest

from tests.agreement.cases import ENTERPRISE_FLAGS, PROJECT_FLAGS, PURPOSES, TITLES, Case
from tests.agreement.oracle import decide
from tests.agreement.oracle_money import Row

WAN = 1_000_000  # 万元 in fen
QUANTITIES = {
    **dict.fromkeys(("loan_interest", "guarantee_fee", "equipment_payment", "fixed_asset_investment"), 1000),
    **dict.fromkeys(("rd_investment", "digital_investment", "chain_support_investment", "carbon_reduction"), 1000),
    "floor_area": 1000,
    "annual_output": 20_000_000,
}
WHOLE: Case = {
    "as_of": "2025-03-01",
    "enterprise": dict.fromkeys(ENTERPRISE_FLAGS, True)
    | {"industry": "3421", "employees": 999, "chain_partners_upgraded": 10},
    "reports": [
        {"year": 2024, "main_business_revenue": 4 * 10**8, "rd_expense": 1000, "carbon_emissions": 28_500}
        | {"output_value": 7},
        {"year": 2023, "carbon_emissions": 30_000, "output_value": 7},
    ],
    "projects": [{"id": "P1", "purposes": list(PURPOSES)} | dict.fromkeys(PROJECT_FLAGS, True) | QUANTITIES],
    "recognitions": [{"title": title, "year": 2024} for title in TITLES],
    "services": [{"id": "S1", "provider": "A", "kind": "cloud", "fee": 1000}],
    "park": {
        "id": "K",
        "reports": [
            {"year": 2024, "industrial_reclaimed_water": 100_001},
            {"year": 2023, "industrial_reclaimed_water": 0},
        ],
    },
}
SUBJECTS = {"project": "project:P1", "service": "service:S1"}


class Needs(NamedTuple):
    """What a measure asks for, and what the enterprise above gets of it, in fen."""

    measure: str
    of: str
    low: int
    high: int | None
    sector: str = ""
    flags: tuple[str, ...] = ()
    enterprise_flags: tuple[str, ...] = ()
    purpose: str = ""
    quantity: str = ""
    title: str = ""


P, E = "project", "enterprise"
ALL = (
    Needs("1", P, 40_000, 40_000, quantity="loan_interest"),
    Needs("2a", P, 50_000, 50_000, "", (), ("fills_industry_gap", "newly_settled"), quantity="guarantee_fee"),
    Needs("2b", P, 50_000, 50_000, "", ("emerging_industry", "technology_innovation"), quantity="guarantee_fee"),
    Needs("3", P, 10_000, 10_000, "", ("replaces_obsolete_equipment",), (), "equipment_renewal", "equipment_payment"),
    Needs("4", P, 7_500_000, 7_500_000, "industrial", ("targets_verified",), (), "construction", "floor_area"),
    Needs("5", P, 5_000, 5_000, "manufacturing", ("encouraged_transfer", "new_headquarters_or_centre"), (),
          "industry_transfer", "fixed_asset_investment"),
    Needs("6a", E, 0, 500 * WAN, title="city_manufacturing_innovation_centre"),
    Needs("6b", P, 30_000, 30_000, "", (), (), "major_technology_programme", "rd_investment"),
    Needs("7", P, 0, 1000 * WAN, "", ("new_track_or_industry", "industrialised_locally"), (), "commercialisation",
          "annual_output"),
    Needs("8a", E, 10_000, 10_000, "industrial"),
    Needs("8b", E, 200 * WAN, 200 * WAN, title="city_new_productive_force_model"),
    Needs("9a", E, 50 * WAN, 50 * WAN, title="city_little_lighthouse"),
    Needs("9b", P, 40_000, 40_000, "industrial", ("evident_digital_effect",), (), "digital_transformation",
          "digital_investment"),
    Needs("9c", E, 50 * WAN, 50 * WAN, title="city_digital_transformation_leader"),
    Needs("10a", E, 0, None, title="city_cloud_benchmark"),
    Needs("10c", E, 10 * WAN, 10 * WAN, title="city_light_digital_product"),
    Needs("10d", E, 0, 50 * WAN, title="city_top_digital_service_provider"),
    Needs("11", P, 20_000_000, 20_000_000, "industrial", (), (), "carbon_reduction", "carbon_reduction"),
    Needs("12a", "park", 50_000_500, 50_000_500),
    Needs("13", E, 0, 500 * WAN, "manufacturing"),
    Needs("14a", P, 10_000, 10_000, "", (), (), "chain_support", "chain_support_investment"),
    Needs("14b", E, 0, None),
    Needs("16a", "service", 30_000, 30_000, "industrial"),
    Needs("9d", E, 0, 0, "industrial"),
    Needs("10b", E, 0, 0, "manufacturing"),
    Needs("14c", E, 0, 0, "manufacturing"),
    Needs("16b", E, 0, 0, "industrial"),
    Needs("16c", E, 0, 0),
    Needs("16d", E, 0, 0, "industrial"),
    Needs("18", E, 0, 0, "industrial"),
)  # fmt: skip
SERVICES = {"9d", "10b", "14c", "16b", "16c", "16d", "18"}


def found(stated: Case, needs: Needs) -> Row:
    if needs.measure == "2b":  # its rival goes first on a tie
        stated["enterprise"] = stated["enterprise"] | {"newly_settled": False}
    return decide(stated).rows[needs.measure, SUBJECTS.get(needs.of, needs.of)]


@pytest.mark.parametrize("needs", ALL, ids=lambda needs: needs.measure)
class TestConditions:
    def test_all_are_met(self, needs: Needs) -> None:
        amount = (needs.low, needs.high)
        service = needs.measure in SERVICES
        assert found(copy.deepcopy(WHOLE), needs) == (Row("service") if service else Row("granted", amount, amount))

    def test_nothing_is_known(self, needs: Needs) -> None:
        bare = copy.deepcopy(WHOLE) | {"enterprise": {}, "reports": [], "recognitions": []}
        bare["projects"] = [{"id": "P1"}]
        bare["services"][0].pop("fee")
        bare["park"].pop("reports")
        unknown = needs.measure in {*SERVICES, "8a", "12a", "13", "14b"}
        assert found(bare, needs).status == ("undetermined" if unknown else "unmet")

    @pytest.mark.parametrize(
        ("code", "left_out"),
        [
            ("4620", ("manufacturing",)),
            ("4710", ("industrial", "manufacturing")),
            (None, ("industrial", "manufacturing")),
        ],
    )
    def test_the_sector(self, needs: Needs, code: str | None, left_out: tuple[str, ...]) -> None:
        stated = copy.deepcopy(WHOLE)
        del stated["enterprise"]["industry"]
        if code is not None:
            stated["enterprise"]["industry"] = code
        if needs.sector not in left_out:
            assert found(stated, needs).status in {"granted", "service"}
        elif code is None:
            assert found(stated, needs) == Row("undetermined", missing=("enterprise.industry",))
        else:
            assert found(stated, needs) == Row("unmet")

    def test_each_flag(self, needs: Needs) -> None:
        for names, of, where in ((needs.flags, "projects", "projects.P1"), (needs.enterprise_flags, E, E)):
            for name in names:
                stated = copy.deepcopy(WHOLE)
                holder: dict[str, Any] = stated[of][0] if of == "projects" else stated[of]
                holder[name] = False
                assert found(stated, needs) == Row("unmet"), name
                del holder[name]
                assert found(stated, needs) == Row("undetermined", missing=(f"{where}.{name}",))

    def test_the_purpose_and_the_quantity(self, needs: Needs) -> None:
        stated = copy.deepcopy(WHOLE)
        held = stated["projects"][0]
        if needs.purpose:
            held["purposes"] = [purpose for purpose in PURPOSES if purpose != needs.purpose]
            assert found(stated, needs) == Row("unmet")
            held["purposes"] = [needs.purpose]
            assert found(stated, needs).status == "granted"
        if needs.quantity:
            for value in (0, None) if needs.measure != "7" else (0, None, "19999999.99"):
                held[needs.quantity] = value
                if value is None:
                    del held[needs.quantity]
                assert found(stated, needs) == Row("unmet")
            if needs.measure != "7":
                held[needs.quantity] = "0.000000001"  # something was spent, if next to nothing
                assert found(stated, needs) == Row("granted", (0, 0), (0, 0))

    def test_the_title(self, needs: Needs) -> None:
        stated = copy.deepcopy(WHOLE)
        if needs.title:
            stated["recognitions"] = [entry for entry in WHOLE["recognitions"] if entry["title"] != needs.title]
            assert found(stated, needs) == Row("unmet")


@pytest.mark.parametrize(
    ("measure", "first", "second"),
    [("13", "steady_growth_contributor", "key_chain_link"), ("14b", "chain_leader", "leading_enterprise")],
)
def test_either_distinction_suffices(measure: str, first: str, second: str) -> None:
    for one, other, expected in (
        (True, None, "granted"),
        (None, True, "granted"),
        (False, True, "granted"),
        (False, None, "undetermined"),
        (False, False, "unmet"),
    ):
        stated = copy.deepcopy(WHOLE)
        for name, value in ((first, one), (second, other)):
            del stated["enterprise"][name]
            stated["enterprise"].update({} if value is None else {name: value})
        row = decide(stated).rows[measure, "enterprise"]
        assert row.status == expected
        assert row.missing == ((f"enterprise.{second}",) if expected == "undetermined" else ())


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_purposes_of_a_loan(purpose: str) -> None:
    stated = copy.deepcopy(WHOLE)
    stated["projects"][0]["purposes"] = [purpose]
    four = {"leading_industry_support", "weak_link_repair", "intelligent_upgrade", "digital_transformation"}
    assert decide(stated).rows["1", "project:P1"].status == ("granted" if purpose in four else "unmet")


@pytest.mark.parametrize("measure", ["2a", "2b", "8b", "9a", "9c", "10c"])
def test_once_is_for_ever(measure: str) -> None:
    needs = next(needs for needs in ALL if needs.measure == measure)
    subject = SUBJECTS.get(needs.of, needs.of)
    entry = {"measure": f"yinchuan-2024-2/{measure}", "subject": subject, "amount": "0.01", "year": 1999}
    row = found(copy.deepcopy(WHOLE) | {"received": [entry]}, needs)
    assert row == Row("received", (needs.low, needs.high), (0, 0))


@pytest.mark.parametrize("measure", ["8a", "10d", "11", "12a", "13"])
def test_another_year_of_an_annual_line_and_cap_counts_nothing(measure: str) -> None:
    needs = next(needs for needs in ALL if needs.measure == measure)
    entry = {"measure": f"yinchuan-2024-2/{measure}", "subject": SUBJECTS.get(needs.of, needs.of), "amount": 10**9}
    amount = (needs.low, needs.high)
    assert found(copy.deepcopy(WHOLE) | {"received": [entry | {"year": 2023}]}, needs).amount == amount
    unknown = found(copy.deepcopy(WHOLE) | {"received": [entry]}, needs)
    assert unknown == Row("undetermined", missing=("received.1.year",))
    assert found(copy.deepcopy(WHOLE) | {"received": [entry | {"year": 2024}]}, needs).status == "received"


def test_a_ceiling_that_is_not_annual_counts_every_year() -> None:
    entry = {"measure": "yinchuan-2024-2/6a", "subject": "enterprise", "amount": 100_000, "year": 2021}
    assert decide(copy.deepcopy(WHOLE) | {"received": [entry]}).rows["6a", "enterprise"].amount == (0, 490 * WAN)


@pytest.mark.parametrize(
    ("measure", "quantity", "cap", "shared"),
    [
        ("1", "loan_interest", 200, False),
        ("2a", "guarantee_fee", 200, True),
        ("2b", "guarantee_fee", 200, False),
        ("3", "equipment_payment", 200, True),
        ("4", "floor_area", None, False),
        ("5", "fixed_asset_investment", 500, True),
        ("6b", "rd_investment", 500, False),
        ("11", "carbon_reduction", 100, True),
        ("14a", "chain_support_investment", 200, True),
    ],
)
def test_caps_of_an_enterprise_and_of_a_project(measure: str, quantity: str, cap: int | None, shared: bool) -> None:
    stated = copy.deepcopy(WHOLE)
    first = stated["projects"][0] | {quantity: 10**12}
    stated["projects"] = [first, first | {"id": "P2"}]
    rival = {"2a": "technology_innovation", "2b": ""}.get(measure)
    for held in stated["projects"]:
        held.pop(rival or "", None)
    stated["enterprise"]["newly_settled"] = measure != "2b"
    rows = decide(stated).rows
    one, two = rows[measure, "project:P1"], rows[measure, "project:P2"]
    if cap is None:
        assert one.amount == two.amount == (75 * 10**14, 75 * 10**14)
    else:
        assert one.amount == (cap * WAN, cap * WAN)
        assert (two.status, two.amount) == (("exhausted", (0, 0)) if shared else ("granted", one.amount))
        assert (one.standard == one.amount) is not shared
