"""One transaction of a ledger's only writer: adding entries and the texts they refer to."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conggao.engine.ledger.chain import Entry, canonical
from conggao.engine.ledger.schema import entries, texts


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place in the chain; the fields are those of `Entry`, the body as JSON values."""

    kind: str
    body: dict[str, Any]
    key: str | None = None
    request: str | None = None
    holder: str | None = None
    park: str | None = None
    provider: str | None = None
    measure: str | None = None
    target: int | None = None


def pack(raw: bytes) -> bytes:
    """A text as it is kept."""
    return zlib.compress(raw)


class Writing:
    """While it is open no one else writes. `witnessed` are the entries added, by number and hash."""

    def __init__(self, connection: Connection, seq: int, digest: str) -> None:
        self.connection = connection
        self.witnessed: list[tuple[int, str]] = []
        self._seq, self._hash = seq, digest

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A part of the work that is undone by itself where it fails."""
        kept = self._seq, self._hash, len(self.witnessed)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            self._seq, self._hash = kept[:2]
            del self.witnessed[kept[2] :]
            raise

    def add(self, draft: Draft) -> Entry:
        """The draft as the next entry."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        entry = Entry(
            self._seq + 1, draft.kind, at, draft.key, draft.request, draft.holder, draft.park, draft.provider,
            draft.measure, draft.target, canonical(draft.body), self._hash,
        )  # fmt: skip
        entry = replace(entry, hash=entry.digest())
        self.connection.execute(_INSERT, entry.row())
        self._seq, self._hash = entry.seq, entry.hash
        self.witnessed.append((entry.seq, entry.hash))
        return entry

    def keep(self, wanted: Mapping[str, Callable[[], bytes]]) -> None:
        """Keeps texts under their hashes; one that is there already is not made again. `wanted` makes each as `pack` gives it."""
        there = set(self.connection.execute(_THERE, {"names": list(wanted)}).scalars())
        new = [{"sha256": name, "data": make()} for name, make in wanted.items() if name not in there]
        if new:
            self.connection.execute(_KEEP, new)

    def again(self, entry: Entry) -> None:
        """An entry that is answered once more is witnessed once more: its first line may never have been written."""
        self.witnessed.append((entry.seq, entry.hash))


_INSERT = sa.insert(entries)
_KEEP = sa.insert(texts)
_THERE = sa.select(texts.c.sha256).where(texts.c.sha256.in_(sa.bindparam("names", expanding=True)))
