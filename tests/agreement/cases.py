"""Cases that hug the thresholds of the measures and leave facts out; one whole number gives one case, always the same.

Quantities are ints or decimal text in base units, never floats; only `Random.random` is drawn from, so that a seed
gives the same case on every version of Python.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

Case = dict[str, Any]
Number = int | str
T = TypeVar("T")

POLICY = "yinchuan-2024-2/"
FEN = 10**7
NANO = 10**9
VAST: tuple[Number, ...] = (10**19, "99999999999999999999", "12345678901234567.89")

DAYS = ("2025-03-01", "2025-03-01", "2025-12-31", "2026-01-01", "2026-07-15", "2027-02-28", "2024-09-30", "2024-12-31")
EDGES = ("2024-06-01", "2027-12-31")
OUTSIDE_DAYS = ("2024-05-31", "2028-01-01", "2023-01-01")
COUNTIES = (
    "兴庆区",
    "金凤区",
    "西夏区",
    "永宁县",
    "贺兰县",
    "灵武市",
    "银川经开区",
    "银川高新区",
    "银川综保区",
    "苏银产业园",
)
OUTSIDE_COUNTIES = ("石嘴山市", "中卫市", "宁夏以外")
INDUSTRIES = ("3421", "3825", "13", "430", "2614", "06", "0610", "0590", "46", "4610", "47", "12", "44", "05", "6513")
MANUFACTURERS = 5  # so many of them to begin with

EMPLOYEES = (999, 1000, 1001, 0, 50, 5000)
PARTNERS = (9, 10, 11, 0, 40)
PURPOSES = (
    *("leading_industry_support", "weak_link_repair", "intelligent_upgrade", "digital_transformation"),
    *("equipment_renewal", "major_technology_programme", "commercialisation", "chain_support", "carbon_reduction"),
    *("industry_transfer", "construction"),
)
TITLES = (
    *("city_manufacturing_innovation_centre", "city_new_productive_force_model", "city_little_lighthouse"),
    *("smart_factory", "digital_workshop", "city_digital_transformation_leader", "city_cloud_benchmark"),
    *("city_light_digital_product", "city_top_digital_service_provider"),
)
LEVELS = ("city", "region", "national")
KINDS = ("technical_innovation", "cloud", "branding", "project_approval")
PROVIDERS = ("云服务甲", "云服务乙", "provider C")
PROJECT_IDS = ("P2", "P10", "P1", "A", "P9", "B3")
SERVICE_IDS = ("S10", "S2", "S1", "X")
PROJECT_FLAGS = (
    *("replaces_obsolete_equipment", "targets_verified", "encouraged_transfer", "new_headquarters_or_centre"),
    *("technology_innovation", "emerging_industry", "new_track_or_industry", "industrialised_locally"),
    "evident_digital_effect",
)
ENTERPRISE_FLAGS = (
    *("fills_industry_gap", "newly_settled", "steady_growth_contributor", "key_chain_link", "chain_leader"),
    "leading_enterprise",
)


def text(nanos: int) -> Number:
    """A number of thousand-millionths as an int where it is whole, else as decimal text."""
    whole, rest = divmod(nanos, NANO)
    return f"{whole}.{rest:09d}".rstrip("0") if rest else whole


def beside(*bounds: Number, step: str) -> tuple[Number, ...]:
    """Each bound, and one step below and above it."""
    small = _nano(step)
    return tuple(text(max(0, _nano(bound) + off)) for bound in bounds for off in (0, -small, small))


def _nano(number: Number) -> int:
    whole, _, decimals = str(number).partition(".")
    return int(whole + decimals.ljust(9, "0"))


def paying(parts: int, of: int, cap: int | None = None) -> tuple[Number, ...]:
    """Quantities of which `parts / of` come to a cap (yuan), a share of it, a fen beside, and to half a fen."""
    found: list[Number] = [0, "0.001", "0.01"]
    # halves of a fen, rounded up to the nano where the quotient does not end
    found += [text(-(-half * FEN * of // (2 * parts))) for half in (1, 3, 4, 5, 2469)]
    if cap is None:
        return (*found, "18600.5", 20000, *VAST)
    for share in (1, 2, 3):
        whole = cap * NANO * of // parts // share
        offs = (0, FEN, -FEN, FEN // 2, -FEN // 2) if share == 1 else (0, FEN, -FEN)
        found += [text(whole + off * of // parts) for off in offs]
        found.append(text(whole // FEN * FEN))
    return (*found, text(cap * NANO * of // parts * 3), *VAST[:2])


MEASURED: dict[str, tuple[Number, ...]] = {
    "loan_interest": (*paying(40, 100, 2_000_000), 1_860_000),
    "lease_interest": (0, 0, "0.0125", 425_000, "2500000.01", 5_000_000),
    "guarantee_fee": paying(50, 100, 2_000_000),
    "equipment_payment": paying(10, 100, 2_000_000),
    "floor_area": paying(75, 1),
    "fixed_asset_investment": paying(5, 100, 5_000_000),
    "rd_investment": paying(30, 100, 5_000_000),
    "digital_investment": (*paying(40, 100, 500_000), *paying(40, 100, 600_000)),
    "chain_support_investment": paying(10, 100, 2_000_000),
    "carbon_reduction": paying(200, 1, 1_000_000),
    "annual_output": (*beside(20_000_000, step="0.01"), "20000000.000000001", 19_960_000, 30_000_000),
}
RELEVANT = {  # what is entered without its purpose pays nothing
    "equipment_payment": "equipment_renewal",
    "floor_area": "construction",
    "fixed_asset_investment": "industry_transfer",
    "rd_investment": "major_technology_programme",
    "digital_investment": "digital_transformation",
    "chain_support_investment": "chain_support",
    "carbon_reduction": "carbon_reduction",
    "annual_output": "commercialisation",
}
REVENUE = (*beside(20_000_000, 400_000_000, step="0.01"), 318_000_000, "19999999.999999999", 0, VAST[0])
RESEARCH = paying(10, 100, 1_000_000)
EMISSIONS = (*beside(26_000, step="0.001"), "26000.0000001", "25999.9999999", 28_500, 31_000, 0)
WATER: tuple[Number, ...] = (2_500_000, "1234567.891", 0)
INCREASE = (*beside(100_000, 1_000_000, step="0.001"), *beside(1_000_000, step="0.002"), 345_678, 0, VAST[0])
FEES = paying(30, 100, 50_000)
RECEIVED = (
    *beside(500_000, 1_000_000, 2_000_000, step="0.01"),
    *(0, "0.01", 20_000, 50_000, 100_000, 300_000, 5_000_000, 10_000_000),
)

LINES = {
    "enterprise": ("research_expense", "innovation_model", "digital_leader", "steady_growth", "chain_upgrade"),
    "project": (
        *("loan_interest", "lease_interest", "guarantee_fee", "guarantee_fee", "equipment_purchase", "floor_area"),
        *("digital_investment", "carbon_reduction", "commercialisation", "chain_support_investment"),
    ),
    "service": ("producer_service_fee",),
    "park": ("reclaimed_water",),
}
MEASURES = {
    "enterprise": ("6a", "8a", "8a", "8b", "9a", "9c", "10a", "10c", "10d", "13", "14b"),
    "project": ("1", "2a", "2a", "2b", "2b", "3", "4", "5", "6b", "7", "9b", "11", "14a"),
    "service": ("16a",),
    "park": ("12a",),
}
ASSESSED = {"6a": 5_000_000, "10a": 700_000, "10d": 500_000, "13": 5_000_000, "14b": 900_000, "7": 10_000_000}


class _Draw:
    """The one source of chance, and what sets this case apart from others."""

    def __init__(self, seed: int) -> None:
        self.random: Callable[[], float] = Random(seed).random
        self.known = self.pick((0.05, 0.3, 0.6, 0.9, 0.97, 1.0, 1.0))
        self.true = self.pick((0.3, 0.7, 0.95, 1.0))
        self.listed = self.pick((0.1, 0.5, 0.9, 1.0))

    def pick(self, pool: Sequence[T]) -> T:
        return pool[int(self.random() * len(pool))]

    def chance(self, share: float) -> bool:
        return self.random() < share

    def flags(self, names: Sequence[str]) -> Case:
        return {name: self.chance(self.true) for name in names if self.chance(self.known)}

    def some(self, pool: Sequence[str], most: int) -> list[str]:
        """Up to `most` different ones, in any order."""
        left = list(pool)
        return [left.pop(int(self.random() * len(left))) for _ in range(int(self.random() * (most + 1)))]

    def money(self, pool: Sequence[Number]) -> Number:
        if self.chance(0.8):
            return self.pick(pool)
        return text(int(self.random() * 10**9) * FEN)


def generate(seed: int) -> Case:
    """A case in the shape of a case file."""
    draw = _Draw(seed)
    where = draw.random()
    as_of = draw.pick(DAYS if where < 0.85 else EDGES if where < 0.95 else OUTSIDE_DAYS)
    year = int(as_of[:4])
    case: Case = {"as_of": as_of}
    enterprise = _enterprise(draw)
    if enterprise:
        case["enterprise"] = enterprise
    reports = _reports(draw, year)
    projects = [_project(draw, name) for name in draw.some(PROJECT_IDS, 4)]
    recognitions = _recognitions(draw, year)
    services = [_service(draw, name) for name in draw.some(SERVICE_IDS, 4)] if draw.chance(0.6) else []
    parts = {"reports": reports, "projects": projects, "recognitions": recognitions, "services": services}
    case.update((name, part) for name, part in parts.items() if part)
    if draw.chance(0.5):
        case["park"] = _park(draw, year)
    if draw.chance(0.5):
        case["received"] = [_receipt(draw, case, year - 1) for _ in range(1 + int(draw.random() * 5))]
    if draw.chance(0.25):
        case["assessed"] = _assessed(draw, projects)
    return case


def _enterprise(draw: _Draw) -> Case:
    found = draw.flags(ENTERPRISE_FLAGS)
    if draw.chance(draw.known):
        found["industry"] = draw.pick(INDUSTRIES[:MANUFACTURERS] if draw.chance(draw.true) else INDUSTRIES)
    if draw.chance(draw.known):
        found["employees"] = draw.pick(EMPLOYEES)
    if draw.chance(draw.known):
        found["chain_partners_upgraded"] = draw.pick(PARTNERS)
    if draw.chance(0.6):
        found["county"] = draw.pick(COUNTIES if draw.chance(0.95) else OUTSIDE_COUNTIES)
    return found


def _reports(draw: _Draw, year: int) -> list[Case]:
    latest: Case = {"year": year - 1}
    previous: Case = {"year": year - 2}
    if draw.chance(draw.known):
        latest["main_business_revenue"] = draw.pick(REVENUE)
    if draw.chance(draw.known):
        latest["rd_expense"] = draw.money(RESEARCH)
    for report, name, value in zip(
        (latest, latest, previous, previous),
        ("carbon_emissions", "output_value", "carbon_emissions", "output_value"),
        _intensities(draw),
        strict=True,
    ):
        if draw.chance(draw.known):
            report[name] = value
    if draw.chance(0.1):
        latest["electricity_use"] = 31_500_000
    found = [report for report in (latest, previous) if len(report) > 1 or draw.chance(0.5)]
    if draw.chance(0.2):  # of no year that counts
        found.insert(0, {"year": draw.pick((year, year - 3)), "main_business_revenue": 10**9, "rd_expense": 10**8})
    return found


def _intensities(draw: _Draw) -> tuple[Number, Number, Number, Number]:
    """Emissions and output of the two years: mostly 5% less an output, or a thousand-millionth beside it."""
    if draw.chance(0.15):
        return draw.pick(EMISSIONS), draw.pick((0, 336_000_000)), draw.pick((0, 30_000)), draw.pick((0, 305_000_000))
    if draw.chance(0.3):
        return draw.pick(EMISSIONS), 336_000_000, 30_000, 305_000_000
    unit = 1_369 * NANO + int(draw.random() * 10**12)
    output = (1 + int(draw.random() * 10**9)) * draw.pick((1, FEN, NANO))
    off = draw.pick((0, 0, 0, 1, -1, 1000, -1000, 10**11, -(10**11)))
    if draw.chance(0.5):
        return text(19 * unit + off), text(output), text(20 * unit), text(output)
    return text(19 * unit + off), text(20 * output), text(unit), text(output)


def _project(draw: _Draw, name: str) -> Case:
    purposes = [purpose for purpose in PURPOSES if draw.chance(draw.listed)]
    found: Case = {"id": name}
    if purposes:
        found["purposes"] = purposes
    for fact, pool in MEASURED.items():
        relevant = fact not in RELEVANT or RELEVANT[fact] in purposes
        if draw.chance(0.7 if relevant else 0.1):
            found[fact] = draw.money(pool)
    found |= draw.flags(PROJECT_FLAGS)
    return found


def _recognitions(draw: _Draw, year: int) -> list[Case]:
    found = []
    share = draw.pick((0.05, 0.3, 0.6))
    for title in TITLES:
        while draw.chance(share):
            entry: Case = {"title": title}
            if draw.chance(0.5):
                entry["level"] = draw.pick(LEVELS)
            if draw.chance(0.85):
                entry["year"] = draw.pick((2024, year, year, 2024, 2023, year + 1))
            found.append(entry)
    return found


def _service(draw: _Draw, name: str) -> Case:
    found: Case = {"id": name, "provider": draw.pick(PROVIDERS[: draw.pick((1, 2, 3))]), "kind": draw.pick(KINDS)}
    if draw.chance(0.9):
        found["fee"] = draw.money(FEES)
    return found


def _park(draw: _Draw, year: int) -> Case:
    before = draw.pick(WATER)
    now = text(_nano(before) + _nano(draw.pick(INCREASE))) if draw.chance(0.9) else draw.pick(WATER)
    reports: list[Case] = []
    for when, water in ((year - 1, now), (year - 2, before)):
        entry: Case = {"year": when}
        if draw.chance(draw.known):
            entry["industrial_reclaimed_water"] = water
        if len(entry) > 1 or draw.chance(0.5):
            reports.append(entry)
    return {"id": "JKQ", "reports": reports} if reports else {"id": "JKQ"}


def _receipt(draw: _Draw, case: Case, latest: int) -> Case:
    """Money for something in the case, for another year or for something unknown; 9 of 10 with its amount and year."""
    services = case.get("services", ())
    kinds = ["enterprise", "project", "project", "project"]
    kinds += ["service"] if services else []
    kinds += ["park"] if "park" in case else []
    kind = draw.pick(kinds)
    entry: Case = {}
    if draw.chance(0.7):
        entry["measure"] = POLICY + draw.pick(MEASURES[kind])
    else:
        entry["measure"] = draw.pick(("elsewhere-2023-1/3", "province-x/7b"))
        first, second = draw.pick(LINES[kind]), draw.pick(LINES[kind])
        entry["lines"] = [first] if first == second or draw.chance(0.7) else [first, second]
    entry["subject"] = kind
    if kind == "project":
        names = [project["id"] for project in case.get("projects", ())]
        entry["subject"] = f"project:{draw.pick(names) if names and draw.chance(0.85) else 'OLD'}"
    elif kind == "service":
        service = draw.pick(services)
        entry["subject"] = f"service:{service['id'] if draw.chance(0.8) else 'S99'}"
        if entry["measure"].startswith(POLICY):
            entry["provider"] = service["provider"] if draw.chance(0.8) else draw.pick(PROVIDERS)
    if draw.chance(0.92):
        entry["amount"] = draw.pick(RECEIVED) if draw.chance(0.7) else text(int(draw.random() * 10**8) * FEN)
    if draw.chance(0.92) or entry.get("amount") == 0:
        entry["year"] = draw.pick((latest, latest, latest, latest - 1, 2023))
    return entry


def _assessed(draw: _Draw, projects: Sequence[Case]) -> list[Case]:
    found: list[Case] = []
    for measure, most in ASSESSED.items():
        subjects = [f"project:{project['id']}" for project in projects] if measure == "7" else ["enterprise"]
        for subject in subjects:
            if draw.chance(0.4):
                amount = draw.pick((0, "0.01", most, text(most * NANO - FEN), most // 3, 200_000))
                found.append({"measure": POLICY + measure, "subject": subject, "amount": amount})
    return found


def to_yaml(case: Case) -> str:
    """A case file of the case: JSON, which is YAML, one entry a line."""
    lines = []
    for key, value in case.items():
        if isinstance(value, list):
            entries = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in value)
            lines.append(f'"{key}": [\n{entries}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{" + ",\n".join(lines) + "}\n"
