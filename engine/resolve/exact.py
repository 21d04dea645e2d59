"""The best plan by CP-SAT, part by part of the objective, in whole fen; only for components too large for branch and bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from conggao.engine.resolve.formulas import MOST, Formulas
from conggao.engine.resolve.model import Claim
from conggao.engine.resolve.problem import Plan, Problem
from conggao.engine.resolve.sums import Sum

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

EFFORT = 4.0
"""The solver's deterministic time for one problem, of the order of seconds; never the clock, so that every run gives the same plan."""

STUCK = 20.0
"""Seconds after which a solver that makes no headway, and so never spends its deterministic time, is stopped."""

SMALL = 60
"""Claims up to which the relaxation is left out at first."""

TOGETHER = 1 << 32
"""Parts of the objective are solved at once while their ranges multiplied stay below it; the solver finds greater weights hard."""

CHUNK = 40
"""How many ids are compared at once."""


@cache
def installed() -> bool:
    """Whether OR-Tools is there, without loading it."""
    return find_spec("ortools") is not None


@cache
def available() -> bool:
    """Whether OR-Tools can be loaded; loads it."""
    if not installed():
        return False
    try:
        import ortools.sat.python.cp_model  # noqa: F401
    except ImportError:  # pragma: no cover - a broken installation
        return False
    return True


def fits(problem: Problem) -> bool:
    """Whether all sums stay within the solver's integers."""
    total = sum(problem.ceilings.values())
    for cap in problem.caps.values():
        total += cap.low + (cap.high or 0)
    for claim, (low, high) in zip(problem.claims, problem.dues, strict=True):
        total += low + (high or 0) + claim.rival
    return total < MOST


def solve(problem: Problem, hint: Iterable[int], dropped: frozenset[int] = frozenset()) -> Plan:
    """The best plan, from the plan `hint` on; claims at the places `dropped` are known to be in no better one."""
    return _Solving(problem, list(hint), dropped).run()


def least_due(problem: Problem, first: int, target: Sequence[int]) -> int | None:
    """The least due, from `first` on, of the claim that every plan holds, with which some plan reaches `target` in the first parts of
    the objective; None where that is not proven."""
    from ortools.sat.python import cp_model

    formulas = Formulas(problem, least_due=first)
    assert formulas.due is not None
    for part, least in zip(formulas.parts, target, strict=True):
        formulas.model.add(part.expression() >= least)
    formulas.model.minimize(formulas.due)
    solver = _solver(EFFORT, linear=len(problem.claims) > SMALL)
    return solver.value(formulas.due) if solver.solve(formulas.model) == cp_model.OPTIMAL else None


