"""`measure` and `derive` blocks to checked measures and derived facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

from conggao.engine.language.scope import DerivedSpec, Scope
from conggao.engine.language.types import TRUTH, Quantity
from conggao.engine.rulebook import keys
from conggao.engine.rulebook.amounts import (
    AT_A_COMMA,
    expression,
    full,
    read_amount,
    read_cap,
    read_ceiling,
    unclosed,
    wider_cap,
)
from conggao.engine.rulebook.model import CapPer, Condition, Derivation, Kind, Line, Measure, Recipient, Subject
from conggao.engine.rulebook.page import Block
from conggao.engine.rulebook.reader import Path, Reader, percentage
from conggao.engine.rulebook.tiers import read_tiers
from conggao.facts.diagnostics import Text, did_you_mean
from conggao.facts.vocabulary import Vocabulary

_WHOLE = re.compile("[0-9]{1,6}")
_KINDS: Mapping[str, Kind] = {
    "pay": "pay", "up_to": "up_to", "tiers": "pay", "service": "service", "programme": "programme",
}  # fmt: skip
"""What each key makes of a measure."""


def read_derivation(reader: Reader, block: Block, policy: str, scope: Scope) -> Derivation | None:
    """A derived fact; None where it has faults, which are noted."""
    reader.only(keys.names(keys.DERIVE))
    name, label = reader.text("name"), reader.bilingual("label")
    subject = cast("Subject", reader.choice("subject", keys.SUBJECT_KINDS, "enterprise"))
    text = reader.text("is")
    source = reader.text("source")
    node = expression(reader, ("is",), text, scope.of(subject), None) if text else None
    if node is None or label is None or not name:
        return None
    if not isinstance(node.type, Quantity) and node.type != TRUTH:
        reader.fault("rule/type", ("is",), Text("概念应是真假或数量", "a derived fact is a truth or a quantity"))
        return None
    if isinstance(node.type, Quantity) and node.type.interval:
        reader.fault("rule/type", ("is",), Text("概念不能是区间", "a derived fact cannot be an interval"))
        return None
    if subject != "enterprise" and not name.isidentifier():
        reader.fault("page/name", ("name",), Text(f"`{name}` 不能作名称", f"`{name}` cannot be a name"))
    origin = reader.origin(("name",))
    return Derivation(
        name, label, subject, node, text, source, reader.bilinguals("interpretation"), policy, block, origin
    )


def read_measure(
    reader: Reader,
    block: Block,
    policy: str,
    vocabulary: Vocabulary,
    derived: Mapping[str, DerivedSpec],
    lines: Mapping[str, Line],
) -> Measure | None:
    """A measure; None where it has faults that leave nothing to evaluate."""
    before = len(reader.faults)
    reader.only(keys.names(keys.MEASURE))
    id_, title = reader.text("id"), reader.bilingual("title")
    kind = _kind(reader)
    subject = _subject(reader, kind)
    scope = Scope(vocabulary, subject, derived)
    used = _lines(reader, kind, lines)
    when = _when(reader, scope)
    amount = read_amount(reader, kind, scope)
    if "tiers" in reader.data:
        stepped = read_tiers(reader, block, scope)
        if stepped is not None:
            amount = stepped[0]
            when += () if stepped[1] is None else (stepped[1],)
    cap = read_cap(reader, scope)
    ceiling = read_ceiling(reader, scope, policy)
    annual = any(line.annual for line in used)
    cap_per = (
        cast("CapPer", reader.choice("cap_per", (*keys.SUBJECT_KINDS, "provider"), subject or "enterprise"))
        if cap is not None
        else None
    )
    if cap is not None and cap_per is not None:
        wider_cap(reader, cap, cap_per, subject)
    yearly = reader.choice("cap_period", ("year", "ever"), "year" if annual else "ever") == "year"
    once = cast("CapPer", reader.choice("once", keys.SUBJECT_KINDS)) if "once" in reader.data else None
    recipient = cast("Recipient", reader.choice("recipient", ("enterprise", "provider", "park"), "enterprise"))
    service = _service(reader, kind)
    funding = _funding(reader)
    if block.clause is None and not block.headings:
        reader.fault(
            "page/no-clause", (), Text("措施不在任何条款标题之下", "the measure stands under no clause heading")
        )
    if title is None or not id_ or kind is None or len(reader.faults) > before:
        return None
    return Measure(
        id=id_, policy=policy, title=title, clause=block.headings[-1], kind=kind, subject=subject, lines=used, when=when, amount=amount,
        cap=cap, cap_per=cap_per, cap_yearly=yearly, once=once, recipient=recipient, funding=funding,
        interpretation=reader.bilinguals("interpretation"), service=service, authorities=reader.texts("authorities"),
        not_modelled=reader.texts("not_modelled"), block=block, origin=reader.origin(("id",)),
        stacks_with=_others(reader, "stacks_with", id_, policy), excludes=_others(reader, "excludes", id_, policy), ceiling=ceiling,
    )  # fmt: skip


def _kind(reader: Reader) -> Kind | None:
    found = [key for key in _KINDS if key in reader.data]
    if len(found) == 1:
        return _KINDS[found[0]]
    if not found and "ceiling" in reader.data:
        return "ceiling"
    message = Text(
        f"`pay`、`up_to`、`tiers`、`service`、`programme` 要写且只写一个，现有 {len(found)} 个",
        f"exactly one of `pay`, `up_to`, `tiers`, `service`, `programme` is needed, {len(found)} found",
    )
    reader.fault("page/kind", (found[1],) if found else (), message)
    return None


def _others(reader: Reader, key: str, own: str, policy: str) -> tuple[str, ...]:
    """The full ids of the measures that `key` names."""
    names = reader.texts(key)
    for index, name in enumerate(names):
        if full(name, policy) == full(own, policy):
            message = Text("措施不能指向自己", "a measure cannot name itself")
            reader.fault("page/relation", (key, index), message)
    return tuple(full(name, policy) for name in names)


def _subject(reader: Reader, kind: Kind | None) -> Subject | None:
    if "subject" not in reader.data:
        if kind not in ("programme", None):
            return cast("Subject", reader.choice("subject", keys.SUBJECT_KINDS))
        return None
    return cast("Subject", reader.choice("subject", keys.SUBJECT_KINDS))


def _lines(reader: Reader, kind: Kind | None, known: Mapping[str, Line]) -> tuple[Line, ...]:
    found: list[Line] = []
    for index, name in enumerate(reader.texts("lines")):
        line = known.get(name)
        if line is None:
            message = Text(f"没有声明过支持内容 `{name}`", f"the line `{name}` is not declared")
            names = [*known, *(item.label.zh for item in known.values())]
            own = next((id_ for id_, item in known.items() if name in (item.label.zh, item.label.en)), None)
            help_ = did_you_mean(name, names) or Text(
                "在页首 `lines:` 下声明", "declare it under `lines:` in the front matter"
            )
            if own is not None:
                help_ = Text(f"写它的编号 `{own}`", f"write its id, `{own}`")
            reader.fault("page/unknown-line", ("lines", index), message, help_)
        else:
            found.append(line)
    if kind in ("pay", "up_to") and not reader.data.get("lines"):
        reader.fault(
            "page/missing-key", (), Text("缺少 `lines`：支持的是什么", "`lines` is missing: what is supported")
        )
    return tuple(found)


def _when(reader: Reader, scope: Scope) -> tuple[Condition, ...]:
    value: Any = reader.data.get("when", [])
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list):
        reader.fault("page/shape", ("when",), Text("`when` 应是条件的列表", "`when` should be a list of conditions"))
        return ()
    conditions: list[Condition] = []
    split = _split(reader, items) if items is value else {}
    for index, text in enumerate(items):
        if index in split:
            if split[index]:
                zh = f"逗号把这个条件断成了 {split[index]} 项"
                en = f"commas split this condition into {split[index]} items"
                reader.fault("page/comma", ("when", index), Text(zh, en), AT_A_COMMA)
            continue
        path: Path = ("when",) if isinstance(value, str) else ("when", index)
        if not isinstance(text, str):
            message = Text("条件应写成一行文字", "a condition is one line of text")
            hint = Text(
                "条件里的 `: ` 会被当成键，去掉冒号或空格",
                "`: ` inside a condition reads as a key; remove the colon or the space",
            )
            reader.fault("page/shape", path, message, hint)
            continue
        node = expression(reader, path, text, scope, TRUTH)
        if node is not None:
            conditions.append(Condition(text, node, reader.origin(path)))
    return tuple(conditions)


def _split(reader: Reader, items: list[Any]) -> dict[int, int]:
    """The items of one line that are a condition only together, as commas within its brackets split it: the first with how many
    they are, the others with 0."""
    found: dict[int, int] = {}
    start, depth = 0, 0
    for index, text in enumerate(items):
        depth = unclosed(text) + depth if isinstance(text, str) else 0
        if depth <= 0:
            lines = {
                None if (span := reader.document.span(("when", at))) is None else span.line
                for at in range(start, index + 1)
            }
            if depth == 0 and index > start and len(lines) == 1:
                found |= {start: index + 1 - start, **dict.fromkeys(range(start + 1, index + 1), 0)}
            start, depth = index + 1, 0
    return found


def _service(reader: Reader, kind: Kind | None) -> Text | None:
    return reader.bilingual(kind) if kind in ("service", "programme") else None


def _funding(reader: Reader) -> tuple[tuple[str, Fraction], ...]:
    value: Any = reader.data.get("funding")
    if value is None:
        return ()
    if not isinstance(value, dict):
        reader.fault(
            "page/shape",
            ("funding",),
            Text("`funding` 应写作 `{city: 20%, county: 80%}`", "`funding` is written `{city: 20%, county: 80%}`"),
        )
        return ()
    shares: list[tuple[str, Fraction]] = []
    for payer, text in value.items():
        share = percentage(str(text))
        if share is None or share < 0:
            message = Text(f"`{text}` 不是百分比", f"`{text}` is not a percentage")
            reader.fault("page/share", ("funding", payer), message, _as_shares(value, payer))
        else:
            shares.append((payer, Fraction(share)))
    if len(shares) == len(value) and sum(share for _, share in shares) != 1:
        reader.fault("page/share", ("funding",), Text("各方承担比例之和不是 100%", "the shares do not add up to 100%"))
    return tuple(shares)


def _as_shares(value: Mapping[str, Any], payer: str) -> Text:
    """How a part of a ratio, `{city: 1, county: 1}`, is written as a share."""
    texts = [str(part).strip() for part in value.values()]
    whole = sum(int(text) for text in texts) if all(_WHOLE.fullmatch(text) for text in texts) else 0
    if not whole:
        return Text("各方写百分比，合计 100%，例如 `50%`", "write percentages that add up to 100%, such as `50%`")
    share = Fraction(int(value[payer]) * 100, whole)
    if share.denominator != 1:
        zh = f"把 {':'.join(texts)} 写成合计 100% 的百分比"
        return Text(zh, f"write {':'.join(texts)} as percentages that add up to 100%")
    return Text(
        f"写 `{share}%`；条文只写了比，就在 `interpretation` 说明各方各占百分之几",
        f"write `{share}%`; where the law has only the ratio, say the percentages under `interpretation`",
    )
