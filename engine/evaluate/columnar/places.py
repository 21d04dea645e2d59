"""The order of subjects: by enterprise, and of one enterprise by the natural order of their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.schema import RANK
from conggao.engine.resolve.model import natural
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa


def ranks(cases: Any, ids: pa.Array) -> tuple[Any, Any]:
    """The place of every row among those of its enterprise, from 1, and which rows have no place of their own: another of the enterprise is
    named alike, as `P1` and `P01` are."""
    import numpy as np

    many = len(cases)
    place, alike = np.ones(many, dtype=np.int64), np.zeros(many, dtype=bool)
    _, which, counts = np.unique(cases, return_inverse=True, return_counts=True)
    # Most enterprises have but one.
    rows = np.flatnonzero(counts[which] > 1)
    if not len(rows):
        return place, alike
    encoded = ids.take(rows).dictionary_encode()
    names = [natural(name) for name in encoded.dictionary.to_pylist()]
    order = {name: number for number, name in enumerate(sorted(set(names)))}
    key = np.array([order[name] for name in names], dtype=np.int64)[encoded.indices.to_numpy()]
    by = np.lexsort((key, which[rows]))
    case, name = which[rows][by], key[by]
    new = np.r_[True, case[1:] != case[:-1]]
    begins = np.maximum.accumulate(np.where(new, np.arange(len(by)), 0))
    place[rows[by]] = np.arange(len(by)) - begins + 1
    same = ~new & np.r_[False, name[1:] == name[:-1]]
    alike[rows[by]] = same | np.r_[same[1:], False]
    return place, alike


def in_order(table: pa.Table) -> pa.Table:
    """The rows by enterprise and place. Mostly they come so: looking costs less than sorting."""
    import numpy as np
    import pyarrow as pa

    cases = table[CASE].to_numpy()
    if RANK not in table.column_names:
        sorted_ = bool((cases[1:] > cases[:-1]).all())
        return table if sorted_ else table.take(pa.array(np.argsort(cases, kind="stable")))
    place = table[RANK].to_numpy()
    ascending = (cases[1:] > cases[:-1]) | ((cases[1:] == cases[:-1]) & (place[1:] > place[:-1]))
    return table if bool(ascending.all()) else table.take(pa.array(np.lexsort((place, cases))))
