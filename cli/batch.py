"""`conggao batch`: every enterprise of a province, and what it costs."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.options import AsOf, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.progress import needs_batch, stages
from conggao.engine import Engine
from conggao.engine.batch.budget import GROUPS, Budget, Sum
from conggao.engine.batch.memory import keep_memory
from conggao.engine.batch.run import Options, Ran, run_batch
from conggao.engine.labels import money
from conggao.engine.sitting import decision_day
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.models import Case

Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="Parquet 或 CSV 表格的文件夹、Excel 工作簿，或案例的 JSONL。 "
        "A folder of Parquet or CSV tables, a workbook, or JSONL of cases.",
    ),
]
Memory = Annotated[
    str | None,
    typer.Option("--memory", metavar="SIZE", help="数据库的内存上限，缺省 2GB。 What databases hold; 2GB by default."),
]
Strict = Annotated[bool, typer.Option("--strict", help="有一行不能用就停下。 Stop at any row that cannot be taken.")]
Workers = Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="进程数。 Processes that decide.")]


def batch(
    source: Input,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="结果文件夹。 The folder of results.")],
    as_of: AsOf = None,
    policy: Policies = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="duckdb|spark", help="求值方式。 What decides.")
    ] = "duckdb",
    all: Annotated[  # noqa: A002 - the name of the option
        bool, typer.Option("--all", help="不符合的措施也写出。 Also the measures that do not apply.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="加上条件和缺少的事实。 Add conditions and missing facts.")
    ] = False,
    strict: Strict = False,
    memory: Memory = None,
    workers: Workers = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """判定全部企业并汇总。 Decide every enterprise, and sum up."""
    spoken = language(lang)
    needs_batch()
    keep_memory()
    day = None if as_of is None else decision_day(as_of, Case())
    options = Options(day, all, why, strict, memory, engine, workers, spoken)
    with stages(spoken) as stage:
        ran = run_batch(source, out, Engine(policy), options, stage)
    if json:
        print_json(json_module.dumps(described(ran, json_language(lang)), ensure_ascii=False, indent=1))
        return
    _show(ran, out, spoken)


def described(ran: Ran, lang: Lang) -> dict[str, Any]:
    """The sums and the manifest, for programs."""
    return {
        **ran.manifest,
        "total": _sum(ran.budget.total),
        "groups": {
            group: [{"key": item.key, **_sum(item)} for item in sums] for group, sums in ran.budget.groups.items()
        },
        "notes": [note.of(lang) for note in ran.notes],
    }


def _sum(item: Sum) -> dict[str, Any]:
    high = None if item.high is None else str(item.high)
    return {"enterprises": item.enterprises, "claims": item.claims, "low": str(item.low), "high": high}


def _show(ran: Ran, out: Path, lang: Lang) -> None:
    screen = console()
    screen.print(
        Text(
            f"判定 {ran.decided:,} 家企业，未判定 {ran.aside:,} 家",
            f"enterprises decided: {ran.decided:,}; set aside: {ran.aside:,}",
        ).of(lang)
    )
    for note in ran.notes:
        screen.print(note.of(lang), style="yellow", markup=False)
    screen.print(sums_view(ran.budget, lang))
    screen.print(str(out), style="dim", markup=False, soft_wrap=True)


def sums_view(found: Budget, lang: Lang) -> Table:
    """Sums by measure, county and payer, and of all."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for heading in (
        Text("企业数", "Enterprises"),
        Text("确定（元）", "Sure (CNY)"),
        Text("最多（元）", "At most (CNY)"),
    ):
        table.add_column(heading.of(lang), justify="right", overflow="fold")
    for group in ("measure", "county", "payer"):
        table.add_row(Line(GROUPS[group].of(lang), style="bold"))
        for item in found.groups[group]:
            name = f"  {item.key.rpartition('/')[2]} " if "/" in item.key else "  "
            table.add_row(
                f"{name}{item.label.of(lang)}", f"{item.enterprises:,}", money(item.low, lang), money(item.high, lang)
            )
    total = found.total
    table.add_row(
        Line(total.label.of(lang), style="bold"),
        f"{total.enterprises:,}",
        money(total.low, lang),
        money(total.high, lang),
    )
    return table
