"""`policy test` as a user meets it: both sides of a failure, rewriting, coverage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.console import ROOT, run

SHIPPED = "policy/ningxia/technology-trade-2023.md"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A shipped page with one amount made wrong."""
    text = (ROOT / "policy/yinchuan/2024-2.md").read_text("utf-8")
    path = tmp_path / "page.md"
    path.write_text(text.replace("expect: {1: 180 万元}", "expect: {1: 99 万元} # 待核", 1), "utf-8")
    return path


def test_both_sides_stand_beside_each_other_with_the_reason(wrong: Path) -> None:
    done = run("policy", "test", str(wrong), "--lang", "zh")
    assert done.returncode == 1
    row = next(line for line in done.stdout.splitlines() if "990000.00" in line)
    assert row.split() == ["1", "amount", "990000.00", "1800000.00"]
    assert "40% × (银行贷款利息 + 设备融资租赁利息)" in done.stdout


def test_accept_rewrites_one_line_and_shows_it(wrong: Path) -> None:
    before = wrong.read_text("utf-8").splitlines()
    done = run("policy", "test", str(wrong), "--accept", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "-expect: {1: 99 万元} # 待核" in done.stdout.splitlines()
    assert "+expect: {1: 180 万元} # 待核" in done.stdout.splitlines()
    after = wrong.read_text("utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("expect: {1: 99 万元} # 待核", "expect: {1: 180 万元} # 待核")]
    assert run("policy", "test", str(wrong)).returncode == 0


def test_accept_in_json_holds_the_diff(wrong: Path) -> None:
    said = json.loads(run("policy", "test", str(wrong), "--accept", "--json").stdout)
    assert said["accepted"][0]["left"] == []
    assert "+expect: {1: 180 万元} # 待核" in said["accepted"][0]["diff"]


def test_nothing_to_accept_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes((ROOT / SHIPPED).read_bytes())
    assert run("policy", "test", str(path), "--accept").returncode == 0
    assert path.read_bytes() == (ROOT / SHIPPED).read_bytes()


def test_coverage_counts_each_condition() -> None:
    said = json.loads(run("policy", "test", "ningxia-technology-trade-2023", "--coverage", "--json").stdout)
    assert all(case["passed"] for case in said["cases"])
    (policy,) = said["coverage"]
    conditions = [item for rule in policy["rules"] for item in rule["conditions"]]
    assert conditions
    assert all(item["true"] and item["false"] for item in conditions if item["depth"] == 0)
    shown = run("policy", "test", "ningxia-technology-trade-2023", "--coverage", "--lang", "en").stdout
    assert "truths of conditions were seen" in shown


def test_the_faults_of_every_page_are_told_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text("# nothing\n", "utf-8")
    done = run("policy", "test", str(tmp_path / "a.md"), str(tmp_path / "b.md"))
    assert done.returncode == 2
    assert "a.md" in done.stderr
    assert "b.md" in done.stderr


def test_where_one_page_cannot_be_read_none_is_rewritten(wrong: Path) -> None:
    before = wrong.read_bytes()
    done = run("policy", "test", str(wrong), str(wrong.parent / "none.md"), "--accept")
    assert done.returncode == 2
    assert wrong.read_bytes() == before
