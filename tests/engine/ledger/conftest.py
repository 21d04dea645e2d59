"""Ledgers on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.ledger.server import NoServer, Server

pytest.importorskip("sqlalchemy", reason="sqlalchemy is not installed")
pytest.importorskip("alembic", reason="alembic is not installed")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A real PostgreSQL, stopped at the end."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        made = Server()
    except NoServer as reason:
        pytest.skip(str(reason))
    yield made
    made.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger can be made, on either database."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    found: Server = request.getfixturevalue("server")
    return found.database()
