"""A decision as the outside sees it: the JSON names, the same bytes for the same facts, and models that hold still."""

from __future__ import annotations

import copy
import gc
import json
import os
import pickle
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from conggao.engine import Case, Decision, Engine, InputFaults
from conggao.engine.decision import Outcome
from conggao.facts.loading import load_case

OUTCOME = {
    "measure", "subject", "title", "clause", "lines", "status", "standard", "amount", "recipient", "superseded_by", "contested_by",
    "missing", "conditions", "steps", "interpretation", "notes",
}  # fmt: skip
RD = {
    "as_of": "2025-03-01",
    "enterprise": {"industry": "3825"},
    "reports": [{"year": 2024, "main_business_revenue": "3 亿元", "rd_expense": "1200 万元"}],
}


def test_the_json_form_has_the_contracts_names(engine: Engine, sample: Path) -> None:
    decision = engine.decide(load_case(sample, engine.vocabulary))
    form = decision.model_dump(mode="json")
    assert {"as_of", "policies", "outcomes", "totals", "case", "fired"} <= set(form)
    assert form["as_of"] == "2025-03-01"
    assert [set(item) for item in form["policies"]] == [{"id", "sha256"}]
    for outcome in form["outcomes"]:
        assert set(outcome) - {"difference", "break_even", "basis", "funding"} == OUTCOME
        has_money = outcome["status"] in {"granted", "superseded", "received", "exhausted", "contingent"}
        assert (outcome["standard"] is not None) == (outcome["amount"] is not None) == has_money
        if outcome["status"] in {"superseded", "received", "exhausted"}:
            assert outcome["amount"] == {"low": "0.00", "high": "0.00"}
    granted = next(item for item in form["outcomes"] if item["measure"] == "yinchuan-2024-2/8a")
    assert granted["amount"] == {"low": "1000000.00", "high": "1000000.00"}
    assert granted["funding"] == {
        "city": {"low": "200000.00", "high": "200000.00"},
        "county": {"low": "800000.00", "high": "800000.00"},
    }
    assert json.loads(decision.to_json()) == form


def test_an_open_end_is_null(engine: Engine) -> None:
    case = {"as_of": "2025-03-01", "recognitions": [{"title": "city_cloud_benchmark", "year": 2024}]}
    form = engine.decide(case).model_dump(mode="json")
    outcome = next(item for item in form["outcomes"] if item["measure"].endswith("/10a"))
    assert outcome["amount"] == {"low": "0.00", "high": None}
    assert form["totals"]["enterprise"] == {"low": "0.00", "high": None}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_json_form_is_what_pydantic_writes_of_the_model(engine: Engine, sample: Path, lang: Any) -> None:
    cases: list[Any] = [load_case(sample, engine.vocabulary), {"as_of": "2025-03-01", "enterprise": {}}]
    for case in cases:
        for as_of in ("2025-03-01", "2031-01-01"):  # in force, and no longer
            decision = engine.decide(case, as_of, lang=lang)
            assert decision.to_json() == decision.model_dump_json(indent=1)


def test_what_is_remembered_of_texts_does_not_grow_with_the_decisions(engine: Engine, sample: Path) -> None:
    case = load_case(sample, engine.vocabulary)

    def kept(times: int) -> int:
        for _ in range(times):
            engine.decide(case, "2025-03-01", "exact").to_json()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = kept(5)
        after = kept(50)
    finally:
        tracemalloc.stop()
    assert after - before < 10_000, "bytes that fifty decisions leave behind; each is of 100,000"


def test_it_loads_back_to_an_equal_decision(engine: Engine, sample: Path) -> None:
    decision = engine.decide(load_case(sample, engine.vocabulary))
    again = Decision.model_validate_json(decision.to_json())
    assert again.to_json() == decision.to_json()
    assert pickle.loads(pickle.dumps(decision)).to_json() == decision.to_json()
    assert copy.deepcopy(decision) == decision


def test_what_is_made_when_read_is_the_same_whenever_it_is_read(engine: Engine) -> None:
    first, second = engine.decide(RD), engine.decide(RD)
    early = first.outcome("8a").conditions
    assert second.to_json() == first.to_json()
    assert second.outcome("8a").conditions == early


def _outcomes(engine: Engine) -> tuple[Outcome, ...]:
    """Outcomes of which nothing was read yet."""
    return engine.decide(RD).outcomes


@pytest.mark.parametrize(
    "way",
    [copy.copy, copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item)), lambda item: item.model_copy()],
    ids=["copy", "deepcopy", "pickle", "model_copy"],
)
def test_a_copy_of_an_outcome_not_yet_read_is_whole(engine: Engine, way: Callable[[Outcome], Outcome]) -> None:
    read = [item.model_dump() for item in _outcomes(engine)]
    assert {form["status"] for form in read} >= {"granted", "unmet", "undetermined", "service", "programme"}
    assert [way(item).model_dump() for item in _outcomes(engine)] == read


def test_an_outcome_not_yet_read_shows_all_its_fields(engine: Engine) -> None:
    for first, second, third in zip(_outcomes(engine), _outcomes(engine), _outcomes(engine), strict=True):
        assert dict(first).keys() == set(Outcome.model_fields)
        assert first.standard is None or first.standard.low >= 0
        assert repr(second) == repr(first)
        assert third.model_fields_set == set(Outcome.model_fields)
        assert Outcome.model_validate(first.model_dump()) == third


def test_an_outcome_not_yet_read_cannot_be_changed(engine: Engine) -> None:
    for outcome in _outcomes(engine):
        with pytest.raises(ValidationError):
            outcome.status = "granted"  # type: ignore[misc]
        with pytest.raises(AttributeError):
            outcome.no_field  # noqa: B018


