"""`conggao policy check`: whether rulebooks are sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conggao.cli.options import Json, LangOption, language
from conggao.cli.output import console, print_faults, print_json
from conggao.cli.policy.common import FAULTY, Rulebooks, app, dump
from conggao.engine import InputFaults
from conggao.engine.authoring.check import check as check_rulebooks
from conggao.facts.diagnostics import Text, as_json


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
            dump(
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
