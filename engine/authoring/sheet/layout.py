"""The sheets of a workbook: their names, columns and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conggao.facts.diagnostics import Text

SEPARATOR = " › "
"""Between the parts of a key: `title › zh`, `when › 2`."""
REMOVED = ("删除", "delete")
"""What a value says that is to be taken out."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet: the columns that say which value it is, what is told beside it, and the columns that may be edited."""

    name: str
    owner: Text | None
    key: Text
    told: Text | None
    values: tuple[str, ...]
    about: Text

    @property
    def columns(self) -> tuple[str, ...]:
        head = [item for item in (self.owner, self.key, self.told) if item is not None]
        return (*(f"{item.zh} {item.en}" for item in head), *self.values)


_KEY, _MEANING = Text("键", "key"), Text("说明", "meaning")
_VALUE = ("值 value",)


def _keyed(name: str, owner: Text | None, zh: str, en: str) -> Layout:
    return Layout(name, owner, _KEY, _MEANING, _VALUE, Text(zh, en))


FRONT = _keyed("页首 front", None, "政策的基本情况", "the particulars of the policy")
KINDS: Mapping[str, Layout] = {
    "measure": _keyed("措施 measures", Text("措施", "measure"), "各项措施的规则", "the rules, measure by measure"),
    "derive": _keyed("概念 derived", Text("概念", "derived fact"), "由事实推出的概念", "derived facts"),
    "facts": _keyed(
        "事实 facts", Text("块", "block"), "本政策声明的事实和词", "facts and words that the policy declares"
    ),
    "parameter": _keyed("参数 parameters", Text("参数", "parameter"), "引用的数值", "figures that the law borrows"),
    "case": _keyed("案例 cases", Text("案例", "case"), "算例和应得的结果", "worked cases and what should come of them"),
    "amend": _keyed("修改 amendments", Text("措施", "measure"), "对别的措施的修改", "changes of other measures"),
}
TIERS = Layout(
    "档次 tiers",
    Text("所属", "under"),
    Text("行", "row"),
    None,
    ("甲 A", "乙 B", "丙 C"),
    Text("档次表：每行一档，第 1 行是表头", "tables of steps: a row a step, of which the first is the header"),
)
TEXTS = Layout(
    "条文 text",
    Text("所属", "under"),
    Text("段", "passage"),
    Text("种类", "kind"),
    ("文字 text",),
    Text("标题和条文", "headings and clauses"),
)
LAYOUTS = (FRONT, *KINDS.values(), TIERS, TEXTS)
ABOUT = "说明 about"
