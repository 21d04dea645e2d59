"""Writers of one process in a queue: whoever is in front does the work of all who wait, in one transaction."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

from conggao.facts.diagnostics import InputFaults

MOST = 64
"""Pieces of work in one transaction."""


class Shared(Protocol):
    """What work is done on; `alone` undoes what a piece of work that fails has done, and nothing else."""

    def alone(self) -> AbstractContextManager[Any]: ...


W = TypeVar("W", bound=Shared)
T = TypeVar("T")


class _Job(Generic[W]):
    """A piece of work. `woken`: it is done, or it is this one's turn to do all that waits."""

    def __init__(self, work: Callable[[W], Any]) -> None:
        self.work = work
        self.woken = threading.Event()
        self.done = False
        self.answer: Any = None
        self.error: BaseException | None = None


class Queue(Generic[W]):
    """`transaction` gives what work is done on, and commits when it is left without an error. First come, first served."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[W]]) -> None:
        self._transaction = transaction
        self._jobs: deque[_Job[W]] = deque()
        self._mutex = threading.Lock()
        self._led = False

    def run(self, work: Callable[[W], T]) -> T:
        """What `work` answers, once it is committed. Raises what it raises, or what kept the transaction from being committed."""
        job: _Job[W] = _Job(work)
        with self._mutex:
            self._jobs.append(job)
            first, self._led = not self._led, True
        if not first:
            try:
                job.woken.wait()
            except BaseException:
                self._leave(job)
                raise
        if not job.done:
            self._lead()
        if job.error is not None:
            raise job.error
        answer: T = job.answer
        return answer

    def _lead(self) -> None:
        with self._mutex:
            jobs = [self._jobs.popleft() for _ in range(min(MOST, len(self._jobs)))]
        try:
            with self._transaction() as shared:
                for job in jobs:
                    self._do(job, shared, alone=len(jobs) == 1)
        except BaseException as error:
            for job in jobs:
                job.error = job.error or error
        finally:
            self._hand_over(jobs)

    @staticmethod
    def _do(job: _Job[W], shared: W, *, alone: bool) -> None:
        if alone:
            job.answer = job.work(shared)  # what it has done is undone with the transaction
            return
        try:
            with shared.alone():
                job.answer = job.work(shared)
        except InputFaults as faults:
            job.error = faults

    def _hand_over(self, jobs: list[_Job[W]]) -> None:
        with self._mutex:
            for job in jobs:
                job.done = True
            following = self._jobs[0] if self._jobs else None
            self._led = following is not None
        for job in jobs:
            job.woken.set()
        if following is not None:
            following.woken.set()

    def _leave(self, job: _Job[W]) -> None:
        """One who waits no longer: its work is not done, unless that has begun, and whoever is next takes its turn."""
        with self._mutex:
            if job not in self._jobs:
                return
            turn = job.woken.is_set()
            self._jobs.remove(job)
            following = self._jobs[0] if turn and self._jobs else None
            self._led = self._led and not (turn and following is None)
        if following is not None:
            following.woken.set()
