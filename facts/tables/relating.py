"""What concerns several rows: rows that stand twice, rows of no enterprise, enterprises that are not taken.

It is looked at stretch by stretch: all rows of the credit codes of a range, which concern nobody outside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conggao.facts.diagnostics import Text, quote
from conggao.facts.fact import MOST
from conggao.facts.tables.keeping import Keeper
from conggao.facts.tables.reading import FILE
from conggao.facts.tables.rejected import Rejected, Rejects
from conggao.facts.tables.schema import CODE, NAMES, ROW, Table

if TYPE_CHECKING:
    import pyarrow as pa

Early = Collection[tuple[str, str]]
"""The credit code and the table of rows that could not be read."""
_PRODUCT = 2**62


class Relating:
    """Rejects what does not fit together; the rest is numbered by enterprise and kept. Stretches come in the order of their codes."""

    def __init__(
        self, known: Mapping[str, Table], files: Sequence[str], rejects: Rejects, keepers: Mapping[str, Keeper]
    ) -> None:
        self._known, self._files, self._rejects, self._keepers = known, files, rejects, keepers
        self.count = 0
        self.aside = 0
        self.undated = 0

    def look(self, given: Mapping[str, pa.Table], early: Early) -> None:
        """All rows of the next range of credit codes, by table; those of one enterprise in a table as they stood."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        codes = {name: rows[CODE].combine_chunks() for name, rows in given.items()}
        owners = _distinct(codes["enterprises"])
        places = _places(owners, codes)
        aside = {code for code, _ in early}
        for name, table in self._known.items():
            aside |= self._several(table, given[name], places[name])
        for name in self._known:
            if name != "enterprises":
                self._orphans(name, given[name], codes, places, len(owners), early)
        taken = np.ones(len(owners), dtype=bool)
        if aside:
            listed = pa.array(sorted(aside), pa.string())
            taken[pc.is_in(owners, listed).to_numpy(zero_copy_only=False)] = False
            named = {code for code, name in early if name == "enterprises"}
            named -= set(owners.filter(pc.is_in(owners, pa.array(sorted(named), pa.string()))).to_pylist())
            self.aside += int((~taken).sum()) + len(named)
        numbers = np.cumsum(taken) - 1 + self.count
        self.count += int(taken.sum())
        for name, rows in given.items():
            self._keep(name, rows, places[name], taken, numbers)

    def _keep(self, name: str, rows: pa.Table, places: Any, taken: Any, numbers: Any) -> None:
        """Numbers the rows of the enterprises that are taken, and has them written in order."""
        import numpy as np
        import pyarrow as pa

        if not taken.all() or (places >= len(taken)).any():
            own = np.append(taken, False)[np.minimum(places, len(taken))]
            rows, places = rows.filter(pa.array(own)), places[own]
        if name == "enterprises":
            self.undated += rows["as_of"].null_count
        found = numbers[places]
        # Stable: the rows of one enterprise stay as they stood.
        order = np.argsort(found, kind="stable") if (found[1:] < found[:-1]).any() else None
        self._keepers[name].add(rows, found, order)

    def _several(self, table: Table, rows: pa.Table, places: Any) -> set[str]:
        """Rejects rows of one enterprise with the same key, since which of them is right is not known, and more rows than a case holds;
        gives whose they are."""
        import numpy as np
        import pyarrow as pa

        if not len(places):
            return set()
        aside: set[str] = set()
        if table.key is not None:
            ids = _folded(places, [rows[column].combine_chunks() for column in table.key])
            ordered = ids if (ids[1:] > ids[:-1]).all() else np.sort(ids)
            if (ordered[1:] == ordered[:-1]).any():
                again = np.isin(ids, ordered[1:][ordered[1:] == ordered[:-1]])
                aside |= self._twice(table, rows.filter(pa.array(again)))
        many = np.bincount(places)
        if (many > MOST).any() and (table.key != () or aside):
            aside |= self._too_many(table.name, rows.filter(pa.array((many > MOST)[places])))
        return aside

    def _twice(self, table: Table, rows: pa.Table) -> set[str]:
        assert table.key is not None
        field = table.key[0] if table.key else CODE
        shown = table.key or (CODE,)
        aside: set[str] = set()
        for row in _sorted(rows, (CODE, FILE, ROW), shown):
            text = " ".join("" if row[name] is None else str(row[name]) for name in shown).strip()
            said = quote(text)
            what = NAMES[table.name]
            reason = Text(f"{what.zh}：{said} 不止一行", f"{what.en}: {said} stands in more than one row")
            self._reject(table.name, row, field, text, "duplicate", reason)
            aside.add(row[CODE])
        return aside

    def _too_many(self, name: str, rows: pa.Table) -> set[str]:
        found = rows.group_by(CODE).aggregate([(FILE, "min"), (ROW, "min"), (CODE, "count")]).sort_by(CODE)
        for code, file, first, many in zip(
            *(found[column].to_pylist() for column in (CODE, f"{FILE}_min", f"{ROW}_min", f"{CODE}_count")), strict=True
        ):
            reason = Text(
                f"一家企业有 {many:,} 行，最多 {MOST:,}", f"one enterprise has {many:,} rows, {MOST:,} at most"
            )
            row = {CODE: code, FILE: file, ROW: first}
            self._reject(name, row, CODE, code, "too-many", reason)
        return set(found[CODE].to_pylist())

    def _orphans(
        self,
        name: str,
        rows: pa.Table,
        codes: Mapping[str, pa.Array],
        places: Mapping[str, Any],
        owners: int,
        early: Early,
    ) -> None:
        """Rejects rows of an enterprise that stands nowhere, and figures of a park without the park."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        owner = "parks" if name == "park_reports" else "enterprises"
        lost = places[name] >= owners
        if owner == "parks":
            here = np.zeros(owners + 1, dtype=bool)
            here[places[owner][places[owner] < owners]] = True
            lost = ~here[np.minimum(places[name], owners)]
        if not lost.any():
            return
        alone = rows.filter(pa.array(lost))
        # Who is named at all, in a row that could be read or in one that could not.
        named = pa.concat_arrays(
            [codes[owner], pa.array([code for code, table in early if table == owner], pa.string())]
        )
        alone = alone.filter(pc.invert(pc.is_in(alone[CODE], named)))
        what = NAMES[owner]
        for row in _sorted(alone, (FILE, ROW), (CODE,)):
            said = quote(row[CODE])
            reason = Text(f"{what.zh}表中没有 {said}", f"the table of {what.en} has no {said}")
            self._reject(name, row, CODE, row[CODE], "orphan", reason)

    def _reject(self, name: str, row: Mapping[str, Any], field: str, found: str, code: str, reason: Text) -> None:
        self._rejects.add(Rejected(self._files[row[FILE]], name, row[ROW], row[CODE], field, found, code, reason))


def _distinct(codes: pa.Array) -> pa.Array:
    """The different codes in their order."""
    import pyarrow.compute as pc

    if pc.all(pc.greater(codes.slice(1), codes.slice(0, max(len(codes) - 1, 0)))).as_py() is not False:
        return codes
    different = pc.unique(codes)
    return different.take(pc.sort_indices(different))


def _places(owners: pa.Array, codes: Mapping[str, pa.Array]) -> dict[str, Any]:
    """Where each code of each table stands among `owners`; the same number from there on for a code that does not."""
    import numpy as np
    import pyarrow as pa

    # Rows of one enterprise mostly stand together: its code is looked up once.
    runs = {name: _firsts(found) for name, found in codes.items() if found is not owners}
    looked_up = [codes[name].filter(pa.array(firsts)) for name, firsts in runs.items()]
    coded = pa.concat_arrays([owners, *looked_up]).dictionary_encode().indices.to_numpy().astype(np.int64)
    places = {name: np.arange(len(owners)) for name in codes if name not in runs}
    done = len(owners)
    for (name, firsts), own in zip(runs.items(), looked_up, strict=True):
        places[name] = coded[done : done + len(own)][np.cumsum(firsts) - 1]
        done += len(own)
    return places


def _firsts(codes: pa.Array) -> Any:
    """Which codes are the first of those alike that stand together."""
    import numpy as np
    import pyarrow.compute as pc

    differs = pc.not_equal(codes.slice(1), codes.slice(0, max(len(codes) - 1, 0)))
    return np.concatenate([np.ones(min(len(codes), 1), dtype=bool), differs.to_numpy(zero_copy_only=False)])


def _folded(own: Any, columns: Sequence[pa.Array]) -> Any:
    """One number for each different combination of owner and values; unknown values are the same as each other."""
    import numpy as np

    for column in columns:
        coded = column.dictionary_encode(null_encoding="encode")
        many = len(coded.dictionary)
        if (int(own.max()) + 1) * many > _PRODUCT:
            own = np.unique(own, return_inverse=True)[1]
        own = own * many + coded.indices.to_numpy()
    return own


def _sorted(rows: pa.Table, by: Sequence[str], columns: Sequence[str]) -> Any:
    """The credit codes, the places and some columns of rows, in an order; a part at a time."""
    names = list(dict.fromkeys((CODE, FILE, ROW, *columns)))
    for batch in rows.select(names).sort_by([(name, "ascending") for name in by]).to_batches(10_000):
        yield from batch.to_pylist()
