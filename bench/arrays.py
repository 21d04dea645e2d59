"""The twelve rules over arrays by hand and by peers: every engine is given whole numbers of 64 bits and answers with the total in fen.

Results are kept per enterprise and rule; only then are they summed. Preparing an engine's own form of the numbers is not timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from rivals import openfisca_peer

FLAGS = (
    "leading_industry_project", "fills_gap", "retired_obsolete", "reached_production", "encouraged_transfer", "is_manufacturer",
    "smart_factory", "digital_effect",
)  # fmt: skip
MONEY = {
    "loan_interest": (250_000_000, 900_000_000), "lease_interest": (250_000_000, 900_000_000), "guarantee_fee": (400_000_000, 900_000_000),
    "equipment_payment": (2_000_000_000, 20_000_000_000), "fixed_asset_investment": (10_000_000_000, 20_000_000_000),
    "project_rd": (1_666_666_700, 20_000_000_000), "revenue": (2_000_000_000, 90_000_000_000), "rd_expense": (800_000_000, 3_000_000_000),
    "digital_investment": (125_000_000, 900_000_000), "chain_investment": (2_000_000_000, 20_000_000_000), "service_fee": (16_666_700, 40_000_000),
}  # fmt: skip
"""In fen: a threshold, and the most there is."""
Columns = Mapping[str, Any]
BLOCK = 100_000


def records(rows: int, seed: int = 20240601) -> Columns:
    """The flat records as whole numbers: fen, thousandths of a tonne and of a square metre. A third lie on a threshold or a fen beside it."""
    source = np.random.default_rng(seed)
    made: dict[str, Any] = {name: source.random(rows) < 0.6 for name in FLAGS}
    for name, (threshold, most) in MONEY.items():
        drawn = np.exp(source.uniform(np.log(most / 1000), np.log(most), rows)).astype(np.int64)
        kind = source.random(rows)
        near = threshold + source.integers(-1, 2, rows)
        made[name] = np.where(kind < 0.15, 0, np.where(kind < 0.5, near, drawn))
    same = source.random(rows) < 0.2
    made["chain_investment"] = np.where(same, made["equipment_payment"], made["chain_investment"])
    made["floor_area"] = source.integers(0, 50_000_000, rows) * 10
    made["carbon_reduction"] = np.where(source.random(rows) < 0.2, 0, source.integers(100_000, 9_000_000, rows))
    before, output_before = source.integers(20_000_000, 90_000_000, rows), source.integers(10**9, 10**12, rows)
    made["emissions_before"], made["output_before"] = before // 20 * 20, output_before // 20 * 20
    line = source.random(rows) < 0.1
    made["emissions"] = np.where(
        line, made["emissions_before"] // 20 * 19, (before * source.uniform(0.7, 1.2, rows)).astype(np.int64)
    )
    made["output"] = np.where(
        line, made["output_before"], (output_before * source.uniform(0.8, 1.3, rows)).astype(np.int64)
    )
    return made


SCALES = {"floor_area": 1000, "carbon_reduction": 1000, "emissions": 1000, "emissions_before": 1000}
"""How many of our whole numbers make one square metre or tonne; else 100 fen make a yuan."""


SQL = """
WITH due AS (SELECT
  CASE WHEN leading_industry_project AND loan_interest + lease_interest > 0
       THEN least(round(0.40 * (loan_interest + lease_interest), 2), 2000000.00) ELSE 0 END AS r1,
  CASE WHEN fills_gap AND guarantee_fee > 0 THEN least(round(0.50 * guarantee_fee, 2), 2000000.00) ELSE 0 END AS r2,
  CASE WHEN retired_obsolete AND equipment_payment > 0 THEN least(round(0.10 * equipment_payment, 2), 2000000.00) ELSE 0 END AS r3,
  CASE WHEN reached_production AND floor_area > 0 THEN round(75 * floor_area, 2) ELSE 0 END AS r4,
  CASE WHEN encouraged_transfer AND fixed_asset_investment > 0 THEN least(round(0.05 * fixed_asset_investment, 2), 5000000.00) ELSE 0 END AS r5,
  CASE WHEN is_manufacturer AND project_rd > 0 THEN least(round(0.30 * project_rd, 2), 5000000.00) ELSE 0 END AS r6,
  CASE WHEN revenue >= 20000000 AND rd_expense > 0 THEN least(round(0.10 * rd_expense, 2), 1000000.00) ELSE 0 END AS r7,
  CASE WHEN digital_effect AND digital_investment > 0
       THEN least(round(0.40 * digital_investment, 2), CASE WHEN smart_factory THEN 600000.00 ELSE 500000.00 END) ELSE 0 END AS r8,
  CASE WHEN emissions > 26000 AND carbon_reduction > 0
        AND emissions::DECIMAL(38, 3) * output_before * 100
         <= emissions_before::DECIMAL(38, 3) * output * 95
       THEN least(round(200 * carbon_reduction, 2), 1000000.00) ELSE 0 END AS r9,
  CASE WHEN chain_investment > 0 THEN least(round(0.10 * chain_investment, 2), 2000000.00) ELSE 0 END AS r10,
  CASE WHEN service_fee > 0 THEN least(round(0.30 * service_fee, 2), 50000.00) ELSE 0 END AS r11,
  CASE WHEN revenue >= 20000000 AND rd_expense >= 5000000 THEN least(round(0.12 * rd_expense, 2), 800000.00) ELSE 0 END AS r12
FROM flat)
SELECT r1, r2, CASE WHEN r10 > r3 THEN 0 ELSE r3 END AS r3, r4, r5, r6, CASE WHEN r12 > r7 THEN 0 ELSE r7 END AS r7, r8, r9,
       CASE WHEN r10 > r3 THEN r10 ELSE 0 END AS r10, r11, CASE WHEN r12 > r7 THEN r12 ELSE 0 END AS r12 FROM due
