"""What is read of a table is not held when it has been looked at, however long the table is."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("numpy", reason="the extra `batch` is not installed")

import numpy as np
import pyarrow as pa

from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.tables import sources as reading
from conggao.facts.tables.schema import tables

GROUP, GROUPS = 2_000, 60


def test_a_parquet_file_is_held_a_piece_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import parquet

    monkeypatch.setattr(reading, "ROWS", GROUP)
    draw = np.random.default_rng(7)
    many = GROUP * GROUPS
    figures = {
        name: pa.array(draw.integers(0, 10**15, many))
        for name in ("rd_expense", "main_business_revenue", "output_value")
    }
    codes = pa.array(np.char.zfill(np.arange(many).astype(str), 18))
    rows = pa.table({"credit_code": codes, "year": np.full(many, 2024), **figures})
    parquet.write_table(rows, tmp_path / "reports.parquet", row_group_size=GROUP, compression="none")
    parquet.write_table(pa.table({"credit_code": codes[:1]}), tmp_path / "enterprises.parquet")
    whole = (tmp_path / "reports.parquet").stat().st_size
    del rows, codes, figures
    [source] = [found for found in reading.sources(tmp_path) if found.table == "reports"]
    before = pa.total_allocated_bytes()
    held = []
    for piece in reading.pieces(source, tables(shipped_vocabulary())["reports"], []):
        assert len(piece.rows) <= GROUP
        held.append(pa.total_allocated_bytes() - before)
    assert len(held) == GROUPS
    assert max(held) < whole / 10, "ten pieces at the most, of sixty"
