"""`tiers`: an amount by steps of a quantity, given as a Markdown table in the restatement above the measure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import cast

from conggao.engine.language.scope import Scope
from conggao.engine.language.tree import And, Choice, Comparator, Compare, Constant, Node
from conggao.engine.language.types import MONEY, TRUTH, Quantity
from conggao.engine.rulebook.amounts import expression
from conggao.engine.rulebook.model import Condition
from conggao.engine.rulebook.page import Block, Passage
from conggao.engine.rulebook.reader import Reader
from conggao.facts.diagnostics import Diagnostic, Label, Span, Text

_HEADERS: dict[tuple[str, ...], tuple[Comparator, Comparator]] = {
    ("超过", "不超过"): (">", "<="), ("above", "up to"): (">", "<="),
    ("不低于", "低于"): (">=", "<"), ("from", "below"): (">=", "<"),
    ("以上", "以下"): (">=", "<="),
}  # fmt: skip
"""The two bounds of a step; 以上 and 以下 both include their figure (民法典第一千二百五十九条) and so would overlap."""
_PAYS = ("给予", "pays", "奖励", "补助")
_RULE = re.compile(r"^\|?[\s:|-]+\|?$")


@dataclass(frozen=True, slots=True)
class _Step:
    """A row: from `low` to `high` (None: no bound), what it pays, and its line."""

    low: Node | None
    high: Node | None
    pays: Node
    line: int


def read_tiers(reader: Reader, block: Block, scope: Scope) -> tuple[Node, Condition | None] | None:
    """The amount by steps, and the condition that the quantity reaches the lowest step; None with its faults noted."""
    quantity = expression(reader, ("tiers",), reader.text("tiers"), scope, None)
    tables = [passage for passage in block.prose if passage.text.lstrip().startswith("|")]
    if len(tables) != 1:
        message = Text(
            f"`tiers` 要有一张档次表写在规则之上，现有 {len(tables)} 张",
            f"`tiers` needs one table of steps above the rule, {len(tables)} found",
        )
        hint = Text("表头写作 `| 超过 | 不超过 | 给予 |`", "its header is `| above | up to | pays |`")
        reader.fault("tiers/no-table", ("tiers",), message, hint)
        return None
    if quantity is None or not isinstance(quantity.type, Quantity) or quantity.type.interval:
        if quantity is not None:
            reader.fault("rule/type", ("tiers",), Text("`tiers` 应是一个数量", "`tiers` is a quantity"))
        return None
    read = _rows(reader, tables[0], scope, quantity.type)
    if read is None:
        return None
    steps, (above, up_to) = read
    if not _joined(reader, steps, (above, up_to)):
        return None
    branches = tuple((_within(quantity, step, above, up_to), step.pays) for step in reversed(steps))
    nothing = Constant(Fraction(0), MONEY, "0")
    amount = Choice(branches, nothing, Quantity(MONEY.dimension), place=quantity.place)
    lowest = steps[0].low
    if lowest is None:
        return amount, None
    reached = Compare(above, quantity, lowest, place=quantity.place)
    text = f"{reader.data['tiers']} {above} {cast('Constant', lowest).text}"
    return amount, Condition(text, reached, reader.origin(("tiers",)), implied=True)


def _rows(
    reader: Reader, table: Passage, scope: Scope, kind: Quantity
) -> tuple[list[_Step], tuple[Comparator, Comparator]] | None:
    lines = [(table.line + index, line.strip()) for index, line in enumerate(table.text.split("\n"))]
    header = _cells(lines[0][1])
    signs = _HEADERS.get(tuple(header[:2]))
    if len(header) != 3 or signs is None or header[2] not in _PAYS:  # noqa: PLR2004 - two bounds and an amount
        message = Text("档次表的表头不认识", "the header of the table of steps is not known")
        hint = Text(
            "写作 `| 超过 | 不超过 | 给予 |` 或 `| 不低于 | 低于 | 给予 |`",
            "write `| above | up to | pays |` or `| from | below | pays |`",
        )
        _fault(reader, "tiers/header", lines[0][0], message, hint)
        return None
    steps: list[_Step] = []
    failed = False
    for line, text in lines[1:]:
        if _RULE.match(text):
            continue
        cells = _cells(text)
        if len(cells) != 3:  # noqa: PLR2004
            message = Text(f"此行有 {len(cells)} 格，应为 3 格", f"this row has {len(cells)} cells, 3 are needed")
            _fault(reader, "tiers/row", line, message)
            failed = True
            continue
        low, high = _cell(reader, cells[0], scope, kind, line), _cell(reader, cells[1], scope, kind, line)
        pays = _cell(reader, cells[2], scope, MONEY, line)
        if "fault" in (low, high, pays):
            failed = True
        elif pays is None:
            _fault(reader, "tiers/row", line, Text("此行没有写给多少", "this row does not say what it pays"))
            failed = True
        else:
            steps.append(_Step(cast("Node | None", low), cast("Node | None", high), cast("Node", pays), line))
    if not steps and not failed:
        _fault(reader, "tiers/row", lines[0][0], Text("档次表没有行", "the table of steps has no rows"))
    return None if failed or not steps else (sorted(steps, key=_begins), signs)


def _cell(reader: Reader, text: str, scope: Scope, kind: Quantity, line: int) -> Node | str | None:
    """A figure; None for an empty cell, "fault" where it is none."""
    if not text or text in ("–", "—", "-"):
        return None
    before = len(reader.faults)
    node = expression(reader, ("tiers",), text, scope, kind)
    if isinstance(node, Constant):
        return node
    if len(reader.faults) == before:
        _fault(reader, "tiers/row", line, Text(f"`{text}` 不是一个数", f"`{text}` is no figure"))
    else:
        fault = reader.faults.pop()
        _fault(reader, fault.code, line, fault.message, fault.help)
    return "fault"


def _begins(step: _Step) -> tuple[bool, Fraction]:
    return step.low is not None, _figure(step.low)


def _figure(node: Node | None) -> Fraction:
    return cast("Fraction", node.value) if isinstance(node, Constant) else Fraction(0)


def _joined(reader: Reader, steps: list[_Step], signs: tuple[Comparator, Comparator]) -> bool:
    """Whether each step begins where the one before it ends: no gap, no overlap, none that is empty."""
    before = len(reader.faults)
    for step in steps:
        if step.low is not None and step.high is not None and _figure(step.low) >= _figure(step.high):
            message = Text("此档的下限不低于上限", "this step ends where it begins, or before")
            _fault(reader, "tiers/empty", step.line, message)
    for first, second in pairwise(steps):
        ends, begins = first.high, second.low
        if ends is None or begins is None or _figure(ends) > _figure(begins):
            _fault(reader, "tiers/overlap", second.line, Text("此档与前一档重叠", "this step overlaps the one before"))
        elif _figure(ends) < _figure(begins):
            _fault(reader, "tiers/gap", second.line, Text("此档与前一档之间有空缺", "there is a gap before this step"))
        elif signs == (">=", "<="):
            message = Text("两档都含这个数", "both steps hold the figure between them")
            hint = Text(
                "用 `不低于` 与 `低于`，或 `超过` 与 `不超过`", "use `from` and `below`, or `above` and `up to`"
            )
            _fault(reader, "tiers/overlap", second.line, message, hint)
    return len(reader.faults) == before


def _within(quantity: Node, step: _Step, above: Comparator, up_to: Comparator) -> Node:
    bounds: list[Node] = []
    if step.low is not None:
        bounds.append(Compare(above, quantity, step.low, place=quantity.place))
    if step.high is not None:
        bounds.append(Compare(up_to, quantity, step.high, place=quantity.place))
    return bounds[0] if len(bounds) == 1 else And(tuple(bounds), TRUTH, place=quantity.place)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _fault(reader: Reader, code: str, line: int, message: Text, help: Text | None = None) -> None:  # noqa: A002
    label = Label(Span(reader.name, line))
    reader.faults.append(Diagnostic(code, message, (label,), path="tiers", breadcrumb=reader.breadcrumb, help=help))
