"""The two versions ready to decide: where a page comes from, and one case laid before both."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conggao.engine.authoring.diff.model import Seen
from conggao.engine.authoring.proof.witness import CaseDict
from conggao.engine.decide import Engine
from conggao.engine.decision import Outcome, Range
from conggao.engine.rulebook.library import page_name, shipped
from conggao.engine.rulebook.model import Policy
from conggao.engine.rulebook.page import Page, parse_page, read_page
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.models import Case
from conggao.facts.vocabulary import Vocabulary

GIT_SECONDS = 20


def page_of(name: str) -> Page:
    """The page called `name`: a shipped policy's id, a file, or `REV:path` as git names it. Raises InputFaults."""
    known = shipped()
    if name in known:
        return read_page(known[name], page_name(known[name]))
    if Path(name).exists() or ":" not in name:
        if not Path(name).exists() and "/" not in name and not name.endswith(".md"):
            message = Text(f"没有政策 `{name}`", f"there is no policy `{name}`")
            raise InputFaults([Diagnostic("page/unknown-policy", message, help=did_you_mean(name, known))])
        return read_page(Path(name))
    return parse_page(_from_git(name), name)


def _from_git(name: str) -> bytes:
    """The file of `REV:path`, from the repository of the working directory."""
    reason = ""
    if not name.startswith("-"):
        try:
            done = subprocess.run(
                ["git", "show", "--no-textconv", name], capture_output=True, check=False, timeout=GIT_SECONDS
            )
            if done.returncode == 0:
                return done.stdout
            reason = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ").partition("\n")[0]
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = str(error)
    message = Text(f"git 没有 `{name}`：{reason}", f"git has no `{name}`: {reason}")
    hint = Text(
        "写作 `修订:路径`，如 `HEAD~1:policy/yinchuan/2024-2.md`",
        "write `REV:path`, such as `HEAD~1:policy/yinchuan/2024-2.md`",
    )
    raise InputFaults([Diagnostic("page/unreadable", message, help=hint)])


@dataclass(frozen=True)
class Side:
    """One version: its page, alone or beside the shipped policies that it amends."""

    page: Page
    engine: Engine

    @classmethod
    def of(cls, page: Page) -> Side:
        """Raises InputFaults where the page has faults."""
        engine = Engine.of([page])
        own = {policy.id for policy in engine.rulebooks.policies}
        amended = {item.measure.partition("/")[0] for item in engine.rulebooks.amendments} - own
        others = [read_page(path, page_name(path)) for name, path in shipped().items() if name in amended]
        return cls(page, Engine.of([page, *others]) if others else engine)

    @property
    def policy(self) -> Policy:
        return self.engine.rulebooks.policies[0]

    def outcomes(self, case: CaseDict, key: str) -> list[Outcome]:
        """What the exact engine says of a measure (its full id), the facts left out that this version does not know."""
        stated = self.engine.read(known_to(case, self.engine.vocabulary))
        decision = self.engine.decide(stated, engine="exact")
        return [item for item in decision.outcomes if item.measure == key]

    def seen(self, case: CaseDict, key: str | None) -> tuple[Seen, ...]:
        """How the case is decided for each subject of the measure; nothing where there is no such measure."""
        return () if key is None else tuple(_seen(item) for item in self.outcomes(case, key))

    def full(self, case: CaseDict, key: str | None) -> tuple[Any, ...]:
        """All of an outcome that is a decision: what `seen` shows, and lines, recipient and who pays."""
        if key is None:
            return ()
        return tuple(
            (_seen(item), item.subject, item.lines, item.recipient, str(getattr(item, "funding", "")))
            for item in self.outcomes(case, key)
        )


def _seen(item: Outcome) -> Seen:
    return Seen(item.status, _range(item.standard), _range(item.amount))


def _range(found: Range | None) -> str:
    if found is None:
        return "–"
    if found.low == found.high:
        return str(found.low)
    return f"{found.low} .. {'' if found.high is None else found.high}".rstrip()


_SECTIONS = {"reports": "report", "projects": "project", "services": "service"}


def known_to(case: CaseDict, vocabulary: Vocabulary) -> CaseDict:
    """The case without the facts, titles and purposes that `vocabulary` lacks: to rules that do not know them they say nothing."""
    made = dict(case)
    for section, kind in _SECTIONS.items():
        if section in made:
            made[section] = [_of_kind(item, kind, vocabulary) for item in made[section]]
    if "enterprise" in made:
        made["enterprise"] = _of_kind(made["enterprise"], "enterprise", vocabulary)
    if "park" in made:
        made["park"] = _of_kind(made["park"], "park", vocabulary)
        if "reports" in made["park"]:
            made["park"]["reports"] = [_of_kind(item, "park_report", vocabulary) for item in made["park"]["reports"]]
    if "recognitions" in made:
        titles = vocabulary.words("titles")
        made["recognitions"] = [item for item in made["recognitions"] if item["title"] in titles]
    return made


def _of_kind(item: CaseDict, kind: str, vocabulary: Vocabulary) -> CaseDict:
    made = {key: value for key, value in item.items() if key == "reports" or vocabulary.find(kind, key) is not None}
    if "purposes" in made:
        purposes = vocabulary.words("purposes")
        made["purposes"] = [word for word in made["purposes"] if word in purposes]
    return made


def readable(case: CaseDict, sides: Sequence[Side]) -> list[Case] | None:
    """The case as each side reads it; None where one refuses it."""
    try:
        return [side.engine.read(known_to(case, side.engine.vocabulary)) for side in sides]
    except InputFaults:
        return None
