"""In what two versions of a measure, or of a policy, are written differently, derived facts written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conggao.engine.authoring.diff.model import Facet
from conggao.engine.authoring.diff.sides import Side
from conggao.engine.authoring.proof.expand import Expander, derived_in
from conggao.engine.language.tree import Node
from conggao.engine.rulebook.model import Measure, Policy, Rulebooks
from conggao.facts.diagnostics import Lang, Text

Written = tuple[Facet, Text, Text]
"""What is written differently, in words: before and after."""
_NOTHING = Text("（无）", "(none)")


class Reading:
    """One version of a measure with the rulebooks that it stands in."""

    def __init__(self, side: Side, books: Rulebooks, measure: Measure) -> None:
        self.side, self.books, self.measure = side, books, measure
        self.expander = Expander(books)

    def when(self) -> list[Node]:
        return [self.expander.of(item.node) for item in self.measure.when]

    def of(self, node: Node | None) -> Node | None:
        return None if node is None else self.expander.of(node)

    def say(self, node: Node | None) -> Text:
        """An expression in words."""
        if node is None:
            return _NOTHING
        return Text(
            *(
                self.side.engine.edition(self.side.policy.begins).program.renderer(lang).say(node)
                for lang in ("zh", "en")
            )
        )

    def condition(self, index: int, *, written_out: bool) -> Text:
        """A condition in words; `written_out` where it is a derived fact that means something else now."""
        said = self.say(self.measure.when[index].node)
        if not written_out:
            return said
        meant = self.say(self.when()[index])
        return Text(f"{said.zh}（即 {meant.zh}）", f"{said.en} (that is {meant.en})")


def of_measure(first: Reading, second: Reading) -> Iterator[Written]:
    """Every facet in which the two are written differently."""
    a, b = first.measure, second.measure
    before, after = first.when(), second.when()
    if before != after:
        # A condition that reads alike but is not: its derived fact was defined anew.
        renamed = {str(item.node) for item in a.when} & {str(item.node) for item in b.when}
        yield "when", _gone(first, before, after, renamed), _gone(second, after, before, renamed)
    if first.of(a.amount) != second.of(b.amount) or a.kind != b.kind:
        yield "amount", _amount(first), _amount(second)
    if (first.of(a.cap), a.cap_per, a.cap_yearly, a.once) != (second.of(b.cap), b.cap_per, b.cap_yearly, b.once):
        yield "cap", _cap(first), _cap(second)
    if (a.subject, a.recipient) != (b.subject, b.recipient):
        yield "for_whom", _plain(f"{a.subject} → {a.recipient}"), _plain(f"{b.subject} → {b.recipient}")
    if a.lines != b.lines:
        yield "lines", _lines(a), _lines(b)
    if _relations(first) != _relations(second):
        yield "relations", _plain("; ".join(_relations(first))), _plain("; ".join(_relations(second)))
    if a.funding != b.funding:
        yield "funding", _funding(a), _funding(b)
    texts = (a.title, a.clause, a.interpretation, a.service, a.authorities, a.not_modelled)
    if texts != (b.title, b.clause, b.interpretation, b.service, b.authorities, b.not_modelled):
        yield "text", a.title, b.title


def of_policy(a: Policy, b: Policy) -> Iterator[Written]:
    """Every facet of the front matter that is written differently."""
    if (a.begins, a.ends) != (b.begins, b.ends):
        yield "dates", _plain(f"{a.begins} .. {a.ends or ''}"), _plain(f"{b.begins} .. {b.ends or ''}")
    if set(a.places) != set(b.places):
        gone, new = sorted(set(a.places) - set(b.places)), sorted(set(b.places) - set(a.places))
        yield "places", _listed(gone if a.places else []), _listed(new if b.places else [])
    if a.conflicts != b.conflicts or a.level != b.level:
        yield "conflicts", _conflicts(a), _conflicts(b)
    if (a.title, a.number, a.issuer, a.interpreter) != (b.title, b.number, b.issuer, b.interpreter):
        yield (
            "text",
            Text(f"{a.title.zh} {a.number}", f"{a.title.en} {a.number}"),
            Text(f"{b.title.zh} {b.number}", f"{b.title.en} {b.number}"),
        )


def _gone(one: Reading, own: Sequence[Node], other: Sequence[Node], alike: set[str]) -> Text:
    """The conditions of one version that the other has not."""
    said = [
        one.condition(
            index,
            written_out=str(one.measure.when[index].node) in alike and any(derived_in(one.measure.when[index].node)),
        )
        for index, node in enumerate(own)
        if node not in other
    ]
    if not said:
        return Text("（次序）", "(order)") if sorted(map(str, own)) == sorted(map(str, other)) else _NOTHING
    return Text("；".join(item.zh for item in said), "; ".join(item.en for item in said))


def _amount(one: Reading) -> Text:
    if one.measure.amount is None:
        return Text("数额未定", "an amount not stated") if one.measure.kind == "up_to" else _plain(one.measure.kind)
    return one.say(one.measure.amount)


def _cap(one: Reading) -> Text:
    measure, said = one.measure, one.say(one.measure.cap)
    extra: list[str] = []
    if measure.cap is not None:
        extra = [f"cap_per: {measure.cap_per}", f"cap_period: {'year' if measure.cap_yearly else 'ever'}"]
    if measure.once is not None:
        extra.append(f"once: {measure.once}")
    end = f" ({', '.join(extra)})" if extra else ""
    return Text(said.zh + end, said.en + end)


def _lines(measure: Measure) -> Text:
    lines = measure.lines
    return Text("、".join(line.label.zh for line in lines) or "–", ", ".join(line.label.en for line in lines) or "–")


def _relations(one: Reading) -> list[str]:
    measure = one.measure
    own = f"{measure.policy}/"
    said = [
        f"{key}: {', '.join(sorted(name.removeprefix(own) for name in names))}"
        for key, names in (("stacks_with", measure.stacks_with), ("excludes", measure.excludes))
        if names
    ]
    if measure.ceiling is not None:
        over = measure.ceiling.over
        names_over = "all" if over is None else ", ".join(name.removeprefix(own) for name in over)
        said.append(f"ceiling: {one.side.engine.program.renderer('zh').say(measure.ceiling.amount)} ({names_over})")
    return said


def _funding(measure: Measure) -> Text:
    return _plain(", ".join(f"{payer} {float(share * 100):g}%" for payer, share in measure.funding) or "–")


def _conflicts(policy: Policy) -> Text:
    found = policy.conflicts
    said = [
        f"level: {policy.level}",
        f"principle: {found.principle}",
        f"against: {', '.join(found.against)}",
        f"received: {found.received}",
    ]
    if found.yields_to:
        said.append(f"yields_to: {', '.join(found.yields_to)}")
    if found.assumed:
        said.append("assumed")
    return _plain("; ".join(said))


def _listed(items: Sequence[str]) -> Text:
    return Text("、".join(items), ", ".join(items)) if items else _NOTHING


def _plain(text: str) -> Text:
    return Text(text or "–", text or "–")


def words(change: Text, lang: Lang) -> str:
    """The words of one side in one language."""
    return change.of(lang)
