"""A file of scenarios: what is wrong in it is shown in it, and both ways of writing a change are one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.console import run

SAMPLE = "policy/yinchuan/cases/sample.yaml"

WRONG = """more:
  set: ["latest.rd_expens=800 万元"]
less:
  set:
    - latest.rd_expense=900 公斤
    - latest.main_business_revenue=1 亿元
  amend: {8a.cap: 3 吨}
shape: 5
unknown: {sett: [a=1]}
nested: {set: [[1]]}
"""


def compared(path: Path, text: str) -> tuple[int, str, str]:
    path.write_text(text, "utf-8")
    done = run("whatif", SAMPLE, "--scenarios", str(path), "--lang", "en", columns=120)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_scenarios_that_are_not_written_so_are_all_shown(tmp_path: Path) -> None:
    code, out, said = compared(tmp_path / "s.yaml", WRONG)
    assert (code, out) == (2, "")
    for line in (8, 9, 10):
        assert f"s.yaml:{line}:1" in said
    assert said.count("amend: [MEASURE.KEY=VALUE]") == 3
    assert "3 errors" in said


def test_a_fault_of_a_change_is_shown_where_it_is_written(tmp_path: Path) -> None:
    code, out, said = compared(tmp_path / "s.yaml", WRONG.partition("shape")[0])
    assert (code, out) == (2, "")
    for place in ("2:10", "5:7", "7:11"):
        assert f"s.yaml:{place}" in said
    assert "did you mean `rd_expense`?" in said
    assert "3 errors" in said


@pytest.mark.parametrize("text", ["", "[]", "a", "1: 2"])
def test_a_file_without_scenarios_is_no_comparison(tmp_path: Path, text: str) -> None:
    code, out, said = compared(tmp_path / "s.yaml", text)
    assert (code, out) == (2, "")
    assert "s.yaml" in said


def test_a_list_and_a_mapping_say_the_same(tmp_path: Path) -> None:
    listed = compared(tmp_path / "s.yaml", "a:\n  set: [latest.rd_expense=800 万元]\n  amend: [8a.cap=50 万元]\n")
    mapped = compared(tmp_path / "s.yaml", "a:\n  set: {latest.rd_expense: 800 万元}\n  amend: {8a.cap: 50 万元}\n")
    assert listed == mapped
    assert listed[0] == 0
    assert "unmet" in listed[1] or "800" in listed[1]
