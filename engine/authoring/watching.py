"""Checking pages again as they are saved: only the page that has changed, and only what has changed in what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import perf_counter

from conggao.engine.authoring.check import Checked, check
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

STEP = 50
"""Milliseconds without another change after which a save is taken to be over."""

GLANCE = 500
"""Milliseconds after which the files are looked at even without an event."""


@dataclass(frozen=True, slots=True)
class Rechecked:
    """A page checked again: what it says, what of that is new and what is gone since the last time, and how long it took."""

    page: Path
    checked: Checked
    new: tuple[Diagnostic, ...]
    gone: tuple[Diagnostic, ...]
    seconds: float

    @property
    def failed(self) -> int:
        """Cases that do not come out as expected."""
        return sum(not worked.passed for worked in self.checked.cases)


class Watch:
    """Pages with what they said last. A finding that has only moved to another line is not a change."""

    def __init__(self) -> None:
        self.last: dict[Path, tuple[Diagnostic, ...]] = {}

    def recheck(self, page: Path) -> Rechecked:
        """Checks one page by itself, with its cases; a page that is gone or cannot be read has findings like any other."""
        begun = perf_counter()
        checked = check([str(page)])
        # Notes are true of many sound pages.
        now = tuple(item for item in checked.diagnostics if item.severity != "note")
        before = self.last.get(page, ())
        self.last[page] = now
        return Rechecked(page, checked, _without(now, before), _without(before, now), perf_counter() - begun)


def _key(item: Diagnostic) -> tuple[str, Text, str | None, tuple[str, ...]]:
    return item.code, item.message, item.path, item.breadcrumb


def _without(items: Sequence[Diagnostic], others: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The items that are not among `others`, each as often as it is more often there."""
    left = Counter(map(_key, others))
    found: list[Diagnostic] = []
    for item in items:
        if left[_key(item)]:
            left[_key(item)] -= 1
        else:
            found.append(item)
    return tuple(found)


def saves(pages: Sequence[Path], stop: Event | None = None) -> Iterator[list[Path]]:
    """The pages that were saved since this was called, each time some are; ends when `stop` is set or the program is interrupted.

    Folders are watched and not the files, since editors save by putting a new file in the place of the old one. Raises InputFaults, at
    once, where watchfiles is not installed.
    """
    try:
        from watchfiles import watch
    except ModuleNotFoundError:
        message = Text("监视文件需要 watchfiles", "watching files needs watchfiles")
        hint = Text("安装：pip install 'conggao[authoring]'", "pip install 'conggao[authoring]'")
        raise InputFaults([Diagnostic("watch/extra", message, help=hint)]) from None
    stamps = {page: _stamp(page) for page in pages}
    names = {page.resolve().name for page in pages}
    events = watch(
        *sorted({page.resolve().parent for page in pages}),
        watch_filter=lambda _, name: Path(name).name in names,
        step=STEP,
        stop_event=stop,
        rust_timeout=GLANCE,
        yield_on_timeout=True,
        recursive=False,
        raise_interrupt=False,
    )
    return _changed(stamps, events)


def _changed(stamps: dict[Path, Stamp], events: Iterable[object]) -> Iterator[list[Path]]:
    """Looks at the files at every event, and now and then without one: a save before the watch began had no event."""
    for _ in events:
        now = {page: _stamp(page) for page in stamps}
        changed = sorted(page for page in stamps if now[page] != stamps[page])
        stamps = now
        if changed:
            yield changed


Stamp = tuple[int, int, int] | None


def _stamp(page: Path) -> Stamp:
    """What tells one state of a file from another; None where there is no file."""
    try:
        known = page.stat()
    except OSError:
        return None
    return known.st_mtime_ns, known.st_size, known.st_ino
