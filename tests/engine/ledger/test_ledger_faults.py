"""Writers killed at any moment, a full disk, a database that is gone: what was acknowledged is there, and once."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from conggao.engine import InputFaults
from conggao.engine.ledger import Ledger
from tests.conftest import AGREEMENT
from tests.engine.ledger.offices import case, credit_code, office
from tests.engine.ledger.server import Server

KILLS = 4 if AGREEMENT <= 20_000 else AGREEMENT // 5000
ENTERPRISES = 400
VICTIMS = max(ENTERPRISES, KILLS * 60)

WRITER = """
import sys
from conggao.engine.ledger import Ledger
url, begin, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with Ledger.open(url) as ledger:
    print("ready", flush=True)
    for number in range(begin, 100000):
        # The same key for the same award, whoever asks: what was killed is asked for again.
        answer = ledger.award(number, "prize", key=f"A{number}")
        print(number, answer.status, answer.entry, flush=True)
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_writers_killed_at_any_moment_lose_nothing(url: str) -> None:
    """A writer is killed while it awards; the next one goes on from the last award that was acknowledged."""
    draw = Random(url.partition(":")[0])
    with Ledger.open(url) as ledger:
        for number in range(VICTIMS):
            ledger.record(case(number, chain_leader=True), engine=office("city"), evaluator="exact")
    told: dict[int, int] = {}
    at = 1
    for _ in range(KILLS):
        writer = start(WRITER, url, str(at), "w")
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(draw.random() * 0.12)
        writer.send_signal(signal.SIGKILL)
        said, errors = writer.communicate(timeout=30)
        assert writer.returncode == -signal.SIGKILL or "no entry" in errors or "not a decision" in errors, errors
        for line in said.splitlines(keepends=True):
            if line.endswith("\n"):
                which, status, entry = line.split()
                assert status == "awarded"
                at = int(which)
                assert told.setdefault(at, int(entry)) == int(entry), "asked again, it answers the same"
        if at >= VICTIMS:
            break
    assert told
    with Ledger.open(url) as ledger:
        for asked, at_entry in told.items():
            awards = ledger.history(credit_code(asked - 1)).awards
            assert [award.entry for award in awards] == [at_entry], "what was acknowledged is there once"
        verdict = ledger.verify()
        assert verdict.holds, verdict.findings
        # At most the award under way when a writer was killed is there without having been acknowledged.
        assert verdict.entries - VICTIMS - len(told) <= KILLS
        if verdict.witnessed is not None:
            assert verdict.entries - verdict.witnessed <= KILLS, "a kill between the entry and its witness leaves a gap"


FILLER = """
import resource, sys
from conggao.engine import InputFaults
from conggao.engine.ledger import Ledger
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
with Ledger.open(sys.argv[1]) as ledger:
    for number in range(1, 100000):
        try:
            answer = ledger.award(number, "prize", key=f"A{number}")
        except InputFaults as faults:
            print(faults.diagnostics[0].code, flush=True)
            sys.exit(2)
        print(number, answer.entry, flush=True)
"""


