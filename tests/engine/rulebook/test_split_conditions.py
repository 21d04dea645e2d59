"""Two things that go wrong in a condition: a comma within a YAML list, and a `since` that is no fixed year."""

from __future__ import annotations

import pytest

from conggao.engine.rulebook.amounts import unclosed
from conggao.engine.rulebook.library import load_pages
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import Diagnostic, InputFaults
from tests.engine.rulebook.pages import measure, page

REST = "subject: enterprise\nlines: [research_expense]\npay: 10 万元\n"


def faults(when: str) -> list[Diagnostic]:
    try:
        load_pages([parse_page(page("a-1", measure("m", REST + when)).encode(), "page.md")])
    except InputFaults as found:
        return list(found.diagnostics)
    return []


@pytest.mark.parametrize("condition", [
    '认定("smart_factory", since=2024)', "any(用途 包含 'a', 用途 包含 'b')", "上年度.研发费用 > min(1 元, 2 元, 3 元)",
])  # fmt: skip
def test_a_comma_in_a_list_is_named_once_with_what_to_write(condition: str) -> None:
    (fault,) = faults(f"when: [规上工业企业, {condition}, 新落地]\n")
    assert (fault.code, fault.path) == ("page/comma", "when.2")
    assert f"{condition.count(',') + 1} 项" in fault.message.zh
    assert fault.help is not None
    assert "另起一行" in fault.help.zh


def test_the_ways_around_it_are_read() -> None:
    assert faults("when: ['认定(\"smart_factory\", since=2024)', 新落地]\n") == []
    assert faults('when:\n  - 认定("smart_factory", since=2024)\n  - 新落地\n') == []


def test_a_bracket_left_open_on_a_line_of_its_own_is_no_comma() -> None:
    found = faults('when:\n  - 认定("smart_factory"\n  - 新落地)\n')
    assert [item.code for item in found] == ["rule/syntax", "rule/syntax"]


def test_a_choice_in_braces_says_so_too() -> None:
    found = faults(
        'when: [新落地]\ncap: [{when: 认定("smart_factory", since=2024), value: 6 万元}, {otherwise: 5 万元}]\n'
    )
    assert any(item.help is not None and "`{ … }`" in item.help.zh for item in found), [item.code for item in found]


def test_brackets_are_counted_outside_quotes() -> None:
    assert [unclosed(text) for text in ("a(b", "a（b)", "a)b", '认定("(")', "【1")] == [1, 0, -1, 0, 1]


@pytest.mark.parametrize("year", ["上年度", "上年度.年份", '"2024"', "2024-01-01", "2023 + 1", "2024.5", "研发费用"])
def test_since_takes_a_fixed_year_and_says_how_newly_recognised_is_written(year: str) -> None:
    (fault,) = faults(f'when:\n  - 认定("smart_factory", since={year})\n')
    assert fault.code == "rule/since"
    assert fault.help is not None
    assert "上年度.年份 属于" in fault.help.zh
    span = fault.labels[0].span
    assert span.column is not None


def test_what_it_says_to_write_is_read() -> None:
    entry = "{name: made_years, label: {zh: 新认定年份, en: years}, type: years, subject: enterprise, absent: unknown}"
    fact = f"```facts\nfacts:\n  - {entry}\n```"
    for text in ("上年度.年份 属于 新认定年份", "latest.year in made_years"):
        made = page("a-1", fact, measure("m", f"{REST}when: [{text}]\n"))
        load_pages([parse_page(made.encode(), "page.md")])
