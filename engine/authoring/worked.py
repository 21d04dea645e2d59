"""Worked cases: the `case` blocks of a page, each a test that says what is expected and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args

from conggao.engine.decide import Engine
from conggao.engine.decision import Decision, Outcome, Range, Status, yuan
from conggao.engine.language.types import Quantity
from conggao.engine.rulebook.model import Measure, Policy
from conggao.engine.rulebook.page import Block
from conggao.engine.rulebook.reader import Reader
from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text, did_you_mean
from conggao.facts.documents import Document, read_yaml
from conggao.facts.loading import read_document
from conggao.facts.units import MONEY, QuantityFault, parse_quantity

CASE_KEYS = ("name", "as_of", "with", "given", "expect")
EXPECT_KEYS = (
    "status", "amount", "standard", "because", "missing", "superseded_by", "difference", "break_even", "basis",
)  # fmt: skip
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Miss:
    """One expectation that did not come true: of what, what was expected, what came, and why."""

    of: str
    expected: str
    found: str
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """A case that was run. `fired` and `refused` list the measures seen with all conditions true, and with one false."""

    name: str
    line: int
    misses: tuple[Miss, ...]
    fired: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        return not self.misses


Beside = Callable[[tuple[str, ...] | None], Engine]
"""The engine that decides under a page together with other policies: those named, or all (None)."""


def run_cases(policy: Policy, engine: Engine, company: Beside) -> tuple[list[Worked], list[Diagnostic]]:
    """Runs every case of a page; the diagnostics are of cases that cannot be read.

    `engine` holds the page alone; a case that says `with:` is decided by `company`.
    """
    done: list[Worked] = []
    faults: list[Diagnostic] = []
    names: dict[str, int] = {}
    for block in policy.cases:
        try:
            worked = _Case(policy, engine, company, block, faults).run()
        except InputFaults as fault:
            faults += fault.diagnostics
            continue
        if worked is None:
            continue
        if worked.name in names:
            message = Text(f"有两个案例都叫 `{worked.name}`", f"two cases are called `{worked.name}`")
            faults.append(Diagnostic("case/twice", message, (Label(Span(policy.page.name, block.line)),)))
        names[worked.name] = block.line
        done.append(worked)
    return done, faults


class _Case:
    """One case block."""

    def __init__(self, policy: Policy, engine: Engine, company: Beside, block: Block, faults: list[Diagnostic]) -> None:
        self.policy, self.engine, self.company, self.block = policy, engine, company, block
        self.document: Document = read_yaml(block.text, policy.page.name, block.line)
        self.reader = Reader(self.document, faults, (policy.id, *block.headings[-1:]), policy.page.name)
        self.misses: list[Miss] = []

    def run(self) -> Worked | None:
        reader = self.reader
        before = len(reader.faults)
        reader.only(CASE_KEYS)
        name = reader.text("name")
        reader.breadcrumb = (*reader.breadcrumb, name)
        day = reader.day("as_of")
        expect: Any = reader.data.get("expect")
        if not isinstance(expect, dict):
            reader.fault("case/expect", (), Text("案例没有写 `expect`", "the case has no `expect`"))
        if "with" in reader.data:
            others = reader.data["with"]
            self.engine = self.company(None if others == "all" else reader.texts("with"))
        case = read_document(self.document.below("given"), self.engine.vocabulary)
        if len(reader.faults) > before or day is None:
            return None
        decision = self.engine.decide(case, as_of=day, engine="exact")
        for key, wanted in expect.items():
            self._expect(str(key), wanted, decision)
        own = [item for item in decision.outcomes if item.measure.startswith(f"{self.policy.id}/")]
        fired = {item.measure for item in own if item.status not in ("unmet", "undetermined", "not_in_force")}
        refused = {item.measure for item in own if item.status == "unmet"}
        return Worked(name, self.block.line, tuple(self.misses), frozenset(fired), frozenset(refused))

    def _measure(self, key: str) -> Measure | None:
        """A measure of this page by its own id, one of another by its full one."""
        if "/" not in key:
            return self.policy.measure(key)
        found = self.engine.rulebooks.find(key)
        return found[1] if found else None

    def _expect(self, key: str, wanted: Any, decision: Decision) -> None:
        measure = self._measure(key)
        if measure is not None:
            outcomes = [item for item in decision.outcomes if item.measure == measure.key]
            if isinstance(wanted, dict) and not set(wanted) & set(EXPECT_KEYS):
                for subject, inner in wanted.items():
                    self._outcome(
                        f"{key} {subject}", inner, [item for item in outcomes if item.subject == subject], key
                    )
            else:
                self._outcome(key, wanted, outcomes, key)
        elif key in self.engine.program.specs:
            self._derived(key, wanted, decision)
        elif key == "totals" and isinstance(wanted, dict):
            for recipient, amount in wanted.items():
                found = decision.totals.get(str(recipient))
                self._same(f"totals {recipient}", _money(str(amount)), _shown(found))
        elif key == "gain":
            self._same("gain", _yuan(str(wanted)), "–" if decision.plan is None else str(decision.plan.gain))
        else:
            known = [item.id for item in self.policy.measures]
            known += [item.key for other in self.engine.rulebooks.policies for item in other.measures]
            known += self.engine.program.specs
            message = Text(f"本页没有措施或概念 `{key}`", f"this page has no measure or derived fact `{key}`")
            self.reader.fault("case/unknown-measure", ("expect", key), message, did_you_mean(key, known))

    def _derived(self, name: str, wanted: Any, decision: Decision) -> None:
        spec = self.engine.program.specs[name]
        subjects = self.engine.program.subjects(decision.case, decision.as_of)
        slot = self.engine.program.layout.slots[(spec.subject, name)]
        for subject in subjects[spec.subject]:
            value = subject.frame[slot]
            if isinstance(spec.type, Quantity) and value is not None:
                number = self.engine.program.compiler.number(self.engine.program.derivations[(spec.subject, name)].node)
                same = parse_quantity(str(wanted)).value == Fraction(value) / number.scale
            else:
                same = {"true": True, "false": False, "unknown": None}.get(str(wanted), "?") is value
            if not same:
                found = {True: "true", False: "false", None: "unknown"}.get(value, str(value))
                self.misses.append(Miss(name, str(wanted), found))

    def _outcome(self, what: str, wanted: Any, outcomes: Sequence[Outcome], key: str) -> None:
        if len(outcomes) != 1:
            found = f"{len(outcomes)} outcomes"
            reason = Text("写明是哪个对象，例如 `{project:P1: …}`", "say of which subject: `{project:P1: …}`")
            self.misses.append(Miss(what, str(wanted), found, reason))
            return
        outcome = outcomes[0]
        if not isinstance(wanted, dict):
            wanted = {"status": wanted} if str(wanted) in STATUSES else {"status": "granted", "amount": wanted}
        for name, value in wanted.items():
            if name not in EXPECT_KEYS:
                message = Text(f"不认识的键 `{name}`", f"unknown key `{name}`")
                self.reader.fault("case/expect", ("expect", key, name), message, did_you_mean(name, EXPECT_KEYS))
                continue
            expected, found = _compare(name, value, outcome)
            if expected != found:
                self.misses.append(Miss(f"{what} {name}", expected, found, _reason(outcome)))
        because = wanted.get("because")
        if because is not None:
            self._because(what, str(because), outcome, key)

    def _same(self, what: str, expected: str, found: str) -> None:
        if expected != found:
            self.misses.append(Miss(what, expected, found))

    def _because(self, what: str, because: str, outcome: Outcome, key: str) -> None:
        measure = self._measure(key)
        assert measure is not None
        failed = [
            condition.text
            for condition, found in zip(measure.when, outcome.conditions, strict=True)
            if found.truth is False
        ]
        if because not in failed:
            self.misses.append(Miss(f"{what} because", because, "；".join(failed) or "–", _reason(outcome)))


def _compare(name: str, value: Any, outcome: Outcome) -> tuple[str, str]:
    """What is expected and what came, as texts that are equal where they agree."""
    match name:
        case "status":
            return str(value), outcome.status
        case "amount" | "standard":
            found: Range | None = getattr(outcome, name)
            return _money(str(value)), _shown(found)
        case "difference" | "break_even":
            money = getattr(outcome, name)
            return _yuan(str(value)), "–" if money is None else str(money)
        case "basis":
            return str(value), outcome.basis or "–"
        case "missing":
            return ", ".join(sorted(str(item) for item in value)), ", ".join(outcome.missing)
        case "superseded_by":
            wanted = sorted(map(str, value))
            whole = any("/" in item for item in wanted)
            found_by = sorted(item if whole else item.rpartition("/")[2] for item in outcome.superseded_by)
            return ", ".join(wanted), ", ".join(found_by)
        case _:
            return "", ""


def _shown(found: Range | None) -> str:
    return "–" if found is None else _ends(str(found.low), "" if found.high is None else str(found.high))


def _money(text: str) -> str:
    """`100 万元`, `0 .. 500 万元` or `0 ..` as the two ends in yuan."""
    low, dots, high = text.partition("..")
    if not dots:
        return _yuan(text)
    if not high.strip():
        return _ends(_yuan(low), "")
    # `0 .. 500 万元`: the unit stands once, at the end.
    unit = high.strip().lstrip("0123456789.,") if low.strip().replace(".", "").isdigit() else ""
    return _ends(_yuan(f"{low.strip()} {unit}".strip()), _yuan(high))


def _ends(low: str, high: str) -> str:
    return low if low == high else f"{low} .. {high}".rstrip()


def _yuan(text: str) -> str:
    try:
        value = parse_quantity(text)
    except QuantityFault:
        return text.strip()
    if value.dimension not in (MONEY, ()) or (not value.dimension and value.value):
        return text.strip()
    fen = value.value * 100
    return str(yuan(int(fen))) if fen.denominator == 1 else text.strip()


def _reason(outcome: Outcome) -> Text | None:
    failed = [condition for condition in outcome.conditions if condition.truth is False]
    if failed:
        said = f"{failed[0].text}" + (f"：{failed[0].value}" if failed[0].value else "")
        return Text(f"不满足 {said}", f"not met: {said}")
    if outcome.missing:
        return Text("缺 " + "、".join(outcome.missing), "missing " + ", ".join(outcome.missing))
    if outcome.steps:
        return Text(
            "；".join(step.text for step in outcome.steps[:2]), "; ".join(step.text for step in outcome.steps[:2])
        )
    return None


def miss_diagnostic(policy: Policy, worked: Worked, miss: Miss) -> Diagnostic:
    """A case that did not come out as expected, as a diagnostic at its line."""
    message = Text(
        f"案例「{worked.name}」：{miss.of} 应为 {miss.expected}，实为 {miss.found}",
        f"case “{worked.name}”: {miss.of} should be {miss.expected}, is {miss.found}",
    )
    return Diagnostic("case/failed", message, (Label(Span(policy.page.name, worked.line)),), note=miss.reason)
