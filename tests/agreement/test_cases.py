"""What must hold of any case that is generated and of what the oracle makes of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from tests.agreement import oracle_money
from tests.agreement.cases import Case, generate, to_yaml
from tests.agreement.oracle import decide
from tests.agreement.oracle_money import TERMS, Claim, fill, order, upper

SEEDS = range(500)
WAN = 1_000_000  # 万元 in fen
STATUSES = (
    *("granted", "received", "superseded", "exhausted", "unmet", "undetermined"),
    *("service", "programme", "not_in_force"),
)


def test_the_cases_reach_every_status() -> None:
    seen = Counter(found.status for seed in SEEDS for found in decide(generate(seed)).rows.values())
    missed = {*STATUSES} - {*seen}
    assert not missed, f"never reached: {sorted(missed)} in {seen}"


def scalars(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for item in value.values():
            yield from scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    else:
        yield value


def test_a_seed_gives_one_case_without_floats() -> None:
    for seed in SEEDS:
        stated = generate(seed)
        assert stated == generate(seed)
        assert json.loads(to_yaml(stated)) == stated
        assert {type(value) for value in scalars(stated)} <= {int, str, bool}


def capped(measure: str, subject: str | None, stated: Case) -> str:
    """Over what the cap of the measure is added up."""
    if TERMS[measure].per == "provider":
        providers = {f"service:{service['id']}": service["provider"] for service in stated["services"]}
        return f"{measure} {providers[str(subject)]}"
    return measure if TERMS[measure].per == "enterprise" else f"{measure} {subject}"


def test_what_holds_of_every_case() -> None:
    for seed in SEEDS:
        stated = generate(seed)
        rows, totals = decide(stated)
        sums: Counter[str] = Counter()
        lows = 0
        for (measure, subject), found in rows.items():
            assert (found.status == "undetermined") == bool(found.missing), seed
            assert (found.status == "superseded") == bool(found.superseded_by), seed
            assert all(rows[key].status == "granted" and key[1] == subject for key in found.superseded_by), seed
            pays = found.status in {"granted", "superseded", "received", "exhausted"}
            assert pays == (found.standard is not None) == (found.amount is not None), seed
            if found.standard is None or found.amount is None:
                continue
            lows += found.amount[0]
            (low, high), (least, most) = found.amount, found.standard
            assert low <= least, seed
            assert most is None or (high is not None and low <= high <= most), seed
            if TERMS[measure].cap:
                sums[capped(measure, subject, stated)] += high or 0
        for scope, total in sums.items():
            cap = TERMS[scope.split()[0]].cap
            assert cap is not None
            assert total <= (60 * WAN if scope == "9b" else cap[0]), (seed, scope)
        assert lows == sum(low for low, _ in totals.values()), seed
        assert all(high is None or low <= high for low, high in totals.values()), seed


def test_what_is_decided_without_a_fact_stays_so_with_it() -> None:
    for seed in SEEDS:
        stated = generate(seed)
        enterprise = stated.get("enterprise", {})
        after = decide(stated).rows
        for name in sorted(enterprise):
            if name != "county":
                less = {key: value for key, value in enterprise.items() if key != name}
                for key, found in decide(stated | {"enterprise": less}).rows.items():
                    if found.status in {"unmet", "service", "programme"}:
                        assert after[key] == found, (seed, name, key)


END = (("\U0010ffff",), ())  # a list that goes on comes before one that ends


def every_plan(claims: Sequence[Claim]) -> tuple[list[Claim], int | None]:
    """The best plan with no shortcut at all."""
    plans = []
    for chosen in product((True, False), repeat=len(claims)):
        plan = [claim for claim, taken in zip(claims, chosen, strict=True) if taken]
        if claims[0].measure.startswith("2") and len({claim.subject for claim in plan}) < len(plan):
            continue
        pays = [amounts.pays for amounts in fill(plan)[0]]
        ends = (-sum(low for low, _ in pays), -sum(high or 0 for _, high in pays))
        open_ends = -sum(high is None for _, high in pays)
        plans.append((ends[0], open_ends, ends[1], [*map(order, plan), END], plan))
    best = min(plans, key=lambda item: item[:4])[4]
    uppers = [upper(plan) for *_, plan in plans]
    return best, None if None in uppers else max(value for value in uppers if value is not None)


def test_the_shortcuts_to_the_best_plan_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = [generate(seed) for seed in SEEDS]
    quick = [decide(item) for item in stated]
    monkeypatch.setattr(oracle_money, "best", every_plan)
    for item, found in zip(stated, quick, strict=True):
        assert decide(item) == found, to_yaml(item)
