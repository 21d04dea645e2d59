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

COUNTIES: Words = MappingProxyType({
    "兴庆区": Text("兴庆区", "Xingqing District"), "金凤区": Text("金凤区", "Jinfeng District"), "西夏区": Text("西夏区", "Xixia District"),
    "永宁县": Text("永宁县", "Yongning County"), "贺兰县": Text("贺兰县", "Helan County"), "灵武市": Text("灵武市", "Lingwu City"),
    "银川经开区": Text("银川经开区", "Yinchuan Economic and Technological Development Zone"),
    "银川高新区": Text("银川高新区", "Yinchuan High-tech Zone"), "银川综保区": Text("银川综保区", "Yinchuan Comprehensive Bonded Zone"),
    "苏银产业园": Text("苏银产业园", "Suyin Industrial Park"),
    "石嘴山市": Text("石嘴山市", "Shizuishan"), "大武口区": Text("大武口区", "Dawukou District"),
    "惠农区": Text("惠农区", "Huinong District"),
    "平罗县": Text("平罗县", "Pingluo County"),
    "吴忠市": Text("吴忠市", "Wuzhong"), "利通区": Text("利通区", "Litong District"),
    "红寺堡区": Text("红寺堡区", "Hongsibu District"),
    "青铜峡市": Text("青铜峡市", "Qingtongxia City"), "盐池县": Text("盐池县", "Yanchi County"), "同心县": Text("同心县", "Tongxin County"),
    "固原市": Text("固原市", "Guyuan"), "原州区": Text("原州区", "Yuanzhou District"), "西吉县": Text("西吉县", "Xiji County"),
    "隆德县": Text("隆德县", "Longde County"), "泾源县": Text("泾源县", "Jingyuan County"), "彭阳县": Text("彭阳县", "Pengyang County"),
    "中卫市": Text("中卫市", "Zhongwei"), "沙坡头区": Text("沙坡头区", "Shapotou District"), "中宁县": Text("中宁县", "Zhongning County"),
    "海原县": Text("海原县", "Haiyuan County"),
    "宁东基地": Text("宁东基地", "Ningdong Base"), "宁夏以外": Text("宁夏以外", "outside Ningxia"),
})  # fmt: skip
"""The counties, cities and zones of Ningxia, and one word for everywhere else; rulebooks add the places that they name."""

LEVELS: Words = MappingProxyType({
    "city": Text("市级", "city"), "region": Text("自治区级", "region"), "national": Text("国家级", "national"),
})  # fmt: skip

_OTHER_LEVELS: Mapping[str, str] = MappingProxyType({
    **dict.fromkeys(("state", "central", "country", "中央", "国", "国家部委"), "national"),
    **dict.fromkeys(("province", "provincial", "autonomous region", "regional", "省", "省级", "自治区", "直辖市"), "region"),
    **dict.fromkeys(("prefecture", "municipal", "municipality", "地级市", "地市级", "设区的市", "地市"), "city"),
    **dict.fromkeys(
        ("county", "district", "town", "township", "park", "zone", "place", "县", "县级", "区", "区级", "区县", "县区", "县区级", "乡",
         "镇", "乡镇", "街道", "园区", "园区级", "开发区"), "",
    ),
})  # fmt: skip
"""Levels of government by other words, with the level that is meant; empty for those below the city, which are not modelled."""


def other_level(word: str) -> Text | None:
    """What to write for a level of government that is no word of `LEVELS`; None where the word is no level."""
    meant = _OTHER_LEVELS.get(word.strip().casefold())
    if meant is None:
        return None
    known = Text("只有 national、region、city 三级", "the levels are national, region and city")
    if meant:
        label = LEVELS[meant]
        return Text(f"{known.zh}；此处写 `{meant}`（{label.zh}）", f"{known.en}; write `{meant}` here")
    return Text(
        f"{known.zh}，县区和园区不单作一级：县区自己的政策写 `city`，用 `place` 限定县区",
        f"{known.en}, and counties and zones are none of their own: a county's own policy is `city`, with `place` for where it applies",
    )


CORE: Mapping[str, Words] = MappingProxyType({
    "titles": TITLES, "purposes": PURPOSES, "kinds": KINDS, "levels": LEVELS, "counties": COUNTIES,
})  # fmt: skip
"""The lists by name, as facts refer to them."""

LIST_NAMES: Words = MappingProxyType({
    "titles": Text("认定称号", "title"), "purposes": Text("用途", "purpose"),
    "kinds": Text("服务类别", "kind of service"), "levels": Text("级别", "level"),
    "counties": Text("县区或园区", "county or zone"),
})  # fmt: skip
"""What one word of each list is called in a message."""


def lookup(words: Words) -> dict[str, str]:
    """Every spelling of every word (canonical name and both labels, case aside) to its canonical name."""
    spellings: dict[str, str] = {}
    for name, label in words.items():
        for spelling in (name, label.zh, label.en):
            spellings.setdefault(spelling.casefold(), name)
    return spellings
