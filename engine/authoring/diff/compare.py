"""`diff`: two versions of a rulebook, change by change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from conggao.engine.authoring.diff.facets import Reading, of_measure, of_policy
from conggao.engine.authoring.diff.model import Change, Comparison, Facet, Seen, Verdict
from conggao.engine.authoring.diff.search import TRIED, Pair, Shown, firing
from conggao.engine.authoring.diff.sides import Side, page_of
from conggao.engine.authoring.lints.page import said
from conggao.engine.authoring.proof.questions import NOT_ELIGIBLE, Span
from conggao.engine.authoring.proof.witness import CaseDict
from conggao.engine.rulebook.model import Measure, Policy
from conggao.engine.rulebook.page import Page, parse_page
from conggao.facts.diagnostics import InputFaults, Text
from conggao.facts.quantities import YEARS

_FORMULAS: tuple[Facet, ...] = ("when", "amount", "cap")
_LAST = date(YEARS[1], 12, 31)
_FIRST_DAY = "in_force:"


def diff(first: str, second: str, *, tried: int = TRIED) -> Comparison:
    """The changes of meaning from `first` to `second`: each an id, a file, or `REV:path`. Raises InputFaults.

    `tried` is how many random cases have to agree where nothing can be proven.
    """
    return compare(page_of(first), page_of(second), first, second, tried=tried)


def compare(one: Page, other: Page, first: str = "", second: str = "", *, tried: int = TRIED) -> Comparison:
    """The same of pages already read."""
    made = _Comparing(Side.of(one), Side.of(other), tried)
    changes = tuple(made.changes())
    return Comparison(first or one.name, second or other.name, made.b.policy.title, changes, tuple(made.notes))


class _Comparing:
    def __init__(self, a: Side, b: Side, tried: int) -> None:
        self.a, self.b, self.tried = a, b, tried
        self.notes: list[Text] = []
        self.dated = a, b
        begins = max(a.policy.begins, b.policy.begins)
        ends = min(a.policy.ends or _LAST, b.policy.ends or _LAST)
        if begins > ends:
            # Two notices that follow each other have no day in common: they are compared as if both were in force throughout.
            begins = min(a.policy.begins, b.policy.begins)
            ends = max(a.policy.ends or _LAST, b.policy.ends or _LAST)
            self.a, self.b = (Side.of(_in_force(side.page, begins, ends)) for side in (a, b))
            self.notes.append(
                Text(
                    "两者没有同时有效的一天：其余比较不计日期",
                    "the two are never in force together: all else is compared dates aside",
                )
            )
        self.span = Span(begins, ends)

    def changes(self) -> Iterator[Change]:
        yield from self._policy(*(side.policy for side in self.dated))
        yield from self._measures(self.a.policy, self.b.policy)
        yield from self._amendments()

    # -- measures ---------------------------------------------------------------------------------------------------

    def _measures(self, a: Policy, b: Policy) -> Iterator[Change]:
        before = {measure.id: measure for measure in a.measures}
        after = {measure.id: measure for measure in b.measures}
        gone = [measure for id_, measure in before.items() if id_ not in after]
        new = [measure for id_, measure in after.items() if id_ not in before]
        for measure in list(gone):
            twin = next((item for item in new if said(item)[:-4] == said(measure)[:-4]), None)
            if twin is not None:
                gone.remove(measure)
                new.remove(twin)
                yield Change(twin.id, "renamed", Text(measure.id, measure.id), Text(twin.id, twin.id), "words")
        for measure in gone:
            yield self._alone(measure, "removed")
        for id_, measure in after.items():
            if measure in new:
                yield self._alone(measure, "added")
            elif id_ in before:
                first, second = self._reading(self.a, before[id_]), self._reading(self.b, measure)
                others = [
                    (self._reading(self.a, before[name]), self._reading(self.b, other))
                    for name, other in after.items()
                    if name in before and name != id_ and not other.idle
                ]
                yield from self._changed(first, second, self.span, others)

    def _reading(self, side: Side, measure: Measure) -> Reading:
        return Reading(side, side.engine.rulebooks, measure)

    def _alone(self, measure: Measure, facet: Facet) -> Change:
        side = self.b if facet == "added" else self.a
        nothing = Text("（无）", "(none)")
        before, after = (nothing, measure.title) if facet == "added" else (measure.title, nothing)
        case = None if measure.idle else firing(self._reading(side, measure), self.span)
        if case is None:
            return Change(measure.id, facet, before, after, "words" if measure.idle else "not_shown")
        seen = side.seen(case, measure.key)[0]
        absent = Seen("–", "–", "–")
        return Change(
            measure.id, facet, before, after, "differs", case, (absent, seen) if facet == "added" else (seen, absent)
        )

    def _changed(
        self, a: Reading, b: Reading, span: Span, others: Sequence[tuple[Reading, Reading]] = ()
    ) -> Iterator[Change]:
        pair = Pair(a, b, span, self.tried)
        for facet, before, after in of_measure(a, b):
            if facet == "text" or (a.measure.idle and b.measure.idle and facet != "relations"):
                yield Change(b.measure.id, facet, before, after, "words")
                continue
            yield self._said(pair, facet, before, after, self._found(pair, facet, others))

    def _found(self, pair: Pair, facet: Facet, others: Sequence[tuple[Reading, Reading]]) -> Shown:
        if facet not in _FORMULAS:
            return pair.by_example(others if facet == "relations" else ())
        found = pair.formula(facet)
        kinds = pair.first.measure.kind, pair.second.measure.kind
        if found.verdict != "same_tried" or (facet != "cap" and kinds[0] == kinds[1]):
            return found
        # Several claims, or money received, may show what one claim alone does not.
        example = pair.by_example()
        return example if example.verdict == "differs" or facet != "cap" else found

    def _said(self, pair: Pair, facet: Facet, before: Text, after: Text, found: Shown) -> Change:
        change = Change(
            pair.second.measure.id, facet, before, after, found.verdict, found.case, None, found.tried, found.by
        )
        if found.case is None:
            return change
        keys = pair.keys if found.by is None else tuple(f"{side.policy.id}/{found.by}" for side in pair.sides)
        first, second = (side.seen(found.case, key) for side, key in zip(pair.sides, keys, strict=True))
        index = next((n for n, (x, y) in enumerate(zip(first, second, strict=False)) if x != y), 0)
        absent = Seen("–", "–", "–")
        one = first[index] if index < len(first) else absent
        other = second[index] if index < len(second) else absent
        return replace(change, seen=(one, other))

    # -- amendments -------------------------------------------------------------------------------------------------

    def _amendments(self) -> Iterator[Change]:
        """The measures of other policies as the amendments of each version leave them, on every day on which one begins."""
        a, b = self.a.engine.rulebooks, self.b.engine.rulebooks
        own = {self.a.policy.id, self.b.policy.id}
        named = {item.measure for books in (a, b) for item in books.amendments if item.policy in own}
        days = sorted({item.begins for books in (a, b) for item in books.amendments if item.policy in own})
        done: set[tuple[str, str, Text, Text]] = set()
        for key in sorted(named):
            for day in days:
                one, other = a.on(day).find(key), b.on(day).find(key)
                if one is None or other is None:
                    continue
                span = Span(max(day, one[0].begins), max(day, one[0].begins))
                pair = Reading(self.a, a.on(day), one[1]), Reading(self.b, b.on(day), other[1])
                for change in self._changed(*pair, span):
                    name = (key, change.facet, change.before, change.after)
                    if name not in done:
                        done.add(name)
                        yield replace(change, measure=key)

    # -- the policy as a whole --------------------------------------------------------------------------------------

    def _policy(self, a: Policy, b: Policy) -> Iterator[Change]:
        for facet, before, after in of_policy(a, b):
            if facet == "text":
                yield Change(None, facet, before, after, "words")
                continue
            found = self._on_days(a, b) if facet == "dates" else self._at_places(a, b) if facet == "places" else None
            verdict: Verdict = "differs" if found is not None else "not_shown"
            case, seen = found or (None, None)
            yield Change(None, facet, before, after, verdict, case, seen)

    def _on_days(self, a: Policy, b: Policy) -> tuple[CaseDict, tuple[Seen, Seen]] | None:
        """A case of a day on which one of the two alone is in force."""
        days = [a.begins, b.begins, *(item.ends + timedelta(days=1) for item in (a, b) if item.ends)]
        days += [item.ends for item in (a, b) if item.ends]
        for day in sorted(set(days)):
            if a.in_force(day) != b.in_force(day):
                side = self.dated[0] if a.in_force(day) else self.dated[1]
                found = self._shown(side, Span(day, day))
                if found is not None:
                    return found
        return None

    def _at_places(self, a: Policy, b: Policy) -> tuple[CaseDict, tuple[Seen, Seen]] | None:
        """A case at a place that one of the two alone reaches."""
        alone = sorted(set(a.places) ^ set(b.places))
        side = self.b if set(b.places) >= set(a.places) else self.a
        return self._shown(side, self.span, alone[0]) if alone else None

    def _shown(self, side: Side, span: Span, county: str | None = None) -> tuple[CaseDict, tuple[Seen, Seen]] | None:
        """The smallest case that a measure applies to on one side only."""
        found: list[tuple[int, CaseDict, tuple[Seen, Seen]]] = []
        others = {
            measure.id
            for measure in (self.dated[0] if side in (self.b, self.dated[1]) else self.dated[1]).policy.measures
        }
        for measure in side.policy.measures:
            if measure.idle or measure.id not in others:
                continue
            case = firing(self._reading(side, measure), span)
            if case is None:
                continue
            if county is not None:
                case = {**case, "enterprise": {"county": county, **case.get("enterprise", {})}}
            try:
                seen = [each.seen(case, f"{each.policy.id}/{measure.id}")[0] for each in self.dated]
            except (InputFaults, IndexError):
                continue
            if seen[0] != seen[1] and not all(item.status in NOT_ELIGIBLE for item in seen):
                found.append((len(str(case)), case, (seen[0], seen[1])))
        if not found:
            return None
        _, smallest, both = min(found, key=lambda item: item[0])
        return smallest, both


def _in_force(page: Page, begins: date, ends: date) -> Page:
    """The page with other dates in its front matter."""
    lines = page.text.splitlines(keepends=True)
    index = next(n for n, line in enumerate(lines) if line.startswith(_FIRST_DAY))
    lines[index] = f"{_FIRST_DAY} {begins} .. {ends}\n"
    return parse_page("".join(lines).encode(), page.name)
