"""Small changes to a YAML text: one value replaced or one key taken out, everything else as the author left it, comments included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

Place = tuple[str, ...]
"""The way to a value: keys of nested mappings, numbers from 1 in sequences."""
Edit = tuple[int, int, str]
"""A stretch of a text, and what is to stand there instead."""


class Unplaceable(Exception):  # noqa: N818 - says what the place is
    """There is nothing at that place, or the change cannot be made without touching more."""


def spliced(text: str, changes: Mapping[Place, str]) -> str:
    """`text` with the value at each place replaced by a YAML text of one line; "" takes the key out with its value.

    Where every key of a mapping goes, the mapping goes. Raises Unplaceable.
    """
    return edited(text, edits_of(text, changes))


def edits_of(text: str, changes: Mapping[Place, str]) -> list[Edit]:
    """The edits that `spliced` makes. Raises Unplaceable."""
    root = YAML(typ="safe", pure=True).compose(text)
    edits: list[Edit] = []
    _collect(text, root, (), changes, edits)
    return edits


def edited(text: str, edits: Sequence[Edit]) -> str:
    """`text` after the edits. Raises Unplaceable where they overlap."""
    for (_, end, _), (start, _, _) in pairwise(sorted(edits)):
        if start < end:
            raise Unplaceable
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _collect(text: str, node: Node, place: Place, changes: Mapping[Place, str], edits: list[Edit]) -> None:
    below = {path[len(place)] for path in changes if path[: len(place)] == place and len(path) > len(place)}
    pairs: Sequence[tuple[Node | None, Node]]
    if isinstance(node, MappingNode):
        pairs = node.value
        keys = [str(key.value) for key, _ in node.value]
    elif isinstance(node, SequenceNode):
        pairs = [(None, value) for value in node.value]
        keys = [str(number) for number in range(1, len(pairs) + 1)]
    else:
        raise Unplaceable
    if not below <= set(keys):
        raise Unplaceable
    gone = [index for index, key in enumerate(keys) if changes.get((*place, key)) == ""]
    if len(gone) == len(keys):
        raise Unplaceable
    for index, (key, value) in enumerate(pairs):
        path = (*place, keys[index])
        new = changes.get(path)
        if index in gone:
            continue
        if new is not None:
            edits.append((*_region(text, key, value), f" {new}" if _apart(text, key, value) else new))
        elif keys[index] in below:
            _collect(text, value, path, changes, edits)
    edits += [_removal(text, node, pairs, run) for run in _runs(gone)]


def _runs(indices: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches of consecutive indices, first and last."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1] = runs[-1][0], index
        else:
            runs.append((index, index))
    return runs


def _apart(text: str, key: Node | None, value: Node) -> bool:
    return key is not None and _region(text, key, value)[0] < _begin(value)


def _begin(node: Node) -> int:
    return int(node.start_mark.index)


def _end(node: Node) -> int:
    """Where the text of a node ends. A block collection ends with its last part, not where the next token begins."""
    if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last: Any = node.value[-1]
    return _end(last[1] if isinstance(node, MappingNode) else last)


def _region(text: str, key: Node | None, value: Node) -> tuple[int, int]:
    """The stretch that a new value takes: from the colon where the old value begins on a line of its own."""
    if key is None:
        return _begin(value), _end(value)
    between = text[_end(key) : _begin(value)]
    if "\n" not in between:
        return _begin(value), _end(value)
    if between.strip() != ":":
        raise Unplaceable  # a comment stands between, and would be lost
    return _end(key) + between.index(":") + 1, _end(value)


def _removal(
    text: str, node: MappingNode | SequenceNode, pairs: Sequence[tuple[Node | None, Node]], run: tuple[int, int]
) -> Edit:
    """What goes with the entries of a run: in brackets their commas, elsewhere their lines."""
    first, last = run
    begin, end = _begin(pairs[first][0] or pairs[first][1]), _end(pairs[last][1])
    if node.flow_style:
        if last + 1 < len(pairs):
            return begin, _begin(pairs[last + 1][0] or pairs[last + 1][1]), ""
        return _end(pairs[first - 1][1]), end, ""
    start = text.rfind("\n", 0, begin) + 1
    if text[start:begin].strip() != ("" if isinstance(node, MappingNode) else "-"):
        raise Unplaceable
    return start, text.find("\n", end) + 1 or len(text), ""
