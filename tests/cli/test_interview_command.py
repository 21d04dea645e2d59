"""The interview as a person meets it: in a terminal, through a pseudo-terminal, in both languages; and in a pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pexpect")

import pexpect

from conggao.engine import Engine
from conggao.facts.loading import load_case
from tests.cli.console import ROOT

SAMPLE = "policy/yinchuan/cases/sample.yaml"
PROGRAM = [sys.executable, "-m", "conggao.cli.app", "interview"]
WORDS = {
    "zh": {
        "unknown": "不知道", "back": "返回", "stop": "结束", "why": "为什么问", "save": "保存到", "first": "这是第一题",
        "saved": "案例已写到", "bad": "建议", "day": "决定日期", "county": "所在县区或园区", "help": "帮助", "units": "数量可带单位",
        "done": "其余事实已不能改变结果",
    },
    "en": {
        "unknown": "unknown", "back": "back", "stop": "stop", "why": "Why:", "save": "Save to", "first": "This is the first question",
        "saved": "was written to", "bad": "help:", "day": "Day of the decision", "county": "county or park", "help": "help",
        "units": "Quantities may carry units", "done": "Nothing else can change the outcome",
    },
}  # fmt: skip
PROMPT = r"\r\n> "


def talk(*arguments: str, columns: int = 80) -> pexpect.spawn:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "TERM": "xterm", "PYTHONUTF8": "1"}
    environment.pop("COLUMNS", None)
    return pexpect.spawn(
        PROGRAM[0],
        [*PROGRAM[1:], *arguments],
        cwd=str(ROOT),
        env=environment,
        encoding="utf-8",
        timeout=60,
        # A shell's background job begins with interrupts ignored, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        dimensions=(40, columns),
    )


def said(child: pexpect.spawn) -> str:
    """What stands before the next prompt."""
    child.expect(PROMPT)
    return str(child.before)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_case_is_asked_for_and_written(lang: str, tmp_path: Path, everything: Engine) -> None:
    words, target = WORDS[lang], tmp_path / "made.yaml"
    child = talk("--lang", lang, "--policy", "yinchuan-2024-2")
    assert words["day"] in said(child)
    child.sendline("2025-03-01")
    first = said(child)
    assert words["county"] in first
    assert words["why"] in first
    child.sendline(words["back"])
    assert words["first"] in said(child)
    child.sendline(words["help"])
    assert words["units"] in said(child)
    child.sendline("金凤区")
    said(child)
    child.sendline("2024")
    after = said(child)
    assert "3. " in after
    child.sendline("许多")
    refused = said(child)
    assert words["bad"] in refused
    assert "3. " in refused, "the same question again"
    child.sendline(words["back"])
    assert "2. " in said(child)
    child.sendline(words["unknown"])
    assert "3. " in said(child)
    child.sendline(words["stop"])
    assert words["save"] in said(child)
    child.sendline(str(target))
    child.expect(words["saved"])
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    case = load_case(target, everything.vocabulary)
    assert case.enterprise is not None
    assert case.enterprise.county == "金凤区"
    assert case.recognitions == (), "the answer that was taken back is gone"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_half_filled_case_is_gone_on_with(lang: str, tmp_path: Path, everything: Engine) -> None:
    words, target = WORDS[lang], tmp_path / "more.yaml"
    child = talk(SAMPLE, "--lang", lang, "--save", str(target), columns=60)
    count = 0
    while child.expect([PROMPT, words["done"]]) == 0:
        assert words["why"] in child.before
        child.sendline(words["unknown"])
        count += 1
        assert count < 60
    child.expect(pexpect.EOF)
    child.close()
    assert count > 3
    assert load_case(target, everything.vocabulary) == load_case(ROOT / SAMPLE, everything.vocabulary)


def test_an_interrupt_offers_to_save_and_a_second_one_saves_nothing() -> None:
    child = talk(SAMPLE, "--lang", "en")
    said(child)
    child.sendintr()
    assert WORDS["en"]["save"] in said(child)
    child.sendintr()
    child.expect("not saved")
    child.expect(pexpect.EOF)
    child.close()
    assert "Traceback" not in str(child.before)


def piped(*arguments: str, text: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "60"}
    return subprocess.run(
        [*PROGRAM, *arguments], input=text, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8",
        timeout=60, check=False,
    )  # fmt: skip


def test_answers_may_come_from_a_pipe(tmp_path: Path, everything: Engine) -> None:
    target = tmp_path / "piped.json"
    done = piped("--as-of", "2025-03-01", "--lang", "zh", "--save", str(target), text="银川经开区\n")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    case = load_case(target, everything.vocabulary)
    assert case.enterprise is not None
    assert case.enterprise.county == "银川经开区"


def test_json_is_the_decision_alone(everything: Engine) -> None:
    done = piped(SAMPLE, "--json", text="")
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout.rstrip("\n")
        == everything.decide(load_case(ROOT / SAMPLE, everything.vocabulary), engine="exact").to_json()
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((SAMPLE, "--save", SAMPLE), "overwrite"),
        ((SAMPLE, "--save", "no/such/folder/case.yaml"), "nothing can be written"),
        (("policy/yinchuan/cases/wrong.yaml",), "error"),
        (("--as-of", "2025-13-01"), "not a date"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_asked(arguments: tuple[str, ...], expected: str) -> None:
    done = piped(*arguments, "--lang", "en", text="")
    assert done.returncode == 2
    assert expected in done.stderr
    assert ">" not in done.stdout
