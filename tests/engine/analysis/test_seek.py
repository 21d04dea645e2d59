"""Seek: what is proposed is what a decision confirms, nothing smaller does, and nothing that one fact would do is overlooked."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conggao.engine import Decision, Engine, InputFaults, Outcome
from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.seek import APPLIES, Changed, Proposal, Sought, seek
from conggao.engine.analysis.seek.facts import held
from conggao.engine.whatif import changed_case, whatif
from conggao.facts.loading import load_case, read_case
from conggao.facts.models import Case
from conggao.facts.paths import FactPath, read_value
from conggao.facts.units import MONEY
from tests.agreement import cases, wider

SEEDS = range(60)
WIDER = range(20)
BRUTE = (*range(40, 56), 350)


@cache
def engine_of(*policies: str) -> Engine:
    return Engine(policies or None)


@cache
def sought(name: str, seed: int, everything: bool = False) -> tuple[Engine, Case, Sought]:
    engine = engine_of("yinchuan-2024-2") if name == "city" else engine_of()
    case = read_case((cases if name == "city" else wider).generate(seed), engine.vocabulary)
    return engine, case, seek(engine, case, everything=everything)


def found(name: str, seeds: range) -> Iterator[tuple[Engine, Case, Sought, Proposal]]:
    for seed in seeds:
        engine, case, result = sought(name, seed)
        for item in result.proposals:
            yield engine, case, result, item


def outcome(decision: Decision, item: Any) -> Outcome:
    return next(o for o in decision.outcomes if (o.measure, o.subject) == (item.measure, item.subject))


def better(before: Decision, after: Decision, item: Proposal | Outcome) -> bool:
    """Whether the measure applies now, or where it did already, pays more, and its recipient has more in all."""
    first, then = outcome(before, item), outcome(after, item)
    if first.status == "unmet":
        return then.status in APPLIES

    def ends(value: Any) -> tuple[Any, ...]:
        return (0, 0, 0) if value is None else (value.low, value.high is None, value.high or 0)

    who = str(item.recipient)
    return ends(then.amount) > ends(first.amount) and ends(after.totals.get(who)) > ends(before.totals.get(who))


def settings(changes: tuple[Changed, ...]) -> list[str]:
    return [text for change in changes for text in change.set]


def at(change: Changed, share: Decimal) -> str:
    """The setting of a quantity moved only as far as `change` less `share`, in its sign."""
    assert change.change is not None
    name, _, value = change.set[0].partition("=")
    return f"{name}={Decimal(value) - share:f}"


def unit(engine: Engine, case: Case, change: Changed) -> Decimal:
    path = Probe(engine, case).path(change.fact)
    kind = path.spec
    assert kind is not None
    return Decimal(1) if kind.kind == "integer" else Decimal("0.01") if kind.dimension == MONEY else Decimal("0.001")


@pytest.mark.parametrize(("name", "seeds"), [("city", SEEDS), ("all", WIDER)])
def test_each_proposal_is_what_the_changed_case_is_decided_to_be(name: str, seeds: range) -> None:
    reached: set[str] = set()
    for engine, case, result, item in found(name, seeds):
        compared = whatif(engine, case, set=settings(item.changes))
        after = outcome(compared.after, item)
        assert compared.before.totals == result.decision.totals
        assert better(compared.before, compared.after, item), item
        assert (item.was, item.becomes) == (outcome(compared.before, item).status, after.status)
        assert item.gain == compared.gain, "what it brings is what the decision says"
        assert item.amount == after.amount
        before_high, high = compared.before.totals["enterprise"].high, compared.after.totals["enterprise"].high
        assert item.upside == (None if high is None or before_high is None else high - before_high)
        assert all(change.held is None for change in item.changes), "facts it cannot move are left out"
        reached.add(item.was)
    assert {"unmet"} | ({"superseded"} if name == "all" else set()) <= reached, "the cases reach what proposals are for"


@pytest.mark.parametrize(("name", "seeds"), [("city", SEEDS), ("all", WIDER)])
def test_nothing_smaller_does(name: str, seeds: range) -> None:
    """One unit less, and a few changes in between, leave the measure as it was; where two facts change, neither is enough alone."""
    random = Random(7)
    tried = 0
    for engine, case, _, item in found(name, seeds):
        for place, change in enumerate(item.changes):
            others = settings(item.changes[:place] + item.changes[place + 1 :])
            if len(item.changes) > 1:
                alone = whatif(engine, case, set=others)
                assert not better(alone.before, alone.after, item), f"one of two facts suffices: {item}"
            if change.change is None:
                continue
            one = unit(engine, case, change)
            steps = int(abs(change.change) / one)
            sign = 1 if change.change > 0 else -1
            for back in {1, 1 + int(random.random() * steps), 1 + int(random.random() * min(steps, 100))}:
                if back * one < abs(change.change):
                    tried += 1
                    less = whatif(engine, case, set=[*others, at(change, sign * back * one)])
                    assert not better(less.before, less.after, item), f"{back} units less do as well: {item}"
    assert tried > 30, "the cases reach changes of many units"


@pytest.mark.parametrize("seed", [3, 11, 27])
def test_the_case_is_left_alone_and_the_answer_is_always_the_same(seed: int) -> None:
    engine = engine_of("yinchuan-2024-2")
    case = read_case(cases.generate(seed), engine.vocabulary)
    before = case.model_dump()
    first, second = seek(engine, case), seek(engine, case.document())
    assert case.model_dump() == before
    assert (first.proposals, first.hindered) == (second.proposals, second.hindered)


def test_every_measure_is_proposed_or_explained() -> None:
    why: set[str] = set()
    for seed in SEEDS:
        _, _, result = sought("city", seed)
        told = {(p.measure, p.subject) for p in result.proposals} | {(h.measure, h.subject) for h in result.hindered}
        for item in result.decision.outcomes:
            settled = item.status in ("granted", "service", "programme")
            assert settled or (item.measure, item.subject) in told, item
        assert all(item.text for item in result.hindered)
        why |= {item.why for item in result.hindered}
    assert why == {
        "not_in_force", "undetermined", "refused", "held", "unknown", "several", "rival", "exhausted", "received", "capped",
    }  # fmt: skip


def test_proposals_are_ranked_by_what_they_bring() -> None:
    for seed in SEEDS:
        gains = [item.gain for item in sought("city", seed)[2].proposals]
        assert gains == sorted(gains, reverse=True)


def test_all_also_proposes_what_others_decide() -> None:
    more = 0
    for seed in SEEDS[:20]:
        engine, case, result = sought("city", seed, everything=True)
        own = sought("city", seed)[2].proposals
        assert set(map(repr, own)) <= set(map(repr, result.proposals)), "what it can move itself is still there"
        for item in result.proposals:
            if any(change.held for change in item.changes):
                more += 1
                compared = whatif(engine, case, set=settings(item.changes))
                assert better(compared.before, compared.after, item)
                assert item.gain == compared.gain
    assert more > 20


# -- nothing is overlooked ------------------------------------------------------------------------------------------------


def single_changes(engine: Engine, case: Case) -> Iterator[tuple[FactPath, Any]]:
    """Every flag and purpose of a case turned, and every quantity at the values that hug the thresholds."""
    document = case.document()
    probe = Probe(engine, case)
    vocabulary = engine.vocabulary
    owners = [("enterprise", "enterprise"), *((f"projects.{p.id}", "project") for p in case.projects)]
    for owner, kind in owners:
        for spec in vocabulary.specs(kind):
            if spec.name in ("id", "division"):
                continue
            path = probe.path(f"{owner}.{spec.name}")
            if held(path, probe.day.year - 1) is not None:
                continue
            now = read_value(path, document)
            match spec.kind:
                case "flag":
                    yield path, not now
                case "words":
                    yield from (
                        (path, [*(now or []), word]) for word in vocabulary.words("purposes") if word not in (now or [])
                    )
                case "quantity" | "integer":
                    pool = cases.MEASURED.get(spec.name, ()) or cases.PARTNERS
                    if now is not None or spec.absent == "zero":
                        yield from (
                            (path, str(value)) for value in dict.fromkeys((*pool, 1, 10**9)) if str(value) != now
                        )
    for name, pool in (
        ("main_business_revenue", cases.REVENUE),
        ("rd_expense", cases.RESEARCH),
        ("carbon_emissions", cases.EMISSIONS),
    ):
        path = probe.path(f"latest.{name}")
        if read_value(path, document) is not None:
            yield from ((path, str(value)) for value in pool)


OWN = {
    "1": ("loan_interest", "lease_interest"), "2a": ("guarantee_fee",), "2b": ("guarantee_fee",), "3": ("equipment_payment",),
    "5": ("fixed_asset_investment",), "6b": ("rd_investment",), "8a": ("rd_expense",), "9b": ("digital_investment",),
    "11": ("carbon_reduction",), "14a": ("chain_support_investment",),
}  # fmt: skip
"""The facts of each measure's amount. A claim that is outdone could also be brought in by moving the facts of others."""


