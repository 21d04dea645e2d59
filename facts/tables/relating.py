"""What concerns several rows: rows that stand twice, rows of no enterprise, enterprises that are not taken. In SQL, larger than memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, quote
from conggao.facts.fact import MOST
from conggao.facts.tables.rejected import Rejected, Rejects
from conggao.facts.tables.schema import NAMES, Table

OWNERS = ("enterprises", "parks")
"""Tables to whose rows those of others belong."""

USUAL = "2GB"
"""What a database holds where nothing else is said: else it takes what memory there is, for little."""
GROUP = 20_000
"""Rows of a row group: what is read at least when a range of enterprises is."""


@dataclass(frozen=True, slots=True)
class Related:
    """How many enterprises are taken and how many set aside; the rows that are taken, by table; enterprises without a date."""

    count: int
    aside: int
    rows: Mapping[str, int]
    undated: int


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


def relate(
    staged: Path,
    checked: Path,
    known: Mapping[str, Table],
    files: Sequence[str],
    rejects: Rejects,
    memory: str | None,
    work: Path,
) -> Related:
    """Rejects what does not fit together, and writes the rest to `checked`, numbered and sorted by enterprise."""
    connection = connect(memory, work)
    for name in known:
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{_quoted(staged / f'{name}.parquet')}')")
    rejects.close()
    connection.execute(
        f"CREATE TABLE early AS SELECT DISTINCT credit_code, \"table\" AS name FROM read_parquet('{_quoted(rejects.path)}') "
        "WHERE credit_code IS NOT NULL"
    )
    later = Rejects(rejects.path.with_name("rejected-later.parquet"))
    for name in OWNERS:
        # Who is named at all, in a row that could be read or in one that could not.
        connection.execute(
            f"CREATE TABLE named_{name} AS SELECT credit_code FROM {name} "
            f"UNION SELECT credit_code FROM early WHERE name = '{name}'"
        )
    aside = {row[0] for row in connection.execute("SELECT DISTINCT credit_code FROM early").fetchall()}
    for name, table in known.items():
        doubled = _twice(connection, name, table, files, later)
        aside |= doubled
        if doubled or table.key != ():
            aside |= _too_many(connection, name, files, later)
    for name in known:
        if name != "enterprises":
            _orphans(connection, name, files, later)
    later.close()
    _join(connection, rejects, later)
    connection.execute("CREATE TABLE aside (credit_code VARCHAR)")
    if aside:
        import pyarrow as pa

        listed = pa.table({"credit_code": sorted(aside)})
        connection.register("listed", listed)
        connection.execute("INSERT INTO aside SELECT credit_code FROM listed")
    connection.execute(
        "CREATE TABLE numbered AS SELECT credit_code, row_number() OVER (ORDER BY credit_code) - 1 AS case_no "
        "FROM (SELECT DISTINCT credit_code FROM enterprises) ANTI JOIN aside USING (credit_code)"
    )
    rows: dict[str, int] = {}
    for name in known:
        target = _quoted(checked / f"{name}.parquet")
        written = connection.execute(
            f"COPY (SELECT case_no, t.* EXCLUDE (_row, _file) FROM {name} t JOIN numbered USING (credit_code) "
            "ORDER BY case_no, _file, _row) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE {GROUP})"
        ).fetchone()
        rows[name] = written[0]
    undated = connection.execute(
        "SELECT count(*) FROM enterprises JOIN numbered USING (credit_code) WHERE as_of IS NULL"
    ).fetchone()[0]
    own = connection.execute("SELECT count(*) FROM named_enterprises JOIN aside USING (credit_code)").fetchone()[0]
    connection.close()
    return Related(rows["enterprises"], own, rows, undated)


def _twice(connection: Any, name: str, table: Table, files: Sequence[str], rejects: Rejects) -> set[str]:
    """Rejects rows of one enterprise with the same key: which of them is right is not known."""
    if table.key is None:
        return set()
    key = ", ".join(f'"{column}"' for column in ("credit_code", *table.key))
    shown = " || ' ' || ".join(f"coalesce(\"{column}\"::VARCHAR, '')" for column in table.key) or "credit_code"
    found = connection.execute(
        f"SELECT _file, _row, credit_code, {shown} FROM {name} "
        f"SEMI JOIN (SELECT {key} FROM {name} GROUP BY ALL HAVING count(*) > 1) AS again ON {_same(table)} "
        "ORDER BY credit_code, _file, _row"
    )
    field = table.key[0] if table.key else "credit_code"
    aside: set[str] = set()
    for file, row, code, text in _each(found):
        shown_text = quote(text.strip())
        reason = Text(
            f"{NAMES[name].zh}：{shown_text} 不止一行", f"{NAMES[name].en}: {shown_text} stands in more than one row"
        )
        rejects.add(Rejected(files[file], name, row, code, field, text.strip(), "duplicate", reason))
        aside.add(code)
    return aside


def _same(table: Table) -> str:
    assert table.key is not None
    return " AND ".join(
        f'{{0}}."{c}" IS NOT DISTINCT FROM again."{c}"'.format(table.name) for c in ("credit_code", *table.key)
    )


def _too_many(connection: Any, name: str, files: Sequence[str], rejects: Rejects) -> set[str]:
    found = connection.execute(
        f"SELECT min(_file), min(_row), credit_code, count(*) FROM {name} GROUP BY credit_code HAVING count(*) > {MOST}"
    )
    aside: set[str] = set()
    for file, row, code, many in _each(found):
        reason = Text(f"一家企业有 {many:,} 行，最多 {MOST:,}", f"one enterprise has {many:,} rows, {MOST:,} at most")
        rejects.add(Rejected(files[file], name, row, code, "credit_code", code, "too-many", reason))
        aside.add(code)
    return aside


def _orphans(connection: Any, name: str, files: Sequence[str], rejects: Rejects) -> None:
    """Rejects rows of an enterprise that stands nowhere, and figures of a park without the park."""
    owner = "parks" if name == "park_reports" else "enterprises"
    found = connection.execute(
        f"SELECT _file, _row, credit_code FROM {name} ANTI JOIN named_{owner} USING (credit_code) ORDER BY _file, _row"
    )
    what = NAMES[owner]
    for file, row, code in _each(found):
        reason = Text(f"{what.zh}表中没有 {quote(code)}", f"the table of {what.en} has no {quote(code)}")
        rejects.add(Rejected(files[file], name, row, code, "credit_code", code, "orphan", reason))


def _each(found: Any) -> Any:
    while rows := found.fetchmany(10_000):
        yield from rows


def _join(connection: Any, rejects: Rejects, later: Rejects) -> None:
    """The faults of the second pass behind those of the first, in one file."""
    both = f"['{_quoted(rejects.path)}', '{_quoted(later.path)}']"
    joined = rejects.path.with_name("rejected-all.parquet")
    connection.execute(
        f'COPY (SELECT * FROM read_parquet({both}) ORDER BY file, "row", field, code) '
        f"TO '{_quoted(joined)}' (FORMAT parquet, COMPRESSION zstd)"
    )
    joined.replace(rejects.path)
    later.path.unlink()
    rejects.counts.update(later.counts)
    rejects.first = (rejects.first + later.first)[: max(len(rejects.first), 50)]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
