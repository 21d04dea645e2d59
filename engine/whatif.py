"""What if: a case with some facts changed, or under rules with some keys changed, beside what it was.

`whatif(engine, case, set=["latest.rd_expense=1500 万元"], amend=["8a.cap=200 万元"])` decides both and tells what differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML

from conggao.engine.decide import CaseLike, Engine
from conggao.engine.decision import Decision, Outcome, Range
from conggao.engine.labels import amount
from conggao.engine.rulebook.model import Measure
from conggao.engine.rulebook.page import Page, parse_page
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.documents import read_yaml
from conggao.facts.loading import read_case
from conggao.facts.models import Case
from conggao.facts.paths import UNKNOWN, find_path, write_value

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Change:
    """One measure for one subject that is treated differently; an outcome that is not there is None."""

    measure: str
    subject: str | None
    before: Outcome | None
    after: Outcome | None
    lang: Lang = "zh"

    @property
    def low(self) -> Decimal:
        """By how much the sure amount changes, in yuan."""
        return _low(self.after) - _low(self.before)

    @property
    def reason(self) -> str:
        """Why: the condition whose truth changed, else one that fails, what is missing, what stands in the way, or the first step that
        differs."""
        before, after = self.before, self.after
        if after is None:
            return ""
        if before is not None and len(before.conditions) == len(after.conditions):
            for was, now in zip(before.conditions, after.conditions, strict=True):
                if was.truth != now.truth:
                    return now.finding or now.text
        failed = next((item for item in after.conditions if item.truth is False), None)
        if failed is not None:
            return failed.finding or failed.text
        if after.missing:
            return ", ".join(after.missing)
        if after.superseded_by:
            gave_way = () if before is None else before.superseded_by
            formerly = Text("，原为 ", ", before: ").of(self.lang) + ", ".join(gave_way) if gave_way else ""
            return "← " + ", ".join(after.superseded_by) + formerly
        known = set() if before is None else {(step.name, step.text) for step in before.steps}
        changed = [step for step in after.steps if (step.name, step.text) not in known]
        if not after.steps:
            return ""
        step = (changed or [*after.steps])[0]
        return step.text if step.amount is None else f"{step.text} {amount(step.amount, self.lang)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two decisions and what differs between them. `totals` and `payers` give the amounts before and after, by recipient and by payer."""

    before: Decision
    after: Decision
    changes: tuple[Change, ...]
    totals: Mapping[str, tuple[Range | None, Range | None]]
    payers: Mapping[str, tuple[Decimal, Decimal]]

    @property
    def gain(self) -> Decimal:
        """What the enterprise surely gains, in yuan; negative for a loss."""
        return _total(self.after) - _total(self.before)

    def _repr_html_(self) -> str | None:
        """How a notebook shows it; None, for the plain form, where the extra `report` is not installed."""
        try:
            from conggao.engine.report import comparison_html
        except ModuleNotFoundError as missing:
            if missing.name not in ("jinja2", "markupsafe"):
                raise
            return None
        return comparison_html(self)


def whatif(
    engine: Engine,
    case: CaseLike,
    set: Iterable[str] = (),  # noqa: A002 - the name of the option
    amend: Iterable[str] = (),
    as_of: date | str | None = None,
    lang: Lang = "zh",
) -> Comparison:
    """The decision of `case`, and that of the case with `set` (`FACT=VALUE`) under rules with `amend` (`MEASURE.KEY=VALUE`).

    Raises InputFaults: every change that cannot be made, at once.
    """
    stated = engine.read(case)
    before = engine.decide(stated, as_of, engine="exact", lang=lang)
    faults: list[Diagnostic] = []
    changed, other = stated, engine
    try:
        changed = changed_case(engine, stated, set, before.as_of)
    except InputFaults as found:
        faults += found.diagnostics
    try:
        other = amended_engine(engine, amend, changed.as_of or before.as_of)
    except InputFaults as found:
        faults += found.diagnostics
    if faults:
        raise InputFaults(faults)
    # A date set in the case is meant; a date given with the call holds for both otherwise.
    day = changed.as_of if changed.as_of != stated.as_of else before.as_of
    return compare(before, other.decide(changed, day, engine="exact", lang=lang))


def changed_case(engine: Engine, case: Case, changes: Iterable[str], as_of: date | None = None) -> Case:
    """`case` with every `FACT=VALUE` of `changes` in it, in their order; `FACT=unknown` takes a fact back. Raises InputFaults."""
    document = case.document()
    faults: list[Diagnostic] = []
    for text in changes:
        name, equals, value = text.partition("=")
        if not equals:
            message = Text(f"`{text}` 应写作 `事实=数值`", f"`{text}` should read `FACT=VALUE`")
            faults.append(Diagnostic("set/shape", message, path=text))
            continue
        try:
            path = find_path(name, engine.vocabulary, as_of or case.as_of, document)
            told = value.strip()
            given = None if told.casefold() in UNKNOWN else _listed(told)
            tried = write_value(path, given, document)
            read_case(tried, engine.vocabulary)
            document = tried  # what is wrong is said once, not again with every change after it
        except InputFaults as found:
            faults += found.diagnostics
    if faults:
        raise InputFaults(faults)
    return read_case(document, engine.vocabulary)


def _listed(text: str) -> Any:
    """`[a, b]` as a list; anything else as it stands."""
    if text.startswith("[") and text.endswith("]"):
        return read_yaml(text).data
    return text


