"""Lints of money: a cap that cannot bind, a threshold beyond which a yuan more loses money."""

from __future__ import annotations

from collections.abc import Iterator

from conggao.engine.authoring.lints.cases import as_yaml
from conggao.engine.authoring.lints.lint import Lint, Sheet, key_span
from conggao.engine.language.tree import Place
from conggao.facts.diagnostics import Diagnostic, Text


def _cap(sheet: Sheet) -> Iterator[Diagnostic]:
    for question in sheet.questions:
        measure = question.measure
        alone = measure.cap_per == measure.subject
        # Claims of several years on a yearly line add up under a cap for ever, even if none of them reaches it.
        once = measure.cap_yearly or measure.once is not None or not measure.annual
        if measure.cap is None or not alone or not once or question.never[0] != "can":
            continue
        binds = question.cap_binds()
        where = key_span(question.policy.page.name, measure.block, ("cap",))
        if binds == "open":
            message = Text(
                f"未能证明 `{measure.id}` 的上限会不会起作用", f"not proven whether the cap of `{measure.id}` can bind"
            )
            yield sheet.say(CAP, where, message, measure, severity="note")
        elif binds == "cannot":
            message = Text(
                f"`{measure.id}` 的数额从不会超过上限", f"what `{measure.id}` pays never comes to more than its cap"
            )
            yield sheet.say(CAP, where, message, measure)


def _cliff(sheet: Sheet) -> Iterator[Diagnostic]:
    for question in sheet.questions:
        measure = question.measure
        if measure.kind not in ("pay", "up_to") or question.never[0] != "can":
            continue
        for address in question.money_facts():
            found = question.cliff(address)
            if found is None:
                continue
            before, after = (question.standard(case) for case in found)
            assert before is not None
            assert after is not None
            label = sheet.engine.program.renderer("zh").fact(address[0])
            label_en = sheet.engine.program.renderer("en").fact(address[0])
            message = Text(
                f"{label}多一元，`{measure.id}` 从 {before:,.2f} 元降到 {after:,.2f} 元",
                f"one yuan more of {label_en} takes `{measure.id}` from {before:,.2f} down to {after:,.2f}",
            )
            where = measure.origin.span(Place(0, len(measure.id)))
            yield sheet.say(CLIFF, where, message, measure, cases=tuple(as_yaml(case) for case in found))


CAP = Lint(
    "cap/never-binds",
    "warning",
    Text("从不起作用的上限", "a cap that can never bind"),
    Text(
        "在条件允许的范围内，数额从不会超过上限；不是数额写小了，就是上限写大了。只在上限不跨对象、不跨年度累计时检查。",
        "Within what the conditions allow, the amount never comes to more than the cap: either is off. "
        "Looked at only where the cap does not add up over several subjects or years.",
    ),
    Text("核对数额与上限的数字和单位", "look at the figures and units of amount and cap"),
    bad="""
## （一）示范企业奖励

新落地的企业一次性奖励 20 万元，最高 50 万元。

```measure
id: award
title: {zh: 落地奖励, en: Settlement award}
subject: enterprise
lines: [innovation_model]
when: [新落地]
pay: 20 万元
cap: 50 万元
once: enterprise
```
""",
    good="""
## （一）示范企业奖励

新落地的企业一次性奖励 20 万元。

```measure
id: award
title: {zh: 落地奖励, en: Settlement award}
subject: enterprise
lines: [innovation_model]
when: [新落地]
pay: 20 万元
once: enterprise
```
""",
    find=_cap,
    proofs=True,
)

CLIFF = Lint(
    "amount/cliff",
    "note",
    Text("多一元反而少得的门槛", "a threshold at which one yuan more loses money"),
    Text(
        "某项金额多一元，补助就少一元以上。法规确有这样的门槛，所以只作提示，并附门槛两侧各一个可以运行的案例。",
        "One yuan more of some amount costs more than a yuan of support. The law does have such thresholds, hence a note, "
        "with a runnable case on each side.",
    ),
    Text(
        "若原文没有这个断点，用分档或超额部分计算",
        "where the text has no such break, use steps or count only what is above",
    ),
    bad="""
## （一）小企业研发补助

上年度主营业务收入不超过 2000 万元的企业，补助研发费用的 10%。

```measure
id: small
title: {zh: 小企业研发补助, en: R&D support for small enterprises}
subject: enterprise
lines: [research_expense]
when: [上年度.主营业务收入 ≤ 2000 万元]
pay: 10% * 上年度.研发费用
```
""",
    good="""
## （一）研发补助

上年度主营业务收入不低于 2000 万元的企业，补助研发费用的 10%。

```measure
id: large
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [上年度.主营业务收入 ≥ 2000 万元]
pay: 10% * 上年度.研发费用
```
""",
    find=_cliff,
    proofs=True,
)
