"""Malformed pages: whatever is done to the shipped ones, they are read or refused with diagnostics, soon and without a traceback."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from conggao.engine.authoring.check import Company
from conggao.engine.authoring.worked import run_cases
from conggao.engine.decide import Engine
from conggao.engine.rulebook.figures import check_figures
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import parse_page
from conggao.engine.rulebook.relations import overlaps
from conggao.facts.diagnostics import InputFaults, render

COUNT = int(os.environ.get("CONGGAO_FUZZ", "300"))
FIRST = int(os.environ.get("CONGGAO_FUZZ_FROM", "0"))
SECONDS = 20
"""After which a page counts as one that hangs; the largest shipped one takes a tenth of a second."""
MOST_MEMORY = 2 * 1024**3
PAGES = sorted(path.read_text("utf-8") for path in shipped().values())
SIGNS = "{}[]():,;#&*!|>'\"%@`-?~<>=≤≥+×÷/。，、（）“”\t \n\r\0\u200b\ufeff\ud7ff😀é０１２９"
WORDS = (
    "null", "~", "true", "yes", "[]", "{}", "{a: b}", "[[[[[[]]]]]]", "&a [*a]", "*a", "!!python/object:os.system x", "<<: *a", "0", "-1",
    "1e999", ".inf", ".nan", "0x10", "1_000", "99999999999999999999999999999999 元", "1/3", "10%", "２ 万元", "2024-02-30", "9999-12-31 ..",
    ".. ..", "上年度", "上年度.", "上年度.研发费用", "企业.", "and", "且 且", "((((", "1 +", "认定(", '认定("x")', "介于(1,2)", "最高(",
    "open",
    "```", "```measure", "```case", "---", "<!--", "-->", "## （一）", "| a | b |", "|---|---|", "a: &x [*x]", "'", '"', "\\", "%YAML 9",
    "enterprise", "project", "park", "all", "measure", "yinchuan-2024-2/8a", "../../etc/passwd", "x" * 3000, "(" * 500,
    "- " * 300,
)  # fmt: skip
_NUMBER = re.compile(r"\d[\d.]*")
_VALUE = re.compile(r"(?<=: )[^\n{}\[\],]+")


def mutated(draw: random.Random) -> str:
    """One of the pages with one to four things done to it; seldom to the front matter, which hides the rest."""
    text = draw.choice(PAGES)
    if draw.random() < 0.7:
        text = shortened(draw, text)
    for _ in range(draw.randint(1, 4)):
        text = draw.choice((_sign, _word, _number, _value, _line, _line, _moved, _nested, _cut))(draw, text)
    return text


def shortened(draw: random.Random, text: str) -> str:
    """The page with some of its sections only, so that the many are looked at quickly."""
    head, *sections = re.split(r"(?m)^(?=## )", text)
    return head + "".join(draw.sample(sections, min(len(sections), 2)))


def _place(draw: random.Random, text: str) -> int:
    return draw.randrange(len(text) + 1)


def _sign(draw: random.Random, text: str) -> str:
    at = _place(draw, text)
    return text[:at] + draw.choice(SIGNS) + text[at + draw.randint(0, 2) :]


def _word(draw: random.Random, text: str) -> str:
    at = _place(draw, text)
    return text[:at] + draw.choice(WORDS) + text[at + draw.randint(0, 20) :]


def _number(draw: random.Random, text: str) -> str:
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    one = draw.choice(found)
    new = draw.choice(
        ("0", "-1", "1e9", str(draw.randrange(10**9)), "0.0001", "9" * 30, one.group() + "0", one.group() + ".5")
    )
    return text[: one.start()] + new + text[one.end() :]


def _value(draw: random.Random, text: str) -> str:
    found = list(_VALUE.finditer(text))
    if not found:
        return text
    one = draw.choice(found)
    new = draw.choice((*WORDS, draw.choice(found).group(), draw.choice(found).group()))
    return text[: one.start()] + new + text[one.end() :]


def _line(draw: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    match draw.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[draw.randrange(len(lines))])
        case 2:
            other = draw.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines[at] = draw.choice(("  ", "\t", "- ", "> ")) + lines[at]
    return "\n".join(lines)


def _moved(draw: random.Random, text: str) -> str:
    """A block put somewhere else."""
    start, end = sorted((_place(draw, text), _place(draw, text)))
    end = min(end, start + 400)
    at = _place(draw, text)
    return text[:at] + text[start:end] + text[at:]


def _nested(draw: random.Random, text: str) -> str:
    at, depth = _place(draw, text), draw.choice((3, 60, 2000))
    opening, closing = draw.choice((("[", "]"), ("{a: ", "}"), ("(", ")"), ("非 ", ""), ("-", ""), ("> ", "")))
    return text[:at] + opening * depth + "1" + closing * depth + text[at:]


def _cut(draw: random.Random, text: str) -> str:
    at = _place(draw, text)
    return text[:at] if draw.random() < 0.3 else text[:at] + text[at + draw.randrange(200) :]


@contextmanager
def soon(seed: object) -> Iterator[None]:
    """Fails where what is done takes too long."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"seed {seed} hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def look_at(text: str, *, closely: bool) -> bool:
    """Whether the page could be read; what is wrong with it can be told in both languages."""
    try:
        page = parse_page(text.encode("utf-8", "surrogatepass"), "page.md")
        engine = Engine.of([page])
    except InputFaults as faults:
        assert faults.diagnostics
        for item in faults.diagnostics[:20]:
            assert item.message.zh
            assert render(item, "en", faults.sources)
        return False
    for policy in engine.rulebooks.policies:
        told = [*check_figures(policy, engine.rulebooks), *overlaps([policy])]
        if closely:
            told += run_cases(policy, engine, Company(policy, [policy.id]))[1]
        assert all(render(item, "zh") for item in told)
    return True


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no alarm signal to find what hangs")
def test_a_malformed_page_is_refused_with_diagnostics() -> None:
    read = 0
    for seed in range(FIRST, FIRST + COUNT):
        draw = random.Random(seed)
        text = mutated(draw)
        with soon(seed):
            try:
                read += look_at(text, closely=seed % 10 == 0)
            except Exception as error:
                raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error
    assert 0 < read < COUNT, "some are read and some are refused"
    unit = 1 if sys.platform == "darwin" else 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < MOST_MEMORY
