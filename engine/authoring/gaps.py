"""Gaps of a draft: comments that begin with 待填 or TODO, each a warning until someone has filled it in."""

from __future__ import annotations

import re

from conggao.engine.rulebook.model import Policy
from conggao.facts.diagnostics import Diagnostic, Label, Span, Text

_GAP = re.compile(r"<!--\s*(?:待填|TODO)[\s:：]*(?:TODO)?[\s:：]*([^\n]*)")


def gaps(policy: Policy) -> list[Diagnostic]:
    """A warning for every gap that the page marks, at its line, with what the mark says."""
    found: list[Diagnostic] = []
    for comment in policy.page.comments:
        match = _GAP.match(comment.text)
        if match is None:
            continue
        said = match.group(1).removesuffix("-->").strip()
        zh, _, en = said.partition(" / ")
        message = Text(f"待填：{zh or '（未写明）'}", f"to fill in: {en or zh or '(not said)'}")
        hint = Text("填好以后删去此注释", "take the comment away once that is done")
        label = Label(Span(policy.page.name, comment.line))
        found.append(Diagnostic("page/gap", message, (label,), "warning", breadcrumb=(policy.id,), help=hint))
    return found