"""


def by_duckdb(columns: Columns, threads: int) -> Callable[[], int]:
    """The same by hand in SQL: the twelve amounts of every enterprise in DECIMAL, as Arrow."""
    connection = duckdb.connect(config={"threads": threads})
    counts = pa.table({name: pa.array(values) for name, values in columns.items()})
    parts = [
        name
        if name in FLAGS
        else f"({name}::DECIMAL(18, 0) / {SCALES.get(name, 100)})::DECIMAL(15, {3 if name in SCALES else 2}) AS {name}"
        for name in columns
    ]
    connection.execute("SET enable_progress_bar = false")
    connection.register("counts", counts)
    connection.execute(f"CREATE TABLE flat AS SELECT {', '.join(parts)} FROM counts")

    def run() -> int:
        found = connection.sql(SQL).to_arrow_table()
        connection.register("found", found)
        sums = ", ".join(f"sum({name})" for name in found.column_names)
        return int(sum(connection.sql(f"SELECT {sums} FROM found").fetchall()[0]) * 100)

    return run


def by_polars(columns: Columns, threads: int) -> Callable[[], int]:
    """Whole numbers of 64 bits; rule 9 in floats, as its products do not fit."""
    del threads
    frame = pl.DataFrame(dict(columns)).lazy()
    c = pl.col

    def half_up(amount: Any, of: int) -> Any:
        return (amount + of // 2) // of

    above = c("revenue") >= 2_000_000_000
    intensity = (
        c("emissions").cast(pl.Float64) * c("output_before") * 100
        <= c("emissions_before").cast(pl.Float64) * c("output") * 95
    )
    r = {
        1: (c("leading_industry_project"), half_up((c("loan_interest") + c("lease_interest")) * 2, 5), 200_000_000),
        2: (c("fills_gap"), half_up(c("guarantee_fee"), 2), 200_000_000),
        3: (c("retired_obsolete"), half_up(c("equipment_payment"), 10), 200_000_000),
        4: (c("reached_production"), half_up(c("floor_area") * 75, 10), None),
        5: (c("encouraged_transfer"), half_up(c("fixed_asset_investment"), 20), 500_000_000),
        6: (c("is_manufacturer"), half_up(c("project_rd") * 3, 10), 500_000_000),
        7: (above, half_up(c("rd_expense"), 10), 100_000_000),
        9: ((c("emissions") > 26_000_000) & intensity, c("carbon_reduction") * 20, 100_000_000),
        10: (pl.lit(True), half_up(c("chain_investment"), 10), 200_000_000),
        11: (pl.lit(True), half_up(c("service_fee") * 3, 10), 5_000_000),
        12: (above & (c("rd_expense") >= 500_000_000), half_up(c("rd_expense") * 12, 100), 80_000_000),
    }  # fmt: skip
    made = [
        pl.when(holds)
        .then(amount if cap is None else pl.min_horizontal(amount, pl.lit(cap)))
        .otherwise(0)
        .alias(f"r{number}")
        for number, (holds, amount, cap) in r.items()
    ]
    most = pl.when(c("smart_factory")).then(60_000_000).otherwise(50_000_000)
    made.append(
        pl.when(c("digital_effect"))
        .then(pl.min_horizontal(half_up(c("digital_investment") * 2, 5), most))
        .otherwise(0)
        .alias("r8")
    )
    plan = frame.select(made).with_columns(
        r3=pl.when(c("r10") > c("r3")).then(0).otherwise(c("r3")), r10=pl.when(c("r10") > c("r3")).then(c("r10")).otherwise(0),
        r7=pl.when(c("r12") > c("r7")).then(0).otherwise(c("r7")), r12=pl.when(c("r12") > c("r7")).then(c("r12")).otherwise(0),
    )  # fmt: skip
    return lambda: int(sum(plan.collect().sum().row(0)))


def by_numpy(columns: Columns, threads: int) -> Callable[[], int]:
    """Whole numbers of 64 bits in blocks; rule 9 in floats."""
    rows = len(columns["revenue"])
    result = np.empty((12, rows), dtype=np.int64)

    def block(start: int) -> int:
        v = {name: values[start : start + BLOCK] for name, values in columns.items()}
        r = result[:, start : start + BLOCK]

        def due(number: int, holds: Any, amount: Any, cap: Any) -> None:
            r[number - 1] = np.where(holds, amount if cap is None else np.minimum(amount, cap), 0)

        above = v["revenue"] >= 2_000_000_000
        fell = (
            v["emissions"].astype(float) * v["output_before"] * 100
            <= v["emissions_before"].astype(float) * v["output"] * 95
        )
        due(1, v["leading_industry_project"], ((v["loan_interest"] + v["lease_interest"]) * 2 + 2) // 5, 200_000_000)
        due(2, v["fills_gap"], (v["guarantee_fee"] + 1) // 2, 200_000_000)
        due(3, v["retired_obsolete"], (v["equipment_payment"] + 5) // 10, 200_000_000)
        due(4, v["reached_production"], (v["floor_area"] * 75 + 5) // 10, None)
        due(5, v["encouraged_transfer"], (v["fixed_asset_investment"] + 10) // 20, 500_000_000)
        due(6, v["is_manufacturer"], (v["project_rd"] * 3 + 5) // 10, 500_000_000)
        due(7, above, (v["rd_expense"] + 5) // 10, 100_000_000)
        due(
            8,
            v["digital_effect"],
            (v["digital_investment"] * 2 + 2) // 5,
            np.where(v["smart_factory"], 60_000_000, 50_000_000),
        )
        due(9, (v["emissions"] > 26_000_000) & fell, v["carbon_reduction"] * 20, 100_000_000)
        due(10, np.True_, (v["chain_investment"] + 5) // 10, 200_000_000)
        due(11, np.True_, (v["service_fee"] * 3 + 5) // 10, 5_000_000)
        due(12, above & (v["rd_expense"] >= 500_000_000), (v["rd_expense"] * 12 + 50) // 100, 80_000_000)
        for one, other in ((3, 10), (7, 12)):
            higher = r[other - 1] > r[one - 1]
            r[one - 1][higher] = 0
            r[other - 1][~higher] = 0
        return int(r.sum())

    def run() -> int:
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(block, range(0, rows, BLOCK)))

    return run


def by_pandas(columns: Columns, threads: int) -> Callable[[], int]:
    """Whole numbers of 64 bits; rule 9 in floats. One thread: pandas has no more."""
    del threads
    v = pd.DataFrame(dict(columns))

    def run() -> int:
        r = pd.DataFrame(index=v.index)

        def due(number: int, holds: Any, amount: Any, cap: Any) -> None:
            r[number] = (amount if cap is None else amount.clip(upper=cap)).where(holds, 0)

        above = v["revenue"] >= 2_000_000_000
        fell = (
            v["emissions"].astype(float) * v["output_before"] * 100
            <= v["emissions_before"].astype(float) * v["output"] * 95
        )
        all_ = pd.Series(True, index=v.index)
        most = pd.Series(50_000_000, index=v.index).mask(v["smart_factory"], 60_000_000)
        due(1, v["leading_industry_project"], ((v["loan_interest"] + v["lease_interest"]) * 2 + 2) // 5, 200_000_000)
        due(2, v["fills_gap"], (v["guarantee_fee"] + 1) // 2, 200_000_000)
        due(3, v["retired_obsolete"], (v["equipment_payment"] + 5) // 10, 200_000_000)
        due(4, v["reached_production"], (v["floor_area"] * 75 + 5) // 10, None)
        due(5, v["encouraged_transfer"], (v["fixed_asset_investment"] + 10) // 20, 500_000_000)
        due(6, v["is_manufacturer"], (v["project_rd"] * 3 + 5) // 10, 500_000_000)
        due(7, above, (v["rd_expense"] + 5) // 10, 100_000_000)
        due(8, v["digital_effect"], (v["digital_investment"] * 2 + 2) // 5, most)
        due(9, (v["emissions"] > 26_000_000) & fell, v["carbon_reduction"] * 20, 100_000_000)
        due(10, all_, (v["chain_investment"] + 5) // 10, 200_000_000)
        due(11, all_, (v["service_fee"] * 3 + 5) // 10, 5_000_000)
        due(12, above & (v["rd_expense"] >= 500_000_000), (v["rd_expense"] * 12 + 50) // 100, 80_000_000)
        for one, other in ((3, 10), (7, 12)):
            higher = r[other] > r[one]
            r[one], r[other] = r[one].mask(higher, 0), r[other].where(higher, 0)
        return int(r.to_numpy().sum())

    return run


def by_openfisca(form: str) -> Callable[[Columns, int], Callable[[], int]]:
    """OpenFisca-Core over arrays of floats of the given width, in yuan; the two pairs of rivals settled in numpy, each amount then rounded."""

    def make(columns: Columns, threads: int) -> Callable[[], int]:
        del threads
        calculate = openfisca_peer.arrays(form)
        number = np.dtype(form).type
        inputs = {
            name: values if name in FLAGS else (values / SCALES.get(name, 100)).astype(number)
            for name, values in columns.items()
        }

        def run() -> int:
            r = calculate(inputs)
            for one, other in ((3, 10), (7, 12)):
                higher = r[other] > r[one]
                r[one], r[other] = np.where(higher, 0, r[one]), np.where(higher, r[other], 0)
            return int(sum(np.floor(amount * 100.0 + 0.5).astype(np.int64).sum() for amount in r.values()))

        return run

    return make


PEERS: Mapping[str, Callable[[Columns, int], Callable[[], int]]] = {
    "DuckDB, SQL by hand in DECIMAL": by_duckdb,
    "Polars, whole numbers": by_polars,
    "numpy in blocks, whole numbers": by_numpy,
    "pandas, whole numbers": by_pandas,
    "OpenFisca-Core, float64": by_openfisca("float64"),
    "OpenFisca-Core, float32": by_openfisca("float32"),
}
