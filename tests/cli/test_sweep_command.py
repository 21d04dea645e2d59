"""`conggao sweep` as a user meets it: events exact, points as decided, pictures that open, wrong input said at once."""

from __future__ import annotations

import csv
import json
import re
import sys
import unicodedata
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from conggao.cli import plots
from conggao.engine import Engine
from conggao.engine.analysis.sweep import Sweep, sweep
from conggao.facts.diagnostics import InputFaults
from conggao.facts.loading import load_case
from tests.cli.console import ROOT, run

SAMPLE = "policy/yinchuan/cases/sample.yaml"
CARBON = "latest.carbon_emissions=20000..30000"
RESEARCH = "latest.rd_expense=0..2000万元"
needs_pictures = pytest.mark.skipif(
    find_spec("altair") is None or find_spec("vl_convert") is None, reason="the extra `plot` is not installed"
)
needs_plotext = pytest.mark.skipif(find_spec("plotext") is None, reason="the extra `plot` is not installed")


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@pytest.fixture(scope="module")
def carbon(everything: Engine) -> Sweep:
    return sweep(everything, load_case(ROOT / SAMPLE, everything.vocabulary), CARBON)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [60, 90])
@pytest.mark.parametrize("second", [None, RESEARCH])
def test_it_reads_well_in_a_narrow_pipe(lang: str, columns: int, second: str | None) -> None:
    arguments = [CARBON] if second is None else [CARBON, second, "--points", "9"]
    done = run("sweep", SAMPLE, *arguments, "--lang", lang, columns=columns, NO_COLOR="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout, "no colours in a pipe"
    assert all(cells(line) <= columns for line in done.stdout.splitlines() if "pip install" not in line)
    assert "26,000.001" in done.stdout
    assert {"zh": "断崖", "en": "cliff"}[lang] in done.stdout


def test_json_says_the_same_as_decisions() -> None:
    found = json.loads(run("sweep", SAMPLE, CARBON, "--points", "3", "--json").stdout)
    assert [event["value"] for event in found["events"]] == ["26000.001", "27001.181"]
    assert [event["cliff"] for event in found["events"]] == [False, True]
    for event, beside in ((found["events"][0], "26000"), (found["events"][1], "27001.18")):
        totals = []
        for value in (beside, event["value"]):
            done = run("whatif", SAMPLE, "--set", f"latest.carbon_emissions={value}", "--json")
            totals.append(Decimal(json.loads(done.stdout)["totals"]["enterprise"]["after"]["low"]))
        assert totals[1] - totals[0] == Decimal(event["gain"])
    assert [point["values"] for point in found["points"]] == [["20000"], ["25000"], ["30000"]]


def test_csv_holds_the_points(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    done = run("sweep", SAMPLE, RESEARCH, CARBON, "--points", "4", "--csv", str(path))
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["reports.2024.rd_expense", "reports.2024.carbon_emissions", "low", "high"]
    assert len(rows) == 1 + 16
    assert rows[1][:2] == ["0", "20000"]
    assert all(Decimal(row[2]) <= Decimal(row[3]) for row in rows[1:])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("latest.rd_expense=0..5吨",), "case/unit"),
        ((RESEARCH, "--plot", "picture.bmp"), "plot/file"),
        ((RESEARCH, "--plot", "no/such/folder/a.svg"), "plot/file"),
        ((RESEARCH, "--plot", SAMPLE), "plot/file"),
        ((RESEARCH, "--csv", SAMPLE), "sweep/file"),
    ],
)
def test_bad_input_is_told_at_once(arguments: tuple[str, ...], code: str) -> None:
    before = (ROOT / SAMPLE).read_bytes()
    done = run("sweep", SAMPLE, *arguments, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert [item["code"] for item in json.loads(done.stderr)["faults"]] == [code]
    assert (ROOT / SAMPLE).read_bytes() == before


def test_faults_of_both_facts_and_of_the_measure_are_told_together() -> None:
    done = run("sweep", SAMPLE, "rd_expens=0..5", "latest.rd_expense=5..1", "--measure", "99", "--json")
    codes = [item["code"] for item in json.loads(done.stderr)["faults"]]
    assert codes == ["set/unknown-fact", "sweep/range", "sweep/unknown-measure"]


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, carbon: Sweep
) -> None:
    for name in ("plotext", "altair", "vl_convert"):
        monkeypatch.setitem(sys.modules, name, None)
    assert plots.terminal_line(carbon, "en", 80, colours=False) is None
    with pytest.raises(InputFaults) as raised:
        plots.check_plot(tmp_path / "a.png", ROOT / SAMPLE)
    (fault,) = raised.value.diagnostics
    assert fault.help is not None
    assert 'pip install "conggao[plot]"' in fault.help.en


