"""What an editor is told of pages as they are written: nothing breaks on half a page, and what is offered and renamed is right."""

from __future__ import annotations

import os
import random

import pytest

from conggao.engine.authoring.check import Company
from conggao.engine.authoring.editing import about, complete, definition, known, renamed
from conggao.engine.authoring.editing.spot import spot_at
from conggao.engine.authoring.sheet.entries import lf
from conggao.engine.authoring.splicing import edited
from conggao.engine.authoring.worked import run_cases
from conggao.engine.decide import Engine
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults, Lang

ROUNDS = max(40, int(os.environ.get("CONGGAO_FUZZ", "0")) // 50)
TEXTS = {name: lf(path.read_text("utf-8")) for name, path in shipped().items()}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_place_of_half_a_page_is_answered(name: str) -> None:
    whole = TEXTS[name]
    names = known(whole, "page.md")
    for seed in range(ROUNDS):
        draw = random.Random(f"{name}{seed}")
        cut = draw.randrange(len(whole))
        text = whole[:cut] + draw.choice(("", whole[cut + draw.randrange(1, 40) :], '"', "{", "```", "- ", ":"))
        if seed % 10 == 0:
            names = known(text, "page.md")
        lines = text.split("\n")
        line = draw.choice((len(lines) - 1, draw.randrange(len(lines))))
        column = draw.randrange(len(lines[line]) + 1)
        assert all(item.start <= column for item in complete(text, line, column, names))
        about(text, line, column, names)
        definition(text, line, column, names)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_offered_in_a_condition_is_one(lang: Lang) -> None:
    """Each is put to the checker by itself: it may not fit there, but it is never unknown."""
    text = TEXTS["yinchuan-2024-2"]
    names = known(text, "page.md")
    opening = "```measure\n"
    at = text.index(opening, text.index("## （一）")) + len(opening)
    for prefix, count in (("", 40), ("上年度.", 12), ("企业.", 20), ("previous.", 12)):
        line = f"when: {prefix}"
        typed = f"{text[:at]}{line}\n```\n"
        row = typed.count("\n") - 2
        found = [
            item
            for item in complete(typed, row, len(line), names, lang)
            if item.kind in ("fact", "derived", "parameter")
        ]
        assert len(found) >= count
        for item in random.Random(prefix).sample(found, 12):
            page = PAGE.format(condition=f"{prefix}{item.text}")
            with pytest.raises(InputFaults) as faults:
                Engine.of([parse_page(page.encode(), "page.md")])
            found_codes = [fault.code for fault in faults.value.diagnostics]
            assert found_codes.count("rule/unknown-name") == 1, item.text


PAGE = """---
policy: test-1
title: {{zh: 试, en: t}}
number: 试
issuer: 市
level: city
in_force: 2024-01-01 ..
lines: {{thing: {{zh: 事, en: thing}}}}
---

```measure
id: a
title: {{zh: 甲, en: a}}
subject: enterprise
lines: [thing]
when: [{condition}, nothing_of_the_kind]
pay: 1 万元
```
"""


def test_a_condition_that_names_nothing_is_seen_as_such() -> None:
    """The check above would notice a name that is none."""
    with pytest.raises(InputFaults) as faults:
        Engine.of([parse_page(PAGE.format(condition="也没有").encode(), "page.md")])
    assert [item.code for item in faults.value.diagnostics].count("rule/unknown-name") == 2


@pytest.mark.parametrize("by_label", [True, False])
@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if "```derive" in text])
def test_a_page_says_the_same_after_a_derived_fact_is_renamed(name: str, by_label: bool) -> None:
    text = TEXTS[name]
    before = Engine.of([parse_page(text.encode(), "page.md")])
    names = known(text, "page.md")
    for item in before.rulebooks.derivations:
        if item.policy != name:
            continue
        old = item.label.zh if by_label else item.name
        row = next(
            n
            for n, line in enumerate(text.split("\n"))
            if line.startswith(f"label: {{zh: {old}," if by_label else f"name: {old}")
        )
        column = text.split("\n")[row].index(old)
        new = "改过的名称" if by_label else "another_name"
        after = edited(text, renamed(text, row, column, new, names))
        page = parse_page(after.encode(), "page.md")
        engine = Engine.of([page])
        (policy,) = engine.rulebooks.policies
        done, faults = run_cases(policy, engine, Company(policy, [policy.id]))
        assert not faults
        assert not [(worked.name, miss) for worked in done for miss in worked.misses], item.name
        known_after = {other.label.zh if by_label else other.name for other in engine.rulebooks.derivations}
        assert new in known_after
        assert old not in known_after
        assert page.blocks[0].prose == parse_page(text.encode(), "page.md").blocks[0].prose, "prose is left alone"


def test_places_are_told_apart() -> None:
    page = PAGE.format(condition="行业大类 > 6")
    lines = page.split("\n")

    def kind(start: str) -> tuple[str | None, str | None]:
        row = next(n for n, line in enumerate(lines) if line.startswith(start))
        spot = spot_at(page, row, len(lines[row]))
        return spot.kind, spot.key

    assert kind("level") == ("front", "level")
    assert kind("when") == ("measure", "when")
    assert kind("```measure") == (None, None)
    assert kind("---") == (None, None)
