"""Cases go into tables and come back the same."""

from __future__ import annotations

from decimal import Context, Decimal
from random import Random

import pytest
from pydantic import BaseModel

from conggao.engine import Engine
from conggao.facts.loading import load_case, read_case
from conggao.facts.quantities import LIMIT, Exact
from tests.agreement.cases import generate
from tests.conftest import AGREEMENT, ROOT

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

import pyarrow as pa

from conggao.facts.tables.cases import cases_of, key_of, tables_of
from conggao.facts.tables.schema import tables
from conggao.facts.tables.trusted import plain_values
from conggao.facts.vocabulary import Vocabulary


def test_cases_come_back_from_tables_the_same(everything: Engine) -> None:
    vocabulary = everything.vocabulary
    cases = [read_case({"enterprise": {}, **generate(seed)}, vocabulary) for seed in range(max(200, AGREEMENT // 50))]
    keyed = [(key_of(case, number), case) for number, case in enumerate(cases, start=1)]
    # A credit code may come twice among generated cases; tables would then hold one enterprise with the rows of both.
    without = []
    for number, (_, case) in enumerate(keyed, start=1):
        assert case.enterprise is not None
        bare = case.enterprise.model_copy(update={"credit_code": None})
        without.append((f"#{number}", case.model_copy(update={"enterprise": bare})))
    keyed = without
    back = list(cases_of(tables_of(keyed, vocabulary), vocabulary))
    assert [key for key, _ in back] == [key for key, _ in keyed]
    for (_, case), (_, again) in zip(keyed, back, strict=True):
        assert again.document() == case.document()


def test_the_sample_with_everything_comes_back(everything: Engine) -> None:
    case = load_case(ROOT / "policy" / "yinchuan" / "cases" / "sample.yaml", everything.vocabulary)
    case = read_case(
        {**case.document(), "parameters": {"lpr_december": {2024: "-0.000000001", 2025: "0.031"}}},
        everything.vocabulary,
    )
    key = key_of(case, 1)
    assert key == "91640100MA7EXAMP48"
    [(again_key, again)] = cases_of(tables_of([(key, case)], everything.vocabulary), everything.vocabulary)
    assert again_key == key
    assert again == case
    assert everything.decide(again, engine="exact").to_json() == everything.decide(case, engine="exact").to_json()


def test_rows_of_other_enterprises_stay_apart(everything: Engine) -> None:
    random = Random(3)
    plain = [(f"#{n}", read_case({"enterprise": {"employees": n}, "projects": [{"id": f"P{k}"} for k in range(random.randrange(4))]},
              everything.vocabulary)) for n in range(50)]  # fmt: skip
    back = dict(cases_of(tables_of(plain, everything.vocabulary), everything.vocabulary))
    assert all(back[key] == case for key, case in plain)


def test_a_case_out_of_tables_is_the_one_that_validation_makes(everything: Engine) -> None:
    """To the type of every value, to what counts as stated, to the order of the fields: it is made without validation."""
    vocabulary = everything.vocabulary
    cases = [read_case({"enterprise": {}, **generate(seed)}, vocabulary) for seed in range(max(100, AGREEMENT // 100))]
    given = tables_of([(f"#{number}", case) for number, case in enumerate(cases)], vocabulary)
    for _, case in cases_of(given, vocabulary):
        _same(case, vocabulary.case_model().model_validate(case.model_dump(exclude_unset=True)))


def _same(made: object, read: object) -> None:
    assert type(made) is type(read)
    if isinstance(made, BaseModel) and isinstance(read, BaseModel):
        assert made.model_fields_set == read.model_fields_set
        assert list(made.__dict__) == list(read.__dict__)
        _same(list(made.__dict__.values()), list(read.__dict__.values()))
    elif isinstance(made, list | tuple) and isinstance(read, list | tuple):
        for one, other in zip(made, read, strict=True):
            _same(one, other)
    elif isinstance(made, Exact) and isinstance(read, Exact):
        assert (str(made), type(made.count), made.count) == (str(read), type(read.count), read.count)
    else:
        assert made == read


def test_quantities_of_every_width_are_read_out_of_columns() -> None:
    """As their reader reads them, in pieces, beside nulls, and where a cut of a column does not begin at its first row."""
    random = Random(5)
    column = next(item for item in tables(Vocabulary.core())["parameters"].columns if item.name == "value")
    edges = [0, 1, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, int(LIMIT) * 10**9 - 1, 1 - int(LIMIT) * 10**9]
    drawn = [random.randrange(-(10 ** random.randrange(1, 30)), 10 ** random.randrange(1, 30)) for _ in range(500)]
    rounded = [number // 10 ** (at % 12) * 10 ** (at % 12) for at, number in enumerate(drawn)]
    values = [Decimal(number).scaleb(-9, Context(prec=60)) for number in (*edges, *drawn, *rounded)]
    whole = pa.array(values, column.type)
    pieces = pa.chunked_array([whole.slice(3, 4), whole.slice(0, 0), whole.slice(1), whole.slice(0, 1)])
    for item, again in zip(pieces.to_pylist(), plain_values(column, pieces), strict=True):
        _same(again, column.reader(item))
    loose = next(item for item in tables(Vocabulary.core())["reports"].columns if item.name == "rd_expense")
    some = pa.chunked_array([pa.nulls(3, loose.type), pa.array([None, Decimal("1.50"), None], loose.type)])
    assert [None if item is None else str(item) for item in plain_values(loose, some)] == [*[None] * 4, "1.5", None]


def test_what_must_be_stated_and_is_not_is_no_case() -> None:
    year = next(item for item in tables(Vocabulary.core())["reports"].columns if item.name == "year")
    with pytest.raises(ValueError, match="year"):
        plain_values(year, pa.chunked_array([pa.array([2024, None], year.type)]))
