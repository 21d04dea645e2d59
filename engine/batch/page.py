"""The report of a batch as one page of HTML: to be printed, or opened without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from conggao.engine import pictures
from conggao.engine.batch import plots
from conggao.engine.batch.budget import GROUPS, SIZE_NOTE
from conggao.engine.labels import STATUS
from conggao.engine.report.pages import render_page
from conggao.facts.diagnostics import Lang, Text

if TYPE_CHECKING:
    from conggao.engine.batch.run import Ran

_WORDS = {
    "kind": Text("批量判定报告", "Report of a batch"),
    "title": Text("全部企业的政策支持", "Support of all enterprises"),
    "as_of": Text("决定日期", "Decided as of"),
    "decided": Text("已判定", "decided"),
    "aside": Text("未判定", "set aside"),
    "sure": Text("确定（元）", "Sure (CNY)"),
    "most": Text("最多（元）", "At most (CNY)"),
    "enterprises": Text("企业数", "Enterprises"),
    "claims": Text("项数", "Claims"),
    "notes": Text("说明", "Notes"),
    "rejected": Text("不能用的行", "Rows that were not taken"),
    "table": Text("表", "Table"),
    "reason": Text("原因", "Reason"),
    "count": Text("数量", "Count"),
    "statuses": Text("各项结果", "Outcomes by status"),
    "status": Text("结果", "Status"),
    "beyond": Text("合并客户后超过上限的服务提供方", "Providers beyond their cap over all customers"),
    "provider": Text("服务提供方", "Provider"),
    "customers": Text("客户数", "Customers"),
    "excess": Text("超出（元）", "Beyond the cap (CNY)"),
    "rulebooks": Text("依据的政策", "Rulebooks"),
    "inputs": Text("输入文件", "Input files"),
    "open": Text("未定", "open"),
    "whatever": Text("如全部核定到最高", "if all that is to be decided is decided at its most"),
    "own": Text("各自案例中的日期", "the date each enterprise states"),
}
_SHOWN = 50


def batch_html(ran: Ran, lang: Lang) -> str:
    """The page."""
    drawn: list[Markup] = []
    if pictures.available():
        for group in ("measure", "county", "payer"):
            sums = ran.budget.groups[group]
            if sums:
                # Drawn by a library from escaped text: safe as it is.
                drawn.append(Markup(pictures.svg(plots.bars(sums, GROUPS[group].of(lang), lang))))
    return render_page(
        "batch.html.j2",
        lang,
        w={key: text.of(lang) for key, text in _WORDS.items()},
        ran=ran,
        groups=[(GROUPS[group].of(lang), sums) for group, sums in ran.budget.groups.items()],
        statuses=[(STATUS[name].of(lang), count) for name, count in ran.budget.statuses.items() if name in STATUS],  # type: ignore[index]
        notes=[*(note.of(lang) for note in ran.notes), SIZE_NOTE.of(lang)],
        beyond=ran.budget.beyond[:_SHOWN],
        plots=drawn,
    )
