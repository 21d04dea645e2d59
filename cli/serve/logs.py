"""Structured logs: a line of JSON an event, with the request's id and nothing of what was asked or answered."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_KEPT = (
    "event",
    "request",
    "method",
    "route",
    "status",
    "milliseconds",
    "key",
    "edition",
    "faults",
    "worker",
    "reason",
)


class JsonLines(logging.Formatter):
    """Line ends and other signs of control cannot begin a line of their own: JSON escapes them."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        said |= {name: getattr(record, name) for name in _KEPT if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            # The place of a failure, never its text: that could hold what was asked.
            said["error"] = record.exc_info[0].__name__
            frame = record.exc_info[2]
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            if frame is not None:
                said["at"] = f"{frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}"
        return json.dumps(said, ensure_ascii=True)


def set_up() -> None:
    """All logs of the process as lines of JSON on the error stream."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("", "uvicorn", "uvicorn.error", "conggao"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name == "" else []
        logger.propagate = name != ""
        logger.setLevel(logging.INFO)
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells each of its parts
