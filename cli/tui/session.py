"""A case being tried out: its states one after the other, and the decision of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from conggao.cli.tui.sheet import Group, Row, groups, stated
from conggao.engine import Decision, Engine
from conggao.engine.whatif import Comparison, compare
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.loading import read_case
from conggao.facts.models import Case
from conggao.facts.paths import read_value, write_value


@dataclass(frozen=True, slots=True)
class State:
    """A case with its decision. `fact` names what was changed to come here, None at the start."""

    case: Case
    decision: Decision
    fact: str | None = None

    @property
    def document(self) -> dict[str, Any]:
        return self.case.document()


class Session:
    """Edits of one case with undo and redo. A state that cannot be decided is never entered: `trial` raises InputFaults instead."""

    def __init__(self, engine: Engine, case: Case, as_of: str | None = None, lang: Lang = "zh") -> None:
        self.engine = engine
        self.lang: Lang = lang
        decision = engine.decide(case, as_of, engine="exact", lang=lang)
        # The day is part of what is edited from here on; `decision.case` has it.
        self._states = [State(decision.case, decision)]
        self._at = 0
        self._saved = self.now.case

    @property
    def now(self) -> State:
        return self._states[self._at]

    @property
    def start(self) -> State:
        return self._states[0]

    @property
    def before(self) -> State:
        """The state that the last edit changed."""
        return self._states[max(self._at - 1, 0)]

    @property
    def unsaved(self) -> bool:
        return self.now.case != self._saved

    @property
    def can_undo(self) -> bool:
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        return self._at + 1 < len(self._states)

    def rows(self, state: State | None = None) -> tuple[Group, ...]:
        """The facts that can be stated in a state."""
        shown = state or self.now
        books = self.engine.edition(shown.decision.as_of).rulebooks
        return groups(shown.document, self.engine.vocabulary, shown.decision.as_of, books.parameters)

    def trial(self, row: Row, value: Any) -> State:
        """The state with `value` (as a case file has it, None: not known) at `row`. Nothing is kept. Raises InputFaults."""
        path = row.path
        if path.owner == "recognition" and not path.name:
            if not _holds(value):
                message = Text(f"`{value}` 既不是“是”“否”，也不是年份", f"`{value}` is neither yes, no nor a year")
                raise InputFaults([Diagnostic("set/recognition", message, path=row.key)])
            if stated(row, self.now.document) and value not in (None, False):
                # The title is held already: its level stays, its year stays unless another is given.
                path = replace(path, name="year")
                value = read_value(path, self.now.document) if value is True else value
        return self.decided(write_value(path, value, self.now.document), row.key)

    def decided(self, document: dict[str, Any], fact: str) -> State:
        """The state of a whole document. Raises InputFaults."""
        case = read_case(document, self.engine.vocabulary)
        decision = self.engine.decide(case, engine="exact", lang=self.lang)
        return State(case, decision, fact)

    def enter(self, state: State) -> bool:
        """Makes `state` the present one; what was undone is forgotten. False where nothing differs."""
        if state.case == self.now.case:
            return False
        del self._states[self._at + 1 :]
        self._states.append(state)
        self._at += 1
        return True

    def undo(self) -> bool:
        """One state back; False at the start."""
        possible = self.can_undo
        self._at -= possible
        return possible

    def redo(self) -> bool:
        """One state forward again; False where nothing was undone."""
        possible = self.can_redo
        self._at += possible
        return possible

    def saved(self) -> None:
        """The present case is the one on disk now."""
        self._saved = self.now.case

    def speak(self, lang: Lang) -> None:
        """All decisions in another language."""
        self.lang = lang
        self._states = [
            State(item.case, self.engine.decide(item.case, engine="exact", lang=lang), item.fact)
            for item in self._states
        ]

    def compared(self, state: State, with_start: bool) -> Comparison:
        """`state` against the start, or against the state that it comes from."""
        before = self.before if state is self.now else self.now
        return compare((self.start if with_start else before).decision, state.decision)


def _holds(value: Any) -> bool:
    """Whether a title can be stated so: held, not held, or held since a year."""
    return value is None or isinstance(value, bool) or (isinstance(value, str) and value.isdecimal())
