"""The terminal application: every key and what it does."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from conggao.cli.tui.asking import Asking
from conggao.cli.tui.listing import Listing
from conggao.cli.tui.screens import HelpScreen
from conggao.cli.tui.sheet import units_of
from conggao.facts.diagnostics import InputFaults, Text
from conggao.facts.paths import FactPath, find_path


class CaseApp(Asking):
    """One case under one engine, by keyboard alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "undo", show=False, priority=True),
        Binding("ctrl+y,ctrl+shift+z", "redo", show=False, priority=True),
        Binding("ctrl+s", "save", show=False, priority=True),
        Binding("ctrl+q", "leave", show=False, priority=True),
        Binding("escape", "cancel", show=False),
        Binding("space", "turn", show=False),
        Binding("delete,backspace", "forget", show=False),
        Binding("plus,equals_sign", "nudge(1)", show=False),
        Binding("minus", "nudge(-1)", show=False),
        Binding("n", "new", show=False),
        Binding("c", "compare", show=False),
        Binding("d", "changes", show=False),
        Binding("p", "plot", show=False),
        Binding("slash", "find", show=False),
        Binding("m", "only_stated", show=False),
        Binding("g", "go_to_fact", show=False),
        Binding("z", "zoom", show=False),
        Binding("left_square_bracket", "fold_all(True)", show=False),
        Binding("right_square_bracket", "fold_all(False)", show=False),
        Binding("l", "language", show=False),
        Binding("question_mark", "help", show=False),
    ]

    # -- moving ---------------------------------------------------------------------------------------------------------

    @on(Listing.Moved, "#outcomes")
    def _outcome_moved(self) -> None:
        if self._below == "why":
            self.show_below()
            self.query_one("#lower").scroll_home(animate=False)

    @on(Listing.Moved, "#facts")
    def _fact_moved(self) -> None:
        if self.editor is not None:
            return
        if self._below == "plot":
            self.show_below()
        row = self.chosen_row()
        self.say("" if row is None else "  ".join(part for part in (row.key, units_of(row, self.lang)) if part))

    def action_zoom(self) -> None:
        """The pane one is in alone, or all panes again."""
        panes = ("facts", "outcomes", "lower")
        if any(self.screen.has_class(f"zoom-{pane}") for pane in panes):
            self.screen.remove_class(*(f"zoom-{pane}" for pane in panes))
        elif self.focused is not None and self.focused.id in panes:
            self.screen.add_class(f"zoom-{self.focused.id}")

    def action_fold_all(self, folded: bool) -> None:
        listing = self.outcomes if self.focused is self.outcomes else self.facts
        listing.folded.clear()
        listing.fold_all([item.key for item in listing.items if item.heading] if folded else [])
        listing.reveal()

    def action_go_to_fact(self) -> None:
        """To the fact that the chosen outcome lacks."""
        outcome = self.chosen_outcome()
        for name in outcome.missing if outcome is not None else ():
            try:
                key = str(self._found(name))
            except InputFaults:
                continue
            # A title that is not held has no year yet; the title itself is what can be stated.
            if self.facts.go_to(key) or self.facts.go_to(key.removesuffix(".year")):
                self.facts.focus()
                return
        self.say(Text("所选结果不缺事实", "the chosen outcome lacks no fact").of(self.lang))

    def _found(self, name: str) -> FactPath:
        now = self.session.now
        return find_path(name, self.session.engine.vocabulary, now.decision.as_of, now.document)

    # -- looking --------------------------------------------------------------------------------------------------------

    @on(Listing.Chosen, "#outcomes")
    def _outcome_chosen(self) -> None:
        if self._below != "why":
            self._turn_below("why")
        self.query_one("#lower").focus()

    def action_compare(self) -> None:
        self._from_start = not self._from_start
        self.refresh_all()

    def action_changes(self) -> None:
        self._turn_below("changes")

    def action_plot(self) -> None:
        self._turn_below("plot")

    def _turn_below(self, what: str) -> None:
        self._below = "why" if self._below == what else what
        self.screen.set_class(self._below != "why", "looking")
        # What is drawn depends on the room that there then is.
        self.call_after_refresh(self.show_below)
        self.query_one("#lower").scroll_home(animate=False)

    def action_language(self) -> None:
        self.session.speak("en" if self.lang == "zh" else "zh")
        self._trial = None
        self.refresh_all()
        self.say("")

    def action_help(self) -> None:
        self.push_screen(HelpScreen(self.lang))
