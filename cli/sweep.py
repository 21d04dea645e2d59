"""`conggao sweep`: money as a function of one fact, or of two, and exactly where something turns."""

from __future__ import annotations

import csv
import io
import json as json_module
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.decide import make_engine
from conggao.cli.options import AsOf, CaseFile, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.plots import INSTALL, check_plot, save_plot, terminal_line, terminal_map
from conggao.cli.views import WIDE
from conggao.engine import Engine
from conggao.engine.analysis.sweep import Event, Sweep, Turn
from conggao.engine.analysis.sweep import sweep as sweep_case
from conggao.engine.labels import STATUS, short, subject_name
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.loading import load_case
from conggao.facts.writing import write_whole

First = Annotated[
    str, typer.Argument(metavar="FACT=FROM..TO", help="变动的事实和范围。 The fact to vary, and between which values.")
]
Second = Annotated[
    str | None,
    typer.Argument(metavar="[FACT2=FROM..TO]", help="第二个事实，画成热图。 A second fact, for a heat map."),
]
Measure = Annotated[
    str | None, typer.Option("--measure", metavar="ID", help="只看这一项措施。 The money of this measure only.")
]
Points = Annotated[
    int | None,
    typer.Option("--points", metavar="N", help="每个事实取几个值。 How many values of each fact."),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot", metavar="FILE", help="画成 .png、.svg 或 .html。 Draw it as .png, .svg or an interactive .html."
    ),
]
Csv = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="把各点写成 CSV；上限未定的点 high 留空。 Write the points as CSV; high is empty where no upper limit is set.",
    ),
]
WIDEST = 100


