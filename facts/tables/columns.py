"""One column at a time from what a file holds to the physical type: plain cells all at once, the others once for each different cell.

What a cell means is said by the same readers that read a case file; the quick ways here only take what those would take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from conggao.facts.diagnostics import Text
from conggao.facts.quantities import DECIMALS, LIMIT, YEARS
from conggao.facts.refusals import bounded
from conggao.facts.tables.plain import plain_ids, plain_text, right_codes
from conggao.facts.tables.schema import LISTS, Column

if TYPE_CHECKING:
    import pyarrow as pa

SEPARATORS = "[;；、,，|]"
"""Between the entries of a list in one cell."""

NONE = ("无", "没有", "none")
"""What a cell says of a list that has no entries."""

_PLAIN = {
    "quantity": r"^[0-9]{1,20}(\.[0-9]{1,9})?$",
    "integer": r"^[0-9]{1,14}$",
}


_WORD = 64
"""Bits of a word, of which a DECIMAL has two."""


@dataclass(slots=True)
class Read:
    """A column in its type, null where unknown or not readable; and what could not be read, by place: (code, why, the cell)."""

    values: pa.Array
    bad: dict[int, tuple[str, Text, str]] = field(default_factory=dict)


def read_column(column: Column, raw: pa.Array) -> Read:
    """`raw` as the fact of `column`. Cells that are empty are unknown."""
    import pyarrow as pa
    import pyarrow.compute as pc

    raw = _simple(raw)
    if pa.types.is_dictionary(raw.type):
        if len(raw.dictionary) < len(raw):
            return _coded(column, raw)
        raw = _simple(raw.dictionary_decode())
    if column.kind in LISTS:
        return _lists(column, raw)
    if pa.types.is_floating(raw.type):
        raw = pc.if_else(pc.is_nan(raw), pa.scalar(None, raw.type), raw)
    easy = _easy_text(column, raw) if pa.types.is_string(raw.type) else _easy_typed(column, raw)
    if easy is not None and easy.null_count == raw.null_count:
        return Read(easy)
    done = pa.nulls(len(raw), column.type) if easy is None else easy
    return _left(column, raw, done)


def _coded(column: Column, raw: pa.DictionaryArray) -> Read:
    """Where the cells are coded, each code is read once."""
    import numpy as np
    import pyarrow.compute as pc

    read = read_column(column, raw.dictionary)
    values = read.values.take(raw.indices)
    if not read.bad:
        return Read(values)
    codes = pc.fill_null(raw.indices.cast("int64"), -1).to_numpy()
    at = np.nonzero(np.isin(codes, list(read.bad)))[0].tolist()
    return Read(values, {index: read.bad[codes[index]] for index in at})


def _simple(raw: pa.Array) -> pa.Array:
    """Without dictionaries and wide offsets."""
    import pyarrow as pa

    if isinstance(raw, pa.ChunkedArray):
        raw = raw.combine_chunks()
    if pa.types.is_large_string(raw.type) or pa.types.is_string_view(raw.type) or pa.types.is_null(raw.type):
        raw = raw.cast(pa.string())
    if pa.types.is_large_list(raw.type):
        raw = raw.cast(pa.list_(raw.type.value_type))
    return raw


def _easy_text(column: Column, text: pa.Array) -> pa.Array | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    form = column.fact.form
    looked = {"credit_code": right_codes, "id": plain_ids, None: plain_text if column.kind == "text" else None}.get(
        form
    )
    if looked is not None:
        plain = looked(text)
        return text if plain.all() else pc.if_else(pa.array(plain), text, pa.scalar(None, pa.string()))
    if column.kind not in _PLAIN or form not in (None, "year"):
        return None
    kept = pc.if_else(pc.match_substring_regex(text, _PLAIN[column.kind]), text, pa.scalar(None, pa.string()))
    if column.kind != "integer":
        return kept.cast(column.type)
    return _within(kept.cast(pa.int64()), *(YEARS if form == "year" else (0, 10**15 - 1))).cast(column.type)


def _easy_typed(column: Column, raw: pa.Array) -> pa.Array | None:
    import pyarrow as pa

    kind, type_ = column.kind, raw.type
    if kind == "flag" and pa.types.is_boolean(type_):
        return raw
    if kind == "date" and pa.types.is_date32(type_):
        from datetime import date

        return _within(raw, date(YEARS[0], 1, 1), date(YEARS[1], 12, 31))
    if kind == "integer" and pa.types.is_signed_integer(type_):
        return _within(raw.cast(pa.int64()), *(YEARS if column.fact.form == "year" else (0, 10**15 - 1))).cast(
            column.type
        )
    if kind == "quantity" and pa.types.is_integer(type_) and not pa.types.is_uint64(type_):
        wide = raw.cast(pa.decimal128(19, 0)).cast(column.type)
        return _within(wide, None if column.fact.signed else 0, None)
    if kind == "quantity" and pa.types.is_decimal128(type_) and type_.scale <= DECIMALS:
        try:
            values = raw.cast(column.type)
            return values if _plainly_within(values, column) else _within(values, _least(column), LIMIT - 1)
        except pa.ArrowInvalid:
            return None  # some value is too large: each is looked at
    return None


def _least(column: Column) -> int | None:
    return int(1 - LIMIT) if column.fact.signed else 0


def _plainly_within(values: pa.Array, column: Column) -> bool:
    """Whether the upper words of all quantities say that they are below the limit, and not negative where they may not be."""
    import numpy as np

    buffer, begin = values.buffers()[1], values.offset
    if buffer is None or not len(values):
        return True
    upper = np.frombuffer(buffer, dtype=np.int64, count=2 * (begin + len(values)))[2 * begin + 1 :: 2]
    most = int(LIMIT - 1) * 10**DECIMALS >> _WORD
    return bool(upper.max() < most and upper.min() >= (-most if column.fact.signed else 0))


def _within(values: pa.Array, low: Any, high: Any) -> pa.Array:
    """Null beyond the bounds, where the reader then says what is wrong."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = pc.min_max(values)
    first, last = ends["min"].as_py(), ends["max"].as_py()
    if first is None or ((low is None or first >= low) and (high is None or last <= high)):
        return values
    inside = None
    for bound, compare in ((low, pc.greater_equal), (high, pc.less_equal)):
        if bound is not None:
            found = compare(values, pa.scalar(bound, values.type))
            inside = found if inside is None else pc.and_(inside, found)
    return pc.if_else(inside, values, pa.scalar(None, values.type))