def concerns(outcome: Outcome, path: FactPath) -> bool:
    """Whether the fact is one that is moved for the outcome: any towards conditions, those of its own amount afterwards."""
    own = path.owner != "project" or outcome.subject == f"project:{path.entry}"
    return outcome.status == "unmet" or (own and path.name in OWN.get(outcome.measure.rpartition("/")[2], ()))


def overlooked(name: str, seed: int) -> tuple[int, list[str]]:
    """How many changes of one fact to a value of the pools help, and those that no proposal matches with a change as small."""
    engine, case, result = sought(name, seed)
    probe = Probe(engine, case)
    before = result.decision
    stuck = {(o.measure, o.subject): o for o in before.outcomes if o.status in ("unmet", "superseded", "exhausted")}
    proposed: dict[tuple[str, str, str], list[Changed]] = {}
    for item in result.proposals:
        if len(item.changes) == 1:
            key = (item.measure, item.subject, str(probe.path(item.changes[0].fact)))
            proposed.setdefault(key, []).append(item.changes[0])
    helped, missed = 0, []
    for path, value in single_changes(engine, case):
        try:
            after = probe.decide({path: value})
        except InputFaults:
            continue
        for then in after.outcomes:
            key = (then.measure, str(then.subject), str(path))
            first = stuck.get((then.measure, then.subject))
            if first is not None and concerns(first, path) and better(before, after, then):
                helped += 1
                changes = proposed.get(key, [])
                if not any(_as_small(engine, case, probe, change, path, value) for change in changes):
                    missed.append(f"{key} = {value}: {first.status} -> {then.status}")
    return helped, missed


