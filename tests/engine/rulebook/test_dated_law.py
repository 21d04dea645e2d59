"""The law of a day: tiers, figures borrowed by year, amendments from a date."""

from __future__ import annotations

from typing import Any

import pytest

from conggao.engine.rulebook.figures import check_figures
from conggao.facts.diagnostics import Diagnostic, InputFaults
from tests.engine.rulebook.pages import block, decide, engine, measure, outcomes, page

RD = "subject: enterprise\nlines: [research_expense]\nwhen: [上年度.研发费用 > 0 元]\n"
CASE: dict[str, Any] = {"reports": [{"year": year, "rd_expense": "1000 万元"} for year in (2024, 2025, 2026)]}


def faults(*pages: str) -> list[Diagnostic]:
    with pytest.raises(InputFaults) as raised:
        engine(*pages)
    return list(raised.value.diagnostics)


# -- tiers --------------------------------------------------------------------------------------------------------------


def tiers(*rows: str, header: str = "| 超过 | 不超过 | 给予 |") -> str:
    table = "\n".join([header, "|---|---|---|", *rows])
    rest = "subject: enterprise\nlines: [steady_growth]\ntiers: 上年度.工业总产值"
    return page("p-1", measure("a", rest).replace("复述。", f"复述。\n\n{table}"))


STEPS = ("| 50 亿元 | 100 亿元 | 40 万元 |", "| 100 亿元 | 500 亿元 | 100 万元 |", "| 500 亿元 | | 200 万元 |")


@pytest.mark.parametrize(
    ("output", "paid"),
    [
        ("4999999999.99", None), ("5000000000", None), ("5000000000.01", "400000.00"),
        ("10000000000", "400000.00"), ("10000000000.01", "1000000.00"), ("50000000000", "1000000.00"),
        ("50000000000.01", "2000000.00"),
    ],
)  # fmt: skip
def test_a_step_begins_above_its_figure(output: str, paid: str | None) -> None:
    item = outcomes(decide({"reports": [{"year": 2024, "output_value": output}]}, tiers(*STEPS)))["p-1/a"]
    assert (item.status, item.amount and str(item.amount.low)) == (("granted", paid) if paid else ("unmet", None))


def test_steps_with_the_other_bounds_hold_their_lower_figure() -> None:
    rows = ("| | 50 亿元 | 1 万元 |", "| 50 亿元 | | 40 万元 |")
    text = tiers(*rows, header="| 不低于 | 低于 | 给予 |")
    for output, paid in (("4999999999.99", "10000.00"), ("5000000000", "400000.00"), ("0", "10000.00")):
        item = outcomes(decide({"reports": [{"year": 2024, "output_value": output}]}, text))["p-1/a"]
        assert str(item.amount and item.amount.low) == paid


def test_the_order_of_the_rows_does_not_matter() -> None:
    for rows in (STEPS, STEPS[::-1]):
        item = outcomes(decide({"reports": [{"year": 2024, "output_value": "200 亿元"}]}, tiers(*rows)))["p-1/a"]
        assert str(item.amount and item.amount.low) == "1000000.00"


@pytest.mark.parametrize(
    ("rows", "code", "at"),
    [
        ((STEPS[0], "| 101 亿元 | | 100 万元 |"), "tiers/gap", 1),
        ((STEPS[0], "| 99 亿元 | | 100 万元 |"), "tiers/overlap", 1),
        ((STEPS[0], "| | | 100 万元 |"), "tiers/overlap", 0),
        (("| 100 亿元 | 50 亿元 | 40 万元 |",), "tiers/empty", 0),
        (("| 50 亿元 | 100 亿元 | |",), "tiers/row", 0),
        (("| 50 亿元 | 100 亿元 |",), "tiers/row", 0),
        (("| 50 吨 | | 40 万元 |",), "rule/unit", 0),
        (("| 50 亿元 | | 40 吨 |",), "rule/unit", 0),
    ],
)
def test_a_wrong_table_is_refused_at_its_row(rows: tuple[str, ...], code: str, at: int) -> None:
    text = tiers(*rows)
    line = text.splitlines().index(rows[at]) + 1
    assert [(item.code, item.labels[0].span.line) for item in faults(text)][:1] == [(code, line)]


def test_tiers_need_a_table() -> None:
    rest = "subject: enterprise\nlines: [steady_growth]\ntiers: 上年度.工业总产值"
    assert [item.code for item in faults(page("p-1", measure("a", rest)))] == ["tiers/no-table"]


# -- figures borrowed by year -------------------------------------------------------------------------------------------

LPR = "name: lpr_december\nlabel: {zh: 上年十二月利率, en: rate of last December}\nperiod: year\nvalues: VALUES"
LOAN = "subject: project\nlines: [loan_interest]\nwhen: [贷款本金 > 0 元]\nup_to: 60% * lpr_december * 贷款本金"
PROJECT: dict[str, Any] = {"projects": [{"id": "P1", "loan_principal": "1000 万元"}]}


def lending(values: str) -> str:
    return page("p-1", block("parameter", LPR.replace("VALUES", values)), measure("a", LOAN))


def test_a_figure_of_the_page_is_that_of_the_year_before() -> None:
    text = lending("{2023: {value: 3%, source: 公告甲}, 2024: {value: 2%, source: 公告乙}}")
    for day, high in (("2025-03-01", "120000.00"), ("2024-12-31", "180000.00"), ("2025-01-01", "120000.00")):
        item = outcomes(decide(PROJECT, text, as_of=day))["p-1/a@project:P1"]
        assert str(item.amount and item.amount.high) == high
    stated = {**PROJECT, "parameters": {"lpr_december": {2024: "9%"}}}
    item = outcomes(decide(stated, text))["p-1/a@project:P1"]
    assert str(item.amount and item.amount.high) == "120000.00", "a figure with a source stands"
    assert any("lpr_december" in note for note in decide(stated, text).notes), "and the other is said not to count"


