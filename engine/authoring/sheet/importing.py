"""A workbook back into its page: only what changed is written, and nothing where anything would be lost."""

from __future__ import annotations

import difflib
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from conggao.engine.authoring.sheet.draft import Draft, meaning_of
from conggao.engine.authoring.sheet.entries import entries, lf, parts
from conggao.engine.authoring.sheet.reading import read
from conggao.engine.decide import Engine
from conggao.engine.rulebook.page import Page, parse_page
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Imported:
    """The page as the workbook has it: its text with the line ends of the page, what changed as a unified diff, and how many values."""

    text: str
    diff: str
    changed: int


def imported(page: Page, path: Path) -> Imported:
    """The page with what was changed in the workbook `path`, which was made of it. Raises InputFaults: every fault at once, by its cell.

    Order, comments and all that was not changed stay as they are. The new page is read before anything is said to be right.
    """
    if page.text.count("\n") != page.text.count("\r\n") and "\r\n" in page.text:
        message = Text(
            "页面的行尾不一致，无法只改其中的值",
            "the lines of the page end in two ways, so that no value can be changed alone",
        )
        raise InputFaults([page.fault("sheet/line-ends", message)])
    found = entries(page)
    known = {item.name: item for item in found}
    sha256, rows, faults = read(path, known)
    if sha256 != page.sha256:
        message = Text("工作簿不是由这一页（的现状）导出的", "the workbook was not made of this page as it stands now")
        hint = Text(
            "重新导出再改，否则页面此后的修改会丢失", "export it again: what the page has gained since would be lost"
        )
        raise InputFaults([Diagnostic("sheet/other-page", message, path=str(path), help=hint)])
    draft = Draft(lf(page.text), parts(page), found, faults)
    draft.compare(rows)
    if draft.faults:
        raise InputFaults(draft.faults)
    text = draft.finished()
    _check_reading(page, text, draft)
    _check(page, text, draft)
    diff = "\n".join(
        difflib.unified_diff(draft.text.split("\n"), text.split("\n"), page.name, page.name, n=1, lineterm="")
    )
    return Imported(text.replace("\n", "\r\n") if "\r\n" in page.text else text, diff, draft.count)


def _check_reading(page: Page, text: str, draft: Draft) -> None:
    """Raises InputFaults where a text would be read as something else, such as a paragraph as a list or a heading."""
    if text == draft.text:
        return
    try:
        after = Counter(
            meaning_of(item.layout, item.key, item.text) for item in entries(parse_page(text.encode(), page.name))
        )
    except InputFaults:
        after = Counter()
    expected = list(draft.expected())
    if after == Counter(meaning for meaning, _ in expected):
        return
    lost = Counter(meaning for meaning, _ in expected) - after
    cells = [cell for meaning, cell in expected if cell is not None and meaning in lost]
    cells = cells or [cell for _, cell in expected if cell is not None] or list(draft.wanted.values())
    message = Text("这样写会被读成别的内容", "written so it would be read as something else")
    hint = Text(
        "开头的 `#`、`-`、`>`、`|`、``` 在页面里另有含义，请在页面里改",
        "`#`, `-`, `>`, `|` and ``` at the beginning mean something in a page: change the page",
    )
    places = dict.fromkeys(cell.where for cell in cells)
    raise InputFaults([Diagnostic("sheet/unplaceable", message, path=place, help=hint) for place in places])


def _check(page: Page, text: str, draft: Draft) -> None:
    """Reads the new page as it would be loaded. Raises InputFaults, each with the cell that it comes from."""
    if text == draft.text:
        return
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / "page.md"
        tried.write_text(text, "utf-8", newline="\n")
        try:
            parse_page(text.encode(), page.name)
            Engine([tried])
        except InputFaults as faults:
            shown = [_placed(item, text, draft) for item in faults.diagnostics if item.severity == "error"]
            raise InputFaults(shown, {page.name: text}) from None


def _placed(item: Diagnostic, text: str, draft: Draft) -> Diagnostic:
    line = item.labels[0].span.line if item.labels else None
    where = None if line is None else draft.cell_at(line, text)
    return replace(item, labels=(), path=" ".join(part for part in (where, item.path) if part) or None)


def raw_of(path: Path, new: Imported) -> bytes:
    """What to write over the page at `path`: with the byte order mark that it has."""
    return ((_MARK if path.read_bytes().startswith(_MARK.encode()) else "") + new.text).encode()
