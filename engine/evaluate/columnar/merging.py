"""What was chosen and filled of few rows, put beside what is said of all of them.

A database that joins the few to the many takes every column of the many in hand again; here a column is made, and the few are written
into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.choosing import MORE, PLAN
from conggao.engine.evaluate.columnar.places import in_order
from conggao.engine.evaluate.columnar.plan import Plan
from conggao.engine.evaluate.columnar.schema import HAND, RANK
from conggao.engine.evaluate.columnar.statuses import EXTRA
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa


def merged(plan: Plan, kind: str, rows: pa.Table, few: Mapping[str, pa.Table]) -> pa.Table:
    """The rows of a kind of subject in order, with what becomes of the claims of each: the tables of `few` by the names that the plan gives
    them. Columns in which nothing would stand are left out."""
    import pyarrow as pa

    rows = in_order(rows)
    many = rows.num_rows
    made = dict(zip(rows.column_names, rows.columns, strict=True))
    hand = rows[HAND].to_numpy().copy()
    for place, name in plan.chosen[kind].items():
        table = few[name]
        at = _at(rows, table)
        width = plan.components[kind][place].width
        made[f"p{place}"] = _put(many, f"int{width}", at, table[PLAN])
        if table.num_rows:
            hand[at] |= _flags(table)
            made[EXTRA] = _put(made.get(EXTRA, many), "int64", at, table[MORE], more=True)
            made |= {gain: _put(many, "int64", at, table[gain]) for gain in table.column_names if gain[0] == "k"}
    for name in plan.filled[kind]:
        table = few[name]
        if table.num_rows:
            at = _at(rows, table)
            hand[at] |= _flags(table)
            made |= _filled(rows, table, at)
    made[HAND] = pa.array(hand)
    return pa.table(made)


def _at(rows: pa.Table, few: pa.Table) -> Any:
    """Where the few stand among the rows."""
    import numpy as np

    own, theirs = (table[CASE].to_numpy() for table in (rows, few))
    if RANK in rows.column_names:
        ranks = [table[RANK].to_numpy() for table in (rows, few)]
        most = int(ranks[0].max(initial=0)) + 1
        own, theirs = own * most + ranks[0], theirs * most + ranks[1]
    return np.searchsorted(own, theirs)


def _put(before: Any, kind: str, at: Any, values: Any, more: bool = False) -> Any:
    """A column of so many rows with the values `at` some of them and 0 elsewhere; or that column with `more` in it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = np.zeros(before, dtype=kind) if isinstance(before, int) else before.to_numpy().copy()
    found = pc.fill_null(values, 0).to_numpy()
    column[at] = column[at] + found if more else found
    return pa.array(column)


def _flags(table: pa.Table) -> Any:
    import numpy as np
    import pyarrow.compute as pc

    return pc.fill_null(table[HAND], False).to_numpy().astype(np.int8)


def _filled(rows: pa.Table, few: pa.Table, at: Any) -> dict[str, Any]:
    """What is paid of the claims under shared caps: what those that bind leave, else the standard; an open end is null."""
    import numpy as np
    import pyarrow as pa

    made: dict[str, Any] = {}
    for number in (name[1:] for name in few.column_names if name[0] == "x"):
        bound = few[f"x{number}"].is_valid().to_numpy()
        if bound.any():
            upper = f"h{number}" if f"h{number}" in rows.column_names else f"l{number}"
            for own, left, end in (("a", "x", f"l{number}"), ("b", "y", upper)):
                known = rows[end].is_valid().to_numpy()
                column = rows[end].fill_null(0).to_numpy().astype(np.int64)
                column[at[bound]] = few[f"{left}{number}"].to_numpy()[bound]
                known[at[bound]] = True
                made[f"{own}{number}"] = pa.array(column, mask=~known)
    return made
