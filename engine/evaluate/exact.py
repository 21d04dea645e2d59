"""The reference evaluator: conditions and standards of every measure for every subject, by exact closures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure
from conggao.engine.evaluate.record import Record


class Disagreement(RuntimeError):  # noqa: N818 - the name says what happened
    """Two evaluators read one rule differently: a fault of the program, never of the case."""


def evaluate(
    measures: Sequence[CompiledMeasure],
    subjects: Mapping[str, Sequence[Subject]],
    fired: Collection[tuple[str, str]] | None = None,
) -> list[Record]:
    """One record a measure and subject, in the order of the measures and then of the subjects.

    Where `fired` lists what a rule engine found to hold, by (measure, subject), that is taken, and conditions are only asked why the
    others do not hold.
    """
    records: list[Record] = []
    for compiled in measures:
        measure = compiled.measure
        if measure.idle:
            continue
        standard, shared_cap = compiled.standard, compiled.shared_cap
        holds, name = compiled.truth, measure.key
        for subject in subjects[measure.subject or "enterprise"]:
            frame = subject.frame
            truth: bool | None
            if fired is not None and (name, subject.name) in fired:
                truth = True
            else:
                truth = holds(frame)
                if truth and fired is not None:
                    raise Disagreement(f"{name} holds for {subject.name} but did not fire")
            record = Record(compiled, subject, truth)
            if truth and standard is not None:
                fen = standard(frame)
                if shared_cap is None:
                    record.standard = fen
                else:
                    record.cap = cap = shared_cap(frame)
                    if cap is not None:
                        record.standard = fen
            records.append(record)
    return records
