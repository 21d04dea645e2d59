"""`conggao policy watch`: pages checked and their cases run again at every save, telling only what has changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console

from conggao.cli.options import LangOption, language
from conggao.cli.output import console
from conggao.cli.policy.common import Rulebooks, app
from conggao.engine import InputFaults
from conggao.engine.authoring.watching import Rechecked, Watch, saves
from conggao.engine.rulebook.library import load, shipped
from conggao.facts.diagnostics import Diagnostic, Lang, Text, headline, render


@app.command()
def watch(policies: Rulebooks = None, lang: LangOption = None) -> None:
    """保存时重新检验，只显示变化；Ctrl+C 结束。 Check again at every save, showing only what changed; Ctrl+C ends it."""
    spoken = language(lang)
    pages = _pages(policies)
    changes = saves(pages)
    out, state = console(), Watch()
    try:
        for page in pages:
            _tell(state.recheck(page), out, spoken)
        waiting = Text(f"正在监视 {len(pages)} 页，Ctrl+C 结束", f"watching {len(pages)} pages; Ctrl+C ends")
        if len(pages) == 1:
            waiting = Text(waiting.zh, "watching one page; Ctrl+C ends")
        out.print(waiting.of(spoken), style="dim")
        for saved in changes:
            for page in saved:
                out.print(f"{datetime.now():%H:%M:%S} {page}", style="bold", soft_wrap=True)
                _tell(state.recheck(page), out, spoken)
    except KeyboardInterrupt:
        pass
    raise typer.Exit


def _pages(policies: list[str] | None) -> list[Path]:
    """The files of the policies named, by id or path. Raises InputFaults for what is neither."""
    known = shipped()
    unknown = [name for name in policies or () if name not in known and not Path(name).is_file()]
    if unknown:
        load(unknown)  # says what is wrong with each of them
        raise InputFaults([Diagnostic("page/unreadable", Text("不是文件", "this is no file"), path=unknown[0])])
    return list(dict.fromkeys(known.get(name) or Path(name) for name in policies or known))


def _tell(found: Rechecked, out: Console, lang: Lang) -> None:
    for item in found.gone:
        out.print(f"✓ {headline(item, lang)}", style="green", markup=False, soft_wrap=True)
    for item in found.new:
        style = "red" if item.severity == "error" else "yellow"
        first, _, rest = render(item, lang, found.checked.sources).partition("\n")
        out.print(first, style=style, markup=False, soft_wrap=True)
        if rest:
            out.print(rest, markup=False, soft_wrap=True)
    milliseconds = round(found.seconds * 1000)
    if not found.checked.policies:
        said = Text(f"页面不能读懂（{milliseconds} 毫秒）", f"the page cannot be read ({milliseconds} ms)")
        out.print(said.of(lang), style="red")
        return
    (policy,) = found.checked.policies
    same = "" if found.new or found.gone else Text("，没有变化", ", no change").of(lang)
    said = Text(
        f"{policy.id}：{len(found.checked.cases)} 个案例，{found.failed} 个不符{same}（{milliseconds} 毫秒）",
        f"{policy.id}: {len(found.checked.cases)} cases, {found.failed} failed{same} ({milliseconds} ms)",
    )
    out.print(said.of(lang), style="green" if found.checked.clean else "red")
