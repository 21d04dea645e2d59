"""What a lint is: one thing a careful colleague would notice, with what it means and a page that has it and one that has not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from conggao.engine.decide import Engine
from conggao.engine.rulebook.model import Measure, Policy, Rulebooks
from conggao.engine.rulebook.page import Block
from conggao.facts.diagnostics import Diagnostic, Label, Severity, Span, Text
from conggao.facts.documents import read_yaml

if TYPE_CHECKING:
    from conggao.engine.authoring.proof.questions import Question

DAYS_SOON = 180
"""Within how many days an end is soon."""


@dataclass(frozen=True, slots=True)
class Lint:
    """A code `family/name` with its documentation. `bad` and `good` are blocks of a page, see `example`.

    `find` is None where the finding is made elsewhere: as the page is read, or with its cases.
    """

    code: str
    severity: Severity
    title: Text
    meaning: Text
    mend: Text
    bad: str
    good: str
    find: Callable[[Sheet], Iterable[Diagnostic]] | None = None
    proofs: bool = False
    """Whether it needs z3."""


@dataclass
class Sheet:
    """One policy as the lints see it. `uses` are the derived facts that anything names; `on` is today."""

    engine: Engine
    policy: Policy
    on: date
    uses: frozenset[tuple[str, str]] = frozenset()

    @property
    def books(self) -> Rulebooks:
        return self.engine.rulebooks

    @cached_property
    def questions(self) -> list[Question]:
        """Every measure that can be asked about: as its page stands, and as each amendment leaves it."""
        from conggao.engine.authoring.proof.questions import Question
        from conggao.engine.authoring.proof.questions import Span as Days

        asked = [Question(self.engine, self.books, self.policy, m) for m in self.policy.measures if not m.idle]
        days = [day for day, _ in self.books.editions]
        for index, (begins, books) in enumerate(self.books.editions):
            policy = books.policy(self.policy.id)
            before = (self.books if index == 0 else self.books.editions[index - 1][1]).policy(self.policy.id)
            ends = date.fromordinal(days[index + 1].toordinal() - 1) if index + 1 < len(days) else None
            if policy is None or before is None:
                continue
            last = min(item for item in (ends, policy.ends, date(2100, 12, 31)) if item is not None)
            first = max(begins, policy.begins)
            for old, new in zip(before.measures, policy.measures, strict=True):
                if not new.idle and list(new.expressions()) != list(old.expressions()) and first <= last:
                    asked.append(Question(self.engine, books, policy, new, Days(first, last)))
        return asked

    def say(
        self,
        lint: Lint,
        span: Span,
        message: Text,
        measure: Measure | None = None,
        help: Text | None = None,  # noqa: A002
        note: Text | None = None,
        cases: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> Diagnostic:
        """A finding of `lint` at a place of a page."""
        crumbs = (self.policy.id,) if measure is None else (self.policy.id, measure.id)
        return Diagnostic(
            lint.code, message, (Label(span),), severity or lint.severity, None, crumbs, help or lint.mend, note, cases
        )


def key_span(page: str, block: Block, path: tuple[str | int, ...]) -> Span:
    """Where the value of a key of a block stands; the block's first line where it is not there."""
    document = read_yaml(block.text, page, block.line)
    return document.span(path) or document.span(path[:1]) or Span(page, block.line)


def listed(texts: Iterable[str]) -> Text:
    """Several conditions, each in backticks."""
    quoted = [f"`{text}`" for text in texts]
    return Text("、".join(quoted), ", ".join(quoted))


FRONT = """---
policy: {id}
title: {{zh: 示例, en: Example}}
number: 示例〔2025〕1号
issuer: 示例市
level: city
in_force: {in_force}
checked: 2025-01-01
conflicts: {{principle: highest, against: [national, region], received: top_up}}
{lines}---

# 示例 Example
"""


def example(text: str, front: Mapping[str, str] | None = None) -> str:
    """A whole page around the blocks of an example. A first line `in_force: …` of the text goes into the front matter."""
    body, in_force = text.strip("\n"), "2025-01-01 .. 2027-12-31"
    if body.startswith("in_force:"):
        first, _, body = body.partition("\n")
        in_force = first.removeprefix("in_force:").strip()
    values = {"id": "example-1", "in_force": in_force, "lines": "", **(front or {})}
    return FRONT.format(**values) + "\n" + body.strip("\n") + "\n"
