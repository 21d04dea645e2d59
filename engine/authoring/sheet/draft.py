"""The changes that a workbook makes to a page, gathered as edits of its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from conggao.engine.authoring.sheet.entries import Entry, Part, items
from conggao.engine.authoring.sheet.layout import REMOVED, SEPARATOR, TIERS, Layout
from conggao.engine.authoring.sheet.reading import Cell, Rows, rows_of
from conggao.engine.authoring.splicing import Edit, Place, Unplaceable, edited, edits_of
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean

Meaning = tuple[str, str, str]
"""A sheet, a key without numbers, and a text."""


@dataclass
class Draft:
    """The edits of one import."""

    text: str
    parts: Sequence[Part]
    found: Sequence[Entry]
    faults: list[Diagnostic]
    edits: list[Edit] = field(default_factory=list)
    wanted: dict[int, Cell] = field(default_factory=dict)
    """What a value, by its place among `found`, is to read as afterwards."""
    new: list[tuple[Meaning, Cell]] = field(default_factory=list)
    """Values that the page did not have."""
    told: list[tuple[int, str]] = field(default_factory=list)
    """Where each change stands in the text before, and the cell it comes from."""
    count: int = 0

    def fault(self, code: str, where: str, zh: str, en: str, hint: Text | None = None) -> None:
        self.faults.append(Diagnostic(f"sheet/{code}", Text(zh, en), path=where, help=hint))

    def compare(self, rows: Rows) -> None:
        held = {item.name: item for item in self.found}
        lost = [row for row in rows_of(self.found) if row not in rows]
        for sheet, owner, key in lost:
            hint = Text(
                f"要取消它，保留该行并写“{REMOVED[0]}”", f"to take it out keep its row and write “{REMOVED[1]}”"
            )
            self.fault("gone", sheet, f"`{owner} {key}` 的行不见了", f"the row of `{owner} {key}` is gone", hint)
        changes: dict[int, dict[Place, str]] = {}
        for (sheet, owner, key), cells in rows.items():
            if not any((sheet, owner, key, column) in held for column in cells):
                self._added(sheet, owner, key, cells)
                continue
            for column, cell in cells.items():
                entry = held.get((sheet, owner, key, column))
                if entry is None:
                    if cell.text:
                        self.fault("beyond", cell.where, "这一行没有这一列", "the row has no such column")
                elif not _same(cell, entry.text):
                    self._changed(entry, cell, changes)
        for index, wanted in changes.items():
            self._splice(self.parts[index], wanted)

    # -- values that are there ---------------------------------------------------------------------------------------------

    def _changed(self, entry: Entry, cell: Cell, changes: dict[int, dict[Place, str]]) -> None:
        removed = cell.text.casefold() in REMOVED
        if not cell.text:
            hint = Text(f"要取消它，写“{REMOVED[0]}”", f"to take it out write “{REMOVED[1]}”")
            self.fault(
                "cleared", cell.where, f"原来的值 `{entry.text}` 空了", f"the value `{entry.text}` is gone", hint
            )
            return
        self.count += 1
        self.wanted[self.found.index(entry)] = cell
        self.told.append((entry.start, cell.where))
        if entry.yaml:
            index = next(
                n for n, part in enumerate(self.parts) if part.start <= entry.start <= part.start + len(part.text)
            )
            quoted = self.text[entry.start : entry.start + 1] in "\"'" and entry.end > entry.start
            new = "" if removed else as_yaml(cell.text, flow=entry.flow, quoted=quoted)
            changes.setdefault(index, {})[tuple(entry.key.split(SEPARATOR))] = new
        elif entry.layout is TIERS:
            self._tier(entry, cell, removed=removed)
        else:
            self._passage(entry, cell, removed=removed)

    def _splice(self, part: Part, wanted: Mapping[Place, str]) -> None:
        try:
            made = edits_of(part.text, wanted)
        except Unplaceable:
            names = "、".join(SEPARATOR.join(place) for place in wanted)
            zh, en = f"{names} 不能这样改，请在页面里改", f"{names} cannot be changed so: change the page"
            self.fault("unplaceable", f"{part.layout.name} {part.owner}".strip(), zh, en)
            return
        self.edits += [(part.start + start, part.start + end, new) for start, end, new in made]

    def _tier(self, entry: Entry, cell: Cell, *, removed: bool) -> None:
        if removed:
            start = self.text.rfind("\n", 0, entry.start) + 1
            end = self.text.find("\n", entry.end) + 1 or len(self.text)
            if (start, end, "") not in self.edits:
                self.edits = [item for item in self.edits if not start <= item[0] < end]
                self.edits.append((start, end, ""))
        elif "|" in cell.text or "\n" in cell.text:
            self.fault("sign", cell.where, "表格里不能有 `|` 或换行", "a table cannot hold `|` or a line end")
        else:
            self.edits.append((entry.start, entry.end, f" {cell.text} "))

    def _passage(self, entry: Entry, cell: Cell, *, removed: bool) -> None:
        start = self.text.rfind("\n", 0, entry.start) + 1
        lead = self.text[start : entry.start]
        if (removed and lead.strip()) or ("\n" in cell.text and lead.strip() and not entry.prefix):
            zh, en = "标题和列表项请在页面里改", "headings and items of lists are changed in the page"
            self.fault("unplaceable", cell.where, zh, en)
            return
        new = "" if removed else cell.text.replace("\n", f"\n{entry.prefix}")
        self.edits.append((entry.start, entry.end, new))

    # -- values that are new -----------------------------------------------------------------------------------------------

    def _added(self, sheet: str, owner: str, key: str, cells: Mapping[str, Cell]) -> None:
        told = [cell for cell in cells.values() if cell.text]
        if not told:
            return
        where = told[0].where
        self.count += 1
        if sheet == TIERS.name:
            self._added_step(owner, key, cells, where)
            return
        part = next((item for item in self.parts if (item.layout.name, item.owner) == (sheet, owner)), None)
        if part is None or part.root is None:
            owners = [item.owner for item in self.parts if item.layout.name == sheet]
            zh, en = (
                f"页面里没有 `{owner or sheet}`，新的块请写在页面里",
                f"the page has no `{owner or sheet}`: new blocks are written in the page",
            )
            self.fault("unknown-row", where, zh, en, did_you_mean(owner, owners))
            return
        place = tuple(item.strip() for item in key.split(SEPARATOR.strip()))
        parent = _node(part.root, place[:-1])
        known = [item.name for item in part.keys]
        if len(place) == 1 and place[0] not in known:
            self.fault("unknown-key", where, f"不认识的键 `{key}`", f"unknown key `{key}`", did_you_mean(key, known))
            return
        edit = None if parent is None else _insertion(part, parent, place[-1], told[0].text)
        if edit is None:
            zh, en = f"`{key}` 不能加在这里，请在页面里加", f"`{key}` cannot be added here: add it in the page"
            self.fault("unplaceable", where, zh, en)
            return
        self.told.append((edit[0], where))
        self.edits.append(edit)
        self.new.append((meaning_of(part.layout, key, told[0].text), told[0]))

    def _added_step(self, owner: str, key: str, cells: Mapping[str, Cell], where: str) -> None:
        own = [item for item in self.found if item.layout is TIERS and item.owner == owner]
        count = max((int(item.key) for item in own), default=0)
        if not own or key != str(count + 1) or any("|" in cell.text or "\n" in cell.text for cell in cells.values()):
            zh = f"`{owner} {key}` 不是表的下一行（{count + 1}）"
            self.fault("unknown-row", where, zh, f"`{owner} {key}` is not the next row of a table ({count + 1})")
            return
        end = self.text.find("\n", max(item.end for item in own))
        told = [cells.get(column, Cell("", where)) for column in TIERS.values[: len({item.column for item in own})]]
        self.told.append((end, where))
        self.edits.append((end, end, "\n|" + "".join(f" {cell.text} |" for cell in told)))
        self.new += [(meaning_of(TIERS, key, cell.text), cell) for cell in told]

    def expected(self) -> Iterator[tuple[Meaning, Cell | None]]:
        """What the page is to hold afterwards, each with the cell that it comes from where that is not what was there."""
        rows = {
            (self.found[index].layout, self.found[index].owner, self.found[index].key)
            for index, cell in self.wanted.items()
            if cell.text.casefold() in REMOVED and self.found[index].layout is TIERS
        }
        for index, item in enumerate(self.found):
            cell = self.wanted.get(index)
            if (item.layout, item.owner, item.key) in rows or (cell is not None and cell.text.casefold() in REMOVED):
                continue
            yield meaning_of(item.layout, item.key, item.text if cell is None else cell.text), cell
        yield from self.new

    def finished(self) -> str:
        """The text after all edits. Raises InputFaults where two of them meet."""
        try:
            return edited(self.text, self.edits)
        except Unplaceable:
            message = Text(
                "有些修改互相重叠，请分几次导入", "some of the changes overlap: import them one after the other"
            )
            raise InputFaults([Diagnostic("sheet/unplaceable", message)]) from None

    def cell_at(self, line: int, text: str) -> str | None:
        """The cell whose change stands at a line of the text afterwards."""
        for place, where in self.told:
            moved = sum(len(new) - (end - start) for start, end, new in self.edits if end <= place)
            if text.count("\n", 0, max(0, place + moved)) + 1 == line:
                return where
        return None


def _same(cell: Cell, text: str) -> bool:
    if cell.text == text.strip() or cell.text.split() == text.split():
        return True
    return cell.number and _number(cell.text) is not None and _number(cell.text) == _number(text)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return None


def as_yaml(text: str, *, flow: bool, quoted: bool = False) -> str:
    """`text` as a scalar of YAML on one line: plain where it reads as itself, else in quotation marks."""
    try:
        root = YAML(typ="safe", pure=True).compose(f"[{text}]" if flow else f"k: {text}")
    except YAMLError:
        root = None
    node = next(iter(items(root)), ("", None))[1] if isinstance(root, MappingNode | SequenceNode) else None
    same = isinstance(node, ScalarNode) and node.value == text and node.style is None and len(root.value) == 1
    return (
        text if same and not quoted and text.casefold() not in ("null", "~") else json.dumps(text, ensure_ascii=False)
    )


def _node(root: Node, place: Place) -> Node | None:
    node: Node | None = root
    for name in place:
        node = next((value for key, value in items(node) if key == name), None) if node is not None else None
    return node


def _insertion(part: Part, parent: Node, name: str, value: str) -> Edit | None:
    """Where and how a new entry of a collection is written; None where that is not plain."""
    if parent is part.root and isinstance(parent, MappingNode) and not parent.flow_style:
        at = part.start + len(part.text)
        return at, at, f"{name}: {as_yaml(value, flow=False)}\n"
    if not isinstance(parent, MappingNode | SequenceNode) or not parent.value:
        return None
    if isinstance(parent, SequenceNode) and name != str(len(parent.value) + 1):
        return None
    last = parent.value[-1][1] if isinstance(parent, MappingNode) else parent.value[-1]
    if not isinstance(last, ScalarNode):
        return None
    at = int(last.end_mark.index)
    key = f"{as_yaml(name, flow=True)}: " if isinstance(parent, MappingNode) else ""
    if parent.flow_style:
        return part.start + at, part.start + at, f", {key}{as_yaml(value, flow=True)}"
    first = parent.value[0][0] if isinstance(parent, MappingNode) else parent.value[0]
    begin = int(first.start_mark.index)
    lead = part.text[part.text.rfind("\n", 0, begin) + 1 : begin]
    if lead.strip() not in ("", "-"):
        return None
    end = part.text.find("\n", at)
    end = len(part.text) if end < 0 else end
    return part.start + end, part.start + end, f"\n{lead}{key}{as_yaml(value, flow=False)}"


def meaning_of(layout: Layout, key: str, text: str) -> Meaning:
    """A value, whichever number it has among its like and however it is laid out."""
    return layout.name, re.sub(r"\d+", "#", key), " ".join(text.split())
