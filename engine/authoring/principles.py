"""How policies say that supports relate: which of these principles a rulebook can state, and with what; which are not modelled."""

from __future__ import annotations

from typing import NamedTuple

from conggao.facts.diagnostics import Text


class Principle(NamedTuple):
    """A principle found in real policies. `said` is the key of a page that states it; None where it is not modelled."""

    name: Text
    meaning: Text
    said: str | None


PRINCIPLES = (
    Principle(
        Text("从高不重复", "take the higher, once"),
        Text("同一支持内容择一从高", "of the supports for one line the highest is paid"),
        "conflicts: {principle: highest, against: […]}",
    ),
    Principle(
        Text("就高补差", "top up to the highest"),
        Text("已领较低的，补足差额", "what was received before is taken off"),
        "conflicts: {received: top_up}",
    ),
    Principle(
        Text("不得重复申报", "excluded at the door"),
        Text("已获支持的不再支持", "what was supported before is not supported again"),
        "conflicts: {received: exclude}",
    ),
    Principle(
        Text("可同时享受、叠加", "sum"),
        Text("写明可叠加的相加，以其合计与他项比较", "supports that stack are added up and compete by their sum"),
        "stacks_with",
    ),
    Principle(
        Text("补助与贴息二选一", "grant or interest"),
        Text("同一对象上的不同支持方式择一", "of two instruments for one subject only one"),
        "excludes",
    ),
    Principle(
        Text("同一发票、同一设备不重复", "no cost counted twice"),
        Text("每项支出只支持一次", "a line of a subject is claimed once"),
        "lines",
    ),
    Principle(
        Text("合计不超过投资的比例", "aggregate ceiling"),
        Text("对一个对象的支持合计有上限", "the supports of a subject together are at most a share of a fact"),
        "ceiling",
    ),
    Principle(
        Text("从其规定、上级新规优先", "override"),
        Text("以另一规定为准，即使其数额较低", "another rule takes over even where it pays less"),
        "amend, conflicts: {yields_to: …}",
    ),
    Principle(
        Text("仅补助一次", "once"),
        Text("在所写范围内只给一次", "paid once within its scope"),
        "once",
    ),
    Principle(
        Text("择优选择一项，选定不变", "elect one, bound by the choice"),
        Text("由企业选定，跨年有效", "the party elects, and the choice binds later years"),
        None,
    ),
    Principle(
        Text("配套", "matching"),
        Text("按上级支持的比例另行配套", "a share of what a higher level pays is added"),
        None,
    ),
    Principle(
        Text("不超过地方财政贡献", "ceiling by fiscal contribution"),
        Text("支持不超过企业的纳税贡献", "supports are at most the taxes the enterprise brought"),
        None,
    ),
    Principle(
        Text("含上级资金", "gross of higher money"),
        Text("所写数额包含上级已给的部分", "the stated amount includes what higher levels pay"),
        None,
    ),
    Principle(
        Text("同一企业多项目就高", "highest over projects"),
        Text("一家企业的多个项目只取一个", "of several projects of an enterprise only the best"),
        None,
    ),
    Principle(
        Text("按预算比例核定", "pro rata to the budget"),
        Text("全部申请汇总后才知数额", "the amount is known only when all claims are in"),
        None,
    ),
    Principle(
        Text("关联方合并", "related parties count as one"),
        Text("关联企业合并计算", "related enterprises share one claim"),
        None,
    ),
)
"""In the order of how often they were met."""
