"""Pages that are wrong: a diagnostic at the line, all of them at once; and whatever is done to a page, never anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conggao.engine.rulebook.library import load_pages, shipped
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import Diagnostic, InputFaults
from tests.conftest import FUZZ

SMALL = """---
policy: small-1
title: {zh: 小规则书, en: A small rulebook}
number: 测试〔2024〕1号
issuer: 测试
level: city
place: []
in_force: 2024-01-01 .. 2027-12-31
conflicts: {principle: highest, against: [national, region], received: top_up}
lines:
  research_expense: {zh: 研发费用, en: R&D expense, period: year}
---

# 小规则书

### （一）研发

上年度研发费用的 10%，最高 100 万元。

```measure
id: 1
title: {zh: 研发补助, en: R&D subsidy}
subject: enterprise
lines: [research_expense]
when:
  - 上年度.研发费用 > 0 元
pay: 10% * 上年度.研发费用
cap: 100 万元
```
"""


def faults(text: str) -> list[Diagnostic]:
    with pytest.raises(InputFaults) as raised:
        load_pages([parse_page(text.encode(), "page.md")])
    return list(raised.value.diagnostics)


def test_the_small_page_is_right() -> None:
    books, _ = load_pages([parse_page(SMALL.encode(), "page.md")])
    assert [measure.key for measure in books.policies[0].measures] == ["small-1/1"]


CHANGES = [
    ("cap: 100 万元", "cap: 100 吨", "rule/unit", "cap: 100 吨"),
    ("cap: 100 万元", "cap: 100 万元\nceling: 3 万元", "page/unknown-key", "celing"),
    ("cap: 100 万元", "cap: 100 万元\nceiling: 3 万元", "page/shape", "ceiling"),
    ("lines: [research_expense]", "lines: [research_expanse]", "page/unknown-line", "research_expanse"),
    ("```measure", "```mesure", "page/unknown-block", "mesure"),
    ("```measure", "```amend", "page/unknown-key", "id: 1"),
    ("pay: 10%", "pay: 10% *\nup_to: 3 万元\npay2: 10%", "page/kind", "up_to"),
    ("subject: enterprise", "subject: firm", "page/choice", "firm"),
    ("level: city", "level: town", "page/choice", "town"),
    ("2024-01-01 .. 2027-12-31", "2027-12-31 .. 2024-01-01", "page/in-force", "in_force"),
    (
        "  - 上年度.研发费用 > 0 元",
        "  - 上年度.研发费用 > 0 元\n  - 上年度.研发费用",
        "rule/type",
        "  - 上年度.研发费用",
    ),
    ("title: {zh: 研发补助, en: R&D subsidy}", "title: 研发补助", "page/bilingual", "title: 研发补助"),
    ("cap: 100 万元", "cap: 100 万元\nfunding: {city: 20%, county: 70%}", "page/share", "funding"),
    ("cap: 100 万元", "cap: -1 元 + 0 元 * 3\ncap_per: galaxy", "page/choice", "galaxy"),
    ("cap: 100 万元", "cap: 100 万元\ncap_per: project", "page/cap-scope", "cap_per: project"),
    ("---\npolicy: small-1", "policy: small-1", "page/no-front-matter", "policy"),
]


@pytest.mark.parametrize(
    ("before", "after", "code", "at"), CHANGES, ids=[change[2] + " " + change[3] for change in CHANGES]
)
def test_a_fault_has_its_code_and_its_line(before: str, after: str, code: str, at: str) -> None:
    text = SMALL.replace(before, after, 1)
    assert text != SMALL
    found = next((item for item in faults(text) if item.code == code), None)
    assert found is not None, [item.code for item in faults(text)]
    line = found.labels[0].span.line
    assert line is not None
    near = text.splitlines()[max(0, line - 2) : line + 1]
    assert any(at in row for row in near), near


def test_all_faults_at_once() -> None:
    text = (
        SMALL.replace("研发费用 > 0 元", "研发费 > 0 元")
        .replace("cap: 100 万元", "cap: 100")
        .replace("subject: enterprise", "subject: firm")
    )
    assert {"rule/unknown-name", "rule/unit", "page/choice"} <= {item.code for item in faults(text)}


def test_two_policies_of_one_id_are_a_fault() -> None:
    page = parse_page(SMALL.encode(), "page.md")
    with pytest.raises(InputFaults) as raised:
        load_pages([page, page])
    assert "page/twice" in [item.code for item in raised.value.diagnostics]


def test_derived_facts_in_a_circle_are_a_fault() -> None:
    circle = "".join(
        f"\n概念。\n\n```derive\nname: {a}\nlabel: {{zh: 概念{a}, en: {a}}}\nsubject: enterprise\nis: not 概念{b}\nsource: 测试\n```\n"
        for a, b in (("one", "two"), ("two", "one"))
    )
    assert {item.code for item in faults(SMALL + circle)} == {"rule/unknown-name"}


PAGE = shipped()["yinchuan-2024-2"].read_text("utf-8")
PIECES = [
    "```",
    "```measure\n",
    "---",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "\t",
    '"',
    "&a",
    "*a",
    "!!python/object:os.system",
    "（",
    "cap: ",
    "0",
    "%",
    "\\",
    "#",
    ">",
]


@settings(max_examples=max(20, FUZZ // 10))
@given(st.integers(0, len(PAGE) // 3), st.integers(0, 60), st.sampled_from(PIECES) | st.text(max_size=8), st.booleans())
def test_whatever_is_done_to_a_page_it_is_read_or_refused(start: int, cut: int, piece: str, small: bool) -> None:
    text = SMALL if small else PAGE[: len(PAGE) // 3]
    start = start % len(text)
    changed = text[:start] + piece + text[start + cut :]
    try:
        load_pages([parse_page(changed.encode("utf-8", "surrogatepass"), "page.md")])
    except InputFaults as fault:
        assert fault.diagnostics


def test_a_page_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as raised:
        parse_page("第一条".encode("gbk"), "page.md")
    assert raised.value.diagnostics[0].code == "page/encoding"
