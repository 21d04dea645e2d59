"""`conggao policy list` and `show`: which rulebooks there are, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import Rulebook, app, dump
from conggao.engine import Engine, InputFaults
from conggao.engine.labels import LEVEL
from conggao.engine.language.render import Renderer
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.diagnostics import Diagnostic, Lang, Text, did_you_mean


@app.command("list")
def list_(lang: LangOption = None, json: Json = False) -> None:
    """列出自带的政策。 List the shipped rulebooks."""
    policies = Engine().rulebooks.policies
    if json:
        print_json(dump([_summary(policy) for policy in policies]))
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
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """展示一部规则书或其中一项措施。 Show a rulebook, or one measure of it."""
    engine = Engine([policy])
    book = engine.rulebooks.policies[0]
    chosen = list(book.measures) if measure is None else [_find(book, measure)]
    spoken = json_language(lang) if json else language(lang)
    renderer = engine.program.renderer(spoken)
    if json:
        print_json(dump({**_summary(book), "measures": [_described(item, renderer, spoken) for item in chosen]}))
        return
    parts: list[RenderableType] = [
        Line(book.title.of(spoken), style="bold"),
        Line(f"{book.number} · {book.issuer} · {book.begins} .. {book.ends or ''}", style="dim"),
    ]
    clause = ""
    for item in chosen:
        if item.clause != clause:
            clause = item.clause
            parts.append(Padding(Line(clause, style="bold cyan"), (1, 0, 0, 0)))
        parts.append(_measure_view(item, renderer, spoken))
    console().print(Group(*parts))


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


def _summary(policy: Policy) -> dict[str, Any]:
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


def _described(measure: Measure, renderer: Renderer, lang: Lang) -> dict[str, Any]:
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


def _measure_view(measure: Measure, renderer: Renderer, lang: Lang) -> RenderableType:
    said = _described(measure, renderer, lang)
    rows: list[RenderableType] = [
        Line(f"{measure.id} {said['title']}", style="bold"),
        Padding(Markdown(measure.block.restatement), (0, 0, 0, 2)),
    ]
    rows += [Line(f"  · {text}") for text in said["when"]]
    rows += [Line(f"  = {text}", style="green") for text in _amount(measure, said, lang)]
    rows += [Line(f"  {Text('解读：', 'reading: ').of(lang)}{text}", style="dim") for text in said["interpretation"]]
    return Padding(Group(*rows), (0, 0, 1, 0))


def _amount(measure: Measure, said: Mapping[str, Any], lang: Lang) -> list[str]:
    if measure.service is not None:
        return [measure.service.of(lang)]
    lines: list[str] = []
    if measure.kind in ("pay", "up_to"):
        lines.append(said["amount"] or Text("数额未定", "no figure is stated").of(lang))
    if said["cap"]:
        lines.append(Text(f"上限 {said['cap']}", f"cap {said['cap']}").of(lang) + f" / {measure.cap_per}")
    if said["ceiling"]:
        over = said["ceiling"]["over"]
        whom = Text("全部支持", "all support").of(lang) if over == "all" else "、".join(over)
        amount = said["ceiling"]["amount"]
        lines.append(Text(f"{whom}合计不超过 {amount}", f"{whom} together at most {amount}").of(lang))
    for key, label in (("stacks_with", Text("可叠加：", "stacks with ")), ("excludes", Text("择一：", "or "))):
        if said[key]:
            lines.append(label.of(lang) + "、".join(item.removeprefix(f"{measure.policy}/") for item in said[key]))
    return lines
