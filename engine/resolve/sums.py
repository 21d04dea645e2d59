"""Linear sums over the solver's variables, with the greatest each can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


class Sum:
    """A constant plus coefficients times variables, and the greatest it can be; never less than zero where it stands for money."""

    __slots__ = ("constant", "most", "terms")

    def __init__(
        self, terms: list[tuple[cp_model.IntVar, int]] | None = None, constant: int = 0, most: int | None = None
    ) -> None:
        self.terms = terms or []
        self.constant = constant
        self.most = constant + sum(max(0, coefficient) for _, coefficient in self.terms) if most is None else most

    def __add__(self, other: Sum) -> Sum:
        return Sum([*self.terms, *other.terms], self.constant + other.constant, self.most + other.most)

    def less(self, other: Sum, most: int | None = None) -> Sum:
        terms = [*self.terms, *((variable, -coefficient) for variable, coefficient in other.terms)]
        return Sum(terms, self.constant - other.constant, self.most if most is None else most)

    def at_most(self, most: int) -> Sum:
        return Sum(self.terms, self.constant, min(self.most, most))

    def expression(self) -> cp_model.LinearExprT:
        from ortools.sat.python.cp_model import LinearExpr

        # Like terms are gathered: a chain of differences would otherwise repeat its variables.
        gathered: dict[int, tuple[cp_model.IntVar, int]] = {}
        for variable, coefficient in self.terms:
            before = gathered.get(variable.index)
            gathered[variable.index] = variable, coefficient + (before[1] if before else 0)
        kept = [pair for pair in gathered.values() if pair[1]]
        return LinearExpr.weighted_sum([v for v, _ in kept], [c for _, c in kept]) + self.constant
