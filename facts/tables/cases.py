"""Cases out of tables, and tables of cases: nothing is lost either way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from conggao.facts.models import Case
from conggao.facts.tables.schema import CASE, CODE, Table, models, tables
from conggao.facts.tables.trusted import entries, plain_values, trusted
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERED = "#"
"""Begins the key of a case that has no credit code: `#12` is the twelfth of its file."""

Rows = dict[str, list[dict[str, Any]]]


def cases_of(given: Mapping[str, pa.Table], vocabulary: Vocabulary) -> Iterator[tuple[str, Case]]:
    """The case of every row of `enterprises`, with its key, in their order. `given` are checked tables in their physical types: what
    they hold is not read again. Whose a row is says `case_no` where the tables have it, else `credit_code`."""
    known, of = tables(vocabulary), models(vocabulary)
    whose = CASE if CASE in given["enterprises"].column_names else CODE

    def owned(name: str, beside: Mapping[str, Iterable[Any]] | None = None) -> Mapping[Any, tuple[Any, ...]]:
        """The entries of a table by whose they are."""
        if name not in given:
            return {}
        table = given[name]
        return _by_owner(table[whose], entries(of[name], table, known[name].columns, beside))

    parts = {name: owned(name) for name in ("reports", "projects", "recognitions", "services", "received", "assessed")}
    park_reports = owned("park_reports")
    parks: Mapping[Any, tuple[Any, ...]] = {}
    if "parks" in given:
        parks = owned("parks", {"reports": [park_reports.get(owner) for owner in _plain(given["parks"][whose])]})
    parameters = _parameters(given["parameters"], whose, known["parameters"]) if "parameters" in given else {}
    table = given["enterprises"]
    codes, owners = (_plain(table[name]) for name in (CODE, whose))
    day, *own = known["enterprises"].columns
    days = plain_values(day, table[day.name]) if day.name in table.column_names else [None] * len(codes)
    registered = [None if code.startswith(NUMBERED) else code for code in codes]
    enterprises = entries(of["enterprises"], table, own, {CODE: registered})
    model = vocabulary.case_model()
    defaults = {name: field.get_default() for name, field in model.model_fields.items()}
    for code, owner, as_of, enterprise in zip(codes, owners, days, enterprises, strict=True):
        stated: dict[str, Any] = {"enterprise": enterprise}
        if as_of is not None:
            stated["as_of"] = as_of
        for name, by_owner in parts.items():
            if owner in by_owner:
                stated[name] = by_owner[owner]
        if owner in parks:
            stated["park"] = parks[owner][-1]
        if owner in parameters:
            stated["parameters"] = parameters[owner]
        yield code, trusted(model, {**defaults, "parameters": {}, **stated}, set(stated))


def _plain(column: pa.ChunkedArray) -> list[Any]:
    found: list[Any] = column.to_numpy().tolist()
    return found


def _by_owner(owners: pa.ChunkedArray, made: Iterable[Any]) -> dict[Any, tuple[Any, ...]]:
    found: dict[Any, list[Any]] = {}
    for owner, entry in zip(_plain(owners), made, strict=True):
        found.setdefault(owner, []).append(entry)
    return {owner: tuple(entered) for owner, entered in found.items()}


def _parameters(given: pa.Table, whose: str, table: Table) -> dict[Any, dict[str, dict[int, Any]]]:
    """The dated figures that each case states, by name and year."""
    cells = (plain_values(item, given[item.name]) for item in table.columns)
    found: dict[Any, dict[str, dict[int, Any]]] = {}
    for owner, name, year, value in zip(_plain(given[whose]), *cells, strict=True):
        found.setdefault(owner, {}).setdefault(name, {})[year] = value
    return found


def rows_of(key: str, case: Case, vocabulary: Vocabulary) -> Rows:
    """The rows that hold `case` under `key`, by table."""
    known = tables(vocabulary)
    found: Rows = {name: [] for name in known}

    def put(name: str, entry: Any) -> None:
        found[name].append({CODE: key, **{item.name: _cell(getattr(entry, item.name)) for item in known[name].columns}})

    own = known["enterprises"].columns
    row = {item.name: _cell(getattr(case.enterprise, item.name, None)) for item in own}
    found["enterprises"].append({CODE: key, **row, "as_of": case.as_of})
    for name in ("reports", "projects", "recognitions", "services", "received", "assessed"):
        for entry in getattr(case, name):
            put(name, entry)
    if case.park is not None:
        put("parks", case.park)
        for report in case.park.reports:
            put("park_reports", report)
    found["parameters"] += [
        {CODE: key, "parameter": name, "year": year, "value": value}
        for name, values in case.parameters.items()
        for year, value in values.items()
    ]
    return found


def key_of(case: Case, number: int) -> str:
    """What tables call a case: its credit code, else its number in the file."""
    code = case.enterprise.credit_code if case.enterprise is not None else None
    return code or f"{NUMBERED}{number}"


def tables_of(cases: Iterable[tuple[str, Case]], vocabulary: Vocabulary) -> dict[str, pa.Table]:
    """Tables of cases with their keys, in the physical types."""
    import pyarrow as pa

    gathered: Rows = {name: [] for name in tables(vocabulary)}
    for key, case in cases:
        for name, rows in rows_of(key, case, vocabulary).items():
            gathered[name] += rows
    return {
        name: pa.Table.from_pylist(gathered[name], schema=table.schema()) for name, table in tables(vocabulary).items()
    }


def _cell(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
