"""A ledger as files: everything as JSON lines, enough to check the chain elsewhere, and tables for whoever counts."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conggao.engine.ledger import faults, reading
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.replaying import list_of
from conggao.engine.ledger.schema import entries, texts
from conggao.engine.ledger.store import Store
from conggao.facts.diagnostics import Text

FORMATS = ("jsonl", "parquet")
BATCH = 2000
"""Rows of a table written at once."""


def export(store: Store, folder: Path, formats: Sequence[str], *, force: bool) -> tuple[Path, ...]:
    """As `Ledger.export`: the files are there whole, or none of them is."""
    for name in formats:
        if name not in FORMATS:
            message = Text(f"没有格式 `{name}`", f"there is no format `{name}`")
            raise fault("format", message, Text("jsonl 或 parquet", "jsonl or parquet"), "--format")
    makers: list[tuple[str, Callable[[Connection, Path], None]]] = []
    if "jsonl" in formats:
        makers += [("entries.jsonl", _entries), ("texts.jsonl", _texts)]
    if "parquet" in formats:
        arrow = _arrow()
        makers += [
            (f"{name}.parquet", lambda connection, path, table=table: _table(arrow, table, connection, path))  # type: ignore[misc]
            for name, table in _TABLES.items()
        ]
    taken = [folder / name for name, _ in makers if (folder / name).exists()]
    if taken and not force:
        message = Text("文件已存在", "the file exists")
        raise fault(
            "exists", message, Text("换一个文件夹，或加 --force", "give another folder, or --force"), str(taken[0])
        )
    with _whole(folder) as beside, store.reading() as connection:
        for name, make in makers:
            make(connection, beside / name)
    return tuple(folder / name for name, _ in makers)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` whose files are moved into it once all of them are written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield beside
        for path in sorted(beside.iterdir()):
            path.replace(folder / path.name)
    except OSError as error:
        raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _unwritable(folder: Path, error: OSError) -> Exception:
    reason = error.strerror or str(error)
    return fault("export", Text(f"无法写入（{reason}）", f"it cannot be written ({reason})"), None, str(folder))


def _entries(connection: Connection, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for entry in reading.all_entries(connection):
            # The body stays the text it is, since that is what the hash covers.
            file.write(json.dumps(entry.row(), ensure_ascii=False) + "\n")


def _texts(connection: Connection, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for name in connection.execute(sa.select(texts.c.sha256).order_by(texts.c.sha256)).scalars().all():
            text = reading.text_of(connection, name).decode()
            file.write(json.dumps({"sha256": name, "text": text}, ensure_ascii=False) + "\n")


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise faults.missing_extra("batch") from None
    return pyarrow


_MONEY, _TEXT, _INT = "money", "text", "int"
_AWARDS = {
    "entry": _INT, "at": _TEXT, "holder": _TEXT, "measure": _TEXT, "subject": _TEXT, "lines": "texts", "year": _INT,
    "amount": _MONEY, "recipient": _TEXT, "provider": _TEXT, "level": _TEXT, "decision": _INT, "note": _TEXT,
    "reversed_by": _INT,
}  # fmt: skip
_DECISIONS = {
    "entry": _INT, "at": _TEXT, "holder": _TEXT, "park": _TEXT, "as_of": _TEXT, "policies": "texts", "enterprise_low": _MONEY,
    "enterprise_high": _MONEY, "result": _TEXT,
}  # fmt: skip
_OUTCOMES = {
    "decision": _INT, "credit_code": _TEXT, "measure": _TEXT, "subject": _TEXT, "status": _TEXT, "standard_low": _MONEY,
    "standard_high": _MONEY, "amount_low": _MONEY, "amount_high": _MONEY, "recipient": _TEXT,
}  # fmt: skip
_REFUSALS = {
    "entry": _INT, "at": _TEXT, "holder": _TEXT, "measure": _TEXT, "subject": _TEXT, "amount": _MONEY, "decision": _INT,
    "reason": _TEXT, "in_the_way": "ints", "left": _MONEY,
}  # fmt: skip


def _award_rows(connection: Connection) -> Iterator[dict[str, Any]]:
    reversals = connection.execute(sa.select(entries.c.target, entries.c.seq).where(entries.c.kind == "reversal"))
    undone = {row.target: row.seq for row in reversals}
    for entry in reading.all_entries(connection, entries.c.kind == "award"):
        said = entry.said
        yield {
            **{name: said.get(name) for name in _AWARDS}, "entry": entry.seq, "at": entry.at, "holder": entry.holder,
            "reversed_by": undone.get(entry.seq),
        }  # fmt: skip


def _refusal_rows(connection: Connection) -> Iterator[dict[str, Any]]:
    for entry in reading.all_entries(connection, entries.c.kind == "refusal"):
        said = entry.said
        yield {
            **{name: said.get(name) for name in _REFUSALS},
            "entry": entry.seq,
            "at": entry.at,
            "holder": entry.holder,
        }


def _decision_rows(connection: Connection) -> Iterator[dict[str, Any]]:
    for entry in list_of(connection, entries.c.kind == "decision"):
        said = entry.said
        total = reading.json_of(connection, said["result"])["totals"]["enterprise"]
        yield {
            "entry": entry.seq, "at": entry.at, "holder": entry.holder, "park": entry.park, "as_of": said["as_of"],
            "policies": [item["id"] for item in said["policies"]], "enterprise_low": total["low"],
            "enterprise_high": total["high"], "result": said["result"],
        }  # fmt: skip


def _outcome_rows(connection: Connection) -> Iterator[dict[str, Any]]:
    for entry in list_of(connection, entries.c.kind == "decision"):
        for item in reading.json_of(connection, entry.said["result"])["outcomes"]:
            if item["status"] in ("unmet", "not_in_force", "programme"):
                continue
            ends = {
                f"{name}_{end}": None if item[name] is None else item[name][end]
                for name in ("standard", "amount")
                for end in ("low", "high")
            }
            told = {name: item[name] for name in ("measure", "subject", "status", "recipient")}
            yield {"decision": entry.seq, "credit_code": entry.holder, **told, **ends}


_TABLES: dict[str, tuple[dict[str, str], Callable[[Connection], Iterator[dict[str, Any]]]]] = {
    "awards": (_AWARDS, _award_rows),
    "refusals": (_REFUSALS, _refusal_rows),
    "decisions": (_DECISIONS, _decision_rows),
    "outcomes": (_OUTCOMES, _outcome_rows),
}


def _table(
    arrow: Any,
    table: tuple[dict[str, str], Callable[[Connection], Iterator[dict[str, Any]]]],
    connection: Connection,
    path: Path,
) -> None:
    columns, rows = table
    types = {
        _MONEY: arrow.decimal128(38, 2), _TEXT: arrow.string(), _INT: arrow.int64(), "texts": arrow.list_(arrow.string()),
        "ints": arrow.list_(arrow.int64()),
    }  # fmt: skip
    schema = arrow.schema([(name, types[kind]) for name, kind in columns.items()])
    with arrow.parquet.ParquetWriter(path, schema) as writer:
        batch: list[dict[str, Any]] = []
        for row in rows(connection):
            batch.append({
                name: Decimal(row[name]) if kind == _MONEY and row[name] is not None else row[name]
                for name, kind in columns.items()
            })  # fmt: skip
            if len(batch) >= BATCH:
                writer.write_table(arrow.Table.from_pylist(batch, schema))
                batch = []
        if batch:
            writer.write_table(arrow.Table.from_pylist(batch, schema))
