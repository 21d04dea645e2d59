"""The words of a decision: statuses, levels, recipients and payers in both languages, amounts as a person writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from conggao.engine.decision import Range, Status
from conggao.facts.diagnostics import Lang, Text

STATUS: Mapping[Status, Text] = {
    "granted": Text("可领取", "granted"),
    "contingent": Text("视核定而定", "contingent"),
    "superseded": Text("让位", "superseded"),
    "received": Text("已领取", "received"),
    "exhausted": Text("额度已用完", "exhausted"),
    "unmet": Text("不符合", "unmet"),
    "undetermined": Text("待补资料", "undetermined"),
    "service": Text("服务", "service"),
    "programme": Text("统筹项目", "programme"),
    "not_in_force": Text("不适用", "not in force"),
}
LEVEL: Mapping[str, Text] = {
    "national": Text("国家", "national"),
    "region": Text("自治区", "region"),
    "city": Text("市级", "city"),
}
RECIPIENTS: Mapping[str, Text] = {
    "enterprise": Text("企业", "enterprise"),
    "park": Text("园区", "park"),
    "provider": Text("服务提供方", "provider"),
}
PAYERS: Mapping[str, Text] = {
    "national": Text("国家", "the nation"),
    "region": Text("自治区", "the region"),
    "city": Text("市级", "the city"),
    "county": Text("县区和园区", "the county or park"),
}
SUBJECTS: Mapping[str, Text] = {
    "enterprise": Text("企业", "enterprise"),
    "project": Text("项目", "project"),
    "service": Text("服务", "service"),
    "park": Text("园区", "park"),
}


def payer_name(payer: str, lang: Lang) -> str:
    """`county` as `县区和园区承担`; a payer of a page's own by the page's name."""
    label = PAYERS.get(payer)
    return Text(f"{label.zh}承担", f"paid by {label.en}").of(lang) if label else payer


def subject_name(subject: str | None, lang: Lang) -> str:
    """`project:P1` as `项目 P1`; empty for no subject."""
    if subject is None:
        return ""
    kind, _, id_ = subject.partition(":")
    return f"{SUBJECTS[kind].of(lang)} {id_}".strip()


def short(measure: str) -> str:
    """The measure's own id."""
    return measure.rpartition("/")[2]


def beside(name: str, measure: str) -> str:
    """A claim (`policy/id` or `policy/id@subject`) named beside `measure`: without the policy where that is the same."""
    return short(name) if name.partition("/")[0] == measure.partition("/")[0] else name


def claim_name(name: str, measure: str, lang: Lang) -> str:
    """`policy/id@project:P1` as a person reads it beside `measure`."""
    claim, _, subject = beside(name, measure).partition("@")
    return (
        f"{claim}（{subject_name(subject, lang)}）"
        if subject and lang == "zh"
        else (f"{claim} ({subject_name(subject, lang)})" if subject else claim)
    )


def money(value: Decimal | None, lang: Lang) -> str:
    """`1,000,000.00`; the open end of an interval in words."""
    return Text("未定", "open").of(lang) if value is None else f"{value:,.2f}"


def amount(range_: Range | None, lang: Lang, absent: str = "–") -> str:
    """One amount, or `low – high`; `absent` where there is none."""
    if range_ is None:
        return absent
    if range_.low == range_.high:
        return money(range_.low, lang)
    return f"{money(range_.low, lang)} – {money(range_.high, lang)}"


def yuan(range_: Range | None, lang: Lang) -> str:
    """An amount with its unit: after it in Chinese, before it in English."""
    return f"{amount(range_, lang)} 元" if lang == "zh" else f"CNY {amount(range_, lang)}"


def signed(value: Decimal) -> str:
    """`+1,000.00`, `−1,000.00`; a dash for no difference."""
    return "–" if not value else f"{value:+,.2f}".replace("-", "−")
