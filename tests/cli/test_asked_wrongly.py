"""What is asked wrongly is said, never passed over: a name that no policy knows, a file that would be lost, a stream that cannot take
the result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.console import ROOT, run

SAMPLE = "policy/yinchuan/cases/sample.yaml"
CHANGE = ("--set", "latest.rd_expense=500 万元")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("whatif", SAMPLE, "--set", "parameters.lpr_desember.2024=3.1%"), "lpr_december"),
        (("whatif", SAMPLE), "--set"),
        (("decide", SAMPLE, "--report", "r.pdf"), ".html"),
        (("whatif", SAMPLE, *CHANGE, "--scenarios", "s.yaml", "--save", "x.yaml"), "several scenarios"),
    ],
)
def test_it_is_refused_with_what_would_be_right(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments, "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("whatif", SAMPLE, *CHANGE), ("interview", SAMPLE)], ids=lambda item: item[0])
def test_a_file_that_exists_is_written_over_only_when_that_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    kept = tmp_path / "kept.yaml"
    kept.write_text("as it was", "utf-8")
    done = run(*command, "--save", str(kept), "--lang", "en")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert kept.read_text("utf-8") == "as it was"
    assert run(*command, "--save", str(kept), "--force", "--lang", "en").returncode == 0
    assert kept.read_text("utf-8") != "as it was"


def test_saving_under_changed_rules_says_that_they_are_not_in_the_case(tmp_path: Path) -> None:
    saved = tmp_path / "saved.yaml"
    done = run("whatif", SAMPLE, "--amend", "8a.cap=200 万元", "--save", str(saved), "--lang", "en")
    assert done.returncode == 0
    assert "changes of rules are not in it" in " ".join(done.stderr.split())


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_a_stream_that_lacks_a_character_shows_the_rest(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conggao.cli.app", "decide", SAMPLE, "--lang", "zh"],
        cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(encoding)
    assert b"180,000.00" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_a_full_disk_is_said(json: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "conggao.cli.app", "decide", SAMPLE, "--lang", "en", *json],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120,
        )  # fmt: skip
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_rulebook_named_twice_is_one() -> None:
    once = run("decide", SAMPLE, "--policy", "yinchuan-2024-2", "--json").stdout
    assert run("decide", SAMPLE, "--policy", "yinchuan-2024-2", "--policy", "yinchuan-2024-2", "--json").stdout == once
