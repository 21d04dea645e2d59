"""The few functions and types that engines call by different names."""

from __future__ import annotations

from typing import Any

import ibis


def _declared(a: int, b: int) -> int:
    raise NotImplementedError("it is the engine's own")


_divide = ibis.udf.scalar.builtin(_declared, name="divide", signature=(("int64", "int64"), "int64"))


def quotient(above: Any, below: Any) -> Any:
    """The whole part of a quotient of whole numbers, truncated, without a detour through floats."""
    return _divide(above, below)


def in_words(sql: str, dialect: str) -> str:
    """A statement of Ibis's in the types of an engine: whole numbers of 38 digits are DECIMAL(38, 0), which DuckDB turns into 64 bits at a
    hundredth of the speed of its own 128; what stays below 38 digits fits both."""
    return sql.replace(" AS DECIMAL(38, 0))", " AS HUGEINT)") if dialect == "duckdb" else sql
