"""What an analyst writes wrongly is answered with what to write: the id of a line, whose fact it is, a unit, a gap that was left."""

from __future__ import annotations

from pathlib import Path

import pytest

from conggao.engine.authoring.check import check
from tests.engine.rulebook.pages import measure, page

WRONG = {
    "lines: [制造业创新中心]": ("page/unknown-line", "write its id, `manufacturing_innovation_centre`"),
    "when: [从业人员 < 3 年]": ("rule/unit", "write the number alone"),
    "when: [银行贷款利息 > 0 元]": ("rule/unknown-name", "`subject: project`"),
    "when:\n  - …": ("rule/syntax", "put a condition or an amount there"),
    "cap: 120 万": ("rule/unit", "`120 万元`"),
}


@pytest.mark.parametrize("line", WRONG)
def test_it_is_answered_with_what_to_write(line: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    keys = {"subject": "enterprise", "lines": "[research_expense]", "when": "[规上工业企业]", "pay": "10 万元"}
    key = line.partition(":")[0]
    rest = "\n".join([*(f"{name}: {value}" for name, value in keys.items() if name != key), line])
    path.write_text(page("answered", measure("a", rest)), "utf-8")
    code, said = WRONG[line]
    found = [item for item in check([str(path)]).diagnostics if item.code == code]
    assert found, line
    assert any(item.help is not None and said in item.help.en for item in found), [item.help for item in found]


NOTICE = "（一）入规。给予奖励60万元，分三年按10万、20万、30万兑现。\n"


@pytest.mark.parametrize(
    ("restated", "codes"),
    [
        ("奖励 60 万元，分三年按 10 万元、20 万元、30 万元兑现。", []),
        ("奖励 60 万元，分三年按 10 万元、20 万元、40 万元兑现。", ["figure/invented", "figure/lost"]),
        ("奖励 60 万元，分三年按 10 万元、20 万元兑现。", ["figure/lost"]),
        ("奖励 60 万元，分三年按 10 吨、20 万元、30 万元兑现。", ["figure/invented", "figure/lost"]),
    ],
)
def test_money_that_the_law_writes_without_its_unit_is_money(restated: str, codes: list[str], tmp_path: Path) -> None:
    keys = "subject: enterprise\nlines: [research_expense]\nwhen: [规上工业企业]\npay: 60 万元"
    text = page("answered", f"### （一）入规\n\n{measure('a', keys).replace('复述。', restated)}", level="city")
    path, law = tmp_path / "page.md", tmp_path / "law.txt"
    path.write_text(text, "utf-8")
    law.write_text(NOTICE, "utf-8")
    found = check([str(path)], source=law).diagnostics
    assert (
        sorted(
            item.code
            for item in found
            if item.breadcrumb and "law.txt" in item.breadcrumb[0] and item.severity == "error"
        )
        == codes
    )
