"""Connections to the databases a ledger may stand on: what an address means, and how each is made to keep what it was given."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from random import uniform
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from conggao.engine.ledger import faults
from conggao.facts.diagnostics import Text

WAIT = 60
"""Seconds that a writer waits for others."""


def parse(url: str | Path) -> URL:
    """The URL that is meant. Raises InputFaults (`ledger/url`)."""
    told = os.fspath(url)
    hint = Text(
        "写 SQLite 文件的路径，或 `postgresql://用户@主机/库`",
        "give the path of a SQLite file, or `postgresql://USER@HOST/DATABASE`",
    )
    try:
        parsed = make_url(told) if "://" in told else URL.create("sqlite", database=told)
    except (ArgumentError, ValueError):
        raise faults.fault("url", Text("这不是数据库的地址", "this is no address of a database"), hint) from None
    kind = parsed.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        message = Text(f"不支持 `{kind}`", f"`{kind}` is not supported")
        raise faults.fault("url", message, hint)
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        message = Text("内存里的台账什么也留不下来", "a ledger in memory keeps nothing")
        raise faults.fault("url", message, hint)
    return parsed.set(drivername="sqlite+pysqlite", database=str(Path(parsed.database).absolute()))


def connect(url: URL) -> sa.Engine:
    """What makes connections to `url`. Raises InputFaults (`ledger/extra`) where the driver is not installed."""
    if url.get_backend_name() == "sqlite":
        found = sa.create_engine(
            url, connect_args={"timeout": WAIT, "check_same_thread": False}, pool_size=4, max_overflow=60
        )
        prepare_sqlite(found)
        return found
    try:
        made = sa.create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_size=4,
            max_overflow=60,
            connect_args={"connect_timeout": 10},
        )
    except ModuleNotFoundError:
        raise faults.missing_extra("postgres") from None

    @event.listens_for(made, "connect")
    def durable(connection: Any, record: Any) -> None:
        """A server may be set to acknowledge before the disk has it; a ledger may not."""
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.execute(f"SET lock_timeout = '{WAIT}s'")
        connection.commit()

    return made


def files_of(file: Path) -> tuple[tuple[int, int], ...]:
    """Which files the database and its journal are; nothing where one of them is gone."""
    try:
        return tuple((found.st_dev, found.st_ino) for found in (os.stat(file), os.stat(f"{file}-wal")))
    except OSError:
        return ()


def prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the transactions are ours, not the driver's
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # opens the journal too
        file = next(row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
        record.info["files"] = files_of(Path(file))

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        how = connection.info.get("begin", "BEGIN")
        if how == "BEGIN":
            connection.exec_driver_sql(how)
        else:
            _begin_writing(connection.connection.driver_connection)


def _begin_writing(connection: Any) -> None:
    """Waits for the other writers. SQLite itself would sleep up to a tenth of a second between two looks."""
    connection.execute("PRAGMA busy_timeout = 0")
    deadline = monotonic() + WAIT
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                    raise
            sleep(uniform(0.0005, 0.004))
    finally:
        connection.execute(f"PRAGMA busy_timeout = {WAIT * 1000}")
