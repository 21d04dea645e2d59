"""The resolver against a mixed-integer program of its own making, solved by HiGHS, where claims are too many to try all sets."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

import pytest

from conggao.engine.resolve import Cap, Claim, resolve
from conggao.engine.resolve.model import natural
from tests.engine.resolve.by_hand import exclude
from tests.engine.resolve.instances import as_python

COUNT = 2_000 if int(os.environ.get("CONGGAO_AGREEMENT", "0")) >= 50_000 else 60
BLOCKS = 4


def large(seed: int) -> tuple[list[Claim], dict[str, Cap], dict[str, int]]:
    """20 to 60 claims of one recipient, with caps, ceilings of capped measures, stacking and lines over two subjects."""
    r = random.Random(seed)
    measures, subjects = [f"p/{n}" for n in range(r.randint(3, 6))], [f"project:P{n}" for n in range(r.randint(7, 10))]
    capped = r.sample(measures, r.randint(0, 3))
    under = {name: r.sample(["C", "D"], r.choice([0, 0, 1])) for name in measures}
    friends = frozenset(r.sample(measures, 2)) if r.random() < 0.3 else frozenset()
    claims, sums, drawn = [], dict.fromkeys(measures, 0), {"C": 0, "D": 0}
    for subject in subjects:
        for measure in measures:
            low = r.randint(1, 10**6)
            high = r.choice([low, low, low, low, low + r.randint(1, 10**6)])
            lines = [(subject, r.choice("ab"))]
            if r.random() < 0.1:
                lines.append((r.choice(subjects), "a"))
            sums[measure] += low
            for name in under[measure]:
                drawn[name] += low
            cap = measure if measure in capped else None
            rival = r.randint(1, 10**6) if cap is None and r.random() < 0.1 else 0
            claims.append(
                Claim(
                    measure, subject, (natural("p"), natural(measure), natural(subject)), low, high, tuple(lines), cap=cap, rival=rival,
                    level=r.choice(["national", "region", "city"]) if not under[measure] and cap is None else "city",
                    stacks=friends - {measure} if measure in friends else frozenset(), ceilings=tuple(under[measure]),
                )
            )  # fmt: skip
    caps = {}
    for measure in capped:
        top = r.randint(0, sums[measure] // 2)
        caps[measure] = Cap(top, r.choice([top, top + r.randint(0, 10**6)]))
    return claims, caps, {name: r.randint(0, total // 2) for name, total in drawn.items()}


def most(claims: Sequence[Claim], caps: dict[str, int], ceilings: dict[str, int]) -> int:
    """The greatest sum of exact claims: yes or no a claim, an amount for every cap and ceiling, no greater than it or what draws on it."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped,unused-ignore]

    count = len(claims)
    names = [("cap", name) for name in caps] + [("ceiling", name) for name in ceilings]
    place = {name: count + index for index, name in enumerate(names)}
    worth = np.zeros(count + len(names))
    rows: list[tuple[dict[int, float], float]] = []
    draws: dict[tuple[str, str], dict[int, float]] = {name: {} for name in names}
    for index, claim in enumerate(claims):
        amount = max(0, claim.low - claim.own - claim.rival)
        over = ("ceiling", claim.ceilings[0]) if claim.ceilings else None
        if claim.cap is not None:
            draws["cap", claim.cap][index] = max(0, claim.low - claim.own)
            if over is not None:
                draws[over][place["cap", claim.cap]] = 1
            else:
                worth[place["cap", claim.cap]] = 1
        elif over is not None:
            draws[over][index] = amount
        else:
            worth[index] = amount
        if over is not None:
            worth[place[over]] = 1
        rows += [({index: 1, other: 1}, 1) for other in range(index) if exclude(claim, claims[other])]
    for name, drawn in draws.items():
        rows.append(({place[name]: 1, **{index: -amount for index, amount in drawn.items()}}, 0))
    matrix = np.zeros((len(rows), count + len(names)))
    for row, (entries, _) in enumerate(rows):
        for column, entry in entries.items():
            matrix[row, column] = entry
    tops = [1.0] * count + [float(caps[name] if kind == "cap" else ceilings[name]) for kind, name in names]
    found = milp(
        -worth, integrality=[1] * count + [0] * len(names), bounds=Bounds(0, tops),
        constraints=LinearConstraint(matrix, -np.inf, [limit for _, limit in rows]), options={"mip_rel_gap": 0},
    )  # fmt: skip
    assert found.success
    # The solver's numbers are floats near whole fen; its plan is paid exactly.
    chosen = [claim for claim, taken in zip(claims, found.x, strict=False) if taken > 0.5]
    used = {name: min(top, sum(max(0, c.low - c.own) for c in chosen if c.cap == name)) for name, top in caps.items()}
    total = sum(max(0, c.low - c.own - c.rival) for c in chosen if c.cap is None and not c.ceilings)
    scope = {c.cap: c.ceilings for c in claims if c.cap is not None}
    total += sum(amount for name, amount in used.items() if not scope[name])
    for ceiling, top in ceilings.items():
        paid = sum(max(0, c.low - c.own - c.rival) for c in chosen if c.cap is None and ceiling in c.ceilings)
        total += min(top, paid + sum(amount for cap, amount in used.items() if ceiling in scope[cap]))
    return total


@pytest.mark.parametrize("block", range(BLOCKS))
def test_sure_and_upper_totals_are_those_of_highs(block: int) -> None:
    pytest.importorskip("scipy", reason="the peer is SciPy's HiGHS")
    for seed in range(block * COUNT // BLOCKS, (block + 1) * COUNT // BLOCKS):
        claims, caps, ceilings = large(seed)
        result = resolve(claims, caps, ceilings)
        source = f"seed {seed}\n{as_python(claims, caps, ceilings)}"
        assert result.proven, source
        low, high = result.totals["enterprise"]
        assert low == most(claims, {name: cap.low for name, cap in caps.items()}, ceilings), source
        upper = [
            Claim(
                c.measure, c.subject, c.order, c.high or 0, c.high, c.lines, cap=c.cap, rival=c.rival, stacks=c.stacks, ceilings=c.ceilings
            )
            for c in claims
        ]  # fmt: skip
        assert high == most(upper, {name: cap.high or 0 for name, cap in caps.items()}, ceilings), source
