"""What applies between two days on which an amendment begins or ends: rulebooks compiled for every evaluator, on first use."""

from __future__ import annotations

from functools import cached_property

from conggao.engine.evaluate.forward import Forward
from conggao.engine.evaluate.program import Program
from conggao.engine.outcomes import Outcomes
from conggao.engine.payer import Payer
from conggao.engine.rulebook.model import Rulebooks
from conggao.facts.vocabulary import Vocabulary


class Edition:
    """One state of the law. Threads may share it: a part made twice at once is the same part."""

    def __init__(self, rulebooks: Rulebooks, vocabulary: Vocabulary) -> None:
        self.rulebooks = rulebooks
        self.vocabulary = vocabulary

    @cached_property
    def program(self) -> Program:
        return Program(self.rulebooks, self.vocabulary)

    @cached_property
    def forward(self) -> Forward:
        return Forward(self.program)

    @cached_property
    def outcomes(self) -> Outcomes:
        return Outcomes(self.program)

    @cached_property
    def payer(self) -> Payer:
        return Payer(self.program)
