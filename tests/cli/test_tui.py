"""The terminal application, driven by its keys: what is edited is what is decided, and what is wrong changes nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

pytest.importorskip("textual")
pytest.importorskip("plotext")

from textual.pilot import Pilot
from textual.widgets import Input, Static

from conggao.cli.tui.app import CaseApp
from conggao.cli.tui.lists import outcome_key
from conggao.engine import Engine
from conggao.facts.diagnostics import Lang
from conggao.facts.loading import load_case
from tests.cli.console import run
from tests.cli.driving import RD, drive, paid, status, value, write


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
