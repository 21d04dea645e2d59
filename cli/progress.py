"""Long work on a terminal shows how far it is; in a pipe it says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from conggao.cli.output import console
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text

LIBRARIES = ("duckdb", "numpy", "pyarrow")


def needs_batch() -> None:
    """Raises InputFaults, with what to install, where the libraries for tables are missing."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        listed = ", ".join(missing)
        message = Text(f"处理表格需要 {listed}", f"tables need {listed}")
        hint = Text("安装：pip install 'conggao[batch]'", "install: pip install 'conggao[batch]'")
        raise InputFaults([Diagnostic("batch/extra", message, help=hint)])


@contextmanager
def progress(what: Text, total: int | None, lang: Lang) -> Iterator[Callable[[int], None]]:
    """A bar on the error stream while the block runs, where that is a terminal; the function told how much is done."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(what.of(lang), total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def stages(lang: Lang) -> Iterator[Callable[[Text, int | None], Callable[[int], None]]]:
    """As `progress`, for work of several stages: the function makes the bar of the next one."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield lambda what, total: lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bar:

        def begin(what: Text, total: int | None) -> Callable[[int], None]:
            task = bar.add_task(what.of(lang), total=total)
            return lambda done: bar.update(task, completed=done)

        yield begin
