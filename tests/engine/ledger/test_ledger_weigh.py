"""What a ledger would still pay is what a decision would: the terms kept with a decision, weighed against money received, give to the fen
what the engine gives for the claim when its case states the same money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from conggao.engine import Engine
from conggao.engine.ceilings import Ceilings
from conggao.engine.claims import build
from conggao.engine.ledger import Ledger
from conggao.engine.ledger.requests import LARGEST
from conggao.engine.ledger.terms import Terms, terms
from conggao.engine.ledger.weigh import Prior, weigh
from conggao.engine.resolve.plan import pay
from conggao.engine.sitting import Sitting
from conggao.facts.models import Case
from tests.agreement import wider
from tests.conftest import AGREEMENT
from tests.engine.ledger.offices import case, credit_code, office, yuan

CASES = AGREEMENT // 100


def left_by_engine(sitting: Sitting) -> dict[tuple[str, str], int | None]:
    """What each claim would be paid at most if it alone were claimed."""
    program = sitting.edition.program
    ceilings = Ceilings(program, sitting.subjects, sitting.received, sitting.day, sitting.outside)
    possible = [(policy, record) for policy, record in sitting.records if record.truth is not False]
    made = build(possible, sitting.case, sitting.received, sitting.day, program.relations, ceilings or None)
    return {claim.key: 0 if claim.ended else pay([claim], made.caps, made.ceilings)[0][1] for claim in made.claims}


def test_weighing_agrees_with_the_engine(everything: Engine) -> None:
    compared = bounded = 0
    for seed in range(CASES):
        stated = everything.read({k: v for k, v in wider.generate(seed).items() if k != "assessed"})
        complete = tuple(
            item
            for item in stated.received
            if item.amount is not None and item.year is not None and item.subject is not None
        )
        with_money = stated.model_copy(update={"received": complete})
        after = everything.sit(with_money, engine="exact")
        priors = [Prior(item, item.index, 0) for item in after.received]
        wanted = left_by_engine(after)
        before = everything.sit(stated.model_copy(update={"received": ()}), engine="exact")
        for claim in terms(before):
            found = weigh(replace(claim, high=None), 1, priors)
            if (claim.key, claim.subject) not in wanted:
                continue  # what a receipt leaves open keeps the engine from deciding
            compared += 1
            most = wanted[claim.key, claim.subject]
            assert found.left == most, (seed, claim.key, claim.subject)
            if most != weigh(replace(claim, high=None), 1, []).left:
                bounded += 1
                assert found.way, "what is in the way is named"
                assert found.reason != "decision"
    assert compared > CASES
    assert bounded > CASES // 20, "money received must matter in many of the cases"


def test_terms_survive_storage(everything: Engine) -> None:
    for seed in range(20):
        for claim in terms(everything.sit(everything.read(wider.generate(seed)), engine="exact")):
            assert Terms.read(claim.document()) == claim


def test_a_decision_can_be_paid_out_in_any_order(tmp_path: Path, everything: Engine) -> None:
    """What a plan grants together can be awarded together; and once more is refused."""
    draw = Random(7)
    paid = 0
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        for seed in range(max(30, CASES // 8)):
            facts = wider.generate(seed)
            facts.setdefault("enterprise", {})["credit_code"] = credit_code(seed)
            if "park" in facts:
                facts["park"]["id"] = f"K{seed}"
            for service in facts.get("services", ()):
                service["provider"] += str(seed)
            kept = ledger.record(facts, engine=everything, evaluator="exact")
            granted = [
                item
                for item in kept.decision.outcomes
                if item.status == "granted"
                and item.amount is not None
                and item.amount.high
                and item.amount.high < LARGEST
            ]
            draw.shuffle(granted)
            for item in granted:
                assert item.amount is not None
                answer = ledger.award(kept.entry, item.measure, item.subject, item.amount.high)
                assert answer.status == "awarded", (seed, answer)
                paid += 1
            for item in granted:
                assert ledger.award(kept.entry, item.measure, item.subject, "0.01").status == "refused"
        assert paid > 50
        assert ledger.verify().holds


@pytest.mark.parametrize("first", ["city", "region"])
def test_one_line_at_two_levels_is_topped_up_and_no_more(tmp_path: Path, first: str) -> None:
    facts = case(1, projects=[{"id": "P1", "equipment_payment": 1_000_000}])
    standard = {"city": 200_000, "region": 150_000}
    second = "region" if first == "city" else "city"
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        entries = {name: ledger.record(facts, engine=office(name), evaluator="exact").entry for name in standard}
        assert ledger.award(entries[first], "machine").status == "awarded"
        refused = ledger.award(entries[second], "machine")
        assert refused.status == "refused"
        assert refused.reason == "line"
        assert [item.measure for item in refused.in_the_way] == [f"{first}-x/machine"]
        assert refused.left == yuan(max(0, standard[second] - standard[first]))
        if refused.left:
            assert ledger.award(entries[second], "machine", amount=refused.left).left == yuan(0)
        assert sum(award.amount for award in ledger.history(credit_code(1)).awards) == max(standard.values())


def test_a_cap_of_the_provider_counts_across_enterprises(tmp_path: Path) -> None:
    """The provider is known by its name; the same service id of two enterprises is two services."""

    def bought(number: int, fee: int) -> dict[str, object]:
        return case(number, services=[{"id": "S1", "provider": "甲公司", "kind": "branding", "fee": fee}])

    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = [ledger.record(bought(n, 120_000), engine=office("city"), evaluator="exact").entry for n in (1, 2)]
        assert ledger.award(kept[0], "service").left == yuan(0)
        refused = ledger.award(kept[1], "service")
        assert (refused.reason, refused.left) == ("cap", yuan(40_000))
        assert [item.holder for item in refused.in_the_way] == [credit_code(1)]
        again = ledger.record(bought(2, 120_000), engine=office("city"), evaluator="exact", received=True)
        assert again.decision.outcome("service").amount.low == yuan(40_000)  # type: ignore[union-attr]
        assert ledger.award(again.entry, "service").status == "awarded"
        third = ledger.record(bought(3, 20), engine=office("city"), evaluator="exact", received=True)
        assert third.decision.outcome("service").status == "exhausted"
        other = case(3, services=[{"id": "S1", "provider": "乙公司", "kind": "branding", "fee": 20}])
        assert (
            ledger.award(ledger.record(other, engine=office("city"), evaluator="exact").entry, "service").status
            == "awarded"
        )


def test_a_yearly_cap_is_one_of_the_year(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        for year in (2024, 2025):
            facts = {**case(1, reports=[{"year": year, "rd_expense": 5_000_000}]), "as_of": f"{year + 1}-03-01"}
            kept = ledger.record(facts, engine=office("city"), evaluator="exact", received=True)
            assert ledger.award(kept.entry, "yearly").amount == yuan(400_000)
            assert ledger.award(kept.entry, "yearly").reason == "paid"


def test_a_ceiling_holds_across_levels(tmp_path: Path) -> None:
    """90 % of an investment of 100,000: the city's machine and its investment subsidy together bring no more."""
    facts = case(1, projects=[{"id": "P1", "equipment_payment": 100_000, "fixed_asset_investment": 100_000}])
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        city = ledger.record(facts, engine=office("city"), evaluator="exact").entry
        both = ledger.record(facts, engine=office("city", "region"), evaluator="exact").entry
        assert ledger.award(city, "capped", amount=80_000).status == "awarded"
        refused = ledger.award(both, "region-x/machine", amount=15_000)
        assert (refused.reason, refused.left) == ("ceiling", yuan(10_000))
        assert ledger.award(both, "region-x/machine", amount=10_000).left == yuan(0)


