"""Every command fits 60 columns, is plain in a pipe, and keeps to NO_COLOR on a terminal."""

from __future__ import annotations

import os
import re
import sys

import pytest
from rich.cells import cell_len

from tests.cli.console import ROOT, run

SAMPLE = "policy/yinchuan/cases/sample.yaml"
COMMANDS = (
    ("decide", SAMPLE, "--all"),
    ("explain", SAMPLE, "8a"),
    ("explain", SAMPLE, "13"),
    ("whatif", SAMPLE, "--set", "latest.rd_expense=2000万元"),
    ("whatif", SAMPLE, "--amend", "8a.cap=200万元"),
    ("sweep", SAMPLE, "latest.rd_expense=0..2000万元"),
    ("sweep", SAMPLE, "latest.rd_expense=0..2000万元", "latest.main_business_revenue=0..5亿元", "--points", "20"),
    ("seek", SAMPLE),
    ("seek", SAMPLE, "11"),
    ("policy", "list"),
    ("policy", "show", "ningxia-equipment-2024"),
    ("policy", "coverage"),
)
COLUMNS = 60


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=lambda n: " ".join(COMMANDS[n][:3:2]))
def test_sixty_columns_are_enough_in_a_pipe(number: int) -> None:
    lang = ("zh", "en")[number % 2]
    done = run(*COMMANDS[number], "--lang", lang, columns=COLUMNS)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if cell_len(line.rstrip()) > COLUMNS] == []
    assert "\x1b" not in done.stdout
    assert "…" not in re.sub("…[]}]", "", done.stdout), "nothing is cut off"


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_are_left_out_where_that_is_asked_for(no_color: str) -> None:
    pexpect = pytest.importorskip("pexpect")
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1", "NO_COLOR": no_color}
    environment.pop("COLUMNS", None)
    child = pexpect.spawn(
        sys.executable, ["-m", "conggao.cli.app", "decide", SAMPLE, "--lang", "en"], cwd=str(ROOT), env=environment,
        encoding="utf-8", timeout=60, dimensions=(40, COLUMNS),
    )  # fmt: skip
    child.expect(pexpect.EOF)
    child.close()
    coloured = re.search(r"\x1b\[[0-9;]*3[1-7]m", str(child.before)) is not None
    assert coloured == (not no_color)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(child.before))
    assert [line for line in plain.splitlines() if cell_len(line.rstrip()) > COLUMNS] == []
