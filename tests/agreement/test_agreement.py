"""forward = exact = oracle, on statuses, standards, amounts, totals and missing facts, over generated cases that hug the thresholds.

The oracle is MEASURES.md written down once more in plain Python; it shares no code with the engine. A mismatch prints a case file that
reproduces it. `CONGGAO_AGREEMENT` is the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from conggao.engine import Decision, Engine
from conggao.engine.decision import Range
from conggao.facts.loading import read_case
from tests.agreement import cases, oracle
from tests.conftest import AGREEMENT

PARTS = 8


def fen(value: Decimal | None) -> int | None:
    return None if value is None else int(value * 100)


def ends(value: Range | None) -> tuple[int | None, int | None] | None:
    return None if value is None else (fen(value.low), fen(value.high))


def rows(decision: Decision) -> dict[tuple[str, str | None], tuple[Any, ...]]:
    """What is compared of every outcome, by measure and subject."""
    return {
        (item.measure.rpartition("/")[2], item.subject): (
            item.status,
            ends(item.standard),
            ends(item.amount),
            tuple(sorted(item.missing)),
            tuple(sorted(name.rpartition("/")[2] for name in item.superseded_by)),
        )
        for item in decision.outcomes
    }


def wanted(result: Any) -> dict[tuple[str, str | None], tuple[Any, ...]]:
    return {
        key: (
            row.status,
            row.standard,
            row.amount,
            tuple(sorted(row.missing)),
            tuple(sorted(m if who == key[1] else f"{m}@{who}" for m, who in row.superseded_by)),
        )
        for key, row in result.rows.items()
    }


def alike(first: Decision, second: Decision) -> bool:
    """The same comparison, without making texts of what is equal."""
    return all(
        a.measure == b.measure
        and a.subject == b.subject
        and a.status == b.status
        and _same(a.standard, b.standard)
        and _same(a.amount, b.amount)
        and a.missing == b.missing
        and a.superseded_by == b.superseded_by
        for a, b in zip(first.outcomes, second.outcomes, strict=True)
    )


def _same(a: Range | None, b: Range | None) -> bool:
    return a is b if a is None or b is None else (a.low, a.high) == (b.low, b.high)


def join(lines: list[str]) -> str:
    return "\n".join(lines)


def differences(first: dict[Any, Any], second: dict[Any, Any]) -> Iterator[str]:
    for key in sorted({*first, *second}, key=str):
        if first.get(key) != second.get(key):
            yield f"{key}: {first.get(key)} against {second.get(key)}"


@pytest.mark.parametrize("part", range(PARTS))
def test_two_engines_and_the_oracle_agree(engine: Engine, part: int) -> None:
    assert engine.forward.unavailable is None, "this test is of durable-rules too"
    statuses: set[str] = set()
    for seed in range(part, AGREEMENT, PARTS):
        stated = cases.generate(seed)
        case = read_case(stated, engine.vocabulary)
        exact = engine.decide(case, engine="exact")
        found = rows(exact)

        def text(seed: int = seed, stated: Any = stated) -> str:
            return f"seed {seed}\n{cases.to_yaml(stated)}"

        law = oracle.decide(stated)
        told = list(differences(found, wanted(law)))
        assert not told, f"exact against the oracle:\n{join(told)}\n{text()}"
        totals = {name: ends(total) for name, total in exact.totals.items() if total.high != 0}
        assert totals == {name: total for name, total in law.totals.items() if total[1] != 0}, text()
        awards = engine.awards(case, engine="exact").awards
        money = {(m.rpartition("/")[2], who): (a.status, (a.low, a.high)) for (m, who), a in awards.items()}
        assert money == {key: (row[0], row[2]) for key, row in found.items() if row[1] is not None}, text()
        forward = engine.decide(case, engine="forward")
        told = [] if alike(forward, exact) else list(differences(rows(forward), found))
        assert not told, f"forward against exact:\n{join(told)}\n{text()}"
        assert forward.totals == exact.totals, text()
        statuses |= {item.status for item in exact.outcomes}
        fired = {(item.rule.rpartition("/")[2], item.subject) for item in forward.fired or ()}
        true = {
            key for key, row in found.items() if row[0] in {"granted", "superseded", "received", "exhausted", "service"}
        }
        assert true <= fired, f"decided, but not fired: {true - fired}\n{text()}"
    if AGREEMENT >= 8000:
        missed = {
            "granted",
            "superseded",
            "received",
            "exhausted",
            "unmet",
            "undetermined",
            "service",
            "programme",
            "not_in_force",
        } - statuses
        assert not missed, "the cases reach every status"