def _left(column: Column, raw: pa.Array, done: pa.Array) -> Read:
    """What is not `done`: first without the blanks around it, then every different cell goes through the reader once."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    left = pc.and_(pc.is_valid(raw), pc.is_null(done))
    whole = done.null_count == len(done) and not raw.null_count
    cells = raw if whole else raw.filter(left)
    if not len(cells):
        return Read(done)
    found = None
    if pa.types.is_string(cells.type):
        bare = pc.utf8_trim_whitespace(cells)
        bare = pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)
        if not bare.equals(cells):
            found = read_column(column, bare)
    if found is None:
        found = _one_by_one(column, cells)
    if whole:
        return found
    at = np.nonzero(left.to_numpy(zero_copy_only=False))[0]
    return Read(
        pc.replace_with_mask(done, left, found.values), {int(at[index]): said for index, said in found.bad.items()}
    )


def _one_by_one(column: Column, cells: pa.Array) -> Read:
    """Every different cell goes through the reader once."""
    import numpy as np
    import pyarrow as pa

    try:
        coded = cells.dictionary_encode()
        different, places = coded.dictionary.to_pylist(), coded.indices.to_numpy()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        different, places = cells.to_pylist(), np.arange(len(cells))
    read, why = _readings(column, different)
    values = pa.array(read, column.type).take(pa.array(places))
    bad: dict[int, tuple[str, Text, str]] = {}
    if why:
        at = np.nonzero(np.isin(places, list(why)))[0]
        for index, cell in zip(at.tolist(), places[at].tolist(), strict=True):
            code, said = why[cell]
            bad[index] = code, said, str(bounded(different[cell]))[:200]
    return Read(values, bad)


def _readings(column: Column, cells: Sequence[Any]) -> tuple[list[Any], dict[int, tuple[str, Text]]]:
    reader = column.reader
    read: list[Any] = []
    why: dict[int, tuple[str, Text]] = {}
    for index, cell in enumerate(cells):
        try:
            read.append(reader(cell))
        except PydanticCustomError as error:
            context = error.context or {}
            read.append(None)
            why[index] = error.type, Text(str(context.get("zh", "")), str(context.get("en", "")))
    return read, why


def _lists(column: Column, raw: pa.Array) -> Read:
    """Lists: of Arrow, or entries of a text with separators between; an entry that is named twice counts once."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(raw.type):
        text = pc.utf8_trim_whitespace(raw)
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
        # An empty cell is unknown; that there are none must be said.
        text = pc.if_else(pc.is_in(pc.utf8_lower(text), pa.array(NONE)), "", text)
        raw = pc.split_pattern_regex(text, SEPARATORS)
    elif not pa.types.is_list(raw.type):
        raw = pa.array([None if cell is None else [cell] for cell in raw.to_pylist()])
        raw = raw.cast(pa.list_(pa.string())) if pa.types.is_null(raw.type) else raw
    flat, owner = raw.flatten(), pc.list_parent_indices(raw).to_numpy()
    single = Column(
        column.name, column.label, {"words": "word", "years": "integer", "ids": "text"}[column.kind], column.fact, False
    )
    entries = read_column(_entry(single), flat)
    lengths = pc.fill_null(pc.list_value_length(raw), 0).to_numpy()
    if not entries.values.null_count and not _repeated(entries.values, owner, lengths):
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        values = entries.values.cast(column.type.value_type)
        return Read(pa.ListArray.from_arrays(pa.array(offsets), values, type=column.type, mask=pc.is_null(raw)))
    bad = {int(owner[index]): found for index, found in entries.bad.items()}
    texts = entries.values.to_pylist()
    rows: list[list[Any] | None] = [[] if known else None for known in pc.is_valid(raw).to_pylist()]
    for index, value in zip(owner.tolist(), texts, strict=True):
        row = rows[index]
        if value is not None and row is not None and value not in row:
            row.append(value)
    return Read(pa.array(rows, column.type), bad)


def _repeated(values: pa.Array, owner: Any, lengths: Any) -> bool:
    """Whether some list has an entry twice. `owner`: the list of each of `values`; `lengths`: of every list."""
    import numpy as np

    if lengths.max(initial=0) <= 1:
        return False
    coded = values.dictionary_encode()
    pairs = owner.astype(np.int64) * len(coded.dictionary) + coded.indices.to_numpy()
    pairs.sort()
    return bool((pairs[1:] == pairs[:-1]).any())


def _entry(column: Column) -> Column:
    """A column of the entries of a list: years are years, whatever the form of the list is called."""
    from dataclasses import replace

    fact = replace(column.fact, form="year") if column.kind == "integer" else column.fact
    return replace(column, fact=fact)
