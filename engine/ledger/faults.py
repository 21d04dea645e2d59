"""What a database says when something is wrong, as messages for people. No password of a URL is ever shown."""

from __future__ import annotations

from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

_AGAIN = Text(
    "没有收到回执的记录请用同一个键再发一次：已经入账的会得到同样的回答",
    "send what was not acknowledged again with the same key: what had been recorded answers as it did",
)

OWN = frozenset(
    f"ledger/{code}"
    for code in (
        "busy",
        "damaged",
        "extra",
        "full",
        "readonly",
        "unavailable",
        "url",
        "vanished",
        "version",
        "witness",
    )
)
"""Faults of the ledger itself: what was asked may be right, and asked again once they are mended."""


def fault(code: str, message: Text, help: Text | None = None, path: str | None = None) -> InputFaults:  # noqa: A002
    return InputFaults([Diagnostic(f"ledger/{code}", message, help=help, path=path)])


def missing_extra(name: str) -> InputFaults:
    """A library that is not installed: `name` is the extra that brings it."""
    what = Text("台账需要 SQLAlchemy 和 Alembic", "a ledger needs SQLAlchemy and Alembic")
    if name == "postgres":
        what = Text("PostgreSQL 上的台账需要 psycopg", "a ledger on PostgreSQL needs psycopg")
    if name == "batch":
        what = Text("导出 Parquet 需要 pyarrow", "exporting Parquet needs pyarrow")
    hint = Text(f"安装：pip install 'conggao[{name}]'", f"pip install 'conggao[{name}]'")
    if name == "batch":
        hint = Text(f"{hint.zh}；或只要 JSON 行：--format jsonl", f"{hint.en}, or only JSON lines: --format jsonl")
    return fault("extra", what, hint)


def translated(error: Any, shown: str) -> InputFaults:
    """The fault that stands for an error of SQLAlchemy or of the database; `shown` is the URL without its password."""
    cause = getattr(error, "orig", None) or error
    name = str(getattr(cause, "sqlite_errorname", "") or "")
    state = str(getattr(cause, "sqlstate", "") or "")
    said = " ".join(str(cause).partition("DETAIL:")[0].split())  # a detail of PostgreSQL repeats values
    if name == "SQLITE_FULL" or state == "53100" or "No space left" in said:
        return fault(
            "full",
            Text("磁盘已满，这一次什么也没有记下", "the disk is full; nothing of this was recorded"),
            _AGAIN,
            shown,
        )
    if name.startswith("SQLITE_IOERR"):
        message = Text(f"台账文件无法读写（{said}）", f"the file of the ledger cannot be read or written ({said})")
        return fault("unavailable", message, _AGAIN, shown)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or state in ("55P03", "57014"):
        message = Text("台账正被其他程序占用，等得太久", "others held the ledger for too long")
        return fault("busy", message, _AGAIN, shown)
    if name.startswith("SQLITE_READONLY"):
        return fault("readonly", Text("台账是只读的", "the ledger is read-only"), None, shown)
    if name in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
        message = Text("文件不是台账，或已损坏", "the file is no ledger, or it is damaged")
        return fault(
            "damaged", message, Text("从备份恢复，再用 verify 检查", "restore it from a copy, then verify"), shown
        )
    return fault(
        "unavailable", Text(f"台账数据库无法使用（{said}）", f"the database cannot be used ({said})"), _AGAIN, shown
    )


def vanished(shown: str) -> InputFaults:
    message = Text("台账文件在使用中被删除或替换", "the file of the ledger was removed or replaced while in use")
    return fault("vanished", message, _AGAIN, shown)


def lost(shown: str) -> InputFaults:
    """There is no ledger, and its witness says that there was: a new one would pay everything a second time."""
    message = Text("没有台账，而见证文件里有它的记录", "there is no ledger, but the witness file knows entries of one")
    hint = Text(
        "台账被移走，或所在的磁盘没有挂载：放回原处；真要另起新账，先移走见证文件",
        "it was moved, or its disk is not there: put it back; to begin a new one, move the witness file away first",
    )
    return fault("vanished", message, hint, shown)
