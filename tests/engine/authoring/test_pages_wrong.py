"""Pages that are wrong in any way: faults or an answer from every function for authors, never an exception of another kind."""

from __future__ import annotations

import os
import random

import pytest

from conggao.engine.authoring.accept import accepted
from conggao.engine.authoring.check import Company
from conggao.engine.authoring.coverage import described
from conggao.engine.authoring.gaps import gaps
from conggao.engine.authoring.reading import reading
from conggao.engine.authoring.seen import rule_coverage
from conggao.engine.authoring.worked import run_cases
from conggao.engine.decide import Engine
from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults

COUNT = int(os.environ.get("CONGGAO_FUZZ", "300")) // 6
WORDS = (
    "expect:", "given:", "name:", "[", "]", "{", "}", "null", "~", "1", "-1", "99999999999999999999999999999 亿元", "0 ..", "..", "unmet",
    "granted", "unknown", "{a: b}", "[a, b]", "as_of:", "with: all", "because:", "missing:", "totals:", "gain:", "basis:", "superseded_by:",
    "\n", "  ", "- ", "```", "```case", "<!--", "-->", "# ", "万元", "吨", "%", "project:P1:", "\t", '"', "'", "：", "||", "tiers:", "cap:",
    "difference: x", "0.001 元",
)  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    lines = text.splitlines()
    cases = [
        n for n, line in enumerate(lines) if line.startswith(("expect", "  ", "as_of", "given", "name", "pay", "cap"))
    ]
    for _ in range(chance.randint(1, 3)):
        at = chance.choice(cases if chance.random() < 0.8 else range(len(lines)))
        at = min(at, len(lines) - 1)
        place = chance.randint(0, len(lines[at]))
        match chance.randrange(4):
            case 0:
                lines[at] = lines[at][:place] + chance.choice(WORDS) + lines[at][place:]
            case 1:
                lines[at] = lines[at][:place] + lines[at][place + chance.randint(1, 8) :]
            case 2:
                head, colon, _ = lines[at].partition(":")
                lines[at] = f"{head}{colon} {chance.choice(WORDS)}"
            case _:
                lines.insert(at, lines[chance.randrange(len(lines))])
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["national-carbon-2024", "ningxia-growth-2022", "ningxia-technology-trade-2023"])
def test_any_mutation_gives_faults_or_an_answer(name: str) -> None:
    text = shipped()[name].read_text("utf-8")
    answered = 0
    for seed in range(COUNT):
        wrong = mutated(text, random.Random(seed))
        try:
            engine = Engine.of([parse_page(wrong.encode(), "wrong.md")])
            for policy in engine.rulebooks.policies:
                done, faults = run_cases(policy, engine, Company(policy, [policy.id]))
                assert all(item.labels for item in faults)
                accepted(policy, done)
                gaps(policy)
                described([policy], engine.program, "en")
                rule_coverage(policy, engine.program, done, "en")
                reading(policy, engine, done, "zh")
                answered += not faults
        except InputFaults as faults:
            assert faults.diagnostics
    assert answered, "some mutations only change words"
