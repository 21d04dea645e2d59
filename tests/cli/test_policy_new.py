"""`policy new`: answers from options, from a pipe and from a terminal; never over a page that is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.cli.console import ROOT, run

GIVEN = [
    "--id",
    "x-2026-1",
    "--title",
    "某办法",
    "--title-en",
    "Some rules",
    "--level",
    "市",
    "--begins",
    "2026年3月1日",
]


def piped(lines: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "conggao.cli.app", "policy", "new", *arguments]
    return subprocess.run(program, input=lines, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_options_alone_give_a_page_that_checks(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    done = run("policy", "new", str(page), *GIVEN, "--yes", "--lang", "en")
    assert done.returncode == 0, done.stderr
    checked = run("policy", "check", str(page), "--lang", "en")
    assert checked.returncode == 0
    assert "warning[page/gap]" in checked.stderr
    assert "in_force: 2026-03-01 ..\n" in page.read_text("utf-8")


def test_a_beginning_that_was_not_seen_is_assumed_and_said_so(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    given = [item if item != "2026年3月1日" else "未见 2026-03-01" for item in GIVEN]
    done = run("policy", "new", str(page), *given, "--yes", "--lang", "en")
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    assert "in_force: 2026-03-01 ..\n" in text
    assert "The day it begins was not seen; 2026-03-01 is assumed." in text
    checked = run("policy", "check", str(page), "--lang", "en")
    assert checked.returncode == 0, "what was not seen stops nothing"
    wrong = run(
        "policy",
        "new",
        str(tmp_path / "y.md"),
        *[i if i != "2026年3月1日" else "未见" for i in GIVEN],
        "--yes",
        "--lang",
        "en",
    )
    assert wrong.returncode == 2
    assert "unseen 2024-06-01" in wrong.stderr


def test_answers_come_from_a_pipe_in_the_order_asked(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    answers = [
        "x-2026-1",
        "某办法",
        "Some rules",
        "某政规〔2026〕3号",
        "某市",
        "市",
        "甲区、乙区",
        "2026-03-01",
        "2027-12-31",
        "exclude",
        "国家,自治区",
    ]
    done = piped("\n".join(answers) + "\n", str(page))
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    assert "place: [甲区, 乙区]\nin_force: 2026-03-01 .. 2027-12-31\n" in text
    assert "conflicts: {principle: highest, against: [national, region], received: exclude}" in text
    assert "not seen" not in text.casefold()


def test_everything_wrong_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    done = piped("Nein!\n\n\n\n\n村\n\n2026-02-30\n", str(page), "--lang", "en")
    assert done.returncode == 2
    for option in ("--id", "--title", "--level", "--begins"):
        assert option in done.stderr
    assert "Traceback" not in done.stderr
    assert not page.exists()


def test_a_page_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    page.write_text("mine", "utf-8")
    done = run("policy", "new", str(page), *GIVEN, "--yes")
    assert done.returncode == 2
    assert page.read_text("utf-8") == "mine"
    assert run("policy", "new", str(tmp_path / "nowhere" / "x.md"), *GIVEN, "--yes").returncode == 2


def test_a_shipped_id_and_a_missing_text_are_refused(tmp_path: Path) -> None:
    page = str(tmp_path / "x.md")
    assert "yinchuan-2024-2" in run("policy", "new", page, *GIVEN, "--id", "yinchuan-2024-2", "--yes").stderr
    assert run("policy", "new", page, *GIVEN, "--from", str(tmp_path / "none.txt"), "--yes").returncode == 2


def test_the_text_of_a_notice_is_laid_out(tmp_path: Path) -> None:
    text, page = tmp_path / "notice.txt", tmp_path / "x.md"
    text.write_text(
        "某办法\n第一条 按研发费用的 10%补助，最高 100 万元。\n第二条 自 2026 年 3 月 1 日起施行。\n", "utf-8"
    )
    done = run("policy", "new", str(page), *GIVEN[:-2], "--from", str(text), "--yes", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "2 clauses and 2 figures" in done.stdout
    assert "## 第一条" in page.read_text("utf-8")
    assert "pay: 10% * …\ncap: 100 万元" in page.read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
def test_on_a_terminal_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    page = tmp_path / "x.md"
    child = pexpect.spawn(
        sys.executable,
        ["-m", "conggao.cli.app", "policy", "new", str(page), *GIVEN[2:], "--lang", "en"],
        cwd=str(ROOT), env={**os.environ, "COLUMNS": "100"}, encoding="utf-8", timeout=40,
    )  # fmt: skip
    child.expect("id of the policy")
    child.sendline("Not an id")
    child.expect("cannot be an id")
    child.sendline("x-2026-1")
    for said in ("number", "issuer", "places", "last day", "clause on other support"):
        child.expect(said)
        child.sendline("")
    child.expect("is written")
    child.expect(pexpect.EOF)
    assert page.is_file()
