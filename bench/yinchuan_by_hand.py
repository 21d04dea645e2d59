"""The eighteen measures of 银政办规发〔2024〕2号 by hand, in Decimal, for speed and for amounts alone: what a decision is timed against.

No reasons, no statuses, no services in kind. What is unknown is not granted. Products are exact to 28 digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
    (None, "兴庆区", "金凤区", "西夏区", "永宁县", "贺兰县", "灵武市")
    + ("银川经开区", "银川高新区", "银川综保区", "苏银产业园")
)
INTEREST_PURPOSES = frozenset(
    ("leading_industry_support", "weak_link_repair", "intelligent_upgrade", "digital_transformation")
)
KINDS = frozenset(("technical_innovation", "cloud", "branding", "project_approval"))
ANNUAL = frozenset(("1", "8a", "10d", "11", "12a", "13"))
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
    **dict.fromkeys(
        ("county", "industry", "fills_industry_gap", "newly_settled", "steady_growth_contributor", "key_chain_link")
        + ("chain_leader", "leading_enterprise", "chain_partners_upgraded")
    )
)


def decide(case: Any) -> Amounts:
    """(measure, subject) → lower and upper end in fen of all that is granted; an open upper end is None.

    A receipt that leaves out its amount (of an annual measure: or its year, of a project or service: or which) takes the claims of its
    measure out. Only receipts of this notice are counted.
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

    found: Amounts = {}
    if case.projects:
        carbon = industrial and latest is not None and previous is not None and _intensity_fell(latest, previous)
        _projects(found, case.projects, enterprise, industrial, manufacturing, carbon)
        _shared_by_projects(found, titles, doubtful)
    _enterprise(found, enterprise, latest, industrial, manufacturing, titles)
    if industrial and case.services:
        _services(found, case.services)
    if case.park is not None:
        _park(found, case.park, last_year)
    return found
