"""Lints of a page as a whole: derived facts, clauses, dates, amendments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from conggao.engine.authoring.lints.lint import DAYS_SOON, Lint, Sheet, key_span
from conggao.engine.language.tree import Node, Place
from conggao.engine.rulebook.amend import Amendment
from conggao.engine.rulebook.model import Measure
from conggao.facts.diagnostics import Diagnostic, Span, Text

_MENTIONED = ("not modelled", "not_modelled", "未建模", "不建模", "待填", "todo", "页首", "front matter")
"""Words below a clause that account for it: it is not modelled, stands in the front matter, or is marked as a gap and reported so."""
_FRAME = ("附则", "总则")
"""Clauses about dates, purpose and interpretation: nothing of them is a rule."""


def _unused(sheet: Sheet) -> Iterator[Diagnostic]:
    for item in sheet.books.derivations:
        if item.policy != sheet.policy.id or (item.subject, item.name) in sheet.uses:
            continue
        message = Text(
            f"没有规则用到 `{item.name}`（{item.label.zh}）", f"no rule uses `{item.name}` ({item.label.en})"
        )
        yield sheet.say(UNUSED, item.origin.span(Place(0, len(item.name))), message)


def _clauses(sheet: Sheet) -> Iterator[Diagnostic]:
    """A clause heading with neither a block below it nor a word that it is not modelled."""
    page = sheet.policy.page
    held = {block.clause for block in page.blocks}
    lines = page.text.split("\n")
    starts = [line for _, _, line in page.clauses] + [len(lines) + 1]
    for index, (number, heading, line) in enumerate(page.clauses):
        below = "\n".join(lines[line : starts[index + 1] - 1]).casefold()
        if number in held or any(word in heading for word in _FRAME) or any(word in below for word in _MENTIONED):
            continue
        message = Text(f"「{heading}」之下没有规则", f"nothing is written as a rule under “{heading}”")
        column = lines[line - 1].find(heading) + 1
        yield sheet.say(CLAUSE, Span(page.name, line, column or None, len(heading)), message)


def _soon(sheet: Sheet) -> Iterator[Diagnostic]:
    ends = sheet.policy.ends
    if ends is None or not sheet.on <= ends <= sheet.on + timedelta(days=DAYS_SOON):
        return
    left = (ends - sheet.on).days
    message = Text(f"有效期到 {ends} 为止，还有 {left} 天", f"it is in force until {ends}: {left} days are left")
    page = sheet.policy.page
    line = next((n for n, text in enumerate(page.text.split("\n"), 1) if text.startswith("in_force:")), 1)
    column = page.text.split("\n")[line - 1].find(str(ends)) + 1
    yield sheet.say(SOON, Span(page.name, line, column or None, len(str(ends))), message)


def _same(sheet: Sheet) -> Iterator[Diagnostic]:
    """An amendment that leaves its measure as it was."""
    for item in sheet.books.amendments:
        if item.policy != sheet.policy.id or item.repeal:
            continue
        after = _measure(sheet, item, item.begins)
        before = _measure(sheet, item, item.begins - timedelta(days=1))
        if after is None or before is None or said(after) != said(before):
            continue
        others = [a for a in sheet.books.amendments if a.measure == item.measure and a.begins == item.begins]
        if len(others) > 1:
            continue  # together they may change much and change it back
        message = Text(f"对 `{item.measure}` 的修改没有改变什么", f"this changes nothing of `{item.measure}`")
        yield sheet.say(AMEND, key_span(sheet.policy.page.name, item.block, ("set",)), message)


def _measure(sheet: Sheet, item: Amendment, day: date) -> Measure | None:
    found = sheet.books.on(day).find(item.measure)
    return None if found is None else found[1]


def said(measure: Measure) -> tuple[object, ...]:
    """Everything that a measure says, apart from where it says it."""
    nodes: list[Node] = [condition.node for condition in measure.when]
    return (
        measure.kind, measure.subject, measure.lines, tuple(nodes), measure.amount, measure.cap, measure.cap_per, measure.cap_yearly,
        measure.once, measure.recipient, measure.funding, measure.service, measure.stacks_with, measure.excludes, measure.ceiling,
        measure.title, measure.interpretation, measure.authorities, measure.not_modelled,
    )  # fmt: skip


_RULE = """
```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元]
pay: 10% * 上年度.研发费用
```
"""
_CLAUSE_RULE = f"""
## （一）研发补助

