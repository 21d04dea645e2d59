"""`conggao policy list` and `show`: which rulebooks there are, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import Rulebook, app, dump
from conggao.cli.report import check_page
from conggao.engine import Engine, InputFaults
from conggao.engine.authoring.check import Company
from conggao.engine.authoring.reading import Reading, Rule, reading
from conggao.engine.authoring.wording import Row
from conggao.engine.authoring.worked import run_cases
from conggao.engine.labels import LEVEL
from conggao.engine.language.render import Renderer
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.diagnostics import Diagnostic, Lang, Text, did_you_mean
from conggao.facts.writing import write_whole

_CASES = 2
"""Worked cases of a rule that are shown on a terminal."""


@app.command("list")
def list_(lang: LangOption = None, json: Json = False) -> None:
    """列出自带的政策。 List the shipped rulebooks."""
    policies = Engine().rulebooks.policies
    if json:
        print_json(dump([policy_json(policy) for policy in policies]))
        return
    spoken = language(lang)
    out = console()
    for policy in policies:
        line = Line(policy.id, style="bold")
        line.append(f"  {LEVEL[policy.level].of(spoken)}", style="cyan")
        line.append(f"  {policy.begins} .. {policy.ends or ''}", style="not bold")
        count = len(policy.measures)
        line.append(
            Text(f"  {count} 项措施", f"  {count} measure{'s' if count > 1 else ''}").of(spoken), style="not bold"
        )
        out.print(line)
        out.print(Padding(Line(f"{policy.title.of(spoken)} · {policy.number}", style="dim"), (0, 0, 0, 2)))


@app.command()
def show(
    policy: Rulebook,
    measure: Annotated[str | None, typer.Argument(metavar="[MEASURE]")] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="写成一页网页，可离线打开、打印。 One page of HTML, to be opened offline and printed.",
        ),
    ] = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """展示一部规则书或其中一项措施。 Show a rulebook, or one measure of it."""
    if html is not None:
        check_page(html, Path(policy), "--html")
    engine = Engine([policy])
    book = engine.rulebooks.policies[0]
    chosen = list(book.measures) if measure is None else [_find(book, measure)]
    spoken = json_language(lang) if json else language(lang)
    renderer = engine.program.renderer(spoken)
    cases, faults = run_cases(book, engine, Company(book, [policy]))
    if faults:
        raise InputFaults(faults, {book.page.name: book.page.text})
    read = reading(book, engine, cases, spoken)
    if html is not None:
        from conggao.engine.report import rulebook_html

        write_whole(rulebook_html(read, book, spoken), html)
    if json:
        shown = {item.id: item for part in read.parts for item in part.items if isinstance(item, Rule)}
        measures = [{**measure_json(item, renderer, spoken), **_worked(shown.get(item.id))} for item in chosen]
        print_json(dump({**policy_json(book), "measures": measures}))
    elif html is None:
        console().print(_view(read, None if measure is None else chosen[0].id, spoken))
    else:
        console().print(Text(f"已写 {html}", f"{html} is written").of(spoken), style="green")


def _find(policy: Policy, name: str) -> Measure:
    found = policy.measure(name.rpartition("/")[2])
    if found is None:
        message = Text(f"{policy.id} 没有措施 `{name}`", f"{policy.id} has no measure `{name}`")
        raise InputFaults(
            [
                Diagnostic(
                    "case/unknown-measure", message, help=did_you_mean(name, [item.id for item in policy.measures])
                )
            ]
        )
    return found


def policy_json(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title": policy.title._asdict(),
        "number": policy.number,
        "issuer": policy.issuer,
        "level": policy.level,
        "places": list(policy.places),
        "trust": policy.trust or None,
        "begins": policy.begins.isoformat(),
        "ends": None if policy.ends is None else policy.ends.isoformat(),
        "sha256": policy.page.sha256,
        "measure_ids": [measure.id for measure in policy.measures],
    }


def measure_json(measure: Measure, renderer: Renderer, lang: Lang) -> dict[str, Any]:
    say = renderer.say
    return {
        "id": measure.key,
        "title": measure.title.of(lang),
        "clause": measure.clause,
        "kind": measure.kind,
        "subject": measure.subject,
        "lines": [line.name for line in measure.lines],
        "restatement": measure.block.restatement,
        "when": [say(condition.node) for condition in measure.when],
        "amount": None if measure.amount is None else say(measure.amount),
        "cap": None if measure.cap is None else say(measure.cap),
        "cap_per": measure.cap_per,
        "once": measure.once,
        "stacks_with": list(measure.stacks_with),
        "excludes": list(measure.excludes),
        "ceiling": None
        if measure.ceiling is None
        else {
            "amount": say(measure.ceiling.amount),
            "over": "all" if measure.ceiling.over is None else list(measure.ceiling.over),
        },
        "recipient": measure.recipient,
        "interpretation": [text.of(lang) for text in measure.interpretation],
        "authorities": list(measure.authorities),
    }


def _worked(rule: Rule | None) -> dict[str, Any]:
    cases = () if rule is None else rule.cases
    return {"cases": [{"name": item.name, "as_of": item.day, "results": list(item.results)} for item in cases]}


def _view(read: Reading, measure: str | None, lang: Lang) -> RenderableType:
    """The page for a terminal; of one measure, its clause and rule alone."""
    parts: list[RenderableType] = [Line(read.title, style="bold")]
    if measure is None:
        parts.append(_rows(read.about, "dim"))
        parts += [_reading(text, lang) for text in read.readings]
    for part in read.parts:
        own = [item for item in part.items if isinstance(item, Rule) and item.kind == "measure" and item.id == measure]
        if measure is not None and not own:
            continue
        if part.items:
            parts.append(Padding(Line(part.heading, style="bold cyan"), (1, 0, 0, 0)))
        items = part.items if measure is None else _with_prose(part.items, own[0])
        parts += [
            _rule(item, lang) if isinstance(item, Rule) else Padding(Markdown(item), (0, 0, 0, 2)) for item in items
        ]
    return Group(*parts)


def _with_prose(items: Sequence[str | Rule], rule: Rule) -> list[str | Rule]:
    """A rule with the paragraphs right above it."""
    end = list(items).index(rule)
    start = end
    while start > 0 and isinstance(items[start - 1], str):
        start -= 1
    return list(items[start : end + 1])


def _rule(rule: Rule, lang: Lang) -> RenderableType:
    lines: list[RenderableType] = [] if rule.kind == "case" else [Line(f"{rule.id} {rule.title}".strip(), style="bold")]
    if rule.rows:
        lines.append(_rows(rule.rows))
    lines += [_reading(text, lang) for text in rule.readings]
    for case in rule.cases[:_CASES]:
        said = Line("  ✓ " if case.passed else "  ✗ ", style="green" if case.passed else "red")
        said.append(case.name, style="not bold")
        lines.append(said)
        lines += [Padding(Line(text, style="dim"), (0, 0, 0, 4)) for text in case.results]
    left = len(rule.cases) - _CASES
    if left > 0:
        more = Text(f"另有 {left} 个案例", f"{left} more case{'s' if left > 1 else ''}")
        lines.append(Line(f"    {more.of(lang)}", style="dim"))
    return Padding(Group(*lines), (0, 0, 1, 0))


def _rows(rows: Sequence[Row], style: str = "") -> RenderableType:
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold", style=style)
    for row in rows:
        grid.add_row(row.head, "\n".join(row.texts))
    return Padding(grid, (0, 0, 0, 2))


def _reading(text: str, lang: Lang) -> RenderableType:
    return Padding(Line(f"{Text('解读：', 'reading: ').of(lang)}{text}", style="dim"), (0, 0, 0, 2))
