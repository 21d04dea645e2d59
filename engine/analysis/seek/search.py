"""The smallest changes of one fact, or of two where no one suffices, after which a measure applies or pays more.

Conditions are tried on frames; whether a claim pays more is asked of the resolver, since other claims may stand in its way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from conggao.engine.analysis.probe import Probe
from conggao.engine.analysis.seek.frames import Frames, closest, nearest
from conggao.engine.analysis.seek.moves import Move, Moves
from conggao.engine.evaluate.frames import Subject
from conggao.engine.evaluate.program import CompiledMeasure
from conggao.engine.explain import Explainer
from conggao.engine.resolve import Award, Resolution
from conggao.facts.diagnostics import InputFaults

Found = list[tuple[Move, ...]]
Holds = Callable[[], bool]
Allowed = Callable[[Move], bool]
End = tuple[bool, int]
_FARTHER = tuple(32**power for power in range(1, 11))
"""Where the place that the amounts point to does not pay more yet, since other claims rise too: how many times as far it is tried."""


class Search:
    """Searches one case. `resolution` is what is paid as the case stands.

    Of a claim that others outdo, or that a cap cuts, the facts of its own amount, cap and ceilings are moved, not those of other claims.
    """

    def __init__(self, frames: Frames, probe: Probe, resolution: Resolution) -> None:
        self.frames, self.probe, self.resolution = frames, probe, resolution
        self.moves = Moves(frames, probe)

    # -- to qualify ---------------------------------------------------------------------------------------------------

    def qualifying(self, compiled: CompiledMeasure, subject: Subject, allowed: Allowed, *, known: bool = True) -> Found:
        """The changes after which all conditions hold and the amount is `known`, or, without that, may still be unknown."""
        truth, frame = compiled.truth, subject.frame
        standard = compiled.standard if known else None

        def holds() -> bool:
            return truth(frame) is True and (standard is None or standard(frame) is not None)

        def following() -> list[Move]:
            return [move for move in self.first(compiled, subject) if allowed(move)]

        return self._smallest(following, holds)

    def first(self, compiled: CompiledMeasure, subject: Subject) -> list[Move]:
        """Every move towards a condition that does not hold, whether or not it suffices."""
        nodes = [item.node for item in compiled.measure.when]
        return [move for node in nodes for move in self.moves.towards(node, subject)]

    def lacking(self, compiled: CompiledMeasure, subject: Subject) -> tuple[str, ...]:
        """The facts without which the amount would stay unknown after the conditions were made to hold."""
        measure, program = compiled.measure, self.frames.program
        nodes = [node for node in (measure.amount, measure.cap) if node is not None]
        for moves in self.qualifying(compiled, subject, lambda _: True, known=False):
            with self.frames.changed([pair for move in moves for pair in move.slots]):
                missing = Explainer(program, self.frames.subjects, self.probe.day, "zh").missing(nodes, subject)
            if missing:
                return missing
        return ()

    def _smallest(self, following: Callable[[], list[Move]], holds: Holds) -> Found:
        firsts = _nearest_first(following())
        found: dict[Any, tuple[Move, ...]] = {}
        for move in firsts:
            if _key([move]) not in found and self._hold([move], holds):
                found[_key([move])] = (move,)
        if not found:
            for first in firsts:
                with self.frames.changed(first.slots):
                    seconds = _nearest_first(following())
                for second in seconds:
                    pair = _together(first, second)
                    if pair and _key(pair) not in found and self._hold(pair, holds):
                        found[_key(pair)] = pair
        return [self._shrunk(moves, lambda tried: self._hold(tried, holds)) for moves in found.values()]

    def _hold(self, moves: Sequence[Move], holds: Holds) -> bool:
        with self.frames.changed([pair for move in moves for pair in move.slots]):
            return holds()

    def _shrunk(self, moves: tuple[Move, ...], good: Callable[[Sequence[Move]], bool]) -> tuple[Move, ...]:
        """The moves with no quantity moved farther than it must be, the others as they are."""
        for index, move in enumerate(moves):
            if move.unit is None:
                continue
            tried = list(moves)

            def at(count: int, index: int = index, move: Move = move, tried: list[Move] = tried) -> bool:
                tried[index] = move.to(count)
                return good(tried)

            start = _start(move)
            if abs(move.count - start) > 1 and at(move.count - _direction(move)):
                count = closest(at, start, move.count - _direction(move))
                moves = (*moves[:index], move.to(count), *moves[index + 1 :])
        return moves

    # -- to be paid more ----------------------------------------------------------------------------------------------

    def paying_more(self, compiled: CompiledMeasure, subject: Subject, allowed: Allowed) -> Found:
        """The changes after which an eligible claim is paid more, and its recipient in all."""
        key = (compiled.measure.key, subject.name)
        award, recipient = self.resolution.awards[key], compiled.measure.recipient
        total = self.resolution.totals.get(recipient, (0, 0))

        def good(moves: Sequence[Move]) -> bool:
            try:
                after = self.probe.money(dict(pair for move in moves for pair in move.writes))
            except InputFaults:
                return False
            paid = after.awards.get(key)
            more = paid is not None and _ends(paid.low, paid.high) > _ends(award.low, award.high)
            return more and _ends(*after.totals.get(recipient, (0, 0))) > _ends(*total)

        rises = self._rising(compiled, subject, award)
        nodes = [node for node in (compiled.measure.amount, compiled.measure.cap) if node is not None]
        nodes += [item.ceiling.amount for item in self._ceilings(compiled, subject)]
        numbers = _once(move for node in nodes for move in self.moves.quantities(node, subject) if allowed(move))
        others = _once(move for node in nodes for move in self.moves.within(node, subject) if allowed(move))
        found: Found = [(move,) for move in others if move.unit is None and good([move])]
        for move in numbers:
            found += self._moved(move, (), rises, good)
        if not found:
            for first in others:
                for move in numbers:
                    found += self._moved(move, (first,), rises, good) if first.name != move.name else []
            for index, first in enumerate(numbers):
                for move in numbers[index + 1 :]:
                    found += self._both(first, move, rises, good)
        return found

    def _moved(
        self, move: Move, given: tuple[Move, ...], rises: Holds, good: Callable[[Sequence[Move]], bool]
    ) -> Found:
        """The quantity moved to where, beside what is `given`, the claim is paid more: one place in each direction at most."""
        found: Found = []
        assert move.unit is not None
        for direction in (1, -1):
            count = nearest(self._raised(move, given, rises), move.before, move.unit, direction)
            if count is None:
                continue
            start, last = _start(move, direction), move.unit.most * move.unit.per - 1
            reach = abs(count - start)
            places = [count, *(start + direction * reach * times for times in _FARTHER)]
            for place in places:
                if 0 <= place <= last and good([*given, move.to(place)]):
                    found.append(self._shrunk((*given, move.to(place)), good))
                    break
        return found

    def _both(self, first: Move, second: Move, rises: Holds, good: Callable[[Sequence[Move]], bool]) -> Found:
        """Two quantities raised together, the first as far as the second then needs."""
        assert first.unit is not None
        assert second.unit is not None
        far = first.to(first.unit.most * first.unit.per - 1)
        if self._hold([far], rises) or not self._hold([far, second.to(second.unit.most * second.unit.per - 1)], rises):
            return []
        count = nearest(self._raised(second, (far,), rises), second.before, second.unit, 1)
        if count is None:
            return []
        other = second.to(count)
        least = nearest(self._raised(first, (other,), rises), first.before, first.unit, 1)
        if least is None or not good([first.to(least), other]):
            return []
        return [self._shrunk((first.to(least), other), good)]

    def _raised(self, move: Move, given: tuple[Move, ...], rises: Holds) -> Callable[[int], bool]:
        return lambda count: self._hold([*given, move.to(count)], rises)

    def _rising(self, compiled: CompiledMeasure, subject: Subject, award: Award) -> Holds:
        """Whether the claim, or what limits it, has risen so far that it may be paid more."""
        frame = subject.frame
        limits = [item.limit for item in self._ceilings(compiled, subject)]
        need = (award.difference or 0) + 1 if award.status in ("superseded", "contingent") else 1

        def stands() -> list[End | None]:
            found: list[End | None] = []
            for read in (compiled.standard, compiled.shared_cap):
                ends = None if read is None else read(frame)
                found += (None, None) if ends is None else _ends(*ends)
            for limit in limits:
                least = limit(frame)
                found.append(None if least is None else (False, least))
            return found

        before = stands()
        steps = [need, need, *[1] * len(before)]

        def rises() -> bool:
            return any(
                old is not None and new is not None and (new[0] > old[0] or new >= (old[0], old[1] + step))
                for old, new, step in zip(before, stands(), steps, strict=False)
            )

        return rises

    def _ceilings(self, compiled: CompiledMeasure, subject: Subject) -> list[Any]:
        return [
            item
            for item in self.frames.program.ceilings
            if (item.measure.subject or "enterprise") == subject.kind
            and (item.ceiling.over is None or compiled.measure.key in item.ceiling.over)
            and item.truth(subject.frame) is True
        ]


def _ends(low: int, high: int | None) -> tuple[End, End]:
    """The two ends of an interval, such that an open one is greater than any number."""
    return (False, low), (True, 0) if high is None else (False, high)


def _direction(move: Move) -> int:
    return 1 if move.after > move.before else -1


def _start(move: Move, direction: int = 0) -> int:
    """The last count of units on the way to which the fact has not moved yet."""
    assert move.unit is not None
    exact = move.before * move.unit.per
    up = (direction or _direction(move)) > 0
    return int(exact.numerator // exact.denominator if up else -(-exact.numerator // exact.denominator))


def _nearest_first(moves: Iterable[Move]) -> list[Move]:
    """Every fact's moves, the smaller change first; otherwise in the order of the conditions."""
    listed = list(moves)
    order = {name: place for place, name in enumerate(dict.fromkeys(move.name for move in listed))}
    return sorted(listed, key=lambda move: (order[move.name], 0 if move.change is None else abs(move.change)))


def _key(moves: Sequence[Move]) -> frozenset[Any]:
    """One change of a quantity is enough, the smallest; words and truths are different changes."""
    return frozenset((move.name, None if move.unit is not None else move.after) for move in moves)


def _together(first: Move, second: Move) -> tuple[Move, ...]:
    """Two moves as one change of the case: of the same list one move; of the same fact otherwise none."""
    if first.name != second.name:
        return first, second
    merged = isinstance(second.after, tuple) and first.after == second.before
    return (replace(second, before=first.before),) if merged else ()


def _once(moves: Iterable[Move]) -> list[Move]:
    """Without those that are there twice, or that leave the fact as it is."""
    found = {(move.name, move.after): move for move in moves if move.unit is not None or move.after != move.before}
    return list(found.values())
