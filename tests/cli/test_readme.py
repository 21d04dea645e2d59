"""What the documents show is what the program prints. `CONGGAO_ACCEPT=1` rewrites them; the change is then reviewed as a diff."""

from __future__ import annotations

import doctest
import os
import re

import pytest

from tests.cli.console import ROOT, rerun

DOCUMENTS = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_output_shown_is_the_output_printed(name: str) -> None:
    path = ROOT / name
    text = path.read_text("utf-8")
    today = rerun(text)
    if os.environ.get("CONGGAO_ACCEPT"):
        path.write_text(today, "utf-8")
        return
    assert today == text, f"{name} shows something else; look at it with CONGGAO_ACCEPT=1"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_python_shown_runs(name: str) -> None:
    failed, tried = doctest.testfile(str(ROOT / name), module_relative=False, encoding="utf-8")
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize("name", [*DOCUMENTS, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_within_the_project_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (ROOT / target).exists(), f"{name} links to {target}"
