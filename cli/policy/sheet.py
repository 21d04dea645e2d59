"""`conggao policy export` and `conggao policy import`: a rulebook through a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.syntax import Syntax

from conggao.cli.options import Force, LangOption, language
from conggao.cli.output import console
from conggao.cli.policy.common import Rulebook, app
from conggao.cli.writing import check_new
from conggao.engine import InputFaults
from conggao.engine.authoring.sheet import export, imported, raw_of
from conggao.engine.rulebook.library import page_name, shipped
from conggao.engine.rulebook.page import Page, read_page
from conggao.facts.diagnostics import Diagnostic, Lang, Text, did_you_mean
from conggao.facts.writing import write_whole

Workbook = Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="工作簿。 The workbook.")]
SUFFIX = ".xlsx"


@app.command("export")
def export_(file: Workbook, policy: Rulebook, force: Force = False, lang: LangOption = None) -> None:
    """把规则书的数字、日期和文字写成 Excel 工作簿。 A rulebook's figures, dates and texts as an Excel workbook."""
    spoken = language(lang)
    _workbook(file)
    check_new(file, "export", force=force)
    page, _ = _page(policy)
    count = export(page, file)
    said = Text(f"{count:,} 个值写到 {file}", f"{count:,} values were written to {file}")
    console().print(said.of(spoken), style="green", markup=False, soft_wrap=True)


@app.command("import")
def import_(
    file: Workbook,
    policy: Rulebook,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PAGE", help="写成另一页，原页不动。 Write another page; leave this as it is."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看改动，不写。 Show the changes, write nothing.")
    ] = False,
    force: Force = False,
    lang: LangOption = None,
) -> None:
    """把改过的工作簿写回规则书，只改有变化的值。 A changed workbook back into its page: only what changed is written."""
    spoken = language(lang)
    _workbook(file)
    page, path = _page(policy)
    if out is not None:
        check_new(out, "--out", force=force)
    new = imported(page, file)
    shown = console()
    if not new.changed:
        shown.print(Text("没有改动。", "Nothing has changed.").of(spoken), style="yellow")
        if out is None:
            return
    else:
        shown.print(Syntax(new.diff, "diff", theme="ansi_dark", background_color="default", word_wrap=True))
    if dry_run:
        return
    write_whole(raw_of(path, new), out or path)
    _told(new.changed, out or path, spoken)


def _told(count: int, path: Path, lang: Lang) -> None:
    zh, en = f"{count} 处改动写到 {path}", f"{count} changes were written to {path}"
    hint = Text("；再用 policy check、policy test 检验", "; try it with policy check and policy test")
    console().print(Text(zh, en).of(lang) + hint.of(lang), style="green", markup=False, soft_wrap=True)


def _workbook(file: Path) -> None:
    if file.suffix.lower() != SUFFIX:
        message = Text("工作簿的文件名应以 .xlsx 结尾", "the name of a workbook ends in .xlsx")
        raise InputFaults([Diagnostic("sheet/suffix", message, path=str(file))])


def _page(policy: str) -> tuple[Page, Path]:
    """The page of an id or a path, and its file."""
    pages = shipped()
    path = pages.get(policy, Path(policy))
    if policy not in pages and "/" not in policy and path.suffix != ".md":
        message = Text(f"没有政策 `{policy}`", f"there is no policy `{policy}`")
        raise InputFaults([Diagnostic("page/unknown-policy", message, help=did_you_mean(policy, pages))])
    return read_page(path, page_name(path) if policy in pages else str(path)), path
