"""Spark says what the exact evaluator says: every operator over the grid, and all rulebooks over cases that hug thresholds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("ibis", reason="the extra `batch` is not installed")
pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("there is no Java", allow_module_level=True)

from conggao.engine import Engine
from tests.agreement import wider
from tests.agreement.columns import agree, by_exact, hold, numbered, worker_of
from tests.agreement.test_columnar import whole
from tests.agreement.test_columnar_operators import grid, product_of, rules
from tests.conftest import AGREEMENT
from tests.engine.rulebook.pages import engine as engine_of

MANY = max(300, AGREEMENT // 100)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from conggao.engine.evaluate.columnar.spark import connect

    session = connect("local[2]")
    session.conf.set("spark.sql.shuffle.partitions", "2")
    yield session
    session.stop()


def test_operators_agree_on_spark(spark: Any) -> None:
    made = engine_of(rules())
    cases = grid()
    handed = hold(made, worker_of(made, "spark"), cases)
    assert handed == {at for at, case in enumerate(cases) if product_of(case["enterprise"]) > 10**18}


def test_all_rulebooks_agree_on_spark(everything: Engine, spark: Any) -> None:
    stated = [wider.generate(seed) for seed in range(MANY)]
    for case in stated:
        case.pop("received", None)
        case.pop("assessed", None)
    given = whole(numbered(stated, everything), everything)
    found = worker_of(everything, "spark").decide(given, 0, True)
    outcomes, totals = by_exact(everything, given, set(found.handed.tolist()), True)
    agree(found, outcomes, totals, lambda number: str(stated[number]))
    assert len(found.handed) < MANY * 3 // 4
