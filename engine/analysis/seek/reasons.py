"""What seeking says in words: a change, what stood in the way, and why nothing helps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from conggao.engine.analysis.seek.moves import Move, plain
from conggao.engine.analysis.seek.search import Found
from conggao.engine.decision import Condition, Outcome
from conggao.engine.language.render import Renderer
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.units import show

Why = Literal[
    "settled", "not_in_force", "undetermined", "refused", "held", "unknown", "several", "rival", "exhausted", "received", "capped",
]  # fmt: skip
"""Paid in full · outside its dates or place · facts are missing · an authority has refused · only facts that the enterprise cannot move
would do · a quantity must be known first · more than two facts stand in the way · other claims pay more · a cap or ceiling is used up ·
paid already · at its cap."""


class Told(NamedTuple):
    """A change in words, and as `--set` takes it."""

    label: str
    before: str
    after: str
    set: tuple[str, ...]


def told(move: Move, renderer: Renderer) -> Told:
    """`上年度碳排放量`, `25,940 吨`, `26,000.001 吨`, and `latest.carbon_emissions=26000.001`."""
    lang = renderer.lang
    if move.key is None:
        title = renderer.word("titles", move.name.partition(".")[2])
        settings = tuple(f"{path}={value}" for path, value in move.writes)
        before = Text("未认定", "not held") if move.before is False else Text("不计", "held, not counted")
        year = move.writes[0][1]
        return Told(title, before.of(lang), Text(f"{year} 年认定", f"held since {year}").of(lang), settings)
    label = renderer.fact(move.key)
    value = move.writes[0][1]
    written = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else _bare(value)
    name = move.name
    if isinstance(move.after, tuple):
        return Told(label, *_listed(move, renderer), (f"{name}={written}",))
    return Told(label, _value(move.before, move, renderer), _value(move.after, move, renderer), (f"{name}={written}",))


def _bare(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _value(value: Any, move: Move, renderer: Renderer) -> str:
    lang = renderer.lang
    if value is None:
        return Text("不明", "unknown").of(lang)
    if isinstance(value, bool):
        return (Text("是", "yes") if value else Text("否", "no")).of(lang)
    if isinstance(value, Fraction):
        assert move.spec is not None
        return plain(value) if move.spec.name == "division" else show(value, move.spec.dimension, lang)
    if isinstance(value, date):
        return value.isoformat()
    words = None if move.spec is None else move.spec.words
    return renderer.word(words, value) if words else str(value)


def _listed(move: Move, renderer: Renderer) -> tuple[str, str]:
    """Of a list what is added or left out: without it, with it."""
    before, after = move.before or (), move.after
    added = [item for item in after if item not in before]
    gone = [item for item in before if item not in after]
    words = None if move.spec is None else move.spec.words
    zh = renderer.lang == "zh"

    def names(items: list[Any]) -> str:
        said = [renderer.word(words, item) if words else str(item) for item in items]
        return "、".join(f"「{item}」" for item in said) if zh else ", ".join(f"“{item}”" for item in said)

    without, having = ("不含", "含") if zh else ("without ", "with ")
    if added:
        return f"{without}{names(added)}", f"{having}{names(added)}"
    return f"{having}{names(gone)}", f"{without}{names(gone)}"


def reasons(outcome: Outcome, then: Outcome, formula: str | None, lang: Lang) -> tuple[str, ...]:
    """What stood in the way, then how the amount is reckoned once it does not: by `formula` alone where that is given."""
    said = [found(item) for item in outcome.conditions if item.truth is not True]
    if outcome.superseded_by:
        said.append(_rivals(outcome, lang))
    if outcome.status in ("granted", "exhausted"):
        said += [step.text for step in outcome.steps if "cap" in step.name or step.name == "ceiling"]
    if then.superseded_by:
        said.append(_rivals(then, lang))
    elif then.amount is not None and then.steps:
        said.append(formula or then.steps[0].text)
    return tuple(dict.fromkeys(said))


def found(condition: Condition) -> str:
    """What a condition found; of one without a finding, that of the parts in which it fails."""
    if condition.finding:
        return condition.finding
    parts = [item for item in condition.parts if item.truth is not True]
    if len(parts) == 1 and len(condition.parts) > 1:
        return f"{condition.text}: {found(parts[0])}"
    inner = [text for item in parts for text in _findings(item)]
    return f"{condition.text}: {inner[0]}" if len(inner) == 1 else condition.text


def _findings(condition: Condition) -> Iterator[str]:
    if condition.finding and condition.truth is not True:
        yield condition.finding
    for item in condition.parts:
        yield from _findings(item)


def _rivals(outcome: Outcome, lang: Lang) -> str:
    names = ", ".join(outcome.superseded_by)
    if outcome.difference:
        return Text(
            f"{names} 更优，差 {outcome.difference:,} 元", f"{names} pays more, by CNY {outcome.difference:,}"
        ).of(lang)
    return Text(f"{names} 更优", f"{names} is chosen").of(lang)


def hindrance(
    outcome: Outcome,
    beyond: Found,
    unknown: Collection[str],
    held: Mapping[str, Text],
    lang: Lang,
    *,
    settled: bool,
    refused: bool,
) -> tuple[Why, str, tuple[str, ...]]:
    """Why nothing helps: a code, a sentence, and the facts it speaks of.

    `beyond` is what would help were every fact movable, `held` what among the facts that stand in the way is not, `unknown` what would have
    to be known before a change can be measured.
    """

    def answer(why: Why, zh: str, en: str, facts: Collection[str] = ()) -> tuple[Why, str, tuple[str, ...]]:
        return why, Text(zh, en).of(lang), tuple(facts)

    if settled:
        return answer("settled", "已符合，没有什么挡着", "it applies; nothing stands in the way")
    if outcome.status == "not_in_force":
        note = outcome.notes[0] if outcome.notes else ""
        return answer("not_in_force", note or "不在有效期之内", note or "it is not in force")
    if outcome.status == "undetermined":
        names = ", ".join(outcome.missing)
        return answer("undetermined", f"先补资料：{names}", f"supply first: {names}", outcome.missing)
    if refused:
        return answer("refused", "主管部门已核定不予支持", "the authority has refused")
    if beyond:
        stuck = {move.name: move.held for moves in beyond for move in moves if move.held is not None}
        zh, en = _held(stuck)
        return answer("held", f"要动的事实企业动不了：{zh}", f"what would have to change cannot be moved: {en}", stuck)
    match outcome.status:
        case "superseded" | "contingent":
            said = _rivals(outcome, lang)
            text = (
                f"{said}；改动本项的一两项事实都不能更优",
                f"{said}; no change of one or two of its facts would bring more",
            )
            return answer("rival", *text, outcome.superseded_by)
        case "exhausted":
            return answer(
                "exhausted",
                "上限已由其他申请用完，改动事实不能放宽",
                "its cap is used up by other claims; no fact widens it",
            )
        case "received":
            return answer("received", "已经领取", "it has been paid already")
        case "granted":
            return answer("capped", "已到上限，改动事实不能放宽", "it is at its cap; no fact widens it")
    failing = [item for item in outcome.conditions if item.truth is not True]
    if unknown:
        names = ", ".join(sorted(unknown))
        return answer("unknown", f"先要知道 {names}", f"to be known first: {names}", sorted(unknown))
    many = len(failing)
    said_zh, said_en = ("；".join(map(found, failing)), "; ".join(map(found, failing)))
    zh, en = f"改动一两项事实不够：{said_zh}", f"one or two facts do not suffice: {said_en}"
    if many > 2:  # noqa: PLR2004 - more than are changed at once
        zh, en = f"{many} 个条件同时不成立：{said_zh}", f"{many} conditions stand in the way: {said_en}"
    if held:
        stuck_zh, stuck_en = _held(held)
        zh, en = f"{zh}。其中企业动不了的：{stuck_zh}", f"{en}. Of these it cannot move: {stuck_en}"
    return answer("several", zh, en, held)


def _held(stuck: Mapping[str, Text]) -> tuple[str, str]:
    zh = "；".join(f"{name}（{why.zh}）" for name, why in stuck.items())
    return zh, "; ".join(f"{name} ({why.en})" for name, why in stuck.items())
