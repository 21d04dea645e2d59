"""The database under a ledger: opening it, one writer at a time, and what it says when it fails."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import uniform
from time import monotonic, sleep
from typing import Any, Self, TypeVar

from conggao.engine.ledger import faults
from conggao.engine.ledger.queue import Queue
from conggao.engine.ledger.witness import Witness
from conggao.facts.diagnostics import Text

try:
    import alembic  # noqa: F401
    import sqlalchemy as sa
    from sqlalchemy import event
    from sqlalchemy.engine import URL, Connection, make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError
except ModuleNotFoundError:
    raise faults.missing_extra("ledger") from None

from conggao.engine.ledger.awards import Awards
from conggao.engine.ledger.schema import VERSION, head
from conggao.engine.ledger.writing import Writing

T = TypeVar("T")
WAIT = 60
"""Seconds that a writer waits for others."""


class Store:
    """A database with the tables of a ledger in it. Threads may share it."""

    def __init__(self, url: URL, witness: Witness | None) -> None:
        self.url = url
        self.witness = witness
        self.file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self.shown = str(self.file or url.set(drivername="postgresql").render_as_string(hide_password=True))
        self.engine = _engine(url)
        self.awards = Awards()
        self._queue: Queue[Writing] = Queue(self._transaction)
        self._process = os.getpid()
        if self.file is not None:
            _prepare_sqlite(self.engine)

    @classmethod
    def open(cls, url: str | Path, *, witness: str | Path | None, create: bool) -> Self:
        """As `Ledger.open`."""
        parsed = _parse(url)
        beside: Path | None = None if witness is None else Path(witness)
        if parsed.get_backend_name() == "sqlite":
            file = Path(parsed.database or "")
            if not create and not file.is_file():
                message = Text("没有这个台账", "there is no such ledger")
                hint = Text("先用 `conggao ledger record` 记入一项", "`conggao ledger record` makes one")
                raise faults.fault("none", message, hint, str(file))
            beside = beside or file.with_name(file.name + ".witness")
        store = cls(parsed, None if beside is None else Witness(beside))
        try:
            with store._translating():
                store._prepare(create)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def reading(self, *, lenient: bool = False) -> Iterator[Connection]:
        """A connection that sees one state of the ledger, whatever is written meanwhile. `lenient`: text that is none is read as
        something else than what was written, and ends nothing."""
        self._own()
        with self._translating(), self.engine.connect() as connection:
            if self.file is None:
                connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.info["begin"] = "BEGIN"
                self._check_there(connection)
            raw: Any = connection.connection.driver_connection
            if lenient and self.file is not None:
                raw.text_factory = _decoded
            try:
                with connection.begin():
                    yield connection
            finally:
                if self.file is not None:
                    raw.text_factory = str

    def write(self, work: Callable[[Writing], T]) -> T:
        """Does `work` alone among all writers, in one transaction that is on the disk when this returns.

        What threads ask for at the same time shares a transaction, each under a savepoint of its own. Raises what `work` raises.
        """
        self._own()
        return self._queue.run(work)

    def _own(self) -> None:
        """A process that was forked leaves the connections of the one before alone and opens its own."""
        if self._process != os.getpid():
            self.engine.dispose(close=False)
            self._queue = Queue(self._transaction)
            self._process = os.getpid()

    @contextmanager
    def _transaction(self) -> Iterator[Writing]:
        with self._translating():
            with self.engine.connect() as connection:
                connection.info["begin"] = "BEGIN IMMEDIATE"
                with connection.begin():
                    self._check_there(connection)
                    statement = sa.select(head.c.seq, head.c.hash)
                    row = connection.execute(statement if self.file else statement.with_for_update()).one()
                    writing = Writing(connection, row.seq, row.hash)
                    yield writing
                self._check_there(connection)
            # After the commit and before anyone is told: what is acknowledged is witnessed, and what is not recorded never is.
            if self.witness is not None and writing.witnessed:
                self.witness.add(writing.witnessed)

    def _check_there(self, connection: Connection) -> None:
        """A file that was removed while open could still be written to, and all of it would be lost."""
        if self.file is None:
            return
        opened = connection.info.get("files")
        if not opened or opened != _files(self.file):
            connection.invalidate()
            raise faults.vanished(self.shown)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise faults.translated(error, self.shown) from None
        except UnicodeEncodeError:
            message = Text("文字里有无法存储的字符", "the text holds a character that cannot be stored")
            raise faults.fault("text", message) from None

    def _prepare(self, create: bool) -> None:
        """Makes the tables where there are none, and brings those of an older version up to this one."""
        found = self._version()
        if found == VERSION:
            return
        if found is None and not create:
            message = Text("这个数据库里没有台账", "there is no ledger in this database")
            raise faults.fault("none", message, None, self.shown)
        if found is not None and found > VERSION:
            message = Text(
                f"台账的版本（{found}）比本程序新", f"the ledger is of a later version ({found}) than this program"
            )
            raise faults.fault("version", message, Text("升级 conggao", "upgrade conggao"), self.shown)
        with self.engine.connect() as connection:
            connection.info["begin"] = "BEGIN IMMEDIATE"
            with connection.begin():
                if self.file is None:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                _upgrade(connection)

    def _version(self) -> str | None:
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            return found


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


_LOCK = 4_176_014_420
"""Any number: it keeps two programs from making the tables at once."""


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "conggao.engine.ledger:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _parse(url: str | Path) -> URL:
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


def _engine(url: URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return sa.create_engine(
            url, connect_args={"timeout": WAIT, "check_same_thread": False}, pool_size=4, max_overflow=60
        )
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


def _files(file: Path) -> tuple[tuple[int, int], ...]:
    """Which files the database and its journal are; nothing where one of them is gone."""
    try:
        return tuple((found.st_dev, found.st_ino) for found in (os.stat(file), os.stat(f"{file}-wal")))
    except OSError:
        return ()


def _prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the transactions are ours, not the driver's
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # opens the journal too
        file = next(row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
        record.info["files"] = _files(Path(file))

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
