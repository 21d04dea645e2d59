"""The best plan by branch and bound: exact, in integers of any size, the same whatever the order of the input.

Cell by cell, the claim of the greatest priced worth first, none last; a branch is left when what it holds and the best of every cell to
come cannot exceed the best plan found. Objective and list of ids are one integer, so one pass finds the one best plan.
"""

from __future__ import annotations

from typing import NamedTuple

from conggao.engine.resolve.bounds import SCALE, Bounds
from conggao.engine.resolve.problem import Plan, Problem

MOST_STEPS = 200_000
"""Steps after which the search stops with the best plan found so far, which is then not proven."""
PLAN_STEPS = 60
"""What paying a whole plan counts for, as against the choice of one claim."""


class Found(NamedTuple):
    """The places of the best plan found, and whether it is proven."""

    places: list[int]
    proven: bool


def search(problem: Problem, bounds: Bounds | None = None, steps: int | None = None) -> Plan:
    """The best plan of the problem, or the best found in `steps`."""
    bounds = bounds or Bounds(problem)
    found = branch_and_bound(problem, bounds, MOST_STEPS if steps is None else steps)
    return problem.plan(found.places, found.proven, None if found.proven else bounds.first(bounds.total()))


def branch_and_bound(problem: Problem, bounds: Bounds, steps: int) -> Found:
    """Places of the best plan; the first descent always ends, however few the steps."""
    worth, excluded = bounds.worth, problem.excluded
    must = problem.must
    cells = [sorted(cell, key=worth.__getitem__, reverse=True) for cell in problem.cells]
    if must is not None:
        cells = [[must] if must in cell else cell for cell in cells]
    # Cells with most at stake first; the forced one before all.
    cells.sort(key=lambda cell: (must not in cell, -worth[cell[0]]))
    after = [0] * (len(cells) + 1)
    for depth in range(len(cells) - 1, -1, -1):
        after[depth] = after[depth + 1] + worth[cells[depth][0]]
    best, best_places = -1, list[int]()
    left = steps
    # One frame a depth: the next option of its cell, the worth and the bars of what is chosen above it.
    depth, last = 0, len(cells)
    option = [0] * (last + 1)
    sums = [bounds.constant] * (last + 1)
    barred = [0] * (last + 1)
    chosen = [-1] * (last + 1)
    while depth >= 0:
        if depth == last:
            places = sorted(place for place in chosen[:last] if place >= 0)
            packed = bounds.pack(problem.value([problem.claims[place] for place in places]), places) * SCALE
            if packed > best:
                best, best_places = packed, places
            depth -= 1
            left -= PLAN_STEPS
            continue
        left -= 1
        if left < 0 and best >= 0:
            return Found(best_places, proven=False)
        cell, at = cells[depth], option[depth]
        while at < len(cell) and barred[depth] >> cell[at] & 1:
            at += 1
        option[depth] = at + 1
        if at < len(cell):
            place = cell[at]
            total, bars = sums[depth] + worth[place], barred[depth] | excluded[place]
        elif at == len(cell) and (must is None or depth > 0):
            place, total, bars = -1, sums[depth], barred[depth]
        else:
            depth -= 1
            continue
        # Options come in descending worth: when one cannot lead to more, no later one can.
        if total + after[depth + 1] <= best:
            depth -= 1
            continue
        chosen[depth] = place
        depth += 1
        sums[depth], barred[depth], option[depth] = total, bars, 0
    return Found(best_places, proven=True)
