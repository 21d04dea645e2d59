"""Names are looked up by a part of them, in either language, and are those that rules are read with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from conggao.cli.policy.names import HEADINGS
from conggao.engine import Engine
from conggao.engine.language.check import check
from conggao.engine.language.parse import Origin
from conggao.engine.language.scope import Scope
from conggao.engine.language.types import TRUTH
from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.diagnostics import Lang
from conggao.facts.vocabulary import MODELS
from tests.cli.console import run

PAGE = """---
policy: names-x
title: {zh: 示例, en: Example}
number: 示例〔2024〕1号
issuer: 示例市人民政府
level: city
in_force: 2024-01-01 .. 2027-12-31
---

# 示例

```facts
facts:
  - {name: pilot_lines, label: {zh: 中试线条数, en: pilot lines}, type: integer, subject: enterprise, absent: zero}
```
"""


def listed(*arguments: str) -> list[dict[str, Any]]:
    done = run("policy", "names", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_every_fact_and_every_word_is_listed_once() -> None:
    found = listed()
    vocabulary = shipped_vocabulary()
    facts = [(item["of"], item["name"]) for item in found if item["kind"] == "fact"]
    assert sorted(facts) == sorted((owner, spec.name) for owner in MODELS for spec in vocabulary.specs(owner))
    for table in ("titles", "purposes", "kinds", "levels", "counties"):
        words = [item["name"] for item in found if item["kind"] == "word" and item["of"] == table]
        assert sorted(words) == sorted(vocabulary.words(table)), table


@pytest.mark.parametrize("word", ["研发费用", "rd_exp", "R&D EXPENSE"])
def test_a_part_of_any_name_finds_it(word: str) -> None:
    found = {(item["of"], item["name"]) for item in listed(word)}
    assert ("report", "rd_expense") in found
    assert ("enterprise", "employees") not in found
    assert listed("award"), "from where a word begins"
    assert run("policy", "names", "ward").returncode == 2


def test_what_a_page_declares_is_known_with_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, "utf-8")
    (item,) = listed("中试线", "--policy", str(page))
    assert (item["name"], item["of"], item["kind"]) == ("pilot_lines", "enterprise", "fact")
    assert run("policy", "names", "中试线").returncode == 2
    page.write_text(PAGE.replace("type: integer", "kind: number"), "utf-8")
    wrong = run("policy", "names", "中试线", "--policy", str(page))
    assert wrong.returncode == 2, "what it declares wrongly is said, not left out"
    assert "facts.1.type" in wrong.stderr


def test_what_no_name_holds_is_answered_with_the_nearest() -> None:
    done = run("policy", "names", "研发经费", "--lang", "zh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "研发费用" in done.stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_keeps_within_a_narrow_terminal(lang: str) -> None:
    shown = run("policy", "names", "--lang", lang, columns=50).stdout
    assert all(cell_len(line.rstrip()) <= 50 for line in shown.splitlines())
    assert "rd_expense" in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("owner", "word"), [("titles", "smart_factory"), ("purposes", "equipment_renewal")])
def test_what_a_heading_says_to_write_can_be_written(everything: Engine, owner: str, word: str, lang: Lang) -> None:
    """The pattern above the words, with one of the words in it, is a condition of the language."""
    (pattern,) = re.findall("`([^`]+)`", HEADINGS[owner].of(lang))
    scope = Scope(everything.vocabulary, "project", everything.program.specs)
    assert "…" in pattern
    assert check(pattern.replace("…", word), scope, Origin("names", 1, 1, ()), TRUTH).type == TRUTH
