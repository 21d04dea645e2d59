"""A file of scenarios: `NAME: {set: [...], amend: [...]}`, with every fault at its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.documents import Document, Place, read_file


@dataclass(frozen=True)
class Scenario:
    """One scenario: its name, and under each key what is changed, as an option would say it."""

    name: str
    changes: Mapping[str, tuple[str, ...]]
    _places: Mapping[str, Span | None]
    _own: Span | None

    def located(self, faults: InputFaults) -> Iterator[Diagnostic]:
        """The faults of its changes, each where the change is written, where that is one, else where the scenario begins."""
        for item in faults.diagnostics:
            spans = [span for said, span in self._places.items() if _is_of(said, item.path or "")]
            span = spans[0] if len(spans) == 1 else self._own
            labels = item.labels or (() if span is None else (Label(span),))
            yield replace(item, labels=labels, path=f"{self.name}: {item.path or ''}")


def _is_of(said: str, path: str) -> bool:
    """Whether a fault at `path` may be of the change `said`: `latest.rd_expense` is found at `reports.2024.rd_expense`."""
    left = said.partition("=")[0].strip()
    return said == path or left.rpartition(".")[2] == path.rpartition(".")[2]


def read_scenarios(path: Path, shape: Mapping[str, Text], what: Text) -> tuple[list[Scenario], dict[str, str]]:
    """The scenarios of a file, and its text by its name, for messages.

    `shape`: under which keys changes stand and how one is written. A change may be an item of a list, or, where it is written
    `LEFT=RIGHT`, an entry of a mapping. Raises InputFaults with every scenario that is not written so.
    """
    document, text = read_file(path)
    texts = {str(path): text}
    zh = ", ".join(f"{key}: [{item.zh}]" for key, item in shape.items())
    en = ", ".join(f"{key}: [{item.en}]" for key, item in shape.items())
    hint = Text(f"写作 `名称: {{{zh}}}`", f"write `NAME: {{{en}}}`")
    if not isinstance(document.data, dict) or not document.data:
        message = Text(f"文件里没有{what.zh}", f"the file has no {what.en}")
        raise InputFaults([Diagnostic("scenario/shape", message, (Label(Span(str(path), None)),), help=hint)], texts)
    found: list[Scenario] = []
    faults: list[Diagnostic] = []
    for name, item in document.data.items():
        own = document.key_span((name,))
        changes = _changes(item, shape)
        if changes is None:
            message = Text(f"{what.zh}「{name}」的写法不对", f"“{name}” is not written as {what.en} are")
            faults.append(
                Diagnostic("scenario/shape", message, () if own is None else (Label(own),), path=str(name), help=hint)
            )
            continue
        places = {text: _span(document, (name, *place)) or own for listed in changes.values() for text, place in listed}
        said = {key: tuple(text for text, _ in listed) for key, listed in changes.items()}
        found.append(Scenario(str(name), said, places, own))
    if faults:
        raise InputFaults(faults, texts)
    return found, texts


def _span(document: Document, place: Place) -> Span | None:
    """Where a change is written; of an entry of a mapping, where its key is."""
    return document.span(place) if isinstance(place[-1], int) else document.key_span(place)


def _changes(item: Any, shape: Mapping[str, Text]) -> dict[str, list[tuple[str, Place]]] | None:
    """The changes under each key with their places below the scenario; None where it is written otherwise."""
    if not isinstance(item, Mapping) or not item or not set(item) <= set(shape):
        return None
    made: dict[str, list[tuple[str, Place]]] = {}
    for key, listed in item.items():
        if isinstance(listed, Sequence) and not isinstance(listed, str):
            if any(isinstance(each, (Mapping, list)) for each in listed):
                return None
            made[key] = [(str(each), (key, at)) for at, each in enumerate(listed)]
        elif isinstance(listed, Mapping) and "=" in shape[key].en:
            if any(isinstance(each, (Mapping, list)) for each in listed.values()):
                return None
            made[key] = [(f"{left}={right}", (key, left)) for left, right in listed.items()]
        else:
            return None
    return made
