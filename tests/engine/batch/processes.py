"""Processes as the system shows them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conggao.engine.batch.crew import possible

PROC = Path("/proc")

apart = pytest.mark.skipif(
    not possible() or not (PROC / "self" / "task").exists(),
    reason="needs a system that forks processes and shows them in /proc, as Linux does",
)
"""Where processes beside the program decide; elsewhere it decides alone, which other tests see."""


def tree(pid: int) -> list[int]:
    """A process and those that it and they began."""
    found = [pid]
    for each in found:
        for path in (PROC / str(each) / "task").glob("*/children"):
            try:
                found += map(int, path.read_text().split())
            except OSError:
                continue
    return found


def begun_here() -> set[int]:
    """The processes that this one began, and they."""
    return {*tree(os.getpid())} - {os.getpid()}


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be asked how it ended does not."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def named(text: str) -> list[int]:
    """The processes in whose arguments a text stands."""
    found = []
    for process in PROC.glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in said:
            found.append(int(process.name))
    return found