def _solver(effort: float, linear: bool = True) -> cp_model.CpSolver:
    """`linear`: with a linear relaxation, which proves large components and loops on some small ones whose amounts are far apart."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2 if linear else 0
    solver.parameters.max_deterministic_time = max(effort, 1e-9)
    solver.parameters.max_time_in_seconds = STUCK
    # Otherwise it takes the program's handler of interrupts away, and does not give it back.
    solver.parameters.catch_sigint_signal = False
    return solver


class _Solving:
    def __init__(self, problem: Problem, hint: list[int], dropped: frozenset[int]) -> None:
        self.problem = problem
        self.best = hint
        self.formulas = Formulas(problem, dropped - set(hint))
        self.effort = EFFORT
        self.bound: int | None = None

    def run(self) -> Plan:
        parts = self.formulas.parts
        values = [0] * len(parts)
        for group in self._groups():
            first = values[0] if group[0] else None
            weights = [1] * len(group)
            for at in range(len(group) - 2, -1, -1):
                weights[at] = weights[at + 1] * (parts[group[at + 1]].most + 1)
            whole = Sum()
            for part, weight in zip(group, weights, strict=True):
                scaled = [(variable, coefficient * weight) for variable, coefficient in parts[part].terms]
                whole += Sum(scaled, parts[part].constant * weight, parts[part].most * weight)
            reached, proven = self._maximise(whole)
            if not proven:
                bound = first if first is not None else (reached // weights[0] if group[0] == 0 else 0)
                return self.problem.plan(self.best, proven=False, bound=bound)
            for part, weight in zip(group, weights, strict=True):
                values[part], reached = divmod(reached, weight)
                self.formulas.model.add(parts[part].expression() >= values[part])
        if not self._first_of_equals():
            return self.problem.plan(self.best, proven=False, bound=values[0])
        plan = self.problem.plan(self.best, proven=True)
        if plan.value != tuple(values):
            raise AssertionError(f"the solver says {values}, its plan pays {plan.value}")
        return plan

    def _groups(self) -> list[list[int]]:
        """Parts that can differ between plans, joined while their ranges fit."""
        groups: list[list[int]] = []
        size = 1
        for place, part in enumerate(self.formulas.parts):
            if not part.terms or not part.most:
                continue
            if groups and size * (part.most + 1) < TOGETHER:
                groups[-1].append(place)
                size *= part.most + 1
            else:
                groups.append([place])
                size = part.most + 1
        return groups

    def _maximise(self, amount: Sum) -> tuple[int, bool]:
        """The greatest the amount can be, or a bound on it and False; the plan found becomes the best."""
        from ortools.sat.python import cp_model

        model = self.formulas.model
        model.maximize(amount.expression())
        status, solver = self._solve(model)
        if status == cp_model.OPTIMAL:
            self._take(solver)
            return int(solver.value(amount.expression())), True
        if status == cp_model.FEASIBLE:
            self._take(solver)
        if status == cp_model.INFEASIBLE:
            raise AssertionError("the solver finds no plan at all")
        # The bound is told as a float: beyond 2^53 it is off by less than the last part.
        most = int(solver.response_proto.best_objective_bound) if status == cp_model.FEASIBLE else amount.most
        return min(amount.most, most + (most >> 50) + 1), False

    def _solve(self, model: cp_model.CpModel, hinted: bool = True) -> tuple[cp_model.CpSolverStatus, cp_model.CpSolver]:
        from ortools.sat.python import cp_model

        model.clear_hints()  # type: ignore[no-untyped-call]
        kept = set(self.best)
        for index, variable in self.formulas.chosen.items() if hinted else ():
            model.add_hint(variable, index in kept)
        if len(self.problem.claims) <= SMALL:
            solver = _solver(self.effort / 2, linear=False)
            status = solver.solve(model)
            self.effort -= solver.response_proto.deterministic_time
            if status in (cp_model.OPTIMAL, cp_model.INFEASIBLE):
                return status, solver
        solver = _solver(self.effort)
        status = solver.solve(model)
        self.effort -= solver.response_proto.deterministic_time
        return status, solver

    def _take(self, solver: cp_model.CpSolver) -> None:
        found = [index for index, variable in self.formulas.chosen.items() if solver.boolean_value(variable)]
        # A plan that is worth less than the one before is a stage on the way; keep the better of the two.
        value = self.problem.value
        if value(self._claims(found)) >= value(self._claims(self.best)):
            self.best = found

    def _claims(self, places: list[int]) -> list[Claim]:
        return [self.problem.claims[place] for place in places]

    def _first_of_equals(self) -> bool:
        """Finds the smallest list of ids among plans of this worth; whether that is proven."""
        from ortools.sat.python import cp_model

        problem, open_ = self.problem, self.formulas.open
        if not problem.ties:
            return True
        if len(open_) > CHUNK:
            model = self.formulas.model.clone()
            model.clear_objective()  # type: ignore[no-untyped-call]
            kept = set(self.best)
            chosen = {index: model.get_bool_var_from_proto_index(v.index) for index, v in self.formulas.chosen.items()}
            model.add_bool_or(~variable if index in kept else variable for index, variable in chosen.items())
            status, _ = self._solve(model, hinted=False)
            if status == cp_model.INFEASIBLE:
                return True
            if status == cp_model.UNKNOWN:
                return False
        for start in range(0, len(open_), CHUNK):
            chunk = open_[start : start + CHUNK]
            last = len(chunk) - 1
            bits = Sum([(self.formulas.chosen[index], 1 << (last - at)) for at, index in enumerate(chunk)])
            _, proven = self._maximise(bits)
            if not proven:
                return False
            kept = set(self.best)
            for index in chunk:
                self.formulas.model.add(self.formulas.chosen[index] == (index in kept))
        return True
