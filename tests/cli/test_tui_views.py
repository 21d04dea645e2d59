"""What the terminal application shows: every view, at every size, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("textual")
pytest.importorskip("plotext")

from textual.pilot import Pilot
from textual.widgets import Static

from conggao.cli.tui.app import CaseApp
from conggao.cli.tui.listing import Listing
from conggao.cli.tui.lists import outcome_key
from conggao.cli.tui.session import Session
from conggao.engine import Engine
from conggao.engine.analysis.sweep import Sweep
from conggao.facts.diagnostics import InputFaults, Lang
from conggao.facts.loading import load_case
from tests.cli.driving import RD, drive, row_of, value, write


def test_what_changed_is_told_against_the_start_or_the_last_step(engine: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, RD, "500万元")
        await write(app, pilot, "enterprise.employees", "9")
        assert not any(item.changed for item in app.outcomes.items), "the last step changed no outcome"
        await pilot.press("c")
        changed = {item.key for item in app.outcomes.items if item.changed}
        assert changed == {outcome_key(app.state.decision.outcome("8a"))}
        assert {item.key for item in app.facts.items if item.changed} == {RD, "enterprise.employees"}

    drive(engine, sample, steps)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "keys", [(), ("p",), ("d",), ("question_mark",), ("z",), ("l",), ("n",), ("left_square_bracket",)]
)
def test_every_view_is_drawn_at_the_smallest_size(
    everything: Engine, sample: Path, keys: Sequence[str], lang: Lang
) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        app.facts.go_to(RD)
        await pilot.press(*keys)
        await pilot.pause()
        assert "</svg>" in app.export_screenshot()
        assert app.query_one("#keys").region.bottom == 24, "the last line is on the screen"
        assert app.facts.size.height >= 5

    drive(everything, sample, steps, size=(80, 24), lang=lang)


def test_a_window_too_small_says_so_and_loses_nothing(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, RD, "500 万元", enter=False)
        await pilot.resize_terminal(79, 24)
        await pilot.pause()
        assert app.query_one("#cover").display
        assert "79" in str(app.query_one("#cover", Static).render())
        await pilot.press("9", "enter", "delete", "space", "ctrl+z")
        assert app.session.now is app.session.start, "nothing is changed that cannot be seen"
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert not app.query_one("#cover").display
        assert app.editor is not None
        assert app.editor.value == "500 万元"
        await pilot.press("enter")
        await pilot.pause()
        assert value(app, RD) == "5000000"

    drive(everything, sample, steps)


def test_the_outcome_leads_to_the_fact_it_lacks(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        lacking = next(item for item in app.state.decision.outcomes if item.missing)
        app.outcomes.go_to(outcome_key(lacking))
        app.outcomes.focus()
        await pilot.press("g")
        await pilot.pause()
        assert app.facts.current is not None
        assert app.facts.current.key == lacking.missing[0]

    drive(everything, sample, steps)


def test_a_fact_is_found_by_either_name(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        for text in ("floor_area", "建筑面积"):
            app.facts.action_end(0)
            await pilot.press("slash", *text, "enter")
            await pilot.pause()
            assert app.facts.current is not None
            assert app.facts.current.key == "projects.P1.floor_area"

    drive(everything, sample, steps)


def test_the_other_language_says_the_same_money(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        before = app.session.now.decision
        await pilot.press("l")
        now = app.session.now.decision
        assert (before.lang, now.lang) == ("zh", "en")
        assert now.totals == before.totals
        assert app.query_one("#facts-pane").border_title == "Facts"

    drive(everything, sample, steps)


def test_the_plot_is_that_of_the_chosen_fact_as_it_stands(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        app.facts.go_to(RD)
        await pilot.press("p")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app._swept is not None
        fact, case, found = app._swept
        assert isinstance(found, Sweep)
        assert (fact, case) == (RD, app.session.now.case)
        points = {point.values[0]: point.low for point in found.points}
        assert set(points) >= {0, 25_200_000}, "from nothing to twice what it is"
        row = row_of(app.session, RD)
        for place in (0, 25_200_000):
            assert app.session.trial(row, str(place)).decision.totals["enterprise"].low * 100 == points[Fraction(place)]
        await pilot.press("plus")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app._swept[1] == app.session.now.case, "an edit is plotted anew"
        app.facts.go_to("enterprise.chain_leader")
        await pilot.pause()
        await app.workers.wait_for_complete()
        assert isinstance(app._swept[2], InputFaults), "what is no quantity is not plotted, and that is said"

    drive(everything, sample, steps)


def test_a_trial_that_cannot_be_decided_is_never_entered(everything: Engine, sample: Path) -> None:
    session = Session(everything, load_case(sample, everything.vocabulary))
    with pytest.raises(InputFaults):
        session.trial(row_of(session, "as_of"), None)
    assert session.now is session.start


def test_folding_keeps_the_cursor_on_what_is_shown(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        listing: Listing = app.facts
        listing.go_to(RD)
        await pilot.press("left")
        assert listing.current is not None
        assert listing.current.key == "report.2024"
        await pilot.press("right", "down")
        assert listing.current.key.startswith("reports.2024")
        await pilot.press("left_square_bracket")
        assert all(item.heading for item in listing._shown)
        listing.go_to(RD)
        assert listing.current.key == RD, "going to a folded fact unfolds its group"

    drive(everything, sample, steps)
