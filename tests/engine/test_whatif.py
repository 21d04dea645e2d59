"""What if: the changed case is decided as any case is, and every change that cannot be made is told at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.engine import Engine, InputFaults
from conggao.engine.whatif import changed_case, compare, whatif
from conggao.facts.loading import load_case, read_case
from conggao.facts.models import Case
from conggao.facts.paths import find_path, read_value, write_value
from tests.agreement import cases


@pytest.fixture(scope="module")
def case(engine: Engine, sample: Path) -> Case:
    return load_case(sample, engine.vocabulary)


NAMES = [
    ("latest.rd_expense", "reports.2024.rd_expense"), ("上年度.研发费用", "reports.2024.rd_expense"),
    ("rd_expense", "reports.2024.rd_expense"), ("企业.从业人员", "enterprise.employees"),
    ("项目.P2.投产达效并经复核认定", "projects.P2.targets_verified"), ("industry", "enterprise.industry"),
    ("行业大类", "enterprise.industry"), ("recognitions.智能工厂.year", "recognitions.smart_factory.year"),
    ("park.latest.industrial_reclaimed_water", "park.reports.2024.industrial_reclaimed_water"),
    ("parameters.lpr_december.2024", "parameters.lpr_december.2024"), ("as_of", "as_of"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path"), NAMES)
def test_a_fact_is_found_by_either_name(engine: Engine, case: Case, text: str, path: str) -> None:
    found = find_path(text, engine.vocabulary, case.as_of, case.document())
    assert str(found) == path
    assert find_path(path, engine.vocabulary, case.as_of, case.document()) == found, "a path names itself"


def test_every_missing_fact_can_be_set(engine: Engine) -> None:
    """What a decision says is missing, `--set` takes."""
    seen: set[str] = set()
    for seed in range(300):
        stated = cases.generate(seed)
        case = read_case(stated, engine.vocabulary)
        document = case.document()
        for outcome in engine.decide(case, engine="exact").outcomes:
            for name in outcome.missing:
                path = find_path(name, engine.vocabulary, case.as_of, document)
                assert read_value(path, document) in (None, "0") or path.owner == "recognition", name
                seen.add(path.owner)
    assert {"enterprise", "report", "project", "recognition", "received"} <= seen


@given(st.integers(0, 10**6))
def test_writing_and_reading_a_fact(engine: Engine, seed: int) -> None:
    document = read_case(cases.generate(seed), engine.vocabulary).document()
    before = repr(document)
    for name in ("latest.rd_expense", "enterprise.employees", "recognitions.smart_factory.year"):
        path = find_path(name, engine.vocabulary, cases_day(document), document)
        changed = write_value(path, "2024", document)
        assert str(read_value(path, changed)) == "2024"
        assert read_value(path, write_value(path, None, changed)) is None or path.owner == "recognition"
    assert repr(document) == before, "what is written to is a copy"


def cases_day(document: dict[str, object]) -> date | None:
    return read_case({"as_of": document["as_of"]}).as_of


def test_the_changed_case_is_decided_as_any_case(engine: Engine, case: Case) -> None:
    compared = whatif(engine, case, set=["latest.rd_expense=500 万元", "projects.P2.targets_verified=true"])
    alone = changed_case(engine, case, ["latest.rd_expense=500 万元", "projects.P2.targets_verified=true"])
    assert compared.after == engine.decide(alone, engine="exact")
    assert compared.before == engine.decide(case, engine="exact")
    changed = {(item.measure.rpartition("/")[2], item.subject): item.low for item in compared.changes}
    assert changed == {("4", "project:P2"): Decimal("1395037.50"), ("8a", "enterprise"): Decimal("-500000.00")}
    assert compared.gain == sum(changed.values())
    assert sum(after - before for before, after in compared.payers.values()) == compared.gain


def test_nothing_set_changes_nothing(engine: Engine, case: Case) -> None:
    compared = whatif(engine, case)
    assert compared.changes == ()
    assert compared.gain == 0
    assert compare(compared.before, compared.before).changes == ()


def test_a_rule_that_is_tried_is_the_rule_that_is_passed(engine: Engine, case: Case) -> None:
    tried = whatif(engine, case, amend=["8a.cap=200 万元", "11.when.2=上年度.碳排放量 > 20000 吨"])
    changed = {item.measure.rpartition("/")[2]: item for item in tried.changes}
    assert set(changed) == {"8a", "11"}
    assert changed["8a"].low == Decimal("260000.00"), "10% of 12.6 million against the cap of one million"
    assert changed["11"].before is not None
    assert (changed["11"].before.status, changed["11"].after and changed["11"].after.status) == ("unmet", "granted")


WRONG = [
    (["rd_expens=5"], [], {"set/unknown-fact"}),
    (["latest.rd_expense"], [], {"set/shape"}),
    (["latest.rd_expense=5 吨"], [], {"case/unit"}),
    (["projects.P9.targets_verified=true"], [], {"set/no-entry"}),
    (["purposes=[construction]"], [], {"set/ambiguous"}),
    ([], ["99.cap=5 元"], {"amend/unknown-measure"}),
    ([], ["8a.cap"], {"amend/shape"}),
    ([], ["8a.cap=5 吨"], {"rule/unit"}),
    ([], ["8a.capp=5 元"], {"page/unknown-key"}),
    ([], ["8a.when.9=上年度.研发费用 > 5 元"], {"amend/no-condition"}),
    ([], ["8a.lines=[loan_interest]"], {"amend/fixed-key"}),
    (["rd_expens=5", "latest.rd_expense=-3 元"], ["8a.cap=5 吨"], {"set/unknown-fact", "case/negative", "rule/unit"}),
]


@pytest.mark.parametrize(("sets", "amends", "codes"), WRONG)
def test_what_cannot_be_changed_is_told_at_once(
    engine: Engine, case: Case, sets: list[str], amends: list[str], codes: set[str]
) -> None:
    with pytest.raises(InputFaults) as raised:
        whatif(engine, case, set=sets, amend=amends)
    assert {item.code for item in raised.value.diagnostics} == codes
    assert all(item.path for item in raised.value.diagnostics)
