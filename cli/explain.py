"""`conggao explain`: why a measure applies or not, and how far off it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.decide import make_engine, read_case
from conggao.cli.options import AsOf, CaseFile, EngineOption, Json, LangOption, Policies, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.views import STYLE, condition_lines
from conggao.engine import Decision, Engine, Outcome
from conggao.engine.labels import STATUS, SUBJECTS, amount, payer_name, short, subject_name
from conggao.engine.receipts import Taken, taken
from conggao.engine.rulebook.model import Measure
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text

MeasureArgument = Annotated[
    str, typer.Argument(metavar="MEASURE", help="措施编号，如 8a。 The measure, such as 8a or yinchuan-2024-2/8a.")
]


def explain(
    case: CaseFile,
    measure: MeasureArgument,
    as_of: AsOf = None,
    policy: Policies = None,
    engine: EngineOption = "forward",
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """说明一项措施为什么适用或不适用，差多少。 Explain a measure: why, why not, and how far off."""
    spoken = json_language(lang) if json else language(lang)
    decider, name = make_engine(policy, engine, language(lang))
    key = find_measure(decider, measure)
    decision = decider.decide(read_case(case, decider, policy), as_of=as_of, engine=name, lang=spoken)
    outcomes = [item for item in decision.outcomes if item.measure == key]
    if json:
        chosen = decision.model_copy(update={"outcomes": tuple(outcomes)})
        print_json(chosen.to_json())
        return
    console().print(explanation_view(decision, outcomes, decider, key))


def find_measure(engine: Engine, name: str) -> str:
    """The full id of a measure; InputFaults with the nearest names where there is none."""
    found = engine.rulebooks.find(name)
    if found is not None:
        return found[1].key
    message, hint = engine.rulebooks.not_found(name)
    raise InputFaults([Diagnostic("case/unknown-measure", message, help=hint)])


def explanation_view(decision: Decision, outcomes: list[Outcome], engine: Engine, key: str) -> RenderableType:
    """Everything known of one measure: its clause, then for each subject its conditions and arithmetic."""
    lang = decision.lang
    found = engine.rulebooks.find(key)
    assert found is not None
    policy, measure = found
    parts: list[RenderableType] = [
        Line(f"{short(key)} {measure.title.of(lang)}", style="bold"),
        Line(f"{policy.title.of(lang)} {policy.number} · {measure.clause}", style="dim"),
        Padding(Line(measure.block.restatement), (1, 0, 0, 2)),
    ]
    if not outcomes:
        kind = Text("案例中没有此措施的对象。", "The case has no subject of this measure.")
        parts.append(Padding(Line(kind.of(lang), style="yellow"), (1, 0)))
    own = [item for item in taken(decision.case, engine.rulebooks) if item.key == key and item.fen]
    parts += [_outcome(item, measure, own, lang) for item in outcomes]
    if measure.interpretation:
        readings = [Line(f"  · {text.of(lang)}", style="dim") for text in measure.interpretation]
        parts.append(
            Padding(Group(Line(Text("解读", "Readings taken").of(lang), style="bold"), *readings), (1, 0, 0, 0))
        )
    if decision.notes:
        parts.append(Padding(Group(*(Line(note, style="dim") for note in decision.notes)), (1, 0, 0, 0)))
    return Group(*parts)


def _ended(item: Outcome, measure: Measure, own: Sequence[Taken]) -> bool:
    """Whether `once` is why nothing is paid: `own`, money of the measure itself, lies in its scope. Money of others is not that."""
    if item.status != "received" or measure.once is None:
        return False
    return any(measure.once in ("enterprise", "park") or paid.subject == item.subject for paid in own)


def _once(measure: Measure) -> Text:
    """Why a measure that is paid once is not paid again."""
    scope = SUBJECTS[measure.once or "enterprise"]
    return Text(
        f"一次性措施（`once: {measure.once}`，每个{scope.zh}一次）：此前已领取过，不论数额，不再给",
        f"paid once only (`once: {measure.once}`, per {scope.en}): it was received before, and whatever was paid then nothing more is",
    )


def _outcome(item: Outcome, measure: Measure, own: Sequence[Taken], lang: Lang) -> RenderableType:
    status, style = STATUS[item.status], STYLE[item.status]
    head = Line(subject_name(item.subject, lang), style="bold")
    head.append(f"  {status.of(lang)}", style=style)
    if item.amount is not None and item.status in ("granted", "contingent"):
        head.append(f"  {amount(item.amount, lang)} {Text('元', 'CNY').of(lang)}", style=style)
    rows: list[RenderableType] = [head, *condition_lines(item.conditions, lang)]
    if item.steps:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
        table.add_column(overflow="fold", ratio=1)
        table.add_column(justify="right", no_wrap=True)
        for step in item.steps:
            table.add_row(step.text, amount(step.amount, lang, ""))
        rows.append(table)
    if _ended(item, measure, own):
        rows.append(Line(f"  {_once(measure).of(lang)}", style="yellow"))
    if item.missing:
        rows.append(Line("  " + Text("缺：", "missing: ").of(lang) + ", ".join(item.missing), style="yellow"))
    if item.superseded_by:
        rows.append(
            Line("  " + Text("让位于：", "superseded by: ").of(lang) + ", ".join(item.superseded_by), style="cyan")
        )
    if item.contested_by:
        rows.append(
            Line(
                "  " + Text("可能被推翻：", "could be overturned by: ").of(lang) + ", ".join(item.contested_by),
                style="yellow",
            )
        )
    for payer, share in (item.funding or {}).items():
        label = payer_name(payer, lang)
        rows.append(Line(f"  {label} {amount(share, lang)}", style="dim"))
    rows += [Line(f"  {note}", style="dim") for note in item.notes]
    return Padding(Group(*rows), (1, 0, 0, 0))
