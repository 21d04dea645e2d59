"""Whoever changes, removes, moves or cuts off anything is found out, and the entry is named.

The tampering is done as one who holds the file would: the guards are dropped, the change is made, the guards are put back.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conggao.engine.ledger import Ledger, Verdict
from conggao.engine.ledger.chain import FIELDS, Entry
from tests.conftest import FUZZ
from tests.engine.ledger.offices import case, office
from tests.engine.ledger.server import Server

COLUMNS = (*FIELDS, "hash")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with every kind of entry in it."""
    path = tmp_path_factory.mktemp("pristine") / "ledger.db"
    city = office("city")
    with Ledger.open(path) as ledger:
        for number in (1, 2):
            facts = case(number, chain_leader=True, projects=[{"id": "P1", "equipment_payment": 1000 * number}])
            kept = ledger.record(facts, engine=city, evaluator="exact", key=f"D{number}")
            paid = ledger.award(kept.entry, "prize", key=f"A{number}", note="附注")
            assert ledger.award(kept.entry, "prize").status == "refused"
            ledger.award(kept.entry, "machine", amount=100)
        ledger.reverse(paid.entry, "误付", key="R")
        assert ledger.verify().holds
    with sqlite3.connect(path) as connection:  # so that the file alone is the ledger
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def rows(path: Path) -> list[Entry]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found = [Entry.of(dict(row)) for row in connection.execute("SELECT * FROM entries ORDER BY seq")]
    connection.close()
    return found


def tampered(
    pristine: Path, folder: Path, change: Callable[[sqlite3.Connection], Any], witness: bool = True
) -> Verdict:
    """What `verify` says of a copy with the change in it."""
    path = folder / "copy.db"
    for leftover in folder.glob("copy.db*"):
        leftover.unlink(missing_ok=True)
    shutil.copy(pristine, path)
    if witness:
        shutil.copy(pristine.with_name("ledger.db.witness"), folder / "copy.db.witness")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    try:
        change(connection)
        for _, statement in guards:
            connection.execute(statement)
    finally:
        connection.close()
    with Ledger.open(path, create=False) as ledger:
        return ledger.verify()


def doing(statement: str, *values: Any) -> Callable[[sqlite3.Connection], Any]:
    return lambda connection: connection.execute(statement, values)


def named(verdict: Verdict, entry: int) -> bool:
    return any(item.severity == "error" and item.entry == entry for item in verdict.findings)


def test_untouched_copies_hold(pristine: Path, tmp_path: Path) -> None:
    verdict = tampered(pristine, tmp_path, lambda _: None)
    assert verdict.holds
    assert verdict.findings == ()
    assert verdict.witnessed == verdict.entries == len(rows(pristine))


def others(entry: Entry, column: str, entries: list[Entry]) -> Iterator[Any]:
    """Other values that a column could be given."""
    value = getattr(entry, column)
    if isinstance(value, int):
        yield from (value + 100, -value, 0, 2**40)
    elif isinstance(value, str):
        yield from (value + " ", b"\xff\xfe", value[:-1], value.swapcase(), value.replace("1", "2", 1), "")
    else:
        yield from ("x", 0)
    if value is not None and column not in ("seq", "kind", "at", "body", "prev", "hash"):
        yield None
    for other in entries[:: 1 if FUZZ > 300 else 3]:
        yield getattr(other, column)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_change_of_a_row_is_found_at_its_entry(pristine: Path, tmp_path: Path, column: str) -> None:
    entries = rows(pristine)
    tried = 0
    for entry in entries:
        seen = {getattr(entry, column)}
        for value in others(entry, column, entries):
            if value in seen:
                continue
            seen.add(value)

            def change(connection: sqlite3.Connection, value: Any = value, seq: int = entry.seq) -> None:
                connection.execute(f"UPDATE entries SET {column} = ? WHERE seq = ?", (value, seq))

            try:
                verdict = tampered(pristine, tmp_path, change)
            except sqlite3.IntegrityError:
                continue  # the database itself does not take the value
            tried += 1
            assert not verdict.holds, (entry.seq, column, value)
            assert named(verdict, entry.seq), (entry.seq, column, value, verdict.findings)
    assert tried >= len(entries)