def test_a_reversal_frees_what_it_took(tmp_path: Path) -> None:
    facts = case(1, chain_leader=True)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = [ledger.record(facts, engine=office("city"), evaluator="exact").entry for _ in range(2)]
        first = ledger.award(kept[0], "prize")
        refused = ledger.award(kept[1], "prize")
        assert refused.in_the_way[0].entry == first.entry
        ledger.reverse(first.entry, "误付")
        assert ledger.award(kept[1], "prize").status == "awarded"
        assert [receipt.amount for receipt in ledger.received(credit_code(1))] == [yuan(300_000)]
        with pytest.raises(ValueError, match="taken back"):
            ledger.reverse(first.entry, "再次")


def test_what_the_case_itself_states_counts_too(tmp_path: Path) -> None:
    """Money from before the ledger: once, also when a later decision takes receipts from the ledger."""
    old = {"measure": "city-x/capped", "subject": "project:OLD", "amount": 900_000, "year": 2020}
    facts = case(1, projects=[{"id": "P1", "fixed_asset_investment": 500_000}], received=[old])
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(facts, engine=office("city"), evaluator="exact", received=True)
        refused = ledger.award(kept.entry, "capped", amount=100_001)
        assert refused.left == yuan(100_000)
        assert ledger.award(kept.entry, "capped", amount=60_000).left == yuan(40_000)
        again = ledger.record(facts, engine=office("city"), evaluator="exact", received=True)
        assert [receipt.amount for receipt in again.decision.case.received] == [900_000, 60_000]
        assert again.decision.outcome("capped").amount.high == 40_000  # type: ignore[union-attr]
        known = again.decision.case.document()
        third = ledger.record(known, engine=office("city"), evaluator="exact", received=True)
        assert third.result == again.result, "what the case states and the ledger knows is one receipt"
        assert ledger.award(third.entry, "capped", amount=40_001).left == yuan(40_000)


