"""What the pages themselves say, in both languages: headings, and the few sentences around the figures."""

from __future__ import annotations

from collections.abc import Mapping

from conggao.facts.diagnostics import Lang, Text

WORDS: Mapping[str, Text] = {
    "rulebook": Text("规则书", "Rulebook"),
    "reading": Text("解读", "Reading"),
    "case": Text("案例", "Worked case"),
    "cases": Text("其他案例", "Other worked cases"),
    "given": Text("已知", "Given"),
    "result": Text("结果", "Result"),
    "failed": Text("（与预期不符）", "(not as expected)"),
    "derive": Text("概念", "Notion"),
    "facts": Text("事实", "Facts"),
    "parameter": Text("借用的数字", "Borrowed figure"),
    "amend": Text("修改", "Amendment"),
    "fingerprint": Text("页面校验码", "Hash of the page"),
    "title": Text("政策支持申领报告", "Report on policy support"),
    "unnamed": Text("（未具名企业）", "(unnamed enterprise)"),
    "credit_code": Text("统一社会信用代码", "Credit code"),
    "county": Text("所在县区或园区", "County or park"),
    "as_of": Text("决定日期", "Decided as of"),
    "policies_used": Text("依据的政策", "Policies applied"),
    "in_yuan": Text("金额（元）", "CNY"),
    "total": Text("合计", "Total"),
    "totals": Text("合计", "Totals"),
    "by_recipient": Text("谁领取", "By recipient"),
    "by_payer": Text("谁支付（有把握的部分）", "By payer (what is sure)"),
    "range_note": Text(
        "两个数额之间的，由主管部门核定；前一个是有把握的。",
        "Where two amounts are shown, an authority decides between them; the first is sure.",
    ),
    "plan": Text("申领方案", "What to claim"),
    "order": Text("次序", "Order"),
    "level": Text("层级", "Level"),
    "measure": Text("措施", "Measure"),
    "subject": Text("对象", "For"),
    "status": Text("结果", "Outcome"),
    "nothing": Text("目前没有可领取的资金。", "Nothing is payable now."),
    "order_note": Text(
        "按此次序申领：先报上级，再报下级；上级支付多少，报下级时已经知道。",
        "Claim in this order, the higher level first: what it pays is then known when a lower level is asked.",
    ),
    "leave": Text("不申领的", "What to leave"),
    "why": Text("原因", "Reason"),
    "discretion": Text("由主管部门核定的", "What an office decides"),
    "reasons": Text("理由", "Reasons"),
    "conditions": Text("条件", "Conditions"),
    "arithmetic": Text("计算", "Arithmetic"),
    "interpretation": Text("采用的解读", "Readings taken"),
    "remarks": Text("说明", "Remarks"),
    "paid_by": Text("由谁支付", "Paid by"),
    "contested": Text("资料补齐后可能被推翻，取代者", "Could still be overturned, once facts are known, by"),
    "amended": Text("已经修改，修改者", "As amended by"),
    "missing": Text("缺少的资料", "What is missing"),
    "missing_note": Text(
        "下列事实不明，所涉措施因此不能判定。",
        "These facts are unknown, so the measures that hang on them cannot be decided.",
    ),
    "fact": Text("事实", "Fact"),
    "opens": Text("所涉措施", "Measures it could open"),
    "would_bring": Text("会带来（元）", "What it would bring, CNY"),
    "unmet": Text("不符合的", "What is not met"),
    "condition": Text("未满足的条件", "Condition not met"),
    "distance": Text("差距", "How far off"),
    "services": Text("可享受的服务", "Services in kind"),
    "elsewhere": Text("其他措施", "Other measures"),
    "notes": Text("附注", "Notes"),
    "rulebooks": Text("政策文件", "Rulebooks"),
    "in_force": Text("有效期", "In force"),
    "hash": Text("规则文本 SHA-256", "SHA-256 of the rules"),
    "hash_note": Text(
        "用同样的事实、日期和规则文本重新判定，结果逐字节相同。",
        "The same facts, day and rules decide the same, to the byte.",
    ),
    "disclaimer": Text(
        "本报告按所列政策和企业陈述的事实推算，最终以主管部门的审核为准。",
        "Computed from the policies listed and the facts as stated; the decision of the authority prevails.",
    ),
    "comparison": Text("前后对照", "Before and after"),
    "before": Text("原来", "Before"),
    "after": Text("现在", "After"),
    "difference": Text("差额（元）", "Difference, CNY"),
    "no_change": Text("没有变化。", "Nothing changes."),
    "holds": Text("满足", "holds"),
    "fails": Text("不满足", "does not hold"),
    "unknown": Text("不明", "unknown"),
    "standard": Text("标准（元）", "Standard, CNY"),
}


def words(lang: Lang) -> dict[str, str]:
    """All of them in one language, by name."""
    return {name: text.of(lang) for name, text in WORDS.items()}
