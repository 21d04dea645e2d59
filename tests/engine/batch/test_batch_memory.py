"""A batch needs memory for parts of an input, not for the input: many times the enterprises do not take as many times the memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")
if not Path("/proc/self/smaps_rollup").exists():
    pytest.skip("this system does not show how much memory a process holds", allow_module_level=True)

from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.population import write_population
from tests.conftest import AGREEMENT
from tests.engine.batch.processes import tree

FEW = 160_000
TIMES = 5 if AGREEMENT <= 20_000 else 20
MEMORY = 500
"""MB that the databases may hold together."""


def peak(count: int, folder: Path) -> tuple[float, float]:
    """The most MB that a batch of so many enterprises held, all of its processes together; and the MB of what it wrote and read as it lies
    in memory."""
    province, out = folder / f"province-{count}", folder / f"out-{count}"
    write_population(count, province, shipped_vocabulary(), seed=7)
    command = [
        "batch",
        str(province),
        "--out",
        str(out),
        "--as-of",
        "2025-03-01",
        "--memory",
        f"{MEMORY}MB",
        "--workers",
        "2",
    ]
    most = 0.0
    with subprocess.Popen([sys.executable, "-m", "conggao.cli.app", *command], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(held(pid) for pid in tree(process.pid)))
            time.sleep(0.1)
    assert process.returncode == 0
    files = [*province.glob("*.parquet"), out / "outcomes.parquet", out / "totals.parquet"]
    return most, sum(map(size, files)) / 1e6


def size(path: Path) -> int:
    """The bytes of a Parquet file as it lies in memory, which it need not do at once."""
    from pyarrow import parquet

    return sum(batch.nbytes for batch in parquet.ParquetFile(path).iter_batches())


def held(pid: int) -> float:
    """MB of a process, of what several share each its part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith("Pss:")), 0.0)


def test_many_times_the_enterprises_take_little_more_memory(tmp_path: Path) -> None:
    before, small = peak(FEW, tmp_path)
    after, large = peak(TIMES * FEW, tmp_path)
    print(f"{FEW:,}: {before:,.0f} MB for {small:,.0f}; {TIMES * FEW:,}: {after:,.0f} MB for {large:,.0f}")
    assert large > 0.9 * TIMES * small
    assert after < 2 * before, "parts are a little larger, however many there are"
