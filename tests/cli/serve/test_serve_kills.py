"""The service killed at any moment while clients record awards: it is there again by itself; nothing acknowledged is lost or doubled."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx
import pytest

from conggao.engine.ledger import Ledger
from tests.cli.serve.conftest import WAIT, serving, workers
from tests.conftest import AGREEMENT
from tests.engine.ledger.offices import CITY, case, credit_code, office

pytest.importorskip("sqlalchemy", reason="sqlalchemy is not installed")

KILLS = 4 if AGREEMENT <= 20_000 else AGREEMENT // 5_000
CLIENTS = 4
EACH = 200 * max(1, KILLS // 4)
"""Enterprises of each client: more than it gets through."""


def test_workers_killed_under_load_come_back_and_lose_nothing(tmp_path: Path) -> None:
    """Clients ask again, with the same key, until they have an answer; worker after worker is killed, and no one starts them again."""
    page, path = tmp_path / "city.md", tmp_path / "ledger.db"
    page.write_text(CITY, "utf-8")
    with Ledger.open(path) as ledger:
        for number in range(CLIENTS * EACH):
            ledger.record(case(number, chain_leader=True), engine=office("city"), evaluator="exact")
    draw, stop = Random(20240301), threading.Event()
    with serving("--policy", str(page), "--ledger", str(path), "--workers", "2") as server:

        def client(which: int) -> dict[int, int]:
            """The entry of every award that was acknowledged, by its decision."""
            told: dict[int, int] = {}
            with httpx.Client(base_url=server.url, timeout=WAIT, trust_env=False) as asked:
                for number in range(which * EACH + 1, (which + 1) * EACH + 1):
                    body = {"decision": str(number), "measure": "prize", "key": f"A{number}"}
                    while number not in told:
                        if stop.is_set():
                            return told
                        try:
                            answer = asked.post("/ledger/awards", json=body)
                        except httpx.TransportError:
                            continue
                        assert answer.status_code == 200, answer.text
                        assert answer.json()["status"] == "awarded"
                        told[number] = answer.json()["entry"]
            return told

        with ThreadPoolExecutor(CLIENTS) as pool:
            busy = [pool.submit(client, which) for which in range(CLIENTS)]
            try:
                killed: set[int] = set()
                for _ in range(KILLS):
                    time.sleep(draw.random() * 2.5)
                    victim = draw.choice(sorted(workers(server.process.pid, killed)))
                    os.kill(victim, signal.SIGKILL)
                    killed.add(victim)
                assert server.client.get("/ready").status_code == 200, "no one has started it again"
            finally:
                stop.set()
            told = {number: entry for one in busy for number, entry in one.result(WAIT).items()}
        assert server.process.poll() is None, "the parent lives on"
        assert len(workers(server.process.pid, killed, 2)) == 2
        assert server.client.get("/ledger/verification").json()["holds"] is True
    assert len(told) > KILLS
    with Ledger.open(path) as ledger:
        for number, entry in told.items():
            awards = ledger.history(credit_code(number - 1)).awards
            assert [award.entry for award in awards] == [entry], "what was acknowledged is there once"
        verdict = ledger.verify()
        assert verdict.holds, verdict.findings
        recorded = verdict.entries - CLIENTS * EACH
        assert len(told) <= recorded <= len(told) + CLIENTS, "beyond that at most what was being asked at the end"
