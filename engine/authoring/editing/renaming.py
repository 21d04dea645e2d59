"""A derived fact under another name: wherever the rules of a page use it, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from lark import Token
from lark.exceptions import LarkError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from conggao.engine.authoring.editing.completing import EXPRESSIONS
from conggao.engine.authoring.editing.names import Known, Name
from conggao.engine.authoring.editing.pointing import spot_prefix
from conggao.engine.authoring.editing.spot import Spot, spot_at
from conggao.engine.authoring.sheet.entries import Part, items, lf, parts
from conggao.engine.authoring.splicing import Edit
from conggao.engine.language.grammar import parser
from conggao.engine.language.scope import ENTERPRISE
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text


def renamed(text: str, line: int, column: int, new: str, names: Known) -> list[Edit]:
    """The edits that give the derived fact at a line and a column, both from 0, the name `new`: its Chinese label where that stands
    there, else its own name. Prose is left alone. Raises InputFaults where it cannot be renamed.
    """
    spot, item = _meant(text, line, column, names)
    if item is None:
        raise _refused("不是概念（derive），不能改名", "this is no derived fact and cannot be renamed")
    if item.page != names.page:
        raise _refused(f"`{item.name}` 由别的页面声明", f"`{item.name}` is declared by another page")
    by_label = spot.word == item.label.zh and spot.word != item.name
    _check(new, item, names)
    page = parse_page(lf(text).encode("utf-8", "surrogatepass"), "page")
    edits: list[Edit] = []
    for part in parts(page):
        if part.root is not None:
            edits += _of_part(part, item, spot.word, new, by_label=by_label)
    return edits


def renameable(text: str, line: int, column: int, names: Known) -> tuple[int, int] | None:
    """From which column to which a derived fact stands that `renamed` would rename; None where there is none of this page."""
    spot, item = _meant(text, line, column, names)
    if item is None or item.page != names.page:
        return None
    return spot.start, spot.start + len(spot.word)


def _meant(text: str, line: int, column: int, names: Known) -> tuple[Spot, Name | None]:
    """The place, and the derived fact that is named there."""
    spot = spot_at(text, line, column)
    if spot.kind is None or not spot.word:
        return spot, None
    item = names.find(spot.word, spot_prefix(spot), spot.subject) or _declared(spot.word, names)
    return spot, item if item is not None and item.kind == "derived" else None


def _declared(word: str, names: Known) -> Name | None:
    return next((item for item in names.of_kind("derived") if word in (item.name, item.label.zh)), None)


def _check(new: str, item: Name, names: Known) -> None:
    tokens = _tokens(new)
    if [token.type for token in tokens] != ["NAME"] or str(tokens[0]) != new:
        raise _refused(f"`{new}` 不能作名称", f"`{new}` cannot be a name")
    taken = names.find(new, "", item.owner) or _declared(new, names)
    if taken is not None:
        raise _refused(f"`{new}` 已是{taken.label.zh}的名称", f"`{new}` is already the name of {taken.label.en}")


def _refused(zh: str, en: str) -> InputFaults:
    return InputFaults([Diagnostic("rename/refused", Text(zh, en))])


def _is_declaration(part: Part, item: Name) -> bool:
    return part.layout.name.endswith("derived") and part.owner == item.name


def _of_part(part: Part, item: Name, old: str, new: str, *, by_label: bool) -> Iterator[Edit]:
    root = part.root
    if not isinstance(root, MappingNode):
        return
    for key, value in root.value:
        if key.value == "set":
            for name, held in items(value):
                if name in EXPRESSIONS:
                    yield from _expressions(part, held, old, new)
        elif key.value in EXPRESSIONS:
            yield from _expressions(part, value, old, new)
        elif _is_declaration(part, item):
            if not by_label and key.value == "name":
                yield _scalar(part, value, new)
            elif by_label and key.value == "label":
                yield from (_scalar(part, held, new) for name, held in items(value) if name == "zh")
        elif key.value == "expect":
            if not by_label and isinstance(value, MappingNode):
                yield from (_scalar(part, name, new) for name, _ in value.value if str(name.value).split("@")[0] == old)
            yield from _because(part, value, old, new)


def _because(part: Part, node: Node, old: str, new: str) -> Iterator[Edit]:
    """The conditions that a case names as reasons."""
    for name, value in items(node):
        if name == "because":
            yield from _expressions(part, value, old, new)
        else:
            yield from _because(part, value, old, new)


def _scalar(part: Part, node: Node, new: str) -> Edit:
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    said = part.text[start:end]
    old = str(node.value)
    # A subject after `@` and quotation marks stay.
    at = start + said.find(old)
    return part.start + at, part.start + at + len(old.partition("@")[0]), new


def _expressions(part: Part, node: Node, old: str, new: str) -> Iterator[Edit]:
    if not isinstance(node, ScalarNode):
        for name, held in items(node):
            if name != "over":  # measures, by their ids
                yield from _expressions(part, held, old, new)
        return
    value = str(node.value)
    if old not in value:
        return
    begin, tokens = _laid_out(part.text[int(node.start_mark.index) : int(node.end_mark.index)], value)
    for index, token in enumerate(tokens):
        before = tokens[index - 2 : index] if index > 1 else []
        owner = str(before[0]) if len(before) > 1 and before[1].type == "DOT" else ""
        if token.type == "NAME" and str(token) == old and (not owner or owner in ENTERPRISE):
            at = part.start + int(node.start_mark.index) + begin + (token.start_pos or 0)
            yield at, at + len(old), new


def _laid_out(said: str, value: str) -> tuple[int, list[Token]]:
    """The tokens of an expression as it is laid out in the page, over several lines perhaps, and where its text begins.

    Raises InputFaults where the layout says something else than the value, as with escapes.
    """
    wanted = [str(token) for token in _tokens(value)]
    for begin, end in ((0, len(said)), (1, len(said) - 1), (said.find("\n") + 1, len(said))):
        tokens = _tokens(said[begin:end])
        if wanted and [str(token) for token in tokens] == wanted:
            return begin, tokens
    raise _refused(f"`{value}` 读不出来或含转义，先改好它", f"`{value}` cannot be read or holds escapes: mend it first")


def _tokens(text: str) -> list[Token]:
    """The tokens of an expression; none where it cannot be taken apart."""
    try:
        return list(parser().lex(text, dont_ignore=False))
    except LarkError:
        return []
