"""Folders written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

MANIFEST = "manifest.json"
"""What every folder that the program wrote holds: only such a folder is written over."""
_OWN = ".conggao-"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder beside `target` to write in; it becomes `target` when the block ends well, and is gone when it does not.

    What a program that was killed left behind is cleared away by the next one. Raises InputFaults where `target` is a file, or a folder
    that the program did not write, or cannot be written.
    """
    check_target(target)
    temporary: Path | None = None
    try:
        parent = target.resolve().parent
        _clear(parent, target.name)
        temporary = Path(tempfile.mkdtemp(dir=parent, prefix=f"{_OWN}{target.name}-{os.getpid()}-"))
        made = temporary / "new"
        made.mkdir()
        yield made
        _put(made, target.resolve(), temporary / "old")
    except OSError as error:
        message = Text(f"无法写入（{error.strerror}）", f"it cannot be written ({error.strerror})")
        raise InputFaults([Diagnostic("file/unwritable", message, path=str(target))]) from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def check_target(target: Path) -> None:
    """Raises InputFaults where a folder cannot be written to `target`: before anything is worked out."""
    message = None
    if target.exists() and not target.is_dir():
        message = Text("这是一个文件，不是文件夹", "this is a file, not a folder")
    elif target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).is_file():
        message = Text("文件夹里有别的文件，不覆盖", "the folder holds other files, which would be lost")
    elif not target.resolve().parent.is_dir():
        message = Text("上一级文件夹不存在", "the folder above it does not exist")
    if message is not None:
        hint = Text("换一个文件夹", "give another folder")
        raise InputFaults([Diagnostic("file/folder", message, path=str(target), help=hint)])


def _put(made: Path, target: Path, old: Path) -> None:
    """Two renames: whoever looks sees the old folder, none, or the new one, each whole."""
    if target.exists():
        target.rename(old)
    try:
        made.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def _clear(parent: Path, name: str) -> None:
    """Removes the working folders of programs that have ended; an old result among them is put back."""
    for left in parent.glob(f"{_OWN}{name}-*-*"):
        number = left.name.removeprefix(f"{_OWN}{name}-").partition("-")[0]
        if not number.isdecimal() or _runs(int(number)):
            continue
        if (left / "old").is_dir() and not (parent / name).exists():
            (left / "old").rename(parent / name)
        shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
