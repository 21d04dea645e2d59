"""What becomes of claims, as numbers: where nothing excludes a claim that is eligible beside it, it is paid; where something does,
`choosing` has said which claims stand; what a cap leaves that claims share, `sharing` has said.

Results have, of a measure that pays nothing, `t12`, whether it holds; of one that pays what follows from `l12` and the plan. `p3`: which
claims of component 3 stand, as bits, where claims of it meet; `k12` what a claim that does not stand could add if its upper end were
decided. Where a shared cap binds `a12` and `b12` are what is paid at either end. `_extra` is what the greatest sum of upper ends has over
that of the plan, in fen, for the enterprise.
"""

from __future__ import annotations

NONE, CONTINGENT, SUPERSEDED, EXHAUSTED, GRANTED, RECEIVED, UNMET, UNDETERMINED, OUTSIDE, SERVICE, PROGRAMME = range(11)
"""A measure that pays is `GRANTED` less its standard where that is negative. Those up to `RECEIVED` are claims, which have money."""
STATUSES = (
    "", "contingent", "superseded", "exhausted", "granted", "received", "unmet", "undetermined", "not_in_force", "service", "programme",
)  # fmt: skip
BITS = (len(STATUSES) - 1).bit_length()
"""Of a status: what an outcome says of a measure is a number, that of the measure and behind it that of the status."""
MASK = (1 << BITS) - 1
EXTRA = "_extra"
