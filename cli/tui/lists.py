"""The facts and the outcomes of a state as lines of a list, what changed marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from conggao.cli.tui.listing import Item
from conggao.cli.tui.session import State
from conggao.cli.tui.sheet import Group, Row, shown, stated
from conggao.engine import Decision, Outcome
from conggao.engine.decision import Status
from conggao.engine.labels import RECIPIENTS, STATUS, amount, short, subject_name
from conggao.engine.whatif import Change, Comparison
from conggao.facts.diagnostics import Lang, Text
from conggao.facts.models import Case

_UNSET = {
    "unknown": Text("不明", "unknown"),
    "zero": Text("0", "0"),
    "false": Text("否", "no"),
    "empty": Text("无", "none"),
}
_STYLES: Mapping[Status, str] = {
    "granted": "good", "contingent": "warn", "superseded": "aside", "received": "aside", "exhausted": "aside",
    "undetermined": "warn", "unmet": "bad", "service": "aside", "programme": "faint", "not_in_force": "faint",
}  # fmt: skip
_LEVELS = {"national": Text("国", "nat."), "region": Text("区", "reg."), "city": Text("市", "city")}
ORDER: tuple[Status, ...] = tuple(STATUS)


def fact_items(groups: Iterable[Group], state: State, base: Case, lang: Lang, *, everything: bool = True) -> list[Item]:
    """One line a fact; faint where nothing is stated, with what that means. Changed are those that `base` states otherwise."""
    document, former = state.document, base.document()
    items: list[Item] = []
    for group in groups:
        lines: list[Item] = []
        for row in group.rows:
            value = stated(row, document)
            changed = value != _before(row, former)
            if value is not None or everything or changed:
                text = shown(row, value, lang) if value is not None else _UNSET[row.absent].of(lang)
                lines.append(Item(row.key, group.key, row.label.of(lang), text, faint=value is None, changed=changed))
        if lines:
            said = sum(not item.faint for item in lines)
            items.append(Item(group.key, group.key, group.title.of(lang), f"{said}/{len(group.rows)}", heading=True))
            items += lines
    return items


def _before(row: Row, document: dict[str, object]) -> object:
    try:
        return stated(row, document)
    except (IndexError, KeyError):
        # An entry that was not there before.
        return None


def outcome_key(item: Outcome | Change) -> str:
    """What tells one outcome from every other."""
    return f"{item.measure} {item.subject or ''}"


def outcome_items(decision: Decision, compared: Comparison, levels: Mapping[str, str]) -> list[Item]:
    """One line an outcome, by status, what is paid first; changed are those of the comparison, with the difference.

    `levels` gives the level of government of each policy; it is shown where there are several policies.
    """
    lang = decision.lang
    changes = {outcome_key(item): item for item in compared.changes}
    items: list[Item] = []
    shown = levels if len({item.measure.partition("/")[0] for item in decision.outcomes}) > 1 else {}
    for status in ORDER:
        found = [item for item in decision.outcomes if item.status == status]
        if found:
            items.append(Item(status, status, STATUS[status].of(lang), str(len(found)), heading=True))
            items += [_line(item, changes.get(outcome_key(item)), lang, shown) for item in found]
    gone = [item for item in compared.changes if item.after is None]
    if gone:
        items.append(Item("gone", "gone", Text("不再有", "No longer there").of(lang), str(len(gone)), heading=True))
        items += [Item(outcome_key(i), "gone", _title(i.before, lang), "–", changed=True) for i in gone if i.before]
    return items


def _line(item: Outcome, change: Change | None, lang: Lang, levels: Mapping[str, str]) -> Item:
    name = _title(item, lang)
    level = _LEVELS.get(levels.get(item.measure.partition("/")[0], ""))
    if level is not None:
        name = f"{level.of(lang)} {name}"
    value = amount(item.amount, lang) if item.status in ("granted", "contingent") else ""
    brief = ""
    if change is not None:
        said = moved(change, lang)
        brief = f"{value} {said[:1]}".strip()
        value = f"{value} {said}".strip()
    style = "bad" if change is not None and change.low < 0 else _STYLES[item.status]
    return Item(outcome_key(item), item.status, name, value, brief, style, changed=change is not None)


def _title(item: Outcome, lang: Lang) -> str:
    whom = "" if item.subject in (None, "enterprise") else f" · {subject_name(item.subject, lang)}"
    return f"{short(item.measure)} {item.title}{whom}"


def moved(change: Change, lang: Lang) -> str:
    """How an outcome changed: by how much money, else from which status."""
    if change.low:
        return difference(change.low)
    before = change.before
    if before is None:
        return Text("新", "new").of(lang)
    if change.after is not None and before.status == change.after.status:
        return ""
    return f"← {STATUS[before.status].of(lang)}"


def difference(value: Decimal) -> str:
    """`▲ 1,000.00`, `▼ 1,000.00`."""
    return f"{'▲' if value > 0 else '▼'} {abs(value):,.2f}"


def totals(compared: Comparison, lang: Lang) -> list[tuple[str, str, Decimal]]:
    """Recipient, total, and by how much its sure part changed; those who get nothing are left out but the enterprise."""
    found: list[tuple[str, str, Decimal]] = []
    for name, (before, after) in compared.totals.items():
        low = after.low if after is not None else Decimal(0)
        change = low - (before.low if before is not None else Decimal(0))
        if name == "enterprise" or change or (after is not None and after.high != 0):
            found.append((RECIPIENTS[name].of(lang), amount(after, lang, "0.00"), change))
    return found
