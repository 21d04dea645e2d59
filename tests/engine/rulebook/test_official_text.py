"""The text of a notice however its clauses, ratios and years are written: each figure of it is compared, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.engine.authoring.check import check
from conggao.engine.rulebook.figures import figures
from conggao.engine.rulebook.source import read_source, value_of
from conggao.facts.diagnostics import Diagnostic, InputFaults

PAGE = """---
policy: notice-1
title: {{zh: 示例, en: Example}}
number: 示例〔2025〕1号
issuer: 示例市
level: city
in_force: 2025-01-01 .. 2027-12-31
conflicts: {{principle: highest, against: [national, region], received: top_up}}
---

# 示例 Example

## {mark} 研发补助

{said}

```measure
id: 1
title: {{zh: 研发补助, en: R&D support}}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元{when}]
pay: 10% * 上年度.研发费用
{more}```
"""
SAID = "补助研发费用的 10%。"
LAW = "{mark} 研发补助。补助研发费用的 10%。{more}自 2025 年 1 月 1 日起施行，至 2027 年 12 月 31 日。\n"


def page(mark: str = "（一）", said: str = SAID, when: str = "", more: str = "") -> str:
    return PAGE.format(mark=mark, said=said, when=when, more=more)


def found(folder: Path, text: str, law: str | None = None) -> list[Diagnostic]:
    """What checking says of the figures."""
    file, source = folder / "page.md", folder / "notice.txt"
    file.write_text(text, "utf-8")
    if law is not None:
        source.write_text(law, "utf-8")
    done = check([str(file)], None if law is None else source)
    assert done.policies, [item.message.zh for item in done.diagnostics]
    return [item for item in done.diagnostics if item.code.startswith("figure/")]


@pytest.mark.parametrize("law", ["（一）", "(一)", "（一)", "  (一)"])
@pytest.mark.parametrize("mark", ["（一）", "(一)"])
def test_brackets_of_either_width_number_a_clause(tmp_path: Path, mark: str, law: str) -> None:
    assert found(tmp_path, page(mark), LAW.format(mark=law, more="")) == []
    (lost,) = found(tmp_path, page(mark), LAW.format(mark=law, more="不超过 50 万元。"))
    assert (lost.code, lost.message.zh) == ("figure/lost", "条文写有 `50 万元` 1 次，复述只有 0 次")
    assert lost.note is not None
    assert "（一）" in lost.note.zh, "what is compared with what is said"


def test_numbers_that_begin_again_lose_no_figure(tmp_path: Path) -> None:
    law = "一、研发\n(一)补助不超过 50 万元。\n二、其他\n" + LAW.format(mark="(一)", more="")
    assert [item.code for item in found(tmp_path, page(), law)] == ["figure/lost"], (
        "the first of two clauses （一） counts"
    )


def test_clauses_beyond_a_hundred_keep_their_number(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_text("（九十九）按 1%。\n（一百）按 2%。\n（一百零一）按 3%。\n", "utf-8")
    clauses = read_source(tmp_path / "law.txt").clauses
    assert [(value_of(number), [item.text for item in law]) for number, law in clauses.items()] == [
        (99, ["1%"]), (100, ["2%"]), (101, ["3%"]),
    ]  # fmt: skip


def test_a_notice_without_dates_is_a_warning_with_its_remedy(tmp_path: Path) -> None:
    (dates,) = found(tmp_path, page(), "(一)研发补助。补助研发费用的 10%。\n")
    assert (dates.code, dates.severity) == ("figure/dates", "warning")
    assert dates.help is not None
    assert "interpretation" in dates.help.zh
    wrong = LAW.format(mark="(一)", more="").replace("2027", "2028")
    assert [(item.code, item.severity) for item in found(tmp_path, page(), wrong)] == [("figure/dates", "error")]


def test_a_text_without_clauses_says_what_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_text("第一条 按 10% 补助。\n", "utf-8")
    with pytest.raises(InputFaults) as raised:
        read_source(tmp_path / "law.txt")
    (fault,) = raised.value.diagnostics
    assert "(一)" in fault.message.zh
    assert fault.help is not None
    assert "第一条" in fault.help.zh


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from([":", "：", " : ", "∶"]))
def test_a_ratio_is_no_figure_and_swallows_none(a: int, b: int, colon: str) -> None:
    assert figures(f"按 {a}{colon}{b} 的比例承担") == []
    assert [item.text for item in figures(f"按 {a}{colon}{b} 承担，共 10%，7 万元")] == ["10%", "7 万元"]
    assert [item.text for item in figures(f"标准{a}{colon}{b} 万元")] == [str(a), f"{b} 万元"], (
        "an amount stays a figure"
    )
    assert [item.text for item in figures(f"标准{a}{colon}{b}%")] == [str(a), f"{b}%"]


def test_the_year_of_a_since_is_a_date_not_a_figure(tmp_path: Path) -> None:
    when = '\nwhen:\n  - 上年度.研发费用 > 0 元\n  - 认定("smart_factory", since=2024)\n'
    text = page().replace("\nwhen: [上年度.研发费用 > 0 元]\n", when)
    assert "since" in text
    assert found(tmp_path, text) == []
    told = text.replace(SAID, "2024 年以来的智能工厂，补助研发费用的 10%。")
    assert found(tmp_path, told) == [], "the year may be restated"
    other = found(tmp_path, told.replace("2024 年以来", "2023 年以来"))
    assert [item.code for item in other] == ["figure/year", "figure/lost"], "a year restated is that of the rule"
    read = text.replace("lines: [", "interpretation: {zh: 以 2023 年及以后认定的为限。, en: Since 2023.}\nlines: [")
    assert [item.code for item in found(tmp_path, read)] == ["figure/year"], "and so is one of a reading"


@pytest.mark.parametrize(
    ("shares", "hints"),
    [
        ("{city: 1, county: 1}", ["`50%`"] * 2),
        ("{city: 1, county: 3}", ["`25%`", "`75%`"]),
        ("{city: 1, county: 2}", ["1:2"] * 2),
    ],
)
def test_a_ratio_for_shares_is_answered_with_percentages(tmp_path: Path, shares: str, hints: list[str]) -> None:
    file = tmp_path / "page.md"
    file.write_text(page(more=f"funding: {shares}\n"), "utf-8")
    found = [item for item in check([str(file)]).diagnostics if item.code == "page/share"]
    assert len(found) == 2
    assert all(hint in (item.help.zh if item.help else "") for item, hint in zip(found, hints, strict=True))


def test_a_ratio_of_the_law_is_written_as_shares_and_read_so(tmp_path: Path) -> None:
    reading = "interpretation: {zh: 1:1 即市级 50%、县区 50%。, en: One to one is 50% each.}\n"
    text = page(said=f"{SAID}市、县按 1:1 承担。", more="funding: {city: 50%, county: 50%}\n" + reading)
    law = LAW.format(mark="(一)", more="市、县按 1:1 承担。")
    assert found(tmp_path, text, law) == []
