"""`conggao explain` of a measure that is paid once: it is said to have been received where it was, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.console import run

SAID = {
    "zh": "此前已领取过，不论数额，不再给",
    "en": "it was received before, and whatever was paid then nothing more is",
}
LIGHTHOUSE = "recognitions: [{title: city_little_lighthouse, level: city, year: 2024}]\n"
PROJECT = (
    "enterprise: {fills_industry_gap: true, newly_settled: true}\n"
    "projects: [{id: P1, guarantee_fee: 100 万元, emerging_industry: true, technology_innovation: true}]\n"
)


def explained(path: Path, measure: str, facts: str, receipt: str, lang: str = "en") -> str:
    """What is said of a measure, on one line."""
    path.write_text(f"as_of: 2025-03-01\n{facts}received: [{{{receipt}}}]\n", "utf-8")
    done = run("explain", str(path), measure, "--policy", "yinchuan-2024-2", "--lang", lang, columns=200)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_smaller_sum_received_before_ends_it(tmp_path: Path, lang: str) -> None:
    """Nothing is topped up: a fen of 500,000 yuan was paid, and that is why nothing more is."""
    receipt = "measure: yinchuan-2024-2/9a, amount: 0.01 元, year: 2024"
    assert SAID[lang] in explained(tmp_path / "case.yaml", "9a", LIGHTHOUSE, receipt, lang)


@pytest.mark.parametrize(
    ("measure", "facts", "receipt"),
    [
        ("2b", PROJECT, "measure: yinchuan-2024-2/2a, subject: project:P1, amount: 60 万元, year: 2024"),
        ("9a", LIGHTHOUSE, "measure: elsewhere/1, lines: [digital_lighthouse], subject: enterprise, amount: 60 万元"),
    ],
    ids=["a measure that excludes it", "a measure of no rulebook"],
)
def test_money_of_another_measure_is_not_said_to_be_its_own(
    tmp_path: Path, measure: str, facts: str, receipt: str
) -> None:
    """The claim is received all the same, since the other measure paid more than is due; the steps say which money that was."""
    said = explained(tmp_path / "case.yaml", measure, facts, receipt)
    assert " received " in said
    assert "received under other measures on the same line 600,000.00" in said
    assert SAID["en"] not in said


def test_once_a_project_is_said_of_the_project_that_received(tmp_path: Path) -> None:
    """Two projects, of which one was paid by the measure itself and the other by its rival: the reason stands once."""
    facts = PROJECT.replace(
        "[{", "[{id: P2, guarantee_fee: 100 万元, emerging_industry: true, technology_innovation: true}, {"
    )
    receipts = (
        "measure: yinchuan-2024-2/2b, subject: project:P1, amount: 1 万元}, "
        "{measure: yinchuan-2024-2/2a, subject: project:P2, amount: 60 万元"
    )
    said = explained(tmp_path / "case.yaml", "2b", facts, receipts)
    first, second = said.split("project P2")
    assert "project P1 received" in first
    assert SAID["en"] in first
    assert " received " in second
    assert SAID["en"] not in second
