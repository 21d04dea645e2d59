"""`amend` blocks: a page changes a measure of another policy from a date. This is also how a reform is written.

Rulebooks that hold amendments have editions: what applied before the first of them, and what applies from each date at which one begins
or ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from conggao.engine.rulebook import keys
from conggao.engine.rulebook.page import Block
from conggao.engine.rulebook.reader import Reader
from conggao.facts.diagnostics import Diagnostic, Span, Text, did_you_mean
from conggao.facts.documents import Document, Place

_KINDS = ("pay", "up_to", "tiers", "service", "programme")


@dataclass(frozen=True, slots=True)
class Amendment:
    """From `begins` to `ends` (the amending policy's own end), the keys of `changes` replace those of `measure`; `repeal` ends it."""

    policy: str
    measure: str
    begins: date
    ends: date | None
    changes: Mapping[str, Any]
    repeal: bool
    reader: Reader
    block: Block

    def applies(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day <= self.ends)


def read_amendment(
    reader: Reader, block: Block, policy: str, in_force: tuple[date, date | None], known: Collection[str]
) -> Amendment | None:
    """The amendment; None with its faults noted. `known` are the full ids of all measures."""
    before = len(reader.faults)
    reader.only(keys.names(keys.AMEND))
    measure = reader.text("measure")
    begins = reader.day("from")
    changes: Any = reader.data.get("set", {})
    repeal = reader.choice("repeal", ("true", "false"), "false") == "true"
    if measure and measure not in known:
        message = Text(f"没有措施 `{measure}`", f"there is no measure `{measure}`")
        hint = did_you_mean(measure, known) or Text("写作 `政策/措施`", "write it as `policy/measure`")
        reader.fault("amend/unknown-measure", ("measure",), message, hint)
    elif measure.partition("/")[0] == policy:
        message = Text(
            "`amend` 修改另一政策的措施；本政策的措施请直接改写", "`amend` changes a measure of another policy"
        )
        reader.fault("amend/own-measure", ("measure",), message)
    if not isinstance(changes, dict) or (not changes and not repeal):
        message = Text("`set` 应写出要改的键和新值", "`set` gives the keys to change with their new values")
        reader.fault("page/shape", ("set",), message)
        return None
    for key in changes:
        if key in keys.FIXED:
            message = Text(f"`{key}` 不能修改", f"`{key}` cannot be changed")
            hint = Text("另写一个措施", "write a measure of its own")
            reader.fault("amend/fixed-key", ("set", key), message, hint)
    if begins is not None and begins < in_force[0]:
        message = Text(
            f"生效日早于本政策的施行日 {in_force[0]}", f"this is before the policy itself begins, {in_force[0]}"
        )
        reader.fault("amend/too-early", ("from",), message)
    if len(reader.faults) > before or begins is None:
        return None
    return Amendment(policy, measure, begins, in_force[1], changes, repeal, reader, block)


def check_cycles(amendments: Iterable[Amendment]) -> None:
    """A fault where policies amend each other in a circle: neither could then be read first."""
    edges: dict[str, dict[str, Amendment]] = {}
    for item in amendments:
        edges.setdefault(item.policy, {})[item.measure.partition("/")[0]] = item
    for start in edges:
        circle = find_circle({policy: set(others) for policy, others in edges.items()}, start)
        if circle and start == min(circle):
            shown = " → ".join([*circle, start])
            message = Text(f"政策互相修改：{shown}", f"policies amend each other in a circle: {shown}")
            edges[start][circle[1] if len(circle) > 1 else start].reader.fault("amend/circle", ("measure",), message)


def find_circle(edges: Mapping[str, Collection[str]], start: str) -> list[str]:
    """The shortest way from `start` back to it, without the return; empty where there is none."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for following in sorted(edges.get(way[-1], ())):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def turning_days(amendments: Sequence[Amendment]) -> list[date]:
    """The days on which what applies changes, in order."""
    days = {item.begins for item in amendments}
    days |= {item.ends + timedelta(days=1) for item in amendments if item.ends is not None and item.ends < date.max}
    return sorted(days)


def amended(original: Reader, amendment: Amendment, faults: list[Diagnostic]) -> Reader:
    """The block of a measure with the amendment's keys in place of its own; places of the new ones are those in the amending page."""
    data = dict(original.data)
    if any(key in _KINDS for key in amendment.changes):
        data = {key: value for key, value in data.items() if key not in _KINDS}
    data |= amendment.changes
    old, new = original.document, amendment.reader.document
    changed = set(amendment.changes)

    def spans(which: int) -> dict[Place, Span]:
        kept = {place: span for place, span in old.locate()[which].items() if not place or place[0] not in changed}
        return kept | {
            place[1:]: span for place, span in new.locate()[which].items() if place[:1] == ("set",) and place[1:]
        }

    document = Document(data, new.name, new.first_line, lambda: (spans(0), spans(1)))
    return Reader(document, faults, amendment.reader.breadcrumb, amendment.reader.name)
