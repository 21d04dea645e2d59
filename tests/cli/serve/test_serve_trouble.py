"""When something fails that no client can mend, or takes too long: who is told what, and that the rest goes on."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest

from conggao.cli.serve.app import LONG, Refused, Service
from conggao.cli.serve.settings import Settings
from conggao.engine.rulebook.library import shipped
from tests.cli.console import run
from tests.cli.serve.conftest import CASE, WAIT, serving, workers

pytest.importorskip("sqlalchemy", reason="sqlalchemy is not installed")


def test_a_ledger_that_fails_is_the_service_s_fault_and_comes_back(tmp_path: Path) -> None:
    """An office must know that its request was right, and ask again with the same key; where the ledger lies is for the log."""
    disk = tmp_path / "disk"
    disk.mkdir()
    body = {"case": CASE, "key": "d-1"}
    with serving("--ledger", str(disk / "ledger.db"), "--lang", "en") as server:
        first = server.post("/ledger/decisions", body).json()
        disk.rename(tmp_path / "away")
        disk.mkdir()
        for _ in range(2):
            found = server.post("/ledger/decisions", body)
            assert (found.status_code, found.headers["retry-after"]) == (503, "5")
            assert str(tmp_path) not in found.text
            assert found.json()["faults"][0]["message"]["zh"]
        assert server.until("unavailable")["faults"][0]["path"] == str(disk / "ledger.db")
        assert server.post("/decisions", CASE).status_code == 200, "what needs no ledger goes on"
        shutil.rmtree(disk)
        (tmp_path / "away").rename(disk)
        server.post("/ledger/decisions", body)  # the connection to the file that was there meanwhile is given up
        again = server.post("/ledger/decisions", body).json()
        assert (again["entry"], again["repeated"]) == (first["entry"], True)


def test_a_ledger_that_cannot_be_opened_is_said_before_anything_listens(tmp_path: Path) -> None:
    for ledger in ("mysql://user:secret@host/x", str(tmp_path / "none" / "ledger.db")):
        done = run("serve", "--port", "0", "--ledger", ledger, "--lang", "en")
        assert (done.returncode, done.stdout) == (2, "")
        assert "error[ledger/" in done.stderr
        assert "secret" not in done.stderr


def test_long_requests_hold_up_no_short_one_and_what_no_one_waits_for_is_not_begun() -> None:
    service, release, begun = Service(Settings(seconds=0.5)), threading.Event(), []

    def long() -> None:
        begun.append(1)
        release.wait(WAIT)

    async def asked() -> None:
        waiting = [asyncio.create_task(service.compute(long, long=True)) for _ in range(8)]
        await asyncio.sleep(0.1)
        assert await service.compute(lambda: "short") == "short"
        for one in waiting:
            with pytest.raises(Refused) as caught:
                await one
            assert caught.value.status == 503

    try:
        asyncio.run(asked())
    finally:
        release.set()
        service.close()
    assert len(begun) == LONG


def test_a_worker_that_falls_while_a_page_is_faulty_is_replaced_by_one_that_answers_as_it_did(tmp_path: Path) -> None:
    page = tmp_path / "city.md"
    text = shipped()["yinchuan-2024-2"].read_text("utf-8")
    page.write_text(text, "utf-8")
    with serving("--policy", str(page)) as server:
        before = server.post("/decisions", CASE)
        page.write_text(text.replace("id: 8a", "idd: 8a"), "utf-8")
        server.until("reload-refused")
        (fallen,) = workers(server.process.pid)
        os.kill(fallen, signal.SIGKILL)
        workers(server.process.pid, {fallen})
        after = server.post("/decisions", CASE)
        assert (after.status_code, after.content) == (200, before.content)
        ends = time.monotonic() + WAIT
        while not server.client.get("/ready").json()["stale"]:
            assert time.monotonic() < ends, "it has looked at the files itself"
            time.sleep(0.1)


def test_a_file_of_keys_that_cannot_be_read_lets_no_one_in_and_is_the_service_s_fault(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    token = run("serve", "key", "add", "office", "--keys", str(keys)).stdout.strip()
    told = keys.read_text("utf-8")
    with serving("--keys", str(keys)) as server:
        headers = {"authorization": f"Bearer {token}"}
        assert server.post("/decisions", CASE, headers=headers).status_code == 200
        keys.write_text("{", "utf-8")
        refused = server.post("/decisions", CASE, headers=headers)
        assert refused.status_code == 503
        assert str(tmp_path) not in refused.text
        assert server.until("unavailable")["faults"][0]["code"] == "keys/unreadable"
        keys.write_text(told, "utf-8")
        assert server.post("/decisions", CASE, headers=headers).status_code == 200
    keys.write_text("{", "utf-8")
    done = run("serve", "--port", "0", "--keys", str(keys), "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[keys/unreadable]" in done.stderr
