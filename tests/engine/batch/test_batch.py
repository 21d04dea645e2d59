"""A batch is so many decisions: the same to the fen, whatever the form of the input; what cannot be taken is named; a reform adds up."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conggao.engine import Engine
from conggao.engine.batch.reform import Reform, run_reforms
from conggao.engine.batch.run import Options, run_batch
from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.engine.whatif import amended_engine
from conggao.facts.diagnostics import InputFaults
from conggao.facts.loading import read_case
from conggao.facts.population import write_population
from tests.cli.console import ROOT, run
from tests.conftest import AGREEMENT

pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("duckdb", reason="duckdb is not installed")

COUNT = max(300, AGREEMENT // 200)
KILLS = max(2, AGREEMENT // 20_000)
DAY = date(2025, 3, 1)
OPTIONS = Options(day=DAY, workers=1)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province") / "parquet"
    write_population(COUNT, folder, shipped_vocabulary(), seed=11)
    return folder


def read(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return found


def paid(path: Path) -> dict[tuple[str, str, str], tuple[str, Decimal | None, Decimal | None]]:
    rows = read(path)
    return {
        (r["credit_code"], r["measure"], r["subject"] or ""): (r["status"], r["amount_low"], r["amount_high"])
        for r in rows
    }


def whole(folder: Path) -> dict[str, bytes]:
    """The files of a folder; a workbook holds the time at which it was made."""
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.suffix != ".xlsx"}


def test_every_outcome_is_that_of_the_single_decision(everything: Engine, tmp_path: Path) -> None:
    source, out = tmp_path / "cases", tmp_path / "out"
    write_population(COUNT, source, everything.vocabulary, seed=5, form="jsonl")
    (file,) = source.glob("*.jsonl")
    run_batch(file, out, everything, Options(day=DAY, everything=True, why=True, workers=1))
    found = paid(out / "outcomes.parquet")
    totals = {(r["credit_code"], r["recipient"]): (r["low"], r["high"]) for r in read(out / "totals.parquet")}
    seen = 0
    for line in file.read_text("utf-8").splitlines():
        case = read_case({k: v for k, v in json.loads(line).items() if not k.startswith("_")}, everything.vocabulary)
        decision = everything.decide(case, DAY, engine="exact")
        assert case.enterprise is not None
        code = case.enterprise.credit_code or ""
        for item in decision.outcomes:
            if item.status in ("programme", "not_in_force"):
                continue
            amount = (None, None) if item.amount is None else (item.amount.low, item.amount.high)
            assert found[code, item.measure, item.subject or ""] == (item.status, *amount)
            seen += 1
        for name, total in decision.totals.items():
            assert totals.get((code, name), (0, 0)) == (total.low, total.high)
    assert seen > COUNT


def test_the_form_of_the_input_changes_nothing(everything: Engine, province: Path, tmp_path: Path) -> None:
    """Parquet, CSV and JSONL of the same province, more processes or one, and a workbook with Chinese headers: the same outcomes."""
    run_batch(province, tmp_path / "first", everything, OPTIONS)
    expected = paid(tmp_path / "first" / "outcomes.parquet")
    for form in ("csv", "jsonl"):
        write_population(COUNT, tmp_path / form, everything.vocabulary, seed=11, form=form)
        source = tmp_path / form if form == "csv" else next((tmp_path / form).glob("*.jsonl"))
        run_batch(source, tmp_path / f"out-{form}", everything, OPTIONS)
        assert paid(tmp_path / f"out-{form}" / "outcomes.parquet") == expected, form
    _workbook(tmp_path / "csv", tmp_path / "book.xlsx", everything)
    run_batch(tmp_path / "book.xlsx", tmp_path / "out-book", everything, OPTIONS)
    assert paid(tmp_path / "out-book" / "outcomes.parquet") == expected, "a workbook with Chinese headers"


def _workbook(folder: Path, path: Path, engine: Engine) -> None:
    import openpyxl

    from conggao.facts.tables.schema import NAMES, tables

    book = openpyxl.Workbook()
    book.remove(book.active)
    known = tables(engine.vocabulary)
    for file in folder.glob("*.csv"):
        sheet = book.create_sheet(NAMES[file.stem].zh)
        labels = {column.name: column.label.zh for column in known[file.stem].columns}
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.reader(text))
        sheet.append([labels.get(name, name) for name in rows[0]])
        for row in rows[1:]:
            sheet.append([cell or None for cell in row])
    book.save(path)


def test_a_run_is_the_same_however_many_processes_decide(everything: Engine, tmp_path: Path) -> None:
    source = tmp_path / "province"
    write_population(3_200, source, everything.vocabulary, seed=2)
    for workers in (1, 2):
        run_batch(source, tmp_path / str(workers), everything, Options(day=DAY, workers=workers))
    assert whole(tmp_path / "1") == whole(tmp_path / "2")


# -- what cannot be taken ------------------------------------------------------------------------------------------------

CODES = ("91640100MA7EXAMP48",)
GOOD: dict[str, list[list[str]]] = {
    "enterprises": [["credit_code", "name", "county"], [CODES[0], "甲", "金凤区"]],
    "reports": [["credit_code", "year", "rd_expense"], [CODES[0], "2024", "800 万元"]],
    "projects": [["credit_code", "id", "equipment_payment"], [CODES[0], "P1", "300 万元"]],
}


def _tables(folder: Path, change: Callable[[dict[str, list[list[str]]]], object]) -> Path:
    made = {name: [list(row) for row in rows] for name, rows in GOOD.items()}
    change(made)
    folder.mkdir()
    for name, rows in made.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


@pytest.mark.parametrize(
    ("change", "table", "field"),
    [
        (lambda t: t["reports"].append([CODES[0], "2024", "1 万元"]), "reports", "year"),
        (lambda t: t["enterprises"].append([CODES[0], "乙", "西夏区"]), "enterprises", "credit_code"),
        (lambda t: t["projects"].append([CODES[0], "P1", "1 万元"]), "projects", "id"),
        (lambda t: t["reports"].append(["91640100MA7OTHER00", "2024", "1 万元"]), "reports", "credit_code"),
        (lambda t: t["reports"].append(["91640100MA7EXAMP49", "2024", "1 万元"]), "reports", "credit_code"),
        (lambda t: t["reports"][1].__setitem__(2, "800 万吨"), "reports", "rd_expense"),
        (lambda t: t["reports"][1].__setitem__(2, "-5"), "reports", "rd_expense"),
        (lambda t: t["reports"][1].__setitem__(2, "9" * 45), "reports", "rd_expense"),
        (lambda t: t["reports"][1].__setitem__(2, "NaN"), "reports", "rd_expense"),
        (lambda t: t["reports"][1].__setitem__(1, "二〇二四"), "reports", "year"),
        (lambda t: t["enterprises"][1].__setitem__(2, "金风区"), "enterprises", "county"),
        (lambda t: t["reports"].append([CODES[0], "2023"]), "reports", ""),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_does_not_stop_the_rest(
    change: Callable[[Any], object], table: str, field: str, everything: Engine, tmp_path: Path
) -> None:
    source = _tables(tmp_path / "in", change)
    ran = run_batch(source, tmp_path / "out", everything, OPTIONS)
    rows = read(tmp_path / "out" / "rejected.parquet")
    assert rows
    assert (table, field) in [(row["table"], row["field"]) for row in rows]
    assert all(row["reason_zh"] and row["reason_en"] and row["row"] for row in rows)
    assert ran.rejected == len(rows)
    with (tmp_path / "out" / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == len(rows) + 1
    with pytest.raises(InputFaults):
        run_batch(source, tmp_path / "strict", everything, Options(day=DAY, strict=True, workers=1))
    assert not (tmp_path / "strict").exists()


def test_sound_tables_have_nothing_rejected(everything: Engine, tmp_path: Path) -> None:
    ran = run_batch(_tables(tmp_path / "in", lambda t: None), tmp_path / "out", everything, OPTIONS)
    assert (ran.read, ran.decided, ran.rejected) == (1, 1, 0)


# -- whole or not at all -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_run_that_is_killed_leaves_nothing_half_done(tmp_path: Path) -> None:
    province = tmp_path / "province"
    write_population(40, province, shipped_vocabulary(), seed=8)
    command = [
        sys.executable,
        "-m",
        "conggao.cli.app",
        "batch",
        str(province),
        "--out",
        str(tmp_path / "out"),
        "--as-of",
        "2025-03-01",
    ]
    draw = random.Random(4)
    begun = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    took = time.monotonic() - begun
    expected = whole(tmp_path / "out")
    for item in (tmp_path / "out").iterdir():
        item.unlink()
    (tmp_path / "out").rmdir()
    for _ in range(KILLS):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.2, took))
        process.send_signal(draw.choice((signal.SIGKILL, signal.SIGTERM)))
        process.wait(60)
        if (tmp_path / "out").exists():
            assert whole(tmp_path / "out") == expected, "all of it, or nothing"
            for item in (tmp_path / "out").iterdir():
                item.unlink()
            (tmp_path / "out").rmdir()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert whole(tmp_path / "out") == expected, "the next run succeeds"


def test_a_folder_that_holds_something_is_left_alone(province: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine", "utf-8")
    done = run("batch", str(province), "--out", str(out), "--as-of", "2025-03-01", "--lang", "en")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert os.listdir(out) == ["mine.txt"]


# -- reforms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amend", ["8a.cap=200 万元", "8a.cap=50 万元", "16a.pay=10% * fee", "3.cap=100 万元"])
def test_a_reform_is_two_runs_compared(amend: str, everything: Engine, province: Path, tmp_path: Path) -> None:
    """Its budgets are those of two separate runs, and winners less losers is the change of the enterprises' money, to the fen."""
    found = run_reforms(province, everything, [Reform("one", (amend,))], OPTIONS)
    (effect,) = found.effects
    for engine, sums in (
        (everything, effect.total.before),
        (amended_engine(everything, [amend], DAY), effect.total.after),
    ):
        name = str(engine is everything)
        ran = run_batch(province, tmp_path / name, engine, OPTIONS)
        assert (sums.low, sums.high) == (ran.budget.total.low, ran.budget.total.high)
    for group, pairs in effect.groups.items():
        assert sum((pair.change for pair in pairs), Decimal(0)) == effect.total.change, group
    assert sum((item.change for item in effect.spread), Decimal(0)) == effect.total.change
    assert effect.total.change != 0, "a reform that changes nothing shows nothing"


