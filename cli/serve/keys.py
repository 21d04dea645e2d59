"""API keys: random tokens of which only the hash is kept, each with what it may do."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.writing import write_whole

Scope = Literal["decide", "record", "read-ledger", "administer"]
SCOPES: tuple[Scope, ...] = ("decide", "record", "read-ledger", "administer")
PREFIX = "conggao_"


class Key(BaseModel):
    """A key: its `id` is public, and what logs call it; `sha256` is that of the token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    scopes: tuple[Scope, ...]
    sha256: str
    made: str
    revoked: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    keys: tuple[Key, ...] = ()


class KeyRing:
    """The keys of a file, read again when it changes, so that a revoked key ends at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def held(self) -> tuple[Key, ...]:
        """All keys, revoked ones included. A file that is gone lets no one in. Raises InputFaults where it is no file of keys."""
        try:
            known = os.stat(self.path)
        except OSError:
            self._stamp, self._keys = None, ()
            return ()
        stamp = known.st_mtime_ns, known.st_size, known.st_ino
        if stamp != self._stamp:
            self._keys = _read(self.path)
            self._stamp = stamp
        return self._keys

    def find(self, token: str) -> Key | None:
        """The key of a token. Every key is compared, each in the same time, whether one fits or not."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        found: Key | None = None
        for key in self.held():
            same = hmac.compare_digest(key.sha256, digest)
            if same and key.revoked is None:
                found = key
        return found


def _read(path: Path) -> tuple[Key, ...]:
    try:
        return _File.model_validate_json(path.read_bytes()).keys
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError):
        message = Text("密钥文件无法读取", "the file of keys cannot be read")
        raise InputFaults([Diagnostic("keys/unreadable", message, path=str(path))]) from None


def add(path: Path, name: str, scopes: tuple[Scope, ...]) -> tuple[Key, str]:
    """Makes a key and adds it to the file; gives it with its token, which is not kept and cannot be had again."""
    token = PREFIX + secrets.token_urlsafe(32)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    id_ = secrets.token_hex(4)
    key = Key(id=id_, name=name, scopes=scopes, sha256=hashlib.sha256(token.encode()).hexdigest(), made=made)
    with _alone(path):
        _write(path, (*_read(path), key))
    return key, token


def revoke(path: Path, id_: str) -> Key:
    """Ends a key. Raises InputFaults where there is none of that id, or it has ended."""
    with _alone(path):
        keys = _read(path)
        found = next((key for key in keys if key.id == id_ and key.revoked is None), None)
        if found is None:
            message = Text(f"没有有效的密钥 `{id_}`", f"there is no valid key `{id_}`")
            raise InputFaults([Diagnostic("keys/unknown", message)])
        ended = found.model_copy(update={"revoked": datetime.now(UTC).isoformat(timespec="seconds")})
        _write(path, tuple(ended if key.id == id_ else key for key in keys))
    return ended


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No one else changes the file meanwhile: of two changes at once one would be lost, and with it perhaps the end of a key."""
    import fcntl

    # Its folder is locked, since the file itself is replaced. What stands in the way of that is said where the file is written.
    try:
        folder = os.open(path.absolute().parent, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(path: Path, keys: tuple[Key, ...]) -> None:
    fresh = not path.exists()
    text = json.dumps(_File(keys=keys).model_dump(), ensure_ascii=False, indent=1) + "\n"
    write_whole(text, path)
    if fresh:
        path.chmod(0o600)
