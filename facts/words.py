"""The closed lists known without any rulebook: titles, purposes, kinds of service, levels. Rulebooks add to them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conggao.facts.diagnostics import Text

Words = Mapping[str, Text]
"""Canonical name to label."""

TITLES: Words = MappingProxyType({
    "city_manufacturing_innovation_centre": Text("市级制造业创新中心", "city manufacturing innovation centre"),
    "city_new_productive_force_model": Text("市级新质生产力示范企业", "city model enterprise of new productive forces"),
    "city_little_lighthouse": Text("市级小灯塔企业", "city little lighthouse"),
    "smart_factory": Text("智能工厂", "smart factory"),
    "digital_workshop": Text("数字化车间", "digital workshop"),
    "city_digital_transformation_leader": Text("市级数字化转型引领企业", "city leader of digital transformation"),
    "city_cloud_benchmark": Text("市级上云标杆企业", "city cloud benchmark"),
    "city_light_digital_product": Text("市级优秀小快轻准产品", "city light digital product"),
    "city_top_digital_service_provider": Text("市级优秀数字化转型服务商", "city top digital service provider"),
})  # fmt: skip

PURPOSES: Words = MappingProxyType({
    "leading_industry_support": Text("主导产业配套", "support of a leading industry"),
    "weak_link_repair": Text("补短板", "repair of a weak link"),
    "intelligent_upgrade": Text("智能化改造", "intelligent upgrade"),
    "digital_transformation": Text("数字化转型", "digital transformation"),
    "equipment_renewal": Text("设备更新", "equipment renewal"),
    "major_technology_programme": Text("重大科技攻关", "major technology programme"),
    "commercialisation": Text("科技成果转化", "commercialisation of research"),
    "chain_support": Text("产业链配套", "support of an industrial chain"),
    "carbon_reduction": Text("节能降碳", "carbon reduction"),
    "industry_transfer": Text("产业转移", "industry transfer"),
    "construction": Text("建设投产", "construction"),
})  # fmt: skip

KINDS: Words = MappingProxyType({
    "technical_innovation": Text("技术创新", "technical innovation"),
    "cloud": Text("上云", "cloud"),
    "branding": Text("品牌建设", "branding"),
    "project_approval": Text("项目报批", "project approval"),
})  # fmt: skip

LEVELS: Words = MappingProxyType({
    "city": Text("市级", "city"), "region": Text("自治区级", "region"), "national": Text("国家级", "national"),
})  # fmt: skip

CORE: Mapping[str, Words] = MappingProxyType({"titles": TITLES, "purposes": PURPOSES, "kinds": KINDS, "levels": LEVELS})
"""The lists by name, as facts refer to them."""

LIST_NAMES: Words = MappingProxyType({
    "titles": Text("认定称号", "title"), "purposes": Text("用途", "purpose"),
    "kinds": Text("服务类别", "kind of service"), "levels": Text("级别", "level"),
})  # fmt: skip
"""What one word of each list is called in a message."""


def lookup(words: Words) -> dict[str, str]:
    """Every spelling of every word (canonical name and both labels, case aside) to its canonical name."""
    spellings: dict[str, str] = {}
    for name, label in words.items():
        for spelling in (name, label.zh, label.en):
            spellings.setdefault(spelling.casefold(), name)
    return spellings
