"""What measures and policies say of each other: stacking, exclusion, ceilings, yielding. Names must exist, and circles are refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from conggao.engine.language.tree import Place
from conggao.engine.rulebook.amend import find_circle
from conggao.engine.rulebook.model import Measure, Policy
from conggao.facts.diagnostics import Diagnostic, Severity, Text, did_you_mean

_WHOLE = Place(0, 1)


def check_names(policies: Iterable[Policy], known: Collection[str], faults: list[Diagnostic]) -> None:
    """A fault for every measure named that no page has. `known` are the full ids of all measures, loaded or not."""
    for policy in policies:
        for measure in policy.measures:
            ceiling = () if measure.ceiling is None or measure.ceiling.over is None else measure.ceiling.over
            for key, names in (
                ("stacks_with", measure.stacks_with),
                ("excludes", measure.excludes),
                ("ceiling", ceiling),
            ):
                for name in names:
                    if name not in known:
                        message = Text(
                            f"`{key}` 所指的措施 `{name}` 不存在", f"`{key}` names `{name}`, which is no measure"
                        )
                        own = [item.partition("/")[2] for item in known if item.startswith(f"{policy.id}/")]
                        hint = did_you_mean(name, [*known, *own]) or did_you_mean(name.rpartition("/")[2], own)
                        faults.append(measure.origin.fault("page/unknown-measure", _WHOLE, message, hint))
            both = set(measure.stacks_with) & set(measure.excludes)
            for name in sorted(both):
                message = Text(f"`{name}` 既写为可叠加又写为不可兼得", f"`{name}` is both stacked with and excluded")
                faults.append(measure.origin.fault("page/relation", _WHOLE, message))


def check_yielding(policies: Sequence[Policy], known: Collection[str], faults: list[Diagnostic]) -> None:
    """A fault for a policy that yields to none that exists, or in a circle."""
    edges: Mapping[str, Collection[str]] = {policy.id: policy.conflicts.yields_to for policy in policies}
    for policy in policies:
        for name in policy.conflicts.yields_to:
            if name not in known:
                message = Text(f"没有政策 `{name}`", f"there is no policy `{name}`")
                faults.append(_at_front(policy, message, did_you_mean(name, known)))
        circle = find_circle(edges, policy.id)
        if circle and policy.id == min(circle):
            shown = " → ".join([*circle, policy.id])
            message = Text(f"政策互相让位：{shown}", f"policies yield to each other in a circle: {shown}")
            faults.append(_at_front(policy, message, None))


def _at_front(policy: Policy, message: Text, hint: Text | None) -> Diagnostic:
    line = next((n for n, text in enumerate(policy.page.text.split("\n"), start=1) if "yields_to" in text), 1)
    return policy.page.fault("page/yields-to", message, line, hint)


@dataclass(frozen=True)
class Relations:
    """For each measure, by full id: the measures it stacks with, those it excludes beyond a common line, the policies it yields to, and
    those it competes with though no clause says so."""

    stacks: Mapping[str, frozenset[str]]
    excludes: Mapping[str, frozenset[str]]
    yields: Mapping[str, tuple[str, ...]]
    assumed: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, policies: Sequence[Policy]) -> Relations:
        """What the policies say, in both directions."""
        listed = [(policy, measure) for policy in policies for measure in policy.measures]
        by_key = {measure.key: measure for _, measure in listed}
        named = {
            (measure.key, other)
            for _, measure in listed
            for other in (*measure.stacks_with, *measure.excludes)
            if other in by_key
        }
        pairs = named | {(other, key) for key, other in named}
        stacks: dict[str, set[str]] = {}
        excludes: dict[str, set[str]] = {}
        for key, other in pairs:
            if excluded(by_key[key], by_key[other]):
                if share_a_line(by_key[key], by_key[other]):
                    continue  # what shares a line excludes each other anyway
                excludes.setdefault(key, set()).add(other)
            elif stacked(by_key[key], by_key[other]):
                stacks.setdefault(key, set()).add(other)
        assumed = {
            (one.key, other.key)
            for policy, one in listed
            for other_policy, other in listed
            if policy.id != other_policy.id
            and share_a_line(one, other)
            and not stacked(one, other)
            and not covered(policy, other_policy)
        }
        return cls(
            {key: frozenset(others) for key, others in stacks.items()},
            {key: frozenset(others) for key, others in excludes.items()},
            {m.key: policy.conflicts.yields_to for policy, m in listed if policy.conflicts.yields_to},
            frozenset(assumed),
        )

    @cached_property
    def said(self) -> frozenset[str]:
        """The measures of which anything is said here."""
        return frozenset({*self.stacks, *self.excludes, *self.yields})

    def entangled(self, policies: Sequence[Policy]) -> frozenset[str]:
        """The measures of which a page says more than that they share a line with others."""
        before = {policy for others in self.yields.values() for policy in others}
        yielded = {measure.key for policy in policies if policy.id in before for measure in policy.measures}
        return self.said | yielded


def stacked(first: Measure, second: Measure) -> bool:
    """Whether the two stack: said by one of them within a policy, by both where they are of different policies."""
    said = first.key in second.stacks_with, second.key in first.stacks_with
    return any(said) if first.policy == second.policy else all(said)


def excluded(first: Measure, second: Measure) -> bool:
    """Whether one of the two excludes the other beyond their lines."""
    return first.key in second.excludes or second.key in first.excludes


def share_a_line(first: Measure, second: Measure) -> bool:
    return first.subject == second.subject and bool(
        {line.name for line in first.lines} & {line.name for line in second.lines}
    )


def covered(first: Policy, second: Policy) -> bool:
    """Whether the clause of one of the two policies says that they compete; within one policy the page itself must say it."""
    one, other = first.conflicts, second.conflicts
    return (
        first.id == second.id
        or (not one.assumed and second.level in one.against)
        or (not other.assumed and first.level in other.against)
        or second.id in one.yields_to
        or first.id in other.yields_to
    )


def overlaps(policies: Sequence[Policy]) -> list[Diagnostic]:
    """Two measures on one line with nothing said: an error within a policy; between policies, a warning with the assumption taken."""
    found: list[Diagnostic] = []
    pairs: dict[tuple[str, str], list[tuple[Policy, Measure, Policy, Measure]]] = {}
    listed = [(policy, measure) for policy in policies for measure in policy.measures if measure.lines]
    for index, (policy, measure) in enumerate(listed):
        for other_policy, other in listed[index + 1 :]:
            if not share_a_line(measure, other) or stacked(measure, other) or excluded(measure, other):
                continue
            if policy.id == other_policy.id:
                found.append(_undeclared(measure, other, "error"))
            elif not covered(policy, other_policy):
                pairs.setdefault((policy.id, other_policy.id), []).append((policy, measure, other_policy, other))
    for entries in pairs.values():
        found += [_undeclared(measure, other, "warning") for _, measure, _, other in entries]
    return found


def _undeclared(measure: Measure, other: Measure, severity: Severity) -> Diagnostic:
    lines = "、".join(line.name for line in measure.lines if line.name in {item.name for item in other.lines})
    if severity == "error":
        message = Text(
            f"`{measure.id}` 与 `{other.id}` 支持同一内容（{lines}），而没有写明二者的关系",
            f"`{measure.id}` and `{other.id}` pay for the same line ({lines}), and nothing says how they relate",
        )
        hint = Text(
            "写 `excludes: […]`（择一）或 `stacks_with: […]`（可叠加）",
            "write `excludes: […]` (one of them) or `stacks_with: […]` (both)",
        )
    else:
        message = Text(
            f"`{measure.key}` 与 `{other.key}` 支持同一内容（{lines}），两政策的冲突条款都没有涵盖对方；按择一从高处理（假定）",
            f"`{measure.key}` and `{other.key}` pay for the same line ({lines}), and no clause of either policy covers the other: "
            "taken as one of them only, the higher (assumed)",
        )
        hint = Text(
            "若已见条款，写进 `conflicts.against`；若可叠加，双方都写 `stacks_with`",
            "if a clause was seen, write it in `conflicts.against`; if they stack, say so on both pages with `stacks_with`",
        )
    fault = measure.origin.fault("page/overlap", _WHOLE, message, hint)
    return Diagnostic(
        fault.code, fault.message, fault.labels, severity, fault.path, fault.breadcrumb, fault.help, fault.note
    )
