"""Accepting rewrites what a case expects to what came: the page then passes, and nothing but expectations has changed."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from conggao.engine.authoring.accept import accepted, write
from conggao.engine.authoring.check import Company
from conggao.engine.authoring.worked import Worked, run_cases
from conggao.engine.decide import Engine
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.model import Policy
from conggao.facts.diagnostics import InputFaults
from tests.engine.rulebook.pages import block, measure, page

ROUNDS = max(1, int(os.environ.get("CONGGAO_AGREEMENT", "100")) // 100)
SUPPORT = measure(
    "a",
    "subject: enterprise\nlines: [research_expense]\nwhen:\n  - 上年度.研发费用 > 0 元\npay: 10% * 上年度.研发费用\ncap: 100 万元",
)


def run(path: Path) -> tuple[Policy, list[Worked]]:
    engine = Engine([path])
    policy = engine.rulebooks.policies[0]
    done, faults = run_cases(policy, engine, Company(policy, [str(path)]))
    assert not faults
    return policy, done


def case(expect: str, given: str = "{reports: [{year: 2024, rd_expense: 500 万元}]}") -> str:
    return block("case", f"name: 例\nas_of: 2025-03-01\ngiven: {given}\nexpect: {expect}")


def accept(path: Path, *blocks: str) -> str:
    """The `expect` of the page after its misses were accepted; the page then passes."""
    path.write_text(page("p", SUPPORT, *blocks), "utf-8")
    policy, done = run(path)
    change = accepted(policy, done)
    assert not change.left
    write(policy, path, change)
    assert all(worked.passed for worked in run(path)[1])
    found = re.search(r"^expect: (.*)$", path.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    ("expected", "becomes"),
    [
        ("{a: 40 万元}", "{a: 50 万元}"),
        ("{a: unmet}", "{a: 50 万元}"),
        ("{a: {status: unmet, because: 上年度.研发费用 > 0 元}} # 注", "{a: {status: granted}} # 注"),
        ("{a: {status: granted, amount: 40 万元}}", "{a: {status: granted, amount: 50 万元}}"),
        ("{a: 50 万元, totals: {enterprise: 0 .. 7 元}}", "{a: 50 万元, totals: {enterprise: 50 万元}}"),
    ],
)
def test_an_expectation_becomes_what_came(tmp_path: Path, expected: str, becomes: str) -> None:
    shown = accept(tmp_path / "p.md", case(expected))
    assert shown in (becomes, becomes.replace("{status: granted}", "50 万元"))


def test_an_outcome_of_another_kind_is_stated_with_its_ground(tmp_path: Path) -> None:
    zero = case("{a: {status: granted, amount: 4 元}}", "{reports: [{year: 2024, rd_expense: 0 元}]}")
    assert accept(tmp_path / "p.md", zero) == "{a: {status: unmet, because: 上年度.研发费用 > 0 元}}"
    unknown = case("{a: {status: granted, amount: 4 元}}", "{enterprise: {employees: 3}}")
    assert accept(tmp_path / "q.md", unknown) == "{a: {status: undetermined, missing: [latest.rd_expense]}}"


def _raised(draw: Callable[[], float], found: re.Match[str]) -> str:
    return f"{int(found[1]) + 1} {found[2]}" if draw() < 0.3 else found[0]


@pytest.mark.parametrize("name", ["ningxia-equipment-2024", "national-carbon-2024"])
def test_wrong_expectations_of_a_shipped_page_are_mended(name: str, tmp_path: Path) -> None:
    for seed in range(ROUNDS):
        draw = random.Random(seed).random
        right = shipped()[name].read_text("utf-8")
        wrong = re.sub(
            r"(?<=[:,{] )(\d+) (万元|元)(?=[,}])(?=[^\n]*\}$)",
            partial(_raised, draw),
            right,
            flags=re.MULTILINE,
        )
        lines = [
            new if old.startswith(("expect:", "  ")) and "given" not in old and "projects" not in old else old
            for old, new in zip(right.splitlines(), wrong.splitlines(), strict=True)
        ]
        lines = [
            line if not re.match(r"  (received|assessed|enterprise)", line) else right.splitlines()[n]
            for n, line in enumerate(lines)
        ]
        path = tmp_path / f"{seed}.md"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        policy, done = run(path)
        assert not all(worked.passed for worked in done), "the text was made wrong"
        change = accepted(policy, done)
        assert not change.left
        write(policy, path, change)
        assert all(worked.passed for worked in run(path)[1])
        assert len(path.read_text("utf-8").splitlines()) == len(lines)


def test_a_page_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.md"
    path.write_text(page("p", SUPPORT, case("{a: 1 元}")), "utf-8")
    policy, done = run(path)
    path.write_text(path.read_text("utf-8") + "\n末尾\n", "utf-8")
    with pytest.raises(InputFaults, match="changed meanwhile"):
        write(policy, path, accepted(policy, done))
    assert list(tmp_path.iterdir()) == [path], "nothing half-written"


def test_what_no_key_can_say_is_left_and_told(tmp_path: Path) -> None:
    path = tmp_path / "p.md"
    path.write_text(page("p", SUPPORT, case("{a: {project:P1: 4 元}}")), "utf-8")
    policy, done = run(path)
    change = accepted(policy, done)
    assert [miss.of for _, miss in change.left] == ["a project:P1"]
    assert change.diff == ""


def test_line_ends_and_the_byte_order_mark_stay(tmp_path: Path) -> None:
    path = tmp_path / "p.md"
    path.write_bytes(("\ufeff" + page("p", SUPPORT, case("{a: 1 元}"))).replace("\n", "\r\n").encode())
    policy, done = run(path)
    write(policy, path, accepted(policy, done))
    raw = path.read_bytes()
    assert raw.startswith("\ufeff".encode())
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert "{a: 50 万元}".encode() in raw
