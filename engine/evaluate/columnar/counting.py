"""Tables in their physical types to tables that are counted: DECIMAL(38, 9) in base units becomes 64 bits of the smallest unit.

A decimal is 128 bits of thousand-millionths. The division that makes fen of it is done here over whole arrays, since a database does it
value by value at a tenth of the speed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.places import ranks
from conggao.engine.evaluate.columnar.schema import DAY, DECIMALS, MOST, ODD, RANK, REPORTED, SEVERAL, Need
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa


def counted(name: str, tables: Mapping[str, pa.Table], needs: Sequence[Need], days: Any) -> pa.Table:
    """The table of that `name` with `case_no`, the columns `needs` and whether a row, or a report of its, could not be counted: of
    enterprises also `days`, those that they are decided for; of what an enterprise may have several also their places. The enterprises of
    `tables` are numbered without a gap."""
    import numpy as np
    import pyarrow as pa

    table = tables[name]
    columns: dict[str, Any] = {CASE: table[CASE]}
    odd = np.zeros(table.num_rows, dtype=bool)
    if name == "enterprises":
        columns[DAY] = days
    elif name in SEVERAL:
        place, odd = ranks(table[CASE].to_numpy(), table["id"].combine_chunks())
        columns[RANK] = pa.array(place)
    odd |= _add_facts(table, [need for need in needs if not need.back], columns)
    of_reports = [need for need in needs if need.back]
    if of_reports:
        numbers = tables["enterprises"][CASE].to_numpy()
        odd |= _add_reports(table, tables[REPORTED[name]], of_reports, days, numbers[0] if len(numbers) else 0, columns)
    columns[ODD] = pa.array(odd)
    return pa.table(columns)


def _add_facts(table: pa.Table, needs: Iterable[Need], columns: dict[str, Any]) -> Any:
    """Adds the columns `needs` to `columns`, null, or what `filled` says, where the table lacks one; which rows could not be counted."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    odd = np.zeros(table.num_rows, dtype=bool)
    for need in needs:
        if need.name not in table.column_names:
            column = pa.nulls(table.num_rows, _arrow(need))
        elif need.kind == "quantity":
            column, wrong = count(table[need.name].combine_chunks(), need.unit, need.name == "value")
            odd |= wrong
        elif need.kind == "integer":
            column, wrong = _within(table[need.name].combine_chunks().cast(pa.int64()))
            odd |= wrong
        else:
            column = table[need.name].combine_chunks()
        if need.filled and column.null_count:
            column = pc.fill_null(column, False if need.kind == "flag" else 0)
        columns[need.name] = column
    return odd


def _add_reports(
    owners: pa.Table, reports: pa.Table, needs: Sequence[Need], days: Any, first: int, columns: dict[str, Any]
) -> Any:
    """Adds what the reports of their latest year and the one before say to the `columns` of their owners, one an enterprise; of whom a
    report could not be counted."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[str, Any] = {}
    wrong = _add_facts(reports, {need.name: need for need in needs}.values(), found)
    case, own = reports[CASE].to_numpy() - first, owners[CASE].to_numpy() - first
    place = np.full(len(days), -1, dtype=np.int64)
    place[own] = np.arange(len(own))
    back = pc.year(days).fill_null(0).to_numpy()[case] - reports["year"].fill_null(-1).to_numpy()
    at = place[case]
    odd = np.zeros(len(own), dtype=bool)
    for years in sorted({need.back for need in needs}):
        rows = np.flatnonzero((back == years) & (at >= 0))
        row = np.full(len(own), -1, dtype=np.int64)
        row[at[rows]] = rows
        there = row >= 0
        places = pa.array(row, mask=~there)
        for need in needs:
            if need.back == years:
                columns[need.column] = found[need.name].take(places)
        odd[there] |= wrong[row[there]]
    return odd


def _arrow(need: Need) -> Any:
    import pyarrow as pa

    return {
        "quantity": pa.int64(), "integer": pa.int64(), "flag": pa.bool_(), "date": pa.date32(), "words": pa.list_(pa.string()),
        "years": pa.list_(pa.int32()),
    }.get(need.kind, pa.string())  # fmt: skip


def _within(array: pa.Array) -> tuple[pa.Array, Any]:
    numbers = _words(array, 1)[:, 0]
    return _but(array, numbers, (numbers >= MOST) | (numbers < 0))


def count(array: Any, unit: int, signed: bool = False) -> tuple[pa.Array, Any]:
    """A DECIMAL(38, 9) array in whole 64-bit numbers of `1/unit`, and where it could not be counted: not whole, negative though not
    `signed`, or not below `MOST`."""
    import numpy as np
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    words = _words(array, 2)
    low, high = words[:, 0], words[:, 1]
    each = DECIMALS // unit
    # One word holds up to 9.2 thousand million base units: nearly all there is.
    one = high == (low >> 63)
    with np.errstate(divide="ignore"):
        whole = low // each if each > 1 else low.copy()
    wrong = (whole * each != low) if each > 1 else np.zeros(len(low), dtype=bool)
    if not one.all():
        rest = _known(array) & ~one
        more, odd = _two_words(low[rest].view(np.uint64), high[rest], each)
        whole[rest], wrong[rest] = more, odd
    wrong |= (whole >= MOST) | (whole <= -MOST if signed else whole < 0)
    return _but(array, whole, wrong)


def _but(array: Any, numbers: Any, wrong: Any) -> tuple[pa.Array, Any]:
    """The `numbers` of those of an array, null where that is and where they are `wrong`; and where it is known and they are. Of an unknown
    one both may say anything."""
    import pyarrow as pa

    if wrong.any():
        known = _known(array)
        wrong = wrong & known
        return pa.array(numbers, mask=~known | wrong), wrong
    if not array.null_count:
        return pa.array(numbers), wrong
    if array.offset % 8:
        return pa.array(numbers, mask=~_known(array)), wrong
    bits = array.buffers()[0].slice(array.offset // 8)
    return pa.Array.from_buffers(pa.int64(), len(array), [bits, pa.py_buffer(numbers)]), wrong


def _known(array: Any) -> Any:
    return array.is_valid().to_numpy(zero_copy_only=False)


def _words(array: Any, words: int) -> Any:
    """The numbers of an array as rows of 64-bit words, lower word first."""
    import numpy as np

    many, buffer = len(array), array.buffers()[1]
    if buffer is None or not many:
        return np.zeros((many, words), dtype=np.int64)
    return np.frombuffer(buffer, dtype=np.int64, count=(array.offset + many) * words).reshape(-1, words)[array.offset :]


def _two_words(low: Any, high: Any, each: int) -> tuple[Any, Any]:
    """Numbers of two words divided by a small one, in steps of 32 bits; also which leave a remainder or do not fit."""
    import numpy as np

    negative = high < 0
    # The absolute value of a number in two's complement.
    low = np.where(negative, (~low) + np.uint64(1), low)
    high = np.where(negative, np.where(low == 0, -high, ~high), high).astype(np.uint64)
    divisor, half, mask = np.uint64(each), np.uint64(32), np.uint64(0xFFFFFFFF)
    fits = high < divisor
    rest = high % divisor
    step = (rest << half) | (low >> half)
    upper, rest = step // divisor, step % divisor
    step = (rest << half) | (low & mask)
    lower, rest = step // divisor, step % divisor
    whole = ((upper << half) | lower).astype(np.int64)
    odd = (rest != 0) | ~fits | (whole < 0) | (upper > mask)
    return np.where(odd, 0, np.where(negative, -whole, whole)), odd
