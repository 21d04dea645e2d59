"""The tables as queries see them. What makes them, their guards included, are the migrations."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

VERSION = "0001"
"""The revision that this code reads and writes: the last of the migrations."""

GUARDS = {
    "entries_no_update", "entries_no_delete", "entries_follow", "entries_head",
    "head_follows", "head_no_delete", "head_no_insert",
    "texts_no_update", "texts_no_delete",
}  # fmt: skip
"""The triggers that keep the tables append-only, on every database."""

metadata = MetaData()

texts = Table(
    "texts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""Rulebooks and results by the hash of their bytes; `data` is compressed by zlib."""

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("at", String(32), nullable=False),
    Column("key", Text, unique=True),
    Column("request", String(64)),
    Column("holder", Text),
    Column("park", Text),
    Column("provider", Text),
    Column("measure", Text),
    Column("target", Integer, ForeignKey("entries.seq")),
    Column("body", Text, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Index("entries_by_holder", "holder", "kind"),
    Index("entries_by_park", "park"),
    Index("entries_by_provider", "provider", "measure"),
    Index("entries_by_target", "target", "kind"),
    Index(
        "one_reversal",
        "target",
        unique=True,
        sqlite_where=text("kind = 'reversal'"),
        postgresql_where=text("kind = 'reversal'"),
    ),
)

head = Table(
    "head",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_head"), primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""The last entry a second time, in one row: writers wait for each other on it, and it tells when the end was cut off."""
