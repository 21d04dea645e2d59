"""A decision as a person reads it in a terminal, from 60 columns up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.engine import Decision, Engine, Outcome
from conggao.engine.decision import Condition, Status
from conggao.engine.filing import LEVELS
from conggao.engine.labels import LEVEL, RECIPIENTS, STATUS, amount, beside, short, subject_name
from conggao.engine.rulebook.model import Policy
from conggao.facts.diagnostics import Lang, Text

STYLE: dict[Status, str] = {
    "granted": "green",
    "contingent": "yellow",
    "superseded": "cyan",
    "received": "cyan",
    "exhausted": "cyan",
    "unmet": "red",
    "undetermined": "yellow",
    "service": "blue",
    "programme": "dim",
    "not_in_force": "dim",
}
_MARKS: dict[bool | None, tuple[str, str]] = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}


MOST_NAMED = 2
"""Rulebooks that the heading names; more are counted."""
WIDE = 76
"""Columns from which amounts stand in a table; in fewer they stand below what they are for."""


def decision_view(decision: Decision, engine: Engine, *, everything: bool = False, width: int = WIDE) -> RenderableType:
    """The whole decision: what to claim, what is given up, what is missing, what is not far off, what comes in kind."""
    lang = decision.lang
    by_status: dict[str, list[Outcome]] = {}
    for outcome in decision.outcomes:
        by_status.setdefault(outcome.status, []).append(outcome)
    parts: list[RenderableType] = [_heading(decision, engine)]
    granted = by_status.get("granted", [])
    policies = {policy.id: policy for policy in engine.rulebooks.policies}
    parts.append(
        _money_table(granted, decision, policies, width) if width >= WIDE else _money_list(granted, decision, policies)
    )
    parts += _plan_lines(decision)
    discretion = by_status.get("contingent", ())
    parts += _section(
        Text("核定后可能更优", "Better if so decided"), (_contingent(item, lang) for item in discretion), lang
    )
    given_up = [item for status in ("superseded", "received", "exhausted") for item in by_status.get(status, ())]
    parts += _section(
        Text("另行处理", "Given up, received or used up"), (_given_up(item, lang) for item in given_up), lang
    )
    undecided = by_status.get("undetermined", ())
    parts += _section(Text("待补资料", "Not decidable yet"), (_undecided(item, lang) for item in undecided), lang)
    unmet = by_status.get("unmet", [])
    near = unmet if everything else [item for item in unmet if _near(item) is not None]
    parts += _section(
        Text("还差一步", "Not far off") if not everything else Text("不符合", "Unmet"),
        (_unmet(item, lang) for item in near),
        lang,
    )
    services = by_status.get("service", ())
    parts += _section(Text("可享受的服务", "Services"), (_service(item, lang) for item in services), lang)
    parts.append(_rest(by_status, len(unmet) - len(near), lang))
    parts += [
        Line(note, style="dim")
        for note in (*_outside(by_status.get("not_in_force", ()), policies, lang), *decision.notes)
    ]
    return Group(*parts)


def _outside(outcomes: Sequence[Outcome], policies: Mapping[str, Policy], lang: Lang) -> list[str]:
    """Why what is not in force is not, once a policy."""
    colon = Text("：", ": ").of(lang)
    told = [(policies[item.measure.partition("/")[0]].title.of(lang), note) for item in outcomes for note in item.notes]
    return [f"{title}{colon}{note}" if len(policies) > 1 else note for title, note in dict.fromkeys(told)]


def _heading(decision: Decision, engine: Engine) -> RenderableType:
    lang = decision.lang
    enterprise = decision.case.enterprise
    name = (enterprise.name if enterprise is not None else None) or Text("（未具名企业）", "(unnamed enterprise)").of(
        lang
    )
    books = engine.rulebooks.policies
    if len(books) > MOST_NAMED:
        counts = [(level, sum(1 for policy in books if policy.level == level)) for level in LEVELS]
        said = [
            Text(f"{LEVEL[level].zh} {count} 部", f"{count} {LEVEL[level].en}").of(lang)
            for level, count in counts
            if count
        ]
        policies = Text("规则书：", "rulebooks: ").of(lang) + Text("、", ", ").of(lang).join(said)
    else:
        policies = "、".join(policy.number or policy.id for policy in books)
    line = Line(name, style="bold")
    line.append(f"  {Text('决定日期', 'as of').of(lang)} {decision.as_of}", style="dim")
    return Group(line, Line(policies, style="dim"))


def _by_level(
    outcomes: Sequence[Outcome], policies: Mapping[str, Policy], lang: Lang
) -> Iterator[tuple[str | None, list[Outcome]]]:
    """The outcomes of each policy under a heading, highest level first; without headings where there is only one policy."""
    groups: dict[str, list[Outcome]] = {}
    for item in outcomes:
        groups.setdefault(item.measure.partition("/")[0], []).append(item)
    ordered = sorted(groups, key=lambda id_: LEVELS.index(policies[id_].level))
    for id_ in ordered:
        policy = policies[id_]
        yield f"{LEVEL[policy.level].of(lang)} · {policy.title.of(lang)}" if len(policies) > 1 else None, groups[id_]


def _plan_lines(decision: Decision) -> list[RenderableType]:
    """What choosing line by line would have lost."""
    plan, lang = decision.plan, decision.lang
    if plan is None or plan.gain <= 0:
        return []
    zh = f"逐项只挑标准最高的，有把握的只有 {plan.naive:,} 元；此方案多 {plan.gain:,} 元。"
    en = f"Choosing the highest standard line by line would make only {plan.naive:,} sure; this plan brings {plan.gain:,} more."
    return [Padding(Line(Text(zh, en).of(lang), style="green"), (1, 0, 0, 0))]


def _contingent(item: Outcome, lang: Lang) -> tuple[str, RenderableType]:
    line = _lead(item, lang)
    line.append("  " + amount(item.amount, lang), style="yellow")
    for note in item.notes:
        line.append(f"\n{note}", style="dim")
    return short(item.measure), line


def _money_table(
    outcomes: Sequence[Outcome], decision: Decision, policies: Mapping[str, Policy], width: int
) -> RenderableType:
    lang = decision.lang
    if not outcomes:
        return Padding(Line(Text("目前没有可领取的资金。", "Nothing is payable now.").of(lang), style="yellow"), (1, 0))
    totals = [(name, total) for name, total in decision.totals.items() if name == "enterprise" or total.high != 0]
    headings = ("", Text("措施", "Measure").of(lang), Text("对象", "For").of(lang), Text("金额（元）", "CNY").of(lang))
    rows: list[tuple[str | None, list[tuple[str, str, str, Line]]]] = []
    for heading, items in _by_level(outcomes, policies, lang):
        rows.append((heading, []))
        before = ""
        for item in items:
            again, before = item.measure == before, item.measure
            title = item.title
            if item.recipient not in ("enterprise", item.subject, None):
                title += f" → {RECIPIENTS[item.recipient].of(lang)}"
            paid = Line(amount(item.amount, lang), style=STYLE[item.status])
            whom = subject_name(item.subject, lang)
            rows[-1][1].append(("" if again else short(item.measure), "" if again else title, whom, paid))
    listed = [row for _, found in rows for row in found]
    widths = [max(cell_len(str(row[column])) for row in [headings, *listed]) for column in (0, 2, 3)]

    def table(found: Sequence[tuple[str, str, str, Line]]) -> Table:
        made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        made.add_column(width=widths[0], no_wrap=True)
        made.add_column(width=max(12, width - sum(widths) - 8), overflow="fold")
        made.add_column(width=widths[1], overflow="fold")
        made.add_column(width=widths[2], justify="right", no_wrap=True)
        for row in found:
            made.add_row(*row)
        return made

    parts: list[RenderableType] = [table([(*headings[:3], Line(headings[3]))])]
    for heading, found in rows:
        parts += [] if heading is None else [Line(heading, style="dim")]
        parts.append(table(found))
    whole = min(width, sum(widths) + max(12, width - sum(widths) - 8) + 6)
    for name, total in totals:
        label = f"{Text('合计', 'total').of(lang)} {RECIPIENTS[name].of(lang)}  "
        said = f"{label}{amount(total, lang)}"
        parts.append(Line(" " * max(0, whole - cell_len(said)) + said, style="bold"))
    return Padding(Group(*parts), (1, 0, 0, 0))


def _money_list(outcomes: Sequence[Outcome], decision: Decision, policies: Mapping[str, Policy]) -> RenderableType:
    lang = decision.lang
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for heading, items in _by_level(outcomes, policies, lang):
        if heading is not None:
            grid.add_row("", Line(heading, style="dim"))
        for item in items:
            said = _lead(item, lang)
            said.append(f"\n{amount(item.amount, lang)}", style=STYLE[item.status])
            grid.add_row(short(item.measure), said)
    for recipient, total in decision.totals.items():
        if recipient == "enterprise" or total.high != 0:
            label = Text("合计", "total").of(lang)
            grid.add_row("", Line(f"{label} {RECIPIENTS[recipient].of(lang)} {amount(total, lang)}", style="bold"))
    return Padding(grid, (1, 0, 0, 0))


def _section(title: Text, rows: Iterable[tuple[str, RenderableType]], lang: Lang) -> list[RenderableType]:
    """A heading and a list: the measure's id, and beside it what is to be said, wrapped within its column."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for name, said in rows:
        grid.add_row(f"  {name}", said)
    return [Padding(Line(title.of(lang), style="bold"), (1, 0, 0, 0)), grid] if grid.row_count else []


