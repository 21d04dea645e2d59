"""A list under headings that can be folded: a name at the left, a value at the right, one line each, drawn line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip


@dataclass(frozen=True, slots=True)
class Item:
    """A line: a heading (`group` is its own key) or an entry of the group. `brief` stands for the value where that is too
    wide; `style` is that of the value; `changed` marks it."""

    key: str
    group: str
    left: str
    right: str = ""
    brief: str = ""
    style: str = ""
    heading: bool = False
    faint: bool = False
    changed: bool = False


def fitted(text: str, width: int) -> str:
    """`text` in exactly `width` cells, cut with an ellipsis where it is longer."""
    if cell_len(text) <= width:
        return set_cell_size(text, max(width, 0))
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…" + " " * _left(text, width)


def _left(text: str, width: int) -> int:
    """The cells that are left over where a wide character had to go before the ellipsis."""
    return max(width - 1 - cell_len(set_cell_size(text, max(width - 1, 0)).rstrip()), 0)


class Listing(ScrollView, can_focus=True):
    """Shows items; the cursor stays on its key when they change. Posts Moved and Chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "listing--heading", "listing--cursor", "listing--faint", "listing--changed", "listing--good", "listing--warn",
        "listing--bad", "listing--aside", "listing--here",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "end(0)", show=False),
        Binding("end", "end(-1)", show=False),
        Binding("left", "fold(True)", show=False),
        Binding("right", "fold(False)", show=False),
        Binding("enter", "choose", show=False),
    ]
    cursor: reactive[int] = reactive(0)
    WIDEST_VALUE = 0.6
    """The share of the width that a value may take."""

    class Moved(Message):
        """The cursor stands on another item."""

        def __init__(self, listing: Listing, item: Item) -> None:
            self.listing, self.item = listing, item
            super().__init__()

        @property
        def control(self) -> Listing:
            return self.listing

    class Chosen(Moved):
        """Enter, or a second click, on an item that is no heading."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - the name in textual
        super().__init__(id=id)
        self._all: tuple[Item, ...] = ()
        self._shown: list[Item] = []
        self.folded: set[str] = set()

    # -- what is shown --------------------------------------------------------------------------------------------------

    def show(self, items: Sequence[Item]) -> None:
        """Shows other items; the cursor goes to the item of its key, or stays at its line."""
        at = self.current
        self._all = tuple(items)
        self._arrange(at)

    def _arrange(self, at: Item | None) -> None:
        self._shown = [item for item in self._all if item.heading or item.group not in self.folded]
        self.virtual_size = Size(0, len(self._shown))
        keys = [item.key for item in self._shown]
        wanted = at.key if at is not None else ""
        if wanted not in keys and at is not None and at.group in keys and at.group in self.folded:
            wanted = at.group
        place = keys.index(wanted) if wanted in keys else min(self.cursor, max(len(keys) - 1, 0))
        self.set_reactive(Listing.cursor, place)
        self.refresh()

    @property
    def current(self) -> Item | None:
        return self._shown[self.cursor] if self.cursor < len(self._shown) else None

    @property
    def items(self) -> tuple[Item, ...]:
        return self._all

    def go_to(self, key: str) -> bool:
        """Puts the cursor on the item of that key, unfolding its group. False where there is none."""
        found = next((item for item in self._all if item.key == key), None)
        if found is None:
            return False
        if found.group in self.folded and not found.heading:
            self.folded.discard(found.group)
            self._arrange(found)
        self.cursor = self._shown.index(found)
        self.reveal()
        return True

    def fold_all(self, keys: Sequence[str]) -> None:
        """Folds the groups of these keys."""
        at = self.current
        self.folded.update(keys)
        self._arrange(at)

    # -- drawing --------------------------------------------------------------------------------------------------------

    @property
    def _width(self) -> int:
        """The cells beside the scroll bar."""
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self._width
        if index >= len(self._shown):
            return Strip.blank(width, self.rich_style)
        item = self._shown[index]
        return Strip(self._segments(item, width, at=index == self.cursor), width)

    def _segments(self, item: Item, width: int, *, at: bool) -> list[Segment]:
        base: Style = self.rich_style
        if item.heading:
            base += self._component("heading")
        elif item.faint:
            base += self._component("faint")
        if item.changed:
            base += self._component("changed")
        if at:
            base += self._component("cursor") if self.has_focus else self._component("here")
        value = base + self._component(item.style) if item.style and not (at and self.has_focus) else base
        if item.heading:
            sign = "▸ " if item.group in self.folded else "▾ "
            right = fitted(item.right, min(cell_len(item.right), width // 2)) + " "
            return [Segment(fitted(sign + item.left, width - cell_len(right) - 1) + " ", base), Segment(right, base)]
        most = int(width * self.WIDEST_VALUE)
        text = item.brief if item.brief and cell_len(item.right) > most else item.right
        right = fitted(text, min(cell_len(text), most))
        mark = "●" if item.changed else " "
        left = fitted(f"{mark} {item.left}", width - cell_len(right) - 2)
        return [Segment(left + " ", base), Segment(right + " ", value)]

    def _component(self, name: str) -> Style:
        return self.get_component_rich_style(f"listing--{name}", partial=True)

    def value_region(self) -> Region:
        """Where the value of the current item stands, within the widget; at least 20 cells."""
        item = self.current
        width = max(int(self._width * self.WIDEST_VALUE), min(20, self._width))
        if item is not None:
            width = max(width, min(cell_len(item.right) + 3, self._width))
        return Region(self._width - width, self.cursor - self.scroll_offset.y, width, 1)

    # -- moving ---------------------------------------------------------------------------------------------------------

    def validate_cursor(self, value: int) -> int:
        return max(0, min(value, len(self._shown) - 1))

    def watch_cursor(self) -> None:
        self.reveal()
        self.refresh()
        if (item := self.current) is not None:
            self.post_message(self.Moved(self, item))

    def reveal(self) -> None:
        """Scrolls to the cursor, at once; its heading comes along where it is the line above."""
        top = self.cursor
        if top and self._shown[top - 1].heading and top <= self.scroll_offset.y + 1:
            top -= 1
        self.scroll_to_region(Region(0, top, 1, self.cursor - top + 1), animate=False, force=True)

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, by: int) -> None:
        self.cursor += by * max(self.size.height - 1, 1)

    def action_end(self, at: int) -> None:
        self.cursor = at if at == 0 else len(self._shown) - 1

    def action_fold(self, folded: bool) -> None:
        item = self.current
        if item is None:
            return
        if folded:
            self.folded.add(item.group)
        else:
            self.folded.discard(item.group)
        self._arrange(item)
        self.reveal()

    def action_choose(self) -> None:
        item = self.current
        if item is None:
            return
        if item.heading:
            self.action_fold(item.group not in self.folded)
        else:
            self.post_message(self.Chosen(self, item))

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self._shown):
            again = index == self.cursor
            self.cursor = index
            if again or self._shown[index].heading:
                self.action_choose()

    def on_resize(self) -> None:
        self.virtual_size = Size(0, len(self._shown))
        self.reveal()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
