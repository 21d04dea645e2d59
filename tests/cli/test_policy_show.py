"""`policy show`: the rulebook on a terminal, as JSON, and as one page that opens without a network and prints on A4."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conggao.engine import Engine
from tests.cli.console import ROOT, run

pytest.importorskip("jinja2", reason="pages of HTML need the extra `report`")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
NAME = "ningxia-equipment-2024"


class Parsed(HTMLParser):
    """Every element closed in its order; the text of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {"src", "href", "action"} & {name for name, _ in attrs}, "nothing is fetched"
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_and_self_contained(lang: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    done = run("policy", "show", NAME, "--html", str(path), "--lang", lang)
    assert (done.returncode, done.stderr) == (0, "")
    text = path.read_text("utf-8")
    parsed = Parsed(text)
    policy = Engine([NAME]).rulebooks.policies[0]
    for measure in policy.measures:
        assert (measure.title.zh if lang == "zh" else measure.title.en) in parsed.text
        for reading in measure.interpretation:
            assert (reading.zh if lang == "zh" else reading.en) in parsed.text
    names = re.findall(r"^name: (.*)$", "\n".join(block.text for block in policy.cases), re.MULTILINE)
    assert all(name in parsed.text for name in names)
    assert policy.page.sha256 in parsed.text
    assert run("policy", "show", NAME, "--html", str(path), "--lang", lang).returncode == 0
    assert path.read_text("utf-8") == text, "the same bytes every time"


def test_what_a_page_says_is_escaped(tmp_path: Path) -> None:
    page, path = tmp_path / "page.md", tmp_path / "page.html"
    text = (ROOT / "policy/ningxia/technology-trade-2023.md").read_text("utf-8")
    page.write_text(text.replace("title: {zh: ", "title: {zh: <script>alert(1)</script>", 1), "utf-8")
    assert run("policy", "show", str(page), "--html", str(path)).returncode == 0
    assert "<script" not in path.read_text("utf-8")


@pytest.mark.skipif(BROWSER is None, reason="no browser to print with")
def test_it_prints_on_a4(tmp_path: Path) -> None:
    path, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    run("policy", "show", "national-carbon-2024", "--html", str(path))
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/profile",
        "--no-pdf-header-footer",
    ]
    subprocess.run(
        [str(BROWSER), *options, f"--print-to-pdf={pdf}", path.as_uri()], check=True, capture_output=True, timeout=90
    )
    sizes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf.read_bytes())
    assert {(round(float(width)), round(float(height))) for width, height in sizes} <= {
        (595, 842),
        (596, 842),
        (595, 841),
    }
    assert sizes


def test_the_page_that_was_read_is_not_overwritten(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes((ROOT / "policy/national/carbon-2024.md").read_bytes())
    before = page.read_bytes()
    done = run("policy", "show", str(page), "--html", str(page))
    assert done.returncode == 2
    assert page.read_bytes() == before


def test_json_holds_the_cases_with_their_results() -> None:
    said = json.loads(run("policy", "show", NAME, "loan", "--json").stdout)
    (loan,) = said["measures"]
    assert loan["when"][1] == "总投资 ≥ 5,000,000 元"
    assert loan["cases"][0]["results"] == ["loan 设备更新贷款贴息 · 项目 P1：可领取 0.00 – 1,800,000.00 元"]


def test_one_measure_is_shown_with_its_clause() -> None:
    shown = run("policy", "show", NAME, "lease", "--lang", "en").stdout
    assert "Financial lease" in shown
    assert "Loan interest" not in shown
    assert "direct lease" in shown
