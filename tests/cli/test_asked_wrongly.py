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


PAGE_OWN = {"zh": "页面可以声明自己的事实和词", "en": "a page may declare facts and words of its own"}


def decided(path: Path, facts: str, *arguments: str, lang: str = "en") -> str:
    """What is said of a case that cannot be read."""
    path.write_text(f"as_of: 2025-03-01\n{facts}\n", "utf-8")
    done = run("decide", str(path), *arguments, "--lang", lang, columns=200)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "facts", ["enterprise: {zzqqxx_site: 3}", "recognitions: [{title: zzqqxx_star, year: 2024}]"], ids=["fact", "word"]
)
def test_a_name_like_no_other_is_said_to_be_perhaps_a_page_s(tmp_path: Path, facts: str, lang: str) -> None:
    """A case of a page with facts of its own, decided without that page: the way out is `--policy`."""
    said = decided(tmp_path / "case.yaml", facts, lang=lang)
    assert PAGE_OWN[lang] in said
    assert "--policy" in said


@pytest.mark.parametrize(
    ("facts", "nearest"),
    [
        ("enterprise: {employes: 3}", "employees"),
        ("recognitions: [{title: smart_factry, year: 2024}]", "smart_factory"),
    ],
    ids=["fact", "word"],
)
def test_a_misspelt_name_is_not_said_to_be_a_page_s(tmp_path: Path, facts: str, nearest: str) -> None:
    said = decided(tmp_path / "case.yaml", facts)
    assert f"did you mean `{nearest}`?" in said
    assert PAGE_OWN["en"] not in said


def test_each_of_two_unknown_names_is_told_for_itself(tmp_path: Path) -> None:
    """One is misspelt and one is like no other: the note stands once, under the second."""
    said = decided(tmp_path / "case.yaml", "enterprise:\n  employes: 3\n  zzqqxx_site: 3")
    assert said.count(PAGE_OWN["en"]) == 1
    assert said.index("did you mean `employees`?") < said.index("`zzqqxx_site`") < said.index(PAGE_OWN["en"])


def test_where_a_page_was_named_nothing_is_said_of_pages(tmp_path: Path) -> None:
    said = decided(tmp_path / "case.yaml", "enterprise: {zzqqxx_site: 3}", "--policy", "yinchuan-2024-2")
    assert "unknown key `zzqqxx_site`" in said
    assert PAGE_OWN["en"] not in said
