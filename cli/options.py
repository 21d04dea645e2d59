"""Options that commands share, spelt once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from conggao.facts.diagnostics import Lang

CaseFile = Annotated[
    Path, typer.Argument(metavar="CASE", help="案例文件（YAML 或 JSON）。 The case file (YAML or JSON).")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="决定日期，优先于案例中的日期。 The date to decide for; wins over the case's own.",
    ),
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy", metavar="ID|PATH", help="只用这些政策，可重复。 Only these rulebooks, by id or page; repeatable."
    ),
]
EngineOption = Annotated[str, typer.Option("--engine", metavar="forward|exact", help="求值方式。 The evaluator.")]
LangOption = Annotated[
    str | None,
    typer.Option(
        "--lang", metavar="zh|en", help="语言，默认取自系统区域设置。 The language; by default that of the locale."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。 JSON for programs.")]


Force = Annotated[bool, typer.Option("--force", help="覆盖已有的文件。 Write over a file that exists.")]


def language(option: str | None) -> Lang:
    """The language asked for, else that of the locale: Chinese where it says so, English elsewhere."""
    if option is not None:
        if option in ("zh", "en"):
            return "zh" if option == "zh" else "en"
        raise typer.BadParameter("zh | en", param_hint="--lang")
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


def json_language(option: str | None) -> Lang:
    """JSON is for machines and must not change with the machine it is made on: Chinese unless asked otherwise."""
    return "zh" if option is None else language(option)