def test_every_removal_is_found_and_named(pristine: Path, tmp_path: Path) -> None:
    entries = rows(pristine)
    for entry in entries:
        for witness in (True, False):
            verdict = tampered(pristine, tmp_path, doing("DELETE FROM entries WHERE seq = ?", entry.seq), witness)
            kind = "truncated" if entry is entries[-1] else "removed"
            assert (kind, entry.seq) in {(item.kind, item.entry) for item in verdict.findings}


def test_every_swap_is_found_and_named(pristine: Path, tmp_path: Path) -> None:
    for first, second in combinations((entry.seq for entry in rows(pristine)), 2):

        def swap(connection: sqlite3.Connection, one: int = first, other: int = second) -> None:
            for old, new in ((one, -1), (other, one), (-1, other)):
                connection.execute("UPDATE entries SET seq = ? WHERE seq = ?", (new, old))

        for witness in (True, False):
            verdict = tampered(pristine, tmp_path, swap, witness)
            moved = {item.entry for item in verdict.findings if item.kind == "reordered"}
            assert moved == {first, second}, verdict.findings


def test_what_is_swapped_between_rows_is_found_at_both(pristine: Path, tmp_path: Path) -> None:
    entries = {entry.seq: entry for entry in rows(pristine)}
    for first, second in combinations(entries, 2):

        def swap(connection: sqlite3.Connection, one: int = first, other: int = second) -> None:
            for seq, body in ((one, entries[other].body), (other, entries[one].body)):
                connection.execute("UPDATE entries SET body = ? WHERE seq = ?", (body, seq))

        verdict = tampered(pristine, tmp_path, swap)
        assert named(verdict, first)
        assert named(verdict, second)


def test_rows_that_close_the_gap_are_found(pristine: Path, tmp_path: Path) -> None:
    """An entry is removed and those after it are numbered anew."""
    entries = rows(pristine)
    for entry in entries[:-1]:

        def close(connection: sqlite3.Connection, gone: int = entry.seq) -> None:
            connection.execute("DELETE FROM entries WHERE seq = ?", (gone,))
            for seq in range(gone + 1, len(entries) + 1):
                connection.execute("UPDATE entries SET seq = ? WHERE seq = ?", (seq - 1, seq))

        for witness in (True, False):
            verdict = tampered(pristine, tmp_path, close, witness)
            assert named(verdict, entry.seq), verdict.findings


def cut(connection: sqlite3.Connection, keep: int, entries: list[Entry], mend: bool) -> None:
    connection.execute("DELETE FROM entries WHERE seq > ?", (keep,))
    if mend:
        last = entries[keep - 1].hash if keep else "0" * 64
        connection.execute("UPDATE head SET seq = ?, hash = ?", (keep, last))


def test_every_truncation_is_found(pristine: Path, tmp_path: Path) -> None:
    """Where the row of the last entry is mended too, the witness tells; without it, a hash noted elsewhere."""
    entries = rows(pristine)
    for keep in range(len(entries)):
        for mend in (True, False):
            verdict = tampered(pristine, tmp_path, partial(cut, keep=keep, entries=entries, mend=mend))
            assert ("truncated", keep + 1) in {(item.kind, item.entry) for item in verdict.findings}
    tampered(pristine, tmp_path, lambda c: cut(c, 3, entries, True))
    with Ledger.open(tmp_path / "copy.db") as ledger:
        noted = ledger.verify(head=f"{len(entries)}:{entries[-1].hash}")
        assert ("truncated", len(entries)) in {(item.kind, item.entry) for item in noted.findings}


def test_a_ledger_rewritten_from_an_entry_on_is_found(pristine: Path, tmp_path: Path) -> None:
    """The amount of an award is changed and every hash after it made anew: only what is kept outside the database knows."""
    entries = rows(pristine)
    for start, entry in enumerate(entries):

        def rewrite(connection: sqlite3.Connection, start: int = start) -> None:
            before = entries[start].prev  # noqa: PLR1736 - the loop is another by the time this runs
            for index in range(start, len(entries)):
                row = {**entries[index].row(), "prev": before}
                if index == start:
                    row["body"] = row["body"].replace("0", "1", 1)
                row["hash"] = before = Entry.of(row).digest()
                connection.execute(
                    "UPDATE entries SET body = ?, prev = ?, hash = ? WHERE seq = ?",
                    (row["body"], row["prev"], row["hash"], row["seq"]),
                )
            connection.execute("UPDATE head SET hash = ?", (before,))

        verdict = tampered(pristine, tmp_path, rewrite)
        first = min(item.entry for item in verdict.findings if item.kind == "altered" and item.entry)
        assert first == entry.seq
        for leftover in tmp_path.glob("*.witness"):
            leftover.unlink()
        with Ledger.open(tmp_path / "copy.db", create=False) as ledger:
            assert [item.kind for item in ledger.verify().findings if item.severity == "error"] == ["witness"]
            noted = ledger.verify(head=f"{entry.seq}:{entry.hash}")
            assert ("altered", entry.seq) in {(item.kind, item.entry) for item in noted.findings}


