"""A derived fact under another name: wherever the rules of a page use it, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lark import Token
from lark.exceptions import LarkError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from conggao.engine.authoring.editing.completing import EXPRESSIONS
from conggao.engine.authoring.editing.names import Known, Name
from conggao.engine.authoring.editing.pointing import spot_prefix
from conggao.engine.authoring.editing.spot import Spot, spot_at
from conggao.engine.authoring.sheet.entries import Part, items, lf, parts
from conggao.engine.authoring.sheet.layout import KINDS
from conggao.engine.authoring.splicing import Edit
from conggao.engine.language.functions import NAMES
from conggao.engine.language.grammar import parser
from conggao.engine.language.scope import COLLECTIONS, ENTERPRISE, PERIODS, REPORTS
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

Stretch = tuple[int, int]
"""A stretch of the text, by offsets, within one line."""
_WORDS = frozenset({"null", "true", "false", "open", "unknown", "totals", "gain"})
"""Words that mean something else as the value or the key of a page."""
_KEPT = frozenset({*PERIODS, *ENTERPRISE, *COLLECTIONS, *NAMES})
"""Names that the language has taken."""


def renamed(text: str, line: int, column: int, new: str, names: Known) -> list[Edit]:
    """The edits that give the derived fact at a line and a column, both from 0, the name `new`: its Chinese label where that stands
    there, else its own name. Prose is left alone. Raises InputFaults where it cannot be renamed.
    """
    spot, item = _meant(text, line, column, names)
    if item is None:
        raise _refused("不是概念（derive），不能改名", "this is no derived fact and cannot be renamed")
    if item.page != names.page:
        raise _refused(f"`{item.name}` 由别的页面声明", f"`{item.name}` is declared by another page")
    _check(new, item, names)
    stretches = _stretches(text, item, spot.word, names)
    if _offset(text, spot) not in {start for start, _ in stretches}:
        raise _refused(f"此处的 `{spot.word}` 只是文字", f"`{spot.word}` is only text here")
    return [(start, end, new) for start, end in stretches]


def renameable(text: str, line: int, column: int, names: Known) -> tuple[int, int] | None:
    """From which column to which a derived fact stands that `renamed` would rename; None where there is none of this page."""
    spot, item = _meant(text, line, column, names)
    if item is None or item.page != names.page:
        return None
    try:
        stretches = _stretches(text, item, spot.word, names)
    except InputFaults:  # the rename itself says why it cannot be
        return spot.start, spot.start + len(spot.word)
    found = _offset(text, spot) in {start for start, _ in stretches}
    return (spot.start, spot.start + len(spot.word)) if found else None


def _offset(text: str, spot: Spot) -> int:
    """Where the word of a place begins in the text."""
    return sum(len(said) + 1 for said in lf(text).split("\n")[: spot.line]) + spot.start


def _meant(text: str, line: int, column: int, names: Known) -> tuple[Spot, Name | None]:
    """The place, and the derived fact that is named there."""
    spot = spot_at(text, line, column)
    if spot.kind is None or not spot.word:
        return spot, None
    item = names.find(spot.word, spot_prefix(spot), spot.subject) or _declared(spot.word, names)
    if item is None or item.kind != "derived":
        item = _declared(spot.word, names)  # where it is declared or amended, a name may also be another's
    return spot, item


def _declared(word: str, names: Known) -> Name | None:
    return next((item for item in names.of_kind("derived") if word in (item.name, item.label.zh)), None)


def _check(new: str, item: Name, names: Known) -> None:
    tokens = _tokens(new)
    plain = [token.type for token in tokens] == ["NAME"] and str(tokens[0]) == new
    if not plain or new.casefold() in _WORDS or new in _KEPT:
        raise _refused(f"`{new}` 不能作名称", f"`{new}` cannot be a name")
    taken = next((other for other in names.names if _met(other) and new in _called(other)), None)
    if taken is not None:
        raise _refused(f"`{new}` 已是{taken.label.zh}的名称", f"`{new}` is already the name of {taken.label.en}")


def _met(other: Name) -> bool:
    """Whether a rule or a case can name it where it names a derived fact; yearly figures always have their year before them."""
    return other.kind in ("fact", "derived", "parameter", "measure") and other.owner not in REPORTS.values()


def _called(other: Name) -> tuple[str, ...]:
    return (other.name,) if other.kind == "measure" else (other.name, other.label.zh)


def _refused(zh: str, en: str) -> InputFaults:
    return InputFaults([Diagnostic("rename/refused", Text(zh, en))])


def _stretches(text: str, item: Name, word: str, names: Known) -> list[Stretch]:
    """Where a page names a derived fact by one of its names. Raises InputFaults where the page cannot be read so far."""
    page = parse_page(lf(text).encode("utf-8", "surrogatepass"), "page")
    held = [part for part in parts(page) if part.root is not None]
    use = _Use(item, word, names, {part.owner: _said(part, "subject") for part in held if _said(part, "id")})
    return [stretch for part in held for stretch in use.of_part(part)]


def _said(part: Part, key: str) -> str | None:
    """What stands at a key of a block."""
    found = dict(items(part.root)) if part.root is not None else {}
    return str(found[key].value).strip() if isinstance(found.get(key), ScalarNode) else None


@dataclass(frozen=True, slots=True)
class _Use:
    """A derived fact under the name `word`; `subjects` is whom each measure of the page is about."""

    item: Name
    word: str
    names: Known
    subjects: Mapping[str, str | None]

    def of_part(self, part: Part) -> Iterator[Stretch]:
        if not isinstance(part.root, MappingNode):
            return
        subject = _said(part, "subject")
        declares = part.layout is KINDS["derive"] and _said(part, "name") == self.item.name
        for key, value in part.root.value:
            if part.layout is KINDS["amend"] and key.value == "set":
                for name, held in items(value):
                    if name in EXPRESSIONS:
                        yield from self.in_expressions(part, held, self.item.owner)
            elif part.layout is KINDS["case"]:
                if key.value == "expect":
                    yield from self._expected(part, value)
            elif key.value in EXPRESSIONS:
                yield from self.in_expressions(part, value, subject)
            elif declares and key.value == "name" and self.word == self.item.name:
                yield _scalar(part, value)
            elif declares and key.value == "label" and self.word != self.item.name:
                yield from (_scalar(part, held) for name, held in items(value) if name == "zh")

    def _expected(self, part: Part, node: Node) -> Iterator[Stretch]:
        """Its value, which a case names by its own name alone, and the conditions that a case names as reasons."""
        if not isinstance(node, MappingNode):
            return
        for name, value in node.value:
            measure = str(name.value)
            if measure in self.subjects or "/" in measure:
                yield from self._because(part, value, self.subjects.get(measure, self.item.owner))
            elif measure == self.item.name == self.word:
                yield _scalar(part, name)

    def _because(self, part: Part, node: Node, subject: str | None) -> Iterator[Stretch]:
        for name, value in items(node):
            if name == "because":
                yield from self.in_expressions(part, value, subject)
            else:
                yield from self._because(part, value, subject)

    def in_expressions(self, part: Part, node: Node, subject: str | None) -> Iterator[Stretch]:
        """Where the expressions of a value, in a rule about `subject`, name it."""
        if not isinstance(node, ScalarNode):
            for name, held in items(node):
                if name != "over":  # measures, by their ids
                    yield from self.in_expressions(part, held, subject)
            return
        value = str(node.value)
        if self.word not in value:
            return
        begin, tokens = _laid_out(part.text[int(node.start_mark.index) : int(node.end_mark.index)], value)
        for index, token in enumerate(tokens):
            before = tokens[index - 2 : index] if index > 1 else []
            prefix = str(before[0]) if len(before) > 1 and before[1].type == "DOT" else ""
            if token.type == "NAME" and str(token) == self.word and self._meant(prefix, subject):
                at = part.start + int(node.start_mark.index) + begin + (token.start_pos or 0)
                yield at, at + len(self.word)

    def _meant(self, prefix: str, subject: str | None) -> bool:
        return self.names.find(self.word, prefix, subject) == self.item


def _scalar(part: Part, node: Node) -> Stretch:
    """Where the text of a name stands, without its quotation marks. Raises InputFaults where it is written with escapes."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    inset = part.text[start:end].find(str(node.value))
    if inset < 0:
        raise _escaped(str(node.value))
    at = part.start + start + inset
    return at, at + len(str(node.value))


def _escaped(value: str) -> InputFaults:
    return _refused(
        f"`{value}` 读不出来或含转义，先改好它", f"`{value}` cannot be read or holds escapes: mend it first"
    )


def _laid_out(said: str, value: str) -> tuple[int, list[Token]]:
    """The tokens of an expression as it is laid out in the page, over several lines perhaps, and where its text begins.

    Raises InputFaults where the layout says something else than the value, as with escapes.
    """
    wanted = [str(token) for token in _tokens(value)]
    for begin, end in ((0, len(said)), (1, len(said) - 1), (said.find("\n") + 1, len(said))):
        tokens = _tokens(said[begin:end])
        if wanted and [str(token) for token in tokens] == wanted:
            return begin, tokens
    raise _escaped(value)


def _tokens(text: str) -> list[Token]:
    """The tokens of an expression; none where it cannot be taken apart."""
    try:
        return list(parser().lex(text, dont_ignore=False))
    except LarkError:
        return []
