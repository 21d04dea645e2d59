"""Claims that exclude each other, stack, tie, and share caps: the plan chosen in columns is the resolver's."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")

from conggao.engine.batch.rows import outcome_schema
from conggao.engine.evaluate.columnar.encoding import plain
from tests.agreement.columns import hold, numbered, worker_of
from tests.conftest import AGREEMENT
from tests.engine.rulebook.pages import block, engine, measure, page

MANY = max(600, AGREEMENT // 10)
LINES = "lines:\n" + "".join(
    f"  {name}: {{zh: {zh}, en: {name}}}\n" for name, zh in zip("abcdefg", "甲乙丙丁戊己庚", strict=True)
)
CLAUSE = "conflicts: {principle: highest, against: [national, region, city]}\n"
FACTS = block("facts", "facts:\n" + "".join(
    f"  - {{name: {name}, label: {{zh: 额{name}, en: {name}}}, type: quantity, unit: 元, subject: {subject}, absent: {absent}}}\n"
    for subject, absent in (("enterprise", "unknown"), ("project", "zero"))
    for name in ([f"e{n}" for n in range(6)] if subject == "enterprise" else [f"p{n}" for n in range(8)])
))  # fmt: skip


def paying(id: str, lines: str, pay: str, rest: str = "", subject: str = "enterprise") -> str:  # noqa: A002
    fact = pay.rpartition(" ")[2]
    return measure(id, f"subject: {subject}\nlines: [{lines}]\nwhen: [{fact} > 0 元]\npay: {pay}\n{rest}")


def rules() -> list[str]:
    """Three levels that pay for the same lines: of the enterprise with stacking and intervals, of projects with shared caps."""
    city = page(
        "city", FACTS,
        paying("2", "a", "e0"), paying("10", "a, b", "e1"), paying("11", "c", "e4", "cap: 2 元"),
        paying("5", "a", "p0", "cap: 3 元\ncap_per: enterprise", "project"), paying("6", "b", "p1", "", "project"),
        paying("7", "e", "between(70%, 120%) * p6", "cap: 2 元\ncap_per: enterprise", "project"),
        paying("8", "f", "between(50%, 100%) * p0", "cap: between(1 元, 3 元)\ncap_per: enterprise", "project"),
        paying("9", "g", "p1", "cap: 50% * e4\ncap_per: enterprise", "project"),
        level="city", front=CLAUSE + LINES,
    )  # fmt: skip
    region = page(
        "region",
        paying("general", "a", "e2", "stacks_with: [more]"), paying("more", "a", "e3", "stacks_with: [general]"),
        paying("wide", "c", "between(50%, 100%) * e4"), paying("loan", "a", "p2", "excludes: [grant]", "project"),
        paying("grant", "b, c", "p3", "cap: 4 元\ncap_per: enterprise\nexcludes: [loan]", "project"),
        paying("fund", "d", "p4", "", "project"),
        paying("open", "a, e", "between(25%, 150%) * p7", "", "project"),
        level="region", front=CLAUSE,
    )  # fmt: skip
    nation = page(
        "nation", paying("1", "b", "e5"), paying("2", "a, d", "p5", "", "project"), level="national", front=CLAUSE
    )
    return [city, region, nation]


def drawn(seed: int) -> dict[str, Any]:
    """Few and small amounts, so that many tie."""
    source = Random(seed)

    def amounts(prefix: str, many: int = 6) -> dict[str, Any]:
        return {f"{prefix}{n}": source.choice((0, 1, 1, 2, 2, 3)) for n in range(many) if source.random() < 0.7}

    projects = [{"id": name, **amounts("p", 8)} for name in ("P2", "P10", "Q1")[: source.choice((0, 0, 1, 1, 2, 3))]]
    return {"as_of": "2025-03-01", "enterprise": amounts("e"), "projects": projects}


def test_plans_are_those_of_the_resolver() -> None:
    made = engine(*rules())
    worker = worker_of(made)
    handed = hold(made, worker, [drawn(seed) for seed in range(MANY)])
    worker.close()
    assert len(handed) < MANY * 2 // 3, (
        "only caps that bind against alternatives are handed over, and claims of nothing"
    )


def test_ties_are_settled_here() -> None:
    """Of equals the higher level pays; of one level the first in natural order, 2 before 10."""
    made = engine(*rules())
    worker = worker_of(made)
    cases = [
        {"as_of": "2025-03-01", "enterprise": {"e0": a, "e1": b, "e2": c, "e3": d, "e5": e}}
        for a in (1, 2) for b in (1, 2, 3) for c in (1, 2) for d in (0, 1) for e in (0, 1)
    ]  # fmt: skip
    assert not hold(made, worker, cases)
    worker.close()


def test_what_discretion_could_add_is_said_here() -> None:
    """Of 3 yuan the city pays 2 for sure, the region what it decides between 1.50 and 3: that stands from 2 on, and could add 1."""
    made = engine(*rules())
    worker = worker_of(made)
    case = {"as_of": "2025-03-01", "enterprise": {"e0": 0, "e1": 0, "e2": 0, "e3": 0, "e4": 3, "e5": 0}}
    assert not hold(made, worker, [case])
    rows = plain(worker.decide(numbered([case], made), 0).tabled.outcomes, outcome_schema(False)).to_pylist()
    [found] = [row for row in rows if row["status"] == "contingent"]
    told = {name: found[name] for name in ("measure", "amount_low", "amount_high", "break_even", "superseded_by")}
    assert told == {
        "measure": "region/wide", "amount_low": Decimal("0.00"), "amount_high": Decimal("1.00"), "break_even": Decimal("2.00"),
        "superseded_by": ["city/11"],
    }  # fmt: skip
    worker.close()
