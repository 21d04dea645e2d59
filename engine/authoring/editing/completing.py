"""Names to go on with at a place of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conggao.engine.authoring.editing.names import Known, Name, owners
from conggao.engine.authoring.editing.spot import FENCE, Spot, spot_at
from conggao.engine.language.scope import COLLECTIONS, ENTERPRISE, PERIODS
from conggao.engine.rulebook import keys
from conggao.facts.diagnostics import Lang
from conggao.facts.units import spelt_units

EXPRESSIONS = frozenset({"when", "pay", "up_to", "cap", "tiers", "ceiling", "is", "set"})
"""Keys whose values are expressions, or hold some."""
_REFERENCES = {"excludes": "measure", "stacks_with": "measure", "lines": "line", "measure": "measure"}
_FUNCTIONS = ("认定", "最小", "最大", "合计", "计数", "任一", "最高", "介于")
_NUMBER = re.compile(r"\d[\d,.]*\s*(\S*)\Z")
_WORD_OF = re.compile(r"([A-Za-z0-9_\u3400-\u9fff]+)\s*(?:包含|contains|属于|in|=|＝|==|≠|!=)\s*\W*[\"“「][^\"“「]*\Z")
_COLON = re.compile(r"(?:^|[{,]|- )\s*[A-Za-z_]+:[A-Za-z0-9_\u3400-\u9fff]*\Z")
_TITLE = re.compile(r"(?:认定|recognised)\s*[(（]\s*[\"“「][^\"“「]*\Z")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name to go on with: what is written, in place of the sign at `start` of the line and all that follow up to the place, with
    `lead` before it, such as the space that is lacking after a colon.
    """

    text: str
    kind: str
    detail: str
    about: str
    start: int
    lead: str = ""


def complete(text: str, line: int, column: int, names: Known, lang: Lang = "zh") -> list[Suggestion]:
    """What may stand at a line and a column, both from 0, that begins with what is typed there."""
    spot = spot_at(text, line, column)
    typed, start = spot.typed, column - len(spot.typed)
    lead = " " if _COLON.search(spot.before) else ""
    found = _at(spot, names, text, lang)
    folded = typed.casefold()
    listed = [
        Suggestion(word, kind, detail, about, start, lead)
        for word, kind, detail, about in found
        if folded in word.casefold() or not folded
    ]
    return sorted(listed, key=lambda item: not item.text.casefold().startswith(folded))


def without_line(text: str, line: int) -> str:
    """The text with one line empty: what a page knows apart from the line that is being written, which a letter more does not change."""
    lines = text.split("\n")
    if line < len(lines):
        lines[line] = ""
    return "\n".join(lines)


Found = tuple[str, str, str, str]


def _at(spot: Spot, names: Known, text: str, lang: Lang) -> Iterator[Found]:
    if spot.kind is None:
        if FENCE.match(spot.before) and spot.block == (0, 0):  # not where a block is closed
            yield from ((kind, "block", "", "") for kind in keys.BLOCKS)
        return
    table = keys.FRONT if spot.kind == "front" else keys.BLOCKS.get(spot.kind, ())
    if spot.fresh:
        lines = text.split("\n")[slice(*spot.block)]
        there = {found.group(1) for said in lines if (found := re.match(r"([A-Za-z_]+)\s*:", said))}
        yield from ((f"{key.name}: ", "key", key.about.of(lang), "") for key in table if key.name not in there)
        return
    if spot.kind == "facts" and spot.key == "facts" and re.search(r"[{,]\s*[A-Za-z_]*\Z", spot.before):
        yield from ((f"{key.name}: ", "key", key.about.of(lang), "") for key in keys.FACT)
        return
    key = next((item for item in table if item.name == spot.key), None)
    if key is None:
        return
    if spot.kind == "case":
        yield from _given(spot, names, lang)
        return
    if key.name in _REFERENCES:
        yield from (_shown(item, lang) for item in names.of_kind(_REFERENCES[key.name]))
    choices = key.shape.get("enum") or key.shape.get("items", {}).get("enum", ())
    yield from ((str(word), "word", key.about.of(lang), "") for word in choices)
    if key.name in EXPRESSIONS:
        yield from _expression(spot, names, lang)


def _expression(spot: Spot, names: Known, lang: Lang) -> Iterator[Found]:
    if spot.quoted is not None:
        yield from _words(spot, names, lang)
        return
    if not spot.prefix:
        number = _NUMBER.search(spot.before)
        if number is not None:
            yield from ((unit, "unit", "", "") for unit in spelt_units())
            return
    for owner in owners(spot.prefix, spot.subject):
        for item in names.of(owner):
            yield from _both(item, lang)
    if not spot.prefix:
        yield from ((f"{word}.", "prefix", "", "") for word in (*PERIODS, *sorted(ENTERPRISE), *COLLECTIONS))
        yield from ((f"{word}(", "function", "", "") for word in _FUNCTIONS)


def _words(spot: Spot, names: Known, lang: Lang) -> Iterator[Found]:
    """The words that may stand between quotation marks: titles, or those of the fact before them."""
    table = "titles" if _TITLE.search(spot.before) else None
    if table is None and (found := _WORD_OF.search(spot.before)):
        fact = names.find(found.group(1), "", spot.subject)
        table = None if fact is None else fact.words
    if table is None:
        return
    for word, label in names.vocabulary.words(table).items():
        yield word, "word", label.of(lang), ""
        if label.zh != word:
            yield label.zh, "word", word, ""


def _given(spot: Spot, names: Known, lang: Lang) -> Iterator[Found]:
    """The facts of a case: those of the owner that was named last before the place."""
    owners_ = {
        "enterprise": "enterprise",
        "reports": "report",
        "projects": "project",
        "services": "service",
        "park": "park",
    }
    if spot.key == "expect":
        yield from (_shown(item, lang) for item in names.of_kind("measure") if "/" not in item.name)
        yield from (_shown(item, lang) for item in names.of_kind("derived") if item.page == names.page)
        return
    if not re.search(r"(?:[{,]|^)\s*[A-Za-z0-9_\u3400-\u9fff]*\Z", spot.before):
        return
    told = [name for name in re.findall(r"([a-z_]+)\s*:", spot.before) if name in owners_]
    if not told:
        yield from ((f"{name}: ", "key", "", "") for name in owners_)
        return
    for item in names.of(owners_[told[-1]]):
        if item.kind == "fact":
            yield from ((f"{word}: ", kind, detail, about) for word, kind, detail, about in _both(item, lang))


def _shown(item: Name, lang: Lang) -> Found:
    return item.name, item.kind, item.label.of(lang), item.told.of(lang)


def _both(item: Name, lang: Lang) -> Iterable[Found]:
    """The name and the Chinese label, each beside the other; that of the language first."""
    label = item.label.zh, item.kind, f"{item.name} · {item.told.of(lang)}", item.text
    name = item.name, item.kind, f"{item.label.of(lang)} · {item.told.of(lang)}", item.text
    return (label, name) if lang == "zh" else (name, label)
