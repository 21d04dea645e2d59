"""Drives the terminal application by its keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual")
pytest.importorskip("plotext")

from textual.pilot import Pilot
from textual.widgets import Static

from conggao.cli.tui.app import CaseApp
from conggao.cli.tui.session import Session
from conggao.cli.tui.sheet import Row, stated
from conggao.engine import Engine
from conggao.facts.diagnostics import Lang
from conggao.facts.loading import load_case

Steps = Callable[[CaseApp, Pilot[None]], Awaitable[None]]
RD = "reports.2024.rd_expense"


def drive(engine: Engine, source: Path, steps: Steps, size: tuple[int, int] = (100, 30), lang: Lang = "zh") -> CaseApp:
    """Runs `steps` in the application over the case at `source`."""
    app = CaseApp(Session(engine, load_case(source, engine.vocabulary), None, lang), source)

    async def whole() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(app, pilot)

    asyncio.run(whole())
    return app


async def write(app: CaseApp, pilot: Pilot[None], fact: str, text: str, *, enter: bool = True) -> None:
    """Goes to a fact, opens it and writes `text` in place of what stands there."""
    assert app.facts.go_to(fact), fact
    await pilot.press("enter", "end", "ctrl+u")
    await pilot.press(*("space" if c == " " else c for c in text))
    await pilot.pause()
    if enter:
        await pilot.press("enter")
        await pilot.pause()


def value(app: CaseApp, fact: str) -> Any:
    row = row_of(app.session, fact)
    return stated(row, app.session.now.document)


def row_of(session: Session, fact: str) -> Row:
    return next(row for group in session.rows() for row in group.rows if row.key == fact)


def status(app: CaseApp) -> str:
    return str(app.query_one("#status", Static).render())


def paid(app: CaseApp, measure: str) -> Decimal:
    amount = app.state.decision.outcome(measure).amount
    assert amount is not None
    return amount.low