def sweep(
    case: CaseFile,
    first: First,
    second: Second = None,
    measure: Measure = None,
    points: Points = None,
    plot: Plot = None,
    csv: Csv = None,
    as_of: AsOf = None,
    policy: Policies = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """一个事实变动时资金如何变化，转折点精确列出。 Money while a fact varies; where it turns, exactly."""
    spoken = json_language(lang) if json else language(lang)
    if plot is not None:
        check_plot(plot, case)
    if csv is not None and csv.exists() and (not csv.is_file() or (case.exists() and csv.samefile(case))):
        message, hint = Text("不能写到这里", "this cannot be written over"), Text("换一个文件名", "give another name")
        raise InputFaults([Diagnostic("sweep/file", message, path=str(csv), help=hint)])
    engine, _ = make_engine(policy, "exact", language(lang))
    stated = load_case(case, engine.vocabulary)
    found = sweep_case(engine, stated, first, second, points, measure, as_of)
    if csv is not None:
        write_whole(csv_text(found), csv)
    if plot is not None:
        save_plot(found, plot, spoken, [" · ".join(_told(engine, event, spoken)) for event in found.events])
    for path in (csv, plot):
        if path is not None:
            said = Text(f"已写到 {path}", f"written to {path}").of(language(lang))
            console(stderr=True).print(said, style="green", markup=False, soft_wrap=True)
    if json:
        print_json(json_module.dumps(described(found), ensure_ascii=False, indent=1))
        return
    out = console()
    out.print(events_view(engine, found, spoken, wide=out.width >= WIDE))
    _picture(out, found, spoken)
    if not found.proven:
        text = Text("有些方案未证明最好", "some of the plans are not proven to be the best").of(spoken)
        out.print(text, style="yellow", markup=False)


def _picture(out: Console, found: Sweep, lang: Lang) -> None:
    width = min(out.width, WIDEST)
    if len(found.axes) > 1:
        drawn: str | None = terminal_map(found, lang, width)
    else:
        coloured = out.is_terminal and not out.no_color
        drawn = terminal_line(found, lang, width, colours=coloured)
    if drawn is None:
        hint = Text(f"终端画图需要 plotext：{INSTALL}", f"a plot in the terminal needs plotext: {INSTALL}")
        out.print(hint.of(lang), style="dim", markup=False, soft_wrap=True)
        return
    out.print()
    out.print(Line.from_ansi(drawn), no_wrap=False)


def csv_text(found: Sweep) -> str:
    """One row a point: the values in base units, the sure and the highest amount in yuan (empty where it is open)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(axis.name for axis in found.axes), "low", "high"])
    for point in found.points:
        values = [axis.stated(int(v * axis.per)) for axis, v in zip(found.axes, point.values, strict=True)]
        writer.writerow([*values, _yuan(point.low), "" if point.high is None else _yuan(point.high)])
    return out.getvalue()


def described(found: Sweep) -> dict[str, Any]:
    """A sweep as JSON has it: values in base units and money in yuan, as text."""
    axes = {axis.name: axis for axis in found.axes}
    return {
        "as_of": found.as_of.isoformat(),
        "axes": [
            {"fact": axis.name, "from": axis.stated(axis.low), "to": axis.stated(axis.high), "unit": axis.stated(1)}
            for axis in found.axes
        ],
        "measure": found.measure,
        "recipient": found.recipient,
        "proven": found.proven,
        "events": [
            {
                "fact": event.fact,
                "value": axes[event.fact].stated(event.count),
                "gain": _yuan(event.gain),
                "gain_high": None if event.gain_high is None else _yuan(event.gain_high),
                "cliff": event.cliff,
                "turns": [
                    {
                        "kind": turn.kind,
                        "measure": turn.measure,
                        "subject": turn.subject,
                        "before": turn.before,
                        "after": turn.after,
                        "low": [_yuan(fen) for fen in turn.low],
                        "binds": turn.binds,
                        "instead": [list(key) for key in turn.instead],
                    }
                    for turn in event.turns
                ],
            }
            for event in found.events
        ],
        "points": [
            {
                "values": [axis.stated(int(v * axis.per)) for axis, v in zip(found.axes, point.values, strict=True)],
                "low": _yuan(point.low),
                "high": None if point.high is None else _yuan(point.high),
            }
            for point in found.points
        ],
    }


def events_view(engine: Engine, found: Sweep, lang: Lang, *, wide: bool) -> RenderableType:
    """Where something turns: the value, what turns there, and what the sure total gains or loses."""
    if not found.events:
        return Line(Text("范围内没有转折。", "Nothing turns within the range.").of(lang), style="yellow")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0) if wide else (0, 1, 0, 0))
    table.add_column(Text("从此值起", "From").of(lang), justify="right", overflow="fold")
    table.add_column(Text("变化", "What turns").of(lang), overflow="fold", ratio=1)
    table.add_column(Text("增减（元）", "Gain (CNY)").of(lang), justify="right", overflow="fold")
    axes = {axis.name: axis for axis in found.axes}
    before = ""
    for event in found.events:
        if len(axes) > 1 and event.fact != before:
            table.add_row("", Line(axes[event.fact].label.of(lang), style="bold"), "")
            before = event.fact
        # A fen more is what one more unit brings anyhow.
        shown = f"{Decimal(event.gain) / 100:+,.2f}" if event.cliff or event.gain > 1 else ""
        gain = Line(shown, style="red" if event.cliff else "green")
        if event.cliff:
            gain.append("\n" + Text("▼ 断崖", "▼ cliff").of(lang), style="bold red")
        table.add_row(axes[event.fact].show(event.count, lang), Line("\n".join(_told(engine, event, lang))), gain)
    return table


def _told(engine: Engine, event: Event, lang: Lang) -> Iterator[str]:
    """Each turn in words; a measure that is displaced is named by the one that displaces it."""
    displaced = {
        key for turn in event.turns if turn.kind == "switch" and turn.after == "granted" for key in turn.instead
    }
    for turn in event.turns:
        if turn.kind != "switch" or turn.after == "granted" or (turn.measure, turn.subject) not in displaced:
            yield f"{_named(engine, turn, lang)}: {_turned(turn, lang)}"


def _named(engine: Engine, turn: Turn, lang: Lang) -> str:
    pair = engine.rulebooks.find(turn.measure)
    title = "" if pair is None else f" {pair[1].title.of(lang)}"
    kind, _, name = turn.subject.partition(":")
    known = kind in ("project", "service", "park", "enterprise")
    who = "" if turn.subject == "enterprise" else f" · {subject_name(turn.subject, lang) if known else name}"
    return f"{short(turn.measure)}{title}{who}"


def _turned(turn: Turn, lang: Lang) -> str:
    if turn.kind == "branch":
        return Text("金额改用另一档", "the amount follows another branch").of(lang)
    if turn.kind == "cap" and turn.before == turn.after:
        said = Text("达到上限", "reaches its cap") if turn.binds else Text("低于上限", "below its cap")
        return said.of(lang)
    if turn.before == turn.after:
        said = Text("超出已领取的部分开始给付", "pays beyond what was received")
        below = Text("不超出已领取的部分", "no more than was received")
        return (said if turn.binds else below).of(lang)
    names = {str(status): label.of(lang) for status, label in STATUS.items()}
    before, after = names[turn.before], names[turn.after]
    text = f"{before} → {after}"
    if turn.low[0] != turn.low[1]:
        text += f" {_yuan(turn.low[0], ',')} → {_yuan(turn.low[1], ',')}"
    if turn.instead:
        others = Text("、", ", ").of(lang).join(dict.fromkeys(short(key[0]) for key in turn.instead))
        text += (
            Text(f"（取代 {others}）", f" (instead of {others})")
            if turn.after == "granted"
            else Text(f"（让位于 {others}）", f" (before it: {others})")
        ).of(lang)
    return text


def _yuan(fen: int, group: str = "") -> str:
    return f"{Decimal(fen) / 100:{group}.2f}"
