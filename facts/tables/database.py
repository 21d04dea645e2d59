"""The database that looks at what is larger than memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, quote

USUAL = "2GB"
"""What a database holds where nothing else is said: else it takes what memory there is, for little."""


def connect(memory: str | None, work: Path) -> Any:
    """A DuckDB in memory that spills into `work` beyond `memory`, or `USUAL`. Raises InputFaults where `memory` is no size."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        connection.execute("SET memory_limit = ?", [memory or USUAL])
    except duckdb.Error:
        message = Text(f"{quote(memory)} 不是内存大小", f"{quote(memory)} is no size of memory")
        hint = Text("写作 `2GB` 或 `500MB`", "write `2GB` or `500MB`")
        raise InputFaults([Diagnostic("batch/memory", message, path="--memory", help=hint)]) from None
    connection.execute("SET temp_directory = ?", [str(work / "spill")])
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    return connection
