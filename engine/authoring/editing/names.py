"""Every name that a page may use: facts, derived facts, parameters, measures, lines, each with where it is declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conggao.engine.language.scope import COLLECTIONS, ENTERPRISE, PERIODS, REPORTS
from conggao.engine.rulebook.build import Draft, draft
from conggao.engine.rulebook.library import shipped, shipped_drafts, shipped_vocabulary
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults, Text
from conggao.facts.units import unit_symbol
from conggao.facts.vocabulary import MODELS, PARAMETER, FactSpec, Vocabulary
from conggao.facts.words import LIST_NAMES

_ABSENT: Mapping[str, Text] = {
    "zero": Text("不写按零计", "zero where left out"), "false": Text("不写按没有计", "not held where left out"),
    "empty": Text("不写按没有计", "none where left out"), "unknown": Text("不写为未知", "unknown where left out"),
}  # fmt: skip
_OWNER: Mapping[str, Text] = {
    "enterprise": Text("企业", "enterprise"), "report": Text("年度", "year's report"), "project": Text("项目", "project"),
    "service": Text("服务", "service"), "park": Text("园区", "park"), "park_report": Text("园区年度", "park's report"),
    PARAMETER: Text("参数", "parameter"),
}  # fmt: skip
_TABLES: Mapping[str, Text] = {"titles": Text("称号", "title"), "purposes": Text("项目用途", "purpose")}


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its Chinese label. `owner` is whose fact it is, `told` what it means, `text` an expression or a title behind it.

    `page` and `line` (from 0) say where it is declared; None for what the program itself knows. `kind`: fact, derived, parameter,
    measure, line, or word (of the closed list `owner`). `words` is the closed list of its values.
    """

    kind: str
    name: str
    label: Text
    owner: str
    told: Text
    text: str = ""
    page: str | None = None
    line: int = 0
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a page knows; `page` is its own name in messages."""

    names: tuple[Name, ...]
    vocabulary: Vocabulary
    policy: str
    page: str

    def of(self, owner: str) -> Iterator[Name]:
        return (item for item in self.names if item.owner == owner)

    def of_kind(self, kind: str) -> Iterator[Name]:
        return (item for item in self.names if item.kind == kind)

    def find(self, word: str, prefix: str = "", subject: str | None = None) -> Name | None:
        """What a name means to a rule about `subject`, after `prefix` and a dot."""
        looked = owners(prefix, subject)
        if (
            prefix in COLLECTIONS or prefix in ENTERPRISE
        ):  # what does not differ from one of them to the next can be named so, too
            looked = tuple(dict.fromkeys((*looked, "enterprise", PARAMETER)))
        for owner in looked:
            for item in self.of(owner):
                if word in (item.name, item.label.zh):
                    return item
        if prefix:
            return None
        return next((item for item in self.names if item.kind in ("measure", "line") and word == item.name), None)


def looked_up(known: Known, word: str | None = None) -> list[Name]:
    """Every name with the words of the closed lists, or those of which the name or a label holds `word`: Chinese anywhere, English
    from where a word begins, whatever its case."""
    listed = {(item.owner, item.name) for item in known.of_kind("word")}
    tables = dict.fromkeys([*LIST_NAMES, *(item.words for item in known.names if item.words)])
    words = [
        Name("word", name, label, table, LIST_NAMES.get(table, Text("", "")))
        for table in tables
        for name, label in known.vocabulary.words(table).items()
        if (table, name) not in listed
    ]
    found = [*known.names, *words]
    if word is None:
        return found
    begins = "(?<![A-Za-z0-9])" if word[:1].isascii() else ""
    sought = re.compile(begins + re.escape(word), re.IGNORECASE)
    return [item for item in found if any(map(sought.search, (item.name, item.label.zh, item.label.en)))]


def owners(prefix: str, subject: str | None) -> tuple[str, ...]:
    """Whose facts a name is looked for among."""
    if prefix in PERIODS:
        return (REPORTS["park" if subject == "park" else "enterprise"],)
    if prefix in ENTERPRISE:
        return ("enterprise",)
    if prefix in COLLECTIONS:
        return (COLLECTIONS[prefix],)
    own = () if subject in (None, "enterprise") else (str(subject),)
    return (*own, "enterprise", PARAMETER)


def known(text: str, name: str) -> Known:
    """The names that a page with this text may use. Nothing is raised: of a page that cannot be read only others are known."""
    try:
        own: Draft | None = draft(parse_page(text.encode("utf-8", "surrogatepass"), name))
    except InputFaults:
        own = None
    others = [item for item in shipped_drafts() if own is None or item.id != own.id]
    vocabulary = shipped_vocabulary()
    if own is not None:
        try:
            vocabulary = own.extend(vocabulary, [])
        except InputFaults:
            vocabulary = shipped_vocabulary()
    found = [*_facts(vocabulary, [*([own] if own else []), *others])]
    for item in [*([own] if own else []), *others]:
        found += _of_page(item, own=item is own)
    return Known(tuple(found), vocabulary, "" if own is None else own.id, name)


def _facts(vocabulary: Vocabulary, drafts: list[Draft]) -> Iterator[Name]:
    declared: dict[tuple[str, str], tuple[str, int]] = {}
    for item in drafts:
        for block, reader in item.of_kind("facts"):
            for entry in _entries(reader.data.get("facts")):
                name = str(entry.get("name"))
                line = _line_of(item, block.line, name)
                declared[str(entry.get("subject", "enterprise")), name] = item.page.name, line
    for owner in MODELS:
        for spec in vocabulary.specs(owner):
            page, line = declared.get((owner, spec.name)) or (None, 0)
            yield Name("fact", spec.name, spec.label, owner, _told(spec), page=page, line=line, words=spec.words)


def _entries(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _line_of(item: Draft, first: int, word: str) -> int:
    """The first line of a block (counted from 0) that holds a word."""
    lines = item.page.text.split("\n")
    whole = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])")
    return next((n for n in range(first - 1, len(lines)) if whole.search(lines[n])), first - 1)


def _told(spec: FactSpec) -> Text:
    owner, absent = _OWNER[spec.subject], _ABSENT[spec.absent]
    units = [unit_symbol(spec.dimension, lang) for lang in ("zh", "en")] if spec.dimension else ["", ""]
    kinds = {
        "flag": Text("是非", "yes or no"), "date": Text("日期", "date"), "word": Text("词", "word"), "words": Text("词表", "words"),
        "years": Text("年份", "years"), "text": Text("文字", "text"),
    }  # fmt: skip
    what = kinds.get(spec.kind, Text("数", "number"))
    return Text(
        f"{owner.zh} · {units[0] or what.zh} · {absent.zh}", f"{owner.en} · {units[1] or what.en} · {absent.en}"
    )


def _of_page(item: Draft, *, own: bool) -> Iterator[Name]:
    page = item.page.name
    for block, reader in item.of_kind("derive"):
        label = _label(reader.data.get("label"))
        owner = str(reader.data.get("subject") or "enterprise")
        expression = str(reader.data.get("is") or "")
        told = Text(
            f"{_OWNER.get(owner, _OWNER['enterprise']).zh} · 概念",
            f"{_OWNER.get(owner, _OWNER['enterprise']).en} · derived fact",
        )
        if name := str(reader.data.get("name") or ""):
            yield Name("derived", name, label, owner, told, expression, page, block.line - 1)
    for block, reader in item.of_kind("parameter"):
        if name := str(reader.data.get("name") or ""):
            told = Text("参数 · 按年", "parameter, by year")
            yield Name("parameter", name, _label(reader.data.get("label")), PARAMETER, told, "", page, block.line - 1)
    for block, reader in item.of_kind("measure"):
        if name := str(reader.data.get("id") or ""):
            full = name if own else f"{item.id}/{name}"
            told = Text("措施", "measure")
            yield Name("measure", full, _label(reader.data.get("title")), "measure", told, "", page, block.line - 1)
    for block, reader in item.of_kind("facts"):
        for table in ("titles", "purposes"):
            told = _TABLES[table]
            for word, label in _mapping(reader.data.get(table)):
                yield Name("word", word, _label(label), table, told, "", page, _line_of(item, block.line, word))
        for entry in _entries(reader.data.get("facts")):
            table = str(entry.get("name"))
            for word, label in _mapping(entry.get("words")):
                told = _label(entry.get("label"))
                yield Name("word", word, _label(label), table, told, "", page, _line_of(item, block.line, word))
    lines = item.front.data.get("lines")
    for name, label in lines.items() if isinstance(lines, Mapping) else ():
        line = next((n for n, text in enumerate(item.page.text.split("\n")) if text.strip().startswith(f"{name}:")), 0)
        yield Name("line", str(name), _label(label), "line", Text("支持内容", "line"), "", page, line)


def _mapping(value: Any) -> list[tuple[str, Any]]:
    return [(str(key), held) for key, held in value.items()] if isinstance(value, Mapping) else []


def _label(value: Any) -> Text:
    zh, en = (str(value.get(lang) or "") for lang in ("zh", "en")) if isinstance(value, Mapping) else ("", "")
    return Text(zh, en)


@lru_cache(maxsize=1)
def shipped_names() -> Mapping[str, str]:
    """The file of every shipped page by the name that messages have for it."""
    drafts = {item.id: item.page.name for item in shipped_drafts()}
    return {drafts[id_]: str(path) for id_, path in shipped().items() if id_ in drafts}