def test_a_file_that_cannot_grow_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(ENTERPRISES):
            ledger.record(case(number, chain_leader=True), engine=office("city"), evaluator="exact")
    limit = path.stat().st_size + 150_000
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(path), str(limit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, done.stderr
    *acknowledged, code = done.stdout.splitlines()
    assert code in ("ledger/full", "ledger/unavailable")
    assert len(acknowledged) > 5
    with Ledger.open(path) as ledger:
        assert ledger.verify().holds
        for line in acknowledged:
            number, entry = map(int, line.split())
            assert [award.entry for award in ledger.history(credit_code(number - 1)).awards] == [entry]
        again = ledger.award(len(acknowledged) + 1, "prize", key=f"A{len(acknowledged) + 1}")
        assert again.status == "awarded", "with room again, it goes on"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small file system can be mounted by root alone")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_loses_nothing_acknowledged(small_disk: Path) -> None:
    path = small_disk / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(20):
            ledger.record(case(number, chain_leader=True), engine=office("city"), evaluator="exact")
        room = os.statvfs(small_disk)
        filler = small_disk / "filler"
        filler.write_bytes(b"x" * (room.f_bavail * room.f_bsize - 60_000))
        told: dict[int, int] = {}

        def award_all() -> None:
            for number in range(1, 21):
                told[number] = ledger.award(number, "prize", key=f"A{number}", note="长" * 900).entry

        with pytest.raises(InputFaults) as caught:
            award_all()
        assert caught.value.diagnostics[0].code in ("ledger/full", "ledger/witness")
        assert "same key" in str(caught.value.diagnostics[0].help)
        before = dict(told)
        filler.unlink()
        award_all()
        assert before == {number: told[number] for number in before}
        verdict = ledger.verify()
        assert verdict.holds, verdict.findings
        assert verdict.entries == 40
        for number, entry in told.items():
            assert [award.entry for award in ledger.history(credit_code(number - 1)).awards] == [entry]


@pytest.mark.parametrize("how", ["removed", "replaced", "journal"])
def test_a_file_that_vanishes_is_noticed_before_anything_is_acknowledged(tmp_path: Path, how: str) -> None:
    """On Unix a file that was removed can still be written to; all of that would be lost without a word."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        kept = ledger.record(case(1, chain_leader=True), engine=office("city"), evaluator="exact").entry
        if how == "journal":
            path.with_name("ledger.db-wal").unlink()
        else:
            path.rename(tmp_path / "old.db")
        if how == "replaced":
            sqlite3.connect(path).close()
            path.touch()
        with pytest.raises(InputFaults) as caught:
            ledger.award(kept, "prize")
        assert caught.value.diagnostics[0].code == "ledger/vanished"
        if how == "journal":
            assert ledger.verify().holds, "the connection that had it open has written it back"
            assert ledger.award(kept, "prize").status == "awarded"
        else:
            with pytest.raises(InputFaults):
                ledger.history(credit_code(1))
            assert not path.with_name("ledger.db.witness").read_text().count("\n2 ")


def test_a_ledger_that_is_gone_is_not_begun_anew(tmp_path: Path) -> None:
    """As where its disk is not mounted: with an empty ledger everything would be paid a second time."""
    path, witness = tmp_path / "disk" / "ledger.db", tmp_path / "witness"
    path.parent.mkdir()
    with Ledger.open(path, witness=witness) as ledger:
        ledger.record(case(1, chain_leader=True), engine=office("city"), evaluator="exact")
    path.parent.rename(tmp_path / "away")
    path.parent.mkdir()
    with pytest.raises(InputFaults, match="the witness file knows entries of one"):
        Ledger.open(path, witness=witness)
    shutil.rmtree(path.parent)
    (tmp_path / "away").rename(path.parent)
    with Ledger.open(path, witness=witness) as ledger:
        assert ledger.award(1, "prize").status == "awarded"
    witness.rename(tmp_path / "old")
    with Ledger.open(tmp_path / "new.db", witness=witness) as ledger:
        assert ledger.verify().entries == 0


def test_a_server_that_fails_is_said_and_found_again(server: Server) -> None:
    with Ledger.open(server.database()) as ledger:
        kept = [
            ledger.record(case(number, chain_leader=True), engine=office("city"), evaluator="exact").entry
            for number in range(3)
        ]
        first = ledger.award(kept[0], "prize", key="A0")
        server.halt()
        try:
            for call in (lambda: ledger.award(kept[1], "prize", key="A1"), ledger.verify):
                with pytest.raises(InputFaults) as caught:
                    call()
                assert caught.value.diagnostics[0].code == "ledger/unavailable"
                assert "Traceback" not in str(caught.value)
        finally:
            server.start()
        assert ledger.award(kept[0], "prize", key="A0").entry == first.entry
        assert ledger.award(kept[1], "prize", key="A1").status == "awarded"
        assert ledger.verify().holds


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (":memory:", "url"),
        ("sqlite://", "url"),
        ("mysql://root:secret@localhost/x", "url"),
        ("postgresql://user:secret@127.0.0.1:1/x", "unavailable"),
        ("/dev/null/ledger.db", "unavailable"),
    ],
)
def test_an_address_that_cannot_be_is_said_without_its_password(url: str, code: str) -> None:
    with pytest.raises(InputFaults) as caught:
        Ledger.open(url)
    (fault,) = caught.value.diagnostics
    assert fault.code == f"ledger/{code}"
    assert "secret" not in caught.value.render("en") + caught.value.render("zh")


def test_a_file_that_is_no_ledger_stays_as_it_is(tmp_path: Path) -> None:
    for name, content in (("text.db", b"not a database, but long enough to look at " * 30), ("empty.db", b"")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputFaults) as caught:
            Ledger.open(path, create=False)
        assert caught.value.diagnostics[0].code in ("ledger/damaged", "ledger/none")
        if content:
            assert path.read_bytes() == content
    with pytest.raises(InputFaults, match="no such ledger"):
        Ledger.open(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()


def test_limits_are_those_of_the_child_alone() -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_ledger_made_by_many_at_once_is_made_once(url: str) -> None:
    script = "import sys; from conggao.engine.ledger import Ledger; Ledger.open(sys.argv[1]).close()"
    makers = [start(script, url) for _ in range(4)]
    for maker in makers:
        _, errors = maker.communicate(timeout=60)
        assert maker.returncode == 0, errors
    with Ledger.open(url, create=False) as ledger:
        assert ledger.verify().entries == 0


LACKING = """
import sys
sys.modules[sys.argv[1]] = None
from conggao.engine import InputFaults
from conggao.engine.ledger import Ledger
try:
    with Ledger.open(sys.argv[2]) as ledger:
        ledger.export(sys.argv[3])
except InputFaults as faults:
    print(faults.render("en"))
"""


@pytest.mark.parametrize(
    ("library", "extra"),
    [("sqlalchemy", "ledger"), ("alembic", "ledger"), ("psycopg", "postgres"), ("pyarrow", "batch")],
)
def test_what_is_not_installed_is_said_with_the_extra_that_brings_it(tmp_path: Path, library: str, extra: str) -> None:
    where = "postgresql://x@localhost/y" if library == "psycopg" else str(tmp_path / "ledger.db")
    writer = start(LACKING, library, where, str(tmp_path / "out"))
    said, errors = writer.communicate(timeout=60)
    assert f"pip install 'conggao[{extra}]'" in said, errors
