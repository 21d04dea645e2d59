"""Facts that are missing, the measures that hang on them, and what an answer would bring: decided, not estimated."""

from __future__ import annotations

from dataclasses import dataclass

from conggao.engine.decide import Engine
from conggao.engine.decision import ZERO, Decision, Outcome, Range
from conggao.engine.labels import RECIPIENTS, signed
from conggao.engine.whatif import changed_case
from conggao.facts.diagnostics import InputFaults, Lang, Text
from conggao.facts.paths import FactPath, find_path

_OWNERS = {
    "project": Text("项目", "project"),
    "service": Text("服务", "service"),
    "park": Text("园区", "park"),
    "park_report": Text("园区", "park"),
}
_TOLD = Text("取决于数值", "depends on the value")
_ALONE = Text("仅此一项还不能定", "not settled by this alone")


@dataclass(frozen=True, slots=True)
class Opening:
    """A missing fact by its path and its name, the outcomes that hang on it, and what an answer to it would bring."""

    path: str
    label: str
    outcomes: tuple[Outcome, ...]
    brings: str


def openings(decision: Decision, engine: Engine | None) -> tuple[Opening, ...]:
    """Every missing fact once, in the order of the outcomes. Without an engine a fact has no name and nothing is tried."""
    hanging: dict[str, list[Outcome]] = {}
    for outcome in decision.outcomes:
        for path in outcome.missing:
            hanging.setdefault(path, []).append(outcome)
    return tuple(_opening(path, tuple(found), decision, engine) for path, found in hanging.items())


def _opening(path: str, found: tuple[Outcome, ...], decision: Decision, engine: Engine | None) -> Opening:
    if engine is None:
        return Opening(path, "", found, "")
    lang = decision.lang
    try:
        place = find_path(path, engine.vocabulary, decision.as_of, decision.case.document())
    except InputFaults:
        return Opening(path, "", found, "")
    brings = _TOLD.of(lang)
    if place.spec is not None and place.spec.kind == "flag":
        brings = _answered(path, decision, engine) or _ALONE.of(lang)
    return Opening(path, _label(place, engine, lang), found, brings)


def _answered(path: str, decision: Decision, engine: Engine) -> str:
    """What the totals gain when the fact is true, or else when it is false; empty where neither answer changes them."""
    lang = decision.lang
    for answer, said in (("true", Text("若为“是”", "if yes")), ("false", Text("若为“否”", "if no"))):
        try:
            case = changed_case(engine, decision.case, [f"{path}={answer}"], decision.as_of)
            totals = engine.decide(case, decision.as_of, engine="exact").totals
        except InputFaults:
            continue
        names = dict.fromkeys([*decision.totals, *totals])
        parts = [
            f"{RECIPIENTS[name].of(lang)} {told}"
            for name in names
            if (told := _gain(decision.totals.get(name, ZERO), totals.get(name, ZERO)))
        ]
        if parts:
            return said.of(lang) + Text("：", ": ").of(lang) + Text("；", "; ").of(lang).join(parts)
    return ""


def _gain(before: Range, after: Range) -> str:
    """How much more is sure, and how much more there is at most where that is another figure; empty where neither changes."""
    low = after.low - before.low
    if before.high is None or after.high is None:
        return signed(low) if low else ""
    high = after.high - before.high
    if low == high:
        return signed(low) if low else ""
    return f"{signed(low) if low else '0'} … {signed(high) if high else '0'}"


def _label(place: FactPath, engine: Engine, lang: Lang) -> str:
    """`项目 P2：投产达效并经复核认定`; a title for a recognition."""
    colon = Text("：", ": ").of(lang)
    if place.owner == "recognition":
        title = engine.vocabulary.words("titles").get(str(place.entry))
        name = "" if title is None else title.of(lang)
        what = {"year": Text("认定年份", "year of recognition"), "level": Text("认定级别", "level of recognition")}
        return name + colon + what[place.name].of(lang) if place.name in what else name
    if place.spec is None:
        return ""
    owner = _OWNERS.get(place.owner)
    if place.owner == "report":
        lead = Text(f"{place.entry} 年", f"{place.entry}").of(lang)
    else:
        entry = "" if place.entry is None else f" {place.entry}"
        lead = "" if owner is None else owner.of(lang) + entry
    return (lead + colon if lead else "") + place.spec.label.of(lang)
