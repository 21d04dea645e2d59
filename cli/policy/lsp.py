"""`conggao policy lsp`: a language server for pages, over the standard streams."""

from __future__ import annotations

from typing import Annotated

import typer

from conggao.cli.options import LangOption, language
from conggao.cli.policy.common import app
from conggao.engine import InputFaults
from conggao.facts.diagnostics import Diagnostic, Text

Wait = Annotated[
    int,
    typer.Option("--wait", metavar="MS", min=0, max=10_000, help="停笔多久后检验。 How long after a change it checks."),
]


@app.command("lsp")
def lsp_(wait: Wait = 200, lang: LangOption = None) -> None:
    """编辑器的语言服务：边写边检验、补全、说明、跳转、改名。 A language server for editors, over the standard streams."""
    try:
        from conggao.cli.policy.server import serve
    except ModuleNotFoundError as missing:
        if missing.name not in ("pygls", "lsprotocol"):
            raise
        message = Text("语言服务需要 pygls", "the language server needs pygls")
        hint = Text("安装 `conggao[authoring]`", "install `conggao[authoring]`")
        raise InputFaults([Diagnostic("lsp/extra", message, help=hint)]) from None
    serve(wait / 1000, language(lang))
