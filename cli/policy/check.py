"""`conggao policy check`: whether rulebooks are sound."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from conggao.cli.options import Json, LangOption, language
from conggao.cli.output import console, print_faults, print_json
from conggao.cli.policy.common import FAULTY, Rulebooks, app, dump
from conggao.engine import InputFaults
from conggao.engine.authoring.check import Checked
from conggao.engine.authoring.check import check as check_rulebooks
from conggao.engine.authoring.proof.ask import INSTALL
from conggao.facts.diagnostics import Diagnostic, Lang, Text, as_json, visible


@app.command()
def check(
    policies: Rulebooks = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--source", metavar="FILE", help="官方文本，逐条核对数字。 The official text, to hold every figure against."
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="提示也显示，连同案例。 Show notes as well, with their cases.")
    ] = False,
    concise: Annotated[
        bool, typer.Option("--concise", help="每条一行，供编辑器读取。 One line a finding, for editors.")
    ] = False,
    no_proofs: Annotated[
        bool, typer.Option("--no-proofs", help="不用 z3 证明，较快。 Without what z3 can prove; faster.")
    ] = False,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="以此日为今日。 The day taken as today.")
    ] = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """检验规则书：名称、类型、单位、数字、案例、条件。 Check rulebooks: names, types, units, figures, cases, conditions."""
    checked = check_rulebooks(policies, source, proofs=not no_proofs, on=_day(on))
    spoken = language(lang)
    shown = [item for item in checked.diagnostics if everything or item.severity != "note"]
    if json:
        print_json(dump(described(checked)))
    elif concise:
        for item in shown:
            typer.echo(one_line(item, spoken))
    else:
        _tell(checked, shown, spoken, proofs=not no_proofs)
    if not checked.clean:
        raise typer.Exit(FAULTY)


def described(checked: Checked) -> dict[str, Any]:
    """All that was found, as JSON has it: notes too."""
    return {
        "clean": checked.clean,
        "read": checked.read,
        "proven": checked.proven,
        "cases": len(checked.cases),
        "diagnostics": [_described(item) for item in checked.diagnostics],
    }


def _described(item: Diagnostic) -> dict[str, Any]:
    """A finding with the place to look at first beside its labels, and its cases."""
    span = item.labels[0].span if item.labels else None
    place = {
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
    }
    return {**place, **as_json(item), "cases": list(item.cases)}


def one_line(item: Diagnostic, lang: Lang) -> str:
    """`FILE:LINE:COLUMN: severity code message`, as editors read it; column 1 stands for a whole line."""
    span = item.labels[0].span if item.labels else None
    place = f"{span.file or '-'}:{span.line or 1}:{span.column or 1}" if span else "-:1:1"
    return visible(f"{place}: {item.severity} {item.code} {item.message.of(lang)}")


def _tell(checked: Checked, shown: list[Diagnostic], lang: Lang, *, proofs: bool) -> None:
    out, err = console(), console(stderr=True)
    plain = [item for item in shown if not item.cases]
    if plain:
        print_faults(InputFaults(plain, checked.sources), lang)
    for item in shown:
        if item.cases:
            print_faults(InputFaults([item], checked.sources), lang)
            for number, case in enumerate(item.cases, start=1):
                err.print(Text(f"  案例 {number}：", f"  case {number}:").of(lang), style="dim")
                for line in case.splitlines():
                    err.print(f"    {line}", markup=False, soft_wrap=True)
    for policy in checked.policies:
        count = len(policy.cases)
        text = Text(
            f"{policy.id}：{len(policy.measures)} 项措施，{count} 个案例",
            f"{policy.id}: {len(policy.measures)} measures, {count} cases",
        )
        out.print(text.of(lang))
    if checked.clean:
        out.print(Text("没有错误", "no errors").of(lang), style="green")
    if not checked.read:
        out.print(_FIRST.of(lang), style="dim")
    hidden = len(checked.diagnostics) - len(shown)
    if hidden:
        more = Text(
            f"另有 {hidden} 条提示，`--all` 显示", f"{hidden} more note{'' if hidden == 1 else 's'}: `--all` shows them"
        )
        out.print(more.of(lang), style="dim")
    if proofs and not checked.proven and checked.policies:
        missing = Text(
            f"未装 z3，不看事实就能证明的没有检验：{INSTALL}", f"z3 is not installed, so nothing was proven: {INSTALL}"
        )
        err.print(missing.of(lang), style="dim", markup=False)


_FIRST = Text(
    "先改以上写法上的错误：页面读通以后才核对数字、案例和各措施的关系，可能还有发现",
    "mend these faults of writing first: figures, cases and how measures relate are checked once the page reads, and more may follow",
)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = Text(f"`{text}` 不是日期", f"`{text}` is not a date")
        hint = Text("日期写作 `2025-03-01`", "write a date as `2025-03-01`")
        raise InputFaults([Diagnostic("option/date", message, path="--on", help=hint)]) from None
