"""Finding entries and texts again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conggao.engine.ledger.awards import past_award
from conggao.engine.ledger.chain import Entry
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.model import PastAward
from conggao.engine.ledger.schema import entries, texts
from conggao.facts.diagnostics import Text

_BY_KEY = sa.select(entries).where(entries.c.key == sa.bindparam("sought"))
_BY_SEQ = sa.select(entries).where(entries.c.seq == sa.bindparam("sought"))
_HASH = sa.select(entries.c.hash).where(entries.c.seq == sa.bindparam("sought"))

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest text that is unpacked: one that is larger was not written by us."""


def by_key(connection: Connection, key: str) -> Entry | None:
    row = connection.execute(_BY_KEY, {"sought": key}).mappings().first()
    return None if row is None else Entry.of(row)


def entry(connection: Connection, seq: int, kind: str) -> Entry:
    """The entry `seq`, which must be of `kind`. Raises InputFaults (`ledger/no-entry`)."""
    row = connection.execute(_BY_SEQ, {"sought": seq}).mappings().first() if 0 < seq < 2**31 else None
    if row is not None and row["kind"] == kind:
        return Entry.of(row)
    names = {"decision": Text("判定", "a decision"), "award": Text("拨付", "an award")}
    name = names.get(kind, Text(kind, kind))
    if row is None:
        raise fault("no-entry", Text(f"台账里没有第 {seq} 项", f"the ledger has no entry {seq}"), None, str(seq))
    raise fault("no-entry", Text(f"第 {seq} 项不是{name.zh}", f"entry {seq} is not {name.en}"), None, str(seq))


def hash_of(connection: Connection, seq: int) -> str | None:
    found: str | None = connection.execute(_HASH, {"sought": seq}).scalar() if 0 < seq < 2**31 else None
    return found


def reversal_of(connection: Connection, award: int) -> int | None:
    """The entry that took an award back."""
    statement = sa.select(entries.c.seq).where(entries.c.target == award, entries.c.kind == "reversal")
    return connection.execute(statement).scalar()


def past_awards(connection: Connection, seqs: Iterable[int]) -> tuple[PastAward, ...]:
    """The awards that are these entries, as they stood before anything was reversed."""
    wanted = list(seqs)
    if not wanted:
        return ()
    found = [
        Entry.of(row) for row in connection.execute(sa.select(entries).where(entries.c.seq.in_(wanted))).mappings()
    ]
    by_seq = {item.seq: past_award(item.seq, item.at, item.holder or "", item.said) for item in found}
    return tuple(by_seq[seq] for seq in wanted if seq in by_seq)


def all_entries(connection: Connection, *conditions: Any) -> Iterator[Entry]:
    """Entries in their order, a portion at a time, so that a ledger of any length can be read."""
    statement = sa.select(entries).order_by(entries.c.seq).where(*conditions)
    with connection.execute(statement.execution_options(yield_per=500)) as result:
        for row in result.mappings():
            yield Entry.of(row)


def unpack(data: bytes) -> bytes:
    """A text as it was kept. Raises ValueError for what no one kept."""
    machine = zlib.decompressobj()
    try:
        raw = machine.decompress(data, LARGEST)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not machine.eof or machine.unused_data:
        raise ValueError("not one whole stream")
    return raw


def text_of(connection: Connection, name: str) -> bytes:
    """The text kept under a hash. Raises InputFaults where it is not there or cannot be read."""
    row = connection.execute(sa.select(texts.c.data).where(texts.c.sha256 == name)).first()
    try:
        if row is not None:
            return unpack(row.data)
    except ValueError:
        pass
    message = Text(f"文本 {name[:12]}… 缺失或已损坏", f"the text {name[:12]}… is missing or damaged")
    raise fault("damaged", message, Text("用 verify 检查台账", "verify the ledger"))


def json_of(connection: Connection, name: str) -> Any:
    return json.loads(text_of(connection, name))
