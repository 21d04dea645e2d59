"""`decide --report`: the file is written whole or not at all, and a real browser opens and prints it without a network."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from conggao.facts.diagnostics import InputFaults
from conggao.facts.writing import write_whole
from tests.cli.console import run

CASE = "policy/yinchuan/cases/sample.yaml"
A4 = (595, 842)
"""In points, rounded."""


@pytest.mark.parametrize(("lang", "title"), [("zh", "政策支持申领报告"), ("en", "Report on policy support")])
def test_the_report_goes_to_its_file(tmp_path: Path, lang: str, title: str) -> None:
    path = tmp_path / "report.html"
    done = run("decide", CASE, "--lang", lang, "--report", str(path))
    assert done.returncode == 0
    assert str(path) in done.stderr.replace("\n", ""), "where it went is said, beside the output"
    assert done.stdout == run("decide", CASE, "--lang", lang).stdout, "what is printed stays what it was"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert text.endswith("</html>\n")
    assert title in text
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_json_stays_json(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    done = run("decide", CASE, "--json", "--report", str(path))
    decided = json.loads(done.stdout)
    assert decided["policies"][0]["sha256"] in path.read_text(encoding="utf-8")


def test_bad_input_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("as it was", encoding="utf-8")
    done = run("decide", "policy/yinchuan/cases/wrong.yaml", "--report", str(path))
    assert done.returncode == 2
    assert path.read_text(encoding="utf-8") == "as it was"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_cannot_be_written_is_said_and_nothing_printed(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    shutil.copy(Path(__file__).resolve().parents[2] / CASE, case)
    before = case.read_bytes()
    for target in (tmp_path / "none" / "report.html", tmp_path, case, case / "report.html"):
        done = run("decide", str(case), "--report", str(target), "--lang", "en")
        assert (done.returncode, done.stdout) == (2, ""), target
        assert "report/" in done.stderr or "file/" in done.stderr
        assert str(target) in done.stderr.replace("\n", "")
        assert "Traceback" not in done.stderr
    assert case.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["case.yaml"]


def test_a_link_is_followed_and_the_mode_kept(tmp_path: Path) -> None:
    real = tmp_path / "real.html"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o640)
    link = tmp_path / "link.html"
    link.symlink_to(real)
    write_whole("new", link)
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"
    assert real.stat().st_mode & 0o777 == 0o640
    mask = os.umask(0o027)
    try:
        write_whole("new", tmp_path / "fresh.html")
    finally:
        os.umask(mask)
    assert (tmp_path / "fresh.html").stat().st_mode & 0o777 == 0o640


def test_a_failure_while_writing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("as it was", encoding="utf-8")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputFaults) as raised:
        write_whole("new", path)
    assert raised.value.diagnostics[0].code == "file/unwritable"
    assert path.read_text(encoding="utf-8") == "as it was"
    assert len(list(tmp_path.iterdir())) == 1


# -- in a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_a_browser_opens_and_prints_it_offline(
    browser: Any, tmp_path: Path, lang: str, width: int, scheme: str
) -> None:
    path = tmp_path / "report.html"
    assert run("decide", CASE, "--lang", lang, "--report", str(path)).returncode == 0
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()], "the page asks for nothing but itself"
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is cut off at the side"
    assert page.evaluate("document.compatMode") == "CSS1Compat"
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (_light(ink) < _light(paper)) == (scheme == "light")
    picture = page.screenshot(full_page=True)
    assert picture.startswith(b"\x89PNG")
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    sizes = {tuple(round(float(n)) for n in box.split()[2:]) for box in _boxes(printed)}
    assert sizes == {A4}
    assert asked == [path.as_uri()]
    context.close()


def _light(colour: str) -> int:
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def _boxes(printed: bytes) -> list[str]:
    """The MediaBoxes of a PDF."""
    parts = printed.split(b"/MediaBox")[1:]
    return [part.split(b"[", 1)[1].split(b"]", 1)[0].decode() for part in parts]
