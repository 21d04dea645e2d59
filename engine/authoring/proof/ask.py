"""Questions to z3: the same answer on every machine, since effort is counted and not timed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib.util import find_spec
from math import ceil, floor
from typing import Literal, NamedTuple

from conggao.engine.authoring.proof.kleene import Z3
from conggao.engine.authoring.proof.world import Stated, World
from conggao.facts.units import scale

Verdict = Literal["can", "cannot", "open"]
EFFORT = 4_000_000
"""Units of z3's own count of its work that one question may take."""
INSTALL = "pip install 'conggao[proofs]'"


class Answer(NamedTuple):
    """Whether something can be; a model of it where it can; which of the named formulas contradict each other where it cannot."""

    verdict: Verdict
    model: Z3 = None
    core: tuple[str, ...] = ()
    wanted: tuple[Z3, ...] = ()
    """What was asked, so that it can be asked again more narrowly."""


def available() -> bool:
    """Whether z3 is installed."""
    return find_spec("z3") is not None


def ask(world: World, wanted: Sequence[Z3], named: Mapping[str, Z3] | None = None) -> Answer:
    """Whether a case makes all formulas of `wanted`, and all `named` ones, true."""
    z3 = world.logic.z3
    solver = z3.Solver(ctx=world.logic.context)
    solver.set("random_seed", 7)
    solver.set("rlimit", EFFORT)
    solver.add(*world.domain)
    solver.add(*wanted)
    for name, formula in (named or {}).items():
        solver.assert_and_track(formula, name)
    found = solver.check()
    if found == z3.sat:
        return Answer("can", solver.model(), wanted=(*wanted, *(named or {}).values()))
    if found == z3.unsat:
        return Answer("cannot", core=_least(world, wanted, named or {}, [str(item) for item in solver.unsat_core()]))
    return Answer("open")


def _least(world: World, wanted: Sequence[Z3], named: Mapping[str, Z3], core: Sequence[str]) -> tuple[str, ...]:
    """The named formulas that are needed for the contradiction: each without which it is still one is left out."""
    z3 = world.logic.z3
    kept = [name for name in named if name in core]
    for name in list(kept):
        if len(kept) == 1:
            break
        solver = z3.Solver(ctx=world.logic.context)
        solver.set("random_seed", 7)
        solver.set("rlimit", EFFORT)
        solver.add(*world.domain, *wanted, *(named[other] for other in kept if other != name))
        if solver.check() == z3.unsat:
            kept.remove(name)
    return tuple(kept)


COMMON = 10**9
"""Base units that amounts of an enterprise mostly stay below."""
ROOM = 1000
"""Base units from which on a value can be rounded to its smallest unit and hardly move."""


def in_decimals(world: World, answer: Answer, most: int | None) -> Z3:
    """A model whose quantities, up to `most`, end after the decimals of their units: one after the other is put on such a value.

    None where that fails.
    """
    z3, context = world.logic.z3, world.logic.context
    quantities = [
        stated for stated in world.facts.values() if stated.spec.kind == "quantity" and stated.value is not None
    ]
    for roomy in (True, False):
        solver = z3.Solver(ctx=context)
        solver.set("random_seed", 7)
        solver.set("rlimit", EFFORT)
        solver.add(*world.domain, *answer.wanted)
        if roomy:
            solver.add(*(z3.Or(stated.value == 0, stated.value >= ROOM) for stated in quantities))
        if most is not None:
            solver.add(*(stated.value <= most for stated in quantities))
        model = solver.model() if solver.check() == z3.sat else None
        for stated in quantities:
            if model is None:
                break
            model = _put(world, solver, model, stated)
        if model is not None:
            return model
    return None


def _put(world: World, solver: Z3, model: Z3, stated: Stated) -> Z3:
    """Adds to `solver` that a quantity is a near whole number of its smallest units; the model then, or None."""
    z3, unit = world.logic.z3, scale(stated.spec.dimension)
    value = model.eval(stated.value, model_completion=True)
    value = value.approx(12) if z3.is_algebraic_value(value) else value
    count = Fraction(value.numerator_as_long(), value.denominator_as_long()) * unit
    for whole in dict.fromkeys((floor(count), ceil(count), floor(count) - 1, ceil(count) + 1)):
        solver.push()
        solver.add(stated.value == world.logic.real(Fraction(whole, unit)))
        if solver.check() == z3.sat:
            return solver.model()
        solver.pop()
    return None
