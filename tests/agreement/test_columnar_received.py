"""columnar = exact for enterprises that have received money: of the claim itself, of a rival on its line, once for ever, under shared caps.

What was received is drawn from what the case would be granted: all of it, a fen more or less, half, next to nothing; for the year decided
on or the one before; in one of ten with its subject or year left out. `CONGGAO_AGREEMENT` is the number of cases.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")

from conggao.engine import Engine  # noqa: E402
from conggao.engine.evaluate.columnar.evaluator import Worker  # noqa: E402
from conggao.facts.loading import read_case  # noqa: E402
from tests.agreement import cases, wider  # noqa: E402
from tests.agreement.columns import agree, by_exact, numbered, worker_of  # noqa: E402
from tests.agreement.test_columnar import whole  # noqa: E402
from tests.conftest import AGREEMENT  # noqa: E402

SIZE = 300
PARTS = max(2, AGREEMENT // 40 // SIZE)
DAYS = (date(2025, 3, 1), None)
MOST = 10**14
"""Fen received at the most: what is more is no amount that a case may state."""


@pytest.fixture(scope="module")
def workers(everything: Engine) -> Iterator[dict[date | None, Worker]]:
    made = {day: worker_of(everything, day=day) for day in DAYS}
    for worker in made.values():
        worker.worth = 1
    yield made
    for worker in made.values():
        worker.close()


def drawn(seed: int, engine: Engine, rivals: dict[str, list[str]], day: date | None) -> dict[str, Any]:
    """A case with receipts for what it could claim."""
    chance = random.Random(seed)
    case = wider.generate(seed)
    case.pop("assessed", None)
    case.pop("received", None)
    decision = engine.decide(read_case(case, engine.vocabulary), day, engine="exact")
    claims = [item for item in decision.outcomes if item.status in ("granted", "superseded", "contingent")]
    latest = decision.as_of.year - 1
    received = []
    for item in chance.sample(claims, min(len(claims), chance.choice((0, 1, 1, 2, 3)))):
        assert item.standard is not None
        due = min(int((item.standard.high or item.standard.low or 100) * 100), MOST)
        fen = chance.choice((due, max(0, due - 1), due + 1, due // 2, 1, 0))
        receipt = {
            "measure": item.measure if chance.random() < 0.6 else chance.choice(rivals[item.measure]),
            "subject": item.subject,
            "amount": f"{fen // 100}.{fen % 100:02d}",
            "year": latest if chance.random() < 0.75 else latest - 1,
        }
        if chance.random() < 0.1:
            receipt.pop(chance.choice(("subject", "year")))
        received.append(receipt)
    return {**case, "received": received} if received else case


@pytest.mark.parametrize("part", range(PARTS))
def test_columns_agree_on_money_received(everything: Engine, workers: dict[date | None, Worker], part: int) -> None:
    day = DAYS[part % len(DAYS)]
    paying = [m for policy in everything.rulebooks.policies for m in policy.measures if m.kind in ("pay", "up_to")]
    lines = {measure.key: {line.name for line in measure.lines} for measure in paying}
    rivals = {key: [other for other, theirs in lines.items() if own & theirs] or [key] for key, own in lines.items()}
    seeds = range(part * SIZE, (part + 1) * SIZE)
    stated = [drawn(seed, everything, rivals, day) for seed in seeds]
    given = whole(numbered(stated, everything), everything)
    found = workers[day].decide(given, 0, True)
    handed = set(found.handed.tolist())
    outcomes, totals = by_exact(everything, given, handed, True, day)

    def tell(number: int) -> str:
        return f"seed {seeds[number]} on {day}\n{cases.to_yaml(stated[number])}"

    agree(found, outcomes, totals, tell)
    without = set(workers[day].decide({**given, "received": given["received"].slice(0, 0)}, 0, True).handed.tolist())
    receiving = {number for number, case in enumerate(stated) if case.get("received")} - without
    assert len(handed & receiving) < len(receiving) // 2, "most of what was received is settled in columns"
    counted = Counter(outcomes["status"].to_pylist())
    assert counted["received"], "no claim was received in full"
    assert counted["granted"] > counted["received"]
