"""The hash of every entry, a second time and outside the database: a text file with a line an entry, only ever added to.

Whoever cuts the end off the database, or rewrites it from some entry on with new hashes, must also rewrite this file; it is best kept on
another disk, or copied away now and then. Its lines are written after the entry is and before that is acknowledged, so a program killed in
between leaves a gap, never a line without an entry.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from conggao.engine.ledger.faults import fault
from conggao.facts.diagnostics import Text


class Witness:
    """The file at `path`; many processes may add to it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, entries: Iterable[tuple[int, str]]) -> None:
        """Adds lines at once. Raises InputFaults (`ledger/witness`): the entries themselves are recorded by then."""
        raw = "".join(f"{seq} {digest}\n" for seq, digest in entries).encode()
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                written = os.write(descriptor, raw)
            finally:
                os.close(descriptor)
            if written == len(raw):
                return
            reason = "short write"
        except OSError as error:
            reason = error.strerror or str(error)
        message = Text(
            f"已入账，但见证文件无法写入（{reason}）",
            f"this is recorded, but the witness file cannot be written ({reason})",
        )
        hint = Text("修好后用同一个键再发一次", "mend that, and send it again with the same key")
        raise fault("witness", message, hint, str(self.path))

    def exists(self) -> bool:
        return self.path.is_file()

    def begun(self) -> bool:
        """Whether it holds anything."""
        return self.exists() and self.path.stat().st_size > 0

    def read(self) -> tuple[dict[int, set[str]], list[int]]:
        """The hashes by entry, and the numbers of lines that are no such line; a last line that was cut off is neither."""
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            message = Text(f"见证文件无法读取（{reason}）", f"the witness file cannot be read ({reason})")
            raise fault("witness", message, None, str(self.path)) from None
        found: dict[int, set[str]] = {}
        bad: list[int] = []
        lines = raw.split(b"\n")
        for number, line in enumerate(lines[:-1], start=1):
            seq, space, digest = line.partition(b" ")
            if space and seq.isdigit() and len(digest) == 64 and digest.isalnum():  # noqa: PLR2004 - SHA-256 in hexadecimal
                found.setdefault(int(seq), set()).add(digest.decode("ascii", "replace"))
            else:
                bad.append(number)
        return found, bad
