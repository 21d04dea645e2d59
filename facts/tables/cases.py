"""Cases out of tables, and tables of cases: nothing is lost either way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from conggao.facts.models import Case
from conggao.facts.tables.schema import CODE, Table, tables
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERED = "#"
"""Begins the key of a case that has no credit code: `#12` is the twelfth of its file."""

Rows = dict[str, list[dict[str, Any]]]


def cases_of(given: Mapping[str, pa.Table], vocabulary: Vocabulary) -> Iterator[tuple[str, Case]]:
    """The case of every row of `enterprises`, with its key, in their order. `given` are tables in their physical types.

    Raises InputFaults for values that no case can hold; checked tables have none.
    """
    model = vocabulary.case_model()
    for code, document in documents_of(given, vocabulary):
        yield code, model.model_validate(document)


def documents_of(given: Mapping[str, pa.Table], vocabulary: Vocabulary) -> Iterator[tuple[str, dict[str, Any]]]:
    """As `cases_of`, in the shape of a case file; quantities are Decimals of base units."""
    known = tables(vocabulary)
    owned = {name: _by_owner(given[name], known[name]) for name in known if name != "enterprises" and name in given}
    for code, enterprise in _rows(given["enterprises"], known["enterprises"]):
        document: dict[str, Any] = {"enterprise": enterprise}
        if "as_of" in enterprise:
            document["as_of"] = enterprise.pop("as_of")
        if not code.startswith(NUMBERED):
            enterprise[CODE] = code
        for name in ("reports", "projects", "recognitions", "services", "received", "assessed"):
            found = owned[name].get(code) if name in owned else None
            if found:
                document[name] = found
        for park in owned.get("parks", {}).get(code, ()):
            document["park"] = park
            reports = owned.get("park_reports", {}).get(code)
            if reports:
                park["reports"] = reports
        for row in owned.get("parameters", {}).get(code, ()):
            document.setdefault("parameters", {}).setdefault(row["parameter"], {})[row["year"]] = row["value"]
        yield code, document


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


def _rows(given: pa.Table, table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    """The key and the stated facts of every row."""
    names = [item.name for item in table.columns if item.name in given.column_names]
    columns = [given[name].to_pylist() for name in names]
    codes = given[CODE].to_pylist()
    rows = zip(*columns, strict=True) if columns else iter([()] * len(codes))
    for code, row in zip(codes, rows, strict=True):
        yield code, {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _by_owner(given: pa.Table, table: Table) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for code, row in _rows(given, table):
        found.setdefault(code, []).append(row)
    return found
