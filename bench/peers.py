"""The same twelve rules in several engines: how long a decision takes, and how often it is right.

python bench/peers.py [--only WORD] [--records N] [--runs N] [--seed N] [--json]

Each engine runs in a process of its own, since some crash and some change what they import. In that process the hand-written Decimal
reference runs too, turn by turn in blocks, and the ratio is of those two. Converting a record to an engine's own form is not timed.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.metadata
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from rivals import reference, workload
from rivals.registry import ENTRIES, Entry
from rivals.rival import Decided

BLOCK = 100
"""Decisions of one engine before the other has its turn."""
LONGEST = 600
"""Seconds for one engine."""
NOT_INSTALLED = 3
"""Exit status of a measuring process whose engine is not there."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, default=2000, help="how many enterprises")
    parser.add_argument("--runs", type=int, default=3, help="how many times each is decided under the clock")
    parser.add_argument("--seed", type=int, default=20240601)
    parser.add_argument(
        "--only", action="append", metavar="WORD", help="only engines with this in their name; may be repeated"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of the table")
    parser.add_argument("--measure", type=int, metavar="N", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.records < 1 or options.runs < 1:
        parser.error("--records and --runs are at least 1")
    if options.measure is not None:
        measure(ENTRIES[options.measure], options)
        return
    chosen = [n for n, entry in enumerate(ENTRIES) if not options.only or any(w in entry.name for w in options.only)]
    if not chosen:
        parser.error(f"no engine is called so; there are: {'; '.join(entry.name for entry in ENTRIES)}")
    if not options.json:
        print(f"yinchuan-12: {options.records} enterprises, {options.runs} runs, Python {platform.python_version()}")
        print(_line("engine", "median µs", "p99 µs", "× ref.", "ref. µs", "other rules", "amounts off", "worst, fen"))
    for number in chosen:
        found = _in_a_process(number, options)
        print(json.dumps(found, ensure_ascii=False) if options.json else _row(found), flush=True)


def _in_a_process(number: int, options: argparse.Namespace) -> dict[str, Any]:
    entry = ENTRIES[number]
    command = [sys.executable, __file__, "--measure", str(number)]
    for name in ("records", "runs", "seed"):
        command += [f"--{name}", str(getattr(options, name))]
    about: dict[str, Any] = {"engine": entry.name, "version": _version(entry)}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return about | {"failed": f"not done in {LONGEST} s"}
    # Libraries print too; the result is the last line that is an object.
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode == NOT_INSTALLED:
        return about | {"skipped": json.loads(lines[-1])["skipped"]}
    if done.returncode or not lines:
        said = done.stderr.strip().splitlines() or ["no word"]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        return about | {"failed": f"{how}: {said[-1]}"}
    found: dict[str, Any] = json.loads(lines[-1])
    return about | found


def measure(entry: Entry, options: argparse.Namespace) -> None:
    """One engine beside the reference, in this process; prints one JSON object."""
    try:
        rival = importlib.import_module(f"rivals.{entry.module}").make(entry.form)
    except ImportError as fault:
        print(json.dumps({"skipped": str(fault)}))
        sys.exit(NOT_INSTALLED)
    records = workload.records(options.records, options.seed)
    told, told_reference = rival.prepare(records), reference.prepare(records)
    right = [reference.decide(record) for record in told_reference]
    found = _compare(right, [rival.decide(record) for record in told])
    gc.collect()
    gc.freeze()
    times, times_reference = [], []
    for _ in range(options.runs):
        for start in range(0, len(records), BLOCK):
            times_reference += _timed(reference.decide, told_reference[start : start + BLOCK])
            times += _timed(rival.decide, told[start : start + BLOCK])
    median, floor = statistics.median(times), statistics.median(times_reference)
    found |= {
        "median_us": median / 1000,
        "p99_us": _p99(times) / 1000,
        "reference_us": floor / 1000,
        "times_reference": median / floor,
    }
    print("\n" + json.dumps(found))


def _timed(decide: Callable[[Any], Decided], told: Sequence[Any]) -> list[int]:
    clock, times = time.perf_counter_ns, []
    for record in told:
        start = clock()
        decide(record)
        times.append(clock() - start)
    return times


def _p99(times: Sequence[int]) -> int:
    return sorted(times)[int(len(times) * 0.99)]


def _compare(right: Sequence[Decided], given: Sequence[Decided]) -> dict[str, Any]:
    """Of how many enterprises other rules were granted or suppressed; of the rest, of how many an amount or the total differs."""
    other_rules = amounts_off = worst = 0
    for (granted, suppressed, total), (theirs, theirs_suppressed, their_total) in zip(right, given, strict=True):
        if granted.keys() != theirs.keys() or suppressed != theirs_suppressed:
            other_rules += 1
        elif granted != theirs or total != their_total:
            amounts_off += 1
            worst = max([worst, *(abs(amount - theirs[rule]) for rule, amount in granted.items())])
    return {"other_rules": other_rules, "amounts_off": amounts_off, "worst_fen": worst}


def _version(entry: Entry) -> str | None:
    if entry.distribution is None:
        return None
    try:
        return importlib.metadata.version(entry.distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _row(found: dict[str, Any]) -> str:
    name = found["engine"] + (f" [{found['version']}]" if found["version"] else "")
    for state in ("skipped", "failed"):
        if state in found:
            return f"{name:<48}  {state}: {found[state]}"
    return _line(
        name,
        f"{found['median_us']:.1f}",
        f"{found['p99_us']:.1f}",
        f"{found['times_reference']:.2f}",
        f"{found['reference_us']:.1f}",
        found["other_rules"],
        found["amounts_off"],
        found["worst_fen"],
    )


def _line(name: str, *cells: object) -> str:
    return f"{name:<48}" + "".join(f"{cell!s:>13}" for cell in cells)


if __name__ == "__main__":
    main()
