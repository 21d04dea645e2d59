"""A real server on loopback, in a process of its own that ends with the test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.console import ROOT

WAIT = 60
CASE: dict[str, Any] = {
    "as_of": "2025-03-01",
    "enterprise": {"county": "金凤区", "credit_code": "91640100MA7EXAMP48"},
    "reports": [{"year": 2024, "rd_expense": "800 万元"}],
}


class Server:
    """A server that runs. `log` grows with the lines that it writes."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self.log: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.client = httpx.Client(base_url=url, timeout=WAIT, trust_env=False)

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(iter(self.process.stderr.readline, ""))

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self.client.post(path, json=body, **options)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log if line.startswith("{")]

    def until(self, event: str) -> dict[str, Any]:
        """The first line of log of an event."""
        ends = time.monotonic() + WAIT
        while time.monotonic() < ends:
            found = next((item for item in self.events() if item.get("event") == event), None)
            if found is not None:
                return found
            time.sleep(0.05)
        raise AssertionError(f"no {event} in {self.log}")


@contextmanager
def serving(*options: str, **environment: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "conggao.cli.app", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    server: Server | None = None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise AssertionError(process.communicate(timeout=WAIT)[1])
        server = Server(process, url)
        ends = time.monotonic() + WAIT
        while True:
            try:
                if server.client.get("/ready").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert time.monotonic() < ends, server.log
            time.sleep(0.1)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(WAIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(WAIT)
        process.stdout.close()
        if server is not None:
            server.client.close()
            server.reader.join(WAIT)
        assert process.stderr is not None
        process.stderr.close()


def workers(parent: int, gone: set[int] | None = None, least: int = 1) -> set[int]:
    """The workers of a service, once there are so many that have not been killed."""
    ends = time.monotonic() + WAIT
    while True:
        listed = subprocess.run(
            ["ps", "-ww", "--ppid", str(parent), "-o", "pid=,args="], capture_output=True, text=True, check=True
        ).stdout
        found = {int(line.split()[0]) for line in listed.splitlines() if "spawn_main" in line} - (gone or set())
        if len(found) >= least:
            return found
        assert time.monotonic() < ends, "killed workers are replaced"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("serve")
    with serving("--ledger", str(folder / "ledger.db")) as made:
        yield made
