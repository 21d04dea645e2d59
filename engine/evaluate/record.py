"""What evaluation finds of one measure for one subject, before anything is resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure, Fen


@dataclass(eq=False)
class Record:
    """`truth` of all conditions together; `standard` in fen where they hold and the amount is known; `cap` is the cap that it shares
    with others."""

    compiled: CompiledMeasure
    subject: Subject
    truth: bool | None

    # Not of all records, and therefore not set when a record is made.
    standard: Fen | None = field(default=None, init=False)
    cap: Fen | None = field(default=None, init=False)
    assessed: int | None = field(default=None, init=False)
    """What an authority has decided, in fen, 0 a refusal."""
    missing: tuple[str, ...] = field(default=(), init=False)
    """What money received, or a ceiling, leaves open."""
    own: int = field(default=0, init=False)
    """Received under the same measure, in fen; `rival` is what was received under others."""
    rival: int = field(default=0, init=False)
    cap_left: Fen | None = field(default=None, init=False)
    ceilings: tuple[tuple[str, int], ...] = field(default=(), init=False)
    """The ceilings over the claim: the measure that sets each, and what it leaves in fen."""

    @property
    def key(self) -> tuple[str, str]:
        """(measure, subject)."""
        return self.compiled.measure.key, self.subject.name
