"""What of a page can be edited in a spreadsheet: each value with its name and where it stands in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from conggao.engine.authoring.sheet.layout import FRONT, KINDS, SEPARATOR, TEXTS, TIERS, Layout
from conggao.engine.rulebook.keys import BLOCKS, Key
from conggao.engine.rulebook.keys import FRONT as FRONT_KEYS
from conggao.engine.rulebook.page import Page, body, markdown
from conggao.facts.diagnostics import InputFaults, Text
from conggao.facts.documents import DEEPEST, read_yaml

_RULE = re.compile(r"^\|?[\s:|-]+\|?$")
_HEADING, _PROSE = Text("标题", "heading"), Text("正文", "prose")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value: its sheet, whose it is, its key, the column it stands in, what it means, and the stretch of the text that holds it.

    `flow` says whether it stands between brackets; `prefix` what each further line of it begins with.
    """

    layout: Layout
    owner: str
    key: str
    column: str
    text: str
    told: str
    start: int
    end: int
    yaml: bool
    flow: bool = False
    prefix: str = ""

    @property
    def name(self) -> tuple[str, str, str, str]:
        return self.layout.name, self.owner, self.key, self.column


@dataclass(frozen=True, slots=True)
class Part:
    """A YAML text of a page: where it begins, and the sheet and owner of what stands in it."""

    layout: Layout
    owner: str
    keys: tuple[Key, ...]
    text: str
    start: int
    root: Node | None


def lf(text: str) -> str:
    """The text with the line ends that YAML and Markdown are read with."""
    return text.replace("\r\n", "\n")


def entries(page: Page) -> tuple[Entry, ...]:
    """Every value of the page, in its order. Raises InputFaults where the page has blocks that are set in from the margin."""
    text = lf(page.text)
    found: list[Entry] = []
    for part in parts(page):
        if part.root is not None:
            found += _values(part, part.root, (), flow=False, seen=set())
    found += _texts(text)
    return tuple(found)


def parts(page: Page) -> list[Part]:
    """The front matter and the blocks of the page."""
    text = lf(page.text)
    front = lf(page.front)
    made = [Part(FRONT, "", FRONT_KEYS, front, text.index("\n") + 1, _compose(front, page, 2))] if front else []
    starts = _line_starts(text)
    owners: dict[tuple[str, str], int] = {}
    for number, block in enumerate(page.blocks, start=1):
        layout = KINDS.get(block.kind)
        if layout is None:
            continue
        start = starts[block.line - 1]
        said = lf(block.text)
        if text[start : start + len(said)] != said:
            message = Text(
                "缩进的块不能导出，请把它移到行首", "a block that is set in cannot be exported: move it to the margin"
            )
            raise InputFaults([page.fault("sheet/indented", message, block.line)])
        root = _compose(said, page, block.line)
        owner = _owner(block.kind, root) or f"#{number}"
        count = owners[block.kind, owner] = owners.get((block.kind, owner), 0) + 1
        made.append(Part(layout, owner if count == 1 else f"{owner} ({count})", BLOCKS[block.kind], said, start, root))
    return made


def _compose(text: str, page: Page, line: int) -> Node | None:
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError):
        read_yaml(text, page.name, line)  # says where it is damaged, or nested too deep
        raise
    if root is not None and _depth(root) > DEEPEST:
        read_yaml(text, page.name, line)
    return root


def _depth(root: Node) -> int:
    """The levels of nesting, counted without nesting calls; more than are read are not looked for."""
    level, nodes = 0, [root]
    seen: set[int] = set()
    while nodes and level <= DEEPEST:
        level += 1
        held = [node for _, node in chain.from_iterable(map(items, nodes))]
        nodes = [node for node in held if id(node) not in seen]
        seen.update(map(id, nodes))
    return level


def _owner(kind: str, root: Node | None) -> str:
    key = {"measure": "id", "amend": "measure"}.get(kind, "name")
    if isinstance(root, MappingNode):
        for name, value in root.value:
            if name.value == key and isinstance(value, ScalarNode):
                return str(value.value).strip()
    return ""


