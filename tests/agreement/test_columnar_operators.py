"""Every operator of the rule language over columns and exactly, over a grid of values with unknown ones among them."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")

import pyarrow as pa

from conggao.engine.evaluate.columnar.counting import counted
from conggao.engine.evaluate.columnar.plan import plan_of
from conggao.engine.evaluate.columnar.rivals import greatest_sets
from conggao.engine.evaluate.columnar.session import Session
from tests.agreement.columns import hold, numbered, worker_of
from tests.engine.rulebook.pages import block, engine, measure, page

FACTS = block("facts", """
facts:
  - {name: money_a, label: {zh: 甲额, en: money a}, type: quantity, unit: 元, subject: enterprise, absent: unknown}
  - {name: money_b, label: {zh: 乙额, en: money b}, type: quantity, unit: 元, subject: enterprise, absent: unknown}
  - {name: weight, label: {zh: 重量, en: weight}, type: quantity, unit: 吨, subject: enterprise, absent: zero}
  - {name: flag_p, label: {zh: 甲旗, en: flag p}, type: flag, subject: enterprise, absent: unknown}
  - {name: flag_q, label: {zh: 乙旗, en: flag q}, type: flag, subject: enterprise, absent: unknown}
  - {name: day_d, label: {zh: 日甲, en: day d}, type: date, subject: enterprise, absent: unknown}
  - {name: years_y, label: {zh: 年列, en: years y}, type: years, subject: enterprise, absent: unknown}
  - {name: spent, label: {zh: 花费, en: spent}, type: quantity, unit: 元, subject: project, absent: unknown}
  - {name: done, label: {zh: 完成, en: done}, type: flag, subject: project, absent: unknown}
