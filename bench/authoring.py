"""How long it takes to check all shipped rulebooks, without proofs and with, to check the largest again when a case of it has changed, and
to compare two versions of one.

python bench/authoring.py [--runs N]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from conggao.engine.authoring.check import check
from conggao.engine.authoring.diff.compare import compare
from conggao.engine.authoring.diff.sides import page_of
from conggao.engine.authoring.editing import complete, known
from conggao.engine.authoring.proof.ask import available
from conggao.engine.authoring.watching import Watch
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import Page, parse_page

WITHOUT, WITH, AGAIN, COMPLETION = 2.0, 15.0, 0.3, 0.05
"""Seconds that a check of all shipped pages may take, that of one page at a save, and names to go on with."""


def seconds(work: Callable[[], object], runs: int) -> float:
    """The median of `runs`."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def command(*arguments: str) -> Callable[[], object]:
    """A whole process: start, loading and all."""
    words = [sys.executable, "-m", "conggao.cli.app", *arguments]
    return lambda: subprocess.run(words, check=True, capture_output=True)


def other(page: Page) -> Page:
    """The page with one cap and one threshold changed."""
    text = page.text.replace(
        "cap: 100 万元\ncap_per: enterprise\ncap_period: year\nfunding",
        "cap: 120 万元\ncap_per: enterprise\ncap_period: year\nfunding",
    )
    return parse_page(text.replace("碳排放强度下降率 ≥ 5%", "碳排放强度下降率 ≥ 6%").encode(), "other.md")


def saved_again(runs: int) -> float:
    """The median of checking the city's page again after one expectation has changed, from the saved file to the findings."""
    text = shipped()["yinchuan-2024-2"].read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        page, watch = Path(folder) / "page.md", Watch()
        page.write_text(text, "utf-8")
        watch.recheck(page)
        times = []
        for run in range(runs):
            page.write_text(text.replace("expect: {1: 180 万元}", f"expect: {{1: {181 + run} 万元}}", 1), "utf-8")
            times.append(watch.recheck(page).seconds)
    return statistics.median(times)


def completed(runs: int) -> float:
    """The median of completing a name in the city's page after one more letter was typed: reading what the page knows, and looking."""
    text = shipped()["yinchuan-2024-2"].read_text("utf-8")
    before, opening, after = text.partition("when:\n")
    times = []
    for run in range(max(runs, 10)):
        typed = "  - 上年度.研发费用"[: 8 + run % 5]
        page = f"{before}{opening}{typed}\n{after}"
        row = (before + opening).count("\n")
        start = time.perf_counter()
        found = complete(page, row, len(typed), known(page, "page.md"))
        times.append(time.perf_counter() - start)
        assert any(item.text == "研发费用" for item in found)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    check()  # the pages are read once a process
    rows = [
        ("check, all shipped pages, no proofs, in a process that runs", seconds(check, runs), WITHOUT),
        (
            "policy check --no-proofs, as a command",
            seconds(command("policy", "check", "--no-proofs", "--json"), runs),
            WITHOUT,
        ),
    ]
    rows.append(("a page of 186 cases saved with one of them changed", saved_again(runs), AGAIN))
    rows.append(("names to go on with, at the end of a line just typed", completed(runs), COMPLETION))
    if available():
        rows += [
            (
                "check, all shipped pages, with z3, in a process that runs",
                seconds(lambda: check(proofs=True), runs),
                WITH,
            ),
            ("policy check, as a command", seconds(command("policy", "check", "--json"), runs), WITH),
        ]
    page = page_of("yinchuan-2024-2")
    changed = other(page)
    rows.append(("diff of two versions of the city's page", seconds(lambda: compare(page, changed), runs), WITH))
    for name, found, most in rows:
        print(f"{name:62} {found:6.2f} s  {found / most:5.2f} of what it may take")
    if not available():
        print("z3 is not installed: nothing was proven")


if __name__ == "__main__":
    main()
