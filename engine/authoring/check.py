"""Checking a rulebook as a careful colleague would: names, types and units, the figures, and the worked cases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from conggao.engine.authoring.gaps import gaps
from conggao.engine.authoring.lints import LINTS, Sheet
from conggao.engine.authoring.lints.elsewhere import UNSEEN
from conggao.engine.authoring.proof.ask import available
from conggao.engine.authoring.worked import Worked, miss_diagnostic, run_cases
from conggao.engine.decide import Engine
from conggao.engine.language.tree import Derived, walk
from conggao.engine.rulebook.figures import check_figures
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.model import Policy, Rulebooks
from conggao.engine.rulebook.relations import overlaps
from conggao.engine.rulebook.source import check_source, compare, figures_beside, read_figures, read_source
from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Severity, Span, Text


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking found: the policies that could be read, their cases, and every diagnostic."""

    policies: tuple[Policy, ...]
    cases: tuple[Worked, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: dict[str, str]
    proven: bool = False
    """Whether z3 looked at the rules."""

    @property
    def read(self) -> bool:
        """Whether the pages could be read: else these are the faults of writing, and the other checks have not run."""
        return bool(self.policies)

    @property
    def clean(self) -> bool:
        return not any(item.severity == "error" for item in self.diagnostics)


def check(
    policies: Sequence[str | Path] | None = None,
    source: Path | None = None,
    *,
    proofs: bool = False,
    on: date | None = None,
) -> Checked:
    """Checks the chosen rulebooks (all shipped ones by default).

    With `source` the page is held against the text of the notice; without, against the figures kept beside the page, if there are any.
    `proofs` asks z3 what can be said without facts (several seconds for all shipped pages), where it is installed. `on` is today, for
    what ends soon. A page with faults of names, types or units is reported as such, and not run. Findings come page by page, in the
    order of the page; those of severity `note` are true of many sound pages.
    """
    proofs = proofs and available()
    try:
        engine = Engine(policies)
    except InputFaults as faults:
        return Checked((), (), faults.diagnostics, dict(faults.sources))
    found: list[Diagnostic] = []
    cases: list[Worked] = []
    books = engine.rulebooks
    uses = _uses(engine)
    shared = {frozenset(shipped()): engine} if policies is None else {}
    found += overlaps(books.policies)
    for policy in books.policies:
        found += check_figures(policy, books)
        found += _official(policy, _path(policy, policies), source)
        alone = engine if len(books.policies) == 1 else _alone(policy, policies)
        done, faults_of_cases = run_cases(policy, alone, Company(policy, policies, shared))
        found += faults_of_cases
        found += [miss_diagnostic(policy, worked, miss) for worked in done for miss in worked.misses]
        found += _uncovered(policy, done)
        found += _not_seen(policy)
        found += gaps(policy)
        found += _lints(Sheet(_with_amended(engine, policy, policies), policy, on or date.today(), uses), proofs)
        cases += done
    texts = {p.page.name: p.page.text for p in books.policies}
    return Checked(books.policies, tuple(cases), tuple(found), texts, proofs)


def _lints(sheet: Sheet, proofs: bool) -> list[Diagnostic]:
    """What the lints find, from the top of the page down."""
    found = [
        item for lint in LINTS if lint.find is not None and (proofs or not lint.proofs) for item in lint.find(sheet)
    ]
    own = sheet.policy.page.name
    return sorted(
        dict.fromkeys(found),
        key=lambda item: (
            item.labels[0].span.file != own,
            item.labels[0].span.line or 0,
            item.labels[0].span.column or 0,
        ),
    )


def _with_amended(engine: Engine, policy: Policy, policies: Sequence[str | Path] | None) -> Engine:
    """An engine that holds also the shipped policies that `policy` amends: what an amendment changes is seen only beside them."""
    loaded = {item.id for item in engine.rulebooks.policies}
    amended = {item.measure.partition("/")[0] for item in engine.rulebooks.amendments if item.policy == policy.id}
    lacking = sorted((amended - loaded) & set(shipped()))
    return Engine([*(policies or shipped()), *lacking]) if lacking else engine


def _uses(engine: Engine) -> frozenset[tuple[str, str]]:
    """The derived facts that any rule names: of the loaded pages, and of the shipped ones where those leave one without a use."""
    used = _named(engine.rulebooks)
    defined = {(item.subject, item.name) for item in engine.rulebooks.derivations}
    loaded = {policy.id for policy in engine.rulebooks.policies}
    return used if defined <= used else used | _named(Engine().rulebooks, without=loaded)


def _named(books: Rulebooks, without: Collection[str] = ()) -> frozenset[tuple[str, str]]:
    nodes = [item.node for item in books.derivations if item.policy not in without]
    editions = [books, *(edition for _, edition in books.editions)]
    nodes += [
        node
        for each in editions
        for policy in each.policies
        if policy.id not in without
        for measure in policy.measures
        for node in measure.expressions()
    ]
    return frozenset((part.subject, part.name) for node in nodes for part in walk(node) if isinstance(part, Derived))


def _alone(policy: Policy, policies: Sequence[str | Path] | None) -> Engine:
    """The cases of a page say what that page means; other rulebooks are not loaded."""
    path = _path(policy, policies)
    return Engine([policy.id if path is None or path == shipped().get(policy.id) else path])


class Company:
    """Engines that hold a page and others beside it. `shared` keeps those of shipped pages alone, for other pages to use."""

    def __init__(
        self,
        policy: Policy,
        policies: Sequence[str | Path] | None,
        shared: dict[frozenset[str], Engine] | None = None,
    ) -> None:
        self.policy = policy
        self.shared = {} if shared is None else shared
        path = _path(policy, policies)
        self.own: str | Path = policy.id if path is None or path == shipped().get(policy.id) else path
        self.made: dict[tuple[str, ...] | None, Engine] = {}

    def __call__(self, others: tuple[str, ...] | None) -> Engine:
        if others not in self.made:
            names = [item for item in (shipped() if others is None else others) if item != self.policy.id]
            together = frozenset([str(self.own), *names])
            alike = self.own == self.policy.id and together <= set(shipped())
            made = self.shared.get(together) if alike else None
            self.made[others] = made = made or Engine([self.own, *names])
            if alike:
                self.shared[together] = made
        return self.made[others]


def _path(policy: Policy, policies: Sequence[str | Path] | None) -> Path | None:
    """The file of a policy: the one it was given by, else the shipped one."""
    for item in policies or ():
        if str(item) == policy.page.name:
            return Path(item)
    return shipped().get(policy.id)


def _official(policy: Policy, page: Path | None, source: Path | None) -> list[Diagnostic]:
    beside = None if page is None else figures_beside(page)
    data = read_figures(beside) if beside is not None and beside.is_file() else None
    if source is None:
        return [] if data is None else check_source(policy, data)
    text = read_source(source)
    return [*check_source(policy, text), *([] if data is None else compare(text, data))]


def _uncovered(policy: Policy, cases: Sequence[Worked]) -> list[Diagnostic]:
    """Measures that no case shows to apply, or none to refuse."""
    fired = {key for worked in cases for key in worked.fired}
    refused = {key for worked in cases for key in worked.refused}
    found: list[Diagnostic] = []
    for measure in policy.measures:
        if measure.idle:
            continue
        for seen, text in (
            (fired, Text("没有案例显示此措施适用", "no case shows this measure to apply")),
            (refused, Text("没有案例显示此措施不适用", "no case shows this measure not to apply")),
        ):
            if measure.key not in seen and measure.when:
                found.append(_warning(policy, measure.block.line, text, measure.key))
    return found


def _not_seen(policy: Policy) -> list[Diagnostic]:
    """Readings that say that something of the law was not seen."""
    found: list[Diagnostic] = []
    places = [(1, policy.id, text) for text in policy.interpretation]
    places += [(m.block.line, m.key, text) for m in policy.measures for text in m.interpretation]
    for line, name, text in places:
        if "not seen" in text.en.casefold():
            label = Label(Span(policy.page.name, line))
            found.append(Diagnostic("page/not-seen", text, (label,), "warning", None, (policy.id, name), UNSEEN.mend))
    return found


def _warning(policy: Policy, line: int, message: Text, name: str, severity: Severity = "warning") -> Diagnostic:
    label = Label(Span(policy.page.name, line))
    return Diagnostic("page/uncovered", message, (label,), severity=severity, breadcrumb=(policy.id, name))
