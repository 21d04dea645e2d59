"""The vocabulary, read off the models and widened by rulebooks."""

from __future__ import annotations

import pytest

from conggao.facts.diagnostics import InputFaults, Text
from conggao.facts.models import Case
from conggao.facts.units import MONEY, PURE, VOLUME
from conggao.facts.vocabulary import FactSpec, Vocabulary
from conggao.facts.words import CORE

TOTAL = FactSpec.declared(
    "registered_capital", Text("注册资本", "registered capital"), "quantity", MONEY, "project", "zero"
)
STAGE = FactSpec.declared(
    "stage", Text("阶段", "stage"), "word", PURE, "enterprise", "unknown", {"early": Text("早期", "early")}
)
WON = FactSpec.declared("won", Text("获奖年份", "years won"), "years", PURE, "enterprise", "unknown")
WIDER = Vocabulary.core().extend(
    [TOTAL, STAGE, WON], {"region_model": Text("区级示范", "region model")}, {"exports": Text("出口", "exports")}
)


def test_core_facts_by_name_and_label() -> None:
    core = Vocabulary.core()
    assert core.find("report", "研发费用") is core.find("report", "rd_expense")
    expense = core.find("report", "rd_expense")
    assert expense is not None
    assert (expense.kind, expense.dimension, expense.absent) == ("quantity", MONEY, "unknown")
    interest = core.find("project", "银行贷款利息")
    assert interest is not None
    assert interest.absent == "zero"
    water = core.find("park_report", "工业再生水利用量")
    assert water is not None
    assert water.dimension == VOLUME
    assert core.find("enterprise", "rd_expense") is None
    assert core.find("enterprise", "行业大类") is not None


def test_labels_mean_one_thing_each() -> None:
    for vocabulary in (Vocabulary.core(), WIDER):
        for kind in ("enterprise", "report", "project", "service", "park", "park_report"):
            labels = [spec.label.zh for spec in vocabulary.specs(kind)]
            assert len(labels) == len(set(labels)), kind
    for words in CORE.values():
        spellings = [item for name, label in words.items() for item in {name.casefold(), label.zh, label.en.casefold()}]
        assert len(spellings) == len(set(spellings))


def test_extension_facts_are_read_like_core_ones() -> None:
    model = WIDER.case_model()
    case = model.model_validate({
        "enterprise": {"stage": "早期", "won": ["2024", 2023]},
        "projects": [{"id": "P1", "registered_capital": "5 万元", "purposes": ["出口", "设备更新"]}],
        "recognitions": [{"title": "区级示范"}, {"title": "smart_factory"}],
    })  # fmt: skip
    assert isinstance(case, Case)
    assert case.document() == {
        "enterprise": {"stage": "early", "won": [2024, 2023]},
        "projects": [{"id": "P1", "registered_capital": "50000", "purposes": ["exports", "equipment_renewal"]}],
        "recognitions": [{"title": "region_model"}, {"title": "smart_factory"}],
    }
    assert model.model_validate(case.document()) == case
    assert "exports" in model.model_json_schema()["$defs"]["Project"]["properties"]["purposes"]["items"]["enum"]


def test_models_are_made_once_for_one_vocabulary() -> None:
    again = Vocabulary.core().extend([TOTAL, STAGE, WON], dict(WIDER.titles), dict(WIDER.purposes))
    assert again.case_model() is WIDER.case_model()
    assert Vocabulary.core().case_model() is Case
    assert Vocabulary.core().extend().case_model() is Case


def test_own_words_of_a_declared_fact() -> None:
    assert STAGE.words == "enterprise.stage"
    assert WIDER.words("enterprise.stage") == {"early": Text("早期", "early")}
    assert list(WIDER.words("titles"))[-1] == "region_model"
    assert "region_model" not in Vocabulary.core().words("titles")


def test_said_again_is_no_fault() -> None:
    assert WIDER.extend([TOTAL], {"region_model": Text("区级示范", "region model")}) == WIDER


def test_a_wider_park() -> None:
    area = FactSpec.declared("drained", Text("排水", "drained"), "quantity", VOLUME, "park_report", "unknown")
    model = Vocabulary.core().extend([area]).case_model()
    case = model.model_validate({"park": {"id": "K", "reports": [{"year": 2024, "drained": "2 万立方米"}]}})
    assert case.document()["park"]["reports"] == [{"year": 2024, "drained": "20000"}]


@pytest.mark.parametrize(
    "fact",
    [
        FactSpec.declared("name", Text("名", "n"), "text", PURE, "enterprise", "unknown"),
        FactSpec.declared("copy", Text("复制", "copy"), "text", PURE, "enterprise", "unknown"),
        FactSpec.declared("division", Text("大类", "division"), "text", PURE, "enterprise", "unknown"),
        FactSpec.declared("spent", Text("研发费用", "spent"), "quantity", MONEY, "report", "unknown"),
    ],
)
def test_a_name_means_one_thing(fact: FactSpec) -> None:
    with pytest.raises(InputFaults) as caught:
        Vocabulary.core().extend([fact])
    assert caught.value.diagnostics[0].code == "vocabulary/clash"


def test_a_title_means_one_thing() -> None:
    for words in ({"smart_factory": Text("别的", "other")}, {"other": Text("智能工厂", "other")}):
        with pytest.raises(InputFaults):
            Vocabulary.core().extend((), words)
