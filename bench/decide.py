"""How long one decision takes, complete, against a hand-written Decimal function that returns only amounts. All in one run.

python bench/decide.py [--runs N] [--memory]
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from conggao.engine import Case, Engine
from conggao.facts.loading import read_case

PROJECT = {
    "purposes": ["leading_industry_support", "equipment_renewal", "carbon_reduction", "digital_transformation"],
    "loan_interest": "1000000", "equipment_payment": "5000000", "replaces_obsolete_equipment": True, "carbon_reduction": "3000",
    "digital_investment": "900000", "evident_digital_effect": True, "guarantee_fee": "400000", "emerging_industry": True,
    "technology_innovation": True,
}  # fmt: skip
CASE: dict[str, Any] = {
    "as_of": "2025-03-01",
    "enterprise": {"industry": "3825", "employees": 300, "county": "银川经开区"},
    "reports": [
        {"year": 2024, "main_business_revenue": "300000000", "rd_expense": "12000000", "carbon_emissions": "30000", "output_value": "320000000"},
        {"year": 2023, "carbon_emissions": "33000", "output_value": "300000000"},
    ],
    "projects": [{**PROJECT, "id": f"P{n}"} for n in (1, 2, 3)],
    "recognitions": [{"title": "smart_factory", "year": 2024}],
}  # fmt: skip


def median(work: Callable[[], object], runs: int) -> float:
    """Microseconds, the median of `runs`."""
    times = []
    for _ in range(runs):
        start = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--memory", action="store_true", help="100,000 decisions, and what they leave behind")
    options = parser.parse_args()
    start = time.perf_counter()
    engine = Engine(["yinchuan-2024-2"])
    built = time.perf_counter() - start
    case = read_case(CASE, engine.vocabulary)
    speed(engine, case, options.runs)
    print(f"building the engine from the shipped rulebooks: {built:.3f} s")
    cold()
    if options.memory:
        memory(engine, case)


def speed(engine: Engine, case: Case, runs: int) -> None:
    import yinchuan_by_hand

    from conggao.engine.evaluate.durable import Network

    subjects = engine.program.subjects(case, case.as_of)  # type: ignore[arg-type]
    engine.decide(case)
    told = engine.forward.told(subjects)
    network: Network = engine.forward.network
    by_hand = median(lambda: yinchuan_by_hand.decide(case), runs)
    exact = median(lambda: engine.decide(case, engine="exact"), runs)
    forward = median(lambda: engine.decide(case, engine="forward"), runs)
    session = median(lambda: network.run(told), runs)
    everything = median(lambda: engine.decide(case, engine="exact").model_dump(mode="json"), runs // 4)
    validated = median(lambda: read_case(CASE, engine.vocabulary), runs // 2)
    hand, ours = yinchuan_by_hand.decide(case), engine.decide(case, engine="exact")
    granted = {
        (o.measure.rpartition("/")[2], o.subject): o for o in ours.outcomes if o.status in ("granted", "exhausted")
    }
    same = sum(1 for key, (low, _) in hand.items() if key in granted and granted[key].amount.low * 100 == low)  # type: ignore[union-attr]
    print(
        f"3 projects, 4 figures a report, all 35 measures; medians of {runs} runs in µs; {same} of {len(hand)} amounts equal those by hand"
    )
    print(f"  by hand, Decimal, amounts only        {by_hand:8.1f}")
    print(f"  exact, the complete Decision          {exact:8.1f}   {exact / by_hand:5.2f} × by hand (aim: at most 10)")
    print(f"  bare durable-rules session            {session:8.1f}")
    print(
        f"  forward, the complete Decision        {forward:8.1f}   {forward / (3 * exact + session):5.2f} × (3 exact + session) (aim: at most 1)"
    )
    print(f"  exact, with every text made, as JSON  {everything:8.1f}")
    print(f"  reading the case from a dict          {validated:8.1f}")


def cold() -> None:
    """A whole `conggao decide`, and what of it is imports."""
    sample = Path(__file__).resolve().parent.parent / "policy" / "yinchuan" / "cases" / "sample.yaml"
    whole = [sys.executable, "-m", "conggao.cli.app", "decide", str(sample)]
    imports = [sys.executable, "-c", "from conggao.cli.app import program; program('decide')"]
    bare = [sys.executable, "-c", "pass"]
    taken = {}
    for name, command in (("decide", whole), ("imports", imports), ("python", bare)):
        times = []
        for _ in range(7):
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        taken[name] = statistics.median(times)
    print(
        f"conggao decide, cold: {taken['decide']:.2f} s, of which imports {taken['imports'] - taken['python']:.2f} s, Python itself {taken['python']:.2f} s"
    )


def memory(engine: Engine, case: Case) -> None:
    """Resident memory over 100,000 decisions, after the first 1,000."""
    for name in ("exact", "forward"):
        for _ in range(1000):
            engine.decide(case, engine=name)  # type: ignore[arg-type]
        gc.collect()
        before = resident()
        for _ in range(100_000):
            engine.decide(case, engine=name)  # type: ignore[arg-type]
        gc.collect()
        print(
            f"100,000 decisions by {name}: resident memory grew by {(resident() - before) / 1024:.1f} MiB (aim: less than 10 MB)"
        )


def resident() -> int:
    """KiB in memory now (at the peak, where the system does not say)."""
    try:
        text = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(text.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    main()
