"""Through the spreadsheet and back: nothing changes that was not changed, what changed says what the cell says, and what a spreadsheet
spoils is refused by its cell."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conggao.engine.authoring.sheet import Imported, entries, export, imported
from conggao.engine.authoring.sheet.entries import parts
from conggao.engine.authoring.sheet.layout import FRONT, KINDS, TEXTS, TIERS
from conggao.engine.decide import Engine
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import Page, parse_page, read_page
from conggao.facts.diagnostics import InputFaults
from tests.engine.authoring import small

ROUNDS = max(1, int(os.environ.get("CONGGAO_AGREEMENT", "0")) // 100)
MEASURES = KINDS["measure"].name
PAGE = """---
policy: test-1
title: {zh: 试行, en: Trial}
number: 试〔2024〕1号
issuer: 市政府
level: city
in_force: 2024-01-01 .. 2026-12-31
place: [金凤区, 兴庆区]
lines:
  more_rd: {zh: 增量研发, en: more R&D}
  more_sales: {zh: 增量销售, en: more sales}
---

# 试行办法 Trial

## （一）

上年度研发费用不低于 50 万元、从业人员不少于 10 人的，按研发费用的 10% 补助，最高 100 万元。<!-- keep me -->

```measure
id: a
title: {zh: 研发补助, en: R&D subsidy}
subject: enterprise
lines: [more_rd]
when:   # two conditions
  - 上年度.研发费用 >= 50 万元
  - 从业人员 >= 10
pay: 10% * 上年度.研发费用
cap: 100 万元
```

```case
name: 够了
as_of: 2025-03-01
given: {enterprise: {employees: 400, industry: "0610"}, reports: [{year: 2024, rd_expense: 100 万元}]}
expect: {a: {status: granted}}
```

## （二）

| 超过 | 不超过 | 给予 |
|---|---|---|
| 1 亿元 | 5 亿元 | 10 万元 |
| 5 亿元 | | 20 万元 |

