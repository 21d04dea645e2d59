"""What the synthetic province is made of. Every figure here is invented; the shapes are those one would expect of an inland province."""

from __future__ import annotations

from typing import NamedTuple


class Sector(NamedTuple):
    """An industry: its code in GB/T 4754, its share of enterprises, and what is typical of one of them."""

    industry: str
    name: str
    share: float
    revenue: float
    """Median of the yearly revenue, yuan."""
    spread: float
    """Standard deviation of its logarithm."""
    research: float
    """Share of enterprises with R&D."""
    carbon: float
    """Median tonnes of CO2 per million yuan of output; 0 where none is reported."""
    power: float
    """Median kWh per thousand yuan of output."""


SECTORS = (
    Sector("0610", "煤炭", 0.01, 1.8e8, 1.5, 0.25, 95, 60),
    Sector("1353", "食品", 0.07, 2.4e7, 1.3, 0.20, 12, 35),
    Sector("1512", "酒业", 0.03, 1.2e7, 1.2, 0.15, 9, 30),
    Sector("1713", "纺织", 0.03, 3.0e7, 1.3, 0.20, 14, 70),
    Sector("2614", "化工", 0.05, 9.0e7, 1.6, 0.45, 160, 190),
    Sector("2710", "医药", 0.02, 6.0e7, 1.4, 0.70, 18, 45),
    Sector("3011", "建材", 0.06, 2.8e7, 1.3, 0.15, 210, 120),
    Sector("3140", "铁合金", 0.02, 2.0e8, 1.4, 0.25, 380, 900),
    Sector("3250", "有色", 0.02, 1.6e8, 1.5, 0.40, 140, 420),
    Sector("3421", "机床", 0.04, 4.5e7, 1.4, 0.60, 6, 28),
    Sector("3525", "模具", 0.05, 1.8e7, 1.1, 0.45, 5, 30),
    Sector("3825", "光伏", 0.02, 3.5e8, 1.7, 0.75, 30, 160),
    Sector("3985", "电子材料", 0.02, 2.2e8, 1.5, 0.80, 35, 140),
    Sector("4014", "仪表", 0.03, 3.2e7, 1.2, 0.70, 3, 15),
    Sector("4411", "电力", 0.01, 4.0e8, 1.5, 0.20, 900, 80),
    Sector("4620", "水务", 0.02, 1.5e7, 1.0, 0.08, 20, 210),
    Sector("4710", "建筑", 0.08, 2.5e7, 1.4, 0.08, 0, 6),
    Sector("5164", "贸易", 0.14, 1.4e7, 1.5, 0.02, 0, 2),
    Sector("5430", "货运", 0.07, 9.0e6, 1.2, 0.02, 0, 4),
    Sector("6510", "软件", 0.09, 8.0e6, 1.3, 0.75, 0, 6),
    Sector("7320", "研究", 0.04, 7.0e6, 1.2, 0.60, 0, 8),
    Sector("7259", "商务", 0.08, 5.0e6, 1.1, 0.05, 0, 3),
)

COUNTIES = (
    ("兴庆区", 0.10), ("金凤区", 0.11), ("西夏区", 0.07), ("永宁县", 0.06), ("贺兰县", 0.06), ("灵武市", 0.06),
    ("银川经开区", 0.08), ("银川高新区", 0.05), ("银川综保区", 0.02), ("苏银产业园", 0.03),
    ("石嘴山市", 0.13), ("吴忠市", 0.12), ("中卫市", 0.07), ("固原市", 0.04),
)  # fmt: skip
PARKS = {"银川经开区": "JKQ", "银川高新区": "GXQ", "银川综保区": "ZBQ", "苏银产业园": "SYY"}
"""The counties that are parks, with the id of the park."""

PURPOSES = (
    ("equipment_renewal", 0.34), ("intelligent_upgrade", 0.22), ("digital_transformation", 0.20), ("construction", 0.16),
    ("commercialisation", 0.10), ("carbon_reduction", 0.13), ("chain_support", 0.09), ("leading_industry_support", 0.12),
    ("weak_link_repair", 0.07), ("major_technology_programme", 0.03), ("industry_transfer", 0.05),
)  # fmt: skip
TITLES = (
    # title, level, share among large enterprises
    ("digital_workshop", "region", 0.05), ("smart_factory", "region", 0.03), ("city_little_lighthouse", "city", 0.03),
    ("city_digital_transformation_leader", "city", 0.02), ("city_cloud_benchmark", "city", 0.04),
    ("city_manufacturing_innovation_centre", "city", 0.01), ("city_new_productive_force_model", "city", 0.02),
    ("manufacturing_innovation_centre", "region", 0.004),
)  # fmt: skip
KINDS = ("technical_innovation", "cloud", "branding", "project_approval")
PROVIDERS = 400
"""Service providers, who share all customers among them."""
RECEIVED = (("yinchuan-2024-2/8a", 0.02), ("yinchuan-2024-2/9a", 0.003), ("ningxia-rd-2022/general", 0.015))
"""Measures under which some enterprises have had money before."""
