"""columnar = exact, row for row: statuses, standards, amounts, what stands in whose way, who pays, and the totals of every enterprise.

The cases are those of the other agreement tests as tables. Most are brought to whole fen and thousandths, as tables of a province are, so
that they are decided in columns; the rest keep their thousand-millionths and show that what cannot be counted is handed over.
`CONGGAO_AGREEMENT` is the number of cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")

from conggao.engine import Engine  # noqa: E402
from conggao.engine.evaluate.columnar import ordering  # noqa: E402
from conggao.engine.evaluate.columnar.evaluator import Worker  # noqa: E402
from conggao.engine.evaluate.columnar.schema import MOST, unit  # noqa: E402
from conggao.facts.diagnostics import InputFaults  # noqa: E402
from conggao.facts.tables.schema import tables as known_tables  # noqa: E402
from tests.agreement import cases, wider  # noqa: E402
from tests.agreement.columns import agree, by_exact, numbered, worker_of  # noqa: E402
from tests.conftest import AGREEMENT  # noqa: E402

SIZE = 1_000
CASES = max(SIZE, AGREEMENT // 4)
PARTS = CASES // SIZE


DAYS = (None, date(2025, 3, 1), date(2026, 9, 1), date(2024, 12, 31))
"""Every enterprise on the day it states; or all on one, for which less is compiled."""


@pytest.fixture(scope="module")
def workers(everything: Engine) -> Iterable[dict[date | None, Worker]]:
    made = {day: worker_of(everything, day=day) for day in DAYS}
    yield made
    for worker in made.values():
        worker.close()


def whole(given: dict[str, Any], engine: Engine) -> dict[str, Any]:
    """The tables with every quantity a whole number of its smallest unit, and none beyond what is counted."""
    result = {}
    for name, table in given.items():
        made = table
        for column in known_tables(engine.vocabulary)[name].columns:
            if column.kind == "quantity" and column.name in table.column_names:
                each = unit(column.fact.dimension)
                values = [None if x is None else tamed(x, each) for x in table[column.name].to_pylist()]
                place = table.column_names.index(column.name)
                made = made.set_column(place, column.name, pa.array(values, column.type))
        result[name] = made
    return result


def tamed(value: Decimal, each: int) -> Decimal:
    count = int((value * each).to_integral_value(ROUND_FLOOR)) % MOST
    return Decimal(count) / each


@pytest.mark.parametrize("part", range(PARTS))
def test_columns_agree_with_the_exact_evaluator(
    everything: Engine, workers: dict[date | None, Worker], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "PIECE", 300)
    day = DAYS[part % len(DAYS)]
    seeds = range(part * SIZE, (part + 1) * SIZE)
    stated = [(wider if seed % 4 else cases).generate(seed) for seed in seeds]
    for seed, case in zip(seeds, stated, strict=True):
        if seed % 5:  # of what was decided, and most that was received, the exact evaluator must decide
            case.pop("assessed", None)
            if seed % 2:
                case.pop("received", None)
    given = numbered(stated, everything)
    if part % 5 != 4:
        given = whole(given, everything)
    every = part % 2 == 1
    found = workers[day].decide(given, 0, every)
    outcomes, totals = by_exact(everything, given, set(found.handed.tolist()), every, day)

    def tell(number: int) -> str:
        return f"seed {seeds[number]} on {day}\n{cases.to_yaml(stated[number])}"

    agree(found, outcomes, totals, tell)
    assert len(set(totals["case_no"].to_pylist())) + len(found.handed) == SIZE, "each is decided here or handed over"
    if part % 5 != 4:
        assert len(found.handed) < SIZE * 3 // 4, "a good part is decided in columns"
        counted = Counter(outcomes["status"].to_pylist())
        for status in (
            "granted",
            "contingent",
            "superseded",
            "undetermined",
            "not_in_force",
            "exhausted",
            "service",
            "programme",
        ):
            assert counted[status], f"no case of {status} was decided in columns"


PROJECT = {
    "id": "P1",
    "purposes": ["equipment_renewal"],
    "replaces_obsolete_equipment": True,
    "equipment_payment": 10**7,
}
"""1 million yuan of the city for it; a ceiling of 20% of its investment would lie at 5 million."""


def test_a_ceiling_is_a_matter_for_the_exact_evaluator_only_where_it_may_bind(
    everything: Engine, workers: dict[date | None, Worker]
) -> None:
    def case(pilot: bool | None, *projects: dict[str, Any]) -> dict[str, Any]:
        return {"as_of": "2025-03-01", "enterprise": {"in_pilot_city": pilot}, "projects": list(projects)}

    above = {**PROJECT, "total_investment": "5000000"}
    binds = {**PROJECT, "total_investment": "4999999.99"}
    # Who does not say that it is in a pilot city is in none.
    free = [
        case(True, above), case(False, binds), case(None, {"id": "P1"}), case(True, {"id": "P1"}), case(True, above, {"id": "P2"}),
        case(False, PROJECT), case(None, binds), case(None, PROJECT),
    ]  # fmt: skip
    bound = [case(True, binds), case(True, PROJECT), case(True, above, {**binds, "id": "P2"})]
    # It counts what was received under measures that have nothing else to do with the claim.
    paid = {"measure": "ningxia-technology-trade-2023/buyer", "subject": "project:P1", "year": 2022, "amount": 1}
    bound += [{**case(True, above), "received": [paid]}]
    free += [{**case(False, above), "received": [paid]}]
    given = numbered([*free, *bound], everything)
    found = workers[None].decide(given, 0)
    assert found.handed.tolist() == list(range(len(free), len(free) + len(bound)))
    agree(found, *by_exact(everything, given, set(found.handed.tolist()), False), lambda number: str(free[number]))


def test_what_cannot_be_decided_in_columns_is_handed_over(
    everything: Engine, workers: dict[date | None, Worker]
) -> None:
    research = {"year": 2024, "rd_expense": 1000, "main_business_revenue": 3 * 10**7}
    plain = {"as_of": "2025-03-01", "enterprise": {"industry": "3825"}, "reports": [research]}
    beside = {"measure": "yinchuan-2024-2/13", "amount": 1}
    odd: list[dict[str, Any]] = [
        {**plain, "received": [beside, {"measure": "yinchuan-2024-2/8a", "amount": 1}]},
        {**plain, "assessed": [{"measure": "yinchuan-2024-2/13", "subject": "enterprise", "amount": 1}]},
        {**plain, "received": [{"measure": "of-another-place/1", "amount": 1}]},
        {**plain, "reports": [{**research, "rd_expense": "1000.001"}]},
        {**plain, "reports": [{**research, "rd_expense": 10**13}]},
        {key: value for key, value in plain.items() if key != "as_of"},
        {**plain, "enterprise": {"in_pilot_city": True}, "projects": [PROJECT]},
    ]
    last = {**plain, "received": [beside]}
    found = workers[None].decide(numbered([plain, *odd, last], everything), 0)
    assert found.handed.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert set(found.tabled.totals["case_no"].to_pylist()) == {0, 8}, (
        "what was received for no claim of theirs changes nothing"
    )
    with pytest.raises(InputFaults):
        everything.decide(odd[5], engine="exact")
