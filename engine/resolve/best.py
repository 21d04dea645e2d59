"""The best plan of one component, by the cheapest way that proves it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Literal

from conggao.engine.resolve import exact
from conggao.engine.resolve.bounds import Bounds
from conggao.engine.resolve.model import Claim
from conggao.engine.resolve.plan import pay_alone
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
        return plan if plan.proven else _no_worse(problem, plan.claims, min(plan.bound, most))
    if ask:
        found = branch_and_bound(problem, bounds, MOST_STEPS)
    if found.proven:
        return problem.plan(found.places, proven=True)
    return _no_worse(problem, [problem.claims[place] for place in found.places], most)


def _no_worse(problem: Problem, claims: Sequence[Claim], bound: int) -> Plan:
    """A plan that is not proven: the one found, or that of taking the greatest claim first, where that is the better."""
    taken = 0 if problem.must is None else 1 << problem.must
    ordered = sorted(range(len(problem.claims)), key=lambda i: (-pay_alone(problem.claims[i])[0], i))
    for place in ordered:
        if not problem.excluded[place] & taken:
            taken |= 1 << place
    greedy = [claim for place, claim in enumerate(problem.claims) if taken >> place & 1]
    chosen = max((problem.value(greedy), greedy), (problem.value(claims), claims), key=itemgetter(0))[1]
    return Plan(tuple(chosen), problem.value(chosen), proven=False, bound=bound)


def _best_of_each_cell(problem: Problem) -> Plan:
    best = [max(cell, key=lambda i: (problem.value([problem.claims[i]]), -i)) for cell in problem.cells]
    return problem.plan(best, proven=True)
