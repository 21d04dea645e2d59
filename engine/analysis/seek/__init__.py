"""What is nearest: the smallest changes that would qualify or bring more."""

from conggao.engine.analysis.seek.run import APPLIES, Changed, Hindered, Proposal, Sought, seek

__all__ = ["APPLIES", "Changed", "Hindered", "Proposal", "Sought", "seek"]
