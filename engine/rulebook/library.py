"""Which rulebooks there are, and loading a choice of them together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from conggao.engine.language.scope import DerivedSpec
from conggao.engine.rulebook.build import Draft, derived_specs, draft, finish
from conggao.engine.rulebook.model import Derivation, Line, Rulebooks
from conggao.engine.rulebook.page import Page, read_page
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
def _shipped_drafts() -> tuple[Draft, ...]:
    """Every shipped page, read once a process: the vocabulary is that of all of them, whichever are loaded."""
    return tuple(draft(read_page(path, page_name(path))) for path in shipped().values())


def load(policies: Iterable[str | Path] | None = None) -> tuple[Rulebooks, Vocabulary]:
    """The chosen rulebooks, checked together, and the vocabulary of all facts they and the shipped pages know.

    Raises InputFaults with the faults of all pages at once.
    """
    drafts = _chosen(policies)
    return build(drafts)


def load_pages(pages: Sequence[Page]) -> tuple[Rulebooks, Vocabulary]:
    """Rulebooks from pages already read, such as one that is being edited."""
    return build([draft(page) for page in pages])


def build(drafts: Sequence[Draft]) -> tuple[Rulebooks, Vocabulary]:
    """Checks drafts against the vocabulary of all pages and against each other."""
    faults = [fault for item in drafts for fault in item.faults]
    chosen = {item.id for item in drafts}
    others = [item for item in _shipped_drafts() if item.id not in chosen]
    _twice(drafts, faults)
    vocabulary = Vocabulary.core()
    lines: dict[str, Line] = {}
    for item in [*others, *drafts]:
        vocabulary = item.extend(vocabulary, faults if item.id in chosen else [])
        lines |= {line.name: line for line in item.lines}
    derivations, specs = _derivations(drafts, vocabulary, faults)
    finished = [finish(item, vocabulary, specs, lines, faults) for item in drafts]
    if any(fault.severity == "error" for fault in faults):
        raise InputFaults(faults, {item.page.name: item.page.text for item in drafts})
    made = tuple(policy for policy in finished if policy is not None)
    return Rulebooks(made, derivations), vocabulary


def _twice(drafts: Sequence[Draft], faults: list[Diagnostic]) -> None:
    seen: set[str] = set()
    for item in drafts:
        if item.id and item.id in seen:
            message = Text(f"有两个政策都叫 `{item.id}`", f"two policies are called `{item.id}`")
            faults.append(item.page.fault("page/twice", message))
        seen.add(item.id)


def _chosen(policies: Iterable[str | Path] | None) -> list[Draft]:
    if policies is None:
        return list(_shipped_drafts())
    known = shipped()
    by_id = {item.id: item for item in _shipped_drafts()}
    drafts: list[Draft] = []
    faults: list[Diagnostic] = []
    for item in [policies] if isinstance(policies, str | Path) else policies:
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
    drafts: Sequence[Draft], vocabulary: Vocabulary, faults: list[Diagnostic]
) -> tuple[tuple[Derivation, ...], dict[str, DerivedSpec]]:
    """All derived facts, each after those it needs."""
    specs: dict[str, DerivedSpec] = {}
    found: list[Derivation] = []
    for derivation in derived_specs(drafts, vocabulary, faults):
        specs[derivation.name] = DerivedSpec(
            derivation.name, derivation.label, derivation.subject, derivation.node.type
        )
        found.append(derivation)
    return tuple(found), specs
