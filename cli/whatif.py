"""`conggao whatif`: before and after, side by side."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.decide import make_engine
from conggao.cli.options import AsOf, CaseFile, Force, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.scenarios import read_scenarios
from conggao.cli.views import STYLE
from conggao.cli.writing import check_new, save_case
from conggao.engine import Engine, Outcome
from conggao.engine.decision import Range
from conggao.engine.labels import RECIPIENTS, STATUS, amount, payer_name, subject_name
from conggao.engine.whatif import Change, Comparison, changed_case
from conggao.engine.whatif import whatif as compare_cases
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.loading import load_case
from conggao.facts.models import Case

Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FACT=VALUE", help="改一个事实，可重复。 Change a fact; repeatable."),
]
Amends = Annotated[
    list[str] | None,
    typer.Option("--amend", metavar="MEASURE.KEY=VALUE", help="改一条规则，可重复。 Change a rule; repeatable."),
]


def whatif(
    case: CaseFile,
    set: Sets = None,  # noqa: A002 - the name of the option
    amend: Amends = None,
    scenarios: Annotated[
        Path | None,
        typer.Option(
            "--scenarios",
            metavar="FILE",
            help="一个文件里的几种情形，分列比较。 Several scenarios of one file, in columns.",
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="把改过的案例写到文件。 Write the changed case.")
    ] = None,
    force: Force = False,
    as_of: AsOf = None,
    policy: Policies = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """假设某些事实或规则有变：前后对照。 What if facts or rules were others: before and after."""
    spoken = json_language(lang) if json else language(lang)
    _check(set, amend, scenarios, save, force=force)
    engine, _ = make_engine(policy, "exact", language(lang))
    stated = load_case(case, engine.vocabulary)
    if scenarios is not None:
        found = _scenarios(scenarios, engine, stated, as_of, spoken, tuple(set or ()), tuple(amend or ()))
        _print_columns(found, spoken, json)
        return
    compared = compare_cases(engine, stated, set or (), amend or (), as_of, spoken)
    if save is not None:
        changed = changed_case(engine, stated, set or (), compared.before.as_of)
        save_case(changed, save, case)
        said = Text(f"案例已写到 {save}", f"the case was written to {save}").of(language(lang))
        if amend:
            said += Text("；其中不含规则的修改", "; the changes of rules are not in it").of(language(lang))
        console(stderr=True).print(said, style="green", markup=False, soft_wrap=True)
    if json:
        print_json(json_module.dumps(described(compared), ensure_ascii=False, indent=1))
        return
    out = console()
    out.print(comparison_view(compared, spoken, out.width))


def _check(
    sets: Sequence[str] | None, amends: Sequence[str] | None, scenarios: Path | None, save: Path | None, *, force: bool
) -> None:
    """Raises InputFaults where nothing is asked, or the changed case cannot be written: before anything is decided."""
    if not sets and not amends and scenarios is None:
        message = Text("没有说要改什么", "nothing to change is given")
        hint = Text(
            "加上 `--set 事实=数值`、`--amend 措施.键=数值` 或 `--scenarios 文件`",
            "add `--set FACT=VALUE`, `--amend MEASURE.KEY=VALUE` or `--scenarios FILE`",
        )
        raise InputFaults([Diagnostic("whatif/nothing", message, help=hint)])
    if save is not None and scenarios is not None:
        message = Text("几种情形不能写成一个案例", "several scenarios are not one case")
        raise InputFaults([Diagnostic("whatif/save", message, path=f"--save {save}")])
    if save is not None:
        check_new(save, "--save", force=force)


def described(compared: Comparison) -> dict[str, Any]:
    """A comparison as JSON has it: what changed, in full, and the totals."""

    def form(item: Outcome | None) -> Any:
        return None if item is None else item.model_dump(mode="json")

    return {
        "as_of": [compared.before.as_of.isoformat(), compared.after.as_of.isoformat()],
        "changes": [
            {"measure": item.measure, "subject": item.subject, "before": form(item.before), "after": form(item.after)}
            for item in compared.changes
        ],
        "totals": {
            name: {"before": _range(before), "after": _range(after)}
            for name, (before, after) in compared.totals.items()
        },
        "payers": {
            name: {"before": str(before), "after": str(after)} for name, (before, after) in compared.payers.items()
        },
        "gain": str(compared.gain),
    }


def _range(value: Range | None) -> Any:
    return None if value is None else value.model_dump(mode="json")


def comparison_view(compared: Comparison, lang: Lang, width: int) -> RenderableType:
    """Before and after side by side: only what changed, with the reason, then who receives and who pays."""
    if not compared.changes:
        return Line(Text("没有变化。", "Nothing changes.").of(lang), style="yellow")
    headings = [Text("原来", "Before"), Text("现在", "After"), Text("差额（元）", "CNY more or less")]
    rows = [
        (_named(change, lang), _cell(change.before, lang), _cell(change.after, lang), _difference(change, lang))
        for change in compared.changes
    ]
    head = (Line(Text("措施", "Measure").of(lang)), *(Line(item.of(lang)) for item in headings))
    widths = [min(22, max(cell_len(row[column].plain) for row in (head, *rows))) for column in (1, 2, 3)]

    def row(cells: Sequence[Line]) -> Table:
        made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        made.add_column(width=max(12, width - sum(widths) - 8), overflow="fold")
        for each in widths:
            made.add_column(width=each, justify="right", overflow="fold")
        made.add_row(*cells)
        return made

    parts: list[RenderableType] = [row(head)]
    for change, cells in zip(compared.changes, rows, strict=True):
        parts.append(row(cells))
        if change.reason:
            parts.append(Padding(Line(change.reason, style="dim"), (0, 0, 0, 2)))
    totals = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for _ in range(4):
        totals.add_column(justify="right", overflow="fold")
    totals.columns[0].justify = "left"
    for name, (before, after) in compared.totals.items():
        if name == "enterprise" or any(item is not None and item.high != 0 for item in (before, after)):
            label = f"{Text('合计', 'total').of(lang)} {RECIPIENTS[name].of(lang)}"
            difference = (after.low if after else Decimal(0)) - (before.low if before else Decimal(0))
            totals.add_row(
                Line(label, style="bold"),
                amount(before, lang, ""),
                amount(after, lang, ""),
                _signed(difference, _higher(before, after), lang),
            )
    if compared.payers:
        said = Text("确定部分由谁承担", "sure money by payer").of(lang)
        totals.add_row(Line(said, style="dim"), "", "", "")
    for name, (paid, pays) in compared.payers.items():
        totals.add_row(payer_name(name, lang), f"{paid:,.2f}", f"{pays:,.2f}", _signed(pays - paid))
    parts.append(Padding(totals, (1, 0, 0, 0)))
    if compared.after.notes:
        parts.append(Padding(Group(*(Line(note, style="dim") for note in compared.after.notes)), (1, 0, 0, 0)))
    return Group(*parts)


def _named(change: Change, lang: Lang) -> Line:
    item = change.after or change.before
    assert item is not None
    line = Line(f"{item.measure.rpartition('/')[2]} {item.title}")
    if item.subject not in (None, "enterprise"):
        line.append(f" · {subject_name(item.subject, lang)}", style="dim")
    return line


def _cell(item: Outcome | None, lang: Lang) -> Line:
    if item is None:
        return Line("–", style="dim")
    label, style = STATUS[item.status], STYLE[item.status]
    money = item.amount is not None and item.status in ("granted", "contingent")
    return Line(amount(item.amount, lang) if money else label.of(lang), style=style)


def _difference(change: Change, lang: Lang) -> Line:
    """By how much the sure amount changes; where it does not, by how much the most that is possible does."""
    return _signed(change.low, _higher(_money(change.before), _money(change.after)), lang)


def _money(item: Outcome | None) -> Range | None:
    return item.amount if item is not None and item.status in ("granted", "contingent") else None


def _higher(before: Range | None, after: Range | None) -> Decimal:
    """By how much the upper end changes, in yuan; 0 where one of them is open."""
    ends = [Decimal(0) if item is None else item.high for item in (before, after)]
    return Decimal(0) if ends[0] is None or ends[1] is None else ends[1] - ends[0]


def _signed(value: Decimal, higher: Decimal = Decimal(0), lang: Lang = "zh") -> Line:
    shown, said = (value, "") if value or not higher else (higher, Text("最多 ", "at most ").of(lang))
    if not shown:
        return Line("")
    return Line(f"{said}{shown:+,.2f}", style="green" if shown > 0 else "red")


# -- several scenarios ---------------------------------------------------------------------------------------------------


def _scenarios(
    path: Path, engine: Engine, case: Case, as_of: str | None, lang: Lang, sets: Sequence[str], amends: Sequence[str]
) -> dict[str, Comparison]:
    """Every scenario of a file compared with the case; what the options change holds in all of them. Raises InputFaults."""
    shape = {"set": Text("事实=数值", "FACT=VALUE"), "amend": Text("措施.键=数值", "MEASURE.KEY=VALUE")}
    scenarios, texts = read_scenarios(path, shape, Text("情形", "scenarios"))
    found: dict[str, Comparison] = {}
    faults: list[Diagnostic] = []
    for item in scenarios:
        changes = item.changes
        try:
            found[item.name] = compare_cases(
                engine, case, (*sets, *changes.get("set", ())), (*amends, *changes.get("amend", ())), as_of, lang
            )
        except InputFaults as wrong:
            faults += item.located(wrong)
    if faults:
        raise InputFaults(faults, texts)
    return found


def _print_columns(found: Mapping[str, Comparison], lang: Lang, json: bool) -> None:
    if json:
        print_json(
            json_module.dumps({name: described(item) for name, item in found.items()}, ensure_ascii=False, indent=1)
        )
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(Text("措施", "Measure").of(lang), overflow="fold")
    table.add_column(Text("原来", "Before").of(lang), justify="right", overflow="fold")
    for name in found:
        table.add_column(name, justify="right", overflow="fold")
    rows = dict.fromkeys((c.measure, c.subject) for item in found.values() for c in item.changes)
    by = {name: {(c.measure, c.subject): c for c in item.changes} for name, item in found.items()}
    for key in rows:
        known = next(changes[key] for changes in by.values() if key in changes)
        cells = [_cell(by[name][key].after if key in by[name] else known.before, lang) for name in found]
        table.add_row(_named(known, lang), _cell(known.before, lang), *cells)
    first = next(iter(found.values()))
    totals = [amount(item.after.totals["enterprise"], lang) for item in found.values()]
    label = f"{Text('合计', 'total').of(lang)} {RECIPIENTS['enterprise'].of(lang)}"
    table.add_row(Line(label, style="bold"), amount(first.before.totals["enterprise"], lang), *totals)
    console().print(table)
