"""A draft reads without errors whatever the text of the notice, states no rule by itself, and reports every gap."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conggao.engine.authoring.check import check
from conggao.engine.authoring.drafting import Particulars, drafted
from conggao.engine.authoring.gaps import gaps
from conggao.engine.authoring.notice import read_notice, value_of
from conggao.engine.decide import Engine
from conggao.engine.rulebook.figures import figures
from conggao.engine.rulebook.model import Policy
from conggao.engine.rulebook.page import parse_page
from conggao.engine.rulebook.source import numeral
from conggao.facts.diagnostics import InputFaults
from tests.conftest import FUZZ

KNOWN = Particulars(
    "new-2026-1", "新措施", "New measures", "city", date(2026, 1, 1), conflict="top_up", number="1号", issuer="某市"
)

PIECES = st.sampled_from([
    "（一）", "（二）支持研发。", "一、总体要求", "第三条 ", "1. ", "(2)", "按 10% 给予不超过 100 万元补助。", "2.5%",
    "-->", "<!-- 待填 --> ", "```measure\nid: 1\n```", "---", "\n", "# ", "## （一）", "> ", "- ", "  ", "|", "《某措施》",
    "自2026年1月1日起施行", "\x00", "\u2028", "从高不重复", "~~~", "</div>", "<script>", "<!--", "--!>",
    "99999999999999999999 亿元", "200 元/tCO2", "自 2024 年 13 月 40 日起施行",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=24).map("".join)
NAMES = st.text(min_size=1, max_size=12).filter(lambda text: text.strip())


def read(text: str) -> Policy:
    return Engine.of([parse_page(text.encode(), "new.md")]).rulebooks.policies[0]


@given(TEXTS)
def test_any_text_gives_a_page_that_reads_and_rules_nothing(text: str) -> None:
    notice = read_notice(text)
    policy = read(drafted(KNOWN, notice))
    assert policy.measures == ()
    assert policy.cases == ()
    assert len(gaps(policy)) >= sum(bool(clause.found) for clause in notice.clauses)


@settings(max_examples=max(20, FUZZ // 3))
@given(NAMES, NAMES, NAMES, st.lists(NAMES, max_size=3))
def test_any_particulars_read_back(title: str, english: str, number: str, places: list[str]) -> None:
    given_ = Particulars("a-1", title, english, "region", date(2026, 1, 1), number, places=tuple(places))
    try:
        policy = read(drafted(given_))
    except InputFaults as faults:  # pragma: no cover - shown where it fails
        pytest.fail(str(faults))
    clean = [" ".join(re.sub("[\ud800-\udfff]", "", text).split()) for text in (title, english)]
    if all(part.isprintable() for part in clean):
        assert list(policy.title) == clean


@given(st.integers(1, 99))
def test_numerals_read_back(number: int) -> None:
    assert value_of(numeral(number)) == number
    assert value_of(str(number)) == number


NOTICE = """某市支持办法（试行）

某政规〔2026〕3 号

一、总体要求
（一）研发补助。规上企业按上年度研发费用的 10%给予
不超过 100 万元补助，由市级承担 20%、县区承担 80%。
（二）首台套。产值达到 2000 万元以上的，给予一次性 50 万元奖励。
二、附则
（三）本办法自 2026 年 3 月 1 日起施行，有效期至 2028 年 12 月 31 日。同类政策从高不重复。
"""


def test_a_small_notice() -> None:
    notice = read_notice(NOTICE)
    assert (notice.number, notice.begins, notice.ends) == ("某政规〔2026〕3号", "2026-03-01", "2028-12-31")
    assert "从高不重复" in notice.conflict
    assert [(clause.mark, clause.depth, clause.heading) for clause in notice.clauses] == [
        ("一、", 1, "总体要求"), ("（一）", 2, "研发补助"), ("（二）", 2, "首台套"), ("二、", 1, "附则"),
        ("（三）", 2, notice.clauses[4].heading),
    ]  # fmt: skip
    roles = [(item.figure.text, item.role) for clause in notice.clauses for item in clause.found]
    assert roles == [
        ("10%", "rate"), ("100 万元", "cap"), ("20%", "share"), ("80%", "share"), ("2000 万元", "threshold"), ("50 万元", "amount"),
    ]  # fmt: skip


def test_every_figure_of_a_clause_stands_in_its_gap_and_nowhere_else() -> None:
    notice = read_notice(NOTICE)
    policy = read(drafted(KNOWN, notice))
    assert not [figure for block in policy.page.blocks for figure in figures(block.restatement)]
    in_comments = {figure.key for comment in policy.page.comments for figure in figures(comment.text)}
    assert {item.figure.key for clause in notice.clauses for item in clause.found} <= in_comments


def test_gaps_are_warnings_and_a_filled_page_has_none(tmp_path: Path) -> None:
    path = tmp_path / "new.md"
    path.write_text(drafted(KNOWN, read_notice(NOTICE)), "utf-8")
    checked = check([str(path)])
    assert checked.clean
    codes = [item.code for item in checked.diagnostics]
    assert codes.count("page/gap") >= 3
    lines = path.read_text("utf-8").splitlines()
    assert all(
        lines[(item.labels[0].span.line or 0) - 1].startswith("<!-- 待填")
        for item in checked.diagnostics
        if item.code == "page/gap"
    )
    path.write_text(re.sub("<!--.*?-->", "", path.read_text("utf-8"), flags=re.DOTALL), "utf-8")
    assert "page/gap" not in [item.code for item in check([str(path)]).diagnostics]


def test_a_comment_that_is_not_closed_is_refused() -> None:
    with pytest.raises(InputFaults, match="not closed"):
        read(drafted(KNOWN) + "\n<!-- 注\n\n## 其后\n")


def test_what_stands_in_a_comment_does_not_count_and_other_markup_does() -> None:
    page = parse_page("# a\n\n<!-- 100 万元 -->\n\n<div>200 万元</div>\n\n```derive\n```\n".encode(), "a.md")
    assert [figure.text for figure in figures(page.blocks[0].restatement)] == ["200 万元"]


ARTICLES = """某区产业政策

