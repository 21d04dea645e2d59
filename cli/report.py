"""`--report FILE.html`: the decision as a page, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from conggao.engine import Decision, Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text


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


def write_whole(text: str, path: Path) -> None:
    """Writes `text` to `path`, or leaves what was there. Raises InputFaults."""
    temporary: Path | None = None
    try:
        # A link is followed, so that what it points at is replaced and not the link.
        target = path.resolve()
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(mode)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        message = Text(f"无法写入（{error.strerror}）", f"it cannot be written ({error.strerror})")
        raise InputFaults([Diagnostic("report/unwritable", message, path=str(path))]) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    """The mask for new files; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
