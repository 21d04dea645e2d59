"""The few functions that engines call by different names."""

from __future__ import annotations

from typing import Any

import ibis


def _declared(a: int, b: int) -> int:
    raise NotImplementedError("it is the engine's own")


_divide = ibis.udf.scalar.builtin(_declared, name="divide", signature=(("int64", "int64"), "int64"))


def quotient(above: Any, below: Any) -> Any:
    """The whole part of a quotient of whole numbers, truncated, without a detour through floats."""
    return _divide(above, below)