第一章 支持
第一条 支持企业做大。
1.对收入首次突破1亿元、5亿元的企业，分别给予50万元、100万元一次性奖励。
2.按不超过流片费用的30%补贴，年度最高300万元。
第二条 按每平方米每月30元补贴租金。
"""


def test_articles_with_parts_steps_and_rates() -> None:
    notice = read_notice(ARTICLES)
    assert notice.title == "某区产业政策"
    assert [(clause.mark, clause.within, clause.number) for clause in notice.clauses] == [
        ("第一章", None, 1), ("第一条", None, 1), ("1.", 1, 1), ("2.", 1, 2), ("第二条", None, 2),
    ]  # fmt: skip
    said = [(item.figure.text, item.role, item.at_most) for clause in notice.clauses for item in clause.found]
    assert said == [
        ("1亿元", "threshold", False), ("5亿元", "threshold", False), ("50万元", "amount", False), ("100万元", "amount", False),
        ("30%", "rate", True), ("300万元", "cap", True), ("30元", "rate", False),
    ]  # fmt: skip
    text = drafted(KNOWN, notice)
    assert "| 1亿元 | 5亿元 | 50万元 |\n| 5亿元 |  | 100万元 |" in text
    assert "id: 1-1\n" in text
    assert "up_to: 30% * …\ncap: 300万元" in text
    assert "pay: 30元 * …" in text
    assert "### 第一条 支持企业做大\n\n#### 1." in text, "a clause that only heads those below it is no gap"


def test_a_ratio_and_a_part_paid_later_propose_no_measure() -> None:
    text = (
        "(一)研发。按研发费用的 10% 补助，不超过 100 万元；由市、县按 1:1 承担，其中奖补资金50%待项目验收后兑现。\n"
        "(二)技改。按 5% 给予最高 200 万元，先行拨付 60%，验收后再拨付 40%。\n"
        "(三)上云。其中按投入的 20% 补助，最高 30 万元。\n"
    )
    first, second, third = read_notice(text).clauses
    assert [(item.figure.text, item.role) for item in first.found] == [
        ("10%", "rate"), ("100 万元", "cap"), ("50%", "deferred"),
    ]  # fmt: skip
    assert [item.role for item in second.found] == ["rate", "cap", "deferred", "deferred"]
    assert [item.role for item in third.found] == ["rate", "cap"], "what is paid at once is a rate"
    assert [ratio for ratio, _ in first.ratios] == ["1:1"]
    page = drafted(KNOWN, read_notice(text))
    assert page.count("```measure") == 3, "one measure a clause"
    assert page.count("not_modelled:") == 2
    assert "1:1（比" in page
    assert "pay: 1 " not in page


def test_falling_steps_terms_and_instalments_are_told_apart() -> None:
    text = (
        "(一)能级。对入规的企业,给予奖励60万元,分三年按10万、20万、30万兑现。对产值50亿元及以上、5亿元及以上的,分别给予300万元、50万元一次性奖励。\n"
        "(二)贴息。按利息的30%贴息,每年不超过100万元,连续补贴3年。\n"
    )
    first, second = read_notice(text).clauses
    assert [(item.figure.text, item.role) for item in first.found] == [
        ("60万元", "amount"), ("10万", "deferred"), ("20万", "deferred"), ("30万", "deferred"),
        ("50亿元", "threshold"), ("5亿元", "threshold"), ("300万元", "amount"), ("50万元", "amount"),
    ]  # fmt: skip
    assert [(item.figure.text, item.role) for item in second.found] == [
        ("30%", "rate"),
        ("100万元", "cap"),
        ("3", "term"),
    ]
    page = drafted(KNOWN, read_notice(text))
    assert "| 5亿元 | 50亿元 | 50万元 |\n| 50亿元 |  | 300万元 |" in page, "from the lowest step on"
    assert page.count("```measure") == 3
    assert "  - 分三年按10万、20万、30万兑现\n" in page
    assert "  - 连续补贴3年\n" in page
    assert "≥ 3" not in page