def _as_small(engine: Engine, case: Case, probe: Probe, change: Changed, path: FactPath, value: Any) -> bool:
    if change.change is None:
        return True
    one = Fraction(unit(engine, case, change))
    now = Fraction(str(read_value(path, probe.document) or 0))
    between = (Fraction(str(value)) / one).denominator > 1
    return between or abs(Fraction(change.change)) <= abs(Fraction(str(value)) - now)


def test_no_single_change_is_overlooked() -> None:
    total = 0
    for seed in BRUTE:
        helped, missed = overlooked("city", seed)
        assert not missed, f"seed {seed}: {missed}"
        total += helped
    assert total > 100, "the changes tried do help"


# -- the sample, by hand --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_sought(sample: Path) -> Sought:
    engine = engine_of("yinchuan-2024-2")
    return seek(engine, load_case(sample, engine.vocabulary), lang="en")


BY_HAND = [
    ("11", "project:P2", "latest.carbon_emissions=26000.001", "370000.00", "200 yuan for each of 1850 t"),
    ("14b", "enterprise", "enterprise.chain_partners_upgraded=10", "0.00", "the amount is open"),
    ("7", "project:P2", "projects.P2.annual_output=20000000", "0.00", "an authority decides the amount"),
    ("2a", "project:P2", "projects.P2.guarantee_fee=0.01", "0.01", "half of a fen, rounded up"),
]


@pytest.mark.parametrize(("measure", "subject", "setting", "gain", "why"), BY_HAND)
def test_the_sample(sample_sought: Sought, measure: str, subject: str, setting: str, gain: str, why: str) -> None:
    items = [p for p in sample_sought.proposals if (p.measure.rpartition("/")[2], p.subject) == (measure, subject)]
    assert [(settings(item.changes), item.gain) for item in items] == [([setting], Decimal(gain))], why


