"""The few functions that engines call by different names."""

from __future__ import annotations

from typing import Any

import ibis


@ibis.udf.scalar.builtin(name="divide", signature=(("int64", "int64"), "int64"))
def _divide(a: int, b: int) -> int: ...  # type: ignore[empty-body]


def quotient(above: Any, below: Any) -> Any:
    """The whole part of a quotient of whole numbers, truncated, without a detour through floats."""
    return _divide(above, below)
