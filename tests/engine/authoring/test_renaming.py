"""A derived fact under another name: only rules change, the page says the same, and back is back to the byte."""

from __future__ import annotations

import os
import random
import re

import pytest

from conggao.cli.policy.server import findings
from conggao.engine.authoring.editing import known, renameable, renamed
from conggao.engine.authoring.sheet.entries import lf
from conggao.engine.authoring.splicing import edited
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults

DRAWS = max(4, int(os.environ.get("CONGGAO_FUZZ", "0")) // 50)
TEXTS = {name: lf(path.read_text("utf-8")) for name, path in shipped().items()}
DERIVING = sorted(name for name, text in TEXTS.items() if "\n```derive" in text)
OTHERS = """
### （九十九）

通过 large_site 的项目，大型场地，也是 大型场地 项目。<!-- 大型场地 large_site -->

```derive
name: large_site   # large_site
label: {zh: "大型场地", en: large_site}
subject: project
is: >-
  equipment_payment > 1 万元 且
  (big_site or 设备购置实付 > 2 万元)
source: 大型场地 large_site
```

```derive
name: big_site
label: {zh: 大场地, en: big}
subject: project
is: 设备购置实付 > 3 万元
source: 'big_site'
interpretation: {zh: 大型场地、大场地, en: large_site}
```

```derive
name: many
label: {zh: 众多, en: many}
is: count(projects.large_site) > 1 或 计数(项目.大型场地) > 1
source: x
```

```measure
id: site
title: {zh: 大型场地, en: large_site}
subject: project
lines: [LINE]
when:
  - 'large_site'   # large_site
  - "大型场地 或 企业.众多 或 enterprise.many 或 many"
  - not (big_site)   且   大型场地
pay:
  - {when: large_site, value: 1 万元}
  - {when: not large_site, value: 2 万元}
  - otherwise: 3 万元
```

```case
name: large_site 大型场地
as_of: 2025-03-01
given: {projects: [{id: large_site, equipment_payment: 1 万元}]}
expect:
  site: {status: unmet, because: "large_site"}
  "many": false
  'big_site': false
```
"""
"""Names where they are names, and where they are text: in prose, titles, comments, ids; beside a measure of the same id."""


def other_page() -> str:
    """A small shipped page with further derived facts."""
    text = TEXTS["ningxia-technology-trade-2023"]
    found = re.search(r"^lines:\n  (\w+):", text, re.MULTILINE)
    assert found is not None
    return text + OTHERS.replace("LINE", found.group(1))


def declared(text: str) -> list[tuple[str, bool]]:
    """Every name and label of the derived facts of a page."""
    names = known(text, "page.md")
    own = [item for item in names.of_kind("derived") if item.page == "page.md"]
    return [(item.name, False) for item in own] + [(item.label.zh, True) for item in own]


def declaration(text: str, name: str, by_label: bool) -> tuple[int, int]:
    """Line and column of a name where it is declared."""
    found = re.search(rf'^label: {{zh: "?{name}\b' if by_label else rf"^name: {name}\b", text, re.MULTILINE)
    assert found is not None
    start = found.end() - len(name)
    return text.count("\n", 0, start), start - text.rfind("\n", 0, start) - 1


def told(text: str) -> list[tuple[str, str, int | None, bool]]:
    """What is found in a page, without the names in it."""
    return [
        (item.code, item.severity, item.labels[0].span.line if item.labels else None, item.help is None)
        for item in findings(text, None)
    ]


def outside(text: str) -> list[str]:
    """The lines of a page that belong to no block of it."""
    lines = text.split("\n")
    for block in parse_page(text.encode(), "page.md").blocks:
        for number in range(block.line - 1, block.line - 1 + block.text.count("\n")):
            lines[number] = ""
    return lines


def check_there_and_back(text: str, name: str, by_label: bool, new: str) -> str:
    """The page under the new name; raises AssertionError where it says something else, or is not the same again afterwards."""
    row, column = declaration(text, name, by_label)
    after = edited(text, renamed(text, row, column, new, known(text, "page.md")))
    assert after != text
    assert outside(after) == outside(text), "nothing between the rules changes"
    assert told(after) == told(text)
    there = declared(after)
    assert (new, by_label) in there
    assert (name, by_label) not in there
    row, column = declaration(after, new, by_label)
    assert edited(after, renamed(after, row, column, name, known(after, "page.md"))) == text
    return after


@pytest.mark.parametrize("seed", range(DRAWS))
@pytest.mark.parametrize("page", [*DERIVING, "other"])
def test_a_renamed_page_has_the_same_findings_and_comes_back(page: str, seed: int) -> None:
    text = other_page() if page == "other" else TEXTS[page]
    draw = random.Random(f"{page}{seed}")
    name, by_label = draw.choice(declared(text))
    new = draw.choice(("全新的名称甲", "新A1", "fresh_name", "x9_甲"))
    check_there_and_back(text, name, by_label, new)


def test_the_page_with_traps_is_one_without_faults_of_names() -> None:
    """Else the comparison above would compare faults that hide the rest."""
    codes = {code for code, severity, _, _ in told(other_page()) if severity == "error"}
    assert not {code for code in codes if code.startswith(("rule/", "document/", "case/"))}, codes


@pytest.mark.parametrize(
    ("name", "by_label", "wanted"),
    [
        (
            "large_site",
            False,
            [
                "name: NEW   # large_site", "is: count(projects.NEW) > 1 或", "- 'NEW'   # large_site", "- {when: NEW,", "not NEW,",
                'because: "NEW"}',
            ],
        ),
        ("大型场地", True, ['label: {zh: "NEW", en: large_site}', "项目.NEW) > 1", '- "NEW 或', "(big_site)   且   NEW"]),
        (
            "many",
            False,
            ["name: NEW\n", "enterprise.NEW 或 NEW\"", '"NEW": false'],
        ),
        ("众多", True, ["{zh: NEW, en: many}", "企业.NEW 或"]),
        ("big_site", False, ["name: NEW\n", "(NEW or 设备购置实付", "not (NEW)", "'NEW': false"]),
    ],
)  # fmt: skip
def test_names_change_and_text_does_not(name: str, by_label: bool, wanted: list[str]) -> None:
    text = other_page()
    after = check_there_and_back(text, name, by_label, "fresh")
    for said in wanted:
        assert said.replace("NEW", "fresh") in after
        after = after.replace(said.replace("NEW", "fresh"), said.replace("NEW", name), 1)
    assert after == text, "and nothing else"


@pytest.mark.parametrize(
    "new",
    ["null", "Null", "open", "true", "unknown", "上年度", "projects", "企业", "sum", "认定", "employees", "从业人员",
     "equipment_payment", "many", "众多", "big site", "a-b", "9a", "", "且", "and", "a.b", "a: b", "\ud800", "名\n称", "totals"],
)  # fmt: skip
def test_a_name_that_would_mean_something_else_is_refused(new: str) -> None:
    """A word of YAML, of the language, of a key, or a name that is taken by whatever a rule can name."""
    text = other_page()
    for name, by_label in (("large_site", False), ("大型场地", True), ("many", False)):
        if new == name:
            continue
        with pytest.raises(InputFaults) as refused:
            renamed(text, *declaration(text, name, by_label), new, known(text, "page.md"))
        assert refused.value.diagnostics[0].code == "rename/refused"


def test_it_is_offered_exactly_where_it_changes_what_stands_there() -> None:
    """At every place of the page: either the stretch is among the edits, or there is no renaming."""
    text = other_page()
    names = known(text, "page.md")
    offered = set()
    for row, line in enumerate(text.split("\n")):
        for found in re.finditer("large_site|大型场地|many|众多", line):
            stretch = renameable(text, row, found.start(), names)
            start = sum(len(said) + 1 for said in text.split("\n")[:row]) + found.start()
            if stretch is None:
                with pytest.raises(InputFaults):
                    renamed(text, row, found.start(), "fresh", names)
                continue
            assert stretch == found.span()
            assert (start, start + len(found.group()), "fresh") in renamed(text, row, found.start(), "fresh", names)
            offered.add((found.group(), line.strip()))
    assert {word for word, _ in offered} == {"large_site", "大型场地", "many", "众多"}
    assert not [line for _, line in offered if line.startswith(("title", "source", "通过", "id:", "interpretation"))]


def test_what_is_expected_of_a_measure_of_the_same_id_stays() -> None:
    text = other_page().replace("id: site\n", "id: large_site\n").replace("  site: {status", "  large_site: {status")
    after = edited(text, renamed(text, *declaration(text, "large_site", False), "fresh", known(text, "page.md")))
    assert 'large_site: {status: unmet, because: "fresh"}' in after
    assert "id: large_site\n" in after


@pytest.mark.parametrize("place", ['{zh: "大型场地"', '"大型场地 或'])
def test_a_page_that_writes_the_name_with_escapes_is_not_renamed(place: str) -> None:
    """Where it is declared, or in an expression: an edit would not know where."""
    text = other_page().replace(place, place.replace("场", "\\u573a"))
    assert text != other_page()
    start = text.index("且   大型场地") + 4
    row = text.count("\n", 0, start)
    with pytest.raises(InputFaults, match="escapes"):
        renamed(text, row, start - text.rfind("\n", 0, start) - 1, "fresh", known(text, "page.md"))


def test_a_name_of_the_project_is_not_the_same_name_of_the_enterprise() -> None:
    """A project's derived fact may be called as a fact of the enterprise is: in rules about enterprises that is another thing."""
    text = other_page().replace("name: big_site", "name: employees").replace("big_site", "employees")
    text = text.replace("is: count(", "is: employees > 5 或 count(")
    row, column = declaration(text, "employees", False)
    after = edited(text, renamed(text, row, column, "big_place", known(text, "page.md")))
    assert "is: employees > 5 或 count(" in after
    assert "not (big_place)" in after
