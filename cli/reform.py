"""`conggao reform`: what a change of the rules would cost, who would gain and who would lose."""

from __future__ import annotations

import json as json_module
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.batch import Input, Memory, Strict, Workers
from conggao.cli.options import AsOf, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.plots import check_plot
from conggao.cli.progress import needs_batch, stages
from conggao.cli.scenarios import read_scenarios
from conggao.cli.whatif import Amends
from conggao.engine import Engine, pictures
from conggao.engine.batch import plots
from conggao.engine.batch.budget import GROUPS
from conggao.engine.batch.comparing import Effect, Mover, Pair
from conggao.engine.batch.memory import keep_memory
from conggao.engine.batch.reform import Reform, Reformed, run_reforms
from conggao.engine.batch.run import Options
from conggao.engine.labels import LEVEL, money
from conggao.engine.sitting import decision_day
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.models import Case

SHOWN_GROUPS = ("measure", "county", "payer", "size")


def reform(
    source: Input,
    amend: Amends = None,
    with_: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="PAGE",
            help="修改或替换政策的页面，可重复。 A page that amends or replaces a policy; repeatable.",
        ),
    ] = None,
    scenarios: Annotated[
        Path | None,
        typer.Option(
            "--scenarios",
            metavar="FILE",
            help="一个文件里的几种改革，并列比较。 Several reforms of one file, side by side.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="结果文件夹。 A folder of results.")] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="画成 PNG、SVG 或 HTML。 A picture: PNG, SVG or HTML.")
    ] = None,
    as_of: AsOf = None,
    policy: Policies = None,
    strict: Strict = False,
    memory: Memory = None,
    workers: Workers = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """改革前后的预算、得失和分布。 The budget before and after a reform; who gains, who loses."""
    spoken = json_language(lang) if json else language(lang)
    needs_batch()
    keep_memory()
    if plot is not None:
        check_plot(plot, source)
    own = Reform(Text("改革", "reform").of(spoken), tuple(amend or ()), tuple(with_ or ()))
    reforms = _scenarios(scenarios, own) if scenarios is not None else [own]
    day = None if as_of is None else decision_day(as_of, Case())
    options = Options(day, strict=strict, memory=memory, workers=workers, lang=spoken)
    with stages(language(lang)) as stage:
        found = run_reforms(source, Engine(policy), reforms, options, out, stage)
    if plot is not None:
        _save_plot(found, plot, spoken)
    if json:
        print_json(json_module.dumps(described(found), ensure_ascii=False, indent=1))
        return
    screen = console()
    for note in found.notes:
        screen.print(note.of(spoken), style="yellow", markup=False)
    if len(found.effects) == 1:
        _show(screen, found.effects[0], spoken)
    else:
        _show_columns(screen, found, spoken)


def _scenarios(path: Path, own: Reform) -> list[Reform]:
    """Every reform of a file; what the options say holds in all of them. Raises InputFaults."""
    shape = {"amend": Text("措施.键=数值", "MEASURE.KEY=VALUE"), "with": Text("页面", "PAGE")}
    scenarios, _ = read_scenarios(path, shape, Text("改革", "reforms"))
    return [
        Reform(
            item.name,
            (*own.amend, *item.changes.get("amend", ())),
            (*own.pages, *(path.parent / page for page in item.changes.get("with", ()))),
        )
        for item in scenarios
    ]


def described(found: Reformed) -> dict[str, Any]:
    """The comparison for programs; money as text, to the fen."""
    return {**found.manifest, "effects": [_effect(item) for item in found.effects]}


def _effect(item: Effect) -> dict[str, Any]:
    return {
        "name": item.name,
        "total": _pair(item.total),
        "groups": {group: [{"key": pair.key, **_pair(pair)} for pair in pairs] for group, pairs in item.groups.items()},
        "winners": {"count": item.winners, "gained": str(item.gained)},
        "losers": {"count": item.losers, "lost": str(item.lost)},
        "distribution": [
            {"class": part.label.en, "count": part.count, "change": str(part.change)} for part in item.spread
        ],
        "gainers": [_mover(mover) for mover in item.gainers],
        "sufferers": [_mover(mover) for mover in item.sufferers],
        "hands": [
            {
                "before": hand.before,
                "after": hand.after,
                "expenditures": hand.expenditures,
                "enterprises": hand.enterprises,
            }
            for hand in item.hands
        ],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    def ends(low: Decimal, high: Decimal | None) -> dict[str, Any]:
        return {"low": str(low), "high": None if high is None else str(high)}

    return {
        "before": ends(pair.before.low, pair.before.high),
        "after": ends(pair.after.low, pair.after.high),
        "change": str(pair.change),
    }


def _mover(mover: Mover) -> dict[str, Any]:
    return {
        "who": mover.who, "name": mover.name, "county": mover.county, "before": str(mover.before), "after": str(mover.after),
        "change": str(mover.change),
    }  # fmt: skip


def _signed(value: Decimal) -> Line:
    if not value:
        return Line("–", style="dim")
    return Line(f"{value:+,.2f}", style="green" if value > 0 else "red")


def _amount(low: Decimal, high: Decimal | None, lang: Lang) -> str:
    return money(low, lang) if low == high else f"{money(low, lang)} – {money(high, lang)}"


def _name(pair: Pair, lang: Lang) -> str:
    label = pair.label.of(lang)
    return f"  {pair.key.rpartition('/')[2]} {label}" if "/" in pair.key else f"  {label}"


def _table(lang: Lang, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    return table


def _show(screen: Console, effect: Effect, lang: Lang) -> None:
    before, after, change = Text("原来", "Before"), Text("之后", "After"), Text("增减（元）", "Change (CNY)")
    table = _table(lang, before.of(lang), after.of(lang), change.of(lang))
    for group in SHOWN_GROUPS:
        changed = [pair for pair in effect.groups[group] if pair.change or pair.before.high != pair.after.high]
        if changed:
            table.add_row(Line(GROUPS[group].of(lang), style="bold"))
        for pair in changed:
            cells = _amount(pair.before.low, pair.before.high, lang), _amount(pair.after.low, pair.after.high, lang)
            table.add_row(_name(pair, lang), *cells, _signed(pair.change))
    total = effect.total
    cells = _amount(total.before.low, total.before.high, lang), _amount(total.after.low, total.after.high, lang)
    table.add_row(Line(total.label.of(lang), style="bold"), *cells, _signed(total.change))
    screen.print(table)
    screen.print()
    screen.print(
        Text(
            f"得 {effect.winners:,} 家，共 {effect.gained:,.2f} 元；失 {effect.losers:,} 家，共 {effect.lost:,.2f} 元",
            f"{effect.winners:,} gain CNY {effect.gained:,.2f}; {effect.losers:,} lose CNY {effect.lost:,.2f}",
        ).of(lang)
    )
    spread = _table(lang, Text("家数", "Count").of(lang), Text("合计（元）", "Sum (CNY)").of(lang))
    for part in effect.spread:
        if part.count:
            spread.add_row(f"  {part.label.of(lang)}", f"{part.count:,}", _signed(part.change))
    screen.print(spread)
    for title, movers in (
        (Text("增加最多", "Top gainers"), effect.gainers),
        (Text("减少最多", "Top losers"), effect.sufferers),
    ):
        if movers:
            listed = _table(lang, Text("县区", "County").of(lang), change.of(lang))
            listed.columns[0].header = title.of(lang)
            for mover in movers[:5]:
                listed.add_row(f"  {mover.name}", mover.county, _signed(mover.change))
            screen.print(listed)
    if effect.hands:
        hands = _table(lang, Text("支出项数", "Expenditures").of(lang), Text("企业数", "Enterprises").of(lang))
        hands.columns[0].header = Text("由谁支付", "Who pays").of(lang)
        for hand in effect.hands:
            hands.add_row(
                f"  {_level(hand.before, lang)} → {_level(hand.after, lang)}",
                f"{hand.expenditures:,}",
                f"{hand.enterprises:,}",
            )
        screen.print(hands)


def _level(name: str | None, lang: Lang) -> str:
    if name is None:
        return Text("无", "no one").of(lang)
    return " + ".join(LEVEL[part].of(lang) if part in LEVEL else part for part in name.split(" + "))


def _show_columns(screen: Console, found: Reformed, lang: Lang) -> None:
    """Several reforms: what is sure now, and what each of them adds or takes."""
    table = _table(lang, Text("现行（元）", "As it is (CNY)").of(lang), *(effect.name for effect in found.effects))
    for group in SHOWN_GROUPS:
        by = [{pair.key: pair for pair in effect.groups[group]} for effect in found.effects]
        keys = [
            key
            for key in dict.fromkeys(key for pairs in by for key in pairs)
            if any(key in p and p[key].change for p in by)
        ]
        if keys:
            table.add_row(Line(GROUPS[group].of(lang), style="bold"))
        for key in keys:
            known = next(pairs[key] for pairs in by if key in pairs)
            cells = [_signed(pairs[key].change) if key in pairs else _signed(Decimal(0)) for pairs in by]
            table.add_row(_name(known, lang), money(known.before.low, lang), *cells)
    total = found.before.total
    changes = [_signed(effect.total.change) for effect in found.effects]
    table.add_row(Line(total.label.of(lang), style="bold"), money(total.low, lang), *changes)
    winners, losers = Text("得（家）", "gain"), Text("失（家）", "lose")
    table.add_row(Line(winners.of(lang)), "", *(f"{effect.winners:,}" for effect in found.effects))
    table.add_row(Line(losers.of(lang)), "", *(f"{effect.losers:,}" for effect in found.effects))
    screen.print(table)


def _save_plot(found: Reformed, path: Path, lang: Lang) -> None:
    """By measure, one picture a reform, above each other."""
    import altair

    charts = []
    for effect in found.effects:
        pairs = [pair for pair in effect.groups["measure"] if pair.change]
        factor, unit = plots.scale(max((abs(pair.change) for pair in pairs), default=Decimal(0)), lang)
        values = [(_name(pair, lang).strip(), float(pair.change) / factor) for pair in pairs]
        spread = [
            (part.label.of(lang), float(part.count if part.change >= 0 else -part.count))
            for part in effect.spread
            if part.count
        ]
        title = Text(f"{effect.name}：按措施增减", f"{effect.name}: change by measure").of(lang)
        charts.append(plots.changes(values, title, unit))
        counted = Text("家数（减少记为负）", "how many (losers below zero)").of(lang)
        charts.append(plots.changes(spread, Text("增减分布", "Distribution of changes").of(lang), counted))
    pictures.save(altair.vconcat(*charts), path)
