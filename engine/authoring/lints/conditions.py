"""Lints of conditions: what can never hold, what always does, what others already say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conggao.engine.authoring.lints.lint import Lint, Sheet, key_span, listed
from conggao.engine.language.tree import Place
from conggao.facts.diagnostics import Diagnostic, Span, Text

if TYPE_CHECKING:
    from conggao.engine.authoring.proof.questions import Part, Question


def _span(question: Question, index: int) -> Span:
    condition = question.measure.when[index]
    return condition.origin.span(Place(0, len(condition.text)))


def _texts(question: Question, indexes: tuple[int, ...]) -> Text:
    return listed(question.measure.when[index].text for index in indexes)


def _never(sheet: Sheet) -> Iterator[Diagnostic]:
    for question in sheet.questions:
        measure = question.measure
        verdict, core = question.never
        if verdict == "open":
            message = Text(f"未能证明 `{measure.id}` 能否适用", f"not proven whether `{measure.id}` can ever apply")
            yield sheet.say(NEVER, measure.origin.span(_word(measure.id)), message, measure, severity="note")
        elif verdict == "cannot":
            said = _texts(question, core)
            message = (
                Text(
                    f"`{measure.id}` 永远不会适用：{said.zh} 从不成立",
                    f"`{measure.id}` can never apply: {said.en} never holds",
                )
                if len(core) == 1
                else Text(
                    f"`{measure.id}` 永远不会适用：{said.zh} 互相矛盾",
                    f"`{measure.id}` can never apply: {said.en} contradict each other",
                )
            )
            where = _span(question, core[-1]) if core else measure.origin.span(_word(measure.id))
            yield sheet.say(NEVER, where, message, measure)


def _idle(sheet: Sheet, *, implied: bool) -> Iterator[Diagnostic]:
    for question in sheet.questions:
        if question.never[0] != "can":
            continue  # where nothing can hold, everything follows
        for index, core in question.idle_conditions():
            text = question.measure.when[index].text
            if core and implied:
                said = _texts(question, core)
                message = Text(f"{said.zh} 成立时 `{text}` 必然成立", f"`{text}` follows from {said.en}")
                yield sheet.say(IMPLIED, _span(question, index), message, question.measure)
            elif not core and not implied:
                message = Text(f"`{text}` 从不为假，等于没有写", f"`{text}` is never false: it says nothing")
                yield sheet.say(ALWAYS, _span(question, index), message, question.measure)
        for index in () if implied else question.unsettled:
            text = question.measure.when[index].text
            message = Text(f"未能证明 `{text}` 是否多余", f"not proven whether `{text}` is needed")
            yield sheet.say(ALWAYS, _span(question, index), message, question.measure, severity="note")


def _always(sheet: Sheet) -> Iterator[Diagnostic]:
    return _idle(sheet, implied=False)


def _implied(sheet: Sheet) -> Iterator[Diagnostic]:
    return _idle(sheet, implied=True)


def _dead(sheet: Sheet) -> Iterator[Diagnostic]:
    for question in sheet.questions:
        if question.never[0] != "can":
            continue
        for part in question.dead_parts():
            text = _said(sheet, part)
            because = _texts(question, part.because)
            zh = f"{because.zh} 成立时" if part.because else ""
            en = f" where {because.en} hold" if part.because else ""
            if isinstance(part.within, int):
                message = Text(
                    f"{zh}`{text}` 从不成立，这一选项是多余的", f"`{text}` is never true{en}: this alternative is idle"
                )
                where = question.measure.when[part.within].origin.span(part.node.place)
            else:
                message = Text(f"{zh}`{text}` 这一档从不会用到", f"the branch for `{text}` is never reached{en}")
                where = _branch(question, part)
            yield sheet.say(DEAD, where, message, question.measure)


def _branch(question: Question, part: Part) -> Span:
    """Where a branch of an amount or a cap stands."""
    data = question.measure
    page = question.policy.page.name
    if part.within == "cap":
        return key_span(page, data.block, ("cap", part.number, "when"))
    for key in ("up_to", "pay", "tiers"):
        if f"\n{key}:" in f"\n{data.block.text}":
            return key_span(page, data.block, (key, part.number, "when"))
    return data.origin.span(_word(data.id))


def _said(sheet: Sheet, part: Part) -> str:
    return sheet.engine.program.renderer("zh").say(part.node)


def _word(text: str) -> Place:
    return Place(0, len(text))


NEVER = Lint(
    "rule/never",
    "error",
    Text("措施永远不会适用", "a measure that can never apply"),
    Text(
        "对所有可能的企业，这些条件都不能同时成立。检查按精确数值证明，并列出互相矛盾的条件。",
        "No enterprise can meet these conditions at once. This is proven exactly, and the conditions that contradict each other are named.",
    ),
    Text("检查比较符的方向和门槛的单位", "look at the direction of the comparisons and at the units of the thresholds"),
    bad="""
