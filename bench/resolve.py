"""How long the resolver takes, component by component, against HiGHS on the first step of the objective alone. All in one run.

python bench/resolve.py [--runs N]

"plan": the best plan, through all steps of the objective to the last tie. "statuses": also what becomes of every claim outside it and what
discretion can still change. "differences": also what each of them would have cost. HiGHS (scipy.optimize.milp, where SciPy is installed)
finds the greatest sure money and no more; its answer is held against ours.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from conggao.engine.resolve import Cap, Claim, resolve
from conggao.engine.resolve.best import best_plan
from conggao.engine.resolve.model import Level, natural
from conggao.engine.resolve.plan import in_order
from conggao.engine.resolve.problem import Problem

LEVELS: tuple[Level, ...] = ("city", "region", "national")


@dataclass(frozen=True)
class Component:
    """Claims that hang together, and what is left of what they share."""

    claims: Sequence[Claim]
    caps: Mapping[str, Cap]
    ceilings: Mapping[str, int]


def component(lines: int, measures: int, capped: int, seed: int) -> Component:
    """`lines` projects, each with a choice of `measures`, a fifth of them with intervals; the first `capped` measures have caps over all
    projects, each of which binds: it holds about a third of what the plan without it would take of its measure."""
    r = random.Random(seed)
    names = [f"p{number % 3}/{number}" for number in range(measures)]
    claims = []
    for line in range(1, lines + 1):
        for number, name in enumerate(names):
            low = r.randint(10**6, 10**8)
            if number < capped:
                low += low // 2
            high = low + r.randint(1, low) if r.random() < 0.2 else low
            subject = f"project:P{line}"
            policy, _, measure = name.partition("/")
            claims.append(
                Claim(
                    name, subject, (natural(policy), natural(measure), natural(subject)), low, high, ((subject, "fee"),),
                    level=LEVELS[number % 3], cap=name if number < capped else None,
                )
            )  # fmt: skip
    free: dict[str, Claim] = {}
    for claim in claims:
        before = free.get(claim.subject)
        free[claim.subject] = claim if before is None or claim.low > before.low else before
    caps = {}
    for name in names[:capped]:
        taken = sum(claim.low for claim in free.values() if claim.measure == name)
        caps[name] = Cap(taken // 3, taken // 3)
    return Component(in_order(claims), caps, {})


def highs(part: Component) -> int:
    """The greatest sure money by HiGHS, its plan paid in whole fen. Lines of one subject and caps only."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
    from scipy.sparse import lil_matrix  # type: ignore[import-untyped]

    claims, caps = part.claims, list(part.caps)
    subjects = {claim.subject: row for row, claim in reversed(list(enumerate(claims)))}
    rows = {subject: row for row, subject in enumerate(subjects)}
    matrix = lil_matrix((len(rows) + len(caps), len(claims) + len(caps)))
    worth = np.zeros(len(claims) + len(caps))
    for column, claim in enumerate(claims):
        matrix[rows[claim.subject], column] = 1
        if claim.cap is None:
            worth[column] = claim.low
        else:
            matrix[len(rows) + caps.index(claim.cap), column] = -claim.low
    for place in range(len(caps)):
        matrix[len(rows) + place, len(claims) + place] = 1
        worth[len(claims) + place] = 1
    tops = [1.0] * len(claims) + [float(part.caps[name].low) for name in caps]
    limits = [1.0] * len(rows) + [0.0] * len(caps)
    found = milp(
        -worth, integrality=[1] * len(claims) + [0] * len(caps), bounds=Bounds(0, tops),
        constraints=LinearConstraint(matrix.tocsr(), -np.inf, limits), options={"mip_rel_gap": 0, "time_limit": 20},
    )  # fmt: skip
    chosen = [claim for claim, taken in zip(claims, found.x, strict=False) if taken > 0.5]
    total = sum(claim.low for claim in chosen if claim.cap is None)
    return total + sum(min(cap.low, sum(c.low for c in chosen if c.cap == name)) for name, cap in part.caps.items())


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def measure(title: str, parts: Sequence[Component], aim: str) -> None:
    """Prints medians in ms over `parts`, and how many were proven within two seconds."""
    plans, statuses, differences, peers = [], [], [], []
    proven = disagreed = 0
    for part in parts:
        start = time.perf_counter()
        plan = best_plan(Problem(list(part.claims), part.caps, part.ceilings))
        plans.append((time.perf_counter() - start) * 1000)
        proven += plan.proven and plans[-1] <= 2000
        start = time.perf_counter()
        result = resolve(part.claims, part.caps, part.ceilings)
        statuses.append((time.perf_counter() - start) * 1000)
        awards = list(result.awards.values())
        differences.append(statuses[-1] + timed(lambda: [award.difference for award in awards]))  # noqa: B023
        if find_spec("scipy") is not None:
            start = time.perf_counter()
            peer = highs(part)
            peers.append((time.perf_counter() - start) * 1000)
            disagreed += peer != plan.value[0]
    print(f"{title}: {len(parts)} components, {len(parts[0].claims)} claims each; medians in ms, worst in brackets")
    for name, times in (
        ("plan", plans),
        ("statuses", statuses),
        ("differences", differences),
        ("HiGHS, first step", peers),
    ):
        if times:
            print(f"  {name:18} {statistics.median(times):8.1f}  ({max(times):.1f})")
    print(f"  proven within 2 s  {proven} of {len(parts)}   (aim: {aim})")
    if peers:
        print(f"  HiGHS finds another sum in {disagreed} of {len(parts)}")


