"""The best plan of one component, by the cheapest way that proves it."""

from __future__ import annotations

from typing import Literal

from conggao.engine.resolve import exact
from conggao.engine.resolve.bounds import Bounds
from conggao.engine.resolve.problem import Plan, Problem
from conggao.engine.resolve.search import MOST_STEPS, branch_and_bound

method: Literal["cheapest", "search", "solver"] = "cheapest"
"""Which way is taken where the closed form does not do; tests force one."""

FEW_STEPS = 8_000
"""Steps of branch and bound before the solver is asked."""
MANY = 60
"""From so many claims on the solver is asked after fewer steps."""


def best_plan(problem: Problem, bounds: Bounds | None = None) -> Plan:
    """The best plan of the problem; not proven where neither way ends within its limits. `bounds` may be given where they are known."""
    if problem.must is None:
        if not problem.contested:
            return problem.plan(range(len(problem.claims)), proven=True)
        if method == "cheapest" and problem.separate:
            return _best_of_each_cell(problem)
    bounds = bounds or Bounds(problem)
    ask = method != "search" and exact.installed() and exact.fits(problem)
    if method == "solver" and ask:
        return exact.solve(problem, [] if problem.must is None else [problem.must])
    few = FEW_STEPS if len(problem.claims) < MANY else FEW_STEPS // 8
    found = branch_and_bound(problem, bounds, few if ask else MOST_STEPS)
    if found.proven:
        return problem.plan(found.places, proven=True)
    most = bounds.first(bounds.total())
    if ask and exact.available():
        claims = [problem.claims[place] for place in found.places]
        packed = bounds.pack(problem.value(claims), found.places)
        plan = exact.solve(problem, found.places, bounds.hopeless(packed))
        return plan if plan.proven else Plan(plan.claims, plan.value, proven=False, bound=min(plan.bound, most))
    if ask:
        found = branch_and_bound(problem, bounds, MOST_STEPS)
    return problem.plan(found.places, found.proven, None if found.proven else most)


def _best_of_each_cell(problem: Problem) -> Plan:
    best = [max(cell, key=lambda i: (problem.value([problem.claims[i]]), -i)) for cell in problem.cells]
    return problem.plan(best, proven=True)