def amended_engine(engine: Engine, changes: Iterable[str], day: date) -> Engine:
    """An engine whose measures have every `MEASURE.KEY=VALUE` of `changes`; KEY may be `when.2`, the second condition.

    Written as a page with `amend` blocks from `day` on, so that a reform that is tried is checked like one that is passed.
    """
    listed = list(changes)
    if not listed:
        return engine
    books = engine.edition(day).rulebooks
    faults: list[Diagnostic] = []
    wanted: dict[str, dict[str, Any]] = {}
    for text in listed:
        name, equals, value = text.partition("=")
        measure_name, dot, key = name.strip().rpartition(".") if ".when." not in name else _when(name.strip())
        pair = books.find(measure_name) if equals and dot else None
        if not equals or not dot:
            message = Text(f"`{text}` 应写作 `措施.键=数值`", f"`{text}` should read `MEASURE.KEY=VALUE`")
            faults.append(Diagnostic("amend/shape", message, path=text))
        elif pair is None:
            message, hint = books.not_found(measure_name)
            faults.append(Diagnostic("amend/unknown-measure", message, path=text, help=hint))
        else:
            _set_key(wanted.setdefault(pair[1].key, {}), pair[1], key, value.strip(), text, faults)
    if faults:
        raise InputFaults(faults)
    pages = [policy.page for policy in engine.rulebooks.policies]
    try:
        return Engine.of([*pages, reform_page(wanted, day)])
    except InputFaults as found:
        raise InputFaults([_of_option(item, listed) for item in found.diagnostics]) from None


def _when(name: str) -> tuple[str, str, str]:
    measure, _, index = name.partition(".when.")
    return measure, ".", f"when.{index}"


def _set_key(
    wanted: dict[str, Any], measure: Measure, key: str, value: str, text: str, faults: list[Diagnostic]
) -> None:
    if not key.startswith("when."):
        wanted[key] = _listed(value)
        return
    conditions = wanted.get("when", [item.text for item in measure.when if not item.implied])
    number = key.removeprefix("when.")
    if not number.isdecimal() or not 0 < int(number) <= len(conditions):
        shown = "；".join(f"{n} {item}" for n, item in enumerate(conditions, start=1))
        message = Text(f"`{measure.id}` 没有第 {number} 个条件", f"`{measure.id}` has no condition {number}")
        hint = Text(f"条件：{shown}", f"conditions: {shown}")
        faults.append(Diagnostic("amend/no-condition", message, path=text, help=hint))
        return
    wanted["when"] = [value if n == int(number) else item for n, item in enumerate(conditions, start=1)]


REFORM = "what-if"
"""The policy of the page that holds what is tried."""


def reform_page(changes: Mapping[str, Mapping[str, Any]], day: date) -> Page:
    """A page that amends measures (full id to key to value) from `day` on."""
    from io import StringIO

    yaml = YAML()
    yaml.allow_unicode = True
    front = {
        "policy": REFORM, "title": {"zh": "假设的修改", "en": "Changes tried"}, "number": "–", "issuer": "–", "level": "city",
        "in_force": f"{day} ..",
    }  # fmt: skip

    def dumped(data: Any) -> str:
        out = StringIO()
        yaml.dump(data, out)
        return out.getvalue()

    blocks = [
        f"## {measure}\n\n```amend\n{dumped({'measure': measure, 'from': day.isoformat(), 'set': dict(keys)})}```\n"
        for measure, keys in changes.items()
    ]
    text = f"---\n{dumped(front)}---\n\n# {REFORM}\n\n" + "\n".join(blocks)
    return parse_page(text.encode(), "--amend")


def _of_option(item: Diagnostic, options: Sequence[str]) -> Diagnostic:
    """A fault of the page made of options, told without the lines of a page that no one wrote."""
    path = " ".join(options) if len(options) == 1 else item.path
    return Diagnostic(item.code, item.message, (), item.severity, path, item.breadcrumb[1:], item.help, item.note)


def compare(before: Decision, after: Decision) -> Comparison:
    """What differs between two decisions: measures whose status, amount or missing facts are others; totals; payers."""
    first = {(item.measure, item.subject): item for item in before.outcomes}
    second = {(item.measure, item.subject): item for item in after.outcomes}
    changes = tuple(
        Change(measure, subject, first.get((measure, subject)), second.get((measure, subject)), after.lang)
        for measure, subject in dict.fromkeys([*first, *second])
        if _said(first.get((measure, subject))) != _said(second.get((measure, subject)))
    )
    recipients = dict.fromkeys([*before.totals, *after.totals])
    totals = {name: (before.totals.get(name), after.totals.get(name)) for name in recipients}
    paid = payers(before), payers(after)
    both = {name: (paid[0].get(name, ZERO), paid[1].get(name, ZERO)) for name in dict.fromkeys([*paid[0], *paid[1]])}
    return Comparison(before, after, changes, totals, both)


def _said(item: Outcome | None) -> tuple[Any, ...] | None:
    if item is None or item.status in ("programme", "not_in_force"):
        return None if item is None else (item.status,)
    amount = None if item.amount is None else (item.amount.low, item.amount.high)
    return item.status, amount, item.missing, item.superseded_by


def payers(decision: Decision) -> dict[str, Decimal]:
    """The sure money of the granted claims by payer, in yuan: the shares a measure names, else its level of government."""
    plan = decision.plan
    levels = {} if plan is None else {(item.measure, item.subject): item.level for item in plan.claim}
    found: dict[str, Decimal] = {}
    for item in decision.outcomes:
        if item.status == "granted" and item.amount is not None and item.amount.low:
            shares = item.funding or {levels[item.measure, item.subject]: item.amount}
            for payer, share in shares.items():
                found[payer] = found.get(payer, ZERO) + share.low
    return found


def _low(item: Outcome | None) -> Decimal:
    return ZERO if item is None or item.amount is None else item.amount.low


def _total(decision: Decision) -> Decimal:
    return decision.totals["enterprise"].low