def test_a_heat_map_in_characters_needs_nothing_installed(everything: Engine) -> None:
    case = load_case(ROOT / SAMPLE, everything.vocabulary)
    found = sweep(everything, case, RESEARCH, CARBON, points=12)
    lines = plots.terminal_map(found, "en", 60).splitlines()
    drawn = [line.partition("│")[2].rstrip("│") for line in lines if "│" in line]
    assert all(len(line) <= 60 for line in lines if "│" in line)
    assert len({len(line) for line in drawn}) == 1
    assert drawn[-1].startswith(" "), "the least is at the origin"
    assert "@" in drawn[0], "the most is where most is spent on research"


@needs_plotext
def test_the_plot_in_the_terminal_keeps_its_width_and_its_colours_apart(carbon: Sweep) -> None:
    plain = plots.terminal_line(carbon, "en", 60, colours=False)
    coloured = plots.terminal_line(carbon, "en", 60, colours=True)
    assert plain is not None
    assert coloured is not None
    assert "\x1b" not in plain
    assert "\x1b" in coloured
    assert max(len(line) for line in plain.splitlines()[:-1]) <= 60
    assert "▼" in plain


@needs_pictures
@pytest.mark.parametrize("second", [None, RESEARCH])
@pytest.mark.parametrize(("suffix", "begins"), [(".png", b"\x89PNG"), (".svg", b"<svg"), (".html", b"<!DOCTYPE html>")])
def test_pictures_are_written_whole_and_need_no_network(
    tmp_path: Path, suffix: str, begins: bytes, second: str | None
) -> None:
    path = tmp_path / f"sweep{suffix}"
    facts = [CARBON] if second is None else [CARBON, second, "--points", "5"]
    done = run("sweep", SAMPLE, *facts, "--plot", str(path), "--lang", "zh")
    assert done.returncode == 0
    assert str(path) in done.stderr.replace("\n", "")
    data = path.read_bytes()
    assert data.lstrip().startswith(begins)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    if suffix != ".png":
        text = data.decode()
        assert "碳排放量" in text or json.dumps("碳排放量").strip('"') in text
        assert not re.search(r"<(script|link|img)[^>]*(src|href)=\"?(https?:)?//", text), "nothing is fetched"


@pytest.mark.parametrize(
    "facts",
    [("latest.rd_expense=0..2000万元",), ("latest.rd_expense=0..2000万元", "latest.carbon_emissions=0..3万吨")],
)
def test_a_browser_draws_the_plot_offline(browser: Any, tmp_path: Path, facts: tuple[str, ...]) -> None:
    path = tmp_path / "plot.html"
    done = run("sweep", SAMPLE, *facts, "--points", "15", "--plot", str(path), "--lang", "zh")
    assert done.returncode == 0, done.stderr
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(path.as_uri())
    page.wait_for_selector("canvas, svg", timeout=30_000)
    box = page.locator("canvas, svg").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 200, "the plot has a size"
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert wrong == []
    page.screenshot(path=str(tmp_path / "plot.png"))
    page.close()


def test_a_heat_map_says_what_its_colours_mean(tmp_path: Path) -> None:
    path = tmp_path / "map.svg"
    facts = ("latest.rd_expense=0..2000万元", "projects.P1.equipment_payment=0..3000万元")
    done = run("sweep", SAMPLE, *facts, "--points", "8", "--plot", str(path), "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert "金额 (万元)" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("facts", "points", "most"), [((RESEARCH,), "1", "100001"), ((RESEARCH, CARBON), "20001", "501")]
)
def test_too_many_points_or_too_few_are_refused_at_once(facts: tuple[str, ...], points: str, most: str) -> None:
    done = run("sweep", SAMPLE, *facts, "--points", points, "--lang", "en")
    assert done.returncode == 2
    assert f"2 to {most} points" in done.stderr
