"""A case as rows of facts: what can be stated, what is stated, how a person reads it and writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conggao.engine.rulebook.model import Parameter
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.paths import UNKNOWN, FactPath, read_value
from conggao.facts.units import AREA, ENERGY, MASS, MONEY, VOLUME, Dimension, show, unit_symbol
from conggao.facts.vocabulary import FactSpec, Vocabulary
from conggao.facts.words import Words

AS_OF = Text("决定日期", "as of")
_GROUPS = {
    "enterprise": Text("企业", "Enterprise"), "report": Text("年度", "Year"), "project": Text("项目", "Project"),
    "service": Text("服务", "Service"), "park": Text("园区", "Park"), "park_report": Text("园区年度", "Park, year"),
    "recognition": Text("认定", "Recognitions"), "received": Text("已获支持", "Received"), "assessed": Text("核定", "Assessed"),
    "parameter": Text("参数", "Figures borrowed"), "case": Text("案例", "Case"),
}  # fmt: skip
_DETAILS: Mapping[str, tuple[tuple[str, Text, str, Dimension], ...]] = {
    "recognition": (("year", Text("认定年份", "year of recognition"), "integer", ()), ("level", Text("级别", "level"), "word", ())),
    "received": (("amount", Text("金额", "amount"), "quantity", MONEY), ("year", Text("支持年度", "year"), "integer", ())),
    "assessed": (("amount", Text("核定金额", "amount decided"), "quantity", MONEY),),
}  # fmt: skip
_KEYS = {"project": "projects", "service": "services"}
_YES, _NO = Text("是", "yes"), Text("否", "no")
_FLAGS = {"y": True, "yes": True, "t": True, "n": False, "no": False, "f": False}
_BLANK = frozenset({*UNKNOWN, "", "不知道", "不清楚", "don't know", "dont know"})
_SHORT = {
    MONEY: ("元", "万元", "亿元"), MASS: ("吨", "kg", "万吨"), ENERGY: ("千瓦时", "MWh", "万千瓦时"),
    AREA: ("平方米", "公顷", "万平方米"), VOLUME: ("立方米", "万立方米"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A fact that can be stated. `words` is its closed list, where it has one; `group` the key of the group it stands in."""

    path: FactPath
    label: Text
    kind: str
    dimension: Dimension
    group: str
    words: Words | None = None
    absent: str = "unknown"

    @property
    def key(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows about one thing, such as a project or a year."""

    key: str
    title: Text
    rows: tuple[Row, ...]


def groups(
    document: Mapping[str, Any],
    vocabulary: Vocabulary,
    as_of: date,
    parameters: Mapping[str, Parameter] | None = None,
) -> tuple[Group, ...]:
    """Every fact that can be stated of the subjects in `document`, in the order of a case file."""
    found = [Group("case", _GROUPS["case"], (Row(FactPath("case", None, "as_of", None), AS_OF, "date", (), "case"),))]
    found.append(_group("enterprise", None, _GROUPS["enterprise"], vocabulary))
    found += [_year("report", year, as_of, vocabulary) for year in _years(document.get("reports", ()), as_of)]
    for kind, key in _KEYS.items():
        found += [
            _group(kind, item["id"], _titled(_GROUPS[kind], item["id"]), vocabulary) for item in document.get(key, ())
        ]
    found.append(_recognitions(document, vocabulary))
    if "park" in document:
        found.append(_group("park", None, _GROUPS["park"], vocabulary))
        found += [
            _year("park_report", year, as_of, vocabulary) for year in _years(document["park"].get("reports", ()), as_of)
        ]
    for owner in ("received", "assessed"):
        found += [_numbered(owner, n, item) for n, item in enumerate(document.get(owner, ()), start=1)]
    found.append(_parameters(document, parameters or {}, as_of))
    return tuple(group for group in found if group.rows)


def _titled(kind: Text, name: str) -> Text:
    return Text(f"{kind.zh} {name}", f"{kind.en} {name}")


def _group(owner: str, entry: str | int | None, title: Text, vocabulary: Vocabulary) -> Group:
    key = f"{owner}.{entry}" if entry is not None else owner
    specs = [spec for spec in vocabulary.specs(owner) if spec.name not in ("id", "year", "division")]
    return Group(key, title, tuple(_row(spec, owner, entry, key, vocabulary) for spec in specs))


def _row(spec: FactSpec, owner: str, entry: str | int | None, group: str, vocabulary: Vocabulary) -> Row:
    path = FactPath(owner, entry, spec.name, spec)
    words = vocabulary.words(spec.words) if spec.words else None
    return Row(path, spec.label, spec.kind, spec.dimension, group, words, spec.absent)


def _years(reports: Sequence[Mapping[str, Any]], as_of: date) -> list[int]:
    """The two last complete years, whether reported or not, and whatever else is reported; the latest first."""
    stated = {int(item["year"]) for item in reports}
    return sorted(stated | {as_of.year - 1, as_of.year - 2}, reverse=True)


def _year(owner: str, year: int, as_of: date, vocabulary: Vocabulary) -> Group:
    name = {as_of.year - 1: Text("，上年度", ", latest"), as_of.year - 2: Text("，前年度", ", previous")}.get(
        year, Text("", "")
    )
    base = _GROUPS[owner]
    title = Text(f"{base.zh} {year}{name.zh}", f"{base.en} {year}{name.en}")
    return _group(owner, year, title, vocabulary)


def _recognitions(document: Mapping[str, Any], vocabulary: Vocabulary) -> Group:
    held = {item["title"] for item in document.get("recognitions", ())}
    rows: list[Row] = []
    for title, label in vocabulary.words("titles").items():
        rows.append(
            Row(FactPath("recognition", title, "", None), label, "flag", (), "recognition", None, absent="false")
        )
        if title in held:
            rows += _details("recognition", title, "recognition", vocabulary.words("levels"))
    return Group("recognition", _GROUPS["recognition"], tuple(rows))


def _details(owner: str, entry: str | int, group: str, words: Words | None = None) -> Iterator[Row]:
    for name, label, kind, dimension in _DETAILS[owner]:
        shown = Text(f"  {label.zh}", f"  {label.en}") if owner == "recognition" else label
        yield Row(FactPath(owner, entry, name, None), shown, kind, dimension, group, words if kind == "word" else None)


def _numbered(owner: str, number: int, item: Mapping[str, Any]) -> Group:
    key = f"{owner}.{number}"
    what = " ".join(part for part in (item["measure"].rpartition("/")[2], item.get("subject")) if part)
    return Group(key, _titled(_GROUPS[owner], what), tuple(_details(owner, number, key)))


def _parameters(document: Mapping[str, Any], parameters: Mapping[str, Parameter], as_of: date) -> Group:
    year = as_of.year - 1
    rows = [
        Row(FactPath("parameter", year, name, None), item.label, "quantity", (), "parameter")
        for name, item in parameters.items()
        # Where the rulebook has the figure, what a case says of it does not count.
        if year not in item.values
    ]
    return Group("parameter", _GROUPS["parameter"], tuple(rows))


# -- reading and writing values ------------------------------------------------------------------------------------------


def stated(row: Row, document: Mapping[str, Any]) -> Any:
    """What the document says at `row`, None where nothing; of a title, whether it is held."""
    if row.path.owner == "recognition" and not row.path.name:
        held = any(item["title"] == row.path.entry for item in document.get("recognitions", ()))
        return True if held else None
    return read_value(row.path, document)


def shown(row: Row, value: Any, lang: Lang) -> str:
    """A value as a person reads it: `1,260 万元`, `CNY 12,600,000`, `是`, labels of words; empty where nothing is stated."""
    if value is None:
        return ""
    match row.kind:
        case "quantity":
            return readable(Fraction(Decimal(str(value))), row.dimension, lang)
        case "flag":
            return (_YES if value else _NO).of(lang)
        case "word":
            return _label(row, value, lang)
        case "words":
            return ("、" if lang == "zh" else ", ").join(_label(row, item, lang) for item in value)
        case "years":
            return ", ".join(str(item) for item in value)
        case "integer" if not row.path.name.endswith("year"):
            return f"{value:,}" if isinstance(value, int) else str(value)
    return str(value)


def _label(row: Row, word: str, lang: Lang) -> str:
    return row.words[word].of(lang) if row.words and word in row.words else str(word)


def readable(value: Fraction, dimension: Dimension, lang: Lang) -> str:
    """As `show`, in Chinese by 万 and 亿 where that makes it shorter and stays exact."""
    if lang == "zh" and dimension:
        for word, factor in (("亿", 10**8), ("万", 10**4)):
            if abs(value) >= factor and value * 100 % factor == 0:
                return show(value / factor, (), lang) + f" {word}{unit_symbol(dimension, lang)}"
    return show(value, dimension, lang)


def written(row: Row, value: Any, lang: Lang) -> str:
    """A value as one would write it anew; `parsed` reads it back."""
    return shown(row, value, lang).replace("CNY ", "") if row.kind == "quantity" else shown(row, value, lang)


def parsed(row: Row, text: str) -> Any:
    """What a person wrote, as a case file has it; None for what is not known. Whether it is right, reading the case tells."""
    told = text.strip()
    if told.casefold() in _BLANK:
        return None
    if row.kind == "flag":
        found = _FLAGS.get(told.casefold(), told)
        if row.path.owner == "recognition" and isinstance(found, str):
            return {"是": True, "true": True, "否": False, "false": False}.get(found.casefold(), found)
        return found
    if row.kind in ("words", "years"):
        return [part.strip() for part in re.split("[、,，;；]", told) if part.strip()]
    if row.kind == "integer":
        return told.replace(",", "")
    return told


def units_of(row: Row, lang: Lang) -> str:
    """The units one may write, `元 万元 亿元`; the words of a closed list; how a date is written."""
    match row.kind:
        case "quantity" if row.dimension:
            return " ".join(_SHORT.get(row.dimension, (unit_symbol(row.dimension, lang),)))
        case "flag":
            return " / ".join((_YES.of(lang), _NO.of(lang)))
        case "word" | "words" if row.words:
            return ("、" if lang == "zh" else ", ").join(label.of(lang) for label in row.words.values())
        case "date":
            return "2025-03-01"
    return ""


def nudged(value: Any, by: int, *, whole: bool) -> str:
    """`value` up or down by one in its second digit: 12,600,000 by a million, a count by at least one; never below zero."""
    number = Decimal(str(value))
    step = Decimal(1)
    if number:
        digit = number.adjusted() - 1
        step = Decimal(1).scaleb(max(digit, 0) if whole else digit)
    return format(max(number + by * step, Decimal(0)), "f")
