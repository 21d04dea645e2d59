"""Who holds each fact: whether a public register has it, an authority has to judge it, or the enterprise has to hand it in.

This is what decides whether a support could be granted without an application (免申即享). A fact that is in doubt counts as handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from conggao.facts.diagnostics import Text

Holder = Literal[
    "registration", "statistics", "tax", "social_security", "utility", "ecology", "register", "published", "authority", "application",
]  # fmt: skip
HOLDERS: tuple[Holder, ...] = get_args(Holder)
LABELS: Mapping[Holder, Text] = {
    "registration": Text("登记备案", "registers of enterprises and projects"),
    "statistics": Text("统计", "statistics"),
    "tax": Text("税务", "tax"),
    "social_security": Text("社保", "social security"),
    "utility": Text("电网水务", "grid and water works"),
    "ecology": Text("生态环境", "ecology and environment"),
    "register": Text("认定名录", "lists of titles granted"),
    "published": Text("公布的数字", "published figures"),
    "authority": Text("主管部门认定", "judged by an authority"),
    "application": Text("企业提供", "handed in by the enterprise"),
}
AT_HAND: frozenset[Holder] = frozenset(HOLDERS) - {"authority", "application"}
"""Held by a public body that needs to ask no one."""

_CORE: Mapping[Holder, Mapping[str, tuple[str, ...]]] = {
    "registration": {
        "enterprise": ("credit_code", "name", "county", "industry", "division"),
        "project": ("total_investment",),
        "park": ("id", "name"),
    },
    "statistics": {
        "report": ("year", "main_business_revenue", "output_value"),
        "project": ("fixed_asset_investment",),
        "park_report": ("year",),
    },
    "tax": {"report": ("rd_expense",)},
    "social_security": {"enterprise": ("employees",)},
    "utility": {"report": ("electricity_use",), "park_report": ("industrial_reclaimed_water",)},
    "ecology": {"report": ("carbon_emissions",)},
    "authority": {
        "enterprise": (
            "fills_industry_gap", "newly_settled", "steady_growth_contributor", "key_chain_link", "chain_leader", "leading_enterprise",
        ),
        "project": (
            "targets_verified", "encouraged_transfer", "new_headquarters_or_centre", "technology_innovation", "emerging_industry",
            "new_track_or_industry", "industrialised_locally", "evident_digital_effect",
        ),
    },
    "application": {
        "enterprise": ("chain_partners_upgraded",),
        "project": (
            "id", "purposes", "loan_interest", "lease_interest", "guarantee_fee", "equipment_payment", "floor_area", "rd_investment",
            "digital_investment", "chain_support_investment", "carbon_reduction", "annual_output", "loan_principal",
            "replaces_obsolete_equipment",
        ),
        "service": ("id", "provider", "kind", "fee"),
    },
}  # fmt: skip

CORE: Mapping[tuple[str, str], Holder] = {
    (subject, name): holder for holder, owned in _CORE.items() for subject, names in owned.items() for name in names
}
"""Who holds each fact of the core vocabulary, by the kind of its subject and its name."""
