"""`conggao policy explain`: what a finding means, with a page that has it and one that has not."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import app, dump
from conggao.engine import InputFaults
from conggao.engine.authoring.lints import LINTS, TOLD, Lint, Told, example, lint, told
from conggao.facts.diagnostics import Diagnostic, Lang, Text, did_you_mean

_SEVERITY = {"error": Text("错误", "error"), "warning": Text("警告", "warning"), "note": Text("提示", "note")}
_STYLE = {"error": "red", "warning": "yellow", "note": "dim"}


@app.command()
def explain(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="发现的代码；缺省列出全部。 A finding's code; all without it."),
    ] = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """说明检验发现的含义，附正误示例。 What a finding of `check` means, with a bad and a good example."""
    spoken = language(lang)
    if code is None:
        print_json(dump([described(item) for item in (*LINTS, *TOLD)])) if json else console().print(_listed(spoken))
        return
    found = lint(code) or told(code)
    if found is None:
        message = Text(f"没有检验代码 `{code}`", f"there is no check with the code `{code}`")
        hint = did_you_mean(code, [item.code for item in (*LINTS, *TOLD)])
        raise InputFaults([Diagnostic("option/code", message, path="CODE", help=hint)])
    if json:
        print_json(dump(described(found)))
    else:
        _tell(found, spoken)


def described(item: Lint | Told) -> dict[str, Any]:
    """A lint with its documentation, as JSON has it; `bad` and `good` are whole pages, null for a fault told in a sentence."""
    if isinstance(item, Told):
        short = {"title": item.title._asdict(), "meaning": item.title._asdict(), "help": item.mend._asdict()}
        return {"code": item.code, "severity": item.severity, "proofs": False, **short, "bad": None, "good": None}
    return {
        "code": item.code,
        "severity": item.severity,
        "proofs": item.proofs,
        "title": item.title._asdict(),
        "meaning": item.meaning._asdict(),
        "help": item.mend._asdict(),
        "bad": example(item.bad),
        "good": example(item.good),
    }


def _listed(lang: Lang) -> Table:
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold")
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for item in (*LINTS, *TOLD):
        severity = Line(_SEVERITY[item.severity].of(lang), style=_STYLE[item.severity])
        grid.add_row(item.code, severity, item.title.of(lang))
    return grid


def _tell(item: Lint | Told, lang: Lang) -> None:
    out = console()
    if isinstance(item, Told):
        out.print(Line(f"{item.code}  {item.title.of(lang)}", style="bold"))
        out.print(Text("建议：", "Help: ").of(lang) + item.mend.of(lang), markup=False)
        return
    out.print(Line(f"{item.code}  {item.title.of(lang)}", style="bold"))
    out.print(Line(_SEVERITY[item.severity].of(lang), style=_STYLE[item.severity]))
    out.print()
    out.print(item.meaning.of(lang), markup=False)
    out.print(Text("建议：", "Help: ").of(lang) + item.mend.of(lang), markup=False)
    for title, blocks in ((Text("错误示例", "Bad"), item.bad), (Text("正确示例", "Good"), item.good)):
        out.print()
        out.print(Line(title.of(lang), style="bold"))
        for line in blocks.strip().splitlines():
            out.print(Padding(Line(line), (0, 0, 0, 2)))
