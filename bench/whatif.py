"""How long an edit in the terminal application takes, and a sweep beside a naive loop over decisions. All in one run.

python bench/whatif.py [--points N] [--decisions N]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conggao.engine import Case, Engine
from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.sweep import sweep
from conggao.engine.analysis.sweep.axis import read_axis
from conggao.facts.loading import load_case

SAMPLE = Path(__file__).resolve().parent.parent / "policy" / "yinchuan" / "cases" / "sample.yaml"
LINES = (
    "latest.rd_expense=0..2000万元",
    "latest.main_business_revenue=0..5亿元",
    "projects.P1.equipment_payment=0..3000万元",
    "projects.P1.loan_interest=0..1000万元",
    "projects.P1.total_investment=0..3000万元",
    "services.S1.fee=0..30万元",
)
MAPS = (
    ("latest.rd_expense=0..2000万元", "latest.main_business_revenue=0..5亿元"),
    ("projects.P1.equipment_payment=0..3000万元", "projects.P1.loan_interest=0..1000万元"),
)
AIM = 1.5
AIM_EDIT = 50
EDITED = "reports.2024.rd_expense"
KEYS = (*"12345678", "backspace", "9", "backspace", "0", "backspace", "1")


def median(work: Callable[[], object], runs: int = 5) -> float:
    """Seconds, the median of `runs`."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--decisions", type=int, default=100)
    options = parser.parse_args()
    engine = Engine()
    case = load_case(SAMPLE, engine.vocabulary)
    edits(engine, case)
    sweeps(engine, case, options.points, options.decisions)


def edits(engine: Engine, case: Case) -> None:
    """From a key to the last line drawn for it, with no terminal behind."""
    from conggao.cli.tui.app import CaseApp
    from conggao.cli.tui.session import Session

    async def typing() -> list[float]:
        app: Any = CaseApp(Session(engine, case, None, "zh"), SAMPLE)
        drawn = [0.0]
        display = app._display

        def watched(screen: Any, renderable: Any) -> None:
            display(screen, renderable)
            drawn[0] = time.perf_counter()

        app._display = watched
        times: list[float] = []
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            assert app.facts.go_to(EDITED)
            await pilot.press("enter", "end", "ctrl+u")
            app.editor.cursor_blink = False
            for key in KEYS:
                before = app.state
                start = time.perf_counter()
                await pilot.press(key)
                await pilot.pause(0.05)
                times.append(drawn[0] - start)
                assert app.state is not before, "the outcomes are those of what was typed"
        return times

    times = asyncio.run(typing())
    least = median(lambda: engine.decide(case, engine="exact").model_dump(mode="json"))
    print(
        f"one key typed into {EDITED} until all panes are drawn, {len(times)} keys: median {statistics.median(times) * 1000:.0f} ms,"
    )
    print(
        f"slowest {max(times) * 1000:.0f} ms (aim: {AIM_EDIT} ms); one decision in full, as JSON: {least * 1000:.0f} ms"
    )


def sweeps(engine: Engine, case: Case, points: int, decisions: int) -> None:
    """Sweeps of one fact and of two; the naive loop decides `decisions` cases and is multiplied up to `points`."""
    print(f"the sample under all policies; medians of 5 runs in seconds; the aim is at most {AIM} s")
    print(f"naive loop: {decisions} decisions of the changed case, once, multiplied up to {points:,} points")
    print(f"{'':52}{'events and 201':>15}{f'{points:,} points':>15}{'naive loop':>12}")
    probe = Probe(engine, case)
    for text in LINES:
        few = median(lambda text=text: sweep(engine, case, text))  # type: ignore[misc]
        many = median(lambda text=text: sweep(engine, case, text, points=points))  # type: ignore[misc]
        axis = read_axis(probe, text)
        counts = axis.spread(decisions)
        start = time.perf_counter()
        for count in counts:
            probe.decide({axis.path: axis.stated(count)})
        naive = (time.perf_counter() - start) / len(counts) * points
        print(f"  {text:<50}{few:>15.3f}{many:>15.3f}{naive:>12.1f}")
    side = int(points**0.5)
    for first, second in MAPS:
        taken = median(lambda a=first, b=second: sweep(engine, case, a, b, points=side))  # type: ignore[misc]
        print(f"  {first} × {second}, {side} × {side}: {taken:.3f}")


if __name__ == "__main__":
    main()
