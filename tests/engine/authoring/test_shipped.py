"""No false alarm on the shipped rulebooks: what is found there is in the law, and every case shown is decided as said."""

from __future__ import annotations

from datetime import date

import pytest

from conggao.engine import Engine
from conggao.engine.authoring.check import Checked, check
from conggao.engine.authoring.proof.ask import available
from conggao.facts.documents import read_yaml
from conggao.facts.loading import read_document

KNOWN = {"page/not-seen", "page/overlap"}
"""Gaps that the pages themselves speak of."""
IN_THE_LAW = {
    (
        "yinchuan-2024-2",
        "11",
        "amount/cliff",
    ): "the reward needs a fall of intensity, which more output of the year before makes smaller",
    ("ningxia-growth-2022", "output", "amount/cliff"): "a mark of output is passed for the first time or not",
    (
        "ningxia-growth-2022",
        "output",
        "rule/implied",
    ): "who passes a mark for the first time has more output than ever before",
    ("ningxia-rd-2022", "increase", "amount/cliff"): "research has to be a share of the revenue",
}


@pytest.fixture(scope="module")
def checked() -> Checked:
    return check(proofs=True, on=date(2025, 3, 1))


def test_nothing_is_an_error_and_no_warning_is_new(checked: Checked) -> None:
    assert checked.clean
    assert {item.code for item in checked.diagnostics if item.severity == "warning"} <= KNOWN


def test_notes_are_what_the_law_says(checked: Checked) -> None:
    if not available():
        pytest.skip("z3 is not installed")
    found = {(*item.breadcrumb, item.code) for item in checked.diagnostics if item.severity == "note"}
    assert found == set(IN_THE_LAW)


def test_every_case_shown_runs_and_shows_what_is_said(checked: Checked, everything: Engine) -> None:
    """Of a cliff the two cases differ by one yuan, and the measure pays over a yuan less."""
    for item in checked.diagnostics:
        if item.code != "amount/cliff":
            continue
        key = "/".join(item.breadcrumb)
        paid = []
        for text in item.cases:
            case = read_document(read_yaml(text), everything.vocabulary)
            decision = everything.decide(case, engine="exact")
            outcome = next(found for found in decision.outcomes if found.measure == key)
            paid.append(
                outcome.standard.high if outcome.standard is not None and outcome.standard.high is not None else 0
            )
        assert paid[0] - paid[1] > 1, item


def test_without_proofs_what_needs_no_proof_is_still_found(checked: Checked) -> None:
    plain = check(on=date(2025, 3, 1))
    assert not plain.proven
    proven = {"rule/never", "rule/always", "rule/implied", "rule/dead-branch", "cap/never-binds", "amount/cliff"}
    assert [d for d in checked.diagnostics if d.code not in proven] == list(plain.diagnostics)


def test_what_ends_soon_follows_the_date_given() -> None:
    name = "national-equipment-loan-2026"
    dates = {date(2026, 6, 1): 0, date(2026, 7, 4): 1, date(2026, 12, 31): 1, date(2027, 1, 1): 0}
    found = {day: sum(d.code == "page/ends-soon" for d in check([name], on=day).diagnostics) for day in dates}
    assert found == dates


def test_two_runs_find_the_same_in_the_same_order() -> None:
    if not available():
        pytest.skip("z3 is not installed")
    names = ["ningxia-rd-2022", "ningxia-growth-2022"]
    assert check(names, proofs=True).diagnostics == check(names, proofs=True).diagnostics


def test_what_is_not_proven_is_a_note_and_never_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """With next to no effort allowed z3 leaves every question open."""
    if not available():
        pytest.skip("z3 is not installed")
    from conggao.engine.authoring.proof import ask

    monkeypatch.setattr(ask, "EFFORT", 1)
    found = check(["yinchuan-2024-2"], proofs=True, on=date(2025, 3, 1))
    assert found.clean
    said = [item for item in found.diagnostics if item.code not in KNOWN]
    assert said
    assert all(item.severity == "note" and "not proven" in item.message.en for item in said)
