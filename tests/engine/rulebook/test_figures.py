"""No figure of the law is lost and none invented: changing any single figure of the page is noticed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conggao.engine.authoring.check import check
from conggao.engine.rulebook.figures import check_figures, dates, figures
from conggao.engine.rulebook.library import load_pages, shipped
from conggao.engine.rulebook.page import parse_page
from conggao.engine.rulebook.source import (
    check_source,
    compare,
    figures_beside,
    numeral,
    read_figures,
    read_source,
    value_of,
)
from conggao.facts.diagnostics import InputFaults

PAGE = shipped()["yinchuan-2024-2"]
NOTICE = Path(__file__).resolve().parents[4] / "shared" / "sources" / "yinchuan-2024-2.txt"


def shown(text: str) -> list[str]:
    return [item.text for item in figures(text)]


def test_figures_are_numbers_with_their_units() -> None:
    text = "超过 2.6 万吨、下降5%以上的，按200 元/tCO2（每吨）奖补，10家企业，1-2 个园区，2024 年 6 月 1 日起，银政办规发〔2024〕2号"
    assert shown(text) == ["2.6 万吨", "5%", "200 元/tCO2", "10家", "1", "2 个", "2024", "2"]
    assert dates(text) == ["2024-06-01"]
    assert figures("2.6 万吨")[0].key == figures("26000 吨")[0].key, "a figure is its value, not its wording"


def test_clause_numerals_read_both_ways() -> None:
    assert [numeral(n) for n in (1, 8, 10, 11, 18, 20, 21)] == ["一", "八", "十", "十一", "十八", "二十", "二十一"]
    assert [value_of(numeral(n)) for n in range(1, 100)] == list(range(1, 100))


def faults(text: str) -> list[str]:
    """The codes of what is wrong with the rules and figures of a page."""
    try:
        books, _ = load_pages([parse_page(text.encode(), "page.md")])
    except InputFaults as fault:
        return [item.code for item in fault.diagnostics]
    policy = books.policies[0]
    found = [*check_figures(policy, books), *check_source(policy, read_figures(figures_beside(PAGE)))]
    return [item.code for item in found]


def law_figures() -> list[tuple[int, int, str]]:
    """(start, end, figure) of every figure of the page outside cases, headings and the text before the first derived fact."""
    text = PAGE.read_text("utf-8")
    blank = re.sub(r"^```case\n.*?^```$", lambda m: " " * len(m.group()), text, flags=re.DOTALL | re.MULTILINE)
    blank = re.sub(r"^#.*$", lambda m: " " * len(m.group()), blank, flags=re.MULTILINE)
    blank = re.sub(
        r"^(source|id|name|  en|label|title|interpretation|  - \{zh):.*$",
        lambda m: " " * len(m.group()),
        blank,
        flags=re.MULTILINE,
    )
    blank = re.sub(r"^\s*(- )?\{?(zh|en):.*$", lambda m: " " * len(m.group()), blank, flags=re.MULTILINE)
    begin = blank.index("```derive") - 200
    begin = blank.index("\n\n", begin)
    return [
        (item.start, item.start + len(re.match(r"[\d.]+", blank[item.start :]).group()), item.text)  # type: ignore[union-attr]
        for item in figures(blank)
        if item.start > begin and item.value
    ]


MUTABLE = law_figures()


def test_the_page_is_clean_and_has_figures_to_change() -> None:
    assert faults(PAGE.read_text("utf-8")) == []
    assert len(MUTABLE) > 100, "restated and used, every figure stands at least twice"


@pytest.mark.parametrize("part", range(4))
def test_changing_any_single_figure_is_noticed(part: int) -> None:
    """Each figure of a rule, a restatement or a derived fact, changed to a figure nobody wrote and to one of its neighbours."""
    text = PAGE.read_text("utf-8")
    for index in range(part, len(MUTABLE), 4):
        start, end, figure = MUTABLE[index]
        others = {text[s:e] for s, e, _ in MUTABLE[max(0, index - 3) : index + 4]} - {text[start:end]}
        for other in ["37", *sorted(others)[:2]]:
            line = text.count("\n", 0, start) + 1
            assert faults(text[:start] + other + text[end:]), f"line {line}: {figure} became {other} and nobody noticed"


def test_a_clause_of_the_law_left_out_is_noticed() -> None:
    text = PAGE.read_text("utf-8")
    cut = re.sub(r"^### （十七）.*?(?=^### （十八）)", "", text, flags=re.DOTALL | re.MULTILINE)
    assert cut != text
    assert "figure/no-clause" in faults(cut)


def test_dates_of_force_are_those_of_the_law() -> None:
    text = PAGE.read_text("utf-8").replace("2027-12-31", "2027-12-30", 1)
    assert "figure/dates" in faults(text)


@pytest.mark.skipif(not NOTICE.is_file(), reason="the text of the notice is not at hand")
def test_against_the_notice_itself() -> None:
    """The page and the data kept beside it say what the official text says."""
    checked = check([PAGE], NOTICE)
    assert [item.message.en for item in checked.diagnostics] == []
    assert compare(read_source(NOTICE), read_figures(figures_beside(PAGE))) == []


@pytest.mark.skipif(not NOTICE.is_file(), reason="the text of the notice is not at hand")
def test_a_figure_changed_in_the_notice_is_named(tmp_path: Path) -> None:
    changed = tmp_path / "notice.txt"
    changed.write_text(NOTICE.read_text("utf-8").replace("200 元/tCO2", "210 元/tCO2"), "utf-8")
    said = [item.message.en for item in check([PAGE], changed).diagnostics]
    assert any("210 元/tCO2" in text for text in said), "the new figure is lost from the page"
    assert any("200 元/tCO2" in text and "does not" in text for text in said), "the old one is invented"
