"""The diagnostic object: what it says in a terminal, as JSON, and which names it takes for near."""

from __future__ import annotations

import json
import pickle

from hypothesis import given
from hypothesis import strategies as st

from conggao.facts.diagnostics import (
    Diagnostic,
    InputFaults,
    Label,
    Span,
    Text,
    as_json,
    did_you_mean,
    nearest,
    quote,
    render,
)

FAULT = Diagnostic(
    code="case/unit",
    message=Text("单位不对", "wrong unit"),
    labels=(Label(Span("案例.yaml", 2, 9, 4), Text("此处", "here")),),
    path="projects.P1.floor_area",
    breadcrumb=("yinchuan-2024-2", "（四）", "4"),
    help=Text("写平方米", "write m²"),
)
SOURCE = "a: 1\n- 建筑面积: 12 吨 # x\n"


def test_rendered_in_english() -> None:
    assert render(FAULT, "en", {"案例.yaml": SOURCE}).splitlines() == [
        "error[case/unit]: wrong unit",
        "  --> 案例.yaml:2:9",
        "   |",
        " 2 | - 建筑面积: 12 吨 # x",
        "   |             ^^^^^ here",
        "  = yinchuan-2024-2 › （四） › 4",
        "  = at: projects.P1.floor_area",
        "  = help: write m²",
    ]


def test_rendered_in_chinese_without_the_source() -> None:
    assert render(FAULT, "zh").splitlines() == [
        "错误[case/unit]：单位不对",
        "  --> 案例.yaml:2:9  此处",
        "  = yinchuan-2024-2 › （四） › 4",
        "  = 位置：projects.P1.floor_area",
        "  = 建议：写平方米",
    ]


def test_caret_stands_under_the_word_after_wide_characters() -> None:
    """A Chinese character takes two cells: the caret must count cells, not characters."""
    text = render(Diagnostic("x/y", Text("", ""), (Label(Span("f", 1, 4, 2)),)), "en", {"f": "名称a吨b"})
    frame, caret = text.splitlines()[-2:]
    assert caret.index("^") - caret.index("|") - 2 == 5
    assert caret.count("^") == 3
    assert frame.endswith("名称a吨b")


def test_long_line_is_cut_around_the_place() -> None:
    row = "x" * 5000 + "HERE" + "y" * 5000
    text = render(Diagnostic("x/y", Text("", ""), (Label(Span("f", 1, 5001, 4)),)), "en", {"f": row})
    frame, caret = text.splitlines()[-2:]
    assert max(map(len, text.splitlines())) < 130
    start = caret.index("^")
    assert frame[start : start + 4] == "HERE"
    assert caret.count("^") == 4


def test_place_beyond_the_source_has_no_frame() -> None:
    text = render(Diagnostic("x/y", Text("", "m"), (Label(Span("f", 9, 1)),)), "en", {"f": "one\n"})
    assert text.splitlines() == ["error[x/y]: m", "  --> f:9:1"]


@given(st.text(), st.integers(1, 6), st.integers(1, 50), st.integers(1, 50))
def test_render_never_fails_and_never_obeys_the_text(source: str, line: int, column: int, length: int) -> None:
    """Whatever the file holds, what is printed holds no control character but line breaks."""
    fault = Diagnostic("x/y", Text(source, source), (Label(Span("f", line, column, length)),), path=source)
    for text in (render(fault, "zh", {"f": source}), str(InputFaults([fault]))):
        assert all(row.isprintable() or "\u3000" in row for row in text.split("\n"))


def test_json_form_has_every_key_and_is_json() -> None:
    made = as_json(FAULT)
    assert json.loads(json.dumps(made)) == made
    assert made["message"] == {"zh": "单位不对", "en": "wrong unit"}
    assert made["labels"] == [
        {"file": "案例.yaml", "line": 2, "column": 9, "length": 4, "text": {"zh": "此处", "en": "here"}}
    ]
    assert made["note"] is None


def test_faults_survive_pickling() -> None:
    """A batch sends them between processes."""
    again = pickle.loads(pickle.dumps(InputFaults([FAULT], {"案例.yaml": SOURCE})))
    assert again.diagnostics == (FAULT,)
    assert again.render("en") == InputFaults([FAULT], {"案例.yaml": SOURCE}).render("en")


def test_nearest_names() -> None:
    known = ["rd_expense", "rd_investment", "output_value", "研发费用", "从业人员"]
    assert nearest("rd_expence", known)[0] == "rd_expense"
    assert nearest("RD_EXPENSE", known)[0] == "rd_expense"
    assert nearest("研发费", known) == ["研发费用"]
    assert nearest("zzzzzz", known) == []
    assert nearest("", known) == []
    assert did_you_mean("zzzzzz", known) is None


@given(st.text(max_size=20), st.lists(st.text(min_size=1, max_size=20)))
def test_nearest_is_of_the_known_and_bounded(word: str, known: list[str]) -> None:
    found = nearest(word, known)
    assert len(found) <= 3
    assert set(found) <= set(known)
    assert found == nearest(word, known)


def test_quoted_text_is_short_and_on_one_line() -> None:
    assert quote("a\x1b[31m\nb") == "`a\\u001b[31m\\u000ab`"
    assert len(quote("x" * 10_000)) == 62
