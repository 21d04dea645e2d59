"""What the terminal application draws, kept as text: a change of it is seen in a diff. `CONGGAO_ACCEPT=1` draws the pictures anew."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

pytest.importorskip("textual")
pytest.importorskip("plotext")

from textual.pilot import Pilot

from conggao.cli.tui.app import CaseApp
from conggao.engine import Engine
from conggao.facts.diagnostics import Lang
from tests.cli.driving import RD, drive, write

PICTURES = Path(__file__).parent / "pictures"
Steps = Callable[[CaseApp, Pilot[None]], Awaitable[None]]


async def as_it_opens(app: CaseApp, pilot: Pilot[None]) -> None:
    pass


async def while_a_fact_is_typed(app: CaseApp, pilot: Pilot[None]) -> None:
    await write(app, pilot, RD, "2000万", enter=False)
    assert app.editor is not None
    app.editor.cursor_blink = False


async def after_an_edit(app: CaseApp, pilot: Pilot[None]) -> None:
    await write(app, pilot, RD, "2000 万元")


async def with_a_plot(app: CaseApp, pilot: Pilot[None]) -> None:
    assert app.facts.go_to(RD)
    await pilot.press("p")
    await app.workers.wait_for_complete()
    await pilot.pause()


async def with_help(app: CaseApp, pilot: Pilot[None]) -> None:
    await pilot.press("question_mark")


async def with_a_bad_value(app: CaseApp, pilot: Pilot[None]) -> None:
    await write(app, pilot, RD, "100 吨")
    assert app.editor is not None
    app.editor.cursor_blink = False


@pytest.mark.parametrize(
    ("steps", "size", "lang"),
    [
        (as_it_opens, (80, 24), "zh"),
        (as_it_opens, (120, 40), "en"),
        (while_a_fact_is_typed, (80, 24), "en"),
        (after_an_edit, (120, 40), "zh"),
        (with_a_plot, (120, 40), "zh"),
        (with_help, (80, 24), "zh"),
        (with_help, (80, 24), "en"),
        (with_a_bad_value, (80, 24), "zh"),
    ],
)
def test_the_picture_is_the_one_kept(
    everything: Engine, sample: Path, steps: Steps, size: tuple[int, int], lang: Lang
) -> None:
    lines: list[str] = []

    async def drawn(app: CaseApp, pilot: Pilot[None]) -> None:
        await steps(app, pilot)
        await pilot.pause()
        lines.extend(strip.text.rstrip() for strip in app.screen._compositor.render_strips(app.screen.size))

    drive(everything, sample, drawn, size, lang)
    assert len(lines) == size[1]
    name = f"{steps.__name__.replace('_', '-')}-{size[0]}x{size[1]}-{lang}.txt"
    text = "\n".join(lines) + "\n"
    if os.environ.get("CONGGAO_ACCEPT"):
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / name).write_text(text, encoding="utf-8")
        return
    kept = (PICTURES / name).read_text(encoding="utf-8")
    assert text.splitlines() == kept.splitlines(), f"{name} is drawn otherwise; look at it with CONGGAO_ACCEPT=1"
