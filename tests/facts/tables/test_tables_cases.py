"""Cases go into tables and come back the same."""

from __future__ import annotations

from random import Random

import pytest

from conggao.engine import Engine
from conggao.facts.loading import load_case, read_case
from tests.agreement.cases import generate
from tests.conftest import AGREEMENT, ROOT

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

from conggao.facts.tables.cases import cases_of, key_of, tables_of


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
