"""`conggao seek` as a user meets it: narrow terminals, both languages, JSON, wrong input, and settings that whatif takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.console import run
from tests.cli.test_commands import SAMPLE, cells

COMMANDS = [("seek", SAMPLE), ("seek", SAMPLE, "--all"), ("seek", SAMPLE, "8a"), ("seek", SAMPLE, "11")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [60, 80])
def test_it_reads_well_in_a_narrow_pipe(command: tuple[str, ...], lang: str, columns: int) -> None:
    done = run(*command, "--lang", lang, columns=columns, NO_COLOR="1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert max(cells(line.rstrip()) for line in done.stdout.splitlines()) <= columns


def test_what_is_shown_of_a_change() -> None:
    """The measure, the value now and the value needed, what it brings, the ratio and why."""
    text = " ".join(run("seek", SAMPLE, "11", "--lang", "en").stdout.split())
    assert "latest carbon emissions 25,940 t → 26,000.001 t" in text
    assert "+370,000.00" in text
    assert "6,166.56 CNY/t" in text
    assert "must exceed 26,000 t, off by 60 t" in text
    assert "上年度碳排放量 25,940 吨 → 26,000.001 吨" in run("seek", SAMPLE, "11", "--lang", "zh").stdout


def test_why_nothing_helps_is_shown() -> None:
    held = " ".join(run("seek", SAMPLE, "8b", "--lang", "en").stdout.split())
    assert "recognitions.city_new_productive_force_model (others decide it)" in held
    assert "2026-01-19" in run("seek", SAMPLE, "national-equipment-loan-2026/loan", "--lang", "en").stdout
    assert "targets_verified" in run("seek", SAMPLE, "4", "--lang", "zh").stdout


def test_json_is_stable_and_its_settings_are_those_of_whatif() -> None:
    done = run("seek", SAMPLE, "--json")
    assert done.stdout == run("seek", SAMPLE, "--json", LANG="en_US.UTF-8").stdout, "JSON does not depend on the locale"
    found = json.loads(done.stdout)
    assert found["as_of"] == "2025-03-01"
    first = found["proposals"][0]
    assert first["measure"] == "yinchuan-2024-2/11"
    assert first["ratio"] == {"about": "6166.56", "exact": "370000000/60001"}
    sets = [part for change in first["changes"] for setting in change["set"] for part in ("--set", setting)]
    assert json.loads(run("whatif", SAMPLE, *sets, "--json").stdout)["gain"] == first["gain"]
    assert {item["why"] for item in found["hindered"]} >= {"held", "undetermined", "rival", "not_in_force"}


def test_one_policy_and_another_day() -> None:
    found = json.loads(run("seek", SAMPLE, "--json", "--policy", "yinchuan-2024-2", "--as-of", "2028-01-01").stdout)
    assert found["proposals"] == []
    assert {item["why"] for item in found["hindered"]} == {"not_in_force"}


WRONG = [
    (("seek", SAMPLE, "8x"), "did you mean `8a`"),
    (("seek", SAMPLE, "loan"), "national-equipment-loan-2024/loan"),
    (("seek", "no-such-file.yaml"), "no-such-file.yaml"),
    (("seek", SAMPLE, "--policy", "yinchuan-2024-3"), "yinchuan-2024-2"),
    (("seek", SAMPLE, "--as-of", "2025-13-01"), "2025-13-01"),
]


@pytest.mark.parametrize(("command", "said"), WRONG, ids=lambda item: " ".join(item) if isinstance(item, tuple) else "")
def test_wrong_input_is_told_at_once(command: tuple[str, ...], said: str) -> None:
    done = run(*command, "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_with_faults(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(
        "as_of: 2025-03-01\nreports: [{year: 2024, rd_expense: 5 吨}]\nenterprise: {employee: 3}\n", "utf-8"
    )
    done = run("seek", str(case), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert {item["code"] for item in json.loads(done.stderr)["faults"]} == {"case/unit", "case/unknown-key"}
