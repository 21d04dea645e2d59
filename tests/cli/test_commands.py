"""The commands as a user meets them: exit codes, languages, pipes, narrow terminals, wrong input."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from tests.cli.console import ROOT, run

SAMPLE = "policy/yinchuan/cases/sample.yaml"
COMMANDS = [
    ("decide", SAMPLE),
    ("decide", SAMPLE, "--all"),
    ("explain", SAMPLE, "8a"),
    ("explain", SAMPLE, "11"),
    ("policy", "list"),
    ("policy", "show", "yinchuan-2024-2"),
    ("policy", "test"),
    ("policy", "check", "yinchuan-2024-2", "--on", "2026-11-23"),
    ("policy", "diff", "national-equipment-loan-2024", "national-equipment-loan-2026"),
    ("policy", "coverage"),
    ("whatif", SAMPLE, "--set", "latest.rd_expense=500 万元", "--amend", "11.when.2=上年度.碳排放量 > 2 万吨"),
]


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [60, 80])
def test_every_command_reads_well_in_a_narrow_pipe(command: tuple[str, ...], lang: str, columns: int) -> None:
    done = run(*command, "--lang", lang, columns=columns)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a pipe gets the result and nothing else"
    assert "\x1b" not in done.stdout, "no colours in a pipe"
    assert max(cells(line.rstrip()) for line in done.stdout.splitlines()) <= columns


@pytest.mark.parametrize(
    ("locale", "word"), [("zh_CN.UTF-8", "可领取"), ("en_US.UTF-8", "must exceed"), ("C.UTF-8", "must exceed")]
)
def test_the_locale_chooses_the_language(locale: str, word: str) -> None:
    assert word in run("explain", SAMPLE, "1" if word == "可领取" else "11", LANG=locale).stdout


def test_a_county_outside_is_given_as_the_reason(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("as_of: 2025-03-01\nenterprise: {county: 吴忠市}\n", "utf-8")
    shown = " ".join(run("decide", str(case), "--lang", "en").stdout.split())
    assert "industrialisation: 吴忠市 is outside the places of the policy" in shown


def test_json_does_not_depend_on_the_locale() -> None:
    texts = {run("decide", SAMPLE, "--json", LANG=locale).stdout for locale in ("zh_CN.UTF-8", "en_US.UTF-8")}
    assert len(texts) == 1
    assert json.loads(texts.pop())["as_of"] == "2025-03-01"


def test_explain_says_how_far_off_it_is(tmp_path: Path) -> None:
    case = tmp_path / "park.yaml"
    case.write_text(
        "as_of: 2025-03-01\npark: {id: A, reports: [{year: 2024, industrial_reclaimed_water: 19.2 万立方米},"
        " {year: 2023, industrial_reclaimed_water: 10 万立方米}]}\n",
        "utf-8",
    )
    shown = run("explain", str(case), "12a", "--lang", "zh").stdout
    assert "再生水利用同比增量 92,000 立方米，须超过 100,000 立方米，差 8,000 立方米" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("decide", "nowhere.yaml"), "no such file"),
        (("decide", "policy"), "a folder"),
        (("explain", SAMPLE, "8z"), "there is no measure `8z`"),
        (("decide", SAMPLE, "--policy", "yinchuan-2024-3"), "yinchuan-2024-2"),
        (("decide", SAMPLE, "--as-of", "2025-13-01"), "is not a date"),
        (("decide", SAMPLE, "--policy", "README.md"), "front matter"),
        (("policy", "show", "yinchuan-2024-2", "8z"), "8a"),
        (("policy", "check", "--source", "CHANGELOG.md"), "there is no clause"),
    ],
)
def test_bad_input_is_one_clear_message_and_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments, "--lang", "en")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_all_faults_at_once_with_line_and_nearest_name() -> None:
    done = run("decide", "policy/yinchuan/cases/wrong.yaml", "--json")
    assert done.returncode == 2
    faults = json.loads(done.stderr)["faults"]
    assert [fault["code"] for fault in faults] == [
        "case/credit-code", "case/unit", "case/unknown-key", "case/duplicate", "case/negative", "case/unknown-word",
    ]  # fmt: skip
    assert all(fault["labels"][0]["line"] for fault in faults)


def test_a_page_that_fails_its_own_case_fails_the_test_command(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = (ROOT / "policy/yinchuan/2024-2.md").read_text("utf-8")
    page.write_text(text.replace("  8a: 100 万元\n", "  8a: 99 万元\n", 1), "utf-8")
    done = run("policy", "test", str(page), "--lang", "en")
    assert done.returncode == 1
    assert "990000.00" in done.stdout
    assert "1000000.00" in done.stdout
    assert run("policy", "check", str(page)).returncode == 2


def test_a_closed_pipe_ends_quietly() -> None:
    program = [sys.executable, "-m", "conggao.cli.app", "decide", SAMPLE, "--json"]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        reader.stdout.read(1)
        reader.stdout.close()
        assert "Traceback" not in reader.stderr.read()
        assert reader.wait(timeout=60) in (0, 1)
