"""Entries of a case out of checked columns, which are not read again: the one place where models are made without validation.

A value of a checked table was read by the readers of its fact before it got there. What is left to do is its form in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from conggao.facts.models import Stated
from conggao.facts.quantities import Exact
from conggao.facts.tables.schema import LISTS, Column
from conggao.facts.units import Dimension, scale

if TYPE_CHECKING:
    import pyarrow as pa

M = TypeVar("M", bound=Stated)

_WORD = 64
_LOW = (1 << _WORD) - 1
_new = object.__new__
_put_values = BaseModel.__dict__["__dict__"].__set__
_put_stated = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_put_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_put_private = BaseModel.__dict__["__pydantic_private__"].__set__


def trusted(model: type[M], values: dict[str, Any], stated: set[str]) -> M:
    """An instance that holds `values`, all fields in the order of the model, as they are; `stated` are those that were given."""
    made = _new(model)
    _put_values(made, values)
    _put_stated(made, stated)
    _put_extra(made, None)
    _put_private(made, None)
    return made


def entries(
    model: type[M], given: pa.Table, columns: Sequence[Column], beside: Mapping[str, Iterable[Any]] | None = None
) -> Iterator[M]:
    """The entry of every row of a checked table. `beside` has the values of fields that have no column among `columns`."""
    cells = dict(beside or {})
    for column in columns:
        if column.required or column.name in given.column_names:
            cells[column.name] = plain_values(column, given[column.name])
    names = [name for name in model.model_fields if name in cells]
    defaults = {name: field.get_default() for name, field in model.model_fields.items()}
    # A list that is not stated is mostly an empty one.
    lists = [name for name in names if defaults[name] == ()]
    for row in zip(*(cells[name] for name in names), strict=True):
        values = defaults.copy()
        values.update(zip(names, row, strict=True))
        stated = {name for name, value in zip(names, row, strict=True) if value is not None}
        for name in lists:
            if name not in stated:
                values[name] = ()
        yield trusted(model, values, stated)


def plain_values(column: Column, given: pa.ChunkedArray) -> list[Any]:
    """The values of a checked column as a case holds them; None where nothing is stated. ValueError where a fact that must be is not."""
    if column.required and given.null_count:
        raise ValueError(f"{column.name} is not stated")
    if given.null_count == len(given):
        return [None] * len(given)
    if column.kind == "quantity":
        return _quantities(given, column.fact.dimension)
    if column.kind in LISTS:
        return [None if entries is None else tuple(entries) for entries in given.to_pylist()]
    if column.kind == "date" or (column.kind == "integer" and given.null_count):
        found: list[Any] = given.to_pylist()
    else:
        # Several times sooner than Arrow's own, which makes an object of each cell first.
        found = given.to_numpy().tolist()
    return found


def _quantities(given: pa.ChunkedArray, dimension: Dimension) -> list[Exact | None]:
    """DECIMAL(38, 9) as quantities in their canonical form, straight from the two words of each."""
    import numpy as np

    factor = scale(dimension)
    found: list[Exact | None] = []
    for chunk in given.chunks:
        if chunk.null_count == len(chunk):
            found += [None] * len(chunk)
            continue
        words = np.frombuffer(chunk.buffers()[1], dtype="<i8").reshape(-1, 2)[chunk.offset : chunk.offset + len(chunk)]
        low, high = words[:, 0], words[:, 1]
        nanos = low.tolist()
        for at in np.nonzero(high != low >> _WORD - 1)[0].tolist():
            nanos[at] = (int(high[at]) << _WORD) + (nanos[at] & _LOW)
        stated = chunk.is_valid().to_numpy(zero_copy_only=False).tolist()
        found += [Exact.nano(number, factor) if known else None for number, known in zip(nanos, stated, strict=True)]
    return found
