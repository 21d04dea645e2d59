"""The closures against a naive evaluator of the same tree over Fractions, and the values where floats go wrong."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conggao.engine import Engine
from conggao.engine.evaluate.compile import Compiler
from conggao.engine.evaluate.layout import Layout
from conggao.engine.evaluate.written import all_hold, entitlement, quotient
from conggao.engine.language.check import check
from conggao.engine.language.parse import Origin
from conggao.engine.language.scope import Scope
from conggao.engine.language.tree import And, Arithmetic, Compare, Constant, Extreme, Fact, Node, Not, Or
from conggao.facts.units import scale
from conggao.facts.vocabulary import Vocabulary

SCOPE = Scope(Vocabulary.core(), "enterprise")
FACTS = ["latest.rd_expense", "previous.rd_expense", "latest.output_value", "previous.output_value"]
FLAGS = ["newly_settled", "chain_leader", "leading_enterprise"]


def quantities(depth: int = 3) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(FACTS) | st.sampled_from(["100 元", "0.01 元", "2 万元"])
    if depth == 0:
        return leaf
    below = quantities(depth - 1)
    ratio = st.tuples(below, below).map(lambda p: f"({p[0]} ÷ {p[1]})")
    return st.one_of(
        leaf,
        st.tuples(below, st.sampled_from("+-"), below).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from(["10%", "1.5", "3"]), below).map(lambda p: f"({p[0]} × {p[1]})"),
        st.tuples(ratio, below).map(lambda p: f"({p[0]} × {p[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), below, below).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
    )


def truths(depth: int = 2) -> st.SearchStrategy[str]:
    compare = st.tuples(quantities(2), st.sampled_from(["<", "≤", ">", "≥", "=", "≠"]), quantities(1)).map(" ".join)
    leaf = st.sampled_from(FLAGS) | compare
    if depth == 0:
        return leaf
    below = truths(depth - 1)
    return st.one_of(
        leaf,
        below.map(lambda t: f"not ({t})"),
        st.tuples(below, st.sampled_from(["and", "or"]), below).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
    )


def naive(node: Node, values: dict[Any, Any]) -> Any:
    """The meaning, written down a second time: Fractions and None."""
    match node:
        case Constant(value=value):
            return value
        case Fact(key=key):
            return values[key]
        case Not(item=item):
            truth = naive(item, values)
            return None if truth is None else not truth
        case And(items=items) | Or(items=items):
            found = [naive(item, values) for item in items]
            settles = isinstance(node, Or)
            return settles if settles in found else None if None in found else not settles
        case Compare(comparator=sign, left=left, right=right):
            x, y = naive(left, values), naive(right, values)
            if x is None or y is None:
                return None
            return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "==": x == y, "!=": x != y}[sign]
        case Arithmetic(operator=sign, left=left, right=right):
            x, y = naive(left, values), naive(right, values)
            if x is None or y is None or (sign == "/" and y == 0):
                return None
            return {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[sign]()
        case Extreme(kind=kind, items=items):
            found = [naive(item, values) for item in items]
            return None if None in found else (max if kind == "max" else min)(found)
    raise AssertionError(node)


AMOUNTS = st.none() | st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(100), Fraction(20000), Fraction(1, 3), Fraction(10**19)]) | (
    st.integers(0, 10**9).map(lambda n: Fraction(n, 100))
)  # fmt: skip


def told(layout: Layout, amounts: list[Fraction | None], flags: list[bool | None]) -> tuple[list[Any], dict[Any, Any]]:
    """The facts as a frame, and by key."""
    values: dict[Any, Any] = {}
    frame: list[Any] = [None] * layout.width["enterprise"]
    for key in layout.facts["enterprise"]:
        named = f"{key.period}.{key.name}" if key.period else key.name
        value = amounts[FACTS.index(named)] if key.period else flags[FLAGS.index(named)]
        values[key] = value
        factor = scale((("money", 1),))
        frame[layout.slots[key]] = value if value is None or isinstance(value, bool) else value * factor
    return frame, values


@given(truths(), st.lists(AMOUNTS, min_size=4, max_size=4), st.lists(st.none() | st.booleans(), min_size=3, max_size=3))
def test_closures_mean_what_the_tree_says(text: str, amounts: list[Fraction | None], flags: list[bool | None]) -> None:
    node = check(text, SCOPE, Origin())
    layout = Layout.of([node], [])
    frame, values = told(layout, amounts, flags)
    compiler = Compiler(layout, {})
    assert compiler.truth(node)(frame) == naive(node, values), text
    assert all_hold([node], compiler, "rule")(frame) == naive(node, values), f"as one function: {text}"
    assert all_hold([node, node], compiler, "rule")(frame) == naive(node, values), f"twice: {text}"


@given(quantities(), st.lists(AMOUNTS, min_size=4, max_size=4), st.none() | st.integers(0, 10**9))
@example(
    "latest.rd_expense ÷ (latest.output_value ÷ (1.5 × previous.output_value))",
    [Fraction(1), None, Fraction(0), Fraction(3)],
    9,
)
def test_written_amounts_mean_what_the_tree_says(text: str, amounts: list[Fraction | None], most: int | None) -> None:
    node = check(text, SCOPE, Origin())
    layout = Layout.of([node], [])
    frame, values = told(layout, amounts, [])
    compiler, right = Compiler(layout, {}), naive(node, values)
    divided = quotient(node, compiler)
    if divided is not None:
        assert divided(frame) == right, text
    standard = entitlement(node, most, compiler, "rule")
    if standard is not None:
        fen = None if right is None else max(0, floor(right * 100 + Fraction(1, 2)))
        due = fen if fen is None or most is None else min(fen, most)
        assert standard(frame) == (None if due is None else (due, due)), text


def test_a_quotient_too_long_to_write_out_is_left_to_the_closures() -> None:
    one = "latest.rd_expense ÷ latest.output_value"
    for count, written in ((1, True), (40, False)):
        node = check(" + ".join([one] * count), SCOPE, Origin())
        assert (quotient(node, Compiler(Layout.of([node], []), {})) is not None) == written


def decide(engine: Engine, reports: list[dict[str, Any]], **project: Any) -> Any:
    case = {
        "enterprise": {"industry": "3825"},
        "reports": reports,
        "projects": [{"id": "P1", "purposes": ["carbon_reduction"], "carbon_reduction": 100, **project}],
    }
    return engine.decide(case, as_of=date(2025, 3, 1), engine="exact").outcome("11")


@pytest.mark.parametrize(
    ("latest", "status"),
    [("0.95", "granted"), ("0.9499999999", "granted"), ("0.950000001", "unmet")],
)
def test_a_drop_of_exactly_five_per_cent_is_five_per_cent(engine: Engine, latest: str, status: str) -> None:
    """Quotients that no float holds: a third of a tonne per yuan before, 0.95 of it after."""
    emissions = Fraction(latest) * 30000
    reports = [
        {"year": 2023, "carbon_emissions": "30000", "output_value": "90000"},
        {"year": 2024, "carbon_emissions": f"{float(emissions):.9f}".rstrip("0").rstrip("."), "output_value": "90000"},
    ]
    assert decide(engine, reports).status == status


@pytest.mark.parametrize(
    ("emissions", "status"), [("26000", "unmet"), ("26000.0000001", "granted"), ("25999.999", "unmet")]
)
def test_exceeding_excludes_the_number(engine: Engine, emissions: str, status: str) -> None:
    reports = [
        {"year": 2023, "carbon_emissions": "30000", "output_value": "1000000"},
        {"year": 2024, "carbon_emissions": emissions, "output_value": "2000000"},
    ]
    outcome = decide(engine, reports)
    assert outcome.status == status
    if status == "unmet":
        failed = [item for item in outcome.conditions if item.truth is False]
        assert [item.text for item in failed] == ["上年度碳排放量 > 26,000 吨"], "only the threshold decides"


def test_a_zero_divisor_is_unknown_and_named(engine: Engine) -> None:
    reports = [
        {"year": 2023, "carbon_emissions": "30000", "output_value": "0"},
        {"year": 2024, "carbon_emissions": "28000", "output_value": "90000"},
    ]
    outcome = decide(engine, reports)
    assert outcome.status == "undetermined"
    assert outcome.missing == ("previous.output_value",)


def test_a_false_condition_settles_it_beside_unknown_ones(engine: Engine) -> None:
    outcome = decide(engine, [{"year": 2024, "carbon_emissions": "100"}])
    assert outcome.status == "unmet"
    assert outcome.missing == ()
