"""What is taken and what is rejected does not depend on the order in which rows stand, nor on how many are looked at together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
pytest.importorskip("duckdb", reason="the extra `batch` is not installed")

from hypothesis import given, settings
from hypothesis import strategies as st

from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.credit_code import check_character
from conggao.facts.diagnostics import InputFaults
from conggao.facts.population import write_population
from conggao.facts.population.province import credit_codes
from conggao.facts.tables import keeping, order, relating, sources, streams
from conggao.facts.tables.checking import Checked, check
from conggao.facts.tables.keeping import read_part
from conggao.facts.tables.schema import NAMES, tables

CODES: list[str] = credit_codes(7, 12).to_pylist()
WRONG = "91640100MA0000000X"
FEW = 4
"""Rows that one case may hold here."""

Rows = dict[str, list[tuple[str, int | None]]]
"""By table, the code of each row and its year: of `recognitions` none is needed, `enterprises` and `parks` have none."""

_CODE = st.sampled_from([*CODES, *CODES, WRONG])
_YEAR = st.sampled_from([2022, 2023, 2024])
ROWS = st.fixed_dictionaries({
    "enterprises": st.lists(st.tuples(_CODE, st.none()), min_size=1, max_size=20),
    "reports": st.lists(st.tuples(_CODE, st.none() | _YEAR), max_size=20),
    "recognitions": st.lists(st.tuples(_CODE, st.none() | _YEAR), max_size=30),
    "parks": st.lists(st.tuples(_CODE, st.none()), max_size=12),
    "park_reports": st.lists(st.tuples(_CODE, _YEAR), max_size=12),
})  # fmt: skip


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is done by parts is done by very small ones."""
    for module in (order, sources, streams):
        monkeypatch.setattr(module, "ROWS", 5)
    for module, name, value in (
        (order, "STRETCH", 12), (order, "WAITING", 11), (streams, "_EVERY", 2), (keeping, "STRIDE", 3), (relating, "MOST", FEW),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


def write(rows: Rows, folder: Path, group: int) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    folder.mkdir()
    for name, listed in rows.items():
        columns: dict[str, Any] = {"credit_code": pa.array([code for code, _ in listed], pa.string())}
        if name in ("reports", "recognitions", "park_reports"):
            columns["year"] = pa.array([year for _, year in listed], pa.int32())
        if name == "recognitions":
            columns["title"] = pa.array(["smart_factory"] * len(listed), pa.string())
        if name == "parks":
            columns["id"] = pa.array(["A"] * len(listed), pa.string())
        parquet.write_table(pa.table(columns), folder / f"{name}.parquet", row_group_size=group)
    return folder


def expected(rows: Rows) -> tuple[dict[str, list[tuple[str, int | None]]], Counter[tuple[str, int, str]]]:
    """The rows that are taken and the faults, as (table, row, code), by looking at every row and every pair of rows."""
    faults: Counter[tuple[str, int, str]] = Counter()
    early: set[tuple[str, str]] = set()
    good: dict[str, list[tuple[int, str, int | None]]] = {}
    for name, listed in rows.items():
        good[name] = []
        for number, (code, year) in enumerate(listed, start=1):
            if code == WRONG:
                faults[name, number, "credit-code"] += 1
            if name == "reports" and year is None:
                faults[name, number, "missing"] += 1
                early |= {(name, code)} - {(name, WRONG)}
            elif code != WRONG:
                good[name].append((number, code, year))
    aside = {code for _, code in early}
    for name, listed_rows in good.items():
        doubled = set()
        if name != "recognitions":
            for number, code, year in listed_rows:
                if sum((code, year) == other[1:] for other in listed_rows) > 1:
                    faults[name, number, "duplicate"] += 1
                    doubled.add(code)
        for code in {code for _, code, _ in listed_rows}:
            own = [number for number, other, _ in listed_rows if other == code]
            if len(own) > FEW and (doubled or name not in ("enterprises", "parks")):
                faults[name, min(own), "too-many"] += 1
                doubled.add(code)
        aside |= doubled
    for name, listed_rows in good.items():
        owner = "parks" if name == "park_reports" else "enterprises"
        named = {code for _, code, _ in good[owner]} | {code for table, code in early if table == owner}
        for number, code, _ in listed_rows:
            if name != "enterprises" and code not in named:
                faults[name, number, "orphan"] += 1
    taken = {code for _, code, _ in good["enterprises"]} - aside
    kept = {
        name: [(code, year) for _, code, year in sorted(listed_rows, key=lambda row: (row[1], row[0])) if code in taken]
        for name, listed_rows in good.items()
    }
    return kept, faults


@settings(max_examples=60)
@given(rows=ROWS, sort=st.booleans(), group=st.integers(1, 30), parcel=st.integers(1, 5))
def test_rows_are_taken_and_rejected_as_if_all_were_looked_at_at_once(
    rows: Rows, sort: bool, group: int, parcel: int
) -> None:
    from pyarrow import parquet

    if sort:
        rows = {name: sorted(listed, key=lambda row: row[0]) for name, listed in rows.items()}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "work").mkdir()
        watch = Seen(parcel)
        checked = check(write(rows, folder / "in", group), folder / "work", shipped_vocabulary(), watch=watch)
        kept, faults = expected(rows)
        found = parquet.read_table(checked.rejects.path).to_pylist()
        assert Counter((row["table"], row["row"], row["code"]) for row in found) == faults
        assert [row["file"] for row in found] == sorted(row["file"] for row in found)
        numbers = {code: number for number, (code, _) in enumerate(kept["enterprises"])}
        assert checked.count == len(numbers)
        for start, end in ((0, checked.count), (1, 3), (3, 6), (4, 5)):
            part = read_part(checked.folder, start, end)
            for name, listed in kept.items():
                years = part[name]["year"].to_pylist() if "year" in part[name].column_names else None
                whose = part[name]["case_no"].to_pylist()
                assert list(zip(whose, years or [None] * len(whose), strict=True)) == [
                    (numbers[code], year) for code, year in listed if start <= numbers[code] < end
                ]
            assert [numbers[code] for code in part["enterprises"]["credit_code"].to_pylist()] == list(
                range(start, min(end, checked.count))
            )
        for upto, tables_then in watch.found.items():
            assert upto % parcel == 0 < upto <= checked.count
            now = read_part(checked.folder, 0, upto)
            assert all(tables_then[name].equals(now[name]) for name in kept), "what was ready is not touched again"