## （一）研发补助

上年度研发费用超过 500 万元、不满 300 万元的工业企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when:
  - 工业企业
  - 上年度.研发费用 > 500 万元
  - 上年度.研发费用 < 300 万元
pay: 10% * 上年度.研发费用
```
""",
    good="""
## （一）研发补助

上年度研发费用超过 300 万元、不满 500 万元的工业企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when:
  - 工业企业
  - 上年度.研发费用 > 300 万元
  - 上年度.研发费用 < 500 万元
pay: 10% * 上年度.研发费用
```
""",
    find=_never,
    proofs=True,
)

ALWAYS = Lint(
    "rule/always",
    "warning",
    Text("从不为假的条件", "a condition that is never false"),
    Text(
        "这个条件对任何企业都不会不成立，写与不写结果一样，多半是门槛写错了。事实不明时它仍为不明。",
        "No enterprise fails this condition, so it decides nothing; most often its threshold is wrong. "
        "Where its facts are unknown it is unknown.",
    ),
    Text("改正门槛，或删去这个条件", "mend the threshold, or leave the condition out"),
    bad="""
## （一）研发补助

有研发费用的企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 ≥ 0 元]
pay: 10% * 上年度.研发费用
```
""",
    good="""
## （一）研发补助

有研发费用的企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元]
pay: 10% * 上年度.研发费用
```
""",
    find=_always,
    proofs=True,
)

IMPLIED = Lint(
    "rule/implied",
    "note",
    Text("由其他条件必然得出的条件", "a condition that follows from others"),
    Text(
        "其他条件成立时，这个条件不会不成立。法规原文常这样重复，所以只作提示；若原文没有，请核对门槛。",
        "Where the other conditions hold, this one cannot fail. The law often repeats itself so, hence only a note; "
        "where the text does not say it twice, look at the threshold.",
    ),
    Text("若原文没有重复，核对门槛", "where the text does not say it twice, look at the threshold"),
    bad="""
## （一）研发补助

上年度研发费用超过 100 万元、主营业务收入不低于 2000 万元且研发费用超过 300 万元的企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when:
  - 上年度.研发费用 > 100 万元
  - 上年度.主营业务收入 ≥ 2000 万元
  - 上年度.研发费用 > 300 万元
pay: 10% * 上年度.研发费用
```
""",
    good="""
## （一）研发补助

上年度主营业务收入不低于 2000 万元且研发费用超过 300 万元的企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when:
  - 上年度.主营业务收入 ≥ 2000 万元
  - 上年度.研发费用 > 300 万元
pay: 10% * 上年度.研发费用
```
""",
    find=_implied,
    proofs=True,
)

DEAD = Lint(
    "rule/dead-branch",
    "warning",
    Text("从不会用到的选项或档次", "an alternative or a branch that is never reached"),
    Text(
        "“或”的一个选项，或者数额、上限的一档，在其余条件成立时从不出现。",
        "An alternative of an `or`, or a branch of an amount or a cap, never occurs while the other conditions hold.",
    ),
    Text(
        "核对门槛和先后顺序：前面的档次先用",
        "look at the thresholds and at the order: the first branch that holds is taken",
    ),
    bad="""
## （一）研发补助

有研发费用的企业补助研发费用的 10%，最高 100 万元；研发费用超过 500 万元的最高 200 万元，超过 1000 万元的最高 300 万元。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元]
pay: 10% * 上年度.研发费用
cap:
  - {when: 上年度.研发费用 > 500 万元, value: 200 万元}
  - {when: 上年度.研发费用 > 1000 万元, value: 300 万元}
  - {otherwise: 100 万元}
```
""",
    good="""
## （一）研发补助

有研发费用的企业补助研发费用的 10%，最高 100 万元；研发费用超过 500 万元的最高 200 万元，超过 1000 万元的最高 300 万元。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元]
pay: 10% * 上年度.研发费用
cap:
  - {when: 上年度.研发费用 > 1000 万元, value: 300 万元}
  - {when: 上年度.研发费用 > 500 万元, value: 200 万元}
  - {otherwise: 100 万元}
```
""",
    find=_dead,
    proofs=True,
)