CASE = {
    "as_of": "2025-03-01",
    "enterprise": {
        "industry": "3825", "employees": 300, "county": "银川经开区", "research_deduction_years": [2024, 2023], "technology_sme": False,
        "high_technology": False, "first_year_above_scale": False, "highest_earlier_output": "400000000",
    },
    "reports": [
        {"year": 2024, "main_business_revenue": "300000000", "rd_expense": "12000000", "carbon_emissions": "30000", "output_value": "320000000"},
        {"year": 2023, "carbon_emissions": "33000", "output_value": "300000000", "rd_expense": "11000000"},
    ],
    "projects": [
        {
            "id": f"P{number}", "purposes": ["leading_industry_support", "equipment_renewal"], "loan_interest": "1000000",
            "loan_principal": "30000000", "loan_drawn_on": "2024-05-20", "listed_loan": True, "equipment_payment": "500000",
            "replaces_obsolete_equipment": True, "total_investment": "40000000", "self_funded": False, "guarantee_fee": "100000",
            "emerging_industry": True, "technology_innovation": True,
        }
        for number in (1, 2, 3)
    ],
}  # fmt: skip
"""Rivals on loan interest and on R&D, and no cap that binds."""


def levels(runs: int) -> None:
    """A case under all rulebooks against the same case under the city's, in proportion to the outcomes each has to find."""
    from conggao.engine import Engine
    from conggao.facts.loading import read_case

    took: dict[str, tuple[float, int]] = {}
    for name, chosen in (("the city's", ["yinchuan-2024-2"]), ("all", None)):
        engine = Engine(chosen)
        case = read_case(CASE, engine.vocabulary)
        found = engine.decide(case, engine="exact")
        times = [timed(lambda: engine.decide(case, engine="exact")) for _ in range(runs)]  # noqa: B023
        took[name] = statistics.median(times) * 1000, len(found.outcomes)
    (city, few), (everything, many) = took["the city's"], took["all"]
    share = everything / (city * many / few)
    print(f"one decision, no cap that binds; medians of {runs} runs in µs")
    print(f"  the city's rulebook {city:8.1f}  ({few} outcomes)")
    print(
        f"  all rulebooks       {everything:8.1f}  ({many} outcomes)   {share:.2f} × the city's with its share of the added rules (aim: 1.3)"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=15, help="components of each kind")
    runs = parser.parse_args().runs
    levels(max(runs * 40, 200))
    # The solver is loaded once in a program; that is measured apart.
    if find_spec("ortools") is not None:
        from conggao.engine.resolve import exact

        print(f"loading OR-Tools, once: {timed(exact.available):.0f} ms")
    measure("10 lines × 4 measures, one cap", [component(10, 4, 1, seed) for seed in range(runs)], "15 ms a plan")
    measure("40 lines × 6 measures, one cap", [component(40, 6, 1, seed) for seed in range(runs)], "150 ms a plan")
    measure("40 lines × 6 measures, six caps", [component(40, 6, 6, seed) for seed in range(runs)], "all proven")


if __name__ == "__main__":
    main()