def test_texts_cannot_be_changed_removed_or_added(pristine: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(pristine)
    names = [name for (name,) in connection.execute("SELECT sha256 FROM texts ORDER BY sha256")]
    connection.close()
    changes: list[tuple[str, tuple[Any, ...]]] = [("INSERT INTO texts VALUES (?, ?)", ("f" * 64, b"x"))]
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        changes += [
            ("DELETE FROM texts WHERE sha256 = ?", (name,)),
            ("UPDATE texts SET data = x'00' WHERE sha256 = ?", (name,)),
            ("UPDATE texts SET data = data || x'00' WHERE sha256 = ?", (name,)),
            ("UPDATE texts SET data = (SELECT data FROM texts WHERE sha256 = ?) WHERE sha256 = ?", (other, name)),
        ]
    for statement, values in changes:
        verdict = tampered(pristine, tmp_path, doing(statement, *values))
        assert {item.kind for item in verdict.findings if item.severity == "error"} == {"text"}, statement


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM head",
        "UPDATE head SET seq = seq + 1",
        "UPDATE head SET seq = 1",
        "UPDATE head SET hash = 'x'",
        "DROP TABLE head",
    ],
)
def test_the_head_cannot_be_changed(pristine: Path, tmp_path: Path, statement: str) -> None:
    if statement.startswith("DROP"):
        with pytest.raises(Exception, match=r"no such table|head"):
            tampered(pristine, tmp_path, lambda c: c.execute(statement))
        return
    assert not tampered(pristine, tmp_path, lambda c: c.execute(statement)).holds


def test_a_guard_that_is_gone_is_named(pristine: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    shutil.copy(pristine, path)
    shutil.copy(pristine.with_name("ledger.db.witness"), tmp_path / "copy.db.witness")
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entries_no_delete")
    connection.close()
    with Ledger.open(path) as ledger:
        assert [(item.kind, "entries_no_delete" in item.message.en) for item in ledger.verify().findings] == [
            ("guard", True)
        ]


STATEMENTS = (
    "UPDATE entries SET body = body", "DELETE FROM entries", "UPDATE head SET seq = seq + 1", "UPDATE head SET hash = 'x'",
    "DELETE FROM head", "INSERT INTO head VALUES (2, 0, 'x')", "DELETE FROM texts", "UPDATE texts SET data = data",
    "INSERT INTO entries (seq, kind, at, body, prev, hash) VALUES (99, 'award', '', '{}', 'x', 'y')",
    "INSERT INTO entries (seq, kind, at, body, prev, hash) SELECT seq + 1, 'award', '', '{}', 'x', 'y' FROM head",
)  # fmt: skip


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_itself_refuses_all_but_the_next_entry(pristine: Path, tmp_path: Path, statement: str) -> None:
    path = tmp_path / "copy.db"
    shutil.copy(pristine, path)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|follows the last"):
        connection.execute(statement)
    connection.close()


def test_postgresql_refuses_them_too(server: Server) -> None:
    url = server.database()
    with Ledger.open(url) as ledger:
        ledger.record(case(1, chain_leader=True), engine=office("city"), evaluator="exact")
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    for statement in (*STATEMENTS, "TRUNCATE entries CASCADE", "TRUNCATE head", "TRUNCATE texts"):
        with pytest.raises(sa.exc.DBAPIError, match=r"append-only|follows the last"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    # One who owns the tables can drop the guards; what is changed then is found as on SQLite.
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE entries DISABLE TRIGGER entries_no_update"))
        connection.execute(sa.text("UPDATE entries SET holder = 'x' WHERE seq = 1"))
    engine.dispose()
    with Ledger.open(url) as ledger:
        found = {(item.kind, item.entry) for item in ledger.verify().findings if item.severity == "error"}
        assert found == {("altered", 1), ("guard", None)}