HINDERED = [
    ("8b", "enterprise", "held", ("recognitions.city_new_productive_force_model",)),
    ("4", "project:P2", "undetermined", ("projects.P2.targets_verified",)),
    ("4", "project:P1", "several", ("projects.P1.targets_verified",)),
    ("3", "project:P3", "exhausted", ()),
    ("9a", "enterprise", "received", ()),
]


@pytest.mark.parametrize(("measure", "subject", "why", "facts"), HINDERED)
def test_why_nothing_helps_in_the_sample(
    sample_sought: Sought, measure: str, subject: str, why: str, facts: tuple[str, ...]
) -> None:
    items = [p for p in sample_sought.hindered if (p.measure.rpartition("/")[2], p.subject) == (measure, subject)]
    assert [(item.why, item.facts) for item in items] == [(why, facts)]


def test_a_claim_that_others_outdo_is_told_from_where_it_is_the_better_one(sample: Path) -> None:
    """The loan's national subsidy, 1.5% of the principal, against 914,000 of the city and the region's 165,000 for the lease."""
    engine = engine_of()
    result = seek(engine, load_case(sample, engine.vocabulary), "national-equipment-loan-2024/loan")
    [item] = [p for p in result.proposals if p.subject == "project:P1"]
    assert (item.was, item.becomes) == ("superseded", "granted")
    assert settings(item.changes) == ["projects.P1.loan_principal=49933333.67"]
    assert item.gain == Decimal("0.01"), "749,000.01 with 165,000 is one fen more than 914,000"


def test_one_measure_only_and_what_is_not_in_force(sample: Path) -> None:
    engine = engine_of()
    case = load_case(sample, engine.vocabulary)
    only = seek(engine, case, "11")
    assert {p.measure for p in only.proposals} | {h.measure for h in only.hindered} == {"yinchuan-2024-2/11"}
    [ended] = seek(engine, case, "national-equipment-loan-2026/loan", lang="en").hindered
    assert (ended.why, "2026-01-19" in ended.text) == ("not_in_force", True)
    [held_still] = seek(engine, case, "13", lang="en").hindered
    assert held_still.why == "settled", "asked for by name, even what needs no change is told"


WRONG = [("8x", "8a"), ("loan", "national-equipment-loan-2024/loan"), ("reserch", "")]


@pytest.mark.parametrize(("name", "near"), WRONG)
def test_a_measure_that_is_not_there_is_told_with_the_nearest(sample: Path, name: str, near: str) -> None:
    engine = engine_of()
    with pytest.raises(InputFaults) as raised:
        seek(engine, load_case(sample, engine.vocabulary), name)
    [fault] = raised.value.diagnostics
    assert fault.code == "case/unknown-measure"
    assert near in (fault.help.en if fault.help else "")


HELD = [
    ("enterprise.industry", True), ("enterprise.county", True), ("enterprise.employees", True), ("previous.rd_expense", True),
    ("latest.rd_expense", False), ("projects.P1.targets_verified", True), ("projects.P1.listed_loan", True),
    ("projects.P1.loan_drawn_on", True), ("projects.P1.purposes", False), ("projects.P1.equipment_payment", False),
    ("recognitions.smart_factory.year", True), ("parameters.lpr_december.2024", True), ("as_of", True),
    ("enterprise.research_deduction_years", True), ("enterprise.first_year_above_scale", True), ("enterprise.chain_leader", True),
    ("projects.P1.replaces_obsolete_equipment", False), ("park.latest.industrial_reclaimed_water", False),
    ("park.previous.industrial_reclaimed_water", True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "stuck"), HELD)
def test_what_an_enterprise_can_move(sample: Path, name: str, stuck: bool) -> None:
    engine = engine_of()
    probe = Probe(engine, load_case(sample, engine.vocabulary))
    assert (held(probe.path(name), 2024) is not None) == stuck


def test_the_settings_of_a_proposal_are_those_that_whatif_takes(sample: Path) -> None:
    engine = engine_of()
    case = load_case(sample, engine.vocabulary)
    for item in seek(engine, case, everything=True).proposals:
        assert changed_case(engine, case, settings(item.changes)) != case
