"""The window: facts at the left, outcomes at the right, why below; what is shown of a state, and where."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text as Line
from textual import events, work
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from conggao.cli.tui import plot, words
from conggao.cli.tui.listing import Listing
from conggao.cli.tui.lists import fact_items, outcome_items, outcome_key, totals
from conggao.cli.tui.session import Session, State
from conggao.cli.tui.sheet import Row
from conggao.cli.tui.why import why_view
from conggao.cli.whatif import comparison_view
from conggao.engine import Outcome
from conggao.engine.analysis.sweep import Sweep
from conggao.facts.diagnostics import InputFaults, Lang, Text
from conggao.facts.models import Case

COLUMNS, LINES = 80, 24
"""The smallest window."""


class Window(App[None]):
    """Shows one case under one engine. `source` is the file it was read from, which is never written over."""

    CSS_PATH = "tui.tcss"
    TITLE = "conggao"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session: Session, source: Path) -> None:
        super().__init__()
        self.session = session
        self.source = source
        self._trial: State | None = None
        """What the text in the editor makes of the case, while one types."""
        self._from_start = False
        self._everything = True
        self._below = "why"
        self._levels = {policy.id: str(policy.level) for policy in session.engine.rulebooks.policies}
        self._swept: tuple[str, Case, Sweep | InputFaults] | None = None
        """The last sweep, of which fact in which case; or why there is none."""
        self._asking: str | None = None
        self._asking_of: Outcome | None = None
        """The outcome that what is asked is about."""
        self._twice: str | None = None
        """What was asked for and only happens if it is asked for again."""

    # -- what stands where ------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        with Vertical(id="panes"):
            with Horizontal(id="upper"):
                with Vertical(id="facts-pane", classes="pane"):
                    yield Listing(id="facts")
                with Vertical(id="outcomes-pane", classes="pane"):
                    yield Listing(id="outcomes")
            with VerticalScroll(id="lower", classes="pane"):
                yield Static(id="why")
        yield Input(id="prompt")
        yield Static(id="status", markup=False)
        yield Static(id="keys")
        yield Static(id="cover", markup=False)

    def on_mount(self) -> None:
        self.facts.WIDEST_VALUE = 0.5
        self.outcomes.folded.update(("programme", "not_in_force"))
        self.refresh_all()
        self.facts.cursor = 1
        self.outcomes.cursor = 1
        self.facts.focus()
        if self.is_web:
            self._server = os.getppid()
            self.set_interval(1, self._end_with_the_server)

    def _end_with_the_server(self) -> None:
        """A server that was killed takes no leave, and its pipes never say a word again."""
        if os.getppid() != self._server:
            os._exit(1)

    @property
    def facts(self) -> Listing:
        return self.query_one("#facts", Listing)

    @property
    def outcomes(self) -> Listing:
        return self.query_one("#outcomes", Listing)

    @property
    def lang(self) -> Lang:
        return self.session.lang

    @property
    def state(self) -> State:
        """What is shown: the case as it is being typed, else as it is."""
        return self._trial or self.session.now

    @property
    def editor(self) -> Input | None:
        found = self.query("#editor")
        return found.first(Input) if found else None

    # -- showing --------------------------------------------------------------------------------------------------------

    def refresh_all(self) -> None:
        """Everything anew: after an edit, an undo, another language."""
        self.show_facts()
        self.show_outcomes()
        self.show_keys()

    def show_facts(self) -> None:
        base = self.session.start.case if self._from_start else self.session.before.case
        groups = self.session.rows()
        self._rows: dict[str, Row] = {row.key: row for group in groups for row in group.rows}
        self.facts.show(fact_items(groups, self.session.now, base, self.lang, everything=self._everything))
        self.query_one("#facts-pane").border_title = words.FACTS.of(self.lang)

    def show_outcomes(self) -> None:
        state = self.state
        compared = self.session.compared(state, self._from_start)
        self.outcomes.show(outcome_items(state.decision, compared, self._levels))
        since = words.SINCE_START if self._from_start else words.SINCE_EDIT
        pane = self.query_one("#outcomes-pane")
        pane.border_title = words.OUTCOMES.of(self.lang)
        pane.border_subtitle = f"● {since.of(self.lang)} (c)"
        line = Line()
        for name, total, change in totals(compared, self.lang):
            line.append(f"{name} ")
            line.append(total, style="bold")
            if change:
                line.append(f" {change:+,.2f}", style="bold green" if change > 0 else "bold red")
            line.append("  ")
        if self.session.unsaved:
            line.append(f"* {words.UNSAVED.of(self.lang)}  ")
        enterprise = state.case.enterprise
        line.append(
            f"{state.decision.as_of}  {(enterprise.name if enterprise else None) or words.UNNAMED.of(self.lang)}"
        )
        line.no_wrap, line.overflow = True, "ellipsis"
        self.query_one("#head", Static).update(line)
        self.show_below()

    def show_below(self) -> None:
        if self._below == "plot":
            self._plot()
            return
        lower = self.query_one("#lower")
        view, title = self._view_below()
        lower.border_title = title.of(self.lang)
        self.query_one("#why", Static).update(view)

    def _view_below(self) -> tuple[RenderableType, Text]:
        if self._below == "changes":
            compared = self.session.compared(self.state, self._from_start)
            if not compared.changes:
                return Line(words.UNCHANGED.of(self.lang)), words.CHANGES
            return comparison_view(compared, self.lang, self.size.width - 6), words.CHANGES
        outcome = self.chosen_outcome()
        if outcome is None:
            return Line(""), words.WHY
        return why_view(self.state.decision, outcome, self.session.engine), words.WHY

    # -- the plot ---------------------------------------------------------------------------------------------------------

    def _plot(self) -> None:
        """Draws the plot of the chosen fact; sweeps first, beside what one types, where that has not been done."""
        row, case = self.chosen_row(), self.state.case
        if row is None:
            self._draw(Line(""))
            return
        if self._swept is not None and self._swept[:2] == (row.key, case):
            self._draw_sweep(row, self._swept[2])
            return
        self._draw(Group(plot.heading(row, self.lang), Line(plot.WORKING.of(self.lang), style="dim")))
        self._sweep(row, self.state)

    @work(thread=True, exclusive=True, group="plot")
    def _sweep(self, row: Row, state: State) -> None:
        worker = get_current_worker()
        try:
            found: Sweep | InputFaults = plot.swept(self.session, state, row)
        except InputFaults as faults:
            found = faults
        if not worker.is_cancelled:
            self.call_from_thread(self._have_swept, row, state, found)

    def _have_swept(self, row: Row, state: State, found: Sweep | InputFaults) -> None:
        self._swept = row.key, state.case, found
        chosen = self.chosen_row()
        if self._below == "plot" and chosen is not None and chosen.key == row.key:
            self._draw_sweep(row, found)

    def _draw_sweep(self, row: Row, found: Sweep | InputFaults) -> None:
        if isinstance(found, InputFaults):
            self._draw(
                Group(plot.heading(row, self.lang), Line(found.diagnostics[0].message.of(self.lang), style="yellow"))
            )
            return
        room = self.query_one("#lower").size
        now = plot.present(self.state, row)
        self._draw(
            plot.plot_view(
                self.session.engine, found, row, now, self.lang, max(room.width - 3, 40), max(room.height, 6)
            )
        )

    def _draw(self, view: RenderableType) -> None:
        self.query_one("#lower").border_title = words.PLOT.of(self.lang)
        self.query_one("#why", Static).update(view)

    # -- the last lines ---------------------------------------------------------------------------------------------------

    def show_keys(self) -> None:
        parts = [f"[@click={action}][b]{key}[/b] {said.of(self.lang)}[/]" for action, key, said in words.KEYS]
        self.query_one("#keys", Static).update("  ".join(parts))

    def say(self, text: str, kind: str = "") -> None:
        """One line below everything; `kind` is `bad`, `good` or nothing."""
        line = self.query_one("#status", Static)
        line.set_classes(kind)
        line.update(Line(text, no_wrap=True, overflow="ellipsis"))

    def say_faults(self, faults: InputFaults) -> None:
        """The first fault, with what would be right."""
        first = faults.diagnostics[0]
        self.say(
            "  ".join(part.of(self.lang) for part in (first.message, first.help, first.note) if part is not None), "bad"
        )

    def chosen_row(self) -> Row | None:
        """The fact under the cursor."""
        item = self.facts.current
        return self._rows.get(item.key) if item is not None else None

    def chosen_outcome(self) -> Outcome | None:
        """The outcome under the cursor."""
        item = self.outcomes.current
        found = (each for each in self.state.decision.outcomes if item is not None and outcome_key(each) == item.key)
        return next(found, None)

    def action_only_stated(self) -> None:
        """Only the facts that are stated, or all that can be."""
        self._everything = not self._everything
        self.show_facts()

    def place_editor(self) -> None:
        """Puts the editor over the value of the chosen fact."""
        if (editor := self.editor) is not None:
            region = self.facts.value_region()
            editor.styles.width = region.width
            editor.styles.offset = (region.x, region.y)

    def on_resize(self, event: events.Resize) -> None:
        small = event.size.width < COLUMNS or event.size.height < LINES
        cover = self.query_one("#cover", Static)
        if small:
            cover.update(words.TOO_SMALL.of(self.lang).format(event.size.width, event.size.height))
        if small != self.small:
            self.screen_stack[0].set_class(small, "small")
            if small:
                # Nothing is to be changed that cannot be seen; what is being written waits.
                self.set_focus(None)
            else:
                self.set_focus(self.editor or (self.query_one("#prompt") if self._asking else self.facts))
        self.call_after_refresh(self.place_editor)
        if self._below != "why":
            self.call_after_refresh(self.show_below)

    @property
    def small(self) -> bool:
        """Whether the window is too small to show anything but that."""
        return self.screen_stack[0].has_class("small")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a window that is too small nothing can be done but to leave."""
        return action == "leave" or not self.small
