"""Expressions are typed and unit-checked before anything runs; a fault stands at its word and names what was meant."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.engine.language.check import check
from conggao.engine.language.parse import LONGEST, Origin, RuleFault
from conggao.engine.language.render import Renderer
from conggao.engine.language.scope import DerivedSpec, Scope
from conggao.engine.language.tree import Node
from conggao.engine.language.types import MONEY, NUMBER, TRUTH, Quantity
from conggao.facts.diagnostics import Diagnostic, Lang, Text, render
from conggao.facts.vocabulary import Vocabulary

CORE = Vocabulary.core()
DERIVED = {"industrial": DerivedSpec("industrial", Text("工业企业", "industrial enterprise"), "enterprise", TRUTH)}


def typed(text: str, subject: str = "enterprise") -> Node:
    return check(text, Scope(CORE, subject, DERIVED), Origin("page.md", 7, 5))


def fault(text: str, subject: str = "enterprise") -> Diagnostic:
    with pytest.raises(RuleFault) as raised:
        typed(text, subject)
    return raised.value.diagnostic


SAME = [
    ("上年度.研发费用 > 0 元", "latest.rd_expense > 0 yuan"),
    ("工业企业 且 上年度.主营业务收入 ≥ 2000 万元", "industrial and latest.main_business_revenue >= 20000000 元"),
    ("非 工业企业 或 从业人员 < 1000 人", "not industrial or employees < 1000"),
    ("6 ≤ 行业大类 ≤ 46", "6 <= division and division <= 46"),
    ("10% × 上年度.研发费用 ÷ 2", "0.1 * latest.rd_expense / 2"),
    ('认定("智能工厂", 自=2024)', "recognised('smart_factory', since=2024)"),
    ("（上年度.研发费用 ＞ 1 亿元）", "latest.rd_expense > 100000000 元"),
]


@pytest.mark.parametrize(("chinese", "english"), SAME)
def test_either_language_makes_the_same_tree(chinese: str, english: str) -> None:
    """Names, signs and keywords exist twice; the tree knows one."""
    assert typed(chinese) == typed(english)


def test_a_number_takes_its_unit_and_a_name_does_not() -> None:
    assert typed("75 元/平方米 × 建筑面积", "project").type == MONEY
    per_area = typed("100 元 / 建筑面积", "project").type
    assert per_area == Quantity((("area", -1), ("money", 1)))


@pytest.mark.parametrize(
    ("text", "code", "word", "hint"),
    [
        ("上年度.研发费用 > 100 吨", "rule/unit", "100 吨", None),
        ("上年度.研发费用 > 100", "rule/unit", "100", "100 万元"),
        ("研发费用 > 0 元", "rule/unknown-name", "研发费用", "上年度.研发费用"),
        ("上年度.研发费 > 0 元", "rule/unknown-name", "研发费", "研发费用"),
        ("latest.rd_expanse > 0 元", "rule/unknown-name", "rd_expanse", "rd_expense"),
        ('recognised("智能工场")', "rule/unknown-word", '"智能工场"', "智能工厂"),
        ("summ(1)", "rule/unknown-function", "summ", "sum"),
        ("100 顿 > 上年度.碳排放量", "rule/unit", "顿", None),
        ("从业人员 + 企业.行业代码", "rule/type", "企业.行业代码", None),
        ("not 从业人员", "rule/type", "从业人员", None),
        ("1 元 ÷ 0", "rule/zero", "0", None),
        ("2024-02-30 < 2024-03-01", "rule/date", "2024-02-30", None),
        ("工业企业 > 从业人员", "rule/type", "工业企业", None),
        ("项目.建筑面积 > 0 平方米", "rule/collection", "项目.建筑面积", "sum("),
        ("从业人员 = = 3", "rule/syntax", "=", "一个 `=`"),
        ("between(60 万元, 50 万元)", "rule/interval", "between(60 万元, 50 万元)", None),
    ],
)
def test_a_fault_stands_at_its_word(text: str, code: str, word: str, hint: str | None) -> None:
    found = fault(text)
    assert found.code == code
    span = found.labels[0].span
    assert span.line == 7
    assert span.column is not None
    assert text[span.column - 5 : span.column - 5 + span.length] == word
    if hint is not None:
        assert found.help is not None
        assert hint in found.help.zh


def test_the_caret_stands_under_wide_characters() -> None:
    source = "\n" * 6 + "  - 上年度.研发费用 > 100 吨"
    shown = render(fault("上年度.研发费用 > 100 吨"), "zh", {"page.md": source}).splitlines()
    line, caret = next((shown[i], shown[i + 1]) for i in range(len(shown)) if "研发费用 >" in shown[i])
    cells = sum(2 if ord(c) > 0x2E80 else 1 for c in line[: line.index("100")])
    assert caret.index("^") == cells


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "1" + ")" * 500,
        "1 + " * 400 + "1",
        "not " * 300 + "工业企业",
        "a" * (LONGEST + 1),
        "-" * 1000 + "1",
        "[" * 90,
    ],
)
def test_nothing_runs_without_bound(text: str) -> None:
    """Deep, long or endless expressions are refused, not evaluated."""
    assert fault(text).code in {"rule/too-long", "rule/too-deep", "rule/syntax", "rule/unknown-name"}


WORDS = [
    "上年度.研发费用", "工业企业", "且", "或", "非", "and", "or", "not", ">", "≥", "=", "+", "-", "×", "/", "(", ")", "[", "]", ",", "10%",
    "100 万元", "2024-03-07", '"smart_factory"', "recognised(", "sum(", "项目.建筑面积", "up_to(", "between(",
    "in", "包含", "用途", ".", "?", "元",
    "99999999999999999999999999", "since=2024", "“", "max(", "__import__('os')", "\\", "\n", "行业大类", "1e9", "0",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=60),
    st.sampled_from(["enterprise", "project", "park"]),
)
def test_any_text_is_typed_or_refused(text: str, subject: str) -> None:
    """The parser knows no third way: a typed tree, or one diagnostic with a place."""
    try:
        node = typed(text, subject)
    except RuleFault as raised:
        found = raised.diagnostic
    else:
        assert all(Renderer(CORE, DERIVED, lang).say(node) for lang in get_args(Lang))
        return
    assert found.labels[0].span.line == 7
    assert found.message.zh
    assert found.message.en


def test_a_whole_number_is_a_pure_number() -> None:
    assert typed("2 万").type == NUMBER
