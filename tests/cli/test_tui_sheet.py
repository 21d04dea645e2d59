"""The parts of the terminal application that need no terminal: values read and shown, steps, names cut to their cells."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("textual")
pytest.importorskip("plotext")

from rich.cells import cell_len

from conggao.cli.tui.listing import fitted
from conggao.cli.tui.session import Session
from conggao.cli.tui.sheet import nudged, parsed, readable, shown, stated, written
from conggao.engine import Engine
from conggao.facts.diagnostics import Lang
from conggao.facts.loading import load_case
from conggao.facts.units import MONEY, parse_quantity


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_value_shown_is_read_back_as_itself(everything: Engine, sample: Path, lang: Lang) -> None:
    session = Session(everything, load_case(sample, everything.vocabulary), None, lang)
    count = 0
    for group in session.rows():
        for row in group.rows:
            found = stated(row, session.now.document)
            if found is not None:
                assert shown(row, found, lang)
                trial = session.trial(row, parsed(row, written(row, found, lang)))
                assert trial.case == session.now.case, row.key
                count += 1
    assert count > 60


def test_readable_amounts_are_exact() -> None:
    for number in (
        Fraction(1),
        Fraction(9999),
        Fraction(10000),
        Fraction(123456789),
        Fraction(31800000001, 100),
        Fraction(10**12),
    ):
        for lang in ("zh", "en"):
            text = readable(number, MONEY, lang).replace("CNY ", "")
            assert parse_quantity(text).value == number, text


@pytest.mark.parametrize(
    ("value", "by", "expected"),
    [("12600000", 1, "13600000"), ("1000000", -1, "900000"), ("0", -1, "0"), ("0", 1, "1"), ("9", -1, "8"), ("1", -1, "0")],
)  # fmt: skip
def test_a_step_moves_the_second_digit(value: str, by: int, expected: str) -> None:
    assert nudged(value, by, whole=True) == expected


def test_a_name_is_cut_to_its_cells() -> None:
    for text in ("研发费用补助", "a研发费用", "R&D", ""):
        for width in range(16):
            assert cell_len(fitted(text, width)) == width or width == 0
