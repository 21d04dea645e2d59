"""`policy watch` on a terminal: what is wrong at first, what a save changes, and an end by Ctrl+C."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect
import pytest

from tests.cli.console import ROOT, run

pytest.importorskip("watchfiles", reason="watching needs the extra `authoring`")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
def test_a_save_tells_what_it_changed_and_ctrl_c_ends(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    right = (ROOT / "policy/national/carbon-2024.md").read_text("utf-8")
    page.write_text(right, "utf-8")
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    program = ["-m", "conggao.cli.app", "policy", "watch", str(page), "--lang", "en"]
    child = pexpect.spawn(sys.executable, program, cwd=str(ROOT), env=environment, encoding="utf-8", timeout=40)
    child.expect(r"23 cases, 0 failed")
    child.expect("watching one page")
    page.write_text(right.replace("cap: ", "cap: 1 吨 + ", 1), "utf-8")
    child.expect(r"rule/unit")
    child.expect("cannot be read")
    page.write_text(right, "utf-8")
    child.expect("✓")
    child.expect(r"23 cases, 0 failed")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "Traceback" not in (child.before or "")


def test_a_page_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in (str(tmp_path / "none.md"), "no-such-policy", str(tmp_path)):
        done = run("policy", "watch", name, "--lang", "en")
        assert (done.returncode, done.stdout) == (2, ""), name
        assert "Traceback" not in done.stderr
