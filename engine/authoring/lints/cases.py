"""Cases found by search or proof as the text of a case file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

WIDTH = 50
"""Cells of the longest entry written on one line."""


def as_yaml(case: Mapping[str, Any]) -> str:
    """The case as YAML, short entries on one line: to read, to paste into a page, and narrow enough for a small terminal."""
    lines: list[str] = []
    for key, value in case.items():
        if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            lines.append(f"{key}:")
            for item in value:
                lines += _entry(item, "  - ", "    ")
        elif isinstance(value, Mapping) and _long(value):
            lines += [f"{key}:", *_entry(value, "  ", "  ")]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _entry(item: Mapping[str, Any], first: str, rest: str) -> list[str]:
    if not _long(item):
        return [first + _flow(item)]
    lines: list[str] = []
    for name, value in item.items():
        lead = rest if lines else first
        if isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
            lines.append(f"{lead}{name}:")
            for inner in value:
                lines += _entry(inner, f"{rest}  - ", f"{rest}    ")
        else:
            lines.append(f"{lead}{name}: {_flow(value)}")
    return lines


def _long(value: Mapping[str, Any]) -> bool:
    return sum(1 if character.isascii() else 2 for character in _flow(value)) > WIDTH


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
