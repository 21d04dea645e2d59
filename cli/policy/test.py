"""`conggao policy test`: the worked cases of the pages, what they saw of each rule, and rewriting what they expect."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import FAILED, Rulebooks, app, dump
from conggao.engine import Engine, InputFaults
from conggao.engine.authoring.accept import Accepted, accepted, write
from conggao.engine.authoring.check import Company
from conggao.engine.authoring.seen import TRUTHS, Rule, Seen, rule_coverage
from conggao.engine.authoring.worked import Compared, Worked, run_cases
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.model import Policy
from conggao.facts.diagnostics import Diagnostic, Lang, Text

_ENDS = {True: Text("真", "true"), False: Text("假", "false"), None: Text("未知", "unknown")}


@dataclass(frozen=True, slots=True)
class Tested:
    """A page and its cases. `path` is the file it was given by, None for a shipped page called by its id."""

    policy: Policy
    engine: Engine
    cases: list[Worked]
    path: Path | None

    @property
    def failed(self) -> list[Worked]:
        return [worked for worked in self.cases if not worked.passed]

    def coverage(self, lang: Lang) -> list[Rule]:
        return rule_coverage(self.policy, self.engine.program, self.cases, lang)


@app.command()
def test(
    policies: Rulebooks = None,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage",
            help="案例见过哪些条件为真、为假、未知。 Which conditions the cases have seen true, false and unknown.",
        ),
    ] = False,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="把不符的预期改写成实际结果，显示改动供审阅。 Rewrite failed expectations to what came, and show the change.",
        ),
    ] = False,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """运行页面里的案例。 Run the worked cases of the pages."""
    spoken = language(lang)
    tested = _run(policies)
    changes = [(item, accepted(item.policy, item.cases)) for item in tested if item.failed] if accept else []
    _take(changes)
    left = (
        [(item.policy, miss) for item, change in changes for miss in change.left]
        if accept
        else [(item.policy, worked) for item in tested for worked in item.failed]
    )
    if json:
        print_json(dump(_described(tested, changes, spoken, coverage=coverage, accept=accept)))
    else:
        _show(tested, changes, spoken, coverage=coverage)
    if left:
        raise typer.Exit(FAILED)


def _run(policies: list[str] | None) -> list[Tested]:
    """Every page on its own. Raises InputFaults with the faults of all of them."""
    tested: list[Tested] = []
    faults: list[Diagnostic] = []
    sources: dict[str, str] = {}
    for name in policies or [policy.id for policy in Engine().rulebooks.policies]:
        try:
            engine = Engine([name])
        except InputFaults as fault:
            faults += fault.diagnostics
            sources |= fault.sources
            continue
        policy = engine.rulebooks.policies[0]
        done, found = run_cases(policy, engine, Company(policy, [name]))
        tested.append(Tested(policy, engine, done, None if name in shipped() else Path(name)))
        faults += found
        sources[policy.page.name] = policy.page.text
    if faults:
        raise InputFaults(faults, sources)
    return tested


def _take(changes: list[tuple[Tested, Accepted]]) -> None:
    """Writes the pages that change. Raises InputFaults, before any is written, where one was called by its id."""
    hint = Text("写出页面的路径", "give the path of the page")
    faults: list[Diagnostic] = []
    for item, _ in changes:
        if item.path is None:
            name = item.policy.id
            message = Text(
                f"自带的政策 `{name}` 不能按编号改写", f"the shipped policy `{name}` is not rewritten by its id"
            )
            faults.append(Diagnostic("case/accept", message, help=hint))
    if faults:
        raise InputFaults(faults)
    for item, change in changes:
        if change.diff and item.path is not None:
            write(item.policy, item.path, change)


def _described(
    tested: list[Tested], changes: list[tuple[Tested, Accepted]], lang: Lang, *, coverage: bool, accept: bool
) -> Any:
    """A list of cases; an object that holds it where more was asked for."""
    cases = [_case(item.policy, worked) for item in tested for worked in item.cases]
    if not coverage and not accept:
        return cases
    made: dict[str, Any] = {"cases": cases}
    if coverage:
        made["coverage"] = [
            {"policy": item.policy.id, "rules": [_rule(rule) for rule in item.coverage(lang)]} for item in tested
        ]
    if accept:
        made["accepted"] = [
            {"page": item.policy.page.name, "diff": change.diff, "left": [miss.of for _, miss in change.left]}
            for item, change in changes
        ]
    return made


def _case(policy: Policy, worked: Worked) -> dict[str, Any]:
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


def _rule(rule: Rule) -> dict[str, Any]:
    conditions = [
        {
            "text": item.text,
            "line": item.line,
            "depth": item.depth,
            "true": item.counts[True],
            "false": item.counts[False],
            "unknown": item.counts[None],
            "can_be_unknown": None in item.possible,
        }
        for item in rule.conditions
    ]
    return {"name": rule.name, "derived": rule.derived, "conditions": conditions}


def _show(tested: list[Tested], changes: list[tuple[Tested, Accepted]], lang: Lang, *, coverage: bool) -> None:
    out = console()
    for item in tested:
        for worked in item.failed:
            out.print(_failure(item.policy, worked, lang))
    for _, change in changes:
        _print_diff(change.diff, out)
        for worked, miss in change.left:
            text = Text(f"没有改写：案例「{worked.name}」{miss.of}", f"not rewritten: case “{worked.name}”, {miss.of}")
            out.print(text.of(lang), style="yellow")
    rewritten = {
        id(item): len(item.failed) - len({id(worked) for worked, _ in change.left}) for item, change in changes
    }
    for item in tested:
        bad = len(item.failed)
        text = Text(
            f"{item.policy.id}：{len(item.cases)} 个案例，{bad} 个不符",
            f"{item.policy.id}: {len(item.cases)} cases, {bad} failed",
        )
        if rewritten.get(id(item)):
            done = rewritten[id(item)]
            text = Text(f"{text.zh}，{done} 个已改写", f"{text.en}, {done} rewritten")
        out.print(text.of(lang), style="red" if bad else "green")
        if coverage:
            out.print(_coverage(item.coverage(lang), lang))


def _print_diff(diff: str, out: Console) -> None:
    """A diff as it is: what is cut or wrapped could not be applied."""
    for line in diff.splitlines():
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        if out.is_terminal:
            out.print(Line(line, style=style), soft_wrap=True)
        else:
            sys.stdout.write(line + "\n")


def _failure(policy: Policy, worked: Worked, lang: Lang) -> RenderableType:
    """What was expected beside what came, with the reason below; what agrees is there too, dim."""
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 2), header_style="dim")
    grid.add_column("", overflow="fold")
    grid.add_column(Text("应为", "expected").of(lang), overflow="fold")
    grid.add_column(Text("实为", "actual").of(lang), overflow="fold")
    for item in worked.compared:
        grid.add_row(*_sides(item), style="dim" if item.agrees else "")
    reasons: dict[str, str] = {}
    for item in worked.misses:
        if item.reason is not None:
            reasons.setdefault(item.reason.of(lang), item.of)
    colon = Text("：", ": ").of(lang)
    said = [Line(f"  {of}{colon}{why}", style="yellow") for why, of in reasons.items()]
    place = Line(f"  {policy.page.name}:{worked.line}", style="dim")
    return Group(Line(f"✗ {worked.name}", style="red"), place, grid, *said)


def _sides(item: Compared) -> tuple[Line, Line, Line]:
    return Line(item.of), Line(item.expected), Line(item.found, style="" if item.agrees else "red")


def _coverage(rules: list[Rule], lang: Lang) -> RenderableType:
    """Each condition with how often it was seen true, false and unknown; what no case shows stands out."""
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 2), header_style="dim")
    grid.add_column("", overflow="fold", ratio=1)
    for truth in TRUTHS:
        grid.add_column(_ENDS[truth].of(lang), justify="right", no_wrap=True)
    shown = total = 0
    for rule in rules:
        grid.add_row(Line(rule.name, style="bold"))
        for item in rule.conditions:
            grid.add_row(Line("  " * item.depth + "· " + item.text), *(_cell(item, truth) for truth in TRUTHS))
            total += len(item.possible)
            shown += len(item.possible) - len(item.never)
    said = Text(
        f"条件的真、假、未知共 {total} 种，案例见过 {shown} 种", f"{shown} of {total} truths of conditions were seen"
    )
    return Group(grid, Line(f"  {said.of(lang)}", style="green" if shown == total else "yellow"))


def _cell(item: Seen, truth: bool | None) -> Line:
    if truth not in item.possible:
        return Line("–", style="dim")
    count = item.counts[truth]
    return Line(str(count), style="") if count else Line("0", style="yellow")