def items(node: Node) -> Iterator[tuple[str, Node]]:
    """What a collection holds, by key or by number from 1."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield str(key.value), value
    elif isinstance(node, SequenceNode):
        for number, value in enumerate(node.value, start=1):
            yield str(number), value


def _values(part: Part, node: Node, place: tuple[str, ...], *, flow: bool, seen: set[int]) -> Iterator[Entry]:
    if id(node) in seen:
        return  # an alias: the value stands elsewhere
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        about = next((item.about for item in part.keys if place and item.name == place[0]), None)
        told = "" if about is None or len(place) > 2 else f"{about.zh} {about.en}"  # noqa: PLR2004 - not at every depth
        start, end = part.start + node.start_mark.index, part.start + node.end_mark.index
        value = str(node.value)
        yield Entry(
            part.layout, part.owner, SEPARATOR.join(place), part.layout.values[0], value, told, start, end, True, flow
        )
        return
    inner = flow or (isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style))
    for name, held in items(node):
        yield from _values(part, held, (*place, name), flow=inner, seen=seen)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    starts += [index + 1 for index, sign in enumerate(text) if sign == "\n"]
    return starts


def _texts(text: str) -> Iterator[Entry]:
    """Headings, paragraphs and tables, numbered through the page."""
    starts = _line_starts(text)
    lines = text.split("\n")
    heading, number, level = "", 0, 0
    seen: Mapping[str, int] = {}
    for token in markdown().parse(body(text)):
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "inline" and token.map is not None:
            first, last = token.map
            said = token.content
            kind, level = (_HEADING if level else _PROSE), 0
            held = _region(lines, first, last, said)
            if kind is _HEADING:
                heading = said.strip()
            if held is None:
                continue
            if said.lstrip().startswith("|"):
                seen = {**seen, heading: seen.get(heading, 0) + 1}
                yield from _table(lines, starts, first, last, heading, seen[heading])
                continue
            number += 1
            begin, prefix = held
            start = starts[first] + begin
            end = starts[last - 1] + len(lines[last - 1])
            # What Markdown strips at the end of a passage stays where it is.
            end = start + len(text[start:end].rstrip())
            yield Entry(
                TEXTS,
                heading,
                str(number),
                TEXTS.values[0],
                said,
                f"{kind.zh} {kind.en}",
                start,
                end,
                False,
                prefix=prefix,
            )


def _region(lines: list[str], first: int, last: int, said: str) -> tuple[int, str] | None:
    """Where a passage begins in its first line, and what its further lines begin with; None where that is not plain."""
    told = [part.rstrip() for part in said.split("\n")]
    if len(told) != last - first:
        return None
    offsets = [line.rstrip().rfind(part) for line, part in zip(lines[first:last], told, strict=True)]
    whole = all(
        offset >= 0 and offset + len(part) == len(line.rstrip())
        for offset, part, line in zip(offsets, told, lines[first:last], strict=True)
    )
    prefixes = {lines[first + n][:offset] for n, offset in enumerate(offsets) if n}
    return (offsets[0], next(iter(prefixes), "")) if whole and len(prefixes) <= 1 else None


def _table(lines: list[str], starts: list[int], first: int, last: int, heading: str, count: int) -> Iterator[Entry]:
    owner = heading if count == 1 else f"{heading} ({count})"
    rows = [index for index in range(first, last) if not _RULE.match(lines[index].strip())]
    for number, index in enumerate(rows, start=1):
        for column, (start, said) in zip(TIERS.values, _cells(lines[index]), strict=False):
            begin = starts[index] + start
            yield Entry(TIERS, owner, str(number), column, said.strip(), "", begin, begin + len(said), False)


def _cells(line: str) -> Iterator[tuple[int, str]]:
    """Where each cell of a row of a table begins, and what stands in it; the signs at the ends of the row may be missing."""
    start = len(line) - len(line.lstrip().removeprefix("|"))
    for said in line[start:].rstrip().removesuffix("|").split("|"):
        yield start, said
        start += len(said) + 1
