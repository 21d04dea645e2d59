"""Cases out of tables, and tables of cases: nothing is lost either way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from conggao.facts.models import Case
from conggao.facts.tables.schema import CODE, Table, models, tables
from conggao.facts.tables.trusted import entries, plain_values, trusted
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERED = "#"
"""Begins the key of a case that has no credit code: `#12` is the twelfth of its file."""

Rows = dict[str, list[dict[str, Any]]]


def cases_of(given: Mapping[str, pa.Table], vocabulary: Vocabulary) -> Iterator[tuple[str, Case]]:
    """The case of every row of `enterprises`, with its key, in their order. `given` are checked tables in their physical types: what
    they hold is not read again."""
    known, of = tables(vocabulary), models(vocabulary)

    def owned(name: str, beside: Mapping[str, Iterable[Any]] | None = None) -> Mapping[str, tuple[Any, ...]]:
        """The entries of a table by the key of their case."""
        if name not in given:
            return {}
        table = given[name]
        return _by_key(table, entries(of[name], table, known[name].columns, beside))

    parts = {name: owned(name) for name in ("reports", "projects", "recognitions", "services", "received", "assessed")}
    park_reports = owned("park_reports")
    parks: Mapping[str, tuple[Any, ...]] = {}
    if "parks" in given:
        parks = owned("parks", {"reports": [park_reports.get(code) for code in _codes(given["parks"])]})
    parameters = _parameters(given["parameters"], known["parameters"]) if "parameters" in given else {}
    table = given["enterprises"]
    codes = _codes(table)
    day, *own = known["enterprises"].columns
    days = plain_values(day, table[day.name]) if day.name in table.column_names else [None] * len(codes)
    registered = [None if code.startswith(NUMBERED) else code for code in codes]
    enterprises = entries(of["enterprises"], table, own, {CODE: registered})
    model = vocabulary.case_model()
    defaults = {name: field.get_default() for name, field in model.model_fields.items()}
    for code, as_of, enterprise in zip(codes, days, enterprises, strict=True):
        stated: dict[str, Any] = {"enterprise": enterprise}
        if as_of is not None:
            stated["as_of"] = as_of
        for name, by_key in parts.items():
            if code in by_key:
                stated[name] = by_key[code]
        if code in parks:
            stated["park"] = parks[code][-1]
        if code in parameters:
            stated["parameters"] = parameters[code]
        yield code, trusted(model, {**defaults, "parameters": {}, **stated}, set(stated))


def _codes(given: pa.Table) -> list[str]:
    found: list[str] = given[CODE].to_numpy().tolist()
    return found


def _by_key(given: pa.Table, made: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for code, entry in zip(_codes(given), made, strict=True):
        found.setdefault(code, []).append(entry)
    return {code: tuple(entered) for code, entered in found.items()}


def _parameters(given: pa.Table, table: Table) -> dict[str, dict[str, dict[int, Any]]]:
    """The dated figures that each case states, by name and year."""
    cells = (plain_values(item, given[item.name]) for item in table.columns)
    found: dict[str, dict[str, dict[int, Any]]] = {}
    for code, name, year, value in zip(_codes(given), *cells, strict=True):
        found.setdefault(code, {}).setdefault(name, {})[year] = value
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
