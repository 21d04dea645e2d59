"""Ceilings: the most that the claims of one subject may bring together, as a share of a fact."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledCeiling, Program
from conggao.engine.evaluate.record import Record
from conggao.engine.explain import Explainer
from conggao.engine.receipts import Taken


class Ceilings:
    """The ceilings that hold, or may hold, for the subjects of a case.

    `left` is what each leaves after the money received under it, in fen. While it is unknown whether or where a ceiling lies, the claims
    under it are undetermined.
    """

    def __init__(
        self,
        program: Program,
        subjects: Mapping[str, Sequence[Subject]],
        received: Sequence[Taken],
        as_of: date,
        outside: Collection[str],
    ) -> None:
        self.left: dict[str, int] = {}
        self._missing: dict[str, tuple[str, ...]] = {}
        self._by_subject: dict[str, list[tuple[CompiledCeiling, str]]] = {}
        for item in program.ceilings:
            if item.policy.id in outside:
                continue
            for subject in subjects[item.measure.subject or "enterprise"]:
                truth = item.truth(subject.frame)
                if truth is False:
                    continue
                key = f"{item.measure.key}@{subject.name}"
                self._by_subject.setdefault(subject.name, []).append((item, key))
                limit = item.limit(subject.frame)
                used, lacking = _received(item, subject, received)
                if truth is None or limit is None:
                    explainer = Explainer(program, subjects, as_of, "zh")
                    nodes = [condition.node for condition in item.measure.when]
                    lacking |= set(explainer.missing([*nodes, item.ceiling.amount], subject))
                if lacking:
                    self._missing[key] = tuple(sorted(lacking))
                else:
                    assert limit is not None
                    self.left[key] = max(0, limit - used)

    def __bool__(self) -> bool:
        return bool(self._by_subject)

    def over(self, record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The ceilings over the claim of `record`, and the facts that one of them lacks."""
        found: list[str] = []
        missing: set[str] = set()
        for item, key in self._by_subject.get(record.subject.name, ()):
            if item.ceiling.over is None or record.compiled.measure.key in item.ceiling.over:
                found.append(key)
                missing.update(self._missing.get(key, ()))
        record.ceilings = tuple((key.partition("@")[0], self.left[key]) for key in found if key in self.left)
        return tuple(found), tuple(sorted(missing))


def _received(item: CompiledCeiling, subject: Subject, received: Sequence[Taken]) -> tuple[int, set[str]]:
    """The money received under the ceiling, in fen, and what is not said of it."""
    used = 0
    lacking: set[str] = set()
    for receipt in received:
        if receipt.fen == 0 or (item.ceiling.over is not None and receipt.key not in item.ceiling.over):
            continue
        if receipt.subject is None:
            lacking.add(f"received.{receipt.index}.subject")
        elif receipt.subject == subject.name:
            if receipt.fen is None:
                lacking.add(f"received.{receipt.index}.amount")
            else:
                used += receipt.fen
    return used, lacking
