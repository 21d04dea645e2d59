"""A few exact claims that nothing limits but each other: the best plan straight from who excludes whom.

What each pays is settled, so a plan is worth the sum of its claims. The objective and, below it, which claims are in (an earlier claim
weighs more than all later ones together) are packed into one whole number: the greatest is the one best plan.
"""

from __future__ import annotations

from collections.abc import Sequence

from conggao.engine.resolve.model import Award, Claim, Key, Later

MOST = 10
"""Claims of such a component; with more the search pays."""


def are_few(claims: Sequence[Claim]) -> bool:
    """Whether the claims are few, exact, and under no cap, no ceiling and no money received."""
    if len(claims) > MOST:
        return False
    return all(
        claim.low == claim.high and claim.cap is None and not claim.own and not claim.rival and not claim.ceilings
        for claim in claims
    )


class Few:
    """Claims in natural order; `excluded` is, for each, the mask of the places it excludes."""

    def __init__(self, claims: Sequence[Claim], excluded: Sequence[int]) -> None:
        self.claims = claims
        self.excluded = excluded
        self.count = len(claims)
        self.base = sum(claim.low for claim in claims).bit_length() + 1
        self.worth = [self._packed(place, claim) for place, claim in enumerate(claims)]
        self._best: dict[int, int] = {0: 0}
        self.value = self.best((1 << self.count) - 1)

    def _packed(self, place: int, claim: Claim) -> int:
        fen, base = claim.low, self.base
        own, other = (fen, 0) if claim.recipient == "enterprise" else (0, fen)
        nation, region = (fen if claim.level == level else 0 for level in ("national", "region"))
        value = (((own << base) + other << base) + nation << base) + region
        return (value << self.count) + (1 << self.count - 1 - place)

    def best(self, left: int) -> int:
        """The worth of the best plan among the places of the mask `left`."""
        known = self._best.get(left)
        if known is not None:
            return known
        place = (left & -left).bit_length() - 1
        rest = left & ~(1 << place)
        found = self.worth[place] + self.best(rest & ~self.excluded[place])
        if rest & self.excluded[place]:
            found = max(found, self.best(rest))
        self._best[left] = found
        return found

    def sure(self, value: int) -> int:
        """What a packed worth pays to all."""
        value >>= self.count + 2 * self.base
        return (value >> self.base) + (value & (1 << self.base) - 1)

    def plan(self) -> list[int]:
        """The places of the best plan."""
        return [place for place in range(self.count) if self.value >> self.count - 1 - place & 1]

    def given_up(self, place: int, planned: Sequence[int]) -> Award:
        """The award of a claim outside the plan."""
        mask = self.excluded[place]
        rivals: tuple[Key, ...] = tuple(self.claims[other].key for other in planned if mask >> other & 1)

        def lost() -> int | None:
            rest = (1 << self.count) - 1 & ~(mask | 1 << place)
            return self.sure(self.value) - self.sure(self.worth[place] + self.best(rest))

        return Award("superseded", 0, 0, rivals, Later(lost))
