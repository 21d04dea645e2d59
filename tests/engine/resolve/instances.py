"""Random components small enough to resolve by hand, and a failing one as Python that makes it again."""

from __future__ import annotations

import random

from conggao.engine.resolve import Cap, Claim
from conggao.engine.resolve.model import natural

Instance = tuple[list[Claim], dict[str, Cap], dict[str, int]]

SUBJECTS = ["project:P1", "project:P2", "project:P10", "enterprise"]
# Policy, measure, level: the national policy comes last in the natural order, so that order and level are not the same thing.
MEASURES = [
    ("c", "1", "city"),
    ("c", "2a", "city"),
    ("c", "10a", "city"),
    ("n", "3", "region"),
    ("n", "20", "region"),
    ("z", "4", "national"),
]


def claim(measure: str, subject: str, low: int, high: int | None = -1, **more: object) -> Claim:
    """A claim whose line is its own unless `lines` says otherwise; exact unless `high` is given."""
    lines = more.pop("lines", ((subject, measure),))
    top = low if high == -1 else high
    policy, _, name = measure.rpartition("/")
    order = (natural(policy), natural(name), natural(subject))
    return Claim(measure, subject, order, low, top, lines=lines, **more)  # type: ignore[arg-type]


def instance(seed: int, most: int = 10) -> Instance:
    """Up to `most` claims; each seed switches on some of what makes claims depend on each other."""
    r = random.Random(seed)
    names = {f"{policy}/{measure}": level for policy, measure, level in MEASURES}
    with_caps, with_receipts, with_stacking, with_excludes, with_ceilings, with_intervals, with_yields = (
        r.random() < chance for chance in (0.6, 0.4, 0.4, 0.3, 0.5, 0.6, 0.15)
    )
    payee = {name: r.choice(["enterprise", "enterprise", "enterprise", "park", "provider"]) for name in names}
    mixed = r.random() < 0.3
    ceilings = {"C": r.choice([0, 60, 150, 260]), "D": r.choice([40, 100, 200])}
    friends = {name: frozenset(r.sample(sorted(names), 2)) if r.random() < 0.4 else frozenset() for name in names}
    caps: dict[str, Cap] = {}
    claims: list[Claim] = []
    keys = [(name, subject) for name in names for subject in SUBJECTS]
    r.shuffle(keys)
    letters = r.choice(["ab", "abc", "abcdefgh"])
    for measure, subject in keys[: r.randint(1, most)]:
        low = r.choice([0, 1, 50, 100, 100, 150, 200, r.randint(0, 200)])
        high = r.choice([low, low, low, low + 1, low + 60, low + 120, None]) if with_intervals else low
        cap = None
        if with_caps and r.random() < 0.5:
            cap = measure
            top = r.choice([0, 99, 100, 150, 200])
            caps.setdefault(cap, Cap(top, r.choice([top, top, top + 30, None])))
        lines = tuple(dict.fromkeys((subject, r.choice(letters)) for _ in range(r.choice([0, 1, 1, 1, 2]))))
        others = frozenset(r.sample(keys, 1)) if with_excludes and r.random() < 0.4 else frozenset()
        first = frozenset(r.sample(keys, 2)) if with_yields and r.random() < 0.3 else frozenset()
        under = tuple(r.sample(["C", "D"], r.choice([0, 1, 1, 2]))) if with_ceilings else ()
        claims.append(
            claim(
                measure, subject, low, high, lines=lines, cap=cap, ceilings=under, yields=first - {(measure, subject)},
                own=r.choice([0, 0, 0, 30, 100]) if with_receipts else 0,
                rival=r.choice([0, 0, 0, 40, 120]) if with_receipts else 0, ended=with_receipts and r.random() < 0.05,
                stacks=friends[measure] if with_stacking else frozenset(), excludes=others - {(measure, subject)},
                level=names[measure], recipient=r.choice(["enterprise", "park"]) if mixed else payee[measure],
            )
        )  # fmt: skip
    return claims, caps, ceilings


def as_python(claims: list[Claim], caps: dict[str, Cap], ceilings: dict[str, int]) -> str:
    """The instance as source that runs."""
    lines = ["from conggao.engine.resolve import Cap, Claim, resolve", "claims = ["]
    lines += [f"    {item!r}," for item in claims]
    return "\n".join([*lines, "]", f"caps = {caps!r}", f"ceilings = {ceilings!r}", "resolve(claims, caps, ceilings)"])
