"""Editing in place: a fact is opened where it stands, and its outcomes follow as one types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import on
from textual.widgets import Input

from conggao.cli.tui import words
from conggao.cli.tui.listing import Listing
from conggao.cli.tui.screens import ChoiceScreen
from conggao.cli.tui.session import State
from conggao.cli.tui.sheet import Row, nudged, parsed, stated, units_of, written
from conggao.cli.tui.window import Window
from conggao.facts.diagnostics import InputFaults, Text


class Editing(Window):
    """Changes facts of the case that is shown."""

    @on(Listing.Chosen, "#facts")
    def _fact_chosen(self) -> None:
        self.action_edit()

    def action_edit(self) -> None:
        """Opens the chosen fact: a line to write in, in its place, or the words to choose from."""
        row = self.chosen_row()
        if row is None or self.editor is not None:
            return
        value = stated(row, self.session.now.document)
        if row.words:
            self._choose(row, value)
            return
        text = written(row, value, self.lang)
        editor = Input(value=text, id="editor", placeholder=units_of(row, self.lang), compact=True)
        self.query_one("#facts-pane").mount(editor)
        self.place_editor()
        # At once, so that what is typed ahead lands in the editor.
        self.screen.set_focus(editor)
        self.say(words.EDITING.of(self.lang) + "   " + units_of(row, self.lang))

    def _choose(self, row: Row, value: Any) -> None:
        several = row.kind == "words"
        choices = [(name, label.of(self.lang)) for name, label in (row.words or {}).items()]
        chosen = tuple(value or ()) if several else (value,) if value is not None else ()
        if not several and row.absent == "unknown" and row.path.name != "kind":
            choices.insert(0, ("", Text("不明", "unknown").of(self.lang)))

        def taken(picked: tuple[str, ...] | None) -> None:
            if picked is None:
                self.say(words.CANCELLED.of(self.lang))
            elif several:
                self.change(row, list(picked) or None)
            else:
                self.change(row, picked[0] or None)

        self.push_screen(ChoiceScreen(row.label.of(self.lang), choices, chosen, several=several, lang=self.lang), taken)

    @on(Input.Changed, "#editor")
    def _typed(self, event: Input.Changed) -> None:
        row = self.chosen_row()
        if row is None:
            return
        try:
            trial = self.session.trial(row, parsed(row, event.value))
        except InputFaults as faults:
            event.input.add_class("bad")
            self._trial = None
            self.say_faults(faults)
        else:
            event.input.remove_class("bad")
            self._trial = trial if trial.case != self.session.now.case else None
            self.say(words.EDITING.of(self.lang) + "   " + units_of(row, self.lang))
        self.show_outcomes()

    @on(Input.Submitted, "#editor")
    def _submitted(self, event: Input.Submitted) -> None:
        row = self.chosen_row()
        if row is None:
            return
        if self.change(row, parsed(row, event.value)):
            self.close_editor()

    @on(Input.Blurred, "#editor")
    def _left(self) -> None:
        if not self.small and self.editor is not None:
            self.close_editor(focus=False)
            self.show_outcomes()

    def close_editor(self, *, focus: bool = True) -> None:
        """Takes the editor away; what stood in it is forgotten."""
        if (editor := self.editor) is not None:
            editor.remove()
        self._trial = None
        if focus:
            self.screen.set_focus(self.facts)

    def change(self, row: Row, value: Any) -> bool:
        """Makes `value` the fact's; says why not where it cannot be, and changes nothing."""
        try:
            state = self.session.trial(row, value)
        except InputFaults as faults:
            self.say_faults(faults)
            return False
        self.enter(state)
        return True

    def enter(self, state: State) -> None:
        """Keeps a state and says what it brings."""
        self._trial = self._twice = None
        self.session.enter(state)
        self._gain()
        self.refresh_all()

    def _gain(self) -> None:
        gain = self.session.compared(self.session.now, with_start=False).gain
        said = f"{gain:+,.2f} {Text('元', 'CNY').of(self.lang)}" if gain else words.UNCHANGED.of(self.lang)
        self.say(f"{self.session.now.fact or ''}  {said}", "good" if gain > 0 else "")

    def action_turn(self) -> None:
        """A flag to its next value; anything else is opened."""
        row = self.chosen_row()
        if row is None or self.focused is not self.facts:
            return
        if row.kind != "flag":
            self.action_edit()
            return
        value = stated(row, self.session.now.document)
        following = {True: False, False: None, None: True}
        self.change(row, (None if value else True) if row.path.owner == "recognition" else following[value])

    def action_forget(self) -> None:
        row = self.chosen_row()
        if row is not None and self.focused is self.facts:
            self.change(row, None)

    def action_nudge(self, by: int) -> None:
        """A quantity up or down by one in its second digit."""
        row = self.chosen_row()
        if row is None or self.focused is not self.facts or row.kind not in ("quantity", "integer"):
            return
        value = stated(row, self.session.now.document)
        if value is not None:
            self.change(row, nudged(value, by, whole=row.kind == "integer"))

    def action_undo(self) -> None:
        self._step(self.session.undo, words.NOTHING_TO_UNDO)

    def action_redo(self) -> None:
        self._step(self.session.redo, words.NOTHING_TO_REDO)

    def _step(self, move: Callable[[], bool], otherwise: Text) -> None:
        if len(self.screen_stack) > 1 or self._asking is not None:
            return
        if self.editor is not None:
            self.close_editor()
        fact = self.session.now.fact
        if not move():
            self.say(otherwise.of(self.lang))
            return
        self.refresh_all()
        self.facts.go_to((self.session.now.fact if move == self.session.redo else fact) or "")
        self.say("")
