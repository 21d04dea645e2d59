"""Whatever offices ask for in whatever order: sums made by hand over all awards that stand never pass what the law allows, and what is
refused would pass it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from conggao.engine import InputFaults
from conggao.engine.ledger import Answer, Ledger, PastAward, Payment
from tests.conftest import AGREEMENT
from tests.engine.ledger.offices import case, credit_code, office

STEPS = max(150, min(3000, AGREEMENT // 400))
ENTERPRISES, PROVIDERS = 3, ("甲", "乙")


def limits(awards: Sequence[PastAward], asked: Answer, facts: dict[str, Decimal]) -> list[Decimal]:
    """What is left for the claim by the words of the law, read anew for each measure."""
    mine = [award for award in awards if award.holder == asked.holder]

    def paid(keep: Callable[[PastAward], bool], of: Sequence[PastAward] = mine) -> Decimal:
        return sum((award.amount for award in of if keep(award)), Decimal(0))

    same = paid(lambda a: (a.measure, a.subject) == (asked.measure, asked.subject) and a.year == asked.year)
    ever = paid(lambda a: (a.measure, a.subject) == (asked.measure, asked.subject))
    match asked.measure:
        case "city-x/machine" | "region-x/machine":
            share = 20 if asked.measure.startswith("city") else 15
            line = paid(lambda a: a.measure.endswith("/machine") and a.subject == asked.subject)
            return [facts["equipment"] * share / 100 - line]
        case "city-x/capped":
            return [facts["investment"] - ever, 1_000_000 - paid(lambda a: a.measure == asked.measure)]
        case "city-x/prize":
            return [Decimal(0) if paid(lambda a: a.measure == asked.measure) else Decimal(300_000)]
        case "city-x/service":
            bought = [
                a for a in awards if a.measure == asked.measure and a.provider == PROVIDERS[int(facts["provider"])]
            ]
            return [facts["fee"] / 2 - ever, 100_000 - paid(lambda _: True, bought)]
        case "city-x/yearly":
            return [min(Decimal(400_000), facts["research"] / 10) - same]
    raise AssertionError(asked.measure)


@pytest.mark.parametrize("seed", range(2))
def test_random_offices(tmp_path: Path, seed: int) -> None:
    draw = Random(seed)
    counts = {"awarded": 0, "refused": 0, "reversed": 0}
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        decided: list[tuple[int, int, dict[str, Decimal], str]] = []
        for step in range(STEPS):
            everything = [award for n in range(ENTERPRISES) for award in ledger.history(credit_code(n)).awards]
            stands = [award for award in everything if award.reversed_by is None]
            if draw.random() < 0.05 and stands:
                ledger.reverse(draw.choice(stands).entry, "误付")
                counts["reversed"] += 1
                continue
            if draw.random() < 0.4 or not decided:
                decided.append(decide(ledger, draw))
                continue
            entry, project, facts, level = draw.choice(decided)
            measure, subject = draw.choice((
                ("machine", f"project:P{project}"), ("capped", f"project:P{project}"), ("prize", "enterprise"),
                ("service", f"service:S{project}"), ("yearly", "enterprise"),
            ))  # fmt: skip
            if level == "region":
                measure, subject = "machine", f"project:P{project}"
            amount = draw.choice((None, 1, 10_000, 50_000, 150_000))
            try:
                answer = ledger.award(entry, f"{level}-x/{measure}", subject, amount)
            except InputFaults as faults:
                assert faults.diagnostics[0].code == "ledger/amount", "nothing is left to be paid in full"
                continue
            counts[answer.status] += 1
            left = min(limits(stands, answer, facts))
            if answer.status == "awarded":
                assert answer.amount <= left, (step, answer, left)
            elif answer.reason != "decision" and not any(item.decision == entry for item in answer.in_the_way):
                assert answer.amount > left, (step, answer, left)
                assert answer.in_the_way or answer.outside
        assert ledger.verify().holds
    assert min(counts.values()) > 3, counts


def decide(ledger: Ledger, draw: Random) -> tuple[int, int, dict[str, Decimal], str]:
    """A decision of one office about one enterprise in one year; half of them look into the ledger."""
    number, project, provider = draw.randrange(ENTERPRISES), draw.randrange(2), draw.randrange(2)
    facts = {
        "equipment": Decimal(500_000), "investment": Decimal(700_000), "fee": Decimal(120_000), "research": Decimal(3_000_000),
        "provider": Decimal(provider),
    }  # fmt: skip
    year = draw.choice((2024, 2025))
    stated = {
        **case(
            number,
            chain_leader=True,
            projects=[{"id": f"P{project}", "equipment_payment": 500_000, "fixed_asset_investment": 700_000}],
            services=[{"id": f"S{project}", "provider": PROVIDERS[provider], "kind": "branding", "fee": 120_000}],
            reports=[{"year": year, "rd_expense": 3_000_000}],
        ),
        "as_of": f"{year + 1}-03-01",
    }
    level = draw.choice(("city", "city", "region"))
    if level == "region":
        stated["projects"] = [{"id": f"P{project}", "equipment_payment": 500_000}]  # so that its ceiling says nothing
    kept = ledger.record(stated, engine=office(level), evaluator="exact", received=draw.random() < 0.5)
    return kept.entry, project, facts, level


def test_several_in_one_call_are_answered_one_by_one(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(case(1, chain_leader=True), engine=office("city"), evaluator="exact").entry
        asked = [Payment(decision=kept, measure="prize", key=key) for key in ("A", "B")]
        assert [answer.status for answer in ledger.award_all(asked)] == ["awarded", "refused"]
        with pytest.raises(InputFaults, match="stands here twice"):
            ledger.award_all([asked[0], asked[0]])
        wrong = [Payment(decision=kept, measure=name, key=name) for name in ("prize", "nothing", "none")]
        with pytest.raises(InputFaults) as caught:
            ledger.award_all(wrong)
        assert len(caught.value.diagnostics) == 2, "all faults at once, and nothing is recorded"
        assert ledger.verify().entries == 3


def test_without_a_credit_code_only_a_park_can_be_paid(tmp_path: Path) -> None:
    facts = {"as_of": "2025-03-01", "park": {"id": "K1"}, "enterprise": {"chain_leader": True}}
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = ledger.record(facts, engine=office("city"), evaluator="exact")
        with pytest.raises(InputFaults, match="has no credit code"):
            ledger.award(kept.entry, "prize")
        assert ledger.verify().entries == 1


def test_a_forked_process_opens_its_own_connections(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        kept = [
            ledger.record(case(n, chain_leader=True), engine=office("city"), evaluator="exact").entry for n in range(2)
        ]
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if ledger.award(kept[0], "prize").status == "awarded" else 1)
            except BaseException:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert ledger.award(kept[1], "prize").status == "awarded"
        assert ledger.award(kept[0], "prize").status == "refused"
        assert ledger.verify().holds
