"""Rules for the fenced network: invented at random with their naive meaning, and very many."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Sequence

from conggao.engine.evaluate.durable import Fact, Network, Operator, Pattern, Rule
from conggao.engine.evaluate.durable import Test as Check

LEAST, MOST = -(2**63), 2**63 - 1
HOLDS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
OPERATORS: list[Operator] = ["<", "<=", ">", ">=", "==", "!="]
FIGURES = [LEAST, LEAST + 1, -(2**53) - 1, -100, -1, 0, 1, 26000, 2**31, 2**32 + 1, 2**53 + 1, MOST - 1, MOST]


def meets(fact: Fact, pattern: Pattern) -> bool:
    return fact.kind == pattern.kind and all(
        test.field in fact.fields and HOLDS[test.operator](fact.fields[test.field], test.value)
        for test in pattern.tests
    )


def naive(rules: Sequence[Rule], facts: Sequence[Fact]) -> list[tuple[int, int]]:
    """The meaning: fire everything until nothing new comes of it; then in the order promised."""
    known = list(facts)
    fired: set[tuple[int, int]] = set()
    while True:
        new = {
            (rule.name, first.subject)
            for rule in rules
            for first in known
            if meets(first, rule.when[0])
            and all(
                any(meets(f, p) and (not p.same_subject or f.subject == first.subject) for f in known)
                for p in rule.when[1:]
            )
        } - fired
        if not new:
            break
        fired |= new
        derives = {rule.name: rule.derives for rule in rules}
        for name, subject in new:
            kind = derives[name]
            if kind is not None:
                known.append(Fact(kind, subject, {}))
    subjects = list(dict.fromkeys(fact.subject for fact in facts))
    return sorted(fired, key=lambda pair: (depth(rules, rules[pair[0]]), pair[0], subjects.index(pair[1])))


def depth(rules: Sequence[Rule], rule: Rule) -> int:
    if rule.derives is None:
        return len(rules) + 1
    return of_kind(rules, rule.derives)


def of_kind(rules: Sequence[Rule], kind: int) -> int:
    below = [p.kind for rule in rules if rule.derives == kind for p in rule.when]
    return 1 + max((of_kind(rules, k) for k in below), default=0) if below else 0


def invented(seed: int) -> list[Rule]:
    """Rules over kinds 0 to 3, which are stated, and 10 to 13, each derived from those before it."""
    rng = random.Random(seed)
    rules: list[Rule] = []
    for name in range(rng.randint(1, 12)):
        derives = rng.choice([None, None, 10, 11, 12, 13])
        kinds = [0, 1, 2, 3, *range(10, 14 if derives is None else derives)]
        when = []
        for place in range(rng.choice([1, 1, 2, 2, 3, 5, 8])):
            tests = tuple(
                Check(rng.randint(0, 3), rng.choice(OPERATORS), rng.choice(FIGURES))
                for _ in range(rng.choice([0, 1, 1, 2]))
            )
            when.append(Pattern(rng.choice(kinds), tests, place > 0 and rng.random() < 0.6))
        rules.append(Rule(name, tuple(when), derives))
    return rules


# Compiled rulesets stay in memory, so there are many facts for each of these and not ever new rules.
INVENTED = [invented(seed) for seed in range(120)]
NETWORKS = [Network(rules) for rules in INVENTED]


def large(reports: int, derivations: int) -> list[Rule]:
    """Derivations in five layers; reports that test the enterprise, a derived fact of their subject and one of anyone."""
    rules = [
        Rule(n, (Pattern(0, (Check(n % 40, ">=", n),)), *((Pattern(100 + n - 60),) if n >= 60 else ())), 100 + n)
        for n in range(derivations)
    ]
    for n in range(reports):
        own = Pattern(1, (Check(n % 30, ">=", n % 500), Check((n + 1) % 30, "!=", 3)))
        when = (
            own,
            Pattern(0, (Check(n % 40, "<", 2500 - n),)),
            Pattern(100 + n % derivations),
            Pattern(2, (), same_subject=True),
        )
        rules.append(Rule(derivations + n, when))
    return rules
