"""The tables of a province and the physical type of every fact in them.

A quantity is DECIMAL(38, 9) in base units: every quantity that a case can hold fits, exactly (below 10^20, nine decimals). Integers are
64 bits wide, years 32; a word is its canonical name; lists are lists. A null is an unknown fact, as in a case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel

from conggao.facts.diagnostics import Text
from conggao.facts.fact import Fact
from conggao.facts.models import Line, Stated
from conggao.facts.quantities import DECIMALS
from conggao.facts.values import Reader
from conggao.facts.vocabulary import Vocabulary, fact_of

if TYPE_CHECKING:
    import pyarrow as pa

CODE = "credit_code"
CASE = "case_no"
"""The place of an enterprise among those that were taken, which says in checked tables whose a row is."""
ROW = "_row"
"""Where a row stood: counted from 1, the header of a CSV file or a sheet being row 1."""
WIDTH = 38
LISTS = ("words", "years", "ids")

NAMES: Mapping[str, Text] = {
    "enterprises": Text("企业", "enterprises"),
    "reports": Text("年度报告", "reports"),
    "projects": Text("项目", "projects"),
    "recognitions": Text("认定", "recognitions"),
    "services": Text("服务", "services"),
    "parks": Text("园区", "parks"),
    "park_reports": Text("园区年度报告", "park reports"),
    "received": Text("已获支持", "received"),
    "assessed": Text("核定", "assessed"),
    "parameters": Text("参数", "parameters"),
}
"""The tables in their order; a file or sheet may be called by either name."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "enterprises": (), "reports": ("year",), "projects": ("id",), "services": ("id",), "parks": (), "park_reports": ("year",),
    "assessed": ("measure", "subject"), "parameters": ("parameter", "year"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A fact as a column: `kind` is that of the fact, or `ids` for a list of names."""

    name: str
    label: Text
    kind: str
    fact: Fact
    required: bool

    @property
    def type(self) -> pa.DataType:
        """The physical type in Arrow."""
        import pyarrow as pa

        match self.kind:
            case "quantity":
                return pa.decimal128(WIDTH, DECIMALS)
            case "flag":
                return pa.bool_()
            case "integer":
                return pa.int32() if self.fact.form == "year" else pa.int64()
            case "date":
                return pa.date32()
            case "words" | "ids":
                return pa.list_(pa.string())
            case "years":
                return pa.list_(pa.int32())
            case _:
                return pa.string()

    @property
    def reader(self) -> Reader:
        """Reads one value as a case file is read; raises what `refusals.refuse` makes."""
        return self.fact.reader()


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the columns after `credit_code`, and those that tell the rows of one enterprise apart (None: rows may repeat)."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] | None

    def schema(self) -> pa.Schema:
        """The physical columns, `credit_code` first."""
        import pyarrow as pa

        return pa.schema([pa.field(CODE, pa.string()), *(pa.field(item.name, item.type) for item in self.columns)])

    def headers(self) -> dict[str, str]:
        """Every way to head a column (name, Chinese label, English label; case aside) to its name."""
        found: dict[str, str] = {}
        for item in (CODE_COLUMN, *self.columns):
            for spelling in (item.name, item.label.zh, item.label.en):
                found.setdefault(spelling.strip().casefold(), item.name)
        return found


def _code_column() -> Column:
    from conggao.facts.models import Enterprise

    fact = fact_of(Enterprise, CODE)
    assert fact is not None
    return Column(CODE, fact.label, "text", fact, True)


CODE_COLUMN = _code_column()


@lru_cache(maxsize=32)
def tables(vocabulary: Vocabulary) -> Mapping[str, Table]:
    """The tables of a vocabulary: every fact of a case is a column of one of them."""
    case = vocabulary.case_model()
    made = {name: Table(name, tuple(_columns(model)), _KEYS.get(name)) for name, model in models(vocabulary).items()}
    day = fact_of(case, "as_of")
    assert day is not None
    own = (Column("as_of", day.label, "date", day, False), *made["enterprises"].columns)
    made["enterprises"] = Table("enterprises", own, ())
    # In this order, whatever was made first.
    return {name: made.get(name) or Table(name, tuple(_parameters(case)), _KEYS[name]) for name in NAMES}


@lru_cache(maxsize=32)
def models(vocabulary: Vocabulary) -> Mapping[str, type[Stated]]:
    """The model of what a row of each table is; rows of `parameters` have none."""
    case = vocabulary.case_model()
    park = _model(case, "park")
    return {
        "enterprises": _model(case, "enterprise"), "reports": _model(case, "reports"), "projects": _model(case, "projects"),
        "recognitions": _model(case, "recognitions"), "services": _model(case, "services"), "parks": park,
        "park_reports": _model(park, "reports"), "received": _model(case, "received"), "assessed": _model(case, "assessed"),
    }  # fmt: skip


def _parameters(case: type[BaseModel]) -> Iterator[Column]:
    """The columns of the dated figures that a case may state: their name, the year, the value."""
    by_name = get_args(case.model_fields["parameters"].annotation)
    for name, part in zip(("parameter", "year", "value"), (by_name[0], *get_args(by_name[1])), strict=True):
        fact = next(item for item in get_args(part) if isinstance(item, Fact))
        yield Column(name, fact.label, fact.kind, fact, True)


def _columns(model: type[BaseModel]) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        fact = fact_of(model, name)
        if name == CODE:
            continue
        if fact is not None:
            yield Column(name, fact.label, fact.kind, fact, fact.required)
        elif name == "lines":
            line = next(item for item in get_args(Line) if isinstance(item, Fact))
            yield Column(name, line.label, "ids", line, False)
        else:
            assert _inner(field.annotation) is not None, name  # the entries of a park have a table of their own


def _model(owner: type[BaseModel], name: str) -> type[Stated]:
    found = _inner(owner.model_fields[name].annotation)
    assert found is not None
    return found


def _inner(annotation: Any) -> type[Stated] | None:
    if isinstance(annotation, type) and issubclass(annotation, Stated):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple):
        return next((model for part in get_args(annotation) if (model := _inner(part)) is not None), None)
    return None
