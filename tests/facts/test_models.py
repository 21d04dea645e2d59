"""The models of a case: what they record, and that nothing is lost on the way through JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import timeit
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from conggao.facts.fact import Fact
from conggao.facts.models import Case, Enterprise, Project, Report
from conggao.facts.vocabulary import MODELS, fact_of
from conggao.facts.words import KINDS, LEVELS, PURPOSES, TITLES

TYPICAL: dict[str, Any] = {
    "as_of": "2025-03-01",
    "enterprise": {"industry": "3421", "employees": 420, "county": "银川经开区", "key_chain_link": True},
    "reports": [
        {"year": year, "main_business_revenue": "318000000", "rd_expense": "12600000", "carbon_emissions": "25940"}
        for year in (2024, 2023)
    ],
    "projects": [
        {"id": f"P{n}", "purposes": ["construction"], "loan_interest": "1860000", "floor_area": "18600.5"}
        for n in range(3)
    ],
}

IDS = st.text("ABCxyz019_-园", min_size=1, max_size=6)
AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=3, allow_nan=False)
YEARS = st.integers(1990, 2100)


def optional(
    values: Mapping[str, st.SearchStrategy[Any]], **required: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    """Dicts with the required keys and any of the others."""
    return st.fixed_dictionaries(required, optional=dict(values))


def facts_of(model: type[BaseModel]) -> dict[str, st.SearchStrategy[Any]]:
    """A strategy for each amount, count and flag of a model."""
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "quantity": AMOUNTS, "integer": st.integers(0, 10**6), "flag": st.booleans(),
    }  # fmt: skip
    found = {name: fact_of(model, name) for name in model.model_fields}
    return {name: kinds[fact.kind] for name, fact in found.items() if fact and fact.kind in kinds and name != "year"}


CASES = st.fixed_dictionaries(
    {},
    optional={
        "as_of": st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        "enterprise": optional(facts_of(MODELS["enterprise"])),
        "reports": st.lists(optional(facts_of(MODELS["report"]), year=YEARS), unique_by=lambda item: item["year"]),
        "projects": st.lists(
            optional({**facts_of(MODELS["project"]), "purposes": st.lists(st.sampled_from(sorted(PURPOSES)))}, id=IDS),
            unique_by=lambda item: item["id"],
            max_size=4,
        ),
        "recognitions": st.lists(
            optional({"level": st.sampled_from(sorted(LEVELS)), "year": YEARS}, title=st.sampled_from(sorted(TITLES)))
        ),
        "services": st.lists(
            optional({"fee": AMOUNTS}, id=IDS, provider=IDS, kind=st.sampled_from(sorted(KINDS))),
            unique_by=lambda item: item["id"],
        ),
        "park": optional({"name": IDS}, id=IDS),
        "received": st.lists(
            optional({"amount": AMOUNTS, "year": YEARS, "subject": st.just("project:P1")}, measure=IDS)
        ),
        "parameters": st.dictionaries(IDS, st.dictionaries(YEARS, AMOUNTS)),
    },
)


@given(CASES)
def test_json_form_is_stable_and_loads_back(data: dict[str, Any]) -> None:
    case = Case.model_validate(data)
    text = json.dumps(case.document(), ensure_ascii=False)
    again = Case.model_validate(json.loads(text))
    assert again == case
    assert json.dumps(again.document(), ensure_ascii=False) == text
    assert Case.model_validate(case.model_dump(mode="json")) == case
    assert Case.model_validate_json(case.model_dump_json()) == case


def test_models_record_what_was_said() -> None:
    """What leaving a fact out means is no business of the models: nothing becomes zero, nothing becomes false."""
    case = Case.model_validate({"enterprise": {}, "projects": [{"id": "P1"}], "park": None, "received": None})
    assert case.enterprise is not None
    assert case.enterprise.fills_industry_gap is None
    assert case.projects[0].loan_interest is None
    assert case.projects[0].purposes == ()
    assert case.park is None
    assert case.received == ()
    assert case.document() == {"enterprise": {}, "projects": [{"id": "P1"}]}


def test_quantities_are_decimals_of_base_units() -> None:
    report = Report.model_validate({"year": "2024", "rd_expense": "1260 万元", "electricity_use": "3150 万千瓦时"})
    assert report.rd_expense == Decimal(12_600_000)
    assert report.electricity_use == Decimal(31_500_000)
    assert report.model_dump(mode="json", exclude_none=True) == {
        "year": 2024, "rd_expense": "12600000", "electricity_use": "31500000",
    }  # fmt: skip


def test_industry_keeps_its_zero() -> None:
    assert Enterprise(industry="0610").division == 6
    assert Enterprise(industry="3421").division == 34
    assert Enterprise().division is None


def test_words_by_label_and_once() -> None:
    project = Project.model_validate({"id": "P1", "purposes": ["设备更新", "equipment_renewal", "construction"]})
    assert project.purposes == ("equipment_renewal", "construction")


def test_models_are_frozen_and_closed() -> None:
    case = Case.model_validate(TYPICAL)
    with pytest.raises(ValidationError):
        case.as_of = None  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Case.model_validate({"unknown": 1})


@pytest.mark.parametrize(
    "data",
    [
        {"reports": [{"year": 2024}, {"year": "2024"}]},
        {"projects": [{"id": "1"}, {"id": 1}]},
        {"services": [{"id": "S", "provider": "a", "kind": "cloud"}, {"id": "S", "provider": "b", "kind": "cloud"}]},
        {"park": {"id": "K", "reports": [{"year": 2024}, {"year": 2024}]}},
        {"assessed": [{"measure": "a/7", "subject": "park"}, {"measure": "a/7", "subject": "park"}]},
    ],
)
def test_entries_are_unique(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Case.model_validate(data)
    assert [error["type"] for error in caught.value.errors()] == ["duplicate"]


def test_receipts_may_repeat() -> None:
    """Two instalments of one measure are two receipts."""
    case = Case.model_validate({"received": [{"measure": "a/1", "amount": 1}, {"measure": "a/1", "amount": 1}]})
    assert len(case.received) == 2


def test_lists_are_bounded() -> None:
    with pytest.raises(ValidationError) as caught:
        Case.model_validate({"projects": [{"id": str(n)} for n in range(10_001)]})
    assert caught.value.errors()[0]["type"] == "too_long"


def test_parameters() -> None:
    case = Case.model_validate({"parameters": {"lpr_december": {"2024": "3.1%", 2023: "3.45%"}}})
    assert case.parameters == {"lpr_december": {2024: Decimal("0.031"), 2023: Decimal("0.0345")}}
    assert Case.model_validate({"parameters": None}).parameters == {}


def test_every_field_says_what_it_is() -> None:
    """Vocabulary and schema are read off the models: a field without its fact would be invisible to rules."""
    for model in MODELS.values():
        for name, info in model.model_fields.items():
            if not any(isinstance(item, type) and issubclass(item, BaseModel) for item in _inner(info.annotation)):
                assert isinstance(fact_of(model, name), Fact), name


def _inner(annotation: Any) -> list[Any]:
    return [annotation, *(item for part in get_args(annotation) for item in _inner(part))]


def test_json_schema_has_labels_units_and_words() -> None:
    schema = Case.model_json_schema()
    report = schema["$defs"]["Report"]["properties"]
    assert report["rd_expense"]["description"] == "研发费用"
    assert report["rd_expense"]["x-unit"] == "CNY"
    assert schema["$defs"]["Report"]["required"] == ["year"]
    assert "smart_factory" in schema["$defs"]["Recognition"]["properties"]["title"]["enum"]


def test_validation_is_fast() -> None:
    """About 60 µs on an ordinary machine; four times that is a regression and not noise."""
    best = min(timeit.repeat(lambda: Case.model_validate(TYPICAL), number=200, repeat=7)) / 200
    assert best < 240e-6


def test_import_is_fast() -> None:
    """About 0.12 s, nearly all of it pydantic; the best of three, since machines are busy."""
    code = "import time; t = time.perf_counter(); import conggao.facts.models; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.5


def test_mapping_views_are_read_at_the_top() -> None:
    from conggao.facts.loading import read_case

    assert read_case(MappingProxyType(TYPICAL)) == Case.model_validate(TYPICAL)
