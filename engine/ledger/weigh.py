"""How much of a claim may still be awarded after all that was recorded, and what stands in the way.

What money received means is read off by the same `History` that a decision uses, and what is left is paid by the same arithmetic; so an
award is refused exactly where a decision on the same facts with the same money received would not pay it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conggao.engine.ledger.model import Reason
from conggao.engine.ledger.terms import Terms
from conggao.engine.receipts import History, Taken
from conggao.engine.resolve.model import Cap, Claim
from conggao.engine.resolve.plan import pay


@dataclass(frozen=True, slots=True)
class Prior:
    """Money received before: an award of the ledger, by its entry and the decision it was made under, or, with neither, what the case of
    the decision stated. `foreign`: another enterprise's, which counts under a cap of the provider alone."""

    taken: Taken
    entry: int | None
    decision: int | None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """`left` in fen, None where there is no limit; `reason` and `way` say what bounds it."""

    left: int | None
    reason: Reason
    way: tuple[Prior, ...]


def weigh(claim: Terms, decision: int, priors: Sequence[Prior]) -> Weighed:
    """What is left of `claim` under entry `decision`. The amount does not depend on the order of `priors`."""
    found = _Found(claim, decision)
    for prior in priors:
        found.add(prior)
    if found.ending:
        once = tuple(prior for prior in found.ending if prior.taken.key == claim.key)
        return Weighed(0, "once", once) if once else Weighed(0, "excluded", tuple(found.ending))
    left = found.lawful(with_ceilings=True)
    if claim.high is not None:
        # A decision grants what it grants once, in one award or in several.
        same = tuple(p for p in priors if p.decision == decision and _is_claim(p, claim))
        rest = max(0, claim.high - _sum(same))
        if left is None or rest < left:
            return Weighed(rest, "paid" if same else "decision", same)
    return Weighed(left, *found.why(left))


class _Found:
    """What priors come to for a claim, and which of them brought it there."""

    def __init__(self, claim: Terms, decision: int) -> None:
        self.claim, self.decision = claim, decision
        self.own: list[Prior] = []
        self.rival: list[Prior] = []
        self.used: list[Prior] = []
        self.under: list[Prior] = []
        self.ending: list[Prior] = []
        self.history = History(
            claim, claim.subject, claim.scope, claim.year,
            excludes=claim.mode == "exclude", stacks=claim.stacks, rivals=claim.rivals, providers={},
        )  # fmt: skip
        self.ceilings = {item.measure: item.limit for item in claim.ceilings}

    def add(self, prior: Prior) -> None:
        history, item = self.history, prior.taken
        before = history.own, history.rival, history.used
        history.ended = False
        if prior.foreign and (item.key != self.claim.key or self.claim.once is not None):
            return
        sibling = prior.decision == self.decision and item.subject != self.claim.subject
        if sibling and item.key == self.claim.key and self.claim.once is not None:
            # `once` looks at money received before: several claims of one decision share the cap.
            history.add_same(item)
        else:
            history.add(item)
        grown = (history.own > before[0], history.rival > before[1], history.used > before[2], history.ended)
        for grew, members in zip(grown, (self.own, self.rival, self.used, self.ending), strict=True):
            if grew:
                members.append(prior)
        if prior.foreign:
            return
        for ceiling in self.claim.ceilings:
            if item.subject == self.claim.subject and (ceiling.over is None or item.key in ceiling.over):
                self.ceilings[ceiling.measure] -= item.fen or 0
                self.under.append(prior)

    def lawful(self, *, with_ceilings: bool) -> int | None:
        """What the arithmetic of decisions pays of the claim, at its upper end."""
        claim, history = self.claim, self.history
        ceilings = {name: max(0, left) for name, left in self.ceilings.items()} if with_ceilings else {}
        caps = {} if claim.cap is None else {"cap": Cap(0, max(0, claim.cap - history.used))}
        made = Claim(
            claim.key, claim.subject, ((),), 0, claim.standard, own=history.own, rival=history.rival,
            cap="cap" if caps else None, ceilings=tuple(ceilings),
        )  # fmt: skip
        return pay([made], caps, ceilings)[0][1]

    def why(self, left: int | None) -> tuple[Reason, tuple[Prior, ...]]:
        claim, history = self.claim, self.history
        free = self.lawful(with_ceilings=False)
        if left is not None and (free is None or left < free):
            return "ceiling", _each(self.under)
        due = None if claim.standard is None else max(0, claim.standard - history.own)
        rest = None if claim.cap is None else claim.cap - history.used
        if self.used and rest is not None and (due is None or rest <= due) and self.used != self.own:
            return "cap", _each([*self.used, *self.rival])
        if self.own:
            return "paid", _each([*self.own, *self.rival])
        if self.rival:
            beyond = all(prior.taken.key in claim.rivals for prior in self.rival)
            return "excluded" if beyond else "line", _each(self.rival)
        return "decision", ()


def _is_claim(prior: Prior, claim: Terms) -> bool:
    return not prior.foreign and (prior.taken.key, prior.taken.subject) == (claim.key, claim.subject)


def _sum(priors: Sequence[Prior]) -> int:
    return sum(prior.taken.fen or 0 for prior in priors)


def _each(priors: Sequence[Prior]) -> tuple[Prior, ...]:
    """Each once, in the order in which they were recorded, those from outside the ledger first."""
    once = {(prior.entry, prior.taken.index): prior for prior in priors}
    return tuple(once[key] for key in sorted(once, key=lambda key: (key[0] or 0, key[1])))
