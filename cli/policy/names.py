"""`conggao policy names`: what rules and case files may name, with unit and meaning, looked up by a part of a name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.cli.options import Json, LangOption, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.policy.common import app, dump
from conggao.engine import InputFaults
from conggao.engine.authoring.editing.names import Name, known, looked_up
from conggao.engine.rulebook.build import draft
from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import Diagnostic, Lang, Text, did_you_mean
from conggao.facts.documents import decode, read_bytes

HEADINGS: dict[str, Text] = {
    "enterprise": Text("企业的事实", "facts of the enterprise"),
    "report": Text(
        "年度的事实：写作 `上年度.研发费用`、`前年度.…`", "facts of a year: write `latest.rd_expense`, `previous.…`"
    ),
    "project": Text("项目的事实", "facts of a project"),
    "service": Text("服务的事实", "facts of a service"),
    "park": Text("园区的事实", "facts of a park"),
    "park_report": Text("园区年度的事实：写作 `上年度.…`", "facts of a park's year: write `latest.…`"),
    "parameter": Text("按年的参数", "figures by year"),
    "titles": Text('称号：写作 `认定("…")`', 'titles: write `recognised("…")`'),
    "purposes": Text('项目用途：写作 `用途 包含 "…"`', 'purposes of a project: write `purposes contains "…"`'),
    "kinds": Text("服务类别", "kinds of service"),
    "levels": Text("称号的级别", "levels of a title"),
    "counties": Text("县区和园区", "counties and zones"),
    "line": Text("支持内容：用于 `lines`", "lines, for `lines`"),
    "measure": Text(
        "措施：用于 `stacks_with`、`excludes`、`amend`", "measures, for `stacks_with`, `excludes` and `amend`"
    ),
}
"""What stands above each group, in the order of the groups."""
_ORDER = list(HEADINGS)


@app.command("names")
def names(
    word: Annotated[
        str | None,
        typer.Argument(metavar="[WORD]", help="名称的一部分，中英文皆可。 A part of a name, in either language."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="PAGE", help="连同这一页所声明的。 With what this page declares.")
    ] = None,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """规则里能用的名称：事实、概念、称号、用途、支持内容。 The names that rules may use: facts, titles, purposes, lines."""
    there = known("", "page.md") if policy is None else known(_sound(policy), str(policy))
    found = sorted(looked_up(there, word), key=lambda item: _place(item.owner))
    if word is not None and not found:
        everything = looked_up(there)
        labels = [part for item in everything for part in (item.name, item.label.zh) if part]
        message = Text(f"没有含 `{word}` 的名称", f"no name holds `{word}`")
        listed = Text("`conggao policy names` 列出全部", "`conggao policy names` lists them all")
        raise InputFaults(
            [Diagnostic("names/unknown", message, path="WORD", help=did_you_mean(word, labels) or listed)]
        )
    if json:
        spoken = json_language(lang)
        print_json(dump([described(item, spoken) for item in found]))
    else:
        console().print(_view(found, language(lang)))


def _sound(path: Path) -> str:
    """The text of a page. Raises InputFaults where what it declares cannot be read: its names would be missing."""
    raw = read_bytes(path)
    text = decode(raw, str(path))
    faults: list[Diagnostic] = []
    draft(parse_page(raw, str(path))).extend(shipped_vocabulary(), faults)
    if faults:
        raise InputFaults(faults, {str(path): text})
    return text


def _place(owner: str) -> tuple[int, str]:
    return (_ORDER.index(owner), "") if owner in HEADINGS else (len(_ORDER), owner)


def described(item: Name, lang: Lang) -> dict[str, Any]:
    """A name as JSON has it; `of` is whose fact it is, or the list that a word is of."""
    return {
        "name": item.name, "label": {"zh": item.label.zh, "en": item.label.en}, "kind": item.kind, "of": item.owner,
        "about": item.told.of(lang), "is": item.text or None, "words": item.words, "page": item.page,
    }  # fmt: skip


def _view(found: Sequence[Name], lang: Lang) -> RenderableType:
    parts: list[RenderableType] = []
    for owner, group in groupby(found, key=lambda item: item.owner):
        heading = HEADINGS.get(owner, Text(f"`{owner}` 的词", f"words of `{owner}`"))
        parts.append(Padding(Line(heading.of(lang), style="bold"), (1 if parts else 0, 0, 0, 0)))
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for ratio in (3, 3, 4):
            grid.add_column(ratio=ratio, overflow="fold")
        for item in group:
            grid.add_row(Line(item.name), _label(item, lang), Line(_about(item, lang), style="dim"))
        parts.append(grid)
    return Group(*parts)


def _label(item: Name, lang: Lang) -> Line:
    """The Chinese name, which rules may use as well, and what it is called in English where that is read."""
    shown = Line(item.label.zh)
    if lang == "en" and item.label.en and item.label.en != item.label.zh:
        shown.append(f"\n{item.label.en}", style="dim")
    return shown


def _about(item: Name, lang: Lang) -> str:
    if item.kind in ("word", "line", "measure"):
        return ""
    told = item.told.of(lang)
    if item.words:
        told += Text(f" · 取自 {item.words}", f" · one of {item.words}").of(lang)
    return f"{told}：{item.text}" if item.text and lang == "zh" else f"{told}: {item.text}" if item.text else told
