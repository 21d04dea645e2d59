"""What an outcome says when it is asked why: conditions with their values, the steps from fact to amount, remarks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from conggao.engine.decision import Range, Step, yuan
from conggao.engine.discretion import break_even_text
from conggao.engine.evaluate.record import Record
from conggao.engine.explain import Explainer
from conggao.engine.resolve import Award
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.units import MONEY, show

_PER = {
    "enterprise": Text("按企业合计", "over the enterprise"),
    "project": Text("按项目合计", "over the project"),
    "service": Text("按服务合计", "over the service"),
    "park": Text("按园区合计", "over the park"),
    "provider": Text("按服务提供方合计", "over the provider"),
}


def reasons(record: Record, award: Award | None, explainer: Explainer, lang: Lang) -> dict[str, Any]:
    """The fields of an outcome that are made when first read."""
    measure = record.compiled.measure
    return {
        "conditions": tuple(explainer.condition(condition.node, record.subject) for condition in measure.when),
        "steps": tuple(steps(record, award, explainer, lang)) if record.standard is not None else (),
        "notes": tuple(_notes(record, award, explainer, lang)),
        "difference": None if award is None or award.difference is None else yuan(award.difference),
    }


def steps(record: Record, award: Award | None, explainer: Explainer, lang: Lang) -> list[Step]:
    """The amount as a chain of named steps: pay, cap, standard, what is assessed, the shared cap, what was received, what is paid."""
    measure, subject = record.compiled.measure, record.subject
    made: list[Step] = []
    if measure.amount is None:
        made.append(_step("pay", Text("通知没有写数额", "the notice states no figure"), lang))
    else:
        made.append(Step.of({"name": "pay", "text": explainer.arithmetic(measure.amount, subject), "amount": None}))
    own_cap = record.compiled.own_cap
    if own_cap is not None and measure.cap is not None:
        ends = own_cap(subject.frame)
        said = explainer.renderer.text(measure.cap)
        per = _PER[measure.cap_per or "enterprise"]
        made.append(_step("cap", Text(f"上限 {said}（{per.zh}）", f"cap {said} ({per.en})"), lang, ends))
    made.append(
        _step("standard", Text("标准，四舍五入到分", "standard, rounded half up to the fen"), lang, record.standard)
    )
    if record.assessed is not None:
        made.append(
            _step(
                "assessed",
                Text("主管部门已核定", "the authority has decided"),
                lang,
                (record.assessed, record.assessed),
            )
        )
    if record.compiled.shared_cap is not None and measure.cap is not None and record.cap_left is not None:
        per = _PER[measure.cap_per or "enterprise"]
        said = explainer.renderer.text(measure.cap)
        made.append(
            _step(
                "shared_cap",
                Text(f"上限 {said}（{per.zh}），尚余", f"cap {said} ({per.en}), of which is left"),
                lang,
                record.cap_left,
            )
        )
    for key, left in record.ceilings:
        made.append(
            _step("ceiling", Text(f"{key} 的合计上限，尚余", f"ceiling of {key}, of which is left"), lang, (left, left))
        )
    if record.own:
        made.append(
            _step("received", Text("同一措施已领取", "received under this measure"), lang, (record.own, record.own))
        )
    if record.rival:
        made.append(
            _step(
                "received",
                Text("同一支持内容已从其他措施领取", "received under other measures on the same line"),
                lang,
                (record.rival, record.rival),
            )
        )
    if award is not None:
        made += [_step("shared_cap", said, lang, (fen, fen)) for said, fen in _used_by_others(record, award)]
        paid = (
            Text("若如此核定，最多可增加", "what it could add if so decided")
            if award.status == "contingent"
            else Text("现应付", "to be paid now")
        )
        made.append(_step("paid", paid, lang, (award.low, award.high)))
    return made


def _used_by_others(record: Record, award: Award) -> list[tuple[Text, int]]:
    """What other claims of the plan take of the cap that this one shares, where that is why it gets less; in fen."""
    left, standard = record.cap_left, record.standard
    if (
        award.status not in ("granted", "exhausted")
        or left is None
        or standard is None
        or record.compiled.shared_cap is None
    ):
        return []
    if record.ceilings or record.own or record.rival or left[0] != left[1] or award.low != award.high:
        return []
    used = left[0] - award.low
    if used <= 0 or award.low >= standard[0]:
        return []
    return [(Text("其中计划内其他申请已用", "of which other claims of the plan take"), used)]


def _step(name: str, text: Text, lang: Lang, ends: tuple[int, int | None] | None = None) -> Step:
    return Step.of({"name": name, "text": text.of(lang), "amount": None if ends is None else Range.fen(*ends)})


def _notes(record: Record, award: Award | None, explainer: Explainer, lang: Lang) -> list[str]:
    notes: list[Text] = []
    measure = record.compiled.measure
    if measure.kind == "service" and measure.service is not None:
        notes.append(measure.service)
    if record.assessed == 0:
        notes.append(Text("主管部门已核定不予支持", "the authority has refused"))
    if award is not None and award.status == "granted" and award.low != award.high and record.assessed is None:
        notes.append(Text("数额由主管部门在区间内核定", "the authority decides the amount within the interval"))
    if award is not None and award.difference:
        money = show(Fraction(award.difference, 100), MONEY, lang)
        notes.append(Text(f"若改报此项，合计少 {money}", f"claiming this instead would bring {money} less"))
    if award is not None and award.break_even is not None:
        notes.append(break_even_text(record, award.break_even, explainer))
    if measure.amended:
        names = "、".join(measure.amended)
        notes.append(Text(f"经 {names} 修改", f"as amended by {', '.join(measure.amended)}"))
    return [note.of(lang) for note in notes]
