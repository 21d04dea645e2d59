"""Every lint finds what it says on the page of its documentation, at the word, and is silent on the page mended."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conggao.engine.authoring.check import Checked, check
from conggao.engine.authoring.lints import LINTS, Lint, example
from conggao.engine.authoring.proof.ask import available
from conggao.facts.diagnostics import Diagnostic

TODAY = date(2025, 1, 15)
WORDS = {
    "rule/never": "上年度.研发费用 < 300 万元",
    "rule/always": "上年度.研发费用 ≥ 0 元",
    "rule/implied": "上年度.研发费用 > 100 万元",
    "rule/dead-branch": "上年度.研发费用 > 1000 万元",
    "cap/never-binds": "50 万元",
    "amount/cliff": "small",
    "derive/unused": "example_research_heavy",
    "page/clause-without-block": "（二）厂房补助",
    "page/ends-soon": "2025-03-31",
    "page/overlap": "rd",
}
"""The word that the first finding of the bad page lies under."""


def found(item: Lint, text: str, folder: Path) -> tuple[Checked, list[Diagnostic]]:
    path = folder / "page.md"
    path.write_text(example(text), encoding="utf-8")
    policies: list[str | Path] = [path, "yinchuan-2024-2"] if "```amend" in text else [path]
    checked = check(policies, proofs=True, on=TODAY)
    return checked, [d for d in checked.diagnostics if d.code == item.code and d.labels[0].span.file == str(path)]


def skip_without_z3(item: Lint) -> None:
    if item.proofs and not available():
        pytest.skip("z3 is not installed")


@pytest.mark.parametrize("item", LINTS, ids=lambda item: item.code)
def test_bad_page_is_found_at_its_word(item: Lint, tmp_path: Path) -> None:
    skip_without_z3(item)
    checked, findings = found(item, item.bad, tmp_path)
    assert findings, [d.code for d in checked.diagnostics]
    assert {d.severity for d in findings} == {item.severity}
    others = [d for d in checked.diagnostics if d.severity == "error" and d.code != item.code]
    assert not others, "the example has this fault and no other"
    span = findings[0].labels[0].span
    assert span.line is not None
    if item.code in WORDS:
        line = example(item.bad).splitlines()[span.line - 1]
        assert span.column is not None
        word = line[span.column - 1 :]
        assert word.startswith(WORDS[item.code]), (item.code, word)


@pytest.mark.parametrize("item", LINTS, ids=lambda item: item.code)
def test_good_page_is_silent(item: Lint, tmp_path: Path) -> None:
    skip_without_z3(item)
    checked, findings = found(item, item.good, tmp_path)
    assert not findings
    assert checked.clean, [d.message.en for d in checked.diagnostics]


def test_codes_are_unlike_and_documented() -> None:
    codes = [item.code for item in LINTS]
    assert len(set(codes)) == len(codes)
    for item in LINTS:
        assert item.title.zh
        assert item.meaning.en.endswith(".")
        assert item.bad != item.good
