"""Facts by their path: `latest.rd_expense`, `projects.P1.equipment_payment`, `企业.行业`; what `--set` takes and what `missing` names.

A path addresses one fact of a case document (plain data in the shape of a case file). Names are canonical or Chinese labels.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.vocabulary import FactSpec, Vocabulary

PERIODS = {"latest": 1, "上年度": 1, "previous": 2, "前年度": 2}
"""How many years before the day of the decision a period lies."""
OWNERS = {
    "enterprise": "enterprise", "企业": "enterprise", "park": "park", "园区": "park",
    "projects": "project", "项目": "project", "services": "service", "服务": "service",
    "recognitions": "recognition", "认定": "recognition", "parameters": "parameter", "参数": "parameter",
    "reports": "report", "年度": "report", "received": "received", "已获支持": "received", "assessed": "assessed", "核定": "assessed",
}  # fmt: skip
_LISTS = {"project": "projects", "service": "services"}
UNKNOWN = ("unknown", "未知", "不明", "?")
"""Values that take a fact back."""

Document = dict[str, Any]
_RECOGNITION = ("year", "level")
_RECEIVED = ("measure", "subject", "provider", "amount", "year", "lines")


@dataclass(frozen=True, slots=True)
class FactPath:
    """The address of a fact: its owner, the entry of a list (an id, a year, a title, a number), its name. `spec` says what it holds."""

    owner: str
    entry: str | int | None
    name: str
    spec: FactSpec | None

    def __str__(self) -> str:
        match self.owner:
            case "case":
                return self.name
            case "enterprise" | "park":
                return f"{self.owner}.{self.name}"
            case "report":
                return f"reports.{self.entry}.{self.name}"
            case "park_report":
                return f"park.reports.{self.entry}.{self.name}"
            case "project" | "service":
                return f"{self.owner}s.{self.entry}.{self.name}"
            case "recognition":
                return f"recognitions.{self.entry}" + (f".{self.name}" if self.name else "")
            case owner:
                return (
                    f"{owner}.{self.entry}.{self.name}"
                    if owner != "parameter"
                    else f"parameters.{self.name}.{self.entry}"
                )


def find_path(text: str, vocabulary: Vocabulary, as_of: date | None, document: Mapping[str, Any]) -> FactPath:
    """The fact that `text` addresses; a bare name is looked for everywhere. Raises InputFaults with the nearest names."""
    parts = [part.strip() for part in text.strip().split(".")]
    finder = _Finder(text, vocabulary, as_of, document)
    if len(parts) == 1:
        return finder.bare(parts[0])
    if parts[0] in PERIODS and len(parts) == 2:  # noqa: PLR2004 - a period and a name
        return finder.of_year("report", finder.year(parts[0]), parts[1])
    owner = OWNERS.get(parts[0])
    if owner is None:
        raise finder.fault(parts[0], [*OWNERS, *PERIODS])
    return finder.owned(owner, parts[1:])


class _Finder:
    """Finds one path; what cannot be found is a fault about its whole text."""

    def __init__(self, text: str, vocabulary: Vocabulary, as_of: date | None, document: Mapping[str, Any]) -> None:
        self.text, self.vocabulary, self.as_of, self.document = text, vocabulary, as_of, document

    def fault(self, found: str, known: Sequence[str], help: Text | None = None) -> InputFaults:  # noqa: A002
        message = Text(f"没有名为 `{found}` 的事实", f"there is no fact named `{found}`")
        hint = did_you_mean(found, known) or help
        return InputFaults([Diagnostic("set/unknown-fact", message, path=self.text, help=hint)])

    def year(self, period: str) -> int:
        if self.as_of is None:
            message = Text("没有决定日期，不知道哪一年是上年度", "without a date to decide for, `latest` is no year")
            raise InputFaults([Diagnostic("set/no-date", message, path=self.text)])
        return self.as_of.year - PERIODS[period]

    def fact(self, owner: str, name: str) -> FactSpec:
        spec = self.vocabulary.find(owner, name)
        if spec is None:
            known = [item for each in self.vocabulary.specs(owner) for item in (each.name, each.label.zh)]
            raise self.fault(name, known)
        if spec.name == "division":
            return self.fact(owner, "industry")
        return spec

    def of_year(self, owner: str, year: int, name: str) -> FactPath:
        spec = self.fact(owner, name)
        return FactPath(owner, year, spec.name, spec)

    def owned(self, owner: str, rest: list[str]) -> FactPath:
        match owner, rest:
            case "enterprise", [name]:
                spec = self.fact("enterprise", name)
                return FactPath("enterprise", None, spec.name, spec)
            case "park", [period, name] if period in PERIODS:
                return self.of_year("park_report", self.year(period), name)
            case "park", ["reports", year, name] if year.isdecimal():
                return self.of_year("park_report", int(year), name)
            case "park", [name]:
                spec = self.fact("park", name)
                return FactPath("park", None, spec.name, spec)
            case "report", [year, name] if year.isdecimal():
                return self.of_year("report", int(year), name)
            case (("project" | "service"), [entry, name]):
                return self._entry(owner, entry, name)
            case "recognition", [title]:
                return FactPath("recognition", self._title(title), "", None)
            case "recognition", [title, name] if name in _RECOGNITION:
                return FactPath("recognition", self._title(title), name, None)
            case "parameter", [name, year] if year.isdecimal():
                return FactPath("parameter", int(year), self.fact("parameter", name).name, None)
            case (("received" | "assessed"), [number, name]) if number.isdecimal() and name in _RECEIVED:
                if not 0 < int(number) <= len(self.document.get(owner, ())):
                    message = Text(
                        f"案例里没有第 {number} 条 `{owner}`", f"the case has no entry {number} of `{owner}`"
                    )
                    raise InputFaults([Diagnostic("set/no-entry", message, path=self.text)])
                return FactPath(owner, int(number), name, None)
        shape = Text(
            "写作 `enterprise.名称`、`latest.名称`、`projects.编号.名称`、`recognitions.称号.year` 或 `parameters.名称.年份`",
            "write `enterprise.NAME`, `latest.NAME`, `projects.ID.NAME`, `recognitions.TITLE.year` or `parameters.NAME.YEAR`",
        )
        raise self.fault(".".join(rest), (), shape)

    def _entry(self, owner: str, entry: str, name: str) -> FactPath:
        spec = self.fact(owner, name)
        known = [str(item.get("id")) for item in self.document.get(_LISTS[owner], ())]
        if entry not in known:
            label = {"project": Text("项目", "project"), "service": Text("服务", "service")}[owner]
            message = Text(f"案例里没有{label.zh} `{entry}`", f"the case has no {label.en} `{entry}`")
            hint = did_you_mean(entry, known) or Text("已有：" + "、".join(known), "there are: " + ", ".join(known))
            raise InputFaults([Diagnostic("set/no-entry", message, path=self.text, help=hint if known else None)])
        return FactPath(owner, entry, spec.name, spec)

    def _title(self, text: str) -> str:
        words = self.vocabulary.words("titles")
        for name, label in words.items():
            if text in (name, label.zh, label.en):
                return name
        raise self.fault(text, [item for name, label in words.items() for item in (name, label.zh)])

    def bare(self, name: str) -> FactPath:
        if name == "as_of":
            return FactPath("case", None, "as_of", None)
        found: list[FactPath] = []
        if self.vocabulary.find("enterprise", name) is not None:
            found.append(self.owned("enterprise", [name]))
        if self.as_of is not None and (spec := self.vocabulary.find("report", name)):
            found.append(FactPath("report", self.as_of.year - 1, spec.name, spec))
        for owner, key in _LISTS.items():
            if spec := self.vocabulary.find(owner, name):
                found += [FactPath(owner, item.get("id"), spec.name, spec) for item in self.document.get(key, ())]
        if self.as_of is not None and (spec := self.vocabulary.find("park_report", name)) and "park" in self.document:
            found.append(FactPath("park_report", self.as_of.year - 1, spec.name, spec))
        if len(found) == 1:
            return found[0]
        if found:
            names = [str(item) for item in found]
            message = Text(f"`{name}` 有 {len(found)} 处", f"`{name}` stands in {len(found)} places")
            hint = Text("写明其一：" + "、".join(names), "name one of them: " + ", ".join(names))
            raise InputFaults([Diagnostic("set/ambiguous", message, path=self.text, help=hint)])
        known = [
            item
            for owner in ("enterprise", "report", "project", "service", "park_report")
            for each in self.vocabulary.specs(owner)
            for item in (each.name, each.label.zh)
        ]
        raise self.fault(name, known)


def read_value(path: FactPath, document: Mapping[str, Any]) -> Any:
    """What the document says at `path`; None where it says nothing."""
    owner = _owner(path, document)
    return owner.get(_key(path, owner)) if owner is not None else None


def write_value(path: FactPath, value: Any, document: Mapping[str, Any]) -> Document:
    """A copy of the document with `value` at `path`; None takes the fact back. Entries of lists are made where they are missing."""
    changed: Document = copy.deepcopy(dict(document))
    if path.owner == "recognition" and not path.name:
        _recognise(changed, str(path.entry), value)
        return changed
    owner = _owner(path, changed)
    if owner is None:
        if value is None:
            return changed
        owner = _make(path, changed)
    if value is None:
        owner.pop(_key(path, owner), None)
    else:
        owner[_key(path, owner)] = value
    return changed


def _recognise(document: Document, title: str, value: Any) -> None:
    """`recognitions.TITLE=2024`: held since then; `=true`: held, of no known year; `=false`: not held."""
    held = [item for item in document.get("recognitions", []) if item.get("title") != title]
    if value not in (None, "false", "否", False):
        entry: Document = {"title": title}
        if str(value).isdecimal():
            entry["year"] = value
        held.append(entry)
    document["recognitions"] = held


def _key(path: FactPath, owner: Mapping[Any, Any]) -> Any:
    """The key of the fact in its owner; a year is one whether it stands there as a number or as text."""
    if path.owner != "parameter":
        return path.name
    return next((key for key in owner if str(key) == str(path.entry)), str(path.entry))


def _owner(path: FactPath, document: Mapping[str, Any]) -> Any:
    """The mapping that holds the fact; None where the document has none."""
    match path.owner:
        case "case":
            return document
        case "enterprise" | "park":
            return document.get(path.owner)
        case "parameter":
            return document.get("parameters", {}).get(path.name)
        case "received" | "assessed":
            return document[path.owner][int(path.entry or 0) - 1]
    return next(_entries(path, document), None)


def _entries(path: FactPath, document: Mapping[str, Any]) -> Iterator[Any]:
    held: Any
    match path.owner:
        case "report":
            held, key = document.get("reports", ()), "year"
        case "park_report":
            held, key = (document.get("park") or {}).get("reports", ()), "year"
        case "recognition":
            held, key = document.get("recognitions", ()), "title"
        case owner:
            held, key = document.get(_LISTS[owner], ()), "id"
    return (item for item in held if str(item.get(key)) == str(path.entry))


def _make(path: FactPath, document: Document) -> Document:
    made: Document
    match path.owner:
        case "enterprise":
            made = document.setdefault("enterprise", {})
        case "park":
            made = document.setdefault("park", {})
        case "parameter":
            made = document.setdefault("parameters", {}).setdefault(path.name, {})
        case "report":
            made = {"year": path.entry}
            document.setdefault("reports", []).append(made)
        case "park_report":
            made = {"year": path.entry}
            document.setdefault("park", {}).setdefault("reports", []).append(made)
        case _:
            made = {"title": path.entry}
            document.setdefault("recognitions", []).append(made)
    return made