def test_several_reforms_stand_side_by_side(everything: Engine, province: Path, tmp_path: Path) -> None:
    reforms = [Reform("a", ("8a.cap=200 万元",)), Reform("b", ("8a.cap=50 万元",))]
    both = run_reforms(province, everything, reforms, OPTIONS, tmp_path / "out")
    for reform, effect in zip(reforms, both.effects, strict=True):
        (alone,) = run_reforms(province, everything, [reform], OPTIONS).effects
        assert alone.total == effect.total
        assert alone.groups == effect.groups
    assert {"budget.csv", "budget.xlsx", "changes-1.parquet", "changes-2.parquet", "manifest.json"} <= {
        item.name for item in (tmp_path / "out").iterdir()
    }


# -- the synthetic province ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_seed_is_a_province_and_says_that_it_is_synthetic(form: str, everything: Engine, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_population(400, tmp_path / name, everything.vocabulary, seed=seed, form=form)
    assert whole(tmp_path / "a") == whole(tmp_path / "b")
    assert whole(tmp_path / "a") != whole(tmp_path / "c")
    assert "synthetic" in (tmp_path / "a" / "README.md").read_text("utf-8").casefold()
    assert json.loads((tmp_path / "a" / "manifest.json").read_text("utf-8"))["synthetic"] is True


def test_nothing_of_the_province_is_rejected_and_much_of_it_is_decided(
    everything: Engine, province: Path, tmp_path: Path
) -> None:
    ran = run_batch(province, tmp_path / "out", everything, OPTIONS)
    assert ran.rejected == 0
    assert ran.synthetic
    statuses = {status for status, _, _ in paid(tmp_path / "out" / "outcomes.parquet").values()}
    assert {"granted", "superseded", "undetermined", "exhausted"} <= statuses
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "合成" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