def test_threads_that_read_an_outcome_at_once_read_the_same(engine: Engine) -> None:
    names = [*Outcome.model_fields]
    wanted = [item.model_dump() for item in _outcomes(engine)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            shared, found = _outcomes(engine), dict[int, list[dict[str, Any]]]()

            def read(number: int, shared: Any = shared, found: Any = found) -> None:
                # Each thread begins with another field, and reads the texts or the amounts first.
                turned = names[number * 5 :] + names[: number * 5]
                for item in shared:
                    for name in turned:
                        getattr(item, name)
                found[number] = [item.model_dump() for item in shared]

            threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [found[number] for number in range(4)] == [wanted] * 4
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("evaluator", ["forward", "exact"])
def test_the_same_input_gives_the_same_bytes_in_every_process(sample: Path, evaluator: str) -> None:
    program = [sys.executable, "-m", "conggao.cli.app", "decide", str(sample), "--json", "--engine", evaluator]
    seen = set()
    for seed in ("0", "1", "77"):
        done = subprocess.run(
            program, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=60
        )
        seen.add(done.stdout)
    assert len(seen) == 1


def test_a_float_is_taken_as_its_shortest_text(engine: Engine) -> None:
    case = {**RD, "reports": [{"year": 2024, "main_business_revenue": 2e7, "rd_expense": 0.1}]}
    outcome = engine.decide(case).outcome("8a")
    assert outcome.status == "granted", "20000000.0 is the threshold itself"
    assert outcome.amount is not None
    assert outcome.amount.low == Decimal("0.01")


def test_the_call_wins_over_the_case(engine: Engine) -> None:
    assert engine.decide(RD, as_of=date(2028, 1, 1)).outcome("8a").status == "not_in_force"
    decided = engine.decide(RD, as_of="2024-06-01")
    assert decided.outcome("8a").missing == ("latest.main_business_revenue", "latest.rd_expense"), (
        "2023 is its latest year"
    )
    assert decided.case.as_of == date(2024, 6, 1), "the decision records the day it was made for"


def test_without_a_date_there_is_no_decision(engine: Engine) -> None:
    with pytest.raises(InputFaults) as raised:
        engine.decide({"enterprise": {"industry": "3825"}})
    assert raised.value.diagnostics[0].code == "case/as-of"


def test_a_case_a_dict_and_json_mean_the_same(engine: Engine) -> None:
    wanted = engine.decide(RD).to_json()
    for other in (Case.model_validate(RD), json.dumps(RD), json.dumps(RD).encode()):
        assert engine.decide(other).to_json() == wanted


def test_many_threads_may_use_one_engine(engine: Engine, sample: Path) -> None:
    case = load_case(sample, engine.vocabulary)
    wanted = engine.decide(case).to_json()
    found: list[bool] = []

    def work() -> None:
        found.extend(engine.decide(case).to_json() == wanted for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80


def test_importing_has_no_side_effect_and_brings_nothing_heavy() -> None:
    program = (
        "import sys, threading; import conggao.engine;"
        "heavy = {'ortools', 'z3', 'ibis', 'duckdb', 'fastapi', 'sqlalchemy', 'textual', 'rich', 'durable', 'durable_rules_engine'};"
        "print(sorted(heavy & set(sys.modules)), threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["[]", "1"]


def test_where_durable_rules_is_missing_exact_decides_and_says_so(sample: Path) -> None:
    environment = {**os.environ, "CONGGAO_NO_DURABLE_RULES": "1"}
    program = [sys.executable, "-m", "conggao.cli.app", "decide", str(sample), "--json", "--lang", "en"]
    without = subprocess.run(program, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert without.stderr.count("exact decides instead") == 1
    assert json.loads(without.stdout)["fired"] is None


def fired_before(decision: Decision, first: str, second: str) -> bool:
    order = [item.rule.rpartition("/")[2] for item in decision.fired or ()]
    return order.index(first) < order.index(second)


def test_derived_facts_fire_first_and_trigger_the_measures(engine: Engine) -> None:
    decision = engine.decide(RD, engine="forward")
    assert fired_before(decision, "industrial", "above_scale_industrial")
    assert fired_before(decision, "above_scale_industrial", "8a")
    assert engine.decide(RD, engine="exact").fired is None


def paid(engine: Engine, **case: Any) -> Any:
    return engine.decide({"as_of": "2025-03-01", **case}, engine="exact")


def test_an_assessment_outside_the_interval_is_a_fault(engine: Engine) -> None:
    centre = [{"title": "city_manufacturing_innovation_centre", "year": 2024}]
    with pytest.raises(InputFaults) as raised:
        paid(
            engine, recognitions=centre, assessed=[{"measure": "6a", "subject": "enterprise", "amount": "500.01 万元"}]
        )
    assert raised.value.diagnostics[0].code == "case/assessed"
    decided = paid(
        engine, recognitions=centre, assessed=[{"measure": "6a", "subject": "enterprise", "amount": "500 万元"}]
    )
    assert decided.outcome("6a").amount.low == Decimal("5000000.00")
    refused = paid(engine, recognitions=centre, assessed=[{"measure": "6a", "subject": "enterprise", "amount": 0}])
    assert refused.outcome("6a").status == "unmet"


def test_money_received_under_an_unknown_measure_is_accepted_and_said(engine: Engine) -> None:
    decision = paid(engine, **{k: v for k, v in RD.items() if k != "as_of"}, received=[
        {"measure": "elsewhere-1/x", "subject": "enterprise", "amount": "30 万元", "year": 2024, "lines": ["research_expense"]}
    ])  # fmt: skip
    assert decision.outcome("8a").amount.low == Decimal("700000.00")
    assert any("elsewhere-1/x" in note for note in decision.notes)
