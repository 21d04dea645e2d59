"""What is said of conditions, of the plan, of a claim that is left or undecided, and of a measure that is not met: in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conggao.engine.decision import Condition, Decision, Filing, Outcome
from conggao.engine.labels import STATUS, amount, claim_name, money
from conggao.facts.diagnostics import Lang, Text


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition in a list: its truth, what was found, and how deep it lies under the condition of the rule."""

    truth: bool | None
    text: str
    depth: int


@dataclass(frozen=True, slots=True)
class Told:
    """A measure for a subject, and the sentences that say what became of it."""

    item: Outcome
    status: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A measure that is not met, alike for these subjects: what is false, and how far off it is where one figure says it."""

    item: Outcome
    subjects: tuple[str, ...]
    findings: tuple[Finding, ...]
    distance: str


def findings(conditions: Sequence[Condition]) -> Iterator[Finding]:
    """Every condition, and below one that is made of others those at its leaves that decide it."""
    for condition in conditions:
        said = condition.finding or condition.text
        yield Finding(condition.truth, said, 0)
        for leaf in dict.fromkeys(_leaves(condition)):
            if leaf[1] != said:
                yield Finding(*leaf, 1)


def _leaves(condition: Condition) -> Iterator[tuple[bool | None, str]]:
    # What decides an `and`, an `or` or a definition has its truth; of a `not`, the one part has the other.
    deciding = [part for part in condition.parts if part.truth is condition.truth] or condition.parts
    for part in deciding:
        if part.parts:
            yield from _leaves(part)
        else:
            yield part.truth, part.finding or part.text


def plan_sentences(decision: Decision) -> tuple[str, ...]:
    """What the naive choice would have lost, and whether the plan is proven."""
    plan = decision.plan
    if plan is None or not plan.claim:
        return ()
    told: list[Text] = []
    naive, gain = f"{plan.naive:,}", f"{plan.gain:,}"
    if plan.gain > 0:
        told.append(
            Text(
                f"逐项只挑标准最高的，企业有把握的只有 {naive} 元；此方案多 {gain} 元。",
                f"Choosing the highest standard line by line would make only CNY {naive} sure for the enterprise; "
                f"this plan brings CNY {gain} more.",
            )
        )
    if plan.proven:
        told.append(Text("此方案已证明为最优。", "It is proven that no other plan is better."))
    else:
        bound = "" if plan.bound is None else f"{plan.bound:,}"
        told.append(
            Text(
                "此方案是找到的最好的，未证明没有更好的" + (f"；最多不超过 {bound} 元。" if bound else "。"),
                "This is the best plan found; it is not proven that none is better"
                + (f", but none exceeds CNY {bound}." if bound else "."),
            )
        )
    return tuple(text.of(lang) for text in told for lang in (decision.lang,))


def left(item: Filing, outcome: Outcome, lang: Lang) -> Told:
    """Why a claim is left: for which rival and by how much, or because it has been paid or its cap is used up."""
    told: list[Text] = []
    if item.instead_of:
        names = ", ".join(claim_name(name, item.measure, lang) for name in item.instead_of)
        told.append(Text(f"让位于 {names}", f"in favour of {names}"))
        if item.difference:
            told.append(
                Text(
                    f"改报此项合计少 {item.difference:,} 元",
                    f"claiming it instead brings CNY {item.difference:,} less in all",
                )
            )
        elif item.difference is not None:
            told.append(Text("改报此项合计同样多", "claiming it instead brings the same in all"))
    elif outcome.status == "exhausted":
        told.append(
            Text(
                "所属上限或总额已由方案中的其他申领或已领取的资金用完",
                "other claims of the plan, or money received, have used up its cap or ceiling",
            )
        )
    elif outcome.status == "received":
        told.append(Text("已经领取，不重复支付", "it has been received and is not paid twice"))
    if outcome.basis == "assumed":
        told.append(
            Text("未见冲突条款，按择一处理", "no clause on it was seen; one of them is assumed to exclude the other")
        )
    notes = _besides(outcome.notes, bool(item.difference), _DIFFERENCE[lang])
    return Told(outcome, STATUS[outcome.status].of(lang), (*(text.of(lang) for text in told), *notes))


def undecided(item: Filing, outcome: Outcome, lang: Lang) -> Told:
    """What an office decides: between which amounts, and from which of them on another choice is the better one."""
    told: list[Text] = []
    said = amount(item.amount, lang)
    if item.break_even is not None:
        at = money(item.break_even, lang)
        if item.rate is None:
            told.append(
                Text(f"核定金额达到 {at} 元起，改报此项更优", f"the better choice from an amount of CNY {at} on")
            )
        else:
            told.append(
                Text(
                    f"核定比例达到 {item.rate}（即 {at} 元）起，改报此项更优",
                    f"the better choice from a granted rate of {item.rate} (CNY {at}) on",
                )
            )
        names = ", ".join(claim_name(name, item.measure, lang) for name in item.instead_of)
        if names:
            told.append(Text(f"届时取代 {names}", f"it then takes the place of {names}"))
        told.append(Text(f"可使方案增加 {said} 元", f"it could add CNY {said} to the plan"))
    elif outcome.status == "contingent":
        told.append(Text(f"可使方案增加 {said} 元", f"it could add CNY {said} to the plan"))
    sentences = [text.of(lang) for text in told]
    sentences += _besides(outcome.notes, item.break_even is not None, _BETTER_FROM[lang])
    return Told(outcome, STATUS[outcome.status].of(lang), tuple(sentences))


_BETTER_FROM: Mapping[Lang, tuple[str, ...]] = {
    "zh": ("核定金额达到", "核定比例达到"),
    "en": ("better from an amount", "better from a granted rate"),
}
_DIFFERENCE: Mapping[Lang, tuple[str, ...]] = {"zh": ("若改报此项",), "en": ("claiming this instead would",)}


def _besides(notes: Sequence[str], said: bool, beginnings: tuple[str, ...]) -> tuple[str, ...]:
    """The notes of an outcome without those that say again what a sentence here has `said`."""
    return tuple(note for note in notes if not (said and note.startswith(beginnings)))


def unmet(outcomes: Sequence[Outcome]) -> Iterator[Lacking]:
    """Subjects of a measure of which the same is said are told together."""
    alike: dict[tuple[str, tuple[Finding, ...], str], list[Outcome]] = {}
    for item in outcomes:
        alike.setdefault((item.measure, *_failed(item)), []).append(item)
    for (_, found, distance), items in alike.items():
        yield Lacking(items[0], tuple(item.subject for item in items if item.subject is not None), found, distance)


def _failed(item: Outcome) -> tuple[tuple[Finding, ...], str]:
    failed = [condition for condition in item.conditions if condition.truth is False]
    found = tuple(finding for finding in findings(failed) if finding.truth is False)
    if not found:
        found = tuple(Finding(False, note, 0) for note in item.notes)
    measured = [leaf.distance for condition in failed for leaf in _measured(condition) if leaf.distance]
    # A value on the threshold that has to be exceeded is no distance away; the sentence says enough.
    lone = len(failed) == 1 and len(measured) == 1 and any(digit in measured[0] for digit in "123456789")
    return found, measured[0] if lone else ""


def _measured(condition: Condition) -> Iterator[Condition]:
    """The false comparisons at the leaves of a condition, itself if it is one."""
    if not condition.parts:
        yield condition
    for part in condition.parts:
        if part.truth is condition.truth:
            yield from _measured(part)
