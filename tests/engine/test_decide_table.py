"""`decide_table` says what `decide` says, from and to every kind of table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")

from conggao.engine import Engine  # noqa: E402
from conggao.engine.batch import columns  # noqa: E402
from conggao.facts.diagnostics import InputFaults  # noqa: E402


def given() -> dict[str, Any]:
    from conggao.facts.population.province import credit_codes

    keys = credit_codes(1, 3).to_pylist()
    return {
        "enterprises": pa.table({"credit_code": keys, "industry": ["3825", "4610", "3421"]}),
        "reports": pa.table({
            "credit_code": keys, "year": [2024] * 3, "main_business_revenue": ["3 亿元", "20000000", "19999999.99"],
            "rd_expense": ["1200 万元", "100.05", "500"],
        }),
        "received": pa.table({
            "credit_code": [keys[1]], "measure": ["yinchuan-2024-2/8a"], "subject": ["enterprise"], "amount": [1], "year": [2024],
        }),
    }  # fmt: skip


def as_form(table: Any, form: str) -> Any:
    if form == "polars":
        return pytest.importorskip("polars").from_arrow(table)
    if form == "pandas":
        pytest.importorskip("pandas")
        return table.to_pandas()
    return pytest.importorskip("ibis").memtable(table) if form == "ibis" else table


@pytest.mark.parametrize("form", ["arrow", "ibis", "polars", "pandas"])
@pytest.mark.parametrize("evaluator", ["exact", "columnar"])
def test_tables_of_every_form_are_decided(
    engine: Engine, form: str, evaluator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if evaluator == "columnar":
        pytest.importorskip("ibis", reason="the extra `batch` is not installed")
        monkeypatch.setattr(columns, "WORTH", 0)
    stated = given()
    found = engine.decide_table({name: as_form(table, form) for name, table in stated.items()}, "2025-03-01")
    assert found.evaluator == evaluator
    assert found.by_exact == (1 if evaluator == "columnar" else 0), "who has received money is decided exactly"
    plain = engine.decide_table(stated, "2025-03-01", into="arrow")
    assert type(found.outcomes).__module__.partition(".")[0] == {"arrow": "pyarrow"}.get(form, form)
    from conggao.engine.batch.frames import to_arrow

    assert to_arrow(found.totals).to_pylist() == plain.totals.to_pylist()
    assert to_arrow(found.outcomes)["status"].to_pylist() == plain.outcomes["status"].to_pylist()
    keys = stated["enterprises"]["credit_code"].to_pylist()
    paid = {row["credit_code"]: row["low"] for row in plain.totals.to_pylist()}
    assert paid == {keys[0]: Decimal("1000000.00"), keys[1]: Decimal("9.01"), keys[2]: Decimal("0.00")}


def test_rows_that_cannot_be_taken_come_back(engine: Engine) -> None:
    stated = given()
    wrong = stated["reports"].set_column(3, "rd_expense", pa.array(["1200 吨", "1", "2"]))
    found = engine.decide_table({**stated, "reports": wrong}, "2025-03-01")
    assert found.decided == 2
    assert found.rejected["field"].to_pylist() == ["rd_expense"]
    with pytest.raises(InputFaults, match="mass"):
        engine.decide_table({**stated, "reports": wrong}, "2025-03-01", strict=True)


def test_what_is_no_table_is_refused(engine: Engine) -> None:
    stated = given()
    with pytest.raises(InputFaults) as caught:
        engine.decide_table({"enterprises": [1], "reprots": stated["reports"]}, "2025-03-01")
    assert sorted(item.code for item in caught.value.diagnostics) == ["table/kind", "table/unknown"]
    with pytest.raises(InputFaults, match="enterprises"):
        engine.decide_table({"reports": stated["reports"]}, "2025-03-01")
    with pytest.raises(InputFaults, match="into"):
        engine.decide_table(stated, "2025-03-01", into="excel")
    with pytest.raises(InputFaults):
        engine.decide_table(stated)
