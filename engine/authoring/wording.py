"""Rules in words: each key of a measure as a row that a person reads, in either language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conggao.engine.labels import PAYERS, RECIPIENTS, SUBJECTS
from conggao.engine.language.render import Renderer
from conggao.engine.rulebook.model import Derivation, Measure, Parameter
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.units import PURE, show

_WHOM: Mapping[str, Text] = {**SUBJECTS, "provider": RECIPIENTS["provider"]}


@dataclass(frozen=True, slots=True)
class Row:
    """What is said under one head; several texts are several lines."""

    head: str
    texts: tuple[str, ...]


def measure_rows(measure: Measure, renderer: Renderer) -> tuple[Row, ...]:
    """What a measure says, head by head, without what it does not say."""
    lang = renderer.lang
    rows = [Row(head.of(lang), tuple(texts)) for head, texts in _measure(measure, renderer, lang)]
    return tuple(row for row in rows if row.texts)


def _measure(measure: Measure, renderer: Renderer, lang: Lang) -> Iterator[tuple[Text, list[str]]]:
    say = renderer.say
    subject = [] if measure.subject is None else [SUBJECTS[measure.subject].of(lang)]
    yield Text("对象", "for"), subject
    yield (
        Text("支持内容", "supports"),
        [_listed([_line(line.label.of(lang), line.annual, lang) for line in measure.lines], lang)],
    )
    yield Text("条件", "where"), [say(condition.node) for condition in measure.when]
    if measure.service is not None:
        yield Text("给予", "gives"), [measure.service.of(lang)]
    elif measure.kind in ("pay", "up_to"):
        open_end = Text("数额由主管部门核定，未写上限", "an amount that the authority decides, without a stated limit")
        yield Text("给予", "pays"), [open_end.of(lang) if measure.amount is None else say(measure.amount)]
    elif measure.kind == "repealed":
        yield Text("给予", "pays"), [Text("已废止", "repealed").of(lang)]
    if measure.cap is not None:
        yield Text("上限", "at most"), [say(measure.cap) + _scope(measure, lang)]
    if measure.once is not None:
        whom = _WHOM[measure.once]
        yield Text("次数", "once"), [Text(f"每{whom.zh}一次", f"once for each {whom.en}").of(lang)]
    if measure.ceiling is not None:
        over = measure.ceiling.over
        whole = Text("全部支持合计", "all support together").of(lang)
        named = whole if over is None else _listed([_short(item, measure) for item in over], lang)
        yield Text("合计上限", "ceiling"), [f"{named} ≤ {say(measure.ceiling.amount)}"]
    if measure.recipient != "enterprise":
        yield Text("领取方", "paid to"), [RECIPIENTS[measure.recipient].of(lang)]
    shares = [
        f"{PAYERS.get(name, Text(name, name)).of(lang)} {show(share, PURE, lang, percent=True)}"
        for name, share in measure.funding
    ]
    yield Text("出资", "funded by"), [_listed(shares, lang)] if shares else []
    yield Text("可叠加", "stacks with"), _others(measure.stacks_with, measure, lang)
    yield Text("择一", "excludes"), _others(measure.excludes, measure, lang)
    yield Text("修改自", "amended by"), list(measure.amended)
    yield Text("未建模", "not modelled"), list(measure.not_modelled)
    yield Text("责任单位", "authorities"), [_listed(list(measure.authorities), lang)] if measure.authorities else []


def derivation_rows(item: Derivation, renderer: Renderer) -> tuple[Row, ...]:
    """What a derived fact means, of whom, and from where its figures are."""
    lang = renderer.lang
    rows = [
        Row(Text("对象", "of").of(lang), (SUBJECTS[item.subject].of(lang),)),
        Row(Text("即", "is").of(lang), (renderer.say(item.node),)),
    ]
    return (*rows, Row(Text("来源", "source").of(lang), (item.source,))) if item.source else tuple(rows)


def parameter_rows(item: Parameter, policy: str, lang: Lang) -> tuple[Row, ...]:
    """The values of a dated figure, each with its source; that none was seen, where there is none."""
    values = [
        f"{year}：{show(value.value, PURE, lang, percent=True)}（{value.source}）"
        for year, value in sorted(item.values.items())
    ]
    unseen = Text("各年数值未见，由案例提供", "its values were not seen; a case states them").of(lang)
    return (Row(Text("数值", "values").of(lang), tuple(values) or (unseen,)),) if item.policy == policy else ()


def _scope(measure: Measure, lang: Lang) -> str:
    """Over whom and over which time a cap is added up."""
    whom = _WHOM[measure.cap_per or "enterprise"]
    period = Text("每年", "a year") if measure.cap_yearly else Text("历年合计", "over all years")
    return Text(f"（每{whom.zh}，{period.zh}）", f" (each {whom.en}, {period.en})").of(lang)


def _line(label: str, annual: bool, lang: Lang) -> str:
    return label + (Text("（按年）", " (by the year)").of(lang) if annual else "")


def _others(names: tuple[str, ...], measure: Measure, lang: Lang) -> list[str]:
    return [_listed([_short(name, measure) for name in names], lang)] if names else []


def _short(name: str, measure: Measure) -> str:
    return name.removeprefix(f"{measure.policy}/")


def _listed(texts: list[str], lang: Lang) -> str:
    return Text("、", ", ").of(lang).join(texts)
