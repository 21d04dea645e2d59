"""Worked cases: the `case` blocks of a page, each a test that says what is expected and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, get_args

from conggao.engine.authoring.comparing import (
    compare,
    in_yuan,
    money,
    reason,
    scalar,
    shown,
    stated,
    stated_quantity,
    stated_yuan,
    written,
    written_fully,
    written_whole,
)  # fmt: skip
from conggao.engine.decide import Engine
from conggao.engine.decision import Decision, Outcome, Status
from conggao.engine.language.types import Quantity
from conggao.engine.rulebook import keys
from conggao.engine.rulebook.model import Measure, Policy
from conggao.engine.rulebook.page import Block
from conggao.engine.rulebook.reader import Reader
from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text, did_you_mean
from conggao.facts.documents import Document, read_yaml
from conggao.facts.loading import read_document
from conggao.facts.units import QuantityFault, parse_quantity

EXPECT_KEYS = (
    "status", "amount", "standard", "because", "missing", "superseded_by", "difference", "break_even", "basis",
)  # fmt: skip
STATUSES: tuple[str, ...] = get_args(Status)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One expectation beside what came. Both are texts, and equal where they agree.

    `place` is where the expectation stands below `expect`; `written` is the YAML that would state what came: "" where the key says
    nothing any more, None where no text of this key can say it. `reason` says why it came out so.
    """

    of: str
    expected: str
    found: str
    place: Path
    written: str | None
    reason: Text | None = None
    whole: str | None = None

    @property
    def agrees(self) -> bool:
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class Worked:
    """A case that was run. `fired` and `refused` list the measures seen with all conditions true, and with one false."""

    name: str
    line: int
    compared: tuple[Compared, ...]
    fired: frozenset[str]
    refused: frozenset[str]
    block: Block = field(repr=False)
    engine: Engine = field(repr=False)
    decision: Decision = field(repr=False)

    @property
    def misses(self) -> tuple[Compared, ...]:
        """The expectations that did not come true."""
        return tuple(item for item in self.compared if not item.agrees)

    @property
    def passed(self) -> bool:
        return all(item.agrees for item in self.compared)


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
            # What deciding refuses knows nothing of pages.
            here = (Label(Span(policy.page.name, block.line)),)
            faults += [item if item.labels else replace(item, labels=here) for item in fault.diagnostics]
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
        self.compared: list[Compared] = []
        self.day = date.min

    def run(self) -> Worked | None:
        reader = self.reader
        before = len(reader.faults)
        reader.only(keys.names(keys.CASE))
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
        self.day = day
        decision = self.engine.decide(case, as_of=day, engine="exact")
        for key, wanted in expect.items():
            self._expect(str(key), wanted, decision)
        own = [item for item in decision.outcomes if item.measure.startswith(f"{self.policy.id}/")]
        fired = {item.measure for item in own if item.status not in ("unmet", "undetermined", "not_in_force")}
        refused = {item.measure for item in own if item.status == "unmet"}
        return Worked(
            name, self.block.line, tuple(self.compared), frozenset(fired), frozenset(refused),
            self.block, self.engine, decision,
        )  # fmt: skip

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
                    of_subject = [item for item in outcomes if item.subject == subject]
                    self._outcome((key, subject), inner, of_subject, measure)
            else:
                self._outcome((key,), wanted, outcomes, measure)
        elif key in self.engine.program.specs:
            self._derived(key, wanted, decision)
        elif key == "totals" and isinstance(wanted, dict):
            for recipient, amount in wanted.items():
                found = decision.totals.get(str(recipient))
                place = (key, str(recipient))
                self._note(f"totals {recipient}", money(str(amount)), shown(found), place, stated(found))
        elif key == "gain":
            gain = None if decision.plan is None else decision.plan.gain
            found_gain, stated_gain = ("–", "") if gain is None else (str(gain), stated_yuan(gain))
            self._note(key, in_yuan(str(wanted)), found_gain, (key,), stated_gain)
        else:
            known = [item.id for item in self.policy.measures]
            known += [item.key for other in self.engine.rulebooks.policies for item in other.measures]
            known += self.engine.program.specs
            message = Text(f"本页没有措施或概念 `{key}`", f"this page has no measure or derived fact `{key}`")
            self.reader.fault("case/unknown-measure", ("expect", key), message, did_you_mean(key, known))

    def _derived(self, name: str, wanted: Any, decision: Decision) -> None:
        program = self.engine.program
        spec = program.specs[name]
        subjects = program.subjects(decision.case, decision.as_of)[spec.subject]
        slot = program.layout.slots[(spec.subject, name)]
        values = [subject.frame[slot] for subject in subjects]
        one = len(set(values)) == 1
        if not isinstance(spec.type, Quantity):
            words = {True: "true", False: "false", None: "unknown"}
            for value in values:
                self._note(name, str(wanted), words[value], (name,), words[value] if one else None)
            return
        scale = program.compiler.number(program.derivations[(spec.subject, name)].node).scale
        for value in values:
            found = None if value is None else Fraction(value) / scale
            self._quantity(name, str(wanted), found, one=one)

    def _quantity(self, name: str, wanted: str, found: Fraction | None, *, one: bool) -> None:
        """A derived quantity, in the unit in which the case expects it."""
        if found is None or wanted == "unknown":
            text = "unknown" if found is None else str(found)
            self._note(name, wanted, text, (name,), text if one and found is None else None)
            return
        try:
            parse_quantity(wanted)
        except QuantityFault as fault:
            self.reader.fault("case/expect", ("expect", name), fault.message, fault.help)
            return
        said = stated_quantity(found, wanted)
        same = parse_quantity(wanted).value == found
        self._note(name, wanted, wanted if same else said or str(found), (name,), said if one else None)

    def _outcome(self, place: Path, wanted: Any, outcomes: Sequence[Outcome], measure: Measure) -> None:
        what = " ".join(place)
        if len(outcomes) != 1:
            each = [f"{item.subject}: {scalar(written_whole(item))}" for item in outcomes]
            listed = "{" + ", ".join(each) + "}" if each and len(place) == 1 else None
            why = Text("写明是哪个对象，例如 `{project:P1: …}`", "say of which subject: `{project:P1: …}`")
            if not outcomes:
                why = Text("没有这个对象", "there is no such subject")
            self._note(what, str(wanted), f"{len(outcomes)} outcomes", place, listed, why)
            return
        outcome = outcomes[0]
        whole = not isinstance(wanted, dict)
        if whole:
            wanted = {"status": wanted} if str(wanted) in STATUSES else {"status": "granted", "amount": wanted}
        for name, value in wanted.items():
            if name not in EXPECT_KEYS:
                message = Text(f"不认识的键 `{name}`", f"unknown key `{name}`")
                self.reader.fault("case/expect", ("expect", *place, name), message, did_you_mean(name, EXPECT_KEYS))
            elif name == "because":
                self._because(place, str(value), outcome, measure)
            else:
                self._key(place, name, value, outcome, measure, whole=whole)

    def _key(self, place: Path, name: str, value: Any, outcome: Outcome, measure: Measure, *, whole: bool) -> None:
        """One key of an outcome; `whole`: the expectation is the amount or the status alone."""
        of, at = f"{' '.join(place)} {name}", place if whole else (*place, name)
        expected, found = compare(name, value, outcome)
        if expected == found:
            self._note(of, expected, found, at, None)
        elif whole:
            self._note(of, expected, found, at, written_whole(outcome), reason(outcome))
        else:
            fully = written_fully(outcome, self._failed(outcome, measure))
            self._note(of, expected, found, at, written(name, value, outcome), reason(outcome), fully)

    def _because(self, place: Path, because: str, outcome: Outcome, measure: Measure) -> None:
        failed = self._failed(outcome, measure)
        of, at = f"{' '.join(place)} because", (*place, "because")
        if because in failed:
            self._note(of, because, because, at, None)
        else:
            text = scalar(failed[0]) if failed else ""
            found = "；".join(failed) or "–"
            self._note(of, because, found, at, text, reason(outcome), written_fully(outcome, failed))

    def _failed(self, outcome: Outcome, measure: Measure) -> list[str]:
        """The conditions that are false, as written. An outcome outside its dates has none; an amended one has the amendment's."""
        standing = self.engine.edition(self.day).rulebooks.find(measure.key)
        when = measure.when if standing is None else standing[1].when
        pairs = zip(when, outcome.conditions, strict=True) if outcome.conditions else ()
        return [condition.text for condition, found in pairs if found.truth is False]

    def _note(
        self,
        of: str,
        expected: str,
        found: str,
        place: Path,
        written: str | None,
        why: Text | None = None,
        whole: str | None = None,
    ) -> None:
        self.compared.append(Compared(of, expected, found, place, written, why, whole))


def miss_diagnostic(policy: Policy, worked: Worked, miss: Compared) -> Diagnostic:
    """A case that did not come out as expected, as a diagnostic at its line."""
    message = Text(
        f"案例「{worked.name}」：{miss.of} 应为 {miss.expected}，实为 {miss.found}",
        f"case “{worked.name}”: {miss.of} should be {miss.expected}, is {miss.found}",
    )
    return Diagnostic("case/failed", message, (Label(Span(policy.page.name, worked.line)),), note=miss.reason)
