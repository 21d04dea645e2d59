"""Rewriting the expectations of a page to what its cases give today, for review as a diff."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conggao.engine.authoring.check import Company
from conggao.engine.authoring.splicing import Place, Unplaceable, spliced
from conggao.engine.authoring.worked import Compared, Worked, run_cases
from conggao.engine.decide import Engine
from conggao.engine.rulebook.model import Policy
from conggao.engine.rulebook.page import Block
from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.documents import read_bytes
from conggao.facts.writing import write_whole

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The page as its cases would have it: its new text, the change as a unified diff, and what could not be written."""

    text: str
    diff: str
    left: tuple[tuple[Worked, Compared], ...]


def accepted(policy: Policy, cases: Sequence[Worked]) -> Accepted:
    """The page of `policy` with the expectations of its failed cases replaced by what came; nothing else is touched.

    What came is what the rules say, which may be wrong: the diff is there to be read.
    """
    page = policy.page
    lines = page.text.splitlines(keepends=True)
    left: list[tuple[Worked, Compared]] = []
    for worked in cases:
        misses = [item for item in worked.misses if item.written is not None]
        left += [(worked, item) for item in worked.misses if item.written is None]
        if not misses:
            continue
        try:
            _replace(lines, worked.block, _changes(misses, worked))
        except Unplaceable:
            left += [(worked, item) for item in misses]
    text = "".join(lines)
    diff = difflib.unified_diff(page.text.splitlines(), text.splitlines(), page.name, page.name, n=2, lineterm="")
    return Accepted(text, "\n".join(diff), tuple(left))


def _changes(misses: Sequence[Compared], worked: Worked) -> Mapping[Place, str]:
    """What to write where, below the block. An outcome of which no more than the status would be left is stated anew."""
    changes: dict[Place, str] = {item.place: item.written or "" for item in misses}
    gone = {place for place, text in changes.items() if text == ""}
    for parent in {place[:-1] for place in gone if len(place) > 1}:
        inner = [item for item in worked.compared if item.place[:-1] == parent]
        if {item.place[-1] for item in inner if item.place not in gone} <= {"status"}:
            whole = next((item.whole for item in inner if item.whole is not None), None)
            if whole is None:
                raise Unplaceable
            changes = {place: text for place, text in changes.items() if place[:-1] != parent} | {parent: whole}
    return {("expect", *place): text for place, text in changes.items()}


def _replace(lines: list[str], block: Block, changes: Mapping[Place, str]) -> None:
    """Edits the lines of the page that hold the block, keeping their indentation and line ends."""
    new = spliced(block.text, changes).splitlines()
    first, count = block.line - 1, len(block.text.splitlines())
    old = lines[first : first + count]
    stripped = [line.rstrip("\r\n") for line in old]
    if any(not line.endswith(said) for line, said in zip(stripped, block.text.splitlines(), strict=True)):
        raise Unplaceable
    indent = next((line[: len(line) - len(said)] for line, said in zip(stripped, new, strict=False) if said), "")
    ending = old[0][len(stripped[0]) :]
    # The number of lines may only shrink within this block; blocks below keep their place until then.
    lines[first : first + count] = [f"{indent}{said}{ending}" for said in new] + [""] * (count - len(new))


def write(policy: Policy, path: Path, new: Accepted) -> None:
    """Writes the page, whole or not at all, after its cases were run again under the new text. Raises InputFaults."""
    raw = read_bytes(path)
    if raw.decode("utf-8-sig") != policy.page.text:
        raise _refusal(path, "页面在此期间被改动了", "the page has been changed meanwhile")
    mark = _MARK if raw.startswith(_MARK.encode()) else ""
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / "page.md"
        tried.write_bytes((mark + new.text).encode())
        _prove(tried, path, {(worked.name, item.place) for worked, item in new.left})
    write_whole((mark + new.text).encode(), path)


def _prove(written: Path, path: Path, left: set[tuple[str, Place]]) -> None:
    engine = Engine([written])
    policy = engine.rulebooks.policies[0]
    done, faults = run_cases(policy, engine, Company(policy, [str(written)]))
    wrong = {(worked.name, item.place) for worked in done for item in worked.misses} - left
    if faults or wrong:
        shown = "、".join(sorted(name for name, _ in wrong))
        raise _refusal(path, f"改写后案例仍不符：{shown}", f"cases still fail when rewritten: {shown}")


def _refusal(path: Path, zh: str, en: str) -> InputFaults:
    return InputFaults([Diagnostic("case/accept", Text(zh, en), (Label(Span(str(path), None)),))])
