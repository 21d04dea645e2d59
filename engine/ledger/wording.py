"""Why an award is refused, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from conggao.engine.ledger.awards import money
from conggao.engine.ledger.model import PastAward
from conggao.engine.ledger.weigh import Weighed
from conggao.facts.diagnostics import Text

_WHY = {
    "once": Text("此项只给一次，已经给过", "it is paid once, and has been paid"),
    "paid": Text("此项已经给过", "it has been paid before"),
    "line": Text("同一支持内容已按另一措施给过", "another measure has paid for the same line"),
    "excluded": Text("与已给的支持不可兼得", "what was paid excludes it"),
    "cap": Text("上限已被用去", "its cap has been drawn on"),
    "ceiling": Text("合计上限已被用去", "the ceiling over it has been drawn on"),
    "decision": Text("判定没有给这么多", "the decision does not grant as much"),
}
_STATUS = {
    "unmet": Text("条件不符合", "its conditions are not met"),
    "undetermined": Text("尚不能判定", "it is not decidable yet"),
    "superseded": Text("判定认为应由更高的支持代替", "the decision gives it up for a better claim"),
    "received": Text("判定认为已经领取", "the decision finds it received"),
    "exhausted": Text("判定认为上限已用尽", "the decision finds its cap used up"),
    "service": Text("这是服务，没有资金", "it is a service and brings no money"),
    "programme": Text("这不是可申领的资金", "it is nothing to claim"),
    "not_in_force": Text("该日或该地不适用", "it is not in force on the day or at the place"),
}
MOST = 5
"""Awards named in a sentence; the answer lists all."""


def refusal(measure: str, subject: str, fen: int, status: str, weighed: Weighed, way: Sequence[PastAward]) -> Text:
    """The refusal of `fen` of a measure for a subject, naming what is in the way and what is left."""
    why = _STATUS.get(status) if weighed.reason == "decision" and status in _STATUS else None
    why = why or _WHY[weighed.reason]
    named = way[:MOST]
    zh = "、".join(f"第 {a.entry} 项（{a.measure}，{a.subject}，{a.year} 年度，{a.amount} 元）" for a in named)
    en = ", ".join(f"entry {a.entry} ({a.measure}, {a.subject}, for {a.year}, CNY {a.amount})" for a in named)
    more = len(way) - len(named)
    if more:
        zh, en = f"{zh}等 {len(way)} 项", f"{en} and {more} more"
    outside = [prior for prior in weighed.way if prior.entry is None]
    if outside:
        told = "、".join(prior.taken.receipt.measure for prior in outside[:MOST])
        zh = f"{zh}；案例所载的 {told}" if zh else f"案例所载的 {told}"
        en = f"{en}; {told}, which the case states" if en else f"{told}, which the case states"
    left = money(weighed.left or 0)
    if not fen:
        return Text(f"{measure}（{subject}）不予入账：{why.zh}", f"{measure} ({subject}) is refused: {why.en}")
    return Text(
        f"{measure}（{subject}）{money(fen)} 元不予入账：{why.zh}{'：' + zh if zh else ''}；还可给 {left} 元",
        f"{measure} ({subject}), CNY {money(fen)}, is refused: {why.en}{': ' + en if en else ''}; CNY {left} is left",
    )
