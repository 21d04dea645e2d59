"""What a ledger answers, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from conggao.engine.labels import RECIPIENTS, STATUS, subject_name
from conggao.engine.ledger.model import (
    Answer,
    Kept,
    Past,
    PastAward,
    PastOutcome,
    Replay,
    Replayed,
    Reversed,
    Verdict,
)
from conggao.facts.diagnostics import Lang, Text

_NEAR = ("undetermined", "superseded", "received", "exhausted", "unmet")


def money(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:,.2f}"


def recorded_view(kept: Kept | None, answers: Sequence[Answer], lang: Lang) -> RenderableType:
    """A decision that was recorded, and what became of the awards asked for."""
    parts: list[RenderableType] = []
    if kept is not None:
        total = kept.decision.totals["enterprise"]
        high = "…" if total.high is None else money(total.high)
        ends = money(total.low) if total.low == total.high else f"{money(total.low)} – {high}"
        said = Text(
            f"第 {kept.entry} 项：判定，企业合计 {ends} 元",
            f"entry {kept.entry}: decision, total of the enterprise CNY {ends}",
        )
        if kept.repeated:
            said = Text(f"{said.zh}（此键已用过）", f"{said.en} (this key was there)")
        parts.append(Line(said.of(lang)))
    for answer in answers:
        if answer.status == "awarded":
            whom = subject_name(answer.subject, lang)
            said = Text(
                f"第 {answer.entry} 项：拨付 {answer.measure} · {whom} {money(answer.amount)} 元",
                f"entry {answer.entry}: awarded {answer.measure} · {whom} CNY {money(answer.amount)}",
            )
            parts.append(Line(said.of(lang), style="green"))
        else:
            said = Text(f"第 {answer.entry} 项：{answer.message.zh}", f"entry {answer.entry}: {answer.message.en}")
            parts.append(Line(said.of(lang), style="red"))
    return Group(*parts)


def reversed_view(done: Reversed, lang: Lang) -> RenderableType:
    award = done.award
    said = Text(
        f"第 {done.entry} 项：撤回第 {award.entry} 项，{award.measure} {money(award.amount)} 元",
        f"entry {done.entry}: takes back entry {award.entry}, {award.measure} CNY {money(award.amount)}",
    )
    return Line(said.of(lang))


def past_view(past: Past, lang: Lang) -> RenderableType:
    """What an enterprise was granted, refused and paid."""
    if not past.decisions and not past.awards and not past.refusals:
        return Line(Text(f"台账里没有 {past.holder}", f"the ledger has nothing of {past.holder}").of(lang))
    parts: list[RenderableType] = [Line(past.holder, style="bold")]
    if past.awards:
        parts.append(_heading(Text("已拨付", "Paid"), lang))
        parts += [_award(award, lang) for award in past.awards]
        for recipient, amount in past.paid.items():
            whom = RECIPIENTS[recipient].of(lang) if recipient in RECIPIENTS else recipient
            parts.append(Line(f"  {Text('合计', 'total').of(lang)} {whom} {money(amount)}", style="bold"))
    if past.refusals:
        parts.append(_heading(Text("未予拨付", "Refused"), lang))
        parts += [Line(f"  {item.entry}  {item.message.of(lang)}", style="red") for item in past.refusals]
    for decision in past.decisions:
        title = Text(
            f"第 {decision.entry} 项判定，决定日期 {decision.as_of}",
            f"Decision {decision.entry} as of {decision.as_of}",
        )
        parts.append(_heading(title, lang))
        parts += [_outcome(item, lang) for item in decision.granted]
        ordered = sorted(decision.not_granted, key=lambda item: _NEAR.index(item.status) if item.status in _NEAR else 9)
        parts += [_outcome(item, lang) for item in ordered]
    return Group(*parts)


def _heading(title: Text, lang: Lang) -> RenderableType:
    return Padding(Line(title.of(lang), style="bold"), (1, 0, 0, 0))


def _award(award: PastAward, lang: Lang) -> RenderableType:
    whom = subject_name(award.subject, lang)
    said = Text(
        f"  {award.entry}  {award.title.zh} {award.measure} · {whom} · {award.year} 年度  {money(award.amount)}",
        f"  {award.entry}  {award.title.en} {award.measure} · {whom} · for {award.year}  {money(award.amount)}",
    )
    line = Line(said.of(lang))
    if award.reversed_by is not None:
        line.stylize("strike dim")
        why = Text(
            f"（第 {award.reversed_by} 项撤回：{award.reversed_because}）",
            f" (taken back by entry {award.reversed_by}: {award.reversed_because})",
        )
        line.append(why.of(lang))
    return line


def _outcome(item: PastOutcome, lang: Lang) -> RenderableType:
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 2))
    grid.add_column(ratio=1, overflow="fold")
    whom = "" if item.subject is None else f" · {subject_name(item.subject, lang)}"
    line = Line(f"{item.title} {item.measure}{whom}  ")
    line.append(STATUS[item.status].of(lang), style="green" if item.status == "granted" else "yellow")
    if item.status in ("granted", "contingent"):
        high = "…" if item.high is None else money(item.high)
        line.append(f" {money(item.low)}" if item.low == item.high else f" {money(item.low)} – {high}")
    if item.reason:
        line.append(f"\n  {item.reason}", style="dim")
    grid.add_row(line)
    return grid


def verdict_view(verdict: Verdict, lang: Lang) -> RenderableType:
    """What was found wrong with a ledger, or that it holds."""
    parts: list[RenderableType] = []
    for item in verdict.findings:
        where = "" if item.entry is None else Text(f"第 {item.entry} 项：", f"entry {item.entry}: ").of(lang)
        style = "red" if item.severity == "error" else "yellow"
        parts.append(Line(f"{where}{item.message.of(lang)} [{item.kind}]", style=style))
    head = verdict.head
    told = Text(f"共 {verdict.entries} 项", f"{verdict.entries} entries")
    if head is not None:
        told = Text(f"{told.zh}，末项 {head.entry}:{head.hash}", f"{told.en}, the last is {head.entry}:{head.hash}")
    good = Text("台账完好", "the ledger holds") if verdict.holds else Text("台账被动过", "the ledger was tampered with")
    parts.append(Line(good.of(lang), style="green" if verdict.holds else "bold red"))
    parts.append(Line(told.of(lang), style="dim"))
    return Group(*parts)


def replay_view(found: Replay, lang: Lang) -> RenderableType:
    """Who would be treated differently, and by how much."""
    parts: list[RenderableType] = []
    for item in found.differing:
        parts += _replayed(item, lang)
    if found.differing and found.payers:
        payers = ", ".join(f"{payer} {gain:+,.2f}" for payer, gain in sorted(found.payers.items()))
        parts.append(Line(Text(f"出资变化：{payers}", f"paid more or less: {payers}").of(lang), style="bold"))
    how = Text("逐字节相同", "the same to the byte") if found.exact else Text("结果相同", "the same")
    if found.decisions == 1:
        told = Text(f"1 项判定，{how.zh} {found.same} 项", f"1 decision, {found.same} {how.en}")
    else:
        told = Text(
            f"{found.decisions} 项判定，{how.zh} {found.same} 项", f"{found.decisions} decisions, {found.same} {how.en}"
        )
    parts.append(Line(told.of(lang), style="green" if not found.differing else "yellow"))
    return Group(*parts)


def _replayed(item: Replayed, lang: Lang) -> list[RenderableType]:
    holder = item.holder or "–"
    if item.fault is not None:
        said = Text(f"第 {item.entry} 项 {holder}：{item.fault}", f"entry {item.entry} {holder}: {item.fault}")
        return [Line(said.of(lang), style="red")]
    line = Line(Text(f"第 {item.entry} 项 {holder}", f"entry {item.entry} {holder}").of(lang), style="bold")
    line.append(f"  {item.gain:+,.2f}", style="green" if item.gain > 0 else "red" if item.gain < 0 else "dim")
    parts: list[RenderableType] = [line]
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column(ratio=1, overflow="fold")
    for shift in item.shifts:
        if not shift.amount_before and not shift.amount_after:
            continue
        whom = "" if shift.subject is None else f" · {subject_name(shift.subject, lang)}"
        row = Line(f"  {shift.measure}{whom}  {money(shift.amount_before)} → {money(shift.amount_after)}")
        if shift.reason:
            row.append(f"\n    {shift.reason}", style="dim")
        grid.add_row(row)
    parts.append(grid)
    return parts
