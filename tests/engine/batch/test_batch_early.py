"""What is decided while the rest of an input is still being read is what is decided of all of it afterwards."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")

from conggao.engine import Engine
from conggao.engine.batch import columns, deciding
from conggao.engine.batch.deciding import Decided, Deciding, How, decide_tables
from conggao.engine.batch.run import Options, run_batch
from conggao.facts.diagnostics import InputFaults
from conggao.facts.population import write_population
from conggao.facts.tables import order, sources
from conggao.facts.tables.checking import Checked, check
from tests.conftest import AGREEMENT
from tests.engine.batch.processes import apart, begun_here, named

pytestmark = apart

COUNT = 1_200
DAY = date(2025, 3, 1)
KILLS = max(3, AGREEMENT // 10_000)


class Watched(Deciding):
    """Notes what it is told of before it is to finish."""

    def __init__(self, engine: Engine, into: Path) -> None:
        super().__init__(engine, into, How(DAY, workers=2))
        self.told: list[int] = []

    def begin(self, folder: Path, expected: Mapping[str, int]) -> int | None:
        self.told.append(0)
        return super().begin(folder, expected)

    def ready(self, upto: int) -> None:
        self.told.append(upto)
        super().ready(upto)

    def again(self) -> None:
        self.told.append(-1)
        super().again()


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches and parts are so small that there are several."""
    for module, name, value in (
        (columns, "WORTH", 0), (columns, "SMALL", 100), (columns, "PART", 250), (deciding, "APART", 100), (order, "STRETCH", 900),
        (order, "ROWS", 200), (sources, "ROWS", 200),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def province(everything: Engine, tmp_path: Path) -> Path:
    write_population(COUNT, tmp_path / "province", everything.vocabulary, seed=5)
    return tmp_path / "province"


def folders(tmp_path: Path, name: str) -> tuple[Path, Path]:
    made = tmp_path / f"{name}-work", tmp_path / f"{name}-made"
    for folder in made:
        folder.mkdir()
    return made


def read(folder: Path) -> list[Any]:
    from pyarrow import parquet

    return [parquet.read_table(folder / name).to_pylist() for name in ("outcomes.parquet", "totals.parquet")]


def decided_late(checked: Checked, engine: Engine, made: Path) -> Decided:
    """The same tables decided now that all are checked; raises AssertionError where that is not what was `made`."""
    later = made.with_name("late")
    later.mkdir()
    found = decide_tables(checked, engine, later, DAY, workers=1)
    assert read(made) == read(later)
    return found


def test_it_is_what_is_decided_afterwards(everything: Engine, province: Path, tmp_path: Path) -> None:
    work, made = folders(tmp_path, "early")
    with Watched(everything, made) as deciding:
        checked = check(province, work, everything.vocabulary, watch=deciding)
        told = deciding.told.copy()
        shown: list[int] = []
        found = deciding.finish(checked, shown.append)
    assert told[0] == 0
    assert len(told) > 1, "some parts were decided, or asked for, before all was read"
    assert all(upto % columns.size_of(COUNT, True, "duckdb") == 0 for upto in told)
    assert shown[-1] == COUNT
    same = decided_late(checked, everything, made)
    assert (found.count, found.by_exact, found.evaluator) == (same.count, same.by_exact, "columnar")


def test_what_stands_otherwise_than_was_promised_is_decided_anew(
    everything: Engine, province: Path, tmp_path: Path
) -> None:
    """The last row of all is one of the first enterprise, in small letters, which the statistics of a file put last."""
    import pyarrow as pa
    from pyarrow import parquet

    path = province / "reports.parquet"
    reports = parquet.read_table(path)
    codes = reports["credit_code"].to_pylist()
    first = codes.index(codes[0])
    last = reports.slice(first, 1)
    last = last.set_column(last.column_names.index("credit_code"), "credit_code", pa.array([codes[0].lower()]))
    rest = pa.concat_tables([reports.slice(0, first), reports.slice(first + 1)])
    parquet.write_table(pa.concat_tables([rest, last.cast(rest.schema)]), path, row_group_size=200)
    work, made = folders(tmp_path, "early")
    with Watched(everything, made) as deciding:
        checked = check(province, work, everything.vocabulary, watch=deciding)
        assert checked.folder.parent.name == "second"
        assert deciding.told[-1] == -1
        found = deciding.finish(checked)
    assert found.count == COUNT
    decided_late(checked, everything, made)


def test_nothing_is_left_running_where_the_rest_cannot_be_read(
    everything: Engine, province: Path, tmp_path: Path
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = province / "enterprises.parquet"
    table = parquet.read_table(path)
    # Only when nearly all has been read.
    twice = pa.concat_tables([table, table.slice(COUNT - 1)])
    parquet.write_table(twice, path, row_group_size=200)
    before = begun_here()
    with pytest.raises(InputFaults):
        run_batch(province, tmp_path / "out", everything, Options(day=DAY, strict=True, workers=2))
    assert not (tmp_path / "out").exists()
    assert begun_here() == before


def test_nobody_waits_for_what_was_asked_before_it_was_abandoned(
    everything: Engine, province: Path, tmp_path: Path
) -> None:
    """Parts that are ready are not decided, nor written, once nobody wants them."""
    work, made = folders(tmp_path, "early")
    shown: list[int] = []
    with Deciding(everything, made, How(DAY, workers=1)) as deciding:
        deciding._progress = shown.append
        checked = check(province, work, everything.vocabulary, watch=deciding)
        deciding.ready(checked.count)
    assert not shown or shown[-1] < COUNT


def test_what_is_decided_exactly_is_not_begun_early(everything: Engine, tmp_path: Path) -> None:
    with Deciding(everything, tmp_path, How(DAY, why=True)) as deciding:
        assert deciding.begin(tmp_path, {"enterprises": 10**6}) is None


def test_a_run_that_is_killed_while_others_decide_leaves_nothing(province: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.format(paths=[*sys.path, str(tmp_path)]))
    command = [sys.executable, str(program), "batch", str(province), "--out", str(out), "--as-of", "2025-03-01"]
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    took = time.monotonic() - begun
    expected = read(out)
    draw = random.Random(5)
    for _ in range(KILLS):
        for item in out.iterdir():
            item.unlink()
        out.rmdir()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(draw.uniform(took / 3, took))
            process.send_signal(draw.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
        if not out.exists():
            out.mkdir()
        else:
            assert read(out) == expected, "all of it, or nothing"
    until = time.monotonic() + 20
    while named(str(tmp_path)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not named(str(tmp_path)), "nobody goes on deciding"
    subprocess.run(command, check=True, capture_output=True)
    assert read(out) == expected, "the next run succeeds"


_PROGRAM = """
import sys
sys.path[:] = {paths!r}
from conggao.cli.app import main
from conggao.engine.batch import columns, deciding
from conggao.facts.tables import order, sources
columns.WORTH, columns.SMALL, columns.PART, deciding.APART = 0, 100, 250, 100
order.STRETCH, order.ROWS, sources.ROWS = 900, 200, 200
main()
"""
