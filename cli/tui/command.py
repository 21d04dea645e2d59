"""`conggao tui`: the terminal application, here or in a browser."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from conggao.cli.options import AsOf, CaseFile, LangOption, Policies, language
from conggao.engine import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.loading import load_case

Web = Annotated[
    bool, typer.Option("--web", help="在本机浏览器中打开，只接受本机连接。 In a browser, on this machine only.")
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="--web 的端口。 The port of --web.")]


def tui(
    case: CaseFile,
    as_of: AsOf = None,
    policy: Policies = None,
    lang: LangOption = None,
    web: Web = False,
    port: Port = 8711,
) -> None:
    """边改事实边看结果。 Change facts and see the outcomes follow."""
    spoken = language(lang)
    engine = Engine(policy)
    stated = load_case(case, engine.vocabulary)
    try:
        from conggao.cli.tui.app import CaseApp
        from conggao.cli.tui.session import Session

        session = Session(engine, stated, as_of, spoken)
        if web:
            from conggao.cli.tui.web import serve
    except ModuleNotFoundError as error:
        raise InputFaults([_absent(error.name or "textual")]) from None
    if web:
        serve(case, as_of, policy or (), spoken, port)
        return
    _check_window()
    CaseApp(session, case).run()


def _absent(module: str) -> Diagnostic:
    message = Text(f"没有安装 {module}", f"{module} is not installed")
    hint = Text('安装：pip install "conggao[tui]"', 'install it: pip install "conggao[tui]"')
    return Diagnostic("tui/not-installed", message, help=hint)


def _check_window() -> None:
    """Says at once where there is no terminal, or one too small. Raises InputFaults."""
    from conggao.cli.tui.window import COLUMNS, LINES

    if "TEXTUAL_DRIVER" in os.environ:
        # A browser is the terminal; its size comes later.
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        message = Text("这里不是终端", "this is not a terminal")
        hint = Text(
            "在终端里运行，或用 `--web` 在浏览器中打开；管道里用 `conggao whatif`",
            "run it in a terminal, or with `--web` in a browser; in a pipe there is `conggao whatif`",
        )
        raise InputFaults([Diagnostic("tui/no-terminal", message, help=hint)])
    size = os.get_terminal_size(sys.stdout.fileno())
    if size.columns < COLUMNS or size.lines < LINES:
        message = Text(f"终端是 {size.columns} 列 {size.lines} 行", f"the terminal is {size.columns} × {size.lines}")
        hint = Text(f"至少需要 {COLUMNS} 列 {LINES} 行", f"at least {COLUMNS} × {LINES} is needed")
        raise InputFaults([Diagnostic("tui/too-small", message, help=hint)])
