"""A problem as linear formulas over yes-or-no variables: what CP-SAT is given.

Nothing depends on the order inside a cap whose members are alike and of which nothing was received: it pays min(cap,
sum), and one variable no greater than either stands for it, as it is maximised at every step that counts it. So does
a ceiling over members of one recipient, with one more variable for each level that it pays before the last. Elsewhere
what each claim is paid is written out in the order of filling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from conggao.engine.resolve.plan import LEVELS, by_level, by_subject
from conggao.engine.resolve.problem import Problem
from conggao.engine.resolve.sums import Sum

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

MOST = 1 << 60
"""Sums beyond it do not fit the solver's integers."""


class Flow(NamedTuple):
    """An amount on its way through caps and ceilings, of one claim or of several alike."""

    low: Sum
    high: Sum
    opens: Sum
    mine: bool
    level: str
    place: int
    ceilings: frozenset[str]


class Formulas:
    """The model of a problem. `chosen[i]` says that the plan holds claim i; `parts` are those of the objective."""

    def __init__(self, problem: Problem, dropped: frozenset[int] = frozenset(), least_due: int | None = None) -> None:
        from ortools.sat.python import cp_model

        self.model = cp_model.CpModel()
        self.problem = problem
        self.open = [index for index in range(len(problem.claims)) if index not in dropped]
        self.chosen = {index: self.model.new_bool_var("") for index in self.open}
        self._choices = {variable.index for variable in self.chosen.values()}
        # Where the due of the claim that every plan holds is asked for, it is a variable, from `least_due` to the claim's.
        self.due: cp_model.IntVar | None = None
        if problem.must is not None:
            self.model.add(self.chosen[problem.must] == 1)
            if least_due is not None:
                self.due = self.model.new_int_var(least_due, problem.dues[problem.must][0], "")
        self._exclude()
        self.cells = [kept for cell in problem.cells if (kept := [index for index in cell if index in self.chosen])]
        self.ceilings = {index: self._binding(index) for index in self.open}
        under = self._members()
        self.plain = {
            name
            for name, members in under.items()
            if len({problem.claims[i].recipient == "enterprise" for i in members}) == 1
            and all(len(self.ceilings[i]) == 1 for i in members)
        }
        flows = self._caps()
        self.parts = [Sum() for _ in range(8)]
        for name in under:
            if name in self.plain:
                self._plain_ceiling(name, [flow for flow in flows if name in flow.ceilings])
        self._ordered_ceilings([flow for flow in flows if flow.ceilings - self.plain])
        for flow in flows:
            if not flow.ceilings:
                self._count(flow)
        del self.parts[problem.depth :]

    def _exclude(self) -> None:
        """No two that exclude each other, by as large sets of which one may be chosen as are found one after another."""
        excluded = self.problem.excluded
        covered = [0] * len(excluded)
        inside = sum(1 << index for index in self.open)
        for index in self.open:
            rest = excluded[index] & inside & ~covered[index] & -(1 << index)
            while rest:
                together, common, mask = [index], excluded[index] & inside, 1 << index
                candidates = rest
                while candidates:
                    other = (candidates & -candidates).bit_length() - 1
                    together.append(other)
                    mask |= 1 << other
                    common &= excluded[other]
                    candidates = common & -(1 << other) & ~(1 << other)
                for member in together:
                    covered[member] |= mask
                rest &= ~mask
                self.model.add_at_most_one(self.chosen[member] for member in together)

    def _binding(self, index: int) -> frozenset[str]:
        """The ceilings of the claim that could bind."""
        return frozenset(name for name in self.problem.claims[index].ceilings if self._could_bind(name))

    def _could_bind(self, name: str) -> bool:
        claims, alone = self.problem.claims, self.problem.alone
        drawn = sum(max((alone[i][1] or 0) if name in claims[i].ceilings else 0 for i in cell) for cell in self.cells)
        return drawn > self.problem.ceilings[name]

    def _members(self) -> dict[str, list[int]]:
        under: dict[str, list[int]] = {}
        for index in self.open:
            for name in sorted(self.ceilings[index]):
                under.setdefault(name, []).append(index)
        return under

    def _flow(self, index: int, low: Sum, high: Sum, opens: Sum) -> Flow:
        claim = self.problem.claims[index]
        return Flow(low, high, opens, claim.recipient == "enterprise", claim.level, index, self.ceilings[index])

    def _caps(self) -> list[Flow]:
        """What the caps, and then what was received, leave."""
        problem = self.problem
        flows: list[Flow] = []
        capped: dict[str, list[int]] = {}
        for index in self.open:
            cap = self.problem.claims[index].cap
            if cap is None or not problem.may_bind(cap, self.chosen):
                flows.append(self._free(index))
            else:
                capped.setdefault(cap, []).append(index)
        for name, members in capped.items():
            alike = {
                (claim.recipient == "enterprise", claim.level, self.ceilings[i], claim.rival)
                for i in members
                for claim in [self.problem.claims[i]]
            }
            if len(alike) == 1 and not next(iter(alike))[3] and self.ceilings[members[0]] <= self.plain:
                flows.append(self._plain_cap(name, members))
            else:
                flows += self._ordered_cap(name, members)
        return flows

    def _free(self, index: int) -> Flow:
        rival = self.problem.claims[index].rival
        low, high = self.problem.dues[index]
        chosen = self.chosen[index]
        if self._asked(index):
            paid = self._beyond(self._drawn(index, low), rival)
            return self._flow(index, paid, paid, Sum())
        top = Sum() if high is None else Sum([(chosen, max(0, high - rival))])
        opens = Sum([(chosen, 1)]) if high is None else Sum()
        return self._flow(index, Sum([(chosen, max(0, low - rival))]), top, opens)

    def _asked(self, index: int) -> bool:
        return self.due is not None and index == self.problem.must

    def _drawn(self, index: int, amount: int) -> Sum:
        """What the claim draws, if chosen."""
        if self._asked(index):
            assert self.due is not None
            return Sum([(self.due, 1)], most=self.problem.dues[index][0])
        return Sum([(self.chosen[index], amount)])

    def _total(self, amounts: list[tuple[int, int]]) -> Sum:
        total = Sum()
        for index, amount in amounts:
            total += self._drawn(index, amount)
        return total

    def _plain_cap(self, name: str, members: list[int]) -> Flow:
        cap, dues = self.problem.caps[name], self.problem.dues
        low = self._at_most(cap.low, self._total([(i, dues[i][0]) for i in members]))
        if cap.high is None:
            high = self._total([(i, top) for i in members if (top := dues[i][1]) is not None])
            opens = Sum([(self.chosen[i], 1) for i in members if dues[i][1] is None])
            return self._flow(members[0], low, high, opens)
        tops = [(i, cap.high if (top := dues[i][1]) is None else min(top, cap.high)) for i in members]
        same = cap.high == cap.low and all(dues[i][0] == dues[i][1] for i in members)
        return self._flow(members[0], low, low if same else self._at_most(cap.high, self._total(tops)), Sum())

    def _ordered_cap(self, name: str, members: list[int]) -> list[Flow]:
        cap, claims, dues = self.problem.caps[name], self.problem.claims, self.problem.dues
        members = sorted(members, key=lambda i: by_subject(claims[i]))
        drawn, before, lows = Sum(), Sum(), []
        for i in members:
            drawn += self._drawn(i, min(dues[i][0], cap.low))
            after = self._least(cap.low, drawn)
            lows.append(after.less(before, min(dues[i][0], cap.low)))
            before = after
        highs: list[Sum] = []
        if cap.high is None:
            for i in members:
                top = dues[i][1]
                highs.append(Sum() if top is None else self._drawn(i, top))
        elif cap.high == cap.low and all(dues[i][0] == dues[i][1] for i in members):
            highs = lows
        else:
            left = Sum(constant=cap.high).less(before)
            wanted, before = Sum(), Sum()
            for i, low in zip(members, lows, strict=True):
                top = dues[i][1]
                most = cap.high if top is None else min(top, cap.high)
                wanted += self._drawn(i, most).less(low)
                after = self._least_of([left, wanted], cap.high)
                highs.append((low + after.less(before)).at_most(most))
                before = after
        flows = []
        for i, low, high in zip(members, lows, highs, strict=True):
            opens = Sum([(self.chosen[i], 1)]) if cap.high is None and dues[i][1] is None else Sum()
            paid = self._beyond(low, claims[i].rival)
            flows.append(self._flow(i, paid, paid if high is low else self._beyond(high, claims[i].rival), opens))
        return flows

    def _plain_ceiling(self, name: str, flows: list[Flow]) -> None:
        """All that matters is what is paid in all, and what the levels before the last are paid."""
        limit, mine = self.problem.ceilings[name], flows[0].mine
        drawn, before = Sum(), Sum()
        for level in sorted({flow.level for flow in flows}, key=LEVELS.__getitem__):
            for flow in flows:
                if flow.level == level:
                    drawn += flow.low
            after = self._at_most(limit, drawn)
            self._add_level(level, after.less(before))
            before = after
        self._add(0, mine, before)
        if all(flow.high is flow.low for flow in flows):
            self._add(3, mine, before)
        else:
            highs = Sum()
            for flow in flows:
                highs += flow.high
            self._add(3, mine, self._at_most(limit, highs))

    def _ordered_ceilings(self, flows: list[Flow]) -> None:
        flows = sorted(flows, key=lambda flow: by_level(self.problem.claims[flow.place]))
        left = {name: Sum(constant=self.problem.ceilings[name]) for flow in flows for name in flow.ceilings}
        lows = [self._draw(flow.low, flow, left) for flow in flows]
        same = all(flow.high is flow.low for flow in flows)
        for flow, low in zip(flows, lows, strict=True):
            high = low if same else low + self._draw(flow.high.less(low), flow, left)
            self._count(flow._replace(low=low, high=high))

    def _draw(self, wanted: Sum, flow: Flow, left: dict[str, Sum]) -> Sum:
        names = sorted(flow.ceilings)
        drawn = self._least_of([wanted, *(left[name] for name in names)], wanted.most)
        for name in names:
            left[name] = left[name].less(drawn)
        return drawn

    def _count(self, flow: Flow) -> None:
        self._add(0, flow.mine, flow.low)
        self._add_level(flow.level, flow.low)
        self._add(3, flow.mine, flow.high)
        self._add(2, flow.mine, flow.opens)

    def _add(self, part: int, mine: bool, amount: Sum) -> None:
        """`part` is the enterprise's; others have the next one, of the upper ends the next but one."""
        place = part if mine else part + (1 if part == 0 else 2)
        self.parts[place] += amount

    def _add_level(self, level: str, amount: Sum) -> None:
        if level != "city":
            self.parts[6 if level == "national" else 7] += amount

    def _at_most(self, limit: int, amount: Sum) -> Sum:
        """A variable no greater than either; it is maximised."""
        if amount.most <= limit:
            return amount
        variable = self.model.new_int_var(0, limit, "")
        self.model.add(variable <= amount.expression())
        return Sum([(variable, 1)], most=limit)

    def _least(self, limit: int, amount: Sum) -> Sum:
        """A variable equal to the lesser."""
        if amount.most <= limit:
            return amount
        return self._least_of([amount, Sum(constant=limit)], limit)

    def _least_of(self, amounts: list[Sum], most: int) -> Sum:
        variable = self.model.new_int_var(0, most, "")
        self.model.add_min_equality(variable, [amount.expression() for amount in amounts])
        return Sum([(variable, 1)], most=most)

    def _beyond(self, amount: Sum, rival: int) -> Sum:
        """What exceeds money received."""
        if not rival:
            return amount
        if amount.most <= rival:
            return Sum()
        if not amount.constant and len(amount.terms) == 1:
            variable, coefficient = amount.terms[0]
            if variable.index in self._choices:
                return Sum([(variable, max(0, coefficient - rival))])
        variable = self.model.new_int_var(0, amount.most - rival, "")
        self.model.add_max_equality(variable, [amount.less(Sum(constant=rival)).expression(), 0])
        return Sum([(variable, 1)], most=amount.most - rival)
