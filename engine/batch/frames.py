"""Tables of a notebook and back: Arrow, Ibis, Polars and pandas, told apart by what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.tables.schema import NAMES

if TYPE_CHECKING:
    import pyarrow as pa

FORMS = ("arrow", "ibis", "polars", "pandas")
_LIBRARIES = {"pyarrow": "arrow", "ibis": "ibis", "polars": "polars", "pandas": "pandas"}
_EXTRAS = {"ibis": "batch", "arrow": "batch"}


def form_of(table: Any) -> str | None:
    """Which of `FORMS` a table is."""
    return next(
        (_LIBRARIES[name] for kind in type(table).__mro__ if (name := kind.__module__.partition(".")[0]) in _LIBRARIES),
        None,
    )


def write_tables(tables: Mapping[str, Any], folder: Path) -> str:
    """Writes tables, under their names, as Parquet files into `folder`; gives the form of the first. Raises InputFaults."""
    from pyarrow import parquet

    faults: list[Diagnostic] = []
    by_name = {text: name for name, label in NAMES.items() for text in (name, label.zh, label.en)}
    for name, table in tables.items():
        if name not in by_name:
            message = Text(f"没有名为 `{name}` 的表", f"there is no table `{name}`")
            faults.append(Diagnostic("table/unknown", message, path=str(name), help=did_you_mean(str(name), NAMES)))
        elif form_of(table) is None:
            kind = type(table).__name__
            message = Text(f"`{name}` 不是表，而是 {kind}", f"`{name}` is a {kind}, not a table")
            hint = Text("可用 Arrow、Ibis、Polars、pandas 的表", "tables of Arrow, Ibis, Polars or pandas are taken")
            faults.append(Diagnostic("table/kind", message, path=name, help=hint))
    if not faults and not any(by_name[name] == "enterprises" for name in tables):
        message = Text("缺少 `enterprises` 表", "the table `enterprises` is missing")
        faults.append(Diagnostic("table/missing", message, path="enterprises"))
    if faults:
        raise InputFaults(faults)
    for name, table in tables.items():
        parquet.write_table(to_arrow(table), folder / f"{by_name[name]}.parquet")
    return form_of(next(iter(tables.values()))) or "arrow"


def to_arrow(table: Any) -> pa.Table:
    """Any of the forms as an Arrow table."""
    import pyarrow as pa

    match form_of(table):
        case "ibis":
            return table.to_pyarrow()
        case "polars":
            return (table.collect() if hasattr(table, "collect") else table).to_arrow()
        case "pandas":
            return pa.Table.from_pandas(table, preserve_index=False)
    return (
        pa.Table.from_batches(table)
        if isinstance(table, Sequence)
        else table.read_all()
        if hasattr(table, "read_all")
        else table
    )


def from_arrow(table: pa.Table, form: str) -> Any:
    """An Arrow table in one of the forms. Raises InputFaults where its library is missing."""
    try:
        match form:
            case "ibis":
                import ibis

                return ibis.memtable(table)
            case "polars":
                import polars

                return polars.from_arrow(table)
            case "pandas":
                return table.to_pandas()
    except ModuleNotFoundError as missing:
        name = missing.name or form
        extra = f"conggao[{_EXTRAS[form]}]" if form in _EXTRAS else name
        message = Text(f"结果写成 {form} 需要 {name}", f"results as {form} need {name}")
        hint = Text(f"安装：pip install '{extra}'", f"install: pip install '{extra}'")
        raise InputFaults([Diagnostic("batch/extra", message, help=hint)]) from None
    return table
