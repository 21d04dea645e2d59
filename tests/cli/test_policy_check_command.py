"""`policy check`, `policy explain` and `policy diff` as an analyst and an editor meet them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from conggao.engine.authoring.lints import LINTS, TOLD, example, lint
from conggao.engine.authoring.proof.ask import available
from tests.cli.console import ROOT, run

_LINE = re.compile(r"^(.+):(\d+):(\d+): (error|warning|note) ([a-z]+/[a-z-]+) (.+)$")


def page(folder: Path, code: str) -> Path:
    """The bad page of a lint's documentation."""
    found = lint(code)
    assert found is not None
    path = folder / "页面.md"
    path.write_text(example(found.bad), encoding="utf-8")
    return path


def needs_z3() -> None:
    if not available():
        pytest.skip("z3 is not installed")


def test_concise_is_one_line_a_finding_with_file_line_and_column(tmp_path: Path) -> None:
    needs_z3()
    path = page(tmp_path, "rule/never")
    done = run("policy", "check", str(path), "--concise", "--all", "--lang", "en")
    assert done.returncode == 2
    assert done.stderr == ""
    lines = [_LINE.match(line) for line in done.stdout.splitlines()]
    assert all(lines)
    found = next(match for match in lines if match and match[5] == "rule/never")
    text = path.read_text("utf-8").splitlines()[int(found[2]) - 1]
    assert text[int(found[3]) - 1 :].startswith("上年度.研发费用 < 300 万元")
    assert (found[1], found[4]) == (str(path), "error")


def test_json_is_complete(tmp_path: Path) -> None:
    needs_z3()
    done = run("policy", "check", str(page(tmp_path, "amount/cliff")), "--json", "--on", "2025-03-01")
    told = json.loads(done.stdout)
    assert (done.returncode, told["clean"], told["proven"]) == (0, True, True)
    cliff = next(item for item in told["diagnostics"] if item["code"] == "amount/cliff")
    assert {"file", "line", "column", "code", "severity", "message", "help", "cases", "labels"} <= set(cliff)
    assert set(cliff["message"]) == {"zh", "en"}
    assert len(cliff["cases"]) == 2
    for text in cliff["cases"]:
        case = tmp_path / "case.yaml"
        case.write_text(text, encoding="utf-8")
        assert run("decide", str(case), "--policy", str(tmp_path / "页面.md")).returncode == 0


def test_notes_are_counted_and_shown_only_when_asked_for(tmp_path: Path) -> None:
    needs_z3()
    path = str(page(tmp_path, "amount/cliff"))
    short, long = (
        run("policy", "check", path, *more, "--lang", "en", "--on", "2025-03-01") for more in ((), ("--all",))
    )
    assert "--all" in short.stdout
    assert "amount/cliff" not in short.stdout + short.stderr
    assert "note[amount/cliff]" in long.stderr
    assert "case 2:" in long.stderr


def test_without_proofs_nothing_is_proven_and_nothing_missed_is_claimed(tmp_path: Path) -> None:
    done = run("policy", "check", str(page(tmp_path, "rule/never")), "--no-proofs", "--json")
    assert json.loads(done.stdout)["proven"] is False
    assert done.returncode == 0


def test_a_missing_z3_is_said_once(tmp_path: Path) -> None:
    """A package of that name without anything in it cannot be found by its finder."""
    blocked = tmp_path / "sitecustomize.py"
    blocked.write_text(
        "import importlib.util as u\nreal = u.find_spec\nu.find_spec = lambda n, p=None: None if n == 'z3' else real(n, p)\n",
        encoding="utf-8",
    )
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = run("policy", "check", str(page(tmp_path, "rule/never")), "--lang", "en", PYTHONPATH=paths)
    assert done.returncode == 0
    assert done.stderr.count("pip install 'conggao[proofs]'") == 1


def test_a_wrong_date_is_refused() -> None:
    done = run("policy", "check", "ningxia-rd-2022", "--on", "soon", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "`soon` is not a date" in done.stderr


@pytest.mark.parametrize("code", ["rule/never", "tiers/gap", "page/ends-soon"])
def test_explain_says_what_a_code_means_with_both_examples(code: str) -> None:
    item = lint(code)
    assert item is not None
    told = json.loads(run("policy", "explain", item.code, "--json").stdout)
    assert told["bad"] == example(item.bad)
    for lang in ("zh", "en"):
        done = run("policy", "explain", item.code, "--lang", lang, columns=60)
        assert done.returncode == 0
        assert item.title.of("zh" if lang == "zh" else "en") in done.stdout.replace("\n", " ")
        assert all(cell_len(line.rstrip()) <= 60 for line in done.stdout.splitlines())


def test_explain_lists_every_code_and_knows_the_nearest() -> None:
    listed = json.loads(run("policy", "explain", "--json").stdout)
    assert [item["code"] for item in listed] == [item.code for item in (*LINTS, *TOLD)]
    shown = run("policy", "explain", "--lang", "en", columns=60)
    assert all(cell_len(line.rstrip()) <= 60 for line in shown.stdout.splitlines())
    wrong = run("policy", "explain", "rule/nevr", "--lang", "en")
    assert wrong.returncode == 2
    assert "did you mean `rule/never`" in wrong.stderr


def test_diff_shows_both_sides_and_the_case(tmp_path: Path) -> None:
    needs_z3()
    path = tmp_path / "b.md"
    text = (
        (ROOT / "policy/ningxia/growth-2022.md")
        .read_text("utf-8")
        .replace("| 50 亿元 | 100 亿元 | 40 万元 |", "| 50 亿元 | 100 亿元 | 45 万元 |")
    )
    path.write_text(text, encoding="utf-8")
    done = run("policy", "diff", "ningxia-growth-2022", str(path), "--lang", "en", columns=60)
    assert done.returncode == 0, done.stderr
    assert "1 change of meaning" in done.stdout
    assert "450000.00" in done.stdout
    told = json.loads(run("policy", "diff", "ningxia-growth-2022", str(path), "--json").stdout)
    assert [(item["measure"], item["facet"], item["verdict"]) for item in told["changes"]] == [
        ("output", "amount", "differs")
    ]
    assert told["changes"][0]["first"]["standard"] == "400000.00"
    same = json.loads(run("policy", "diff", str(path), str(path), "--json").stdout)
    assert (same["same"], same["certainty"], same["changes"]) == (True, "proven", [])


def test_diff_refuses_what_is_no_page() -> None:
    for name in ("ningxia-growth-2021", "nowhere.md", "HEAD:nowhere.md"):
        done = run("policy", "diff", name, "ningxia-growth-2022", "--lang", "en")
        assert (done.returncode, done.stdout) == (2, ""), name
        assert "Traceback" not in done.stderr


def test_faults_of_writing_say_that_more_may_follow(tmp_path: Path) -> None:
    path = page(tmp_path, "rule/unknown-name")
    for lang, words in (("zh", "可能还有发现"), ("en", "more may follow")):
        done = run("policy", "check", str(path), "--lang", lang)
        assert done.returncode == 2
        assert words in done.stdout.replace("\n", " "), "figures and cases wait for the page to read"
    assert json.loads(run("policy", "check", str(path), "--json").stdout)["read"] is False
    later = page(tmp_path, "figure/invented")
    assert "可能还有发现" not in run("policy", "check", str(later), "--lang", "zh").stdout
