"""Findings made elsewhere, as a page is read or its cases are run: documented here with the others."""

from __future__ import annotations

from conggao.engine.authoring.lints.lint import Lint
from conggao.facts.diagnostics import Text


def _tiers(rows: str, sentence: str) -> str:
    return f"""
## （一）研发投入奖励

{sentence}

| 超过 | 不超过 | 给予 |
|---|---|---|
{rows}

```measure
id: steps
title: {{zh: 研发投入奖励, en: R&D award}}
subject: enterprise
lines: [research_expense]
tiers: 上年度.研发费用
```
"""


_SAID = "按研发费用分档奖励："
_STEPS = _tiers("| 500 万元 | 1000 万元 | 10 万元 |\n| 1000 万元 | | 30 万元 |", _SAID)

GAP = Lint(
    "tiers/gap",
    "error",
    Text("档次之间有空缺", "a gap between two steps"),
    Text(
        "一档的上限低于下一档的下限，其间的数额哪一档都不算。",
        "A step ends below where the next begins: what lies between is in no step.",
    ),
    Text("让每一档从前一档的上限开始", "let each step begin where the one before it ends"),
    bad=_tiers("| 500 万元 | 800 万元 | 10 万元 |\n| 1000 万元 | | 30 万元 |", _SAID),
    good=_STEPS,
)
OVERLAP = Lint(
    "tiers/overlap",
    "error",
    Text("两档重叠", "two steps that overlap"),
    Text(
        "一个数额同时属于两档，给多少就不清楚。",
        "An amount lies in two steps at once, and what it is given is not clear.",
    ),
    Text("让每一档从前一档的上限开始", "let each step begin where the one before it ends"),
    bad=_tiers("| 500 万元 | 1200 万元 | 10 万元 |\n| 1000 万元 | | 30 万元 |", _SAID),
    good=_STEPS,
)
EMPTY = Lint(
    "tiers/empty",
    "error",
    Text("空的一档", "a step that is empty"),
    Text("这一档的下限不低于上限，没有数额属于它。", "The step ends where it begins, or before: no amount lies in it."),
    Text("核对这一档的两个数", "look at the two figures of the step"),
    bad=_tiers("| 1000 万元 | 500 万元 | 10 万元 |", _SAID),
    good=_STEPS,
)


def _pair(relation: str) -> str:
    return f"""
## （一）研发补助与奖励

有研发费用的企业，补助研发费用的 10%。

```measure
id: rd
title: {{zh: 研发补助, en: R&D support}}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元]
pay: 10% * 上年度.研发费用
{relation}```

奖励研发费用的 2%。

```measure
id: award
title: {{zh: 研发奖励, en: R&D award}}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元]
pay: 2% * 上年度.研发费用
```
"""


TWICE = Lint(
    "page/overlap",
    "error",
    Text("两项措施支持同一内容而没有写明关系", "two measures on one line with nothing said"),
    Text(
        "同一政策的两项措施为同一对象的同一内容付款，而没有写明可以叠加还是只取其一。两部政策之间只作警告，按择一从高处理。",
        "Two measures of one policy pay for the same line of the same subject, and nothing says whether both are paid or one. "
        "Between two policies this is a warning, and one of them only is assumed.",
    ),
    Text("写 `stacks_with: […]` 或 `excludes: […]`", "write `stacks_with: […]` or `excludes: […]`"),
    bad=_pair(""),
    good=_pair("stacks_with: [award]\n"),
)

_RULE = """
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
"""

UNCOVERED = Lint(
    "page/uncovered",
    "warning",
    Text("没有案例的措施", "a measure without a case"),
    Text(
        "没有案例显示这项措施适用，或者没有案例显示它不适用：规则写反了也看不出来。",
        "No case shows the measure to apply, or none shows it not to: a rule written the wrong way round would not be noticed.",
    ),
    Text("门槛两侧各写一个 `case`", "write a `case` on each side of the threshold"),
    bad=_RULE,
    good=_RULE
    + """
```case
name: 研发费用 100 万元
as_of: 2025-03-01
given: {reports: [{year: 2024, rd_expense: 100 万元}]}
expect: {rd: 10 万元}
```

```case
name: 没有研发费用
as_of: 2025-03-01
given: {reports: [{year: 2024, rd_expense: 0 元}]}
expect: {rd: unmet}
```
""",
)

MARKED = Lint(
    "page/gap",
    "warning",
    Text("待填之处", "a gap that is still to be filled in"),
    Text(
        "页面里以「待填」开头的注释还没有处理：起草时留下的空缺不会被忘记。",
        "A comment of the page that begins with TODO is still there: what a draft left open is not forgotten.",
    ),
    Text("填好以后删去此注释", "take the comment away once that is done"),
    bad=f"{_RULE}\n<!-- 待填 TODO：上限未写 / the cap is not written -->\n",
    good=_RULE,
)

UNSEEN = Lint(
    "page/not-seen",
    "warning",
    Text("有一部分没有见到", "something that was not seen"),
    Text(
        "解读说文号、附件或别的部分没有见到，规则照已见的部分写。这条警告可以一直留着：它让读的人知道依据缺了什么，不影响决定。",
        "A reading says that a number, an annex or another part was not seen, and the rule is written from what was. "
        "The warning may stay: it tells a reader what the page could not rest on, and changes no decision.",
    ),
    Text(
        "可以保留；见到以后补写规则，并删去这条解读",
        "it may stay; once it is seen, complete the rule and take the reading away",
    ),
    bad=_RULE.replace("lines:", "interpretation: {zh: 附件未见。, en: The annex was not seen.}\nlines:"),
    good=_RULE,
)
