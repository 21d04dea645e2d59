"""`conggao policy`: which rulebooks there are, what they say, whether they are sound."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.coverage import as_json as coverage_json
from conggao.cli.coverage import coverage_view
from conggao.cli.options import Json, LangOption, json_language, language
from conggao.cli.output import console, print_faults, print_json
from conggao.engine import Engine, InputFaults
from conggao.engine.checking import Company
from conggao.engine.checking import check as check_rulebooks
from conggao.engine.language.render import Renderer
from conggao.engine.rulebook.model import Measure, Policy
from conggao.engine.worked import Worked, run_cases
from conggao.facts.diagnostics import Diagnostic, Lang, Text, as_json, did_you_mean

app = typer.Typer(help="查看、检验规则书。 Look at rulebooks and check them.", no_args_is_help=True)

Rulebook = Annotated[
    str, typer.Argument(metavar="ID|PATH", help="政策编号或页面路径。 A policy's id, or the path of a page.")
]
Rulebooks = Annotated[
    list[str] | None, typer.Argument(metavar="[ID|PATH]...", help="缺省为全部自带政策。 All shipped ones by default.")
]
LEVELS = {"national": Text("国家", "national"), "region": Text("自治区", "region"), "city": Text("市", "city")}
FAULTY = 2
FAILED = 1


@app.command("list")
def list_(lang: LangOption = None, json: Json = False) -> None:
    """列出自带的政策。 List the shipped rulebooks."""
    policies = Engine().rulebooks.policies
    if json:
        print_json(_dump([_summary(policy) for policy in policies]))
        return
    spoken = language(lang)
    out = console()
    for policy in policies:
        line = Line(policy.id, style="bold")
        line.append(f"  {LEVELS[policy.level].of(spoken)}", style="cyan")
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
        print_json(_dump({**_summary(book), "measures": [_described(item, renderer, spoken) for item in chosen]}))
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


@app.command()
def test(policies: Rulebooks = None, lang: LangOption = None, json: Json = False) -> None:
    """运行页面里的案例。 Run the worked cases of the pages."""
    spoken = language(lang)
    results: list[tuple[Policy, list[Worked]]] = []
    faults: list[Diagnostic] = []
    sources: dict[str, str] = {}
    for name in policies or [policy.id for policy in Engine().rulebooks.policies]:
        engine = Engine([name])
        policy = engine.rulebooks.policies[0]
        done, found = run_cases(policy, engine, Company(policy, [name]))
        results.append((policy, done))
        faults += found
        sources[policy.page.name] = policy.page.text
    if faults:
        raise InputFaults(faults, sources)
    failed = [(policy, worked) for policy, done in results for worked in done if not worked.passed]
    if json:
        print_json(_dump([_tested(policy, worked) for policy, done in results for worked in done]))
    else:
        out = console()
        for policy, worked in failed:
            out.print(_failure(policy, worked, spoken))
        for policy, done in results:
            bad = sum(1 for worked in done if not worked.passed)
            text = Text(
                f"{policy.id}：{len(done)} 个案例，{bad} 个不符", f"{policy.id}: {len(done)} cases, {bad} failed"
            )
            out.print(text.of(spoken), style="red" if bad else "green")
    if failed:
        raise typer.Exit(FAILED)


@app.command()
def coverage(policies: Rulebooks = None, lang: LangOption = None, json: Json = False) -> None:
    """逐条列出已建模的、未建模的、未见的，以及各冲突原则。 Clause by clause: what is modelled, what is not, what was not seen."""
    books = Engine(policies).rulebooks.policies
    if json:
        print_json(coverage_json(books, json_language(lang)))
    else:
        console().print(coverage_view(books, language(lang)))


@app.command()
def check(
    policies: Rulebooks = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--source", metavar="FILE", help="官方文本，逐条核对数字。 The official text, to hold every figure against."
        ),
    ] = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """检验规则书：名称、类型、单位、数字、案例。 Check rulebooks: names, types, units, figures, cases."""
    checked = check_rulebooks(policies, source)
    spoken = language(lang)
    if json:
        print_json(
            _dump(
                {
                    "clean": checked.clean,
                    "cases": len(checked.cases),
                    "diagnostics": [as_json(item) for item in checked.diagnostics],
                }
            )
        )
    else:
        if checked.diagnostics:
            print_faults(InputFaults(checked.diagnostics, checked.sources), spoken)
        out = console()
        for policy in checked.policies:
            count = len(policy.cases)
            text = Text(
                f"{policy.id}：{len(policy.measures)} 项措施，{count} 个案例",
                f"{policy.id}: {len(policy.measures)} measures, {count} cases",
            )
            out.print(text.of(spoken))
        if checked.clean:
            out.print(Text("没有错误", "no errors").of(spoken), style="green")
    if not checked.clean:
        raise typer.Exit(FAULTY)


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


def _dump(value: Any) -> str:
    return json_module.dumps(value, ensure_ascii=False, indent=1)


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


def _tested(policy: Policy, worked: Worked) -> dict[str, Any]:
    misses = [
        {
            "of": miss.of,
            "expected": miss.expected,
            "found": miss.found,
            "reason": None if miss.reason is None else miss.reason._asdict(),
        }
        for miss in worked.misses
    ]
    return {"policy": policy.id, "name": worked.name, "line": worked.line, "passed": worked.passed, "misses": misses}


def _failure(policy: Policy, worked: Worked, lang: Lang) -> RenderableType:
    """What was expected and what came, one below the other, with the reason."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for miss in worked.misses:
        grid.add_row(Text("应为", "expected").of(lang), f"{miss.of} {miss.expected}")
        grid.add_row(Text("实为", "found").of(lang), Line(f"{miss.of} {miss.found}", style="red"))
        if miss.reason is not None:
            grid.add_row(Text("原因", "why").of(lang), miss.reason.of(lang))
    place = Line(f"  {policy.page.name}:{worked.line}", style="dim")
    return Group(Line(f"✗ {worked.name}", style="red"), place, grid)
