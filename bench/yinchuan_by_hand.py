"""The eighteen measures of 银政办规发〔2024〕2号 by hand, in Decimal, for speed and for amounts alone: what a decision is timed against.

No reasons, no statuses, no services in kind. What is unknown is not granted. Products are exact to 28 digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

Amounts = dict[tuple[str, str], tuple[int, int | None]]
Shared = list[tuple[str, int]]
"""Claims on a shared cap: subject and standard in fen, in the order in which the cap is filled."""

POLICY = "yinchuan-2024-2/"
FIRST, LAST = date(2024, 6, 1), date(2027, 12, 31)
PLACES = frozenset(
    (
        None,
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
)
INTEREST_PURPOSES = frozenset(
    ("leading_industry_support", "weak_link_repair", "intelligent_upgrade", "digital_transformation")
)
KINDS = frozenset(("technical_innovation", "cloud", "branding", "project_approval"))
ANNUAL = frozenset(("1", "8a", "10d", "11", "12a", "13"))
YEARLY_CAP = frozenset(("8a", "11", "12a"))
SHARED = frozenset(("2a", "3", "5", "9b", "11", "14a"))
BY_SUBJECT = frozenset(("1", "2a", "2b", "3", "4", "5", "6b", "7", "9b", "11", "14a", "16a"))
RAISE_DIGITAL_CAP = ("smart_factory", "digital_workshop")
AWARDS = (
    ("city_new_productive_force_model", "8b", 200_000_000),
    ("city_little_lighthouse", "9a", 50_000_000),
    ("city_digital_transformation_leader", "9c", 50_000_000),
    ("city_light_digital_product", "10c", 10_000_000),
)
CEILINGS = (
    ("city_manufacturing_innovation_centre", "6a", 500_000_000),
    ("city_cloud_benchmark", "10a", None),
    ("city_top_digital_service_provider", "10d", 50_000_000),
)

ZERO = Decimal(0)
# Rates times 100, so that the product is in fen.
FIVE, TEN, THIRTY, FORTY, FIFTY = (Decimal(rate) for rate in (5, 10, 30, 40, 50))
A_SQUARE_METRE, A_TONNE, A_CUBIC_METRE = Decimal(7500), Decimal(20000), Decimal(500)
ABOVE_SCALE, LARGE_OUTPUT = Decimal(20_000_000), Decimal(20_000_000)
LARGE_EMITTER, KEPT, LARGE_INCREASE = Decimal(26_000), Decimal("0.95"), Decimal(100_000)
WAN = 1_000_000
"""万元 in fen."""

NOBODY = SimpleNamespace(
    county=None,
    industry=None,
    fills_industry_gap=None,
    newly_settled=None,
    steady_growth_contributor=None,
    key_chain_link=None,
    chain_leader=None,
    leading_enterprise=None,
    chain_partners_upgraded=None,
)


def decide(case: Any) -> Amounts:
    """(measure, subject) → lower and upper end in fen of all that is granted above zero; an open upper end is None.

    A receipt that leaves out its amount (of an annual measure: or its year, of a project or service: or which) takes the claims of its
    measure out. Only receipts of this notice are counted. Of 2a and 2b the best plan is taken, save where a project has had 2b before.
    """
    day, enterprise = case.as_of, case.enterprise or NOBODY
    if not FIRST <= day <= LAST or enterprise.county not in PLACES:
        return {}
    last_year = day.year - 1
    latest = previous = None
    for report in case.reports:
        if report.year == last_year:
            latest = report
        elif report.year == last_year - 1:
            previous = report
    division = int(enterprise.industry[:2]) if enterprise.industry is not None else 0
    industrial, manufacturing = 6 <= division <= 46, 13 <= division <= 43
    titles, doubtful = set(), set()
    for recognition in case.recognitions:
        if recognition.year is None:
            doubtful.add(recognition.title)
        elif 2024 <= recognition.year <= day.year:
            titles.add(recognition.title)

    taken = _Taken(case, last_year) if case.received else NOTHING
    found: Amounts = {}
    if case.projects:
        carbon = industrial and latest is not None and previous is not None and _intensity_fell(latest, previous)
        raised = not titles.isdisjoint(RAISE_DIGITAL_CAP)
        digital = None if not raised and not doubtful.isdisjoint(RAISE_DIGITAL_CAP) else (60 if raised else 50) * WAN
        _projects(found, taken, case.projects, enterprise, (industrial, manufacturing, carbon, digital))
    _enterprise(found, taken, enterprise, latest, (industrial, manufacturing), titles)
    if industrial and case.services:
        _services(found, taken, case.services)
    if case.park is not None:
        _park(found, taken, case.park, last_year)
    if taken.blocked:
        return {key: amount for key, amount in found.items() if key[0] not in taken.blocked}
    return found


def _intensity_fell(latest: Any, previous: Any) -> bool:
    """Emissions above the line, and their ratio to output down by at least 5%; without a quotient, so without rounding."""
    emissions, output = latest.carbon_emissions, latest.output_value
    before, output_before = previous.carbon_emissions, previous.output_value
    return bool(
        emissions is not None
        and emissions > LARGE_EMITTER
        and output
        and before
        and output_before
        and emissions * output_before <= KEPT * before * output
    )


def _fen(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _projects(
    found: Amounts, taken: _Taken, projects: Any, enterprise: Any, tests: tuple[bool, bool, bool, int | None]
) -> None:
    industrial, manufacturing, carbon, digital_cap = tests
    newcomer = enterprise.fills_industry_gap and enterprise.newly_settled and "2a" not in taken.ended
    guarantees: list[tuple[str, int, bool]] = []
    equipment: Shared = []
    transfers: Shared = []
    conversions: Shared = []
    reductions: Shared = []
    supports: Shared = []
    for project in projects if len(projects) < 2 else sorted(projects, key=_order):
        subject, purposes = f"project:{project.id}", project.purposes
        if not INTEREST_PURPOSES.isdisjoint(purposes):
            interest = (project.loan_interest or ZERO) + (project.lease_interest or ZERO)
            if interest > ZERO:
                _pay(found, taken, "1", subject, min(_fen(FORTY * interest), 200 * WAN), 200 * WAN)
        if project.guarantee_fee:
            emerging = project.emerging_industry and project.technology_innovation
            emerging = emerging and ("2b", subject) not in taken.paid
            if newcomer or emerging:
                guarantees.append((subject, _fen(FIFTY * project.guarantee_fee), bool(emerging)))
        if project.equipment_payment and project.replaces_obsolete_equipment and "equipment_renewal" in purposes:
            equipment.append((subject, _fen(TEN * project.equipment_payment)))
        if industrial and project.floor_area and project.targets_verified and "construction" in purposes:
            _pay(found, taken, "4", subject, _fen(A_SQUARE_METRE * project.floor_area))
        if (
            manufacturing
            and project.fixed_asset_investment
            and project.encouraged_transfer
            and project.new_headquarters_or_centre
            and "industry_transfer" in purposes
        ):
            transfers.append((subject, _fen(FIVE * project.fixed_asset_investment)))
        if project.rd_investment and "major_technology_programme" in purposes:
            _pay(found, taken, "6b", subject, min(_fen(THIRTY * project.rd_investment), 500 * WAN), 500 * WAN)
        if (
            project.new_track_or_industry
            and project.industrialised_locally
            and project.annual_output is not None
            and project.annual_output >= LARGE_OUTPUT
            and "commercialisation" in purposes
        ):
            _decide_up_to(found, taken, "7", subject, 1000 * WAN)
        if (
            industrial
            and project.digital_investment
            and project.evident_digital_effect
            and "digital_transformation" in purposes
        ):
            conversions.append((subject, _fen(FORTY * project.digital_investment)))
        if carbon and project.carbon_reduction and "carbon_reduction" in purposes:
            reductions.append((subject, _fen(A_TONNE * project.carbon_reduction)))
        if project.chain_support_investment and "chain_support" in purposes:
            supports.append((subject, _fen(TEN * project.chain_support_investment)))

    if guarantees:
        _guarantees(found, taken, guarantees, newcomer)
    if equipment:
        _share(found, taken, "3", "enterprise", equipment, 200 * WAN)
    if transfers:
        _share(found, taken, "5", "enterprise", transfers, 500 * WAN)
    if conversions and digital_cap is not None:
        _conversions(found, taken, conversions, digital_cap)
    if reductions:
        _share(found, taken, "11", "enterprise", reductions, 100 * WAN)
    if supports:
        _share(found, taken, "14a", "enterprise", supports, 200 * WAN)


def _guarantees(found: Amounts, taken: _Taken, claims: list[tuple[str, int, bool]], newcomer: bool) -> None:
    """One of 2a and 2b a project: 2a where its cap still pays as much as 2b would, after the projects that have only 2a."""
    left = 200 * WAN
    if newcomer:
        left = max(0, left - sum(standard for _, standard, emerging in claims if not emerging))
    newcomers: Shared = []
    for subject, standard, emerging in claims:
        amount = min(standard, 200 * WAN)
        if emerging and not (newcomer and amount <= left):
            amount -= taken.own.get(("2a", subject), 0)
            if amount > 0:
                found["2b", subject] = (amount, amount)
            continue
        if emerging:
            left -= amount
        newcomers.append((subject, standard))
    left = 200 * WAN
    for subject, standard in newcomers:
        amount = min(standard, left)
        left -= amount
        amount -= taken.own.get(("2b", subject), 0)
        if amount > 0:
            found["2a", subject] = (amount, amount)


def _conversions(found: Amounts, taken: _Taken, claims: Shared, highest: int) -> None:
    """9b: its cap is an interval; all lower ends first, then what is left with upper ends."""
    used, own = taken.used.get(("9b", "enterprise"), 0), taken.own
    low_left, high_left = max(0, 50 * WAN - used), max(0, highest - used)
    lows = []
    for subject, standard in claims:
        due = max(0, standard - own.get(("9b", subject), 0))
        low = min(due, low_left)
        low_left -= low
        high_left -= low
        lows.append((subject, due, low))
    for subject, due, low in lows:
        more = min(due - low, high_left)
        high_left -= more
        if low + more > 0:
            found["9b", subject] = (low, low + more)


def _enterprise(
    found: Amounts, taken: _Taken, enterprise: Any, latest: Any, tests: tuple[bool, bool], titles: set[str]
) -> None:
    industrial, manufacturing = tests
    if titles:
        for title, measure, ceiling in CEILINGS:
            if title in titles:
                _decide_up_to(found, taken, measure, "enterprise", ceiling)
        for title, measure, award in AWARDS:
            if title in titles and measure not in taken.ended:
                found[measure, "enterprise"] = (award, award)
    if (
        industrial
        and latest is not None
        and latest.rd_expense
        and latest.main_business_revenue is not None
        and latest.main_business_revenue >= ABOVE_SCALE
    ):
        _pay(found, taken, "8a", "enterprise", min(_fen(TEN * latest.rd_expense), 100 * WAN), 100 * WAN)
    if manufacturing and (enterprise.steady_growth_contributor or enterprise.key_chain_link):
        _decide_up_to(found, taken, "13", "enterprise", 500 * WAN)
    partners = enterprise.chain_partners_upgraded
    if (enterprise.chain_leader or enterprise.leading_enterprise) and partners is not None and partners >= 10:
        _decide_up_to(found, taken, "14b", "enterprise", None)


def _services(found: Amounts, taken: _Taken, services: Iterable[Any]) -> None:
    providers: dict[str, Shared] = {}
    for service in sorted(services, key=_order):
        if service.fee and service.kind in KINDS:
            standard = _fen(THIRTY * service.fee)
            providers.setdefault(service.provider, []).append((f"service:{service.id}", standard))
    for provider, claims in providers.items():
        _share(found, taken, "16a", provider, claims, 5 * WAN)


def _park(found: Amounts, taken: _Taken, park: Any, last_year: int) -> None:
    water = {report.year: report.industrial_reclaimed_water for report in park.reports}
    latest, previous = water.get(last_year), water.get(last_year - 1)
    if latest is not None and previous is not None and latest - previous > LARGE_INCREASE:
        standard = min(_fen(A_CUBIC_METRE * (latest - previous)), 500 * WAN)
        _pay(found, taken, "12a", "park", standard, 500 * WAN)


def _pay(found: Amounts, taken: _Taken, measure: str, subject: str, standard: int, cap: int | None = None) -> None:
    """A claim whose cap, if it has one, is its own; `standard` is within it."""
    key = (measure, subject)
    amount = standard - taken.own.get(key, 0)
    if cap is not None:
        amount = min(amount, cap - taken.used.get(key, 0))
    if amount > 0:
        found[key] = (amount, amount)


def _share(found: Amounts, taken: _Taken, measure: str, scope: str, claims: Shared, cap: int) -> None:
    left = cap - taken.used.get((measure, scope), 0)
    for subject, standard in claims:
        amount = min(standard - taken.own.get((measure, subject), 0), left)
        if amount > 0:
            found[measure, subject] = (amount, amount)
            left -= amount


def _decide_up_to(found: Amounts, taken: _Taken, measure: str, subject: str, ceiling: int | None) -> None:
    """The authority decides, up to a ceiling or, where the notice has none, without one."""
    if ceiling is not None:
        ceiling -= taken.own.get((measure, subject), 0)
        if ceiling <= 0:
            return
    found[measure, subject] = (0, ceiling)


@lru_cache(maxsize=4096)
def _natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """P2 before P10."""
    return tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", text))


def _order(item: Any) -> Any:
    return _natural(item.id)


class _Taken:
    """Money received, in fen: of a claim, of a cap's scope, and what is ended by it."""

    __slots__ = ("blocked", "ended", "own", "paid", "used")

    def __init__(self, case: Any, last_year: int) -> None:
        self.own: dict[tuple[str, str], int] = {}
        self.used: dict[tuple[str, str], int] = {}
        self.paid: set[tuple[str, str]] = set()
        self.ended: set[str] = set()
        self.blocked: set[str] = set()
        if case is None:
            return
        providers = {f"service:{service.id}": service.provider for service in case.services}
        for receipt in case.received:
            measure = receipt.measure.removeprefix(POLICY)
            subject = receipt.subject or ("park" if measure == "12a" else "enterprise")
            unclear = receipt.amount is None or (measure in ANNUAL and receipt.year is None)
            if unclear or (measure in BY_SUBJECT and receipt.subject is None):
                if receipt.amount != 0:
                    self.blocked.add(measure)
                continue
            amount = _fen(receipt.amount * 100)
            if amount == 0:
                continue
            self.paid.add((measure, subject))
            self.ended.add(measure)
            scope = subject
            if measure == "16a":
                scope = receipt.provider or providers.get(subject, "")
            elif measure in SHARED:
                scope = "enterprise"
            this_year = receipt.year == last_year
            if this_year or measure not in YEARLY_CAP:
                self.used[measure, scope] = self.used.get((measure, scope), 0) + amount
            if this_year or measure not in ANNUAL:
                self.own[measure, subject] = self.own.get((measure, subject), 0) + amount


NOTHING = _Taken(None, 0)
