"""Small random rulebooks about two sums and a truth, whose meaning a grid of cases exhausts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Any

from tests.engine.rulebook.pages import measure, page

SUMS = ("上年度.研发费用", "上年度.主营业务收入")
FLAG = "新落地"
FIGURES = range(5)
GRID = [f"{n // 2}{'.5' if n % 2 else ''}" for n in range(20)]
"""Every figure of a rule lies on it, a point between any two of them, and whatever a sum beyond them all and a figure more come to."""


def condition(draw: Random) -> str:
    """A condition of at most two comparisons."""
    kind = draw.random()
    if kind < 0.15:
        return draw.choice((FLAG, f"非 {FLAG}"))
    if kind < 0.75:
        return comparison(draw)
    return f"{comparison(draw)} {draw.choice(('且', '或'))} {draw.choice((comparison(draw), FLAG))}"


def comparison(draw: Random) -> str:
    sign = draw.choice(("<", "≤", ">", "≥", "=", "≠"))
    left = draw.choice((*SUMS, *SUMS, f"{SUMS[0]} + {SUMS[1]}", f"{SUMS[0]} - {SUMS[1]}"))
    return f"{left} {sign} {draw.choice(FIGURES)} 元"


def conditions(seed: int) -> list[str]:
    draw = Random(seed)
    return [condition(draw) for _ in range(draw.choice((2, 3)))]


def amount(seed: int) -> str:
    draw = Random(seed)
    return draw.choice(
        (f"{draw.choice(FIGURES)} 元", f"50% * {SUMS[0]}", f"min({SUMS[0]}, {draw.choice(FIGURES)} 元)", SUMS[1])
    )


def rulebook(when: Sequence[str], pay: str, cap: str | None = None, id: str = "small-1") -> str:  # noqa: A002
    listed = "".join(f"  - {item}\n" for item in when)
    rest = f"subject: enterprise\nlines: [research_expense]\nwhen:\n{listed}pay: {pay}\ncap_period: year\n"
    rest = rest if cap is None else f"{rest}cap: {cap}\n"
    return page(id, measure("m", rest.replace("cap_period: year\n", "") if cap is None else rest))


def grid() -> list[dict[str, Any]]:
    """Every case with all facts known."""
    return [
        {
            "enterprise": {"newly_settled": flag},
            "reports": [{"year": 2024, "rd_expense": a, "main_business_revenue": b}],
        }
        for flag, a, b in product((False, True), GRID, GRID)
    ]