""")  # fmt: skip
TRUTHS = (
    "money_a < money_b", "money_a <= money_b", "money_a > money_b",
    "money_a >= money_b", "money_a = money_b", "money_a != money_b",
    "money_a > 0.005 元", "money_a = 0.005 元", "money_a != 0.005 元", "money_a < 1000000 亿元",
    "flag_p and flag_q", "flag_p or flag_q", "not flag_p",
    "not (flag_p and not flag_q) or money_a > 1 元", "flag_p = flag_q",
    "money_a + money_b > 2.01 元", "money_a - money_b >= 0 元", "money_a * 30% > money_b", "money_a / 3 = money_b",
    "money_a / money_b > 1/3", "money_a / money_b = money_b / money_a", "1 - money_a / money_b >= 5%",
    "money_a / weight > 75 元/吨", "weight * 200 元/吨 > money_a",
    "money_a * weight > money_b * 1 吨", "(money_a - money_b) / (money_b - money_a) < 0",
    "min(money_a, money_b, 5 元) > 1 元", "max(money_a, money_b) > 1 元", "min(money_a / 3, money_b) < 1 元",
    "money_a in [1 元, 2.01 元]", "employees in [1, 3]",
    "latest.year in years_y", "previous.year in years_y", "2023 in years_y",
    'county in ["兴庆区", "金凤区"]', 'county = "兴庆区"', 'county != "兴庆区"',
    "day_d >= 2024-03-07", "day_d = 2024-03-07", "day_d < 2024-03-07",
    "6 <= division <= 46", "between(1 元, 3 元) < money_a",
    "between(1 元, 3 元) >= money_a", "between(money_a, money_b) = 1 元",
    "between(1 元, 3 元) != money_a", "up_to(money_a) > money_b",
    "sum(projects.spent) > 1 元", "count(projects) >= 2",
    "count(projects.done) = 1", "any(projects.done)", "any(projects.spent > money_a)",
    "min(projects.spent) > 0 元", "max(projects.spent) > 1 元", "sum(projects.spent * 3) > money_a",
    'recognised("smart_factory")', 'recognised("smart_factory", since=2024)',
    'recognised("smart_factory", level="city")',
    'recognised("smart_factory", level="city", since=2024)',
)  # fmt: skip
AMOUNTS = (
    ("10% * money_a", None), ("money_a / 3", None), ("money_a / 7", "2 元"),
    ("money_a - money_b", None), ("money_a * money_b / 3 元", None),
    ("up_to(money_a)", None), ("between(5%, 20%) * money_a", "1 元"),
    ("between(money_b, money_a)", None), ("up_to(money_a) + money_b", None),
    ("between(1 元, 3 元) - money_b", None), ("max(between(1 元, 3 元), money_a)", None),
    ("min(between(1 元, 3 元), money_a)", "max(money_b, 1 元)"),
    ("15% * money_a", "10% * money_b"), ("between(5%, 20%) * (money_a - money_b)", None),
    ("75 元/吨 * weight", "between(1 元, 2 元)"),
    ("[{when: flag_p, value: money_a}, {when: flag_q, value: 2 元}, {otherwise: 2 元}]", None),
    ("[{when: flag_p, value: 'between(1 元, 3 元)'}, {otherwise: money_a}]", "[{when: flag_q, value: 2 元}, {otherwise: 1 元}]"),
    ("money_a / money_b * 1 元", None), ("money_a / money_b * 1 元", "1 元"),
)  # fmt: skip
HELD = (
    "money_a >= 0 元", "not (money_a < 0 元)", "money_a >= 0 元 or flag_p", "money_b >= 0 元",
    "money_a + money_b >= 0 元 and (flag_p or money_a >= 1 元)", "min(money_a, money_b) >= 0 元",
    "between(1 元, 3 元) != money_a", "not (money_a < 0 元 and flag_p)", "money_a / money_b >= 0",
)  # fmt: skip
"""Conditions that hold only where what is paid for is known, or also where it is not."""
DUE = (
    ("30% * money_a", None), ("money_a / 3", "2 元"), ("money_a - money_b", "5 元"),
    ("max(money_a, money_b)", None), ("min(money_a, money_b) + 1 元", "3 元"), ("money_a / money_b * 1 元", None),
)  # fmt: skip
MONEY = (None, 0, "0.01", "1", "2.01", "3", "6.03", 10**7, 999_999_999_999)
FRONT = "lines:\n  held: {zh: 丙, en: c}\n"


def rules() -> str:
    """A page with a measure for every truth and every amount."""
    blocks = [FACTS]
    for number, truth in enumerate(TRUTHS):
        blocks.append(
            measure(
                f"t{number}",
                f"subject: enterprise\nlines: [steady_growth_{number}]\nwhen: [{quoted(truth)}]\nservice: {{zh: 助, en: help}}",
            )
        )
    for number, (amount, cap) in enumerate(AMOUNTS):
        kind = amount if amount.startswith("[") else quoted(amount)
        limit = "" if cap is None else f"\ncap: {cap if cap.startswith('[') else quoted(cap)}"
        blocks.append(
            measure(
                f"m{number}",
                f"subject: enterprise\nlines: [line_{number}]\nwhen: [money_b >= 0 元 or flag_p]\npay: {kind}{limit}",
            )
        )
    for number, (held, (amount, cap)) in enumerate(product(HELD, DUE)):
        limit = "" if cap is None else f"\ncap: {cap}"
        blocks.append(
            measure(
                f"h{number}",
                f"subject: enterprise\nlines: [held_{number}]\nwhen: [{quoted(held)}]\npay: {quoted(amount)}{limit}",
            )
        )
    lines = [f"  steady_growth_{n}: {{zh: 甲{n}, en: a{n}}}" for n in range(len(TRUTHS))]
    lines += [f"  line_{n}: {{zh: 乙{n}, en: b{n}}}" for n in range(len(AMOUNTS))]
    lines += [f"  held_{n}: {{zh: 丙{n}, en: c{n}}}" for n in range(len(HELD) * len(DUE))]
    front = "conflicts: {principle: highest, against: [national, region, city]}\nlines:\n" + "\n".join(lines) + "\n"
    return page("operators", *blocks, front=front)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def stated(**facts: Any) -> dict[str, Any]:
    return {"as_of": "2025-03-01", "enterprise": {name: value for name, value in facts.items() if value is not None}}


def product_of(facts: dict[str, Any]) -> Fraction:
    return Fraction(facts.get("money_a", 0)) * Fraction(facts.get("money_b", 0))


def grid() -> list[dict[str, Any]]:
    found = [
        stated(money_a=a, money_b=b, weight=w) for a, b in product(MONEY, MONEY) for w in (None, 0, "0.001", "13.5")
    ]
    flags = (None, True, False)
    found += [stated(money_a=a, money_b=1, flag_p=p, flag_q=q) for a in (None, 2, 3) for p in flags for q in flags]
    found += [stated(day_d=day) for day in ("2024-03-06", "2024-03-07", "2024-03-08")]
    found += [stated(years_y=years) for years in ([], [2024], [2023], [2024, 2023], [2022])]
    found += [
        stated(county=county, industry=code)
        for county in (None, "兴庆区", "石嘴山市")
        for code in ("0610", "4610", "4710", "0512")
    ]
    found += [stated(employees=number) for number in (0, 1, 3, 10**6)]
    spent, done = (None, 0, 1, "2.5"), (None, True, False)
    one = [{key: value for key, value in (("spent", s), ("done", d)) if value is not None} for s in spent for d in done]
    for first, second in product([None, *one], one):
        projects = [{"id": f"P{n}", **item} for n, item in enumerate((first, second), start=1) if item is not None]
        found.append({**stated(money_a=1), "projects": projects})
    titles = [
        {key: value for key, value in (("title", "smart_factory"), ("year", year), ("level", level)) if value is not None}
        for year in (None, 2023, 2024, 2026) for level in (None, "city", "region")
    ]  # fmt: skip
    found += [{**stated(), "recognitions": [first, second]} for first in titles for second in titles]
    return found


def test_operators_agree_over_a_grid() -> None:
    """Only those are handed over whose standard, a product of two sums of money, is beyond what is resolved in columns."""
    made = engine(rules())
    worker = worker_of(made)
    cases = grid()
    handed = hold(made, worker, cases)
    worker.close()
    vast = {at for at, case in enumerate(cases) if product_of(case["enterprise"]) > 10**18}
    assert handed == vast


def test_products_beyond_the_proven_bound_are_handed_over() -> None:
    """Three quantities of 15 digits do not fit 38: where they might not, the exact evaluator decides, and nothing overflows."""
    truth = "money_a * money_b * money_a > money_b * 1 元 * 1 元"
    rule = measure(
        "1",
        f"subject: enterprise\nlines: [steady_growth]\nwhen: ['{truth}']\npay: money_a * money_b * money_a / money_b / money_b",
    )
    made = engine(page("vast", FACTS, rule))
    worker = worker_of(made)
    vast = 9_999_999_999_999
    values = (None, 0, 1, 10**6, vast)
    cases = [stated(money_a=a, money_b=b) for a, b in product(values, values)]
    handed = hold(made, worker, cases)
    worker.close()
    assert len(cases) - 1 in handed
    assert len(handed) < len(cases) // 2, "what fits is decided here"


@pytest.mark.parametrize(
    ("excluded", "sets"),
    [
        ([0], [0b1]),
        ([0b10, 0b01], [0b01, 0b10]),
        ([0b110, 0b001, 0b001], [0b001, 0b110]),
        ([0b110, 0b101, 0b011], [0b001, 0b010, 0b100]),
        ([0b0010, 0b0101, 0b1010, 0b0100], [0b0101, 0b1001, 0b1010]),
    ],
)
def test_greatest_sets_of_what_may_stand_together(excluded: list[int], sets: list[int]) -> None:
    assert greatest_sets(excluded) == sets


def test_a_plan_of_one_pass_is_streamed() -> None:
    """Batch by batch it finds what it finds at once, and a second time too; a plan that keeps something of all rows cannot be."""
    day = date(2025, 3, 1)
    own = "subject: enterprise\nlines: [held]\nwhen: [money_a > 0 元]\npay: 30% * money_a"
    other = "subject: project\nlines: [held]\nwhen: [spent > 0 元]\npay: 30% * spent"
    made = engine(page("streamed", FACTS, measure("1", own), front=FRONT))
    tables = numbered([stated(money_a=a) for a in MONEY * 2_000], made)
    plan = plan_of(made.program, day)
    days = pa.array([day] * tables["enterprises"].num_rows)
    given = {name: counted(name, tables, needs, days) for name, needs in plan.needs.items()}
    with closing(Session(plan)) as session:
        whole = session.run(given)["enterprise"]
        for _ in range(2):
            batches = list(session.stream(given, 5_000))
            assert len(batches) > 1
            assert pa.Table.from_batches(batches).equals(whole)
    more = plan_of(engine(page("kept", FACTS, measure("1", own), measure("2", other), front=FRONT)).program, day)
    with closing(Session(more)) as session, pytest.raises(ValueError, match="cannot be streamed"):
        next(session.stream(given))
