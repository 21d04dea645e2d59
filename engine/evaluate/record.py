"""What evaluation finds of one measure for one subject, before anything is resolved."""

from __future__ import annotations

from dataclasses import dataclass

from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure, Fen


@dataclass(slots=True)
class Record:
    """`truth` of all conditions together; `standard` in fen where they hold and the amount is known.

    `cap` is the cap that it shares with others; `assessed` what an authority has decided, 0 a refusal. `missing` names what money
    received leaves open.
    """

    compiled: CompiledMeasure
    subject: Subject
    key: tuple[str, str]
    """(measure, subject)."""
    truth: bool | None
    standard: Fen | None = None
    cap: Fen | None = None
    assessed: int | None = None
    missing: tuple[str, ...] = ()
    own: int = 0
    rival: int = 0
    cap_left: Fen | None = None
    ceilings: tuple[tuple[str, int], ...] = ()
    """The ceilings over the claim: the measure that sets each, and what it leaves in fen."""
