"""Pictures of budgets. Numbers become floats here, and only here: a picture decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from typing import Any

from conggao.engine.batch.budget import Sum
from conggao.facts.diagnostics import Lang

MOST = 20
"""Bars drawn."""
BLUE, RED, GREEN, PALE = "#4c78a8", "#d62728", "#2a9d5c", "#b7cbe1"


def scale(most: Decimal, lang: Lang) -> tuple[int, str]:
    """By what yuan are divided for an axis up to `most`, and what that is called."""
    steps = ((10**8, "亿元"), (10**4, "万元"), (1, "元"))
    if lang == "en":
        steps = ((10**9, "CNY billion"), (10**6, "CNY million"), (1, "CNY"))
    return next(step for step in steps if most >= step[0] or step[0] == 1)


def bars(sums: Sequence[Sum], title: str, lang: Lang) -> Any:
    """Bars of what is sure, and pale beyond them up to the most, the largest first."""
    altair: Any = import_module("altair")
    shown = sorted(sums, key=lambda item: (-item.low, -(item.high or item.low)))[:MOST]
    factor, unit = scale(max((item.high or item.low for item in shown), default=Decimal(0)), lang)
    values = [
        {
            "name": _named(item, lang),
            "low": float(item.low) / factor,
            "high": float(item.high if item.high is not None else item.low) / factor,
        }
        for item in shown
    ]
    base = altair.Chart(altair.Data(values=values)).encode(
        y=altair.Y("name:N", sort=None, title=None, axis=altair.Axis(labelLimit=260)),
        tooltip=["name:N", "low:Q", "high:Q"],
    )
    x = altair.X("low:Q", title=unit, axis=altair.Axis(format=",~f"))
    layers = (base.mark_bar(color=PALE).encode(x=x, x2="high:Q"), base.mark_bar(color=BLUE).encode(x=x))
    return altair.layer(*layers).properties(width=520, height={"step": 20}, title=title)


def _named(item: Sum, lang: Lang) -> str:
    key = item.key.rpartition("/")[2]
    label = item.label.of(lang)
    return f"{key} {label}" if "/" in item.key else label


def changes(values: Sequence[tuple[str, float]], title: str, unit: str) -> Any:
    """Bars to both sides of zero, in the order given."""
    altair: Any = import_module("altair")
    data = [{"name": name, "value": value, "colour": GREEN if value >= 0 else RED} for name, value in values]
    return (
        altair.Chart(altair.Data(values=data))
        .mark_bar()
        .encode(
            y=altair.Y("name:N", sort=None, title=None, axis=altair.Axis(labelLimit=260)),
            x=altair.X("value:Q", title=unit, axis=altair.Axis(format=",~f")),
            color=altair.Color("colour:N", scale=None),
            tooltip=["name:N", "value:Q"],
        )
        .properties(width=520, height={"step": 20}, title=title)
    )