def _lead(item: Outcome, lang: Lang) -> Line:
    status, style = STATUS[item.status], STYLE[item.status]
    line = Line(item.title)
    if item.subject not in (None, "enterprise"):
        line.append(f" · {subject_name(item.subject, lang)}", style="dim")
    line.append(f"  {status.of(lang)}", style=style)
    return line


def _given_up(item: Outcome, lang: Lang) -> tuple[str, RenderableType]:
    line = _lead(item, lang)
    if item.superseded_by:
        names = ", ".join(beside(name, item.measure) for name in item.superseded_by)
        line.append(Text(f"（{names} 更优）", f" (by {names})").of(lang))
        if item.difference:
            line.append(Text(f"，差 {item.difference:,} 元", f", {item.difference:,} less").of(lang), style="dim")
        if item.basis == "assumed":
            line.append(
                Text("；未见冲突条款，按择一处理", "; no clause seen, one of them assumed").of(lang), style="dim"
            )
    return short(item.measure), line


def _undecided(item: Outcome, lang: Lang) -> tuple[str, RenderableType]:
    line = _lead(item, lang)
    line.append(Text("，缺 ", ", missing ").of(lang) + ", ".join(item.missing))
    return short(item.measure), line


def _near(item: Outcome) -> Condition | None:
    """The one condition that fails, where there is only one and it can be measured how far off it is."""
    failed = [condition for condition in item.conditions if condition.truth is not True]
    if len(failed) != 1 or failed[0].truth is not False:
        return None
    measured = failed[0].distance is not None and any(digit in str(failed[0].value) for digit in "123456789")
    return failed[0] if measured else None


