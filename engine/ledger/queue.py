"""Writers of one process in a queue: whoever is in front does the work of all who wait, in one transaction."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

MOST = 64
"""Pieces of work in one transaction."""


class Shared(Protocol):
    """What work is done on; `alone` undoes what a piece of work that fails has done, and nothing else."""

    def alone(self) -> AbstractContextManager[Any]: ...


W = TypeVar("W", bound=Shared)
T = TypeVar("T")


class _Job(Generic[W]):
    def __init__(self, work: Callable[[W], Any]) -> None:
        self.work = work
        self.done = False
        self.answer: Any = None
        self.error: BaseException | None = None


class Queue(Generic[W]):
    """`transaction` gives what work is done on, and commits when it is left without an error."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[W]]) -> None:
        self._transaction = transaction
        self._jobs: deque[_Job[W]] = deque()
        self._turn = threading.Lock()

    def run(self, work: Callable[[W], T]) -> T:
        """What `work` answers, once it is committed. Raises what it raises, or what kept the transaction from being committed."""
        job: _Job[W] = _Job(work)
        self._jobs.append(job)
        with self._turn:
            # Whoever was in front may have done it meanwhile.
            if not job.done:
                self._lead()
        if job.error is not None:
            raise job.error
        answer: T = job.answer
        return answer

    def _lead(self) -> None:
        jobs = [self._jobs.popleft() for _ in range(min(MOST, len(self._jobs)))]
        try:
            with self._transaction() as shared:
                for job in jobs:
                    self._do(job, shared)
        except BaseException as error:
            for job in jobs:
                job.error = job.error or error
        for job in jobs:
            job.done = True
            job.work = _nothing

    @staticmethod
    def _do(job: _Job[W], shared: W) -> None:
        from conggao.facts.diagnostics import InputFaults

        try:
            with shared.alone():
                job.answer = job.work(shared)
        except InputFaults as faults:
            job.error = faults


def _nothing(_: Any) -> None:
    return None
