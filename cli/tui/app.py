"""The terminal application: facts at the left, outcomes at the right, why below; every edit is decided as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text as Line
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from conggao.cli.tui import words
from conggao.cli.tui.lists import fact_items, outcome_items, outcome_key, totals
from conggao.cli.tui.listing import Item, Listing
from conggao.cli.tui.screens import ChoiceScreen, HelpScreen
from conggao.cli.tui.session import Session, State
from conggao.cli.tui.sheet import Row, nudged, parsed, stated, units_of, written
from conggao.cli.tui.why import why_view
from conggao.cli.whatif import comparison_view
from conggao.cli.writing import save_case
from conggao.engine import Outcome
from conggao.facts.diagnostics import InputFaults, Lang, Text

COLUMNS, LINES = 80, 24
"""The smallest window."""
WIDE = 76


class CaseApp(App[None]):
    """One case under one engine. `source` is the file it was read from, which is never written over."""

    CSS_PATH = "tui.tcss"
    TITLE = "conggao"
    ENABLE_COMMAND_PALETTE = False
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

    def __init__(self, session: Session, source: Path) -> None:
        super().__init__()
        self.session = session
        self.source = source
        self._trial: State | None = None
        """What the text in the editor makes of the case, while one types."""
        self._from_start = False
        self._everything = True
        self._below = "why"
        self._asking: str | None = None
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
        self._show_facts()
        self._show_outcomes()
        self._show_keys()

    def _show_facts(self) -> None:
        base = self.session.start.case if self._from_start else self.session.before.case
        groups = self.session.rows()
        self._rows: dict[str, Row] = {row.key: row for group in groups for row in group.rows}
        self.facts.show(fact_items(groups, self.session.now, base, self.lang, everything=self._everything))
        self._title("#facts-pane", words.FACTS)

    def _show_outcomes(self) -> None:
        state = self.state
        compared = self.session.compared(state, self._from_start)
        self.outcomes.show(outcome_items(state.decision, compared))
        self._title("#outcomes-pane", words.OUTCOMES)
        since = words.SINCE_START if self._from_start else words.SINCE_EDIT
        self.query_one("#outcomes-pane").border_subtitle = f"● {since.of(self.lang)} (c)"
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
        line.append(f"{state.decision.as_of}  {(enterprise.name if enterprise else None) or words.UNNAMED.of(self.lang)}")
        line.no_wrap, line.overflow = True, "ellipsis"
        self.query_one("#head", Static).update(line)
        self._show_below()

    def _title(self, pane: str, title: Text) -> None:
        self.query_one(pane).border_title = title.of(self.lang)

    def _show_below(self) -> None:
        lower = self.query_one("#lower")
        view, title = self._view_below()
        lower.border_title = title.of(self.lang)
        self.query_one("#why", Static).update(view)

    def _view_below(self) -> tuple[RenderableType, Text]:
        if self._below == "plot":
            return self._plot_view(), words.PLOT
        if self._below == "changes":
            compared = self.session.compared(self.state, self._from_start)
            if not compared.changes:
                return Line(words.UNCHANGED.of(self.lang)), words.CHANGES
            return comparison_view(compared, self.lang, wide=self.size.width >= WIDE), words.CHANGES
        outcome = self.chosen_outcome()
        if outcome is None:
            return Line(""), words.WHY
        return why_view(self.state.decision, outcome, self.session.engine), words.WHY

    def _plot_view(self) -> RenderableType:
        from conggao.cli.tui.plot import plot_view

        row = self.chosen_row()
        room = self.query_one("#lower").size
        if row is None:
            return Line("")
        return plot_view(self.session, self.state, row, max(room.width - 3, 40), max(room.height, 6))

    def _show_keys(self) -> None:
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

    def on_resize(self, event: events.Resize) -> None:
        small = event.size.width < COLUMNS or event.size.height < LINES
        self.screen.set_class(small, "small")
        if small:
            text = words.TOO_SMALL.of(self.lang).format(event.size.width, event.size.height)
            self.query_one("#cover", Static).update(text)
        self.call_after_refresh(self._place_editor)
        if self._below != "why":
            self.call_after_refresh(self._show_below)

    # -- moving ---------------------------------------------------------------------------------------------------------

    @on(Listing.Moved, "#outcomes")
    def _outcome_moved(self) -> None:
        if self._below == "why":
            self._show_below()
            self.query_one("#lower").scroll_home(animate=False)

    @on(Listing.Moved, "#facts")
    def _fact_moved(self) -> None:
        if self.editor is not None:
            return
        if self._below == "plot":
            self._show_below()
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

    def action_only_stated(self) -> None:
        self._everything = not self._everything
        self._show_facts()

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

    def _found(self, name: str) -> Any:
        from conggao.facts.paths import find_path

        now = self.session.now
        return find_path(name, self.session.engine.vocabulary, now.decision.as_of, now.document)

    # -- editing --------------------------------------------------------------------------------------------------------

    @on(Listing.Chosen, "#facts")
    def _fact_chosen(self) -> None:
        self.action_edit()

    @on(Listing.Chosen, "#outcomes")
    def _outcome_chosen(self) -> None:
        self._below = "why"
        self._show_below()
        self.query_one("#lower").focus()

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
        self._place_editor()
        editor.focus()
        self.say(words.EDITING.of(self.lang) + "   " + units_of(row, self.lang))

    def _place_editor(self) -> None:
        if (editor := self.editor) is not None:
            region = self.facts.value_region()
            editor.styles.width = region.width
            editor.styles.offset = (region.x, region.y)

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

        self.push_screen(
            ChoiceScreen(row.label.of(self.lang), choices, chosen, several=several, lang=self.lang), taken
        )

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
        self._show_outcomes()

    @on(Input.Submitted, "#editor")
    def _submitted(self, event: Input.Submitted) -> None:
        row = self.chosen_row()
        if row is None:
            return
        if self.change(row, parsed(row, event.value)):
            self._close_editor()

    def _close_editor(self) -> None:
        if (editor := self.editor) is not None:
            editor.remove()
        self._trial = None
        self.facts.focus()

    def change(self, row: Row, value: Any) -> bool:
        """Makes `value` the fact's; says why not where it cannot be, and changes nothing."""
        try:
            state = self.session.trial(row, value)
        except InputFaults as faults:
            self.say_faults(faults)
            return False
        self._trial = None
        self.session.enter(state)
        self._gain()
        self.refresh_all()
        return True

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

    def _step(self, move: Any, otherwise: Text) -> None:
        if self.screen is not self.screen_stack[0]:
            return
        if self.editor is not None:
            self._close_editor()
        fact = self.session.now.fact
        if not move():
            self.say(otherwise.of(self.lang))
            return
        self.refresh_all()
        self.facts.go_to(self.session.now.fact if move == self.session.redo else fact or "")
        self.say("")

    # -- looking --------------------------------------------------------------------------------------------------------

    def action_compare(self) -> None:
        self._from_start = not self._from_start
        self.refresh_all()

    def action_changes(self) -> None:
        self._turn_below("changes")

    def action_plot(self) -> None:
        self._turn_below("plot")

    def _turn_below(self, what: str) -> None:
        self._below = "why" if self._below == what else what
        self._show_below()
        self.query_one("#lower").scroll_home(animate=False)

    def action_language(self) -> None:
        self.session.speak("en" if self.lang == "zh" else "zh")
        self._trial = None
        self.refresh_all()
        self.say("")

    def action_help(self) -> None:
        self.push_screen(HelpScreen(self.lang))

    # -- asking for a line of text --------------------------------------------------------------------------------------

    def _ask(self, what: str, label: Text, value: str = "") -> None:
        prompt = self.query_one("#prompt", Input)
        self._asking = what
        prompt.value = value
        prompt.placeholder = label.of(self.lang)
        prompt.border_title = label.of(self.lang)
        prompt.add_class("asked")
        prompt.focus()
        self.say(label.of(self.lang) + "   " + words.EDITING.of(self.lang).rpartition("·")[0].rstrip(" ·"))

    def _asked(self) -> None:
        self._asking = self._twice = None
        self.query_one("#prompt").remove_class("asked")
        self.facts.focus()

    def action_find(self) -> None:
        self._ask("find", words.FIND)

    def action_save(self) -> None:
        if self.screen is self.screen_stack[0]:
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
        self._show_outcomes()
        self.say(words.SAVED.of(self.lang).format(path), "good")

    def action_cancel(self) -> None:
        """Leaves the editor or the prompt as if it had not been opened."""
        if self.editor is not None:
            self._close_editor()
            self._show_outcomes()
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