class Seen:
    """Reads what is ready when it is told of it. `found`: by the enterprises below which it was."""

    def __init__(self, parcel: int) -> None:
        self.parcel = parcel
        self.folder = Path()
        self.found: dict[int, dict[str, Any]] = {}
        self.began_again = 0

    def begin(self, folder: Path, expected: Mapping[str, int]) -> int:
        self.folder = folder
        assert expected["enterprises"] >= 0
        return self.parcel

    def ready(self, upto: int) -> None:
        assert upto > max(self.found, default=0)
        self.found[upto] = read_part(self.folder, 0, upto)

    def again(self) -> None:
        self.found.clear()
        self.began_again += 1


def contents(checked: Checked) -> dict[str, Any]:
    """The kept tables, without regard to how they are cut."""
    return read_part(checked.folder, 0, checked.count)


@pytest.fixture
def province(tmp_path: Path) -> Path:
    write_population(60, tmp_path / "province", shipped_vocabulary(), seed=6)
    return tmp_path / "province"


def checked_of(source: Path) -> Checked:
    work = source.parent / f"work-{source.name}"
    work.mkdir()
    return check(source, work, shipped_vocabulary())


@pytest.mark.parametrize("form", ["shuffled", "sorted", "whole", "unsaid", "parts", "csv"])
def test_the_order_of_the_rows_and_the_form_of_the_files_change_nothing(province: Path, form: str) -> None:
    """Only which of several rows of an enterprise without a key comes first follows the files."""
    import numpy as np
    from pyarrow import csv, parquet

    from conggao.facts.population.writing import flat

    expected_tables = contents(checked_of(province))
    other = province.with_name(form)
    other.mkdir()
    draw = np.random.default_rng(1)
    for path in province.glob("*.parquet"):
        table = parquet.read_table(path)
        match form:
            case "shuffled":
                table = table.take(draw.permutation(len(table)))
            case "sorted":
                table = table.sort_by("credit_code")
            case "parts":
                (other / path.stem).mkdir()
                for number in range(3):  # the last rows in the first file
                    part = table.filter((np.arange(len(table)) * 3 // max(len(table), 1)) == 2 - number)
                    parquet.write_table(part, other / path.stem / f"{number}.parquet")
                continue
            case "csv":
                csv.write_csv(flat(table), other / f"{path.stem}.csv")
                continue
        parquet.write_table(table, other / path.name, write_statistics=form != "unsaid", row_group_size=400)
    found = checked_of(other)
    assert not found.rejects.total
    for name, table in contents(found).items():
        keys = [
            (key, "ascending") for key in ("case_no", "id", "year", "title", "measure") if key in table.column_names
        ]
        assert table.sort_by(keys).to_pylist() == expected_tables[name].sort_by(keys).to_pylist(), name


def test_a_file_that_does_not_stand_as_it_says_is_sorted(tmp_path: Path) -> None:
    """Small letters come after capitals in the statistics of a file, but are read as capitals."""
    bodies = [f"9164999900000000{letter}" for letter in "ABCDEFGH"]
    capitals = [body + check_character(body) for body in bodies]
    codes = sorted(code.lower() if number % 2 else code for number, code in enumerate(capitals))
    rows: Rows = {"enterprises": [(code, None) for code in codes], "reports": [(code, 2024) for code in capitals]}
    (tmp_path / "work").mkdir()
    watch = Seen(1)
    checked = check(write(rows, tmp_path / "in", 2), tmp_path / "work", shipped_vocabulary(), watch=watch)
    assert checked.folder.parent.name == "second"
    assert (watch.began_again, watch.found) == (1, {}), "who watches is told that it is read once more"
    assert (checked.count, checked.rejects.total, checked.rows["reports"]) == (len(codes), 0, len(codes))
    assert contents(checked)["enterprises"]["credit_code"].to_pylist() == capitals


def test_few_rows_wait_for_those_before_them(tmp_path: Path) -> None:
    """A table that holds more rows back than may wait is sorted, however its row groups are cut."""
    codes: list[str] = credit_codes(0, 60).to_pylist()
    near = [code for begin in range(0, 60, 5) for code in reversed(codes[begin : begin + 5])]
    early = [codes[-1], *codes[:-1]]
    table = tables(shipped_vocabulary())["reports"]
    for number, (listed, group, waits) in enumerate(
        [
            (codes, 5, True),
            (codes, 60, True),
            (near, 5, True),
            (near, 60, True),
            (early, 5, False),
            (codes[::-1], 60, False),
        ]
    ):
        folder = write({"reports": [(code, 2024) for code in listed]}, tmp_path / f"{number}", group)
        found = order.order_of([sources.Source("reports", folder / "reports.parquet")], table)
        assert (found is not None) == waits, number
        if found is not None:
            assert all(min(listed[read:], default=order.LAST) >= found.after(read) for read in range(61))


def test_rows_of_a_case_stand_as_the_case_states_them(tmp_path: Path) -> None:
    import json

    years = [2022, 2024, 2023]
    lines = [
        {"enterprise": {"credit_code": code}, "reports": [{"year": year} for year in years]} for code in reversed(CODES)
    ]
    source = tmp_path / "cases.jsonl"
    source.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    found = contents(checked_of(source))
    assert found["reports"]["year"].to_pylist() == years * len(CODES)
    assert found["enterprises"]["credit_code"].to_pylist() == sorted(CODES)


@pytest.mark.parametrize("form", ["shuffled", "sorted"])
def test_all_files_that_cannot_be_read_are_told_at_once(province: Path, form: str) -> None:
    """One has a heading that nobody knows, another is damaged in the midst, a third is no Parquet."""
    import numpy as np
    from pyarrow import parquet

    names = ("reports", "projects", "services")
    for name in names:
        table = parquet.read_table(province / f"{name}.parquet").sort_by("credit_code")
        if form == "shuffled":
            table = table.take(np.random.default_rng(1).permutation(len(table)))
        if name == "reports":
            table = table.rename_columns(["yeer" if column == "year" else column for column in table.column_names])
        parquet.write_table(table, province / f"{name}.parquet", row_group_size=20)
    damaged = bytearray((province / "projects.parquet").read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 200] = b"\xff" * 200
    (province / "projects.parquet").write_bytes(damaged)
    (province / "services.parquet").write_bytes(b"not Parquet")
    with pytest.raises(InputFaults) as raised:
        checked_of(province)
    told = {Path(str(label.span.file)).stem for fault in raised.value.diagnostics for label in fault.labels}
    assert told == set(names)


def test_all_tables_are_kept(province: Path) -> None:
    assert list(contents(checked_of(province))) == list(NAMES)
