"""Cases with the facts that regional and national policies ask for, added to those that hug the city's thresholds."""

from __future__ import annotations

from tests.agreement import cases
from tests.agreement.cases import Case, Number, _Draw, beside, paying

OUTPUT = (*beside(5_000_000_000, 10_000_000_000, 50_000_000_000, step="0.01"), 0, 30_000_000_000)
INVESTMENT = (*beside(5_000_000, step="0.01"), 30_000_000, 600_000_000, 0)
PRINCIPAL = (0, "0.33", 10_000_000, 12_345_678, 600_000_000, *paying(15, 1000, 2_000_000)[:6])
LEASED = (*paying(3, 100, 3_000_000)[:12], 10_000_000)
EQUIPMENT = (*paying(5, 100, 3_000_000)[:12], *paying(20, 100, 3_000_000)[:8])
PRICE = paying(30, 100, 5_000_000)[:12]
SHARE = beside(10_000_000, step="0.01")
DAYS = ("2024-03-06", "2024-03-07", "2025-01-10")
RATES: tuple[Number, ...] = ("0.031", "0.03", "0.0345", 0)
DATES = (*cases.DAYS, "2026-01-18", "2026-01-19", "2026-12-31", "2027-01-01", "2025-10-13", "2025-10-14")
ENTERPRISE_FLAGS = ("technology_sme", "high_technology", "first_year_above_scale")
PROJECT_FLAGS = (
    "listed_loan", "self_funded", "key_energy_industry", "listed_advanced_technology", "other_central_support",
)  # fmt: skip
RECEIPTS = {
    "enterprise": (
        "ningxia-rd-2022/general", "ningxia-rd-2022/increase", "ningxia-rd-2022/first-scale", "ningxia-growth-2022/output",
        "ningxia-innovation-centre-2019/centre",
    ),
    "project": (
        "ningxia-equipment-2024/loan", "ningxia-equipment-2024/lease", "ningxia-equipment-2024/upgrade",
        "national-equipment-loan-2026/loan", "national-equipment-loan-2024/loan", "national-carbon-2024/investment",
        "ningxia-technology-trade-2023/buyer",
    ),
}  # fmt: skip


def generate(seed: int) -> Case:
    """A case of `cases.generate`, wider; one seed gives the same case always."""
    case = cases.generate(seed)
    draw = _Draw(seed ^ 0x5EED)
    if draw.chance(0.5):
        case["as_of"] = draw.pick(DATES)
    year = int(case["as_of"][:4])
    enterprise = case.setdefault("enterprise", {})
    enterprise |= draw.flags(ENTERPRISE_FLAGS)
    if draw.chance(0.1):
        enterprise["in_pilot_city"] = True
    if draw.chance(draw.known):
        enterprise["research_deduction_years"] = draw.pick(([year - 1, year - 2], [year - 1], [year - 2], []))
    if draw.chance(0.6):
        enterprise["highest_earlier_output"] = draw.pick(OUTPUT)
    for report in case.get("reports", ()):
        if draw.chance(0.3):
            report["output_value"] = draw.pick(OUTPUT)
        if report["year"] == year - 2 and draw.chance(0.8):
            report["rd_expense"] = draw.pick((0, 1_000_000, *SHARE, *cases.RESEARCH))
    for project in case.get("projects", ()):
        _project(draw, project)
    if draw.chance(0.3):
        centre: Case = {"title": "manufacturing_innovation_centre"}
        if draw.chance(0.8):
            centre["level"] = draw.pick(cases.LEVELS)
        case.setdefault("recognitions", []).append(centre)
    if draw.chance(0.6):
        case["parameters"] = {"lpr_december": {year - 1 if draw.chance(0.8) else year: draw.pick(RATES)}}
    if draw.chance(0.3):
        case.setdefault("received", []).append(_receipt(draw, case, year - 1))
    return case


def _project(draw: _Draw, project: Case) -> None:
    pools: dict[str, tuple[Number, ...]] = {
        "loan_principal": PRINCIPAL, "lease_financed": LEASED, "total_investment": INVESTMENT,
        "equipment_and_software": EQUIPMENT, "technology_price_paid": PRICE,
    }  # fmt: skip
    for fact, pool in pools.items():
        if draw.chance(0.7):
            project[fact] = draw.pick(pool)
    project |= draw.flags(PROJECT_FLAGS)
    if draw.chance(draw.known):
        project["lease_kind"] = draw.pick(("direct", "leaseback"))
    if draw.chance(draw.known):
        project["loan_drawn_on"] = draw.pick(DAYS)


def _receipt(draw: _Draw, case: Case, latest: int) -> Case:
    projects = case.get("projects", ())
    kind = "project" if projects and draw.chance(0.7) else "enterprise"
    subject = f"project:{draw.pick(projects)['id']}" if kind == "project" else "enterprise"
    found: Case = {"measure": draw.pick(RECEIPTS[kind]), "subject": subject, "year": draw.pick((latest, latest - 1))}
    if draw.chance(0.95):
        found["amount"] = draw.pick(cases.RECEIVED)
    return found
