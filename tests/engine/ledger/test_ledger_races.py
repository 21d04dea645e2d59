"""Thirty-two writers at once: never over, never twice, never lost; and nothing is refused that could have been paid.

Every round is an enterprise of its own, decided by each office for itself and before any of them pays, so that every decision is stale by
the time it is awarded under. Writers are processes: nothing but the database stands between them.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import warnings
from collections.abc import Callable
from decimal import Decimal
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conggao.engine.ledger import Ledger, PastAward
from tests.conftest import AGREEMENT
from tests.engine.ledger.offices import case, credit_code, office, yuan

WRITERS = 32
ROUNDS = 3 if AGREEMENT <= 20_000 else AGREEMENT // 2000
"""Of each kind."""


class Try(NamedTuple):
    """What one writer asks for in one round."""

    decision: int
    measure: str
    subject: str
    amount: Decimal


class Told(NamedTuple):
    """What it was answered."""

    round: int
    writer: int
    awarded: bool
    entry: int
    amount: Decimal
    way: tuple[int, ...]


def last_of_a_cap(ledger: Ledger, number: int, draw: random.Random) -> list[Try]:
    """950,000 of a million are paid; each of 32 projects asks for some of the last 50,000."""
    city = office("city")
    before = ledger.record(
        case(number, projects=[{"id": "P0", "fixed_asset_investment": 950_000}]), engine=city, evaluator="exact"
    )
    assert ledger.award(before.entry, "capped").status == "awarded"
    tries = []
    for writer in range(WRITERS):
        amount = draw.choice((1, 7_000, 12_345, 20_000, 49_999, 50_000))
        facts = case(number, projects=[{"id": f"P{writer + 1}", "fixed_asset_investment": amount}])
        kept = ledger.record(facts, engine=city, evaluator="exact")
        tries.append(Try(kept.entry, "city-x/capped", f"project:P{writer + 1}", yuan(amount)))
    return tries


def one_prize(ledger: Ledger, number: int, draw: random.Random) -> list[Try]:
    """Every office has granted the prize that is paid once."""
    facts = case(number, chain_leader=True)
    kept = [ledger.record(facts, engine=office("city"), evaluator="exact") for _ in range(WRITERS)]
    return [Try(item.entry, "city-x/prize", "enterprise", yuan(300_000)) for item in kept]


def one_line(ledger: Ledger, number: int, draw: random.Random) -> list[Try]:
    """City and region pay for the same machine, 200,000 and 150,000; some ask for the top-up alone."""
    facts = case(number, projects=[{"id": "P1", "equipment_payment": 1_000_000}])
    city = ledger.record(facts, engine=office("city"), evaluator="exact").entry
    region = ledger.record(facts, engine=office("region"), evaluator="exact").entry
    tries = []
    for _ in range(WRITERS):
        level, amount = draw.choice((("city", 200_000), ("city", 50_000), ("region", 150_000)))
        tries.append(Try(city if level == "city" else region, f"{level}-x/machine", "project:P1", yuan(amount)))
    return tries


KINDS: dict[str, Callable[[Ledger, int, random.Random], list[Try]]] = {
    "cap": last_of_a_cap,
    "once": one_prize,
    "line": one_line,
}
LIMIT = {"cap": yuan(50_000), "once": yuan(300_000), "line": yuan(200_000)}


def attempt(ledger: Ledger, at: int, writer: int, wanted: Try) -> Told:
    answer = ledger.award(wanted.decision, wanted.measure, wanted.subject, wanted.amount, key=f"{at}-{writer}")
    way = tuple(item.entry for item in answer.in_the_way)
    return Told(at, writer, answer.status == "awarded", answer.entry, answer.amount, way)


def writes(url: str, writer: int, plan: list[list[Try]], barrier: Any, told: SimpleQueue[Told | str]) -> None:
    """One writer: a process with a ledger of its own."""
    try:
        with Ledger.open(url) as ledger:
            for at, tries in enumerate(plan):
                barrier.wait(60)
                told.put(attempt(ledger, at, writer, tries[writer]))
    except BaseException as error:
        told.put(repr(error))
        raise


@pytest.mark.parametrize("kind", KINDS)
def test_processes_race(url: str, kind: str) -> None:
    draw = random.Random(kind)
    with Ledger.open(url) as ledger:
        plan = [KINDS[kind](ledger, number, draw) for number in range(ROUNDS)]
    context = multiprocessing.get_context("fork")
    barrier, told = context.Barrier(WRITERS), context.SimpleQueue()
    writers = [context.Process(target=writes, args=(url, writer, plan, barrier, told)) for writer in range(WRITERS)]
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # forking beside threads: the children open their own connections
        for writer in writers:
            writer.start()
    answers: list[Told] = []
    try:
        for _ in range(WRITERS * ROUNDS):
            answer = told.get()
            assert not isinstance(answer, str), answer
            answers.append(answer)
    finally:
        for writer in writers:
            writer.join(30)
            if writer.is_alive():
                writer.kill()
    assert all(writer.exitcode == 0 for writer in writers)
    with Ledger.open(url) as ledger:
        holds(ledger, kind, plan, answers)


@pytest.mark.parametrize("kind", KINDS)
def test_threads_race(tmp_path: Path, kind: str) -> None:
    draw = random.Random(kind)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        plan = [KINDS[kind](ledger, 0, draw)]
        answers: list[Told] = []

        def write(writer: int) -> None:
            answers.append(attempt(ledger, 0, writer, plan[0][writer]))

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        holds(ledger, kind, plan, answers)


def holds(ledger: Ledger, kind: str, plan: list[list[Try]], answers: list[Told]) -> None:
    assert len(answers) == WRITERS * len(plan)
    for at, tries in enumerate(plan):
        told = [answer for answer in answers if answer.round == at]
        paid = {award.entry: award for award in ledger.history(credit_code(at)).awards}
        first: list[PastAward] = [award for award in paid.values() if award.subject == "project:P0"]
        won = [answer for answer in told if answer.awarded]
        assert {answer.entry for answer in won} | {award.entry for award in first} == set(paid), (
            "answers and ledger agree"
        )
        assert all(paid[answer.entry].amount == tries[answer.writer].amount for answer in won), "never lost"
        total = sum((answer.amount for answer in won), Decimal(0))
        assert total <= LIMIT[kind], "never over"
        assert won, "someone must win"
        if kind == "once":
            assert len(won) == 1, "never twice"
        left = LIMIT[kind] - total
        for answer in told:
            if not answer.awarded:
                # What is left only shrinks, so what was rightly refused would not fit now either.
                most = (
                    left
                    if kind != "line" or "city" in tries[answer.writer].measure
                    else max(yuan(0), yuan(150_000) - total)
                )
                assert tries[answer.writer].amount > most, "nothing is refused that could have been paid"
                assert answer.way, "a refusal names what is in the way"
                assert set(answer.way) <= set(paid)
                assert all(entry < answer.entry for entry in answer.way)
        for writer, wanted in enumerate(tries[:4]):
            again = attempt(ledger, at, writer, wanted)
            before = next(answer for answer in told if answer.writer == writer)
            assert again == before, "the same key answers the same"
    verdict = ledger.verify()
    assert verdict.holds, verdict.findings
