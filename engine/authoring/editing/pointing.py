"""What a name of a page means, and where it is declared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conggao.engine.authoring.editing.names import Known, Name, shipped_names
from conggao.engine.authoring.editing.spot import Spot, spot_at
from conggao.engine.rulebook import keys
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.units import QuantityFault, UnknownUnit, parse_quantity, show

_FIGURE = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?\s*[^\s\d，,、；;。)）*+/×÷<>=≤≥≠-]*(?:/[^\s\d，,、；;。)）]+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BARE = re.compile(r"[-+]?[\d,.]+")


@dataclass(frozen=True, slots=True)
class Target:
    """A file and a line of it, from 0; the file None is the page itself."""

    file: str | None
    line: int


def about(text: str, line: int, column: int, names: Known, lang: Lang = "zh") -> str | None:
    """What stands at a line and a column, both from 0, in Markdown; None where nothing is known of it."""
    spot = spot_at(text, line, column)
    if spot.kind is None:
        return None
    table = keys.FRONT if spot.kind == "front" else keys.BLOCKS.get(spot.kind, ())
    said = text.split("\n")[spot.line]
    # What stands before a colon is a key first: `name` is also a fact of an enterprise.
    key = next((item for item in (*table, *keys.FACT) if item.name == spot.word), None)
    is_key = said[spot.start + len(spot.word) :].lstrip().startswith(":") and (spot.start == 0 or spot.kind != "case")
    if key is not None and is_key:
        return f"**{key.name}** · {key.about.of(lang)}"
    found = _named(spot, names)
    if found is not None:
        return _told(found, lang)
    return _word(spot, names, lang) or _figure(said, column, lang)


def definition(text: str, line: int, column: int, names: Known) -> Target | None:
    """Where the name at a line and a column is declared; None where it is the program's own."""
    spot = spot_at(text, line, column)
    found = _named(spot, names) or _declared_word(spot, names)
    if found is None or found.page is None:
        return None
    return Target(None if found.page == names.page else shipped_names().get(found.page), found.line)


def _declared_word(spot: Spot, names: Known) -> Name | None:
    """The title, purpose or other word at the place, where a page declares it."""
    return next((item for item in names.of_kind("word") if spot.word and spot.word in (item.name, item.label.zh)), None)


def _named(spot: Spot, names: Known) -> Name | None:
    if not spot.word:
        return None
    whole = spot_prefix(spot)
    if spot.kind in ("measure", "amend", "front") and spot.key in ("excludes", "stacks_with", "measure", "lines"):
        wanted = {spot.word, whole}
        kind = "line" if spot.key == "lines" else "measure"
        for item in names.of_kind(kind):
            if item.name in wanted or item.name.rpartition("/")[2] in wanted:
                return item
    found = names.find(spot.word, whole, spot.subject)
    if (
        found is None and spot.kind == "case" and not whole
    ):  # a case names facts under their owners, with nothing before them
        found = next((item for item in names.of_kind("fact") if spot.word in (item.name, item.label.zh)), None)
    return found


def spot_prefix(spot: Spot) -> str:
    """The name before the dot before the word at the place, wherever in the word the place is."""
    before = spot.before[: spot.start]
    found = re.search(r"([A-Za-z_\u3400-\u9fff][A-Za-z0-9_\u3400-\u9fff]*)\s*[.．·]\s*\Z", before)
    return found.group(1) if found else ""


def _told(item: Name, lang: Lang) -> str:
    label = Text(item.label.zh or item.label.en, item.label.en or item.label.zh).of(lang)
    lines = [f"**{label}** `{item.name}`" if label else f"`{item.name}`", item.told.of(lang)]
    if item.text:
        lines.append(f"= `{item.text}`")
    if item.page is not None:
        lines.append(f"{item.page}:{item.line + 1}")
    return "\n\n".join(lines)


def _word(spot: Spot, names: Known, lang: Lang) -> str | None:
    """A title, a purpose or another word of a closed list."""
    for table in ("titles", "purposes", "kinds", "levels"):
        for word, label in names.vocabulary.words(table).items():
            if spot.word in (word, label.zh):
                return f"**{label.of(lang)}** `{word}`"
    own = _declared_word(spot, names)
    return None if own is None else _told(own, lang)


def _figure(line: str, column: int, lang: Lang) -> str | None:
    """A figure with its unit, in base units; a bare number and a date say all there is."""
    for found in _FIGURE.finditer(_DATE.sub(lambda date: " " * len(date.group()), line)):
        if found.start() <= column <= found.end():
            if _BARE.fullmatch(found.group().strip()):
                return None
            try:
                value = parse_quantity(found.group().strip())
            except (QuantityFault, UnknownUnit):
                return None
            return f"{found.group().strip()} = {show(value.value, value.dimension, lang)}"
    return None
