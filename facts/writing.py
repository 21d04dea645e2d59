"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text


def write_whole(content: str | bytes, path: Path) -> None:
    """Writes `content` (text as UTF-8) to `path`, or leaves what was there. Raises InputFaults (`file/unwritable`)."""
    temporary: Path | None = None
    try:
        # A link is followed, so that what it points at is replaced and not the link.
        target = path.resolve()
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        temporary.chmod(mode)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        message = Text(f"无法写入（{error.strerror}）", f"it cannot be written ({error.strerror})")
        raise InputFaults([Diagnostic("file/unwritable", message, path=str(path))]) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    """The mask for new files; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
