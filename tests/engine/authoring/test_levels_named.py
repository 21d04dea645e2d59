"""A level of government that is not modelled is answered with the levels there are, never with a word that looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conggao.engine.authoring.check import check
from conggao.engine.authoring.lints import example
from conggao.engine.authoring.particulars import LEVELS, Wrong, levels, one_of
from conggao.engine.decide import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

BODY = """
## （一）研发补助

有研发费用的企业，补助研发费用的 10%。

```measure
id: rd
title: {zh: 研发补助, en: R&D support}
subject: enterprise
lines: [research_expense]
when: [上年度.研发费用 > 0 元]
pay: 10% * 上年度.研发费用
```
"""
BELOW = ["county", "district", "place", "县", "区县", "园区"]
ELSE = [("province", "region"), ("省级", "region"), ("prefecture", "city"), ("中央", "national")]


def helps(text: str, folder: Path) -> list[Text | None]:
    path = folder / "page.md"
    path.write_text(text, "utf-8")
    return [item.help for item in check([str(path)]).diagnostics if item.severity == "error"]


def places(word: str, folder: Path) -> list[Text | None]:
    """The help wherever a level may be written."""
    whole = example(BODY)
    found = helps(whole.replace("level: city", f"level: {word}"), folder)
    found += helps(whole.replace("[national, region]", f"[national, {word}]"), folder)
    found += helps(whole.replace("上年度.研发费用 > 0 元]", f'\'认定("smart_factory", level="{word}")\']'), folder)
    case = {"as_of": "2025-03-01", "recognitions": [{"title": "smart_factory", "year": 2024, "level": word}]}
    with pytest.raises(InputFaults) as raised:
        Engine().decide(case)
    found += [item.help for item in raised.value.diagnostics]
    return found


@pytest.mark.parametrize("word", BELOW)
def test_a_level_below_the_city_is_city_with_places(word: str, tmp_path: Path) -> None:
    found = places(word, tmp_path)
    assert len(found) == 4
    for help_ in found:
        assert help_ is not None
        assert "是否想写" not in help_.zh
        assert "`place`" in help_.en
        assert "`city`" in help_.zh
    with pytest.raises(Wrong) as raised:
        one_of(LEVELS)(word)
    assert raised.value.help == found[0]


@pytest.mark.parametrize(("word", "meant"), ELSE)
def test_another_word_for_a_level_names_that_level(word: str, meant: str, tmp_path: Path) -> None:
    for help_ in places(word, tmp_path):
        assert help_ is not None
        assert f"`{meant}`" in help_.en


def test_what_a_refusal_lists_is_taken() -> None:
    with pytest.raises(Wrong) as raised:
        one_of(LEVELS)("foo")
    assert raised.value.help is not None
    listed = raised.value.help.zh.partition("：")[2].split("、")
    assert [one_of(LEVELS)(word) for word in listed] == list(LEVELS.values())
    assert levels("、".join(listed)) == ("national", "region", "city")


def test_a_typing_error_is_still_answered_with_the_nearest(tmp_path: Path) -> None:
    diagnostics: list[Diagnostic] = []
    path = tmp_path / "page.md"
    path.write_text(example(BODY).replace("level: city", "level: citty"), "utf-8")
    diagnostics += check([str(path)]).diagnostics
    assert [item.help.en for item in diagnostics if item.help and item.severity == "error"] == ["did you mean `city`?"]