def test_a_decision_that_was_made_is_recorded_as_it_is(tmp_path: Path) -> None:
    city = office("city")
    decision = city.decide(case(1, chain_leader=True), lang="en")
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(decision, engine=city)
        assert kept.result == decision.to_json()
        assert isinstance(decision.case, Case)
        forged = decision.model_copy(update={"totals": {}})
        with pytest.raises(ValueError, match="not what these rulebooks decide"):
            ledger.record(forged, engine=city)
        with pytest.raises(ValueError, match="not what these rulebooks decide"):
            ledger.record(decision, engine=office("city", "region"))


def test_keys_answer_as_they_did_first(tmp_path: Path) -> None:
    facts = case(1, chain_leader=True)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(facts, engine=office("city"), evaluator="exact", key="D")
        same = ledger.record(facts, engine=office("city"), evaluator="exact", key="D")
        assert same == kept.model_copy(update={"repeated": True})
        first = ledger.award(kept.entry, "prize", key="A")
        refused = ledger.award(kept.entry, "prize", key="B")
        ledger.reverse(first.entry, "误付", key="R")
        assert ledger.reverse(first.entry, "误付", key="R").repeated
        for before, key in ((first, "A"), (refused, "B")):
            assert ledger.award(kept.entry, "prize", key=key) == before.model_copy(update={"repeated": True})
        assert ledger.verify().entries == 4
        for other in (
            lambda: ledger.award(kept.entry, "prize", amount=1, key="A"),
            lambda: ledger.reverse(1, "x", key="A"),
        ):
            with pytest.raises(ValueError, match="was used for entry 2"):
                other()
        with pytest.raises(ValueError, match="was used for entry 1"):
            ledger.record(case(2), engine=office("city"), evaluator="exact", key="D")


@pytest.mark.parametrize("amount", [0, -1, "0.001", "abc", "10 吨", Decimal("NaN"), Decimal("1e30")])
def test_what_is_no_amount_is_refused_before_anything_is_recorded(tmp_path: Path, amount: object) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(case(1, chain_leader=True), engine=office("city"), evaluator="exact")
        with pytest.raises(ValueError, match=r"amount|whole number of fen|more than zero"):
            ledger.award(kept.entry, "prize", amount=amount)  # type: ignore[arg-type]
        assert ledger.verify().entries == 1
