"""Processes that work beside this one on what was made ready once, and are gone when it is.

What makes ready is a new interpreter: a fork of this process would have none of its threads, which DuckDB and Arrow count on, and
`multiprocessing` would import the program that asks. When it forks those that work it has no thread but Arrow's allocator's, which
expects that.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from traceback import format_exc
from typing import Any, NoReturn

from conggao.engine.batch.memory import keep_memory

_MAIN = """
import sys, json
sys.path[:] = json.loads(sys.argv[1])
from conggao.engine.batch.crew import begin
begin(*map(int, sys.argv[2:]))
"""

_SPARE = 10
"""How far the last of several processes stands back: who asks has work too, and processors that more want than there are lose time."""


def possible() -> bool:
    """Whether processes can be begun here: where one can be forked, and by an interpreter that can be found."""
    return hasattr(os, "fork") and bool(sys.executable) and not getattr(sys, "frozen", False)


class Crew:
    """Any thread may `ask` it; it waits for a process that is free."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._free: SimpleQueue[Connection] = SimpleQueue()
        for connection in connections:
            self._free.put(connection)

    def ask(self, method: str, *given: Any) -> Any:
        """What a method of that which was made ready returns. Raises what it raises, and BrokenExecutor where the process ended before it
        had answered, as one does that the system ends for want of memory."""
        connection = self._free.get()
        try:
            connection.send((method, given))
            fine, found = connection.recv()
        except (EOFError, OSError):
            raise BrokenExecutor("a process ended before it had answered") from None
        finally:
            self._free.put(connection)
        if not fine:
            raise found
        return found


@contextmanager
def crew(ready: Callable[[], Any], many: int) -> Iterator[Crew]:
    """So many processes, whose answers come from the object that `ready`, which can be pickled, makes once for all of them."""
    from subprocess import DEVNULL, Popen

    with ExitStack() as stack:
        ours, theirs = zip(*(Pipe() for _ in range(many)), strict=True)
        for connection in ours:
            stack.callback(connection.close)
        alive, held = os.pipe()
        holding = stack.enter_context(open(held, "wb"))
        fds = [alive, *(connection.fileno() for connection in theirs)]
        told = [json.dumps(sys.path), *map(str, fds)]
        # A library that multiplies matrices, which nobody does here, would start threads when it is loaded.
        own = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
        try:
            process = Popen([sys.executable, "-c", _MAIN, *told], stdin=DEVNULL, pass_fds=fds, env=own)
        finally:
            os.close(alive)
            for connection in theirs:
                connection.close()
        try:
            with suppress(OSError):
                ours[0].send_bytes(pickle.dumps(ready))
            yield Crew(ours)
        except BaseException:
            # Whatever they are at.
            holding.close()
            process.terminate()
            raise
        finally:
            # Nobody asks them any more.
            for connection in ours:
                connection.close()
            process.wait()


def begin(alive: int, *fds: int) -> NoReturn:
    """Makes ready, and forks a process for each of the connections `fds`. Those end when nobody holds the other end of `alive` any more, or
    of their connection; and this one after them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_memory()
    # What is made ready stays, and is many objects: looking among them for cycles takes a quarter of the time, and finds none.
    gc.disable()
    connections = [Connection(fd) for fd in fds]
    work: Any
    try:
        work = pickle.loads(connections[0].recv_bytes())()
    except EOFError:
        os._exit(0)
    except Exception as fault:
        work = fault
    # A decision leaves few cycles, which are looked for between answers.
    gc.freeze()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number, connection in enumerate(connections):
        if os.fork() == 0:
            for other in connections[number + 1 :]:
                other.close()
            if number and number == len(connections) - 1:
                os.nice(_SPARE)
            _serve(alive, connection, work)
        connection.close()
    for _ in connections:
        os.wait()
    os._exit(0)


def _serve(alive: int, connection: Connection, work: Any) -> NoReturn:
    """Answers until nobody asks any more."""
    from threading import Thread

    def watch() -> None:
        os.read(alive, 1)
        os._exit(1)

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=watch, daemon=True).start()
    while True:
        try:
            method, given = connection.recv()
        except (EOFError, OSError):
            os._exit(0)
        answer: tuple[bool, Any]
        try:
            if isinstance(work, Exception):
                raise work
            answer = True, getattr(work, method)(*given)
        except Exception as fault:
            # Its own traceback does not travel.
            fault.add_note(format_exc())
            answer = False, fault
        try:
            connection.send_bytes(_pickled(answer))
        except OSError:
            os._exit(0)
        del answer
        gc.collect()


def _pickled(answer: tuple[bool, Any]) -> bytes:
    try:
        made = pickle.dumps(answer, protocol=5)
        if not answer[0]:
            # Not every exception that can be written can be read.
            pickle.loads(made)
        return made
    except Exception as fault:
        found = fault if answer[0] else answer[1]
        return pickle.dumps((False, RuntimeError(f"what was found cannot be sent: {type(found).__name__}: {found}")))
