"""conggao.engine: `Engine` decides what an enterprise may claim; `Case` and `Decision` are what goes in and comes out."""

from conggao.engine.decide import Engine
from conggao.engine.decision import Decision, Outcome
from conggao.facts.diagnostics import InputFaults
from conggao.facts.models import Case

__all__ = ["Case", "Decision", "Engine", "InputFaults", "Outcome"]
