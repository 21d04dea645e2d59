"""`--report FILE.html`: the decision as a page, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from conggao.engine import Decision, Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.writing import write_whole


def check_report(path: Path, case: Path) -> None:
    """Raises InputFaults where a report cannot be made, or `path` cannot be its file: before anything is decided."""
    check_page(path, case, "--report")


def check_page(path: Path, read: Path, option: str) -> None:
    """As `check_report`, for a page of HTML that `option` asks for and that is made from the file `read`."""
    try:
        import jinja2  # noqa: F401
    except ModuleNotFoundError:
        message = Text("报告需要 jinja2", "a report needs jinja2")
        hint = Text("安装 `conggao[report]`", "install `conggao[report]`")
        raise InputFaults([Diagnostic("report/extra", message, path=option, help=hint)]) from None
    if path.suffix.lower() not in (".html", ".htm"):
        message = Text("报告是一页 HTML", "a report is a page of HTML")
        hint = Text(
            "文件名应以 .html 结尾；PDF 可由浏览器打印得到", "the name must end in .html; a browser prints it as PDF"
        )
        raise InputFaults([Diagnostic("report/suffix", message, path=f"{option} {path}", help=hint)])
    if path.exists() and read.exists() and path.samefile(read):
        message = Text("不覆盖读入的文件", "this would overwrite the file that was read")
        raise InputFaults([Diagnostic("report/overwrite", message, path=str(path), help=_ANOTHER)])
    if path.exists() and not path.is_file():
        message = Text("不是普通文件", "this is not a plain file")
        raise InputFaults([Diagnostic("report/not-a-file", message, path=str(path), help=_ANOTHER)])


_ANOTHER = Text("换一个文件名", "give another name")


def save_report(decision: Decision, engine: Engine, path: Path) -> None:
    """Writes the page of `decision` to `path`. Raises InputFaults where it cannot be written."""
    from conggao.engine.report import report_html

    write_whole(report_html(decision, engine), path)
