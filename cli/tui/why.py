"""Why one outcome is as it is, for a window of few lines: what was found first, the clause after it."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.views import STYLE, condition_lines
from conggao.engine import Decision, Engine, Outcome
from conggao.engine.labels import STATUS, amount, beside, money, payer_name, short, subject_name
from conggao.facts.diagnostics import Lang, Text


def why_view(decision: Decision, item: Outcome, engine: Engine) -> RenderableType:
    """Status and amount, what stands in the way or is missing, conditions, arithmetic, clause, readings taken."""
    lang = decision.lang
    parts: list[RenderableType] = [_head(item, lang), *_between(item, lang)]
    parts += condition_lines(item.conditions, lang)
    if item.steps:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2), expand=True)
        table.add_column(overflow="fold", ratio=1)
        table.add_column(justify="right", no_wrap=True)
        for step in item.steps:
            table.add_row(step.text, amount(step.amount, lang, ""))
        parts.append(table)
    for payer, share in (item.funding or {}).items():
        parts.append(Line(f"  {payer_name(payer, lang)} {amount(share, lang)}", style="dim"))
    parts += [Line(f"  {note}", style="dim") for note in item.notes]
    found = engine.edition(decision.as_of).rulebooks.find(item.measure)
    if found is not None:
        policy, measure = found
        parts.append(
            Padding(Line(f"{policy.title.of(lang)} {policy.number} · {item.clause}", style="dim"), (1, 0, 0, 0))
        )
        parts.append(Padding(Line(measure.block.restatement), (0, 0, 0, 2)))
    parts += [Line(f"  · {text}", style="dim") for text in item.interpretation]
    return Group(*parts)


def _head(item: Outcome, lang: Lang) -> Line:
    status, style = STATUS[item.status], STYLE[item.status]
    line = Line(f"{short(item.measure)} {item.title}", style="bold")
    if item.subject not in (None, "enterprise"):
        line.append(f" · {subject_name(item.subject, lang)}")
    line.append(f"  {status.of(lang)}", style=style)
    if item.amount is not None and item.status in ("granted", "contingent"):
        line.append(f"  {amount(item.amount, lang)} {Text('元', 'CNY').of(lang)}", style=style)
    return line


def _between(item: Outcome, lang: Lang) -> list[Line]:
    """What stands between the outcome and the money: other claims, missing facts, an office's decision."""
    lines: list[Line] = []

    def say(label: Text, text: str, style: str) -> None:
        lines.append(Line(f"  {label.of(lang)}{text}", style=style))

    if item.missing:
        say(Text("缺：", "missing: "), ", ".join(item.missing), "yellow")
    if item.superseded_by:
        names = ", ".join(beside(name, item.measure) for name in item.superseded_by)
        less = f" (−{money(item.difference, lang)})" if item.difference else ""
        say(Text("让位于：", "superseded by: "), names + less, "cyan")
    if item.contested_by:
        names = ", ".join(beside(name, item.measure) for name in item.contested_by)
        say(Text("可能被推翻：", "could be overturned by: "), names, "yellow")
    if item.break_even is not None:
        say(Text("核定达到此数即更优：", "better from this amount on: "), money(item.break_even, lang), "yellow")
    return lines
