"""Cases found by search or proof as the text of a case file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def as_yaml(case: Mapping[str, Any]) -> str:
    """The case as YAML, a line a part, an entry a line: short enough to read and to paste into a page."""
    lines: list[str] = []
    for key, value in case.items():
        if isinstance(value, list):
            lines.append(f"{key}:")
            lines += [f"  - {_flow(item)}" for item in value]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    plain = text and all(c.isalnum() or c in "-_." for c in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
