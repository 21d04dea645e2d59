"""durable-rules without the fence, in a process of its own; and the library as a spy between it and the fence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from conggao.engine.evaluate import durable_host
from conggao.engine.evaluate.durable import Fact, Operator, Pattern, Rule
from conggao.engine.evaluate.durable import Test as Check

glibc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="how it crashes was seen on Linux only")
MOST = 2**63 - 1

BARE = """
import json, os, sys
flags = sys.getdlopenflags()
sys.setdlopenflags(os.RTLD_LAZY)
import durable_rules_engine as library
sys.setdlopenflags(flags)
def made(**rules):
    return library.create_ruleset("bare", json.dumps({name: {"all": all} for name, all in rules.items()}))
def told(handle, **fact):
    return library.assert_fact(handle, json.dumps({"sid": "s", "id": "1"} | fact))
def fired(handle, state):
    number, message = 0, library.start_action_for_state(handle, state)
    while message:
        number, message = number + 1, library.complete_and_start_action(handle, state)
    return number
"""
FENCED = """
from conggao.engine.evaluate.durable import Fact, Network, Pattern, Rule
from conggao.engine.evaluate.durable import Test as Check
"""


def in_a_process(program: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MALLOC_PERTURB_": "90"}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, env=environment)


def bare(program: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    return in_a_process(BARE + program, seconds)


def fenced(program: str) -> str:
    done = in_a_process(FENCED + program)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


class Spy:
    """The library, with a record of what it is given; `break_at` raises at the call of that number."""

    def __init__(self) -> None:
        self.library: Any = durable_host._library()
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.break_at = ""

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any) -> Any:
            self.calls.append((name, given))
            if name == self.break_at:
                self.break_at = ""
                raise KeyboardInterrupt
            return getattr(self.library, name)(*given)

        return call

    def texts(self) -> Iterator[Any]:
        """All JSON given to the library."""
        for _, given in self.calls:
            for text in given:
                if isinstance(text, str) and text[0] in "[{":
                    yield json.loads(text)


def one(field: int = 0, value: int = 1, kind: int = 0) -> Pattern:
    return Pattern(kind, (Check(field, "==", value),))


SIGNS: tuple[Operator, ...] = ("<", "<=", ">", ">=", "!=")
VARIED = [
    Rule(0, (Pattern(-5, tuple(Check(n * 10**20, s, 7) for n, s in enumerate(SIGNS))),), 10**30),
    Rule(1, (Pattern(3), Pattern(10**30, (), same_subject=True), Pattern(4, (Check(-1, "==", MOST),)))),
    Rule(2, (Pattern(3), Pattern(3, (Check(1, "!=", 0),)), Pattern(4), Pattern(4, (Check(2, ">", 0),)))),
]
FACTS = [
    Fact(-5, 2**70, {n * 10**20: value for n, value in enumerate((6, 7, 8, 7, 0))}),
    Fact(3, 2**70, {}),
    Fact(3, -1, {1: 1}),
    Fact(4, 0, {-1: MOST, 2: 1}),
]