```measure
id: b
title: {zh: 增长, en: growth}
subject: enterprise
lines: [more_sales]
tiers: 上年度.主营业务收入
```
"""


def page_of(text: str = PAGE) -> Page:
    return parse_page(text.encode(), "test.md")


def through(page: Page, folder: Path, change: Callable[[Any], None]) -> Imported:
    """The page after a workbook of it was changed and saved by openpyxl."""
    path = folder / "book.xlsx"
    export(page, path)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return imported(page, path)


def cell(book: Any, sheet: str, owner: str, key: str, column: int = 0) -> Any:
    """The cell of a value."""
    titled = book[sheet]
    names = [owner, key] if sheet != FRONT.name else [key]
    for row in titled.iter_rows(min_row=2):
        if [item.value for item in row[: len(names)]] == names:
            return row[len(names) + (sheet != TIERS.name) + column]
    raise KeyError((sheet, owner, key))


def put(sheet: str, owner: str, key: str, value: Any, **more: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        found = cell(book, sheet, owner, key)
        found.number_format = more.get("form", "General")
        found.value = value

    return change


def codes(page: Page, folder: Path, change: Callable[[Any], None]) -> list[tuple[str, str]]:
    with pytest.raises(InputFaults) as found:
        through(page, folder, change)
    return [(item.code, item.path or "") for item in found.value.diagnostics]


# -- nothing is lost -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_page_comes_back_to_the_byte(name: str, tmp_path: Path) -> None:
    page = read_page(shipped()[name])
    new = through(page, tmp_path, lambda book: None)
    assert new.text == page.text
    assert new.changed == 0


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("seed", range(5))
def test_generated_pages_come_back_to_the_byte(seed: int, ending: str, tmp_path: Path) -> None:
    text = small.rulebook(small.conditions(seed), small.amount(seed)).replace("\n", ending)
    assert through(page_of(text), tmp_path, lambda book: None).text == text


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_scalar_of_a_page_is_in_the_workbook(name: str) -> None:
    """Counted over again: what the blocks hold, less what they do not show as a value."""
    page = read_page(shipped()[name])
    listed = [item for item in entries(page) if item.yaml]

    def count(node: Any) -> int:
        if isinstance(node.value, str):
            return 1
        pairs = [item[1] if isinstance(item, tuple) else item for item in node.value]
        return sum(count(item) for item in pairs)

    assert len(listed) == sum(count(part.root) for part in parts(page) if part.root is not None)
    assert len({item.name for item in listed}) == len(listed), "no two values share a row"


def test_a_changed_value_is_the_only_thing_that_changes(tmp_path: Path) -> None:
    """Random texts of every page, changed to something else, come out of the new page as they went in; all others as they were."""
    for name, path in shipped().items():
        page = read_page(path)
        for seed in range(ROUNDS):
            draw = random.Random(f"{name}{seed}")
            texts = [item for item in entries(page) if (item.yaml and _free(item.key)) or item.told.startswith("正文")]
            picked = draw.sample(texts, 3)
            wanted = {item.name: draw.choice(VALUES if item.yaml else VALUES[:4]) + str(seed) for item in picked}

            def change(book: Any, wanted: dict[Any, str] = wanted) -> None:
                for (sheet, owner, key, _), value in wanted.items():
                    cell(book, sheet, owner, key).value = value

            found = through(page, tmp_path, change)
            after = {item.name: item.text for item in entries(parse_page(found.text.encode(), page.name))}
            for item in entries(page):
                assert after[item.name] == wanted.get(item.name, item.text), (name, seed, item.name)
            assert found.changed == 3


VALUES = (
    "甲: 乙",
    "a # b",
    "'",
    '"x',
    "- x",
    "[a",
    "{b}",
    "yes",
    "null",
    "一、二",
    "a, b",
    "! x",
    "%",
    "&a",
    "*b",
    "@",
    "`",
)


def _free(key: str) -> bool:
    """A text that may say anything."""
    parts = key.split(" › ")
    return parts[0] in ("interpretation", "not_modelled", "issuer", "interpreter") or (
        parts[-1] == "en" and parts[0] == "title"
    )


# -- what is changed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "owner", "key", "value", "line"),
    [
        (MEASURES, "a", "cap", "200 万元", "cap: 200 万元"),
        (MEASURES, "a", "when › 2", "从业人员 >= 20", "  - 从业人员 >= 20"),
        (MEASURES, "a", "title › en", "R, D", 'title: {zh: 研发补助, en: "R, D"}'),
        (FRONT.name, "", "in_force", "2025-01-01 ..", "in_force: 2025-01-01 .."),
        (FRONT.name, "", "place › 2", "西夏区", "place: [金凤区, 西夏区]"),
    ],
)
def test_a_value_is_changed_in_its_line(
    sheet: str, owner: str, key: str, value: str, line: str, tmp_path: Path
) -> None:
    new = through(page_of(), tmp_path, put(sheet, owner, key, value))
    old, now = PAGE.splitlines(), new.text.splitlines()
    assert [text for text in now if text not in old] == [line]
    assert len(old) == len(now)
    assert "<!-- keep me -->" in new.text
    assert "# two conditions" in new.text


def test_a_condition_is_taken_out_and_another_added(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        cell(book, MEASURES, "a", "when › 2").value = "删除"
        book[MEASURES].append(["a", "once", "", "enterprise"])

    new = through(page_of(), tmp_path, change)
    measure = Engine.of([parse_page(new.text.encode(), "test.md")]).rulebooks.policies[0].measures[0]
    assert [item.text for item in measure.when] == ["上年度.研发费用 >= 50 万元"]
    assert measure.once == "enterprise"


def test_a_list_grows_by_its_next_item(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book[MEASURES].append(["a", "when › 3", "", "高新技术企业 或 从业人员 > 30"])
        book[FRONT.name].append(["place › 3", "", "西夏区"])

    new = through(page_of(), tmp_path, lambda book: book[FRONT.name].append(["place › 3", "", "西夏区"]))
    assert "place: [金凤区, 兴庆区, 西夏区]" in new.text
    new = through(page_of(), tmp_path, lambda book: book[MEASURES].append(["a", "when › 3", "", "从业人员 > 30"]))
    assert "  - 从业人员 >= 10\n  - 从业人员 > 30\n" in new.text


def test_steps_are_changed_added_and_taken_out(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        under = next(row[0].value for row in book[TIERS.name].iter_rows(min_row=2))
        cell(book, TIERS.name, under, "3", 1).value = "9 亿元"
        book[TIERS.name].append([under, "4", "9 亿元", "", "30 万元"])

    new = through(page_of(), tmp_path, change)
    assert "| 5 亿元 | 9 亿元 | 20 万元 |\n| 9 亿元 |  | 30 万元 |\n" in new.text


def test_figures_that_a_spreadsheet_makes_numbers_of_read_as_they_are_shown(tmp_path: Path) -> None:
    staff = KINDS["case"].name, "够了", "given › enterprise › employees"
    assert "employees: 250000," in through(page_of(), tmp_path, put(*staff, 250000.0)).text
    assert through(page_of(), tmp_path, put(*staff, 400)).changed == 0
    shares = PAGE.replace("cap: 100 万元", "cap: 100 万元\nfunding: {city: 60%, county: 40%}")

    def change(book: Any) -> None:
        for key, value in (("city", 0.7), ("county", 0.3)):
            held = cell(book, MEASURES, "a", f"funding › {key}")
            held.number_format, held.value = "0%", value

    assert "funding: {city: 70%, county: 30%}" in through(page_of(shares), tmp_path, change).text


def test_a_date_is_a_date(tmp_path: Path) -> None:
    text = PAGE.replace("level: city", "level: city\nchecked: 2026-11-01")
    new = through(page_of(text), tmp_path, put(FRONT.name, "", "checked", datetime(2026, 11, 20), form="yyyy-mm-dd"))
    assert "checked: 2026-11-20" in new.text


# -- what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("=1+1", "sheet/formula"),
        (1 / 3, "sheet/shown"),
        (None, "sheet/cleared"),
        ("２００ 万元", "sheet/full-width"),
        (datetime(2024, 1, 1, 12), "sheet/time"),
        ("2 万吨", "rule/type"),
        ("上年度.研发费", "rule/unknown-name"),
    ],
)
def test_a_value_that_would_be_spoilt_is_refused_by_its_cell(value: Any, code: str, tmp_path: Path) -> None:
    ((found, where),) = codes(page_of(), tmp_path, put(MEASURES, "a", "cap", value))
    assert where.startswith(f"{MEASURES}!")
    assert found == code or (code.startswith("rule/") and found.startswith("rule/"))


def test_zeros_at_the_beginning_are_not_lost(tmp_path: Path) -> None:
    industry = KINDS["case"].name, "够了", "given › enterprise › industry"
    assert [code for code, _ in codes(page_of(), tmp_path, put(*industry, 610))] == ["sheet/zeros"]
    assert 'industry: "0710"' in through(page_of(), tmp_path, put(*industry, "0710")).text


def test_a_date_that_has_become_a_number_is_refused(tmp_path: Path) -> None:
    text = PAGE.replace("level: city", "level: city\nchecked: 2026-11-01")
    assert [code for code, _ in codes(page_of(text), tmp_path, put(FRONT.name, "", "checked", 46327))] == ["sheet/date"]


@pytest.mark.parametrize("value", ["# 标题", "- 一项", "> 引文", "```measure", "| a | b |", "<!-- 注 -->"])
def test_a_text_that_would_be_read_as_something_else_is_refused(value: str, tmp_path: Path) -> None:
    under = "（一）"
    assert [code for code, _ in codes(page_of(), tmp_path, put(TEXTS.name, under, "3", value))] == ["sheet/unplaceable"]


def _drop_row(book: Any) -> None:
    book[MEASURES].delete_rows(3)


def _rename_column(book: Any) -> None:
    book[MEASURES].cell(1, 4).value = "数值"


def _merge(book: Any) -> None:
    book[MEASURES].merge_cells("D3:D4")


def _twice(book: Any) -> None:
    book[MEASURES].append([item.value for item in book[MEASURES][3]])


def _beyond(book: Any) -> None:
    book[MEASURES].cell(3, 7).value = "note"


def _no_such_measure(book: Any) -> None:
    book[MEASURES].append(["c", "cap", "", "1 万元"])


def _no_such_key(book: Any) -> None:
    book[MEASURES].append(["a", "capp", "", "1 万元"])


def _other_sheet(book: Any) -> None:
    book[MEASURES].title = "Sheet7"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_drop_row, "sheet/gone"), (_rename_column, "sheet/unknown-column"), (_merge, "sheet/merged"), (_twice, "sheet/twice"),
        (_beyond, "sheet/beyond"), (_no_such_measure, "sheet/unknown-row"), (_no_such_key, "sheet/unknown-key"),
        (_other_sheet, "sheet/unknown-sheet"),
    ],
)  # fmt: skip
def test_a_workbook_that_would_lose_something_is_refused(
    change: Callable[[Any], None], code: str, tmp_path: Path
) -> None:
    assert code in [found for found, _ in codes(page_of(), tmp_path, change)]


def test_a_workbook_of_another_state_of_the_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    export(page_of(), path)
    with pytest.raises(InputFaults) as found:
        imported(page_of(PAGE.replace("最高 100", "最高100")), path)
    assert [item.code for item in found.value.diagnostics] == ["sheet/other-page"]


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 cut off", b"a,b\n1,2\n"])
def test_a_file_that_is_no_workbook_is_refused(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(raw)
    with pytest.raises(InputFaults) as found:
        imported(page_of(), path)
    assert [item.code for item in found.value.diagnostics] == ["sheet/unreadable"]


def test_a_damaged_workbook_never_ends_in_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    export(page_of(), path)
    whole = path.read_bytes()
    for seed in range(ROUNDS * 10):
        draw = random.Random(seed)
        raw = bytearray(whole)
        for _ in range(draw.randint(1, 20)):
            raw[draw.randrange(len(raw))] = draw.randrange(256)
        path.write_bytes(bytes(raw[: draw.randint(1, len(raw))] if draw.random() < 0.3 else raw))
        try:
            new = imported(page_of(), path)
        except InputFaults:
            continue
        assert new.text == PAGE or new.changed
