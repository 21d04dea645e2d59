"""The application in a browser on this machine: it works there, loads nothing from elsewhere, and lets in no other page."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual_serve")

from conggao.cli.tui.web import command_line
from tests.cli.console import ROOT, run

SAMPLE = "policy/yinchuan/cases/sample.yaml"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program as it serves, and the address that it says."""
    command = [
        sys.executable,
        "-m",
        "conggao.cli.app",
        "tui",
        SAMPLE,
        "--web",
        "--lang",
        "zh",
        "--port",
        str(free_port()),
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as server:  # fmt: skip
        assert server.stdout is not None
        try:
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found is not None
            yield server, found[0]
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture
def address() -> Iterator[str]:
    with serving() as (_, found):
        yield found


def status(address: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def wait_until_it_serves(address: str) -> None:
    for _ in range(300):
        try:
            status(address)
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return


def test_only_who_knows_the_address_is_let_in(address: str) -> None:
    wait_until_it_serves(address)
    plain = address.partition("?")[0]
    assert status(address) == 200
    assert status(plain) == 403
    assert status(plain + "?token=wrong") == 403
    assert status(address, Origin="http://example.com") == 403
    assert status(address, Host="example.com") == 403, "a name that another site has bound to this machine"
    assert status(plain + "ws") == 403
    assert "default-src" in policy_of(address)


def policy_of(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return str(answer.headers.get("Content-Security-Policy", ""))


def test_a_fact_is_edited_in_a_browser(address: str, browser: Any) -> None:
    wait_until_it_serves(address)
    page: Any = browser.new_page(viewport={"width": 1200, "height": 800})
    asked: list[str] = []
    wrong: list[str] = []
    sent: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("websocket", lambda socket_: socket_.on("framereceived", lambda data: sent.append(text_of(data))))
    page.goto(address)
    page.wait_for_selector("body.-first-byte", timeout=60_000)
    wait_for(page, sent, "7,994,000.00|6,379,000.00")
    page.keyboard.press("/")
    wait_for(page, sent, "查找事实")
    page.keyboard.type("carbon_emissions")
    page.keyboard.press("Enter")
    wait_for(page, sent, "reports.2024.carbon_emissions")
    page.keyboard.press("Enter")
    wait_for(page, sent, "留空即为不明")
    page.keyboard.type("26001")
    page.keyboard.press("Enter")
    wait_for(page, sent, "26,001")
    assert wrong == []
    assert {re.split("[/?]", url.partition("://")[2])[0] for url in asked} == {address.split("/")[2]}
    page.close()


def text_of(data: Any) -> str:
    return data if isinstance(data, str) else bytes(data).decode("utf-8", "ignore")


def wait_for(page: Any, sent: list[str], pattern: str) -> None:
    """Until the application has drawn that; colours between the words aside."""
    drawn = ""
    for _ in range(300):
        drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", "".join(sent))
        if re.search(pattern, drawn):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{pattern} was never drawn; last came:\n{drawn[-2000:]}")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the processes of a server are read from /proc")
def test_the_application_ends_where_its_server_was_killed(browser: Any) -> None:
    with serving() as (server, address):
        wait_until_it_serves(address)
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("body.-first-byte", timeout=60_000)
        applications = children(server.pid)
        assert applications, "each connection has a process of its own"
        server.kill()
        for _ in range(600):  # a loaded machine is slow to notice
            if not any(alive(pid) for pid in applications):
                break
            time.sleep(0.1)
        page.close()
        assert not any(alive(pid) for pid in applications)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("tui", SAMPLE, "--web", "--lang", "en", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "cannot be used" in done.stderr


def test_the_command_survives_names_that_a_shell_would_read() -> None:
    name = Path("a b;c$(d)'e.yaml")
    done = subprocess.run(
        command_line(name, None, ("p q",), "zh").replace("-m conggao.cli.app", "-c 'import sys; print(sys.argv[1:])'"),
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == repr(["tui", str(name.absolute()), "--lang", "zh", "--policy", "p q"])
