"""Questions of one line, asked below everything: what to find, where to save, what to add."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.widgets import Input

from conggao.cli.tui import additions, words
from conggao.cli.tui.additions import Kind
from conggao.cli.tui.editing import Editing
from conggao.cli.tui.screens import ChoiceScreen
from conggao.cli.writing import save_case
from conggao.facts.diagnostics import InputFaults, Text


class Asking(Editing):
    """Asks for a line of text and does what was asked for."""

    def _ask(self, what: str, label: Text, value: str = "") -> None:
        prompt = self.query_one("#prompt", Input)
        self._asking = what
        prompt.value = value
        prompt.placeholder = label.of(self.lang)
        prompt.border_title = label.of(self.lang)
        prompt.add_class("asked")
        # At once, so that what is typed ahead lands in the prompt.
        self.screen.set_focus(prompt)
        self.say(label.of(self.lang) + "   " + words.EDITING.of(self.lang).rpartition("·")[0].rstrip(" ·"))

    def _asked(self, *, focus: bool = True) -> None:
        self._asking = self._twice = None
        self.query_one("#prompt").remove_class("asked")
        if focus:
            self.screen.set_focus(self.facts)

    @on(Input.Blurred, "#prompt")
    def _turned_away(self) -> None:
        if not self.small and len(self.screen_stack) == 1 and self._asking is not None:
            self._asked(focus=False)

    def action_find(self) -> None:
        self._ask("find", words.FIND)

    def action_save(self) -> None:
        if len(self.screen_stack) == 1:
            self._ask("save", words.SAVE_AS, f"{self.source.with_suffix('')}-2{self.source.suffix or '.yaml'}")

    @on(Input.Submitted, "#prompt")
    def _answered(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        match self._asking:
            case "find":
                self._asked()
                self._find(text)
            case "save" if text:
                self._save(Path(text))
            case "project" | "service" | "received" | "assessed" as kind if text:
                self._add(kind, text)
            case _:
                self.action_cancel()

    def _find(self, text: str) -> None:
        wanted = text.casefold()
        for row in self._rows.values():
            names = (row.key, row.label.zh, row.label.en)
            if wanted and any(wanted in name.casefold() for name in names):
                if not self._everything and not self.facts.go_to(row.key):
                    self.action_only_stated()
                if self.facts.go_to(row.key):
                    return
        self.say(words.NOT_FOUND.of(self.lang).format(text))

    def action_new(self) -> None:
        """Adds a project, a service, money received or an amount decided."""
        outcome = self._asking_of = self.chosen_outcome()
        choices = [(kind, additions.KINDS[kind].of(self.lang)) for kind in additions.possible(outcome)]

        def taken(picked: tuple[str, ...] | None) -> None:
            kind = next((item for item in additions.KINDS if picked == (item,)), None)
            if kind is not None:
                document = self.session.now.document
                self._ask(kind, additions.ASKED[kind], additions.free_id(document, kind) if kind == "project" else "")

        self.push_screen(ChoiceScreen(words.NEW.of(self.lang), choices, (), several=False, lang=self.lang), taken)

    def _add(self, kind: Kind, told: str) -> None:
        if kind != "service":
            self._added(kind, told, None)
            return
        kinds = [(name, label.of(self.lang)) for name, label in self.session.engine.vocabulary.words("kinds").items()]

        def taken(picked: tuple[str, ...] | None) -> None:
            if picked is not None:
                self._added(kind, told, picked[0])

        self.push_screen(ChoiceScreen(told, kinds, (), several=False, lang=self.lang), taken)

    def _added(self, kind: Kind, told: str, word: str | None) -> None:
        document, fact = additions.added(self.session.now.document, kind, told, self._asking_of, word)
        try:
            state = self.session.decided(document, fact)
        except InputFaults as faults:
            self.say_faults(faults)
            return
        self._asked()
        self.enter(state)
        self.facts.go_to(fact)

    def _save(self, path: Path) -> None:
        if path.exists() and self._twice != str(path) and not path.samefile(self.source):
            self._twice = str(path)
            self.say(words.EXISTS.of(self.lang).format(path), "bad")
            return
        try:
            save_case(self.session.now.case, path, self.source)
        except InputFaults as faults:
            self.say_faults(faults)
            return
        self.session.saved()
        self._asked()
        self.show_outcomes()
        self.say(words.SAVED.of(self.lang).format(path), "good")

    def action_cancel(self) -> None:
        """Leaves the editor or the prompt as if it had not been opened."""
        if self.editor is not None:
            self.close_editor()
            self.show_outcomes()
            self.say(words.CANCELLED.of(self.lang))
        elif self._asking is not None:
            self._asked()
            self.say(words.CANCELLED.of(self.lang))

    def action_leave(self) -> None:
        """Ends; with changes not saved only when asked for twice."""
        if self.session.unsaved and self._twice != "leave":
            self._twice = "leave"
            self.say(words.LEAVE.of(self.lang), "bad")
            return
        self.exit()
