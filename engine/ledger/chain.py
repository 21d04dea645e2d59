"""How entries hang together: the one JSON form of what is hashed, and the hash of an entry over all that it says and the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
"""What the first entry follows."""

FIELDS = ("seq", "kind", "at", "key", "request", "holder", "park", "provider", "measure", "target", "body", "prev")
"""What the hash of an entry covers: every column but the hash itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is stored.

    `at`: UTC, to the microsecond. `key`: the caller's name of the request, `request` the hash of what it asked. `holder`: a credit code or
    `park:ID`. `provider`: set where the cap of the measure is one of the provider. `target`: of an award or a refusal the decision, of
    a reversal the award. `body`: JSON. `prev`: the hash of the entry before.
    """

    seq: int
    kind: str
    at: str
    key: str | None
    request: str | None
    holder: str | None
    park: str | None
    provider: str | None
    measure: str | None
    target: int | None
    body: str
    prev: str
    hash: str = ""

    def digest(self, seq: int | None = None) -> str:
        """What the hash must be; with `seq`, what it would be at that place."""
        told = [getattr(self, name) for name in FIELDS]
        if seq is not None:
            told[0] = seq
        return digest(told)

    @property
    def said(self) -> dict[str, Any]:
        """The body, read."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def row(self) -> dict[str, Any]:
        """By column."""
        return {name: getattr(self, name) for name in (*FIELDS, "hash")}

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Entry:
        return cls(**{name: row[name] for name in (*FIELDS, "hash")})


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """The SHA-256 of the one JSON text of a value, in hexadecimal."""
    # A row that was tampered with may hold half a character; it must hash to something all the same.
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def digest_bytes(raw: bytes) -> str:
    return sha256(raw).hexdigest()