def _unmet(item: Outcome, lang: Lang) -> tuple[str, RenderableType]:
    line = _lead(item, lang)
    failed = next((condition for condition in item.conditions if condition.truth is False), None)
    if failed is not None:
        line.append(f"\n{finding(failed)}")
    elif item.notes:
        line.append(f"\n{item.notes[0]}")
    return short(item.measure), line


def finding(condition: Condition) -> str:
    """What was found, in a sentence; the condition itself where nothing was measured."""
    return condition.finding or condition.text


def _service(item: Outcome, lang: Lang) -> tuple[str, RenderableType]:
    colon = Text("：", ": ").of(lang)
    return short(item.measure), item.title + (f"{colon}{item.notes[0]}" if item.notes else "")


def _rest(by_status: dict[str, list[Outcome]], hidden: int, lang: Lang) -> RenderableType:
    counts = []
    if hidden:
        counts.append(Text(f"不符合 {hidden} 项（--all 列出）", f"{hidden} unmet (--all lists them)").of(lang))
    for status in ("programme", "not_in_force"):
        found = by_status.get(status)
        if found:
            name = STATUS[status]
            counts.append(Text(f"{name.zh} {len(found)} 项", f"{len(found)} {name.en}").of(lang))
    text = Text("另有：", "Also: ").of(lang) + ("；" if lang == "zh" else "; ").join(counts)
    return Padding(Line(text if counts else "", style="dim"), (1, 0, 0, 0))


def condition_lines(conditions: Sequence[Condition], lang: Lang, depth: int = 0) -> list[Line]:
    """Conditions as a list of marks; where one does not hold, those it is made of indented below."""
    lines: list[Line] = []
    for condition in conditions:
        mark, style = _MARKS[condition.truth]
        line = Line("  " * (depth + 1))
        line.append(mark, style=style)
        line.append(f" {finding(condition)}")
        lines.append(line)
        if condition.truth is not True:
            lines += condition_lines(condition.parts, lang, depth + 1)
    return lines
