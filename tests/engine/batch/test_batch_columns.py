"""A batch in columns writes what a batch of single decisions writes, part by part and with those handed over among them."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")

from conggao.engine import Engine
from conggao.engine.batch import columns, deciding
from conggao.engine.batch.deciding import Decided, decide_tables
from conggao.engine.evaluate.columnar import ordering
from conggao.facts.population import write_population
from conggao.facts.population.province import credit_codes
from conggao.facts.tables.checking import Checked, check

COUNT = 1_200
DAY = date(2025, 3, 1)


@pytest.fixture(scope="module")
def checked(everything: Engine, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    folder = tmp_path_factory.mktemp("province")
    (folder / "work").mkdir()
    write_population(COUNT, folder / "parquet", everything.vocabulary, seed=5)
    return check(folder / "parquet", folder / "work", everything.vocabulary)


def decided(checked: Checked, engine: Engine, folder: Path, workers: int) -> tuple[Decided, list[Any], list[Any]]:
    """The rows of both files by enterprise, those of one as they stand."""
    from pyarrow import parquet

    folder.mkdir()
    found = decide_tables(checked, engine, folder, DAY, workers=workers, metadata={"note": "kept"})
    tables = [parquet.read_table(path) for path in (found.outcomes, found.totals)]
    assert all(table.schema.metadata[b"note"] == b"kept" for table in tables)
    outcomes, totals = (sorted(table.to_pylist(), key=lambda row: row["credit_code"]) for table in tables)
    return found, outcomes, totals


def test_columns_write_what_single_decisions_write(
    checked: Checked, everything: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    single, outcomes, totals = decided(checked, everything, tmp_path / "exact", 1)
    assert (single.evaluator, single.by_exact) == ("exact", 0)
    monkeypatch.setattr(columns, "WORTH", 0)
    monkeypatch.setattr(columns, "PART", 500)
    monkeypatch.setattr(columns, "SMALL", 100)
    monkeypatch.setattr(deciding, "APART", 100)
    monkeypatch.setattr(ordering, "PIECE", 70)
    for workers in (1, 2):
        found, same_outcomes, same_totals = decided(checked, everything, tmp_path / f"columns{workers}", workers)
        assert found.evaluator == "columnar"
        assert found.count == single.count
        assert 0 < found.by_exact < COUNT // 20, "some are handed over, but few"
        assert same_outcomes == outcomes
        assert same_totals == totals


@pytest.mark.parametrize(
    ("memory", "workers", "each"),
    [
        (None, 2, None), ("2GB", 2, "1000MB"), ("2GiB", 2, "1073MB"), ("1.5 GB", 1, "1500MB"), ("80%", 2, "40.000%"), ("100MB", 2, "250MB"),
    ],
)  # fmt: skip
def test_workers_share_the_memory(memory: str | None, workers: int, each: str | None) -> None:
    """Databases side by side together hold what was allowed, each of them at least what a part needs; DuckDB reads what they are told."""
    import duckdb

    assert columns.share(memory, workers) == each
    duckdb.connect(config={} if each is None else {"memory_limit": each}).close()


def test_the_bound_reaches_every_database(
    checked: Checked, everything: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from conggao.engine.evaluate.columnar import evaluator
    from conggao.engine.evaluate.columnar.session import Session

    asked: list[Any] = []

    class Seen(Session):
        def __init__(self, plan: Any, threads: int, memory: str | None, spill: Path | None) -> None:
            asked.append((memory, spill))
            super().__init__(plan, threads, memory, spill)

    monkeypatch.setattr(evaluator, "Session", Seen)
    monkeypatch.setattr(columns, "WORTH", 0)
    decide_tables(checked, everything, tmp_path, DAY, workers=1, memory="600MB")
    spill = checked.folder.parent / "spill" / str(os.getpid())
    assert asked == [("600MB", spill)]
    assert spill.is_dir(), "DuckDB would only say that it is not there when it needs it"


def test_an_unmet_enterprise_keeps_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a rulebook that grants it nothing an enterprise still stands in the outcomes."""
    import pyarrow as pa

    from tests.engine.rulebook.pages import engine, measure, page

    rules = page(
        "bare", measure("1", "subject: enterprise\nlines: [x]\nwhen: [employees > 10]\npay: 1 元"), front=_FRONT
    )
    monkeypatch.setattr(columns, "WORTH", 0)
    given = pa.table({"credit_code": credit_codes(1, 1), "employees": [3]})
    found = engine(rules).decide_table({"enterprises": given}, DAY)
    assert found.outcomes["status"].to_pylist() == ["unmet"]
    assert found.totals["low"].to_pylist() == [0]


_FRONT = "conflicts: {principle: highest, against: [national, region, city]}\nlines:\n  x: {zh: 某项, en: x}\n"
