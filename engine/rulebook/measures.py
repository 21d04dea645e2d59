"""`measure` and `derive` blocks to checked measures and derived facts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

from conggao.engine.language.check import check
from conggao.engine.language.parse import RuleFault
from conggao.engine.language.scope import DerivedSpec, Scope
from conggao.engine.language.tree import Between, Choice, Constant, Fact, Node, Place, walk
from conggao.engine.language.types import MONEY, TRUTH, Quantity, Type
from conggao.engine.rulebook.model import CapPer, Condition, Derivation, Kind, Line, Measure, Recipient, Subject
from conggao.engine.rulebook.page import Block
from conggao.engine.rulebook.reader import Path, Reader, percentage
from conggao.facts.diagnostics import Text, did_you_mean
from conggao.facts.vocabulary import Vocabulary

MEASURE_KEYS = (
    "id", "title", "subject", "lines", "when", "pay", "up_to", "service", "programme", "cap", "cap_per", "cap_period", "once",
    "recipient", "funding", "interpretation", "not_modelled", "authorities",
)  # fmt: skip
LATER_KEYS = ("stacks_with", "excludes", "ceiling", "tiers")
"""Keys of the format that this version does not read yet: said, never ignored."""
DERIVE_KEYS = ("name", "label", "subject", "is", "source", "interpretation")
SUBJECT_KINDS = ("enterprise", "project", "service", "park")
_KINDS: tuple[Kind, ...] = ("pay", "up_to", "service", "programme")


def read_derivation(reader: Reader, block: Block, policy: str, scope: Scope) -> Derivation | None:
    """A derived fact; None where it has faults, which are noted."""
    reader.only(DERIVE_KEYS)
    name, label = reader.text("name"), reader.bilingual("label")
    subject = cast("Subject", reader.choice("subject", SUBJECT_KINDS, "enterprise"))
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
    for key in LATER_KEYS:
        if key in reader.data:
            reader.fault(
                "page/not-supported",
                (key,),
                Text(f"本版本还不支持 `{key}`", f"`{key}` is not supported by this version yet"),
            )
    reader.only((*MEASURE_KEYS, *LATER_KEYS))
    id_, title = reader.text("id"), reader.bilingual("title")
    kind = _kind(reader)
    subject = _subject(reader, kind)
    scope = Scope(vocabulary, subject, derived)
    used = _lines(reader, kind, lines)
    when = _when(reader, scope)
    amount = _amount(reader, kind, scope)
    cap = _cap(reader, scope)
    annual = any(line.annual for line in used)
    cap_per = (
        cast("CapPer", reader.choice("cap_per", (*SUBJECT_KINDS, "provider"), subject or "enterprise"))
        if cap is not None
        else None
    )
    if cap is not None and cap_per is not None:
        _wider_cap(reader, cap, cap_per, subject)
    yearly = reader.choice("cap_period", ("year", "ever"), "year" if annual else "ever") == "year"
    once = cast("CapPer", reader.choice("once", SUBJECT_KINDS)) if "once" in reader.data else None
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
    )  # fmt: skip


def expression(reader: Reader, path: Path, text: str, scope: Scope, wanted: Type | None) -> Node | None:
    """The typed tree of the expression under `path`; None with its fault noted."""
    try:
        return check(text, scope, reader.origin(path), wanted)
    except RuleFault as fault:
        reader.faults.append(fault.diagnostic)
        return None


def _kind(reader: Reader) -> Kind | None:
    found = [kind for kind in _KINDS if kind in reader.data]
    if len(found) == 1:
        return found[0]
    message = Text(
        f"`pay`、`up_to`、`service`、`programme` 要写且只写一个，现有 {len(found)} 个",
        f"exactly one of `pay`, `up_to`, `service`, `programme` is needed, {len(found)} found",
    )
    reader.fault("page/kind", (found[1],) if found else (), message)
    return None


def _subject(reader: Reader, kind: Kind | None) -> Subject | None:
    if "subject" not in reader.data:
        if kind not in ("programme", None):
            reader.choice("subject", SUBJECT_KINDS)
        return None
    return cast("Subject", reader.choice("subject", SUBJECT_KINDS))


def _lines(reader: Reader, kind: Kind | None, known: Mapping[str, Line]) -> tuple[Line, ...]:
    found: list[Line] = []
    for index, name in enumerate(reader.texts("lines")):
        line = known.get(name)
        if line is None:
            message = Text(f"没有声明过支持内容 `{name}`", f"the line `{name}` is not declared")
            names = [*known, *(item.label.zh for item in known.values())]
            help_ = did_you_mean(name, names) or Text(
                "在页首 `lines:` 下声明", "declare it under `lines:` in the front matter"
            )
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
    for index, text in enumerate(items):
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


def _amount(reader: Reader, kind: Kind | None, scope: Scope) -> Node | None:
    if kind not in ("pay", "up_to"):
        return None
    text = reader.text(kind)
    if kind == "up_to" and text == "open":
        return None
    node = expression(reader, (kind,), text, scope, MONEY) if text else None
    if node is None or kind == "pay":
        return node
    if isinstance(node.type, Quantity) and node.type.interval:
        return node
    zero = Constant(Fraction(0), MONEY, "0", place=Place(node.place.start, node.place.start))
    return Between(zero, node, Quantity(MONEY.dimension, interval=True), place=node.place)


def _cap(reader: Reader, scope: Scope) -> Node | None:
    value: Any = reader.data.get("cap")
    if value is None:
        return None
    if isinstance(value, str):
        node = expression(reader, ("cap",), value, scope, MONEY)
        return None if node is None else _not_negative(reader, node, ("cap",))
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        reader.fault(
            "page/shape",
            ("cap",),
            Text(
                "`cap` 应是一个数额，或 `when`/`value` 与 `otherwise` 的列表",
                "`cap` is an amount, or a list of `when`/`value` and `otherwise`",
            ),
        )
        return None
    branches: list[tuple[Node, Node]] = []
    otherwise: Node | None = None
    for index, item in enumerate(value):
        last = index == len(value) - 1
        if last and set(item) == {"otherwise"}:
            otherwise = expression(reader, ("cap", index, "otherwise"), str(item["otherwise"]), scope, MONEY)
        elif not last and set(item) == {"when", "value"}:
            condition = expression(reader, ("cap", index, "when"), str(item["when"]), scope, TRUTH)
            amount = expression(reader, ("cap", index, "value"), str(item["value"]), scope, MONEY)
            if condition is not None and amount is not None:
                branches.append((condition, amount))
        else:
            reader.fault(
                "page/shape",
                ("cap", index),
                Text(
                    "每项写 `when` 和 `value`，最后一项写 `otherwise`",
                    "each item has `when` and `value`, the last one `otherwise`",
                ),
            )
    if otherwise is None or len(branches) < len(value) - 1:
        return None
    interval = any(isinstance(n.type, Quantity) and n.type.interval for n in (otherwise, *(v for _, v in branches)))
    for node in (otherwise, *(v for _, v in branches)):
        _not_negative(reader, node, ("cap",))
    return Choice(tuple(branches), otherwise, Quantity(MONEY.dimension, interval=interval))


def _not_negative(reader: Reader, node: Node, path: Path) -> Node:
    if isinstance(node, Constant) and isinstance(node.value, Fraction) and node.value < 0:
        reader.fault("page/negative-cap", path, Text("上限不能是负数", "a cap cannot be negative"))
    return node


def _wider_cap(reader: Reader, cap: Node, cap_per: CapPer, subject: Subject | None) -> None:
    """A cap over a wider scope is one figure for all its claims, so it cannot depend on facts of one of them."""
    if cap_per == subject:
        return
    if (
        cap_per != "enterprise"
        and not (cap_per == "provider" and subject == "service")
        and not (cap_per == "park" == subject)
    ):
        message = Text(
            f"`{subject}` 的上限不能按 `{cap_per}` 合计", f"a cap of `{subject}` cannot be added up over `{cap_per}`"
        )
        hint = Text(
            "可按对象自身或企业合计，服务还可按提供方合计",
            "over the subject itself or the enterprise; for services also over the provider",
        )
        reader.fault("page/cap-scope", ("cap_per",), message, hint)
        return
    for node in walk(cap):
        if isinstance(node, Fact) and node.key.subject == subject != "enterprise":
            reader.fault(
                "page/cap-scope",
                ("cap",),
                Text(
                    "按更大范围合计的上限不能取决于单个对象的事实",
                    "a cap over a wider scope cannot depend on a fact of one subject",
                ),
            )
            return


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
            reader.fault(
                "page/share", ("funding", payer), Text(f"`{text}` 不是百分比", f"`{text}` is not a percentage")
            )
        else:
            shares.append((payer, Fraction(share)))
    if len(shares) == len(value) and sum(share for _, share in shares) != 1:
        reader.fault("page/share", ("funding",), Text("各方承担比例之和不是 100%", "the shares do not add up to 100%"))
    return tuple(shares)
