"""How long a sweep takes beside a naive loop over decisions of the changed case. All in one run.

python bench/whatif.py [--points N] [--decisions N]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

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
    sweeps(engine, case, options.points, options.decisions)


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
