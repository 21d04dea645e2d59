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
    "rule/unknown-name": "研发经费",
    "rule/unknown-word": '"smart_factry"',
    "rule/unit": "100 吨",
    "rule/unknown-function": "认可",
    "page/unknown-key": "capp",
    "page/unknown-line": "research_cost",
    "amend/unknown-measure": "yinchuan-2024-2/88",
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


def test_what_an_amendment_makes_impossible_is_found_on_the_amending_page(tmp_path: Path) -> None:
    if not available():
        pytest.skip("z3 is not installed")
    path = tmp_path / "reform.md"
    text = """
## （一）修改

研发补助只给研发费用超过 500 万元而不满 300 万元的企业。

```amend
measure: yinchuan-2024-2/8a
from: 2025-06-01
set:
  when:
    - 上年度.研发费用 > 500 万元
    - 上年度.研发费用 < 300 万元
```
"""
    path.write_text(example(text), encoding="utf-8")
    checked = check([path, "yinchuan-2024-2"], proofs=True, on=TODAY)
    found = [d for d in checked.diagnostics if d.code == "rule/never"]
    assert [d.labels[0].span.file for d in found] == [str(path)]
    line = example(text).splitlines()[(found[0].labels[0].span.line or 0) - 1]
    assert "上年度.研发费用 < 300 万元" in line


def test_a_page_alone_is_held_against_the_policy_that_it_amends(tmp_path: Path) -> None:
    """The amended policy is loaded for it: that nothing changes is seen only beside what stood there."""
    item = next(item for item in LINTS if item.code == "amend/no-change")
    path = tmp_path / "page.md"
    path.write_text(example(item.bad), encoding="utf-8")
    codes = [d.code for d in check([path], on=TODAY).diagnostics]
    assert "amend/no-change" in codes


def test_collections_are_no_ground_for_an_alarm(tmp_path: Path) -> None:
    """Only a few projects are looked at, so that ten are needed is not said to be impossible."""
    if not available():
        pytest.skip("z3 is not installed")
    path = tmp_path / "page.md"
    text = """
## （一）多项目奖励

有 10 个以上项目的企业奖励 20 万元。

```measure
id: many
title: {zh: 多项目奖励, en: Award for many projects}
subject: enterprise
lines: [innovation_model]
when: ["count(projects) ≥ 10"]
pay: 20 万元
```
"""
    path.write_text(example(text), encoding="utf-8")
    found = [d for d in check([path], proofs=True, on=TODAY).diagnostics if d.code == "rule/never"]
    assert [d.severity for d in found] == ["note"]
    assert "not proven" in found[0].message.en


@pytest.mark.parametrize(
    "accounted",
    [
        "## （二）附则\n\n自公布之日起施行。",
        "## （二）施行\n\n施行日写在页首。",
        "## （二）厂房\n\n<!-- 待填 TODO：标准 / the rate -->",
    ],
)
def test_a_clause_that_is_accounted_for_needs_no_block(accounted: str, tmp_path: Path) -> None:
    item = next(item for item in LINTS if item.code == "page/clause-without-block")
    path = tmp_path / "page.md"
    path.write_text(example(item.bad[: item.bad.index("## （二）")] + accounted), encoding="utf-8")
    assert item.code not in [d.code for d in check([path], on=TODAY).diagnostics]
