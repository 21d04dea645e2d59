"""An interview asks only for what can still change the outcome, and says why."""

from conggao.engine.analysis.interview.talk import SUBJECTS, Because, Interview, Question

__all__ = ["SUBJECTS", "Because", "Interview", "Question"]
