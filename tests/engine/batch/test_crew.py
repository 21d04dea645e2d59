"""Processes that decide: they answer, say what went wrong, and do not outlive who began them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conggao.engine.batch.crew import crew
from tests.engine.batch.processes import alive, apart

pytestmark = apart


class UnreadableError(Exception):
    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} and {other}")


class Work:
    """What is made ready, once."""

    def __init__(self, begun: Path) -> None:
        with begun.open("a") as file:
            file.write("made\n")
        self.maker = os.getpid()

    def both(self) -> tuple[int, int]:
        return self.maker, os.getpid()

    def sleep(self, seconds: float) -> int:
        time.sleep(seconds)
        return os.getpid()

    def standing(self, seconds: float) -> int:
        time.sleep(seconds)
        return os.nice(0)

    def draws(self) -> bool:
        from conggao.engine.evaluate.columnar.plan import plan_of
        from conggao.engine.evaluate.columnar.session import Session
        from tests.engine.rulebook.pages import engine, measure, page

        rule = measure("1", "subject: enterprise\nlines: [any]\npay: 1 元")
        line = "lines: {any: {zh: 任一, en: any}}\nconflicts: {principle: highest, against: [national]}\n"
        with closing(Session(plan_of(engine(page("drawn", rule, front=line)).program))) as session:
            [(found,)] = session._connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
        return bool(found)

    def refuse(self) -> None:
        raise ValueError("what was asked")

    def odd(self) -> Any:
        return lambda: None

    def odd_fault(self) -> None:
        raise UnreadableError(1, 2)

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_is_made_once_answers_in_several_processes(tmp_path: Path) -> None:
    with crew(partial(Work, tmp_path / "begun"), 2) as found, ThreadPoolExecutor(2) as threads:
        made = {found.ask("both")[0] for _ in range(4)}
        # Asked at the same time neither waits for the other, so that both must be there.
        apart = set(threads.map(found.ask, ["sleep"] * 2, [0.3] * 2))
    assert len(made) == 1, "it was made for all of them"
    assert len(apart) == 2
    assert (tmp_path / "begun").read_text() == "made\n"
    assert not any(map(alive, (*made, *apart))), "they end with the block"


@pytest.mark.parametrize("many", [1, 2, 3])
def test_the_last_of_several_stands_back(tmp_path: Path, many: int) -> None:
    """Else it would take from who asks, and writes, what it has to be asked for again."""
    with crew(partial(Work, tmp_path / "begun"), many) as found, ThreadPoolExecutor(many) as threads:
        standing = sorted(threads.map(found.ask, ["standing"] * many, [0.3] * many))
    own = os.nice(0)
    assert standing == ([own] if many == 1 else [*[own] * (many - 1), min(own + 10, 19)])


def test_what_decides_draws_nothing_into_what_the_program_writes(tmp_path: Path) -> None:
    """DuckDB takes an interpreter that runs no file, as that of the processes, for one that someone sits at."""
    pytest.importorskip("duckdb", reason="the extra `batch` is not installed")
    pytest.importorskip("ibis", reason="the extra `batch` is not installed")
    with crew(partial(Work, tmp_path / "begun"), 1) as found:
        assert not found.ask("draws")


def test_what_goes_wrong_is_raised_here(tmp_path: Path) -> None:
    with crew(partial(Work, tmp_path / "begun"), 1) as found:
        with pytest.raises(ValueError, match="what was asked") as raised:
            found.ask("refuse")
        assert "in refuse" in raised.value.__notes__[0], "it says where"
        with pytest.raises(RuntimeError, match="cannot be sent"):
            found.ask("odd")
        with pytest.raises(RuntimeError, match="UnreadableError: 1 and 2"):
            found.ask("odd_fault")
        assert found.ask("both")[1] != os.getpid(), "it goes on all the same"
        with pytest.raises(BrokenExecutor):
            found.ask("die")
        with pytest.raises(BrokenExecutor):
            found.ask("both")


def test_what_cannot_be_made_is_raised_when_it_is_asked(tmp_path: Path) -> None:
    with crew(partial(Work, tmp_path / "no" / "begun"), 2) as found, pytest.raises(FileNotFoundError):
        found.ask("both")


def test_they_do_not_outlive_who_began_them(tmp_path: Path) -> None:
    """Not even one that is killed while they work."""
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.format(paths=sys.path, begun=str(tmp_path / "begun")))
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(alive, pids))
        process.kill()
    until = time.monotonic() + 20
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, pids))


_PROGRAM = """
import sys
sys.path[:] = {paths!r}
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from conggao.engine.batch.crew import crew
from tests.engine.batch.test_crew import Work

# There is no `if __name__ == "__main__"`: what begins the processes does not import the program again.
with crew(partial(Work, Path({begun!r})), 2) as found, ThreadPoolExecutor(4) as threads:
    print(*threads.map(found.ask, ["sleep"] * 2, [0.3] * 2), flush=True)
    list(threads.map(found.ask, ["sleep"] * 2, [60] * 2))
"""