def test_a_figure_that_the_page_lacks_is_asked_of_the_case() -> None:
    text = lending("{}")
    item = outcomes(decide(PROJECT, text))["p-1/a@project:P1"]
    assert (item.status, item.missing) == ("undetermined", ("parameters.lpr_december.2024",))
    stated = {**PROJECT, "parameters": {"lpr_december": {2024: "3.1%", 2023: "9%"}}}
    item = outcomes(decide(stated, text))["p-1/a@project:P1"]
    assert str(item.amount and item.amount.high) == "186000.00"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ("{2024: 3%}", "parameter/source"), ("{2024: {value: 3 元, source: 甲}}", "page/shape"),
        ("{24: {value: 3%, source: 甲}}", "page/date"), ("[3%]", "page/shape"),
    ],
)  # fmt: skip
def test_each_value_is_a_pure_number_with_a_source(values: str, code: str) -> None:
    assert code in [item.code for item in faults(lending(values))]


# -- amendments ---------------------------------------------------------------------------------------------------------

BASE = page("p-1", measure("a", RD + "pay: 4% * 上年度.研发费用\ncap: 30 万元"))


def amending(rest: str, id: str = "p-2", in_force: str = "2025-06-01 .. 2026-12-31") -> str:  # noqa: A002
    text = "比例改为 5%，最高 50 万元。\n\n```amend\nmeasure: p-1/a\n" + rest + "\n```"
    return page(id, text, in_force=in_force)


CHANGE = "from: 2025-07-01\nset:\n  pay: 5% * 上年度.研发费用\n  cap: 50 万元"


def test_an_amendment_holds_from_its_date_to_the_end_of_its_policy() -> None:
    for engine_name in ("exact", "forward"):
        books = engine(BASE, amending(CHANGE))
        for day, paid in (
            ("2025-06-30", "300000.00"), ("2025-07-01", "500000.00"),
            ("2026-12-31", "500000.00"), ("2027-01-01", "300000.00"),
        ):  # fmt: skip
            decision = books.decide(CASE, as_of=day, engine=engine_name)
            item = outcomes(decision)["p-1/a"]
            assert str(item.amount and item.amount.low) == paid, day
            assert any("p-2" in note for note in item.notes) == (paid == "500000.00"), "the change is named"
            total = books.awards(CASE, as_of=day).totals["enterprise"][0]
            assert total == int(paid.replace(".", ""))


def test_the_later_amendment_wins() -> None:
    again = amending("from: 2026-01-01\nset: {cap: 40 万元}", id="p-3", in_force="2026-01-01 ..")
    books = engine(BASE, again, amending(CHANGE))
    for day, paid in (("2025-12-31", "500000.00"), ("2026-01-01", "400000.00"), ("2027-01-01", "400000.00")):
        item = outcomes(books.decide(CASE, as_of=day))["p-1/a"]
        assert str(item.amount and item.amount.low) == paid, day


def test_a_repealed_measure_is_reported_as_such() -> None:
    books = engine(BASE, amending("from: 2025-07-01\nrepeal: true"))
    item = outcomes(books.decide(CASE, as_of="2025-07-01"))["p-1/a"]
    assert (item.status, item.subject) == ("not_in_force", None)
    assert "p-2" in item.notes[0]
    assert outcomes(books.decide(CASE, as_of="2025-06-30"))["p-1/a"].status == "granted"


def test_the_figures_of_an_amendment_stand_in_its_restatement() -> None:
    books = engine(BASE, amending(CHANGE)).rulebooks
    assert check_figures(books.policies[1], books) == []
    wrong = engine(BASE, amending(CHANGE.replace("50 万元", "60 万元"))).rulebooks
    assert {item.code for item in check_figures(wrong.policies[1], wrong)} == {"figure/invented", "figure/lost"}


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("from: 2025-07-01\nset: {pay: 5 吨}", "rule/unit"),
        ("from: 2025-07-01\nset: {}", "page/shape"),
        ("from: 2025-07-01\nset: {lines: [loan_interest]}", "amend/fixed-key"),
        ("from: 2025-07-01\nset: {payy: 5 元}", "page/unknown-key"),
        ("from: 2025-05-01\nset: {pay: 5 元}", "amend/too-early"),
        ("from: soon\nset: {pay: 5 元}", "page/date"),
    ],
)
def test_a_wrong_amendment_is_refused_on_its_own_page(rest: str, code: str) -> None:
    found = faults(BASE, amending(rest))
    assert [item.code for item in found] == [code]
    assert found[0].labels[0].span.file == "page2.md"


def test_amendments_in_a_circle_and_of_nothing_are_refused() -> None:
    one = amending("from: 2025-07-01\nset: {pay: 5 元}").replace("p-1/a", "p-3/a")
    own = measure("a", RD + "pay: 4% * 上年度.研发费用")
    there = page("p-2", own, one.partition("## 第 1 段\n")[2])
    back = page(
        "p-3",
        own,
        amending("from: 2025-07-01\nset: {pay: 5 元}").replace("p-1/a", "p-2/a").partition("## 第 1 段\n")[2],
    )
    (found,) = faults(there, back)
    assert found.code == "amend/circle"
    (missing,) = faults(BASE, amending("from: 2025-07-01\nset: {pay: 5 元}").replace("p-1/a", "p-1/b"))
    assert missing.code == "amend/unknown-measure"
    (itself,) = faults(page("p-1", own, amending("from: 2025-07-01\nset: {pay: 5 元}").partition("## 第 1 段\n")[2]))
    assert itself.code == "amend/own-measure"
