"""The terminal application, driven by its keys: what is edited is what is decided, and what is wrong changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual")
pytest.importorskip("plotext")

from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input, Static

from conggao.cli.tui.app import CaseApp
from conggao.cli.tui.listing import Listing, fitted
from conggao.cli.tui.lists import outcome_key
from conggao.cli.tui.session import Session
from conggao.cli.tui.sheet import Row, nudged, parsed, readable, shown, stated, written
from conggao.engine import Engine
from conggao.engine.analysis.sweep import Sweep
from conggao.facts.diagnostics import InputFaults, Lang
from conggao.facts.loading import load_case
from conggao.facts.units import MONEY, parse_quantity
from tests.cli.console import run

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


# -- editing -------------------------------------------------------------------------------------------------------------


def test_an_edit_is_decided_while_it_is_typed_and_kept_by_enter(engine: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, RD, "500 万元", enter=False)
        assert paid(app, "8a") == Decimal("500000.00")
        assert value(app, RD) == "12600000", "nothing is kept before Enter"
        await pilot.press("enter")
        await pilot.pause()
        assert value(app, RD) == "5000000"
        decided = engine.decide(app.session.now.case, engine="exact")
        assert app.session.now.decision.totals == decided.totals
        changed = {item.key for item in app.outcomes.items if item.changed}
        assert changed == {outcome_key(decided.outcome("8a"))}, "only what changed is marked"

    drive(engine, sample, steps)


def test_leaving_the_editor_changes_nothing(engine: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, RD, "500 万元", enter=False)
        await pilot.press("escape")
        await pilot.pause()
        assert app.editor is None
        assert value(app, RD) == "12600000"
        assert paid(app, "8a") == Decimal("1000000.00")
        await write(app, pilot, RD, "500 万元", enter=False)
        await pilot.press("tab")
        await pilot.pause()
        assert app.editor is None, "turning to another pane leaves the editor"
        assert app.state.case == app.session.start.case

    drive(engine, sample, steps)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("fact", "text"),
    [(RD, "100 吨"), (RD, "-1"), (RD, "many"), ("as_of", "2025-13-01"), ("as_of", ""), ("enterprise.employees", "1.5")],
)
def test_a_bad_value_is_said_and_nothing_changes(
    everything: Engine, sample: Path, fact: str, text: str, lang: Lang
) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, fact, text)
        assert app.editor is not None, "the text stays, to be mended"
        assert app.query_one("#status", Static).has_class("bad")
        assert status(app).strip()
        assert app.session.now.case == app.session.start.case
        await pilot.press("escape")
        await pilot.pause()
        assert app.state is app.session.start

    drive(everything, sample, steps, lang=lang)


def test_undo_and_redo_walk_the_states(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+z")
        assert app.session.now is app.session.start
        await write(app, pilot, RD, "500万元")
        first = app.session.now
        await write(app, pilot, "enterprise.employees", "9")
        second = app.session.now
        await pilot.press("ctrl+z")
        assert app.session.now is first
        await pilot.press("ctrl+z")
        assert app.session.now is app.session.start
        await pilot.press("ctrl+y", "ctrl+y")
        assert app.session.now is second
        await pilot.press("ctrl+z")
        await write(app, pilot, "enterprise.employees", "8")
        await pilot.press("ctrl+y")
        assert value(app, "enterprise.employees") == 8, "what was undone is forgotten after another edit"

    drive(everything, sample, steps)


def test_flags_turn_quantities_step_and_facts_are_taken_back(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        flag = "enterprise.chain_leader"
        app.facts.go_to(flag)
        seen = [value(app, flag)]
        for _ in range(3):
            await pilot.press("space")
            seen.append(value(app, flag))
        assert seen == [False, None, True, False]
        app.facts.go_to(RD)
        await pilot.press("plus")
        assert value(app, RD) == "13600000"
        await pilot.press("minus", "minus")
        assert value(app, RD) == "11600000"
        await pilot.press("delete")
        assert value(app, RD) is None
        assert app.session.now.decision.outcome("8a").status == "undetermined"

    drive(everything, sample, steps)


def test_words_are_chosen_from_their_list(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        fact = "projects.P3.purposes"
        before = set(value(app, fact))
        app.facts.go_to(fact)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("home", "space", "enter")
        await pilot.pause()
        assert set(value(app, fact)) == before ^ {next(iter(everything.vocabulary.words("purposes")))}
        app.facts.go_to(fact)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("space", "escape")
        await pilot.pause()
        assert len(app.session._states) == 2, "Escape leaves the list as it was"

    drive(everything, sample, steps)


def test_a_title_keeps_its_level_when_its_year_is_written(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, "recognitions.digital_workshop", "2023")
        assert value(app, "recognitions.digital_workshop.year") == 2023
        assert value(app, "recognitions.digital_workshop.level") == "region"
        app.facts.go_to("recognitions.digital_workshop")
        await pilot.press("space")
        assert value(app, "recognitions.digital_workshop") is None

    drive(everything, sample, steps)


def test_a_project_is_added_and_undone(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await pilot.press("n")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert [item["id"] for item in app.session.now.document["projects"]] == ["P1", "P2", "P3", "P4"]
        assert app.facts.current is not None
        assert app.facts.current.key == "projects.P4.purposes"
        await pilot.press("ctrl+z")
        assert app.session.now is app.session.start

    drive(everything, sample, steps)


# -- looking -------------------------------------------------------------------------------------------------------------


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


# -- saving and leaving --------------------------------------------------------------------------------------------------


def test_saving_writes_the_case_to_another_file_only(everything: Engine, sample: Path, tmp_path: Path) -> None:
    source = tmp_path / "case.yaml"
    source.write_bytes(sample.read_bytes())

    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, RD, "500万元")
        await pilot.press("ctrl+s")
        prompt = app.query_one("#prompt", Input)
        assert prompt.value == str(tmp_path / "case-2.yaml")
        prompt.value = str(source)
        await pilot.press("enter")
        await pilot.pause()
        assert app.query_one("#status", Static).has_class("bad")
        assert source.read_bytes() == sample.read_bytes(), "the file that was read is never written over"
        prompt.value = str(tmp_path / "other.yaml")
        await pilot.press("enter")
        await pilot.pause()
        assert not app.session.unsaved
        assert load_case(tmp_path / "other.yaml", everything.vocabulary) == app.session.now.case
        await pilot.press("ctrl+s")
        prompt.value = str(tmp_path / "other.yaml")
        before = (tmp_path / "other.yaml").stat().st_mtime_ns
        await pilot.press("enter")
        await pilot.pause()
        assert (tmp_path / "other.yaml").stat().st_mtime_ns == before, "an existing file is asked about first"

    drive(everything, source, steps)


def test_leaving_with_changes_is_asked_twice(everything: Engine, sample: Path) -> None:
    async def steps(app: CaseApp, pilot: Pilot[None]) -> None:
        await write(app, pilot, RD, "500万元")
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert app.is_running
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert app._exit

    drive(everything, sample, steps)


def test_without_a_terminal_it_says_so_and_ends() -> None:
    done = run("tui", "policy/yinchuan/cases/sample.yaml", "--lang", "en")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "not a terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_with_faults_is_refused_before_anything_is_drawn() -> None:
    done = run("tui", "policy/yinchuan/cases/wrong.yaml", "--lang", "en")
    assert done.returncode == 2
    assert "\x1b" not in done.stdout + done.stderr


# -- the parts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_value_shown_is_read_back_as_itself(everything: Engine, sample: Path, lang: Lang) -> None:
    session = Session(everything, load_case(sample, everything.vocabulary), None, lang)
    count = 0
    for group in session.rows():
        for row in group.rows:
            found = stated(row, session.now.document)
            if found is not None:
                assert shown(row, found, lang)
                trial = session.trial(row, parsed(row, written(row, found, lang)))
                assert trial.case == session.now.case, row.key
                count += 1
    assert count > 60


def test_readable_amounts_are_exact() -> None:
    for number in (
        Fraction(1),
        Fraction(9999),
        Fraction(10000),
        Fraction(123456789),
        Fraction(31800000001, 100),
        Fraction(10**12),
    ):
        for lang in ("zh", "en"):
            text = readable(number, MONEY, lang).replace("CNY ", "")
            assert parse_quantity(text).value == number, text


@pytest.mark.parametrize(
    ("value", "by", "expected"),
    [("12600000", 1, "13600000"), ("1000000", -1, "900000"), ("0", -1, "0"), ("0", 1, "1"), ("9", -1, "8"), ("1", -1, "0")],
)  # fmt: skip
def test_a_step_moves_the_second_digit(value: str, by: int, expected: str) -> None:
    assert nudged(value, by, whole=True) == expected


def test_a_name_is_cut_to_its_cells() -> None:
    for text in ("研发费用补助", "a研发费用", "R&D", ""):
        for width in range(16):
            assert cell_len(fitted(text, width)) == width or width == 0


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
