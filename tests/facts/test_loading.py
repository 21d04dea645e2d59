"""Cases from files and Python values: what is wrong with them is said in both languages, at its place, all at once."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.documents import read_json, read_yaml
from conggao.facts.loading import load_case, load_cases, read_case, read_document
from conggao.facts.models import Case
from conggao.facts.units import MONEY
from conggao.facts.vocabulary import FactSpec, Vocabulary

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = shipped_vocabulary()
SAMPLE = ROOT / "policy" / "yinchuan" / "cases" / "sample.yaml"

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(content: str | bytes) -> Path:
        path = tmp_path / "case.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


def faults_of(path: Path) -> tuple[InputFaults, tuple[Diagnostic, ...]]:
    with pytest.raises(InputFaults) as caught:
        load_case(path)
    return caught.value, caught.value.diagnostics


def test_sample_loads_and_its_json_form_loads_back(tmp_path: Path) -> None:
    case = load_case(SAMPLE, SHIPPED)
    assert case.reports[0].rd_expense == Decimal(12_600_000)
    again = tmp_path / "again.json"
    again.write_text(json.dumps(case.document()), encoding="utf-8")
    assert load_case(again, SHIPPED) == case
    assert read_case(case.document(), SHIPPED) == case
    assert pickle.loads(pickle.dumps(case)) == case
    assert read_case(case) is case


@pytest.mark.parametrize("change", [b"\r\n", b"\xef\xbb\xbf"])
def test_files_of_other_systems(write: Write, change: bytes) -> None:
    raw = SAMPLE.read_bytes()
    raw = raw.replace(b"\n", change) if change == b"\r\n" else change + raw
    assert load_case(write(raw), SHIPPED) == load_case(SAMPLE, SHIPPED)


NAMED = [
    pytest.param(
        "projects:\n  - id: P1\n    equipment_payment: -5 万元\n",
        "case/negative", "projects.P1.equipment_payment", (3, 24),
        "`-5 万元` 是负数", "应为零或正数", "`-5 万元` is negative", "zero or more is expected",
        id="negative money",
    ),
    pytest.param(
        "reports:\n  - year: 2024\n  - {year: 2024, rd_expense: 1}\n",
        "case/duplicate", "reports.2024.year", (3, 12),
        "`2024` 写了两次", "每个年份只写一次", "`2024` stands here twice", "give each year once",
        id="year twice",
    ),
    pytest.param(
        "reports: [{year: 2024, rd_expence: 1}]\n",
        "case/unknown-key", "reports.2024.rd_expence", (1, 24),
        "不认识的键 `rd_expence`", "是否想写 `rd_expense`？", "unknown key `rd_expence`", "did you mean `rd_expense`?",
        id="unknown key",
    ),
    pytest.param(
        "enterprise: {rd_expense: 1}\n",
        "case/unknown-key", "enterprise.rd_expense", (1, 14),
        "不认识的键 `rd_expense`", "应写在 `reports.rd_expense`",
        "unknown key `rd_expense`", "it belongs at `reports.rd_expense`",
        id="key at the wrong place",
    ),
    pytest.param(
        "enterprise:\n  从业人员: 5\n",
        "case/unknown-key", "enterprise.从业人员", (2, 3),
        "不认识的键 `从业人员`", "写作 `employees`", "unknown key `从业人员`", "write `employees`",
        id="label for a key",
    ),
    pytest.param(
        "recognitions: [{title: smart_factry}]\n",
        "case/unknown-word", "recognitions.smart_factry.title", (1, 24),
        "`smart_factry` 不是已知的认定称号", "是否想写 `smart_factory`？",
        "`smart_factry` is not a known title", "did you mean `smart_factory`?",
        id="unknown title",
    ),
    pytest.param(
        "projects: [{id: P1, purposes: [construction, 设备更薪]}]\n",
        "case/unknown-word", "projects.P1.purposes.2", (1, 46),
        "`设备更薪` 不是已知的用途", "是否想写 `设备更新`？", "`设备更薪` is not a known purpose", "did you mean `设备更新`?",
        id="unknown purpose",
    ),
    pytest.param(
        "projects: [{id: P1, floor_area: 5 万元}]\n",
        "case/unit", "projects.P1.floor_area", (1, 33),
        "`5 万元` 是金额（元）", "此处应为面积（平方米）", "`5 万元` is money (元, CNY)", "area (m²) is expected here",
        id="wrong dimension",
    ),
    pytest.param(
        "projects: [{id: P1, loan_interest: 12 万园}]\n",
        "case/unknown-unit", "projects.P1.loan_interest", (1, 36),
        "不认识的单位 `万园`", "是否想写 `万元`", "unknown unit `万园`", "did you mean `万元`",
        id="unknown unit",
    ),
    pytest.param(
        "received: [{amount: 5 万元, year: 2024}]\n",
        "case/missing", "received.1.measure", (1, 12),
        "缺少 `measure`", "", "`measure` is missing", "",
        id="money of no measure",
    ),
    pytest.param(
        "received: [{measure: a/1, amount: NaN}]\n",
        "case/number", "received.1.amount", (1, 35),
        "`NaN` 不是数字", "数字写作 `1200000`", "`NaN` is not a number", "write `1200000`",
        id="not a number",
    ),
    pytest.param(
        f"received: [{{measure: a/1, amount: {'1' * 400}}}]\n",
        "case/too-long", "received.1.amount", (1, 35),
        "数字写了 400 个字符，最多 80 个", "", "the number has 400 characters, 80 at most", "",
        id="400 digits",
    ),
    pytest.param(
        "enterprise: {credit_code: 91640100MA7EXAMP49}\n",
        "case/credit-code", "enterprise.credit_code", (1, 27),
        "统一社会信用代码 `91640100MA7EXAMP49` 的校验码不对", "校验码是 `8`，而不是 `9`",
        "the check character of the credit code `91640100MA7EXAMP49` is wrong", "give `8`, not `9`",
        id="check character",
    ),
    pytest.param(
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "document/alias", None, (1, 4),
        "不使用锚点、别名和合并键", "把内容逐处写出", "anchors, aliases and merge keys are not used here", "write it out",
        id="alias bomb",
    ),
    pytest.param(
        "enterprise: {employees: 5}\nenterprise: {employees: 6}\n",
        "document/duplicate-key", "enterprise", (2, 1),
        "键 `enterprise` 写了两次", "", "the key `enterprise` stands here twice", "",
        id="key twice",
    ),
    pytest.param(
        "- id: P1\n",
        "case/type", None, (1, 1),
        "案例应是 `键: 值`，而不是列表", "从 `as_of: 2025-03-01`", "a case is `key: value` lines, not a list", "begin with",
        id="a list",
    ),
    pytest.param(
        "just text\n",
        "case/type", None, (1, 1),
        "案例应是 `键: 值`，而不是`just text`", "从 `as_of", "a case is `key: value` lines, not `just text`", "begin with",
        id="a text",
    ),
    pytest.param(
        "projects: P1\n",
        "case/type", "projects", (1, 11),
        "此处应是列表，而不是`P1`", "以 `- ` 开头", "a list is expected here, not `P1`", "after `- `",
        id="no list",
    ),
    pytest.param(
        "enterprise: [1]\n",
        "case/type", "enterprise", (1, 13),
        "此处应是 `键: 值`，而不是列表", "", "`key: value` lines are expected here, not a list", "",
        id="no mapping",
    ),
    pytest.param(
        "projects: [{floor_area: 1}]\n",
        "case/missing", "projects.1.id", (1, 12),
        "缺少 `id`", "这一项必须写", "`id` is missing", "this one is required",
        id="missing id",
    ),
    pytest.param(
        "parameters: {lpr_december: {never: 3%}}\n",
        "case/year", "parameters.lpr_december.never", (1, 29),
        "`never` 不是年份", "应为 1990 至 2100 年", "`never` is not a year", "from 1990 to 2100",
        id="key that is no year",
    ),
    pytest.param(
        "as_of: 2025-02-29\n",
        "case/date", "as_of", (1, 8),
        "`2025-02-29` 不是可用的日期", "日历上没有这一天", "`2025-02-29` is not a usable date", "no such day",
        id="no such day",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "code", "path", "place", "zh", "help_zh", "en", "help_en"), NAMED)
def test_what_is_said(
    write: Write,
    content: str,
    code: str,
    path: str | None,
    place: tuple[int, int],
    zh: str,
    help_zh: str,
    en: str,
    help_en: str,
) -> None:
    file = write(content)
    faults, diagnostics = faults_of(file)
    assert [item.code for item in diagnostics] == [code]
    (fault,) = diagnostics
    span = fault.labels[0].span
    assert (span.file, span.line, span.column) == (str(file), *place)
    assert fault.path == path
    for lang, message, help_ in (("zh", zh, help_zh), ("en", en, help_en)):
        said = faults.render("zh" if lang == "zh" else "en")
        assert message in said
        assert help_ in said
        assert content.splitlines()[place[0] - 1][:80] in said, "the line itself is shown"


def test_all_faults_at_once_in_the_order_of_the_file(write: Write) -> None:
    content = """\
