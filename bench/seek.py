"""How long `seek` takes over all measures of the sample, and a naive loop that only decides changed cases. Both in one run.

The naive loop takes each fact that the enterprise can move, one at a time: a flag turned, a word added, a quantity doubled away from where it
is, up and down, until the largest and to nothing, deciding every time; where a measure begins to apply it bisects to the unit. It finds no
pairs and no claim that others outdo.

python bench/seek.py [--runs N] [--naive]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from conggao.engine import Case, Engine
from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.seek import APPLIES, seek
from conggao.engine.analysis.seek.facts import held
from conggao.engine.decision import Decision
from conggao.facts.diagnostics import InputFaults
from conggao.facts.loading import load_case
from conggao.facts.paths import FactPath, read_value
from conggao.facts.units import MONEY

SAMPLE = Path(__file__).parent.parent / "policy" / "yinchuan" / "cases" / "sample.yaml"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--naive", action="store_true", help="the naive loop too; it takes minutes")
    options = parser.parse_args()
    for name, engine in (("yinchuan-2024-2", Engine(["yinchuan-2024-2"])), ("all rulebooks", Engine())):
        case = load_case(SAMPLE, engine.vocabulary)
        found = seek(engine, case)
        for everything in (False, True):
            times = [_timed(engine, case, everything) for _ in range(options.runs)]
            told = "with --all" if everything else "default"
            print(
                f"{name:16} {told:11} {statistics.median(times) * 1000:8.0f} ms median, {max(times) * 1000:.0f} ms slowest"
            )
        singles = sum(1 for item in found.proposals if len(item.changes) == 1 and item.was == "unmet")
        print(
            f"{name:16} {len(found.proposals)} proposals ({singles} of one fact for what is unmet), {len(found.hindered)} hindered"
        )
        if options.naive:
            start = time.perf_counter()
            changes, decisions = naive(Probe(engine, case))
            print(
                f"{name:16} naive loop {time.perf_counter() - start:8.1f} s, {decisions} decisions, {changes} changes found"
            )


def _timed(engine: Engine, case: Case, everything: bool) -> float:
    start = time.perf_counter()
    seek(engine, case, everything=everything)
    return time.perf_counter() - start


def naive(probe: Probe) -> tuple[int, int]:
    """How many changes of one fact make a measure apply, and how many decisions it takes to find them."""
    unmet = {(o.measure, o.subject) for o in probe.decide({}).outcomes if o.status == "unmet"}
    found, decisions = 0, 0

    def applies(path: FactPath, value: Any) -> set[tuple[str, str | None]]:
        nonlocal decisions
        decisions += 1
        try:
            decision: Decision = probe.decide({path: value})
        except InputFaults:
            return set()
        return {(o.measure, o.subject) for o in decision.outcomes if o.status in APPLIES} & unmet

    for path, kind, now in _facts(probe):
        if kind != "quantity":
            found += len(applies(path, now))
            continue
        unit = Decimal("0.01") if path.spec and path.spec.dimension == MONEY else Decimal("0.001")
        unit = Decimal(1) if path.spec and path.spec.kind == "integer" else unit
        start = int(now / unit)
        for sign, last in ((1, 10**15 - 1), (-1, 0)):
            known: set[tuple[str, str | None]] = set()
            before, step = start, 1
            while (last - before) * sign > 0:
                count = before + sign * step
                count = count if (last - count) * sign > 0 else last
                new = applies(path, str(count * unit)) - known
                known |= new
                for key in new:
                    low, high = before, count
                    while abs(high - low) > 1:
                        middle = (low + high) // 2
                        low, high = (low, middle) if key in applies(path, str(middle * unit)) else (middle, high)
                    found += 1
                before, step = count, step * 2
    return found, decisions


def _facts(probe: Probe) -> Iterator[tuple[FactPath, str, Any]]:
    """Every fact that the enterprise can move: quantities with where they stand, the others with what they would become."""
    vocabulary, document = probe.engine.vocabulary, probe.document
    owners = [("enterprise", "enterprise"), ("latest", "report")]
    owners += [(f"projects.{p.id}", "project") for p in probe.case.projects]
    owners += [(f"services.{s.id}", "service") for s in probe.case.services]
    owners += [("park.latest", "park_report")] if probe.case.park is not None else []
    for owner, kind in owners:
        for spec in vocabulary.specs(kind):
            if spec.name in ("id", "division", "year"):
                continue
            path = probe.path(f"{owner}.{spec.name}")
            now = read_value(path, document)
            if held(path, probe.day.year - 1) is not None:
                continue
            if spec.kind == "flag":
                yield path, "flag", not now
            elif spec.kind == "words":
                words = vocabulary.words(spec.words or "")
                yield from ((path, "words", [*(now or ()), word]) for word in words if word not in (now or ()))
            elif spec.kind in ("quantity", "integer") and (now is not None or spec.absent == "zero"):
                yield path, "quantity", Decimal(str(now or 0))


if __name__ == "__main__":
    main()
