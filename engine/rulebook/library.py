"""Which rulebooks there are, and loading a choice of them together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from conggao.engine.language.scope import DerivedSpec
from conggao.engine.language.tree import Derived, walk
from conggao.engine.resolve.model import natural
from conggao.engine.rulebook.amend import Amendment, check_cycles, read_amendment, turning_days
from conggao.engine.rulebook.build import Draft, apply, derived_specs, draft, finish, in_force
from conggao.engine.rulebook.model import Derivation, Line, Parameter, Policy, Rulebooks
from conggao.engine.rulebook.page import Page, read_page
from conggao.engine.rulebook.relations import check_names, check_yielding
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.vocabulary import Vocabulary

SUFFIX = ".md"


def shipped() -> dict[str, Path]:
    """The pages of this package by policy id, nearest level first: `yinchuan-2024-2` is `policy/yinchuan/2024-2.md`."""
    root = Path(str(files("conggao.policy")))
    pages = [path for path in root.rglob(f"*{SUFFIX}") if path.parent != root]
    return {f"{path.parent.name}-{path.stem}": path for path in sorted(pages, key=_shelf)}


def _shelf(path: Path) -> tuple[int, str]:
    order = {"national": 2, "ningxia": 1}
    return order.get(path.parent.name, 0), path.as_posix()


def page_name(path: Path) -> str:
    """How messages call a page: `policy/yinchuan/2024-2.md` for a shipped one."""
    root = Path(str(files("conggao.policy")))
    return f"policy/{path.relative_to(root).as_posix()}" if path.is_relative_to(root) else str(path)


@cache
def shipped_drafts() -> tuple[Draft, ...]:
    """Every shipped page, read once a process: the vocabulary is that of all of them, whichever are loaded."""
    return tuple(draft(read_page(path, page_name(path))) for path in shipped().values())


def load(policies: Iterable[str | Path] | None = None) -> tuple[Rulebooks, Vocabulary]:
    """The chosen rulebooks, checked together, and the vocabulary of all facts they and the shipped pages know.

    Raises InputFaults with the faults of all pages at once.
    """
    drafts = _chosen(policies)
    return build(drafts)


@cache
def shipped_vocabulary() -> Vocabulary:
    """All facts that the shipped pages know."""
    vocabulary = Vocabulary.core()
    for item in shipped_drafts():
        vocabulary = item.extend(vocabulary, [])
    return vocabulary


def load_pages(pages: Sequence[Page], beside: Sequence[Page] | None = None) -> tuple[Rulebooks, Vocabulary]:
    """Rulebooks from pages already read, such as one that is being edited. `beside`: the pages that are on the shelf without being
    loaded; by default those that are shipped."""
    return build([draft(page) for page in pages], None if beside is None else [draft(page) for page in beside])


def shelf(chosen: Collection[str]) -> dict[str, Page]:
    """The shipped pages that are not chosen, by policy id: what is declared on them is known, and none of their measures is loaded."""
    return {item.id: item.page for item in shipped_drafts() if item.id not in chosen}


def build(drafts: Sequence[Draft], beside: Sequence[Draft] | None = None) -> tuple[Rulebooks, Vocabulary]:
    """Checks drafts against the vocabulary of all pages, those `beside` them included, and against each other."""
    faults = [fault for item in drafts for fault in item.faults]
    chosen = {item.id for item in drafts}
    others = [item for item in (shipped_drafts() if beside is None else beside) if item.id not in chosen]
    _twice(drafts, faults)
    vocabulary = Vocabulary.core()
    lines: dict[str, Line] = {}
    parameters: dict[str, Parameter] = {}
    for item in [*others, *drafts]:
        own = faults if item.id in chosen else []
        vocabulary = item.extend(vocabulary, own)
        _declared_twice(item, lines, own)
        lines |= {line.name: line for line in item.lines}
        _borrow(item, parameters, own)
    derivations, specs = _derivations(drafts, others, vocabulary, faults)
    finished = [finish(item, vocabulary, specs, lines, faults) for item in drafts]
    policies = tuple(policy for policy in finished if policy is not None)
    known = [key for item in [*others, *drafts] for key in item.measure_ids()]
    check_names(policies, known, faults)
    check_yielding(policies, [item.id for item in [*others, *drafts]], faults)
    amendments = _amendments(drafts, known, faults)
    editions = tuple(
        (day, _edition(policies, [item for item in amendments if item.applies(day)], vocabulary, specs, lines, faults))
        for day in turning_days(amendments)
    )
    if any(fault.severity == "error" for fault in faults):
        raise InputFaults(_once(faults), {item.page.name: item.page.text for item in drafts})
    made = tuple((day, Rulebooks(changed, _used(derivations, changed), parameters)) for day, changed in editions)
    return Rulebooks(policies, _used(derivations, policies), parameters, made, tuple(amendments)), vocabulary


def _borrow(item: Draft, parameters: dict[str, Parameter], faults: list[Diagnostic]) -> None:
    """Adds the dated figures of a page to those of the others: several pages may give values of one figure, never two for a year."""
    for parameter, reader in item.parameters([]):
        before = parameters.get(parameter.name)
        if before is None:
            parameters[parameter.name] = parameter
            continue
        for year, value in parameter.values.items():
            if year in before.values and before.values[year].value != value.value:
                message = Text(
                    f"`{parameter.name}` {year} 年的数值与 {before.policy} 所载不同",
                    f"the value of `{parameter.name}` for {year} is not that of {before.policy}",
                )
                reader.faults = faults
                reader.fault("parameter/contradiction", ("values", str(year)), message)
        parameters[parameter.name] = replace(before, values={**before.values, **parameter.values})


def _once(faults: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Each fault once: an amendment is read again for every edition it takes part in."""
    return list(dict.fromkeys(faults))


