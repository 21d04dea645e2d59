"""`conggao policy coverage`: clause by clause what the rulebooks say, what they leave out, and what was not seen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import Rulebooks, app, dump
from conggao.engine import Engine
from conggao.engine.authoring.automatic import PART_LABELS, PARTS, Automatic, automatic
from conggao.engine.authoring.coverage import clauses, described, not_seen, unseen
from conggao.engine.authoring.principles import PRINCIPLES
from conggao.engine.evaluate.program import Program
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.diagnostics import Lang, Text

_KINDS = {
    "pay": Text("资金", "money"),
    "up_to": Text("资金（核定）", "money, as decided"),
    "service": Text("服务", "service"),
    "programme": Text("统筹项目", "programme"),
    "ceiling": Text("合计上限", "ceiling"),
    "repealed": Text("已废止", "repealed"),
}


@app.command()
def coverage(policies: Rulebooks = None, lang: LangOption = None, json: Json = False) -> None:
    """逐条列出已建模的、未建模的、未见的，能否免申即享。 Clause by clause: what is modelled, what is not, what needs no application."""
    engine = Engine(policies)
    books = engine.rulebooks.policies
    if json:
        print_json(dump(described(books, engine.program, json_language(lang))))
    else:
        console().print(_view(books, engine.program, language(lang)))


def _view(policies: Iterable[Policy], program: Program, lang: Lang) -> RenderableType:
    """The same for a terminal."""
    parts: list[RenderableType] = []
    for policy in policies:
        heading = Line(policy.title.of(lang), style="bold")
        heading.append(f"  {policy.number}", style="dim")
        parts.append(Padding(heading, (1, 0, 0, 0)))
        parts.append(Line(_standing(policy, lang), style="dim"))
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
        grid.add_column(ratio=2, overflow="fold")
        grid.add_column(ratio=3, overflow="fold")
        for clause, measures in clauses(policy):
            said = Line("、".join(f"{item.id} {_KINDS[item.kind].of(lang)}" for item in measures))
            for item in measures:
                for text in item.not_modelled:
                    said.append(f"\n{Text('未建模：', 'not modelled: ').of(lang)}{text}", style="yellow")
                for reading in not_seen(item):
                    said.append(f"\n{reading.of(lang)}", style="yellow")
            for item in measures:
                _append_automatic(said, item, automatic(item, program), lang)
            grid.add_row(f"  {clause}", said)
        parts.append(grid)
        parts += [Line(f"  {text.of(lang)}", style="yellow") for text in policy.interpretation if unseen(text)]
    parts.append(Padding(Line(Text("冲突原则", "Principles of conflict").of(lang), style="bold"), (1, 0, 0, 0)))
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(overflow="fold")
    for principle in PRINCIPLES:
        mark = Line("✓", style="green") if principle.said else Line("✗", style="red")
        how = principle.said or Text("未建模", "not modelled").of(lang)
        colon = Text("：", ": ").of(lang)
        grid.add_row(mark, f"{principle.name.of(lang)}{colon}{principle.meaning.of(lang)}", Line(how, style="dim"))
    parts.append(grid)
    return Group(*parts)


def _standing(policy: Policy, lang: Lang) -> str:
    end = policy.ends or Text("未见截止日", "no end seen").of(lang)
    said = [f"{policy.begins} .. {end}"]
    if policy.checked is not None:
        said.append(Text(f"核对至 {policy.checked}", f"checked to {policy.checked}").of(lang))
    if policy.trust:
        said.append(Text(f"来源可信度 {policy.trust}", f"source grade {policy.trust}").of(lang))
    if policy.conflicts.assumed:
        said.append(
            Text("未见冲突条款，按从高、补差处理", "no conflict clause seen: highest and top-up assumed").of(lang)
        )
    return " · ".join(said)


def _append_automatic(said: Line, measure: Measure, found: Automatic | None, lang: Lang) -> None:
    """Whether the measure could be granted unasked, and what of its scope, standard and data stands in the way."""
    if found is None:
        return
    if found.possible:
        text = Text(f"{measure.id} 可免申即享", f"{measure.id} could be granted without application")
        said.append(f"\n{text.of(lang)}", style="green")
        return
    for part in PARTS:
        label = PART_LABELS[part]
        for item in found.lacks(part):
            mark = Text(f"{measure.id}〔须申请·{label.zh}〕", f"{measure.id} [application: {label.en}] ")
            said.append(f"\n{mark.of(lang)}{item.text.of(lang)}", style="dim")
