"""The database under a ledger: opening it, one writer at a time, and what it says when it fails."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from conggao.engine.ledger import faults
from conggao.engine.ledger.queue import Queue
from conggao.engine.ledger.witness import Witness
from conggao.facts.diagnostics import Text

try:
    import alembic  # noqa: F401
    import sqlalchemy as sa
    from sqlalchemy.engine import URL, Connection
    from sqlalchemy.exc import SQLAlchemyError
except ModuleNotFoundError:
    raise faults.missing_extra("ledger") from None

from conggao.engine.ledger.awards import Awards
from conggao.engine.ledger.connections import connect, files_of, parse
from conggao.engine.ledger.schema import VERSION, head
from conggao.engine.ledger.writing import Writing

T = TypeVar("T")


class Store:
    """A database with the tables of a ledger in it. Threads may share it."""

    def __init__(self, url: URL, witness: Witness | None) -> None:
        self.url = url
        self.witness = witness
        self.file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        self.shown = str(self.file or url.set(drivername="postgresql").render_as_string(hide_password=True))
        self.engine = connect(url)
        self.awards = Awards()
        self._queue: Queue[Writing] = Queue(self._transaction)
        self._process = os.getpid()

    @classmethod
    def open(cls, url: str | Path, *, witness: str | Path | None, create: bool) -> Self:
        """As `Ledger.open`."""
        parsed = parse(url)
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
        if not opened or opened != files_of(self.file):
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
        witnessed = (
            self.witness is not None and self.witness.begun()
        )  # asked first: another may just be making the tables
        found = self._version()
        if found == VERSION:
            return
        if found is None and witnessed:
            raise faults.lost(self.shown)
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
