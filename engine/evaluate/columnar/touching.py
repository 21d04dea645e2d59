"""Whom money received may concern: which enterprises must be looked at again, and which of them only the exact evaluator understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conggao.engine.evaluate.columnar.assembly import Assembly
from conggao.engine.evaluate.columnar.receiving import SINGLE, Effect, effects
from conggao.engine.evaluate.columnar.schema import ODD, UNDER
from conggao.facts.tables.schema import CASE

if TYPE_CHECKING:
    import pyarrow as pa


class Touching:
    """Says it of the results of one plan."""

    def __init__(self, assembly: Assembly) -> None:
        plan = assembly.plan
        self._assembly, self._program = assembly, plan.program
        self._effects = effects(plan.program, [member for listed in plan.members.values() for member in listed])
        self._nearby: dict[str, tuple[str, str | None, list[Effect]] | None] = {}

    def touched(self, results: Mapping[str, pa.Table], received: pa.Table, latest: Any, first: int, left: bool) -> Any:
        """The enterprises, ascending, of which money `received` (counted) may change what a claim pays: the claim is of the measure that
        paid it, or of one that excludes that, and it was for a year that counts; or a ceiling over the claim counts it. What no rulebook
        knows may change any. `left`: only those that no columns say. `latest`: the year decided on of every enterprise from `first` on."""
        import numpy as np

        encoded = received["measure"].combine_chunks().dictionary_encode()
        at, names = received[CASE].to_numpy() - first, encoded.indices.to_numpy()
        years = received["year"].fill_null(-1).to_numpy()
        same, unsaid = (years < 0) | (years == latest[at]), _unsaid(received)
        found = self._under(results, first, len(latest))[at]
        for place, name in enumerate(encoded.dictionary.to_pylist()):
            own = names == place
            near = self._near(name)
            if near is None:
                found |= own
                continue
            key, kind, listed = near
            open_ = unsaid | _elsewhere(received, kind) | (name != key)
            if any(effect.over == "provider" for effect in listed):
                open_ = open_ | ~received["provider"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)
            for yearly in (True, False):
                for beyond in (True, False):
                    numbers = [e.number for e in listed if e.yearly == yearly and (e.means == "beyond") == beyond]
                    counts = own & same if yearly else own.copy()
                    if left and not beyond:
                        counts &= (open_ | (years < 0)) if yearly else open_
                    if numbers and counts.any():
                        found |= counts & self._claim(results, numbers, first, len(latest))[at]
        return np.unique(at[found]) + first

    def _under(self, results: Mapping[str, pa.Table], first: int, many: int) -> Any:
        """Which enterprises from `first` on have a claim under a ceiling."""
        import numpy as np

        there = np.zeros(many, dtype=bool)
        for table in results.values():
            if UNDER in table.column_names:
                there[table[CASE].to_numpy()[table[UNDER].to_numpy() != 0] - first] = True
        return there

    def _claim(self, results: Mapping[str, pa.Table], numbers: Sequence[int], first: int, many: int) -> Any:
        """Which enterprises from `first` on have a claim under one of some measures, be it that all of it was received."""
        import numpy as np

        there = np.zeros(many, dtype=bool)
        for number in numbers:
            there[self._assembly.eligible(results, number, True) - first] = True
        return there

    def _near(self, name: str) -> tuple[str, str | None, list[Effect]] | None:
        """The id of a measure, its kind of subject, and what money received under it means; None where there is no such measure."""
        if name not in self._nearby:
            pair = self._program.rulebooks.find(name)
            self._nearby[name] = (
                None
                if pair is None
                else (pair[1].key, pair[1].subject, [effect for effect in self._effects if effect.paid == pair[1].key])
            )
        return self._nearby[name]


def _unsaid(received: pa.Table) -> Any:
    """Which receipts leave their amount or, where it is not implied, their subject open."""
    amount = received["amount"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)
    return ~amount | received[ODD].to_numpy()


def _elsewhere(received: pa.Table, kind: str | None) -> Any:
    """Which receipts of a measure for a `kind` of subject do not say for which, or name one of another kind."""
    import numpy as np
    import pyarrow.compute as pc

    subject = received["subject"].combine_chunks()
    single = kind in SINGLE
    same = pc.equal(subject, kind) if single else pc.starts_with(subject, f"{kind}:")
    named = pc.fill_null(same, single)
    return ~np.asarray(named.to_numpy(zero_copy_only=False), dtype=bool)
