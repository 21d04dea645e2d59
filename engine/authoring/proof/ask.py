"""Questions to z3: the same answer on every machine, since effort is counted and not timed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Literal, NamedTuple

from conggao.engine.authoring.proof.kleene import Z3
from conggao.engine.authoring.proof.world import World

Verdict = Literal["can", "cannot", "open"]
EFFORT = 4_000_000
"""Units of z3's own count of its work that one question may take."""
INSTALL = "pip install 'conggao[proofs]'"


class Answer(NamedTuple):
    """Whether something can be; a model of it where it can; which of the named formulas contradict each other where it cannot."""

    verdict: Verdict
    model: Z3 = None
    core: tuple[str, ...] = ()


def available() -> bool:
    """Whether z3 is installed."""
    return find_spec("z3") is not None


def ask(world: World, wanted: Sequence[Z3], named: Mapping[str, Z3] | None = None, effort: int = EFFORT) -> Answer:
    """Whether a case makes all formulas of `wanted`, and all `named` ones, true."""
    z3 = world.logic.z3
    solver = z3.Solver(ctx=world.logic.context)
    solver.set("random_seed", 7)
    solver.set("rlimit", effort)
    solver.add(*world.domain)
    solver.add(*wanted)
    for name, formula in (named or {}).items():
        solver.assert_and_track(formula, name)
    found = solver.check()
    if found == z3.sat:
        return Answer("can", solver.model())
    if found == z3.unsat:
        return Answer(
            "cannot", core=_least(world, wanted, named or {}, [str(item) for item in solver.unsat_core()], effort)
        )
    return Answer("open")


def _least(
    world: World, wanted: Sequence[Z3], named: Mapping[str, Z3], core: Sequence[str], effort: int
) -> tuple[str, ...]:
    """The named formulas that are needed for the contradiction: each without which it is still one is left out."""
    z3 = world.logic.z3
    kept = [name for name in named if name in core]
    for name in list(kept):
        if len(kept) == 1:
            break
        solver = z3.Solver(ctx=world.logic.context)
        solver.set("random_seed", 7)
        solver.set("rlimit", effort)
        solver.add(*world.domain, *wanted, *(named[other] for other in kept if other != name))
        if solver.check() == z3.unsat:
            kept.remove(name)
    return tuple(kept)
