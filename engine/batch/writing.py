"""The Parquet files of a run: what is written is encoded or plain, what is read of it is plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS = [
    "measure", "subject", "status", "recipient", "basis", "lines.list.element", "superseded_by.list.element",
    "contested_by.list.element", "funding.list.element.payer", "missing.list.element",
]  # fmt: skip
"""Columns of few different words, as Parquet calls them."""
_ALWAYS = frozenset({"credit_code", "measure", "status", "lines", "superseded_by", "contested_by"})
"""Columns that say something in every row, of which Parquet need not note whether they do."""
_BATCH = 1 << 14
"""Rows that Arrow encodes at a time."""
_PAGE = 1 << 20
"""Rows of a page: most columns take a few bytes for the 20,000 at which Arrow, from version 23 on, would end one."""


def writer(path: Path, schema: pa.Schema, said: Mapping[str, str], texts: Sequence[str], encoded: bool) -> Any:
    """A Parquet file of these columns, of which `texts` are few different words. Statistics tell who looks for one enterprise where it
    is not."""
    from inspect import signature

    from pyarrow import parquet

    if encoded:
        from conggao.engine.evaluate.columnar.encoding import encoded as with_encoded_texts

        schema = with_encoded_texts(schema)
    pages = {"max_rows_per_page": _PAGE} if "max_rows_per_page" in signature(parquet.ParquetWriter).parameters else {}
    file = parquet.ParquetWriter(
        path,
        _public(schema).with_metadata(said),
        compression="zstd",
        store_schema=not encoded,
        use_dictionary=list(texts),
        write_statistics=["credit_code"],
        write_batch_size=_BATCH,
        **pages,
    )
    if encoded and said:
        # Without the schema of Arrow what stands beside it is not written either.
        file.add_key_value_metadata(dict(said))
    return file


def _public(schema: pa.Schema) -> pa.Schema:
    """Without what is of use to this program alone."""
    import pyarrow as pa

    return pa.schema(field.with_nullable(field.name not in _ALWAYS) for field in schema if field.name != "case_no")


def shown(table: pa.Table, said: Mapping[str, str]) -> pa.Table:
    """A table as it is written."""
    import pyarrow as pa

    schema = _public(table.schema).with_metadata(said)
    return pa.Table.from_arrays([table[name] for name in schema.names], schema=schema)
