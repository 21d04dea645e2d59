"""A page checked again says what a fresh check would say of it, told as the difference from the last time."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from conggao.engine.authoring.check import check
from conggao.engine.authoring.watching import Watch, saves
from conggao.engine.rulebook.library import shipped
from conggao.facts.diagnostics import Diagnostic
from tests.conftest import FUZZ

EDITS = ("万元", "50 万元", "expect:", "when:", "```", "# ", "上年度", "\n", "unmet", "}", "- ", "pay:")


def keys(items: tuple[Diagnostic, ...]) -> Counter[tuple[object, ...]]:
    return Counter((item.code, item.message, item.path, item.breadcrumb) for item in items if item.severity != "note")


@pytest.mark.parametrize("name", ["ningxia-technology-trade-2023", "national-carbon-2024"])
def test_the_differences_add_up_to_a_fresh_check(name: str, tmp_path: Path) -> None:
    page, chance, watch = tmp_path / "page.md", random.Random(7), Watch()
    right = shipped()[name].read_text("utf-8")
    told: Counter[tuple[object, ...]] = Counter()
    for _ in range(max(12, FUZZ // 30)):
        lines = right.splitlines(keepends=True)
        for _ in range(chance.randrange(3)):
            at, word = chance.randrange(len(lines)), chance.choice(EDITS)
            lines[at] = lines[at].replace(word, "", 1) if word in lines[at] else word + lines[at]
        page.write_text("".join(lines), "utf-8")
        found = watch.recheck(page)
        told = told + keys(found.new) - keys(found.gone)
        assert told == keys(check([str(page)]).diagnostics)


def test_a_finding_that_only_moved_is_no_change(tmp_path: Path) -> None:
    page, watch = tmp_path / "page.md", Watch()
    text = shipped()["national-carbon-2024"].read_text("utf-8").replace("pay: ", "pay: 1 吨 + ", 1)
    page.write_text(text, "utf-8")
    assert watch.recheck(page).new
    page.write_text(text.replace("\n# ", "\n\n\n# ", 1), "utf-8")
    again = watch.recheck(page)
    assert (again.new, again.gone) == ((), ())


def test_a_page_that_is_gone_is_a_finding_and_comes_back(tmp_path: Path) -> None:
    page, watch = tmp_path / "page.md", Watch()
    page.write_bytes(shipped()["national-carbon-2024"].read_bytes())
    watch.recheck(page)
    text = page.read_bytes()
    page.unlink()
    assert [item.code for item in watch.recheck(page).new] == ["page/unreadable"]
    page.write_bytes(text)
    assert "page/unreadable" in [item.code for item in watch.recheck(page).gone]


def test_saving_in_place_and_by_replacing_are_both_seen(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles", reason="watching needs the extra `authoring`")
    page, other, stop = tmp_path / "page.md", tmp_path / "other.md", Event()
    page.write_text("1", "utf-8")
    seen: list[list[Path]] = []

    batches = saves([page], stop)

    def listen() -> None:
        for batch in batches:
            seen.append(batch)
            if len(seen) == 2:
                stop.set()

    thread = Thread(target=listen, daemon=True)
    thread.start()
    other.write_text("not watched", "utf-8")
    page.write_text("2", "utf-8")
    for _ in range(100):
        if len(seen) >= 1:
            break
        sleep(0.1)
    fresh = tmp_path / ".page.new"
    fresh.write_text("3", "utf-8")
    fresh.replace(page)
    thread.join(20)
    stop.set()
    assert seen == [[page], [page]]