as_of: soon
enterprise: {industry: C34, employees: many}
reports:
  - {year: 2024, rd_expense: -1}
  - {year: 2024, carbon_emissions: 5 元}
projects:
  - {id: P1, floor: 1}
  - {id: P1}
received: [{measure: a/1, subject: P1}]
"""
    _, diagnostics = faults_of(write(content))
    assert [(item.labels[0].span.line, item.code, item.path) for item in diagnostics] == [
        (1, "case/date", "as_of"),
        (2, "case/industry", "enterprise.industry"),
        (2, "case/number", "enterprise.employees"),
        (4, "case/negative", "reports.2024.rd_expense"),
        (5, "case/duplicate", "reports.2024.year"),
        (5, "case/unit", "reports.2024.carbon_emissions"),
        (7, "case/unknown-key", "projects.P1.floor"),
        (8, "case/duplicate", "projects.P1.id"),
        (9, "case/subject", "received.1.subject"),
    ]
    assert [label.span.line for label in diagnostics[4].labels] == [5, 4], "both years are shown"


def test_very_many_faults_are_counted(write: Write) -> None:
    _, diagnostics = faults_of(write("projects:\n" + "".join(f"- {{id: p{n}, x: 1}}\n" for n in range(500))))
    assert len(diagnostics) == 101
    assert diagnostics[-1].message == Text("另有 400 处错误", "and 400 more faults")


def test_too_many_entries(write: Write) -> None:
    _, diagnostics = faults_of(write("projects:\n" + "".join(f"- {{id: p{n}}}\n" for n in range(10_001))))
    assert [item.code for item in diagnostics] == ["case/too-many"]


def test_files_that_are_no_case(tmp_path: Path, write: Write) -> None:
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    several = tmp_path / "many.jsonl"
    several.write_text("{}\n")
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    for path, code in (
        (tmp_path / "none.yaml", "document/unreadable"),
        (tmp_path, "document/unreadable"),
        (large, "document/too-large"),
        (several, "case/several"),
        (tmp_path / "empty.yaml", "case/empty"),
        (write("a: 1".encode("utf-16")), "document/encoding"),
    ):
        _, diagnostics = faults_of(path)
        assert [item.code for item in diagnostics] == [code]
        assert diagnostics[0].labels[0].span.file == str(path)


def test_jsonl_goes_on_after_a_bad_line(tmp_path: Path) -> None:
    lines = [
        '\ufeff{"as_of": "2025-03-01"}',
        "",
        '{"enterprise": {"employes": 5}}',
        "not json",
        '{"reports": [{"year": 2024, "rd_expense": 1260.5}]}',
        '{"a": 1, "a": 2}',
        "[1]",
    ]
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = dict(load_cases(path))
    assert sorted(found) == [1, 3, 4, 5, 6, 7]
    assert found[1] == Case(as_of=date(2025, 3, 1))
    good = found[5]
    assert isinstance(good, Case)
    assert good.reports[0].rd_expense == Decimal("1260.5")
    for line, code in (
        (3, "case/unknown-key"),
        (4, "document/syntax"),
        (6, "document/duplicate-key"),
        (7, "case/type"),
    ):
        fault = found[line]
        assert isinstance(fault, InputFaults)
        assert [item.code for item in fault.diagnostics] == [code]
        assert fault.diagnostics[0].labels[0].span.line == line
    assert found[3].diagnostics[0].labels[0].span.column == 18  # type: ignore[union-attr]


def test_jsonl_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputFaults):
        load_cases(tmp_path / "none.jsonl")


def test_jsonl_line_without_end(tmp_path: Path) -> None:
    """A line beyond the limit is passed over without being held whole; the next one counts."""
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b" " * (20 * 1024 * 1024) + b"\n{}\n")
    found = list(load_cases(path))
    assert [number for number, _ in found] == [1, 2]
    assert isinstance(found[0][1], InputFaults)
    assert found[1][1] == Case()


def test_python_values() -> None:
    case = read_case({
        "as_of": date(2025, 3, 1),
        "enterprise": {"employees": 420, "industry": 3421},
        "reports": [{"year": 2024, "rd_expense": 0.1, "output_value": Decimal("1e8"), "carbon_emissions": 5}],
        "projects": ({"id": 1, "floor_area": "5 m²"},),
    })  # fmt: skip
    assert case.reports[0].rd_expense == Decimal("0.1")
    assert case.projects[0].id == "1"
    with pytest.raises(InputFaults) as caught:
        read_case({"reports": [{"year": 2024, "rd_expense": float("nan")}], 5: 1})  # type: ignore[dict-item]
    assert {item.path for item in caught.value.diagnostics} == {"reports.2024.rd_expense", "5"}
    assert "nan" in str(caught.value)
    nothings: list[Any] = [[], "text", 5, None]
    for nothing in nothings:
        with pytest.raises(InputFaults):
            read_case(nothing)


def test_part_of_a_page() -> None:
    """A worked case of a rulebook: faults stand at the lines of the page."""
    page = read_yaml("name: x\ngiven:\n  enterprise: {employes: 5}\n", "page.md", 40)
    with pytest.raises(InputFaults) as caught:
        read_document(page.below("given"))
    (fault,) = caught.value.diagnostics
    assert (fault.path, fault.labels[0].span.line, fault.labels[0].span.column) == ("enterprise.employes", 42, 16)
    assert read_document(page.below("nothing")) == Case()


def test_wider_vocabulary() -> None:
    fact = FactSpec.declared("registered_capital", Text("注册资本", "total"), "quantity", MONEY, "project", "zero")
    wider = Vocabulary.core().extend([fact], {"region_model": Text("区级示范", "region model")})
    text = '{"projects": [{"id": "P1", "registered_capital": "5 吨"}], "recognitions": [{"title": "region_modle"}]}'
    with pytest.raises(InputFaults) as caught:
        read_document(read_json(text), wider)
    unit, title = caught.value.diagnostics
    assert unit.code == "case/unit"
    assert title.help == Text("是否想写 `region_model`？", "did you mean `region_model`?")
    with pytest.raises(InputFaults) as caught:
        read_document(read_json(text))
    assert caught.value.diagnostics[0].code == "case/unknown-key"


def test_no_message_speaks_python() -> None:
    """Whatever stands in the place of whatever, no type name of Python comes out."""
    wrong: list[Any] = [None, True, 5, 1.5, "x", [], [1], {}, {"x": 1}, [[]], [{}], {"x": []}]
    for field in Case.model_fields:
        for value in wrong:
            for data in ({field: value}, {field: [value]}, {field: {"year": value, "id": value, "reports": value}}):
                try:
                    read_case(data)
                except InputFaults as faults:
                    said = faults.render("zh") + faults.render("en")
                    for word in ("dict", "tuple", "str ", "int ", "NoneType", "Input should", "case/value"):
                        assert word not in said, (data, said)
