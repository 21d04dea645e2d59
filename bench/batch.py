"""Very many enterprises: the twelve rules of the comparison from memory, beside DuckDB, Polars and numpy by hand, and all rulebooks over the
tables of a synthetic province, Parquet to Parquet. All in one run; totals compared to the fen.

python bench/batch.py [--rows N ...] [--province N] [--threads N]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from conggao.engine import Engine
from conggao.engine.evaluate.columnar.plan import plan_of
from conggao.engine.evaluate.columnar.resolving import GRANTED
from conggao.engine.evaluate.columnar.schema import CASE, DAY, ODD
from conggao.engine.evaluate.columnar.session import Session

PAGE = Path(__file__).resolve().parent / "yinchuan-12.md"
ON = date(2025, 3, 1)
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


def by_conggao(columns: Columns, threads: int) -> Callable[[], int]:
    """Statuses and amounts of every measure for every enterprise, as Arrow."""
    plan = plan_of(Engine([PAGE]).program)
    rows = len(columns["revenue"])
    day = pa.array(np.full(rows, (ON - date(1970, 1, 1)).days, dtype=np.int32)).cast(pa.date32())
    given = {CASE: np.arange(rows), DAY: day, ODD: np.zeros(rows, dtype=bool), "county": pa.nulls(rows, pa.string())}
    enterprises = pa.table({**given, **{name: pa.array(values) for name, values in columns.items()}})
    tables = {name: _nothing(needs, name) for name, needs in plan.needs.items()}
    tables["enterprises"] = enterprises
    session = Session(plan, threads)

    def run() -> int:
        total = 0
        for start in range(0, rows, 1_000_000):
            tables["enterprises"] = enterprises.slice(start, 1_000_000)
            found = session.run(tables)["enterprise"]
            assert not np.any(found["_hand"].to_numpy()), "all are decided in columns"
            for member in plan.members["enterprise"]:
                granted = found[f"s{member.number}"].to_numpy() == GRANTED
                total += int(found[f"l{member.number}"].fill_null(0).to_numpy()[granted].sum())
        return total

    return run


def _nothing(needs: Any, name: str) -> pa.Table:
    from conggao.engine.evaluate.columnar.counting import counted

    return counted(
        pa.table({CASE: pa.array([], pa.int64())}),
        needs,
        {DAY: pa.array([], pa.date32())} if name == "enterprises" else None,
    )


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
    scales = {
        "floor_area": (1000, 3),
        "carbon_reduction": (1000, 3),
        "emissions": (1000, 3),
        "emissions_before": (1000, 3),
    }
    parts = [
        name
        if name in FLAGS
        else f"({name}::DECIMAL(18, 0) / {scales.get(name, (100, 2))[0]})::DECIMAL(15, {scales.get(name, (100, 2))[1]}) AS {name}"
        for name in columns
    ]
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


ENGINES = {
    "conggao": by_conggao,
    "DuckDB, SQL by hand in DECIMAL": by_duckdb,
    "Polars, whole numbers": by_polars,
    "numpy in blocks": by_numpy,
}


def twelve(rows: int, threads: int, rounds: int) -> None:
    """Every engine on the same records; times as ratios to our own."""
    columns = records(rows)
    print(f"\ntwelve rules, {rows:,} rows from memory, {threads} threads, median of {rounds}")
    ours: tuple[float, int] | None = None
    for name, make in ENGINES.items():
        run = make(columns, threads)
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            total = run()
            times.append(time.perf_counter() - began)
        middle = statistics.median(times)
        ours = ours or (middle, total)
        off = "" if total == ours[1] else f"  total off by {total - ours[1]:,} fen"
        print(f"  {name:34} {rows / middle / 1e6:7.2f} M rows/s   {ours[0] / middle:5.2f} × conggao{off}")


def province(count: int) -> None:
    """All rulebooks over the tables of a province: checked Parquet in, outcomes and totals as Parquet out."""
    from conggao.engine.batch.columns import compiled
    from conggao.engine.batch.deciding import decide_tables
    from conggao.facts.population import write_population
    from conggao.facts.tables.checking import check

    with TemporaryDirectory(prefix="conggao-bench-") as temporary:
        folder = Path(temporary)
        for name in ("work", "made"):
            (folder / name).mkdir()
        engine = Engine()
        write_population(count, folder / "province", engine.vocabulary)
        checked = timed(
            f"reading and checking {count:,}",
            count,
            lambda: check(folder / "province", folder / "work", engine.vocabulary),
        )
        columnar = timed("compiling the rules", None, lambda: compiled(engine))
        assert columnar is not None
        timed("statements", None, lambda: [edition.plan.sql("duckdb") for edition in columnar.editions])
        done = timed(f"deciding {count:,}", count, lambda: decide_tables(checked, engine, folder / "made", ON))
        print(
            f"  handed to the exact evaluator: {done.by_exact / count:.2%}; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB"
        )


def timed(what: str, count: int | None, work: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    result = work()
    took = time.perf_counter() - began
    print(
        f"  {what:34} {took:7.2f} s" + ("" if count is None else f"   {count / took:10,.0f} enterprises/s"), flush=True
    )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--province", type=int, default=300_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for rows in given.rows:
        twelve(rows, given.threads, given.rounds)
    if given.province:
        print(f"\nall rulebooks, {given.province:,} enterprises")
        province(given.province)


if __name__ == "__main__":
    main()
