"""Questions on a terminal, or lines of a pipe: what an option gives is not asked, and what is wrong is asked again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from conggao.cli.output import console
from conggao.engine.authoring.particulars import Wrong
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked under the option `key`; `read` takes the answer or raises Wrong; `default` is taken for an empty line."""

    key: str
    text: Text
    read: Callable[[str], T]
    default: str = ""


class Asker:
    """Asks, collecting what is wrong with answers that cannot be asked for again. `given` holds the options."""

    def __init__(self, given: Mapping[str, str | None], lang: Lang, *, ask: bool = True) -> None:
        self.given, self.lang = given, lang
        self.talks = ask and sys.stdin.isatty()
        self.listens = ask
        self.faults: list[Diagnostic] = []
        self.out = console(stderr=True)

    def tell(self, text: Text) -> None:
        """A line beside the questions, where there is someone to read it."""
        if self.talks:
            self.out.print(text.of(self.lang), style="dim", markup=False)

    def ask(self, question: Question[T]) -> T | None:
        """The answer; None with its fault noted."""
        given = self.given.get(question.key)
        while True:
            answer = given if given is not None else self._line(question)
            try:
                return question.read((answer or "").strip() or question.default)
            except Wrong as wrong:
                if given is None and self.talks and answer is not None:
                    hint = "" if wrong.help is None else f" ({wrong.help.of(self.lang)})"
                    self.out.print(f"{wrong.message.of(self.lang)}{hint}", style="red", markup=False)
                    continue
                path = "--" + question.key.replace("_", "-")
                self.faults.append(Diagnostic("page/particular", wrong.message, path=path, help=wrong.help))
                return None

    def finish(self) -> None:
        """Raises InputFaults with everything that was wrong."""
        if self.faults:
            raise InputFaults(self.faults)

    def _line(self, question: Question[T]) -> str | None:
        """The next line; None where there is none."""
        if not self.listens:
            return None
        if self.talks:
            default = f" [{question.default}]" if question.default else ""
            colon = Text("：", ": ").of(self.lang)
            self.out.print(f"{question.text.of(self.lang)}{default}{colon}", end="", markup=False, soft_wrap=True)
            self.out.file.flush()
        line = sys.stdin.readline()
        if not line:
            self.listens = False
            return None
        return line
