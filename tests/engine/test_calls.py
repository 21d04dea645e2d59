"""Calls made wrongly get one clear message, and an engine travels to another process."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime
from typing import Any

import pytest

from conggao.engine import Engine
from conggao.facts.diagnostics import InputFaults

CASE: dict[str, Any] = {"as_of": "2025-03-01", "reports": [{"year": 2024, "rd_expense": "800 万元"}]}


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"engine": "fast"}, "engine"),
        ({"lang": "fr"}, "lang"),
        ({"as_of": 2025}, "as_of"),
        ({"case": "good.yaml"}, "case"),
    ],
)
def test_an_argument_that_means_nothing_is_named(everything: Engine, changed: dict[str, Any], path: str) -> None:
    with pytest.raises(InputFaults) as found:
        everything.decide(**{"case": CASE, **changed})
    assert [item.path for item in found.value.diagnostics] == [path]


def test_a_moment_is_its_day(everything: Engine) -> None:
    assert everything.decide(CASE, datetime(2025, 3, 1, 12)).to_json() == everything.decide(CASE).to_json()


def test_an_outcome_that_is_not_there_is_answered_with_the_nearest(everything: Engine) -> None:
    decision = everything.decide(CASE, engine="exact")
    with pytest.raises(KeyError, match="yinchuan-2024-2/8a"):
        decision.outcome("yinchuan-2024-2/8aa")


def test_an_engine_decides_the_same_after_a_journey(everything: Engine) -> None:
    expected = everything.decide(CASE).to_json()
    for other in (pickle.loads(pickle.dumps(everything)), copy.deepcopy(everything)):
        assert other.decide(CASE).to_json() == expected


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"parameters": {"lpr_desember": {"2024": "3.1%"}}}, "lpr_december"),
        ({"received": [{"measure": "yinchuan-2024-2/8z", "amount": 1}]}, "yinchuan-2024-2/8"),
        ({"received": [{"measure": "yinchuan-2024-2/3", "subject": "project:P9", "amount": 1}],
          "projects": [{"id": "P8"}]}, "project:P8"),
        ({"received": [{"measure": "yinchuan-2024-2/8a", "amount": 1, "year": 2031}]}, "2031"),
    ],
)  # fmt: skip
def test_what_looks_like_a_slip_is_noted(everything: Engine, more: dict[str, Any], said: str) -> None:
    quiet = everything.decide(CASE, lang="en").notes
    notes = [note for note in everything.decide({**CASE, **more}, lang="en").notes if note not in quiet]
    assert any(said in note for note in notes), notes