def _declared_twice(item: Draft, lines: Mapping[str, Line], faults: list[Diagnostic]) -> None:
    for line in item.lines:
        if line.name in lines and lines[line.name] != line:
            message = Text(
                f"支持内容 `{line.name}` 在另一页已有声明，且写法不同",
                f"the line `{line.name}` is declared on another page, and differently",
            )
            span = item.front.document.span(("lines", line.name))
            faults.append(item.page.fault("page/twice", message, span.line if span else 1))


def _amendments(drafts: Sequence[Draft], known: Sequence[str], faults: list[Diagnostic]) -> list[Amendment]:
    """All amendments in the order in which they apply: by date, then by policy, then as written."""
    found: list[Amendment] = []
    for item in drafts:
        begins, ends = in_force(item.front) if item.of_kind("amend") else (None, None)
        for block, reader in item.of_kind("amend"):
            reader.faults = faults
            reader.breadcrumb = (item.id, *block.headings[-1:])
            made = read_amendment(reader, block, item.id, (begins or date.min, ends), known)
            if made is not None:
                found.append(made)
    check_cycles(found)
    return sorted(found, key=lambda item: (item.begins, natural(item.policy)))


def _edition(
    policies: Sequence[Policy],
    amendments: Sequence[Amendment],
    vocabulary: Vocabulary,
    specs: Mapping[str, DerivedSpec],
    lines: Mapping[str, Line],
    faults: list[Diagnostic],
) -> tuple[Policy, ...]:
    """The policies with every measure that `amendments` change as they leave it."""
    by_measure: dict[str, list[Amendment]] = {}
    for item in amendments:
        by_measure.setdefault(item.measure, []).append(item)
    made: list[Policy] = []
    for policy in policies:
        measures = list(policy.measures)
        for index, measure in enumerate(measures):
            changes = by_measure.get(measure.key)
            if changes:
                changed = apply(measure, changes, vocabulary, specs, lines, faults)
                measures[index] = changed or measure
        made.append(replace(policy, measures=tuple(measures)))
    return tuple(made)


def _twice(drafts: Sequence[Draft], faults: list[Diagnostic]) -> None:
    seen: set[str] = set()
    for item in drafts:
        if item.id and item.id in seen:
            message = Text(f"有两个政策都叫 `{item.id}`", f"two policies are called `{item.id}`")
            faults.append(item.page.fault("page/twice", message))
        seen.add(item.id)


def _chosen(policies: Iterable[str | Path] | None) -> list[Draft]:
    if policies is None:
        return list(shipped_drafts())
    known = shipped()
    by_id = {item.id: item for item in shipped_drafts()}
    drafts: list[Draft] = []
    faults: list[Diagnostic] = []
    for item in dict.fromkeys([policies] if isinstance(policies, str | Path) else policies):
        if isinstance(item, str) and item in by_id:
            drafts.append(by_id[item])
        elif isinstance(item, Path) or "/" in item or item.endswith(SUFFIX):
            try:
                drafts.append(draft(read_page(Path(item))))
            except InputFaults as fault:
                faults += fault.diagnostics
        else:
            message = Text(f"没有政策 `{item}`", f"there is no policy `{item}`")
            hint = did_you_mean(item, known) or Text("已有政策：" + "、".join(known), "shipped: " + ", ".join(known))
            faults.append(Diagnostic("page/unknown-policy", message, help=hint))
    if faults:
        raise InputFaults(faults)
    return drafts


def _derivations(
    drafts: Sequence[Draft], others: Sequence[Draft], vocabulary: Vocabulary, faults: list[Diagnostic]
) -> tuple[tuple[Derivation, ...], dict[str, DerivedSpec]]:
    """All derived facts of the loaded and the other shipped pages, each after those it needs."""
    specs: dict[str, DerivedSpec] = {}
    found: list[Derivation] = []
    for derivation in derived_specs([*others, *drafts], vocabulary, faults):
        specs[derivation.name] = DerivedSpec(
            derivation.name, derivation.label, derivation.subject, derivation.node.type
        )
        found.append(derivation)
    return tuple(found), specs


def _used(derivations: Sequence[Derivation], policies: Sequence[Policy]) -> tuple[Derivation, ...]:
    """Those that the policies define or need: a shared notion of another page counts, the rest of that page does not."""
    loaded = {policy.id for policy in policies}
    wanted: set[tuple[str, str]] = {(d.subject, d.name) for d in derivations if d.policy in loaded}
    roots = [node for policy in policies for measure in policy.measures for node in measure.expressions()]
    wanted |= {(part.subject, part.name) for node in roots for part in walk(node) if isinstance(part, Derived)}
    for item in reversed(derivations):
        if (item.subject, item.name) in wanted:
            wanted |= {(part.subject, part.name) for part in walk(item.node) if isinstance(part, Derived)}
    return tuple(item for item in derivations if (item.subject, item.name) in wanted)
