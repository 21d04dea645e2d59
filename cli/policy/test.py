"""`conggao policy test`: the worked cases of the pages."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import FAILED, Rulebooks, app, dump
from conggao.engine import Engine, InputFaults
from conggao.engine.authoring.check import Company
from conggao.engine.authoring.worked import Worked, run_cases
from conggao.engine.rulebook.model import Policy
from conggao.facts.diagnostics import Diagnostic, Lang, Text


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
        print_json(dump([_tested(policy, worked) for policy, done in results for worked in done]))
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
