"""Arrow arrays of rows: text encoded, which is how Parquet keeps it too, money in DECIMAL(38, 2), lists.

An encoded column holds places in a list of its different words. Arrays are made from their buffers, without a pass that checks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_FEW = frozenset({"measure", "status", "lines", "recipient", "superseded_by", "contested_by", "basis"})
"""Columns of words of the rulebooks: 16 bits tell them apart."""


def encoded(schema: pa.Schema) -> pa.Schema:
    """The schema with its texts encoded."""
    import pyarrow as pa

    def of(name: str, kind: Any) -> Any:
        if pa.types.is_string(kind):
            return pa.dictionary(pa.int16() if name in _FEW else pa.int32(), kind)
        if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
            return pa.list_(of(name, kind.value_type))
        return kind

    return pa.schema([pa.field(field.name, of(field.name, field.type)) for field in schema])


def encode(table: pa.Table) -> pa.Table:
    """A plain table with its texts encoded."""
    import pyarrow as pa

    schema = encoded(table.schema)
    columns = []
    for field, column in zip(schema, table.columns, strict=True):
        array = column.combine_chunks()
        if pa.types.is_dictionary(field.type):
            array = _encode(array, field.type)
        elif pa.types.is_list(field.type) and pa.types.is_dictionary(field.type.value_type):
            lengths = array.value_lengths().fill_null(0)
            array = lists(offsets(lengths.to_numpy()), _encode(array.flatten(), field.type.value_type))
        columns.append(array)
    return pa.table(columns, schema=schema)


def _encode(texts: Any, kind: Any) -> Any:
    import pyarrow as pa

    found = texts.dictionary_encode()
    return pa.DictionaryArray.from_arrays(found.indices.cast(kind.index_type), found.dictionary)


def plain(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """An encoded table in the types of `schema`."""
    import pyarrow as pa

    columns = []
    for field, column in zip(schema, table.columns, strict=True):
        array = column.combine_chunks()
        if pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type):
            array = pa.ListArray.from_arrays(array.offsets, array.values.cast(pa.string()))
        columns.append(array if array.type == field.type else array.cast(field.type))
    return pa.table(columns, schema=schema)


def words(places: Any, dictionary: pa.Array, known: Any = None) -> Any:
    """The words at some places, numbers of 16 or 32 bits, of a dictionary; null where they are not `known` (bits)."""
    import pyarrow as pa

    kind = pa.dictionary(pa.from_numpy_dtype(places.dtype), dictionary.type)
    return pa.DictionaryArray.from_buffers(kind, len(places), [known, pa.py_buffer(places)], dictionary)


def bits(flags: Any) -> Any:
    """Truths as Arrow keeps them, a bit each."""
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def offsets(lengths: Any) -> Any:
    """Where each of some lists begins, and the last ends."""
    import numpy as np

    made = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=made[1:])
    return made


def lists(begins: Any, values: Any, known: Any = None) -> Any:
    """Lists of `values`, each from where it begins to where the next does; null where they are not `known` (bits)."""
    import pyarrow as pa

    buffers = [known, pa.py_buffer(begins)]
    return pa.Array.from_buffers(pa.list_(values.type), len(begins) - 1, buffers, children=[values])


def money(fen: Any, at: Any, many: int, there: Any = None) -> Any:
    """DECIMAL(38, 2) yuan `at` some of `many` rows, which `there` says in bits; null elsewhere, and where the fen are -1, an open end."""
    import numpy as np
    import pyarrow as pa

    digits = np.zeros((many, 2), dtype=np.int64)
    digits[at, 0] = fen
    if there is None or (fen < 0).any():
        known = np.zeros(many, dtype=bool)
        known[at] = fen >= 0
        there = bits(known)
    return pa.Array.from_buffers(pa.decimal128(38, 2), many, [there, pa.py_buffer(digits)])
