"""`conggao seek`: what is nearest, and what it would bring."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.decide import make_engine
from conggao.cli.options import AsOf, CaseFile, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.views import STYLE
from conggao.engine.analysis.seek import Changed, Hindered, Proposal, Sought
from conggao.engine.analysis.seek import seek as seek_nearest
from conggao.engine.analysis.seek.reasons import Why
from conggao.engine.labels import RECIPIENTS, STATUS, amount, short, subject_name
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.loading import load_case

MeasureOption = Annotated[
    str | None,
    typer.Argument(metavar="[MEASURE]", help="只看一项措施，如 8a。 One measure only, such as 8a.", show_default=False),
]
All = Annotated[
    bool,
    typer.Option(
        "--all",
        help="也列企业自己动不了的事实和所有不成的措施。 Also facts it cannot move, and every measure that stays out.",
    ),
]
_HEADINGS = {
    "brings": Text("最接近的改变", "Nearest changes"),
    "begins": Text("一有支出即可领取", "Paid from the first unit on"),
    "nothing": Text("可以符合，但不增加资金", "Within reach, but bringing no more money"),
    "hindered": Text("改动一两项事实无济于事", "No change of one fact or two helps"),
}
_RATIO_PLACES = Context(prec=6, rounding=ROUND_HALF_EVEN)


def seek(
    case: CaseFile,
    measure: MeasureOption = None,
    all: All = False,  # noqa: A002 - the name of the option
    as_of: AsOf = None,
    policy: Policies = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """找最小的改变：改哪一项事实就能符合，能多得多少。 The smallest change that would qualify, and what it would bring."""
    spoken = json_language(lang) if json else language(lang)
    engine, _ = make_engine(policy, "exact", language(lang))
    sought = seek_nearest(engine, load_case(case, engine.vocabulary), measure, as_of, all, spoken)
    if json:
        print_json(json_module.dumps(described(sought), ensure_ascii=False, indent=1))
        return
    out = console()
    out.print(sought_view(sought, spoken, everything=all or measure is not None))


def described(sought: Sought) -> dict[str, Any]:
    """What was found as JSON has it: money as decimal text, ratios to six digits and as the exact fraction."""
    return {
        "as_of": sought.decision.as_of.isoformat(),
        "proposals": [_described(item) for item in sought.proposals],
        "hindered": [
            {
                "measure": item.measure,
                "subject": item.subject,
                "title": item.title,
                "status": item.status,
                "why": item.why,
                "text": item.text,
                "facts": list(item.facts),
            }
            for item in sought.hindered
        ],
    }


def _described(item: Proposal) -> dict[str, Any]:
    return {
        "measure": item.measure,
        "subject": item.subject,
        "title": item.title,
        "status": [item.was, item.becomes],
        "changes": [
            {
                "fact": change.fact,
                "label": change.label,
                "before": change.before,
                "after": change.after,
                "set": list(change.set),
                "change": None if change.change is None else format(change.change, "f"),
                "unit": change.unit,
                "held": change.held,
            }
            for change in item.changes
        ],
        "gain": str(item.gain),
        "upside": None if item.upside is None else str(item.upside),
        "amount": None if item.amount is None else item.amount.model_dump(mode="json"),
        "recipient": item.recipient,
        "ratio": None if item.ratio is None else {"about": rounded(item.ratio), "exact": str(item.ratio)},
        "superseded_by": list(item.superseded_by),
        "begins": item.begins,
        "reasons": list(item.reasons),
    }


def rounded(ratio: Fraction) -> str:
    """A ratio to six significant digits, as plain decimal text."""
    shown = _RATIO_PLACES.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    return format(shown.normalize(), "f")


# -- for people -----------------------------------------------------------------------------------------------------------


def sought_view(sought: Sought, lang: Lang, *, everything: bool) -> RenderableType:
    """What would bring more; what pays from the first unit; what brings nothing; what no change helps, and why."""
    groups: dict[str, list[Proposal]] = {"brings": [], "begins": [], "nothing": []}
    for item in sought.proposals:
        more = item.gain or item.upside != 0 or (item.recipient != "enterprise" and item.amount is not None)
        groups["begins" if item.begins else "brings" if more else "nothing"].append(item)
    parts: list[RenderableType] = []
    if not sought.proposals:
        none = Text("没有一两项事实的改变能多得。", "No change of one fact or two brings more.")
        parts.append(Line(none.of(lang), style="yellow"))
    for name, items in groups.items():
        if items:
            parts.append(_headed(name, _begun(items, lang) if name == "begins" else _proposals(items, lang), lang))
    if sought.hindered:
        below = _hindered(sought.hindered, lang) if everything else _summary(sought.hindered, lang)
        parts.append(_headed("hindered", below, lang))
    return Group(*parts)


def _headed(name: str, below: RenderableType, lang: Lang) -> RenderableType:
    return Group(Padding(Line(_HEADINGS[name].of(lang), style="bold"), (1, 0, 0, 0)), below)


def _proposals(items: Sequence[Proposal], lang: Lang) -> RenderableType:
    """Each with its change and its reasons; what it brings, and by unit of the change, at the right."""
    indent = 3 + max(cell_len(short(item.measure)) for item in items)
    rows: list[RenderableType] = []
    for item in items:
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
        grid.add_column(no_wrap=True, width=indent - 1)
        grid.add_column(overflow="fold", ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        said = _named(item.title, item.subject, lang)
        if item.becomes not in ("granted", "service"):
            label, style = STATUS[item.becomes], STYLE[item.becomes]
            said.append(f"  {Text('将', 'then ').of(lang)}{label.of(lang)}", style=style)
        brings = Line(_brings(item, lang), style="green" if item.gain >= 0 else "red", justify="right")
        grid.add_row(f"  {short(item.measure)}", said, brings)
        ratio = Line(_ratio(item, lang), style="dim")
        for index, change in enumerate(item.changes):
            grid.add_row("", _change(change, lang), ratio if index == 0 else "")
        rows.append(grid)
        rows += [Padding(Line(reason, style="dim"), (0, 0, 0, indent)) for reason in item.reasons]
    return Group(*rows)


def _begun(items: Sequence[Proposal], lang: Lang) -> RenderableType:
    """Measures that pay as soon as something is spent, each once for all its subjects, with the formula."""
    grid = _two_columns()
    alike: dict[tuple[Any, ...], list[Proposal]] = {}
    for item in items:
        alike.setdefault((item.measure, tuple(change.label for change in item.changes), item.reasons[-1:]), []).append(
            item
        )
    for (measure, _, reasons), same in alike.items():
        said = Line(same[0].title)
        subjects = [subject_name(item.subject, lang) for item in same if item.subject != "enterprise"]
        said.append(f" · {', '.join(subjects)}" if subjects else "", style="dim")
        for change in same[0].changes:
            said.append(f"\n{change.label} → ")
            said.append(change.after, style="bold")
        said.append("".join(f"\n{reason}" for reason in reasons), style="dim")
        grid.add_row(f"  {short(measure)}", said)
    return grid


def _two_columns() -> Table:
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    return grid


def _named(title: str, subject: str | None, lang: Lang) -> Line:
    line = Line(title)
    if subject not in (None, "enterprise"):
        line.append(f" · {subject_name(subject, lang)}", style="dim")
    return line


def _change(change: Changed, lang: Lang) -> Line:
    line = Line(f"{change.label} {change.before} → ")
    line.append(change.after, style="bold")
    if change.held is not None:
        line.append(Text(f"（{change.held}）", f" ({change.held})").of(lang), style="yellow")
    return line


def _brings(item: Proposal, lang: Lang) -> str:
    """What the enterprise surely gains, and what it may; what another recipient is paid."""
    lines = [f"{item.gain:+,.2f}"]
    if item.upside is None:
        if item.amount is not None and item.amount.high is None:
            lines.append(Text("数额未定", "amount open").of(lang))
    elif item.upside != item.gain:
        lines.append(Text(f"至多 {item.upside:+,.2f}", f"up to {item.upside:+,.2f}").of(lang))
    if item.recipient not in (None, "enterprise") and item.amount is not None:
        lines.append(f"{RECIPIENTS[str(item.recipient)].of(lang)} {amount(item.amount, lang)}")
    return "\n".join(lines)


def _ratio(item: Proposal, lang: Lang) -> str:
    """`0.5 元/元`, `6,166.57 CNY/t`; nothing where there is no gain to divide."""
    if not item.ratio:
        return ""
    money = Text("元", "CNY").of(lang)
    units = {change.unit for change in item.changes if change.change is not None}
    unit = units.pop() if units else ""
    if any(change.change is None for change in item.changes):
        return ""
    about = Decimal(rounded(item.ratio))
    shown = f"{about:,.2f}" if abs(about) >= Decimal("0.01") else Text("不足 0.01", "< 0.01").of(lang)
    return f"{shown} {money}/{unit}" if unit else f"{shown} {money}"


_WHY: dict[Why, Text] = {
    "held": Text("要动的事实企业动不了", "what would have to change cannot be moved"),
    "undetermined": Text("先补资料", "facts to supply first"),
    "unknown": Text("先补资料", "facts to supply first"),
    "several": Text("一两项事实不够", "one or two facts do not suffice"),
    "rival": Text("别项更优", "other claims pay more"),
    "capped": Text("已到上限", "at the cap"),
    "exhausted": Text("上限已用完", "the cap is used up"),
    "received": Text("已经领取", "paid already"),
    "refused": Text("主管部门不予支持", "refused"),
    "not_in_force": Text("不在有效期或适用地区", "outside its dates or its place"),
    "settled": Text("已符合", "it applies"),
}


def _summary(items: Iterable[Hindered], lang: Lang) -> RenderableType:
    """Why, and for which measures, in few lines; which facts, where some have to be supplied or moved by others."""
    by_reason: dict[str, dict[str, list[str]]] = {}
    for item in items:
        subjects = by_reason.setdefault(_WHY[item.why].of(lang), {}).setdefault(short(item.measure), [])
        subjects.append("" if item.subject in (None, "enterprise") else str(item.subject).partition(":")[2])
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", max_width=24)
    grid.add_column(overflow="fold", ratio=1)
    for reason, measures in by_reason.items():
        named = [f"{name} ({', '.join(who)})" if any(who) else name for name, who in measures.items()]
        grid.add_row(f"  {reason}", ", ".join(named))
    hint = Text("`seek CASE 措施` 说明一项，`--all` 说明全部", "`seek CASE MEASURE` says why of one, `--all` of all")
    return Group(grid, Padding(Line(hint.of(lang), style="dim"), (0, 0, 0, 2)))


def _hindered(items: Iterable[Hindered], lang: Lang) -> RenderableType:
    grid = _two_columns()
    for item in items:
        label, style = STATUS[item.status], STYLE[item.status]
        said = _named(item.title, item.subject, lang)
        said.append(f"  {label.of(lang)}", style=style)
        said.append(f"\n{item.text}", style="dim")
        grid.add_row(f"  {short(item.measure)}", said)
    return grid
