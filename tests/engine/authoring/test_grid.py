"""On random small rulebooks what is proven is what trying every case of a grid finds."""

from __future__ import annotations

import os
from datetime import date

import pytest

from conggao.engine import Engine
from conggao.engine.authoring.proof.questions import Question
from tests.engine.authoring import small
from tests.engine.rulebook.pages import engine

pytest.importorskip("z3", reason="z3 is not installed")

BOOKS = max(40, int(os.environ.get("CONGGAO_AGREEMENT", "20000")) // 400)
DAY = date(2025, 3, 1)


def tables(
    found: Engine,
) -> list[tuple[list[bool | None], tuple[int, int | None] | None, tuple[int, int | None] | None]]:
    """For every case of the grid: each condition, the amount after the cap and before it, in fen."""
    program = found.program
    compiled = program.policies[0][1][0]
    one = compiled.measure
    truths = [program.compiler.truth(item.node) for item in one.when]
    assert one.amount is not None
    before = program.compiler.interval(one.amount)
    rows: list[tuple[list[bool | None], tuple[int, int | None] | None, tuple[int, int | None] | None]] = []
    for case in small.grid():
        frame = program.subjects(found.read(case), DAY)["enterprise"][0].frame
        ends = before.read(frame)
        assert compiled.standard is not None
        whole = None if ends is None else (int(ends[0] * 100 // before.scale), None)
        rows.append(([truth(frame) for truth in truths], compiled.standard(frame), whole))
    return rows


def test_never_always_implied_are_what_every_case_of_the_grid_says() -> None:
    """The grid holds every order that two sums can have among the figures, so it is as good as all cases."""
    seen = {"can": 0, "cannot": 0, "always": 0, "implied": 0}
    for seed in range(BOOKS):
        when = small.conditions(seed)
        found = engine(small.rulebook(when, "1 元"))
        policy = found.rulebooks.policies[0]
        question = Question(found, found.rulebooks, policy, policy.measures[0])
        rows = [truths for truths, _, _ in tables(found)]
        possible = any(all(row) for row in rows)
        verdict, core = question.never
        assert verdict == ("can" if possible else "cannot"), when
        seen[verdict] += 1
        if not possible:
            assert not any(all(row[i] for i in core) for row in rows), (
                when,
                core,
                "the conditions named contradict each other",
            )
            assert len(core) == 1 or all(
                any(all(row[i] for i in core if i != left) for row in rows) for left in core
            ), (when, core, "and none of them is named in vain")
            continue
        idle = dict(question.idle_conditions())
        for index, because in idle.items():
            assert not any(all(row[i] for i in because) and row[index] is False for row in rows), (when, index, because)
            seen["implied" if because else "always"] += 1
        kept = [index for index in range(len(when)) if index not in idle]
        for index in kept:
            others = [i for i in kept if i != index]
            assert any(row[index] is False and all(row[i] for i in others) for row in rows), (
                when,
                index,
                "it is needed",
            )
    assert all(seen.values()), seen


def test_a_cap_binds_where_some_case_of_the_grid_exceeds_it() -> None:
    seen = {"can": 0, "cannot": 0}
    for seed in range(BOOKS // 2):
        when, cap = small.conditions(seed), f"{seed % 5} 元"
        found = engine(small.rulebook(when, small.amount(seed), cap))
        policy = found.rulebooks.policies[0]
        question = Question(found, found.rulebooks, policy, policy.measures[0])
        if question.never[0] != "can":
            continue
        exceeded = any(
            all(truths) and whole is not None and whole[0] > seed % 5 * 100 for truths, _, whole in tables(found)
        )
        assert exceeded <= (question.cap_binds() == "can"), (when, small.amount(seed), cap)
        if question.cap_binds() == "cannot":
            assert not exceeded
        seen[question.cap_binds()] += 1
    assert all(seen.values()), seen


def test_a_cliff_is_a_case_on_each_side_that_the_exact_engine_pays_so() -> None:
    """One yuan more of the fact, over one yuan less of support; and no pair of neighbours on the grid is missed."""
    shown = 0
    for seed in range(BOOKS // 4):
        found = engine(small.rulebook(small.conditions(seed), "3 元"))
        policy = found.rulebooks.policies[0]
        question = Question(found, found.rulebooks, policy, policy.measures[0])
        if question.never[0] != "can":
            continue
        paid = {}
        for case, (truths, standard, _) in zip(small.grid(), tables(found), strict=True):
            report = case["reports"][0]
            key = (case["enterprise"]["newly_settled"], report["rd_expense"], report["main_business_revenue"])
            paid[key] = (standard[0] if standard else 0) if all(truths) else 0
        for address in question.money_facts():
            place = 1 if address[0].name == "rd_expense" else 2
            drops = any(amount - paid.get(_more(key, place), amount) > 100 for key, amount in paid.items())
            cliff = question.cliff(address)
            assert (cliff is not None) >= drops, (small.conditions(seed), address)
            if cliff is not None:
                before, after = (question.standard(case) for case in cliff)
                assert before is not None
                assert after is not None
                assert before - after > 1
                shown += 1
    assert shown


def _more(key: tuple[bool, str, str], place: int) -> tuple[bool, str, str]:
    number = float(key[place]) + 1  # halves are exact in binary
    text = f"{number:g}"
    return (key[0], text, key[2]) if place == 1 else (key[0], key[1], text)
