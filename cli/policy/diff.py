"""`conggao policy diff`: what two versions of a rulebook mean differently."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import app, dump
from conggao.engine.authoring.diff import Change, Comparison
from conggao.engine.authoring.diff import diff as compare
from conggao.engine.authoring.diff.model import FACETS, VERDICTS, Seen
from conggao.engine.authoring.lints.cases import as_yaml
from conggao.engine.labels import STATUS
from conggao.facts.diagnostics import Lang, Text

_Version = Annotated[
    str, typer.Argument(help="政策编号、页面路径或 `修订:路径`。 A policy's id, the path of a page, or `REV:path`.")
]


@app.command()
def diff(first: _Version, second: _Version, lang: LangOption = None, json: Json = False) -> None:
    """比较两个版本的意思，每处不同附一个案例。 Compare what two versions mean, each difference with a case."""
    found = compare(first, second)
    if json:
        print_json(dump(described(found)))
    else:
        _tell(found, language(lang), console())


def described(found: Comparison) -> dict[str, Any]:
    """The comparison as JSON has it."""
    return {
        "first": found.first,
        "second": found.second,
        "same": found.same,
        "certainty": found.certainty,
        "notes": [note._asdict() for note in found.notes],
        "changes": [_described(change) for change in found.changes],
    }


def _described(change: Change) -> dict[str, Any]:
    first, second = change.seen or (None, None)
    return {
        "measure": change.measure,
        "facet": change.facet,
        "before": change.before._asdict(),
        "after": change.after._asdict(),
        "verdict": change.verdict,
        "tried": change.tried,
        "by": change.by,
        "case": change.case,
        "first": None if first is None else _seen(first),
        "second": None if second is None else _seen(second),
    }


def _seen(item: Seen) -> dict[str, Any]:
    return {"status": item.status, "standard": item.standard, "amount": item.amount}


def _tell(found: Comparison, lang: Lang, out: Console) -> None:
    for note in found.notes:
        out.print(note.of(lang), style="dim")
    last: str | None = ""
    for change in found.changes:
        if change.measure != last:
            out.print(Line(change.measure or Text("整部政策", "the policy as a whole").of(lang), style="bold"))
            last = change.measure
        out.print(f"  {FACETS[change.facet].of(lang)}")
        if change.before != change.after:
            out.print(Padding(Line(f"− {change.before.of(lang)}", style="red"), (0, 0, 0, 4)))
            out.print(Padding(Line(f"+ {change.after.of(lang)}", style="green"), (0, 0, 0, 4)))
        if change.seen is not None and change.case is not None:
            for line in as_yaml(change.case).splitlines():
                out.print(f"      {line}", markup=False, soft_wrap=True, style="dim")
            for name, seen in zip((found.first, found.second), change.seen, strict=True):
                of = "" if change.by is None else f"{change.by} "
                said = Line(f"{name}{Text('：', ': ').of(lang)}{of}{_decided(seen, lang)}")
                out.print(Padding(said, (0, 0, 0, 4)))
        else:
            out.print(Padding(Line(_verdict(change).of(lang), style="dim"), (0, 0, 0, 4)))
    out.print(_summary(found).of(lang), style="green" if found.same else "yellow")


def _verdict(change: Change) -> Text:
    said = VERDICTS[change.verdict]
    if not change.tried:
        return said
    return Text(f"{said.zh}（{change.tried} 个随机案例）", f"{said.en} ({change.tried} random cases)")


def _decided(seen: Seen, lang: Lang) -> str:
    label = next((text for status, text in STATUS.items() if status == seen.status), None)
    said = [seen.status if label is None else label.of(lang)]
    if seen.standard != "–":
        said.append(seen.standard if seen.standard == seen.amount else f"{seen.amount} ({seen.standard})")
    return " ".join(said)


def _summary(found: Comparison) -> Text:
    if not found.changes:
        return Text("两个版本的规则完全相同", "the rules of the two versions are the same")
    if not found.same:
        count = sum(change.matters for change in found.changes)
        return Text(f"{count} 处意思不同", f"{count} change{'s' if count > 1 else ''} of meaning")
    if found.certainty == "proven":
        return Text("写法不同，意思相同：已证明", "written differently, the same meaning: proven")
    return Text("写法不同，随机案例的决定都相同", "written differently; all random cases are decided alike")
