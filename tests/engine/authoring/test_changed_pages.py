"""Shipped pages with a sign, a word or a figure changed: every one is checked and compared to the end, and what is shown is true."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from random import Random

from conggao.engine.authoring.check import check
from conggao.engine.authoring.diff.compare import compare
from conggao.engine.authoring.diff.sides import Side, page_of
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults

PAGES = max(30, int(os.environ.get("CONGGAO_FUZZ", "300")) // 8)
NAMES = [name for name in shipped() if name != "yinchuan-2024-2"]
SWAPS = (
    (">", "<"), ("≥", "≤"), (" 且 ", " 或 "), (" 或 ", " 且 "), ("10%", "0%"), ("万元", "亿元"), ("非 ", ""), ("cap:", "# cap:"),
    ("pay:", "up_to:"), ("up_to:", "pay:"), ("enterprise", "project"), ("上年度", "前年度"), (" + ", " - "), (" - ", " + "), (" * ", " / "),
    ("min(", "max("), ("once:", "# once:"),
)  # fmt: skip


def changed(draw: Random, text: str) -> str:
    """`text` with one to three small changes."""
    for _ in range(draw.choice((1, 1, 2, 3))):
        old, new = draw.choice(SWAPS)
        places = [match.span() for match in re.finditer(re.escape(old), text)]
        if draw.random() < 0.25 or not places:
            places, new = [match.span() for match in re.finditer(r"\d+", text)], str(draw.choice((0, 1, 10**6)))
        start, end = draw.choice(places)
        text = text[:start] + new + text[end:]
    return text


def test_every_changed_page_is_checked_and_compared_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    read = shown = 0
    for seed in range(PAGES):
        draw = Random(seed)
        original = page_of(draw.choice(NAMES))
        path.write_text(changed(draw, original.text), encoding="utf-8")
        found = check([path], proofs=True, on=date(2025, 3, 1))
        assert all(item.message.zh and item.message.en for item in found.diagnostics)
        read += bool(found.policies)
        other = parse_page(path.read_bytes(), str(path))
        try:
            told = compare(original, other, tried=30)
        except InputFaults:
            continue
        sides = Side.of(original), Side.of(other)
        for change in told.changes:
            if (
                change.verdict == "differs"
                and change.case is not None
                and change.measure is not None
                and not told.notes
            ):
                by = change.by or change.measure
                one, two = (side.full(dict(change.case), f"{side.policy.id}/{by}") for side in sides)
                assert one != two, (seed, change)
                shown += 1
    assert read > PAGES // 2, "most changes leave a page that can be read"
    assert shown