有研发费用的企业，补助研发费用的 10%。
{_RULE}"""

UNUSED = Lint(
    "derive/unused",
    "warning",
    Text("没有规则用到的概念", "a derived fact that no rule uses"),
    Text(
        "`derive` 定义的概念没有在任何规则里出现：不是多余，就是某条规则漏写了它。",
        "A fact defined by `derive` stands in no rule: it is idle, or a rule has forgotten it.",
    ),
    Text("在规则里用它，或删去", "use it in a rule, or leave it out"),
    bad=f"""
## 概念

研发投入大的企业，是上年度研发费用超过 100 万元的企业。

```derive
name: example_research_heavy
label: {{zh: 示例研发大户, en: example research-heavy enterprise}}
subject: enterprise
is: 上年度.研发费用 > 100 万元
source: 示例
```
{_CLAUSE_RULE}""",
    good="""
## 概念

研发投入大的企业，是上年度研发费用超过 100 万元的企业。

```derive
name: example_research_heavy
label: {zh: 示例研发大户, en: example research-heavy enterprise}
subject: enterprise
is: 上年度.研发费用 > 100 万元
source: 示例
```

## （一）研发补助

研发投入大的企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [示例研发大户]
pay: 10% * 上年度.研发费用
```
""",
    find=_unused,
)

CLAUSE = Lint(
    "page/clause-without-block",
    "warning",
    Text("没有规则的条款", "a clause with no block"),
    Text(
        "条款标题之下没有任何规则，也没有写明未建模：多半是漏了。",
        "Under the heading of a clause there is no block, and nothing says that it is not modelled: most often it was forgotten.",
    ),
    Text("写出规则，或在条款下注明“未建模”及理由", "write the rule, or say “not modelled” and why under the heading"),
    bad=f"""{_CLAUSE_RULE}
## （二）厂房补助

建设厂房的企业按面积补助。
""",
    good=f"""{_CLAUSE_RULE}
## （二）厂房补助

建设厂房的企业按面积补助。未建模：标准另行公布。
""",
    find=_clauses,
)

SOON = Lint(
    "page/ends-soon",
    "warning",
    Text("有效期将到", "a validity that ends soon"),
    Text(
        f"政策在 {DAYS_SOON} 天之内到期：到期以后它的措施不再适用，要看有没有接续的文件。已经到期的不再提示。",
        f"The policy ends within {DAYS_SOON} days: its measures then no longer apply. See whether a document follows it. "
        "One that has ended is not spoken of.",
    ),
    Text("查有没有延期或接续的文件", "see whether it was prolonged or replaced"),
    bad=f"""in_force: 2025-01-01 .. 2025-03-31
{_CLAUSE_RULE}""",
    good=f"""in_force: 2025-01-01 .. 2027-12-31
{_CLAUSE_RULE}""",
    find=_soon,
)

AMEND = Lint(
    "amend/no-change",
    "warning",
    Text("什么都没有改变的修改", "an amendment that changes nothing"),
    Text(
        "`amend` 写的值与原来的相同：多半是忘了改，或者改错了键。",
        "What `amend` sets is what stood there before: most often the new value was forgotten, or the key is the wrong one.",
    ),
    Text("写出新的值，或删去这个修改", "write the new value, or leave the amendment out"),
    bad="""
## （一）修改

研发补助的比例为 10%。

```amend
measure: yinchuan-2024-2/8a
from: 2025-06-01
set:
  pay: 10% * 上年度.研发费用
```
""",
    good="""
## （一）修改

研发补助的比例改为 12%。

```amend
measure: yinchuan-2024-2/8a
from: 2025-06-01
set:
  pay: 12% * 上年度.研发费用
```
""",
    find=_same,
)
