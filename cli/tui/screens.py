"""What opens over the application: the help, and the choice of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from conggao.cli.tui import words
from conggao.facts.diagnostics import Lang, Text


class HelpScreen(ModalScreen[None]):
    """Every key and what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", show=False)]

    def __init__(self, lang: Lang) -> None:
        super().__init__()
        self.lang: Lang = lang

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = words.HELP_TITLE.of(self.lang)
            sheet.border_subtitle = words.HELP_CLOSE.of(self.lang)
            yield Static(self._view())

    def _view(self) -> RenderableType:
        parts: list[RenderableType] = []
        for title, keys in words.HELP:
            table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 1))
            table.add_column(no_wrap=True, style="bold", min_width=24)
            table.add_column(overflow="fold")
            for key, said in keys:
                table.add_row(key, said.of(self.lang))
            parts += [Line(title.of(self.lang), style="bold underline"), table]
        parts.append(Padding(Line(words.HELP_UNITS.of(self.lang), style="dim"), (0, 0, 0, 1)))
        return Group(*parts)


class ChoiceScreen(ModalScreen[tuple[str, ...] | None]):
    """A choice among words: one of them, or with `several` any number. Gives None where it is left as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("enter", "take", show=False, priority=True),
    ]

    def __init__(
        self, title: str, choices: Sequence[tuple[str, str]], chosen: Sequence[str], *, several: bool, lang: Lang
    ) -> None:
        super().__init__()
        self.heading, self.choices, self.chosen, self.several, self.lang = title, choices, set(chosen), several, lang

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = self.heading
            hint = _SEVERAL if self.several else _ONE
            if self.several:
                yield SelectionList(*(Selection(label, name, name in self.chosen) for name, label in self.choices))
            else:
                yield OptionList(*(Option(label, id=name) for name, label in self.choices))
            yield Label(hint.of(self.lang))

    def on_mount(self) -> None:
        chooser = self.query_one(OptionList)
        names = [name for name, _ in self.choices]
        chooser.highlighted = next((names.index(name) for name in names if name in self.chosen), 0)
        chooser.focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_take(self) -> None:
        if self.several:
            picked = set(self.query_one(SelectionList).selected)
            self.dismiss(tuple(name for name, _ in self.choices if name in picked))
            return
        at = self.query_one(OptionList).highlighted
        self.dismiss(None if at is None else (self.choices[at][0],))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if not self.several:
            self.dismiss((event.option.id or "",))


_ONE = Text("↑↓ 选，回车确定，Esc 不改", "↑↓ choose, Enter keeps, Esc leaves")
_SEVERAL = Text("空格 选或不选，回车确定，Esc 不改", "Space ticks, Enter keeps, Esc leaves")
