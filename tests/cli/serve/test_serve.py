"""Over HTTP as in process, byte for byte; what is wrong is told as problem details; nothing gets in that should not."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from conggao.engine import Engine
from conggao.engine.rulebook.library import shipped
from conggao.facts.loading import load_case
from tests.agreement.cases import generate
from tests.cli.console import ROOT, run
from tests.cli.serve.conftest import CASE, WAIT, Server, serving
from tests.conftest import AGREEMENT

COUNT = max(150, min(5_000, AGREEMENT // 200))
TEXT = "测试企业机密名称"
"""What a case holds and no log may."""


def test_every_answer_is_that_of_the_call_to_the_byte(server: Server, everything: Engine) -> None:
    for seed in range(COUNT):
        case = generate(seed)
        lang = ("zh", "en")[seed % 2]
        evaluator = ("exact", "forward")[seed % 3 == 0]
        expected = everything.decide(case, engine=evaluator, lang=lang).to_json()  # type: ignore[arg-type]
        found = server.post("/decisions", case, params={"lang": lang, "engine": evaluator})
        assert (found.status_code, found.content) == (200, expected.encode())


def test_many_cases_are_answered_each_by_itself(server: Server, everything: Engine) -> None:
    cases = [generate(seed) for seed in range(20)]
    cases.insert(7, {"as_of": "2025-03-01", "repots": []})
    found = server.post("/decisions/many", {"cases": cases}, params={"engine": "exact"}).json()
    assert len(found) == len(cases)
    assert found[7]["faults"][0]["help"]["en"] == "did you mean `reports`?"
    for case, answer in zip(cases, found, strict=True):
        if "decision" in answer:
            assert answer["decision"] == json.loads(everything.decide(case, engine="exact").to_json())


@pytest.mark.parametrize(
    ("path", "body", "command"),
    [
        ("/explanations", {"case": CASE, "measure": "8a"}, ("explain", "8a")),
        ("/whatif", {"case": CASE, "set": ["latest.rd_expense=500 万元"], "amend": "8a.cap=50 万元"},
         ("whatif", "--set", "latest.rd_expense=500 万元", "--amend", "8a.cap=50 万元")),
        ("/sweep", {"case": CASE, "facts": ["latest.rd_expense=0..2000 万元"], "points": 11},
         ("sweep", "latest.rd_expense=0..2000 万元", "--points", "11")),
        ("/seek", {"case": CASE, "measure": "yinchuan-2024-2/8a"}, ("seek", "yinchuan-2024-2/8a")),
    ],
)  # fmt: skip
def test_what_if_is_what_the_command_says(
    path: str, body: dict[str, Any], command: tuple[str, ...], server: Server, tmp_path: Path
) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps(CASE, ensure_ascii=False), "utf-8")
    name, *rest = command
    printed = run(name, str(case), *rest, "--json").stdout
    found = server.post(path, body)
    assert found.status_code == 200, found.text
    assert found.json() == json.loads(printed)


def test_policies_and_their_clauses(server: Server) -> None:
    listed = server.client.get("/policies").json()
    assert {item["id"] for item in listed} == set(shipped())
    book = server.client.get("/policies/yinchuan-2024-2", params={"lang": "en"}).json()
    assert len(book["measures"]) == 35
    one = server.client.get("/policies/yinchuan-2024-2/measures/8a").json()
    assert one["id"] == "yinchuan-2024-2/8a"
    assert one["restatement"]
    for path in ("/policies/none", "/policies/yinchuan-2024-2/measures/none", "/policies/..%2f..%2fetc%2fpasswd"):
        assert server.client.get(path).status_code == 404


# -- what is wrong -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "path", "content", "media"),
    [
        (422, "/decisions", b'{"as_of": "2025-03-01", "repots": []}', "application/json"),
        (422, "/decisions?engine=fast", b"{}", "application/json"),
        (422, "/decisions", b"{}", "application/json"),
        (422, "/decisions?recieved=true", b'{"as_of": "2025-03-01"}', "application/json"),
        (422, "/decisions?as_of=2025-03-01&as_of=2026-03-01", b'{"as_of": "2025-03-01"}', "application/json"),
        (404, "/decisions?policy=../../etc/passwd", b'{"as_of": "2025-03-01"}', "application/json"),
        (404, "/explanations", b'{"case": {"as_of": "2025-03-01"}, "measure": "8z"}', "application/json"),
        (400, "/decisions", b"{", "application/json"),
        (400, "/decisions", b"\xff\xfe", "application/json"),
        (400, "/decisions", b'{"a": 1, "a": 2}', "application/json"),
        (400, "/decisions", b"[" * 100_000, "application/json"),
        (415, "/decisions", b"as_of: 2025-03-01", "text/yaml"),
        (422, "/decisions", b'{"reports": [{"year": 2024, "rd_expense": ' + b"9" * 5000 + b"}]}", "application/json"),
        (422, "/decisions/many", b'{"cases": ' + json.dumps([{}] * 1001).encode() + b"}", "application/json"),
        (422, "/whatif", b'{"case": {"as_of": "2025-03-01"}, "sett": []}', "application/json"),
        (422, "/sweep", b'{"case": {}, "facts": ["latest.rd_expense=0..1"], "points": 10000000000}', "application/json"),
        (422, "/sweep", b'{"case": {"as_of": "2025-03-01"}, "facts": ["latest.rd_expense=0..1"], "points": 10202}', "application/json"),
        (422, "/ledger/awards", b'{"decision": 1e99, "measure": "8a"}', "application/json"),
        (422, "/ledger/awards", b'{"decision": 999, "measure": "8a"}', "application/json"),
        (405, "/policies", b"{}", "application/json"),
        (404, "/nothing", b"{}", "application/json"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_as_problem_details(
    status: int, path: str, content: bytes, media: str, server: Server
) -> None:
    found = server.client.post(path, content=content, headers={"content-type": media})
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    body = found.json()
    assert body["status"] == status
    assert body["title"]
    assert body["instance"].endswith(found.headers["x-request-id"])
    assert all(item["message"]["zh"] and item["message"]["en"] for item in body.get("faults", []))


def test_a_body_is_bounded_whether_or_not_it_says_how_long_it_is(server: Server) -> None:
    large = b'{"a": "' + b"x" * (3 * 1024 * 1024) + b'"}'
    headers = {"content-type": "application/json"}
    assert server.client.post("/decisions", content=large, headers=headers).status_code == 413

    def pieces() -> Any:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    with suppress(httpx.TransportError):  # it may hang up before all is sent
        assert server.client.post("/decisions", content=pieces(), headers=headers).status_code == 413
    assert server.client.get("/health").status_code == 200


def test_a_request_id_cannot_forge_a_line_of_log_and_no_fact_is_logged(server: Server) -> None:
    case = {**CASE, "enterprise": {**CASE["enterprise"], "name": TEXT}}
    server.client.post(f"/decisions?policy={TEXT}%0a%7b%22event%22%3a1%7d", json=case)
    server.post("/decisions", case)
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), WAIT) as raw:
        raw.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: a b\xff{\r\nConnection: close\r\n\r\n")
        assert b"x-request-id: a b" not in raw.recv(65536).lower()
    server.client.get("/ready")
    time.sleep(0.2)
    for line in server.log:
        assert json.loads(line), "every line is JSON"
        assert TEXT not in line
        assert TEXT not in json.dumps(json.loads(line), ensure_ascii=False)
        assert "91640100MA7EXAMP48" not in line
        assert "8000000" not in line


# -- keys ----------------------------------------------------------------------------------------------------------------


def made_key(path: Path, *scopes: str) -> tuple[str, str]:
    done = run(
        "serve", "key", "add", "tester", "--keys", str(path), *(part for scope in scopes for part in ("--scope", scope))
    )
    assert done.returncode == 0, done.stderr
    key = next(
        line.split()[0]
        for line in run("serve", "key", "list", "--keys", str(path)).stdout.splitlines()[::-1]
        if line.strip()
    )
    return key, done.stdout.strip()


def test_another_address_than_loopback_needs_keys(tmp_path: Path) -> None:
    for more in ((), ("--keys", str(tmp_path / "none.json"))):
        done = run("serve", "--host", "0.0.0.0", "--port", "0", *more, "--lang", "en")
        assert done.returncode == 2
        assert "keys are needed" in done.stderr


def test_a_key_opens_what_its_scopes_say_until_it_is_revoked(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    id_, decide = made_key(keys, "decide")
    _, clerk = made_key(keys, "record", "read-ledger")
    _, chief = made_key(keys, "administer")
    assert decide not in keys.read_text("utf-8"), "only its hash is kept"
    assert keys.stat().st_mode & 0o077 == 0
    with serving("--keys", str(keys), "--ledger", str(tmp_path / "l.db")) as server:

        def asked(method: str, path: str, token: str | None) -> int:
            headers = {} if token is None else {"authorization": f"Bearer {token}"}
            options: dict[str, Any] = {} if method == "GET" else {"json": {"case": CASE} if "ledger" in path else CASE}
            return server.client.request(method, path, headers=headers, **options).status_code

        table = {
            ("POST", "/decisions"): decide, ("GET", "/policies"): decide, ("POST", "/ledger/decisions"): clerk,
            ("GET", "/ledger/verification"): clerk, ("GET", "/metrics"): chief, ("GET", "/rulebooks/faults"): chief,
        }  # fmt: skip
        for (method, path), right in table.items():
            for token in (None, "x", "wrong", decide[:-1], decide + "x", "\x7f"):
                assert asked(method, path, token) == 401, (path, token)
            for token in (decide, clerk, chief):
                assert asked(method, path, token) == (200 if token == right else 403), path
        assert asked("POST", "/decisions?received=true", decide) == 403, "what was paid is read from the ledger"
        assert asked("GET", "/health", None) == 200
        assert asked("GET", "/ready", None) == 200
        assert run("serve", "key", "revoke", id_, "--keys", str(keys)).returncode == 0
        assert asked("POST", "/decisions", decide) == 401, "at once, without a restart"
        keys.unlink()
        assert asked("GET", "/metrics", chief) == 401, "without the file no one is let in"
        assert all(token not in "".join(server.log) for token in (decide, clerk, chief))


# -- rulebooks that change -----------------------------------------------------------------------------------------------


def sample(engine: Engine) -> dict[str, Any]:
    return load_case(ROOT / "policy" / "yinchuan" / "cases" / "sample.yaml", engine.vocabulary).document()


def test_rulebooks_are_swapped_whole_and_a_faulty_one_is_refused(everything: Engine, tmp_path: Path) -> None:
    case = sample(everything)
    next(item for item in case["reports"] if str(item["year"]) == "2024")["rd_expense"] = "800 万元"
    page = tmp_path / "city.md"
    text = shipped()["yinchuan-2024-2"].read_text("utf-8")
    page.write_text(text, "utf-8")
    stop = threading.Event()
    with serving("--policy", str(page)) as server:

        def amount() -> str | None:
            found = server.post("/decisions", case, params={"engine": "exact"})
            assert found.status_code == 200, "requests never see a set half swapped"
            return next(
                str(item["amount"]["low"]) for item in found.json()["outcomes"] if item["measure"].endswith("/8a")
            )

        def load() -> int:
            count = 0
            while not stop.is_set():
                assert amount() in ("800000.00", "400000.00")
                count += 1
            return count

        before = amount()
        assert before == "800000.00"
        with ThreadPoolExecutor(1) as pool, _set_after(stop):
            busy = pool.submit(load)
            page.write_text(text.replace("pay: 10% * 上年度.研发费用", "pay: 10% * 上年度.研发费用费用"), "utf-8")
            refused = server.until("reload-refused")
            assert refused["faults"], "its diagnostics are in the log"
            assert server.client.get("/ready").json()["stale"] is True
            assert server.client.get("/rulebooks/faults").json()["faults"]
            assert amount() == before, "the old set stays"
            page.write_text(halved(text), "utf-8")
            server.until("reload")
            assert amount() == "400000.00"
            assert server.client.get("/ready").json() == {"status": "ok", "edition": 2, "stale": False}
            counted = server.client.get("/metrics").text
            assert "conggao_rulebook_edition 2.0" in counted
            assert 'conggao_reloads_total{result="swapped"} 1.0' in counted
            assert 'conggao_reloads_total{result="refused"}' in counted
            stop.set()
            assert busy.result(WAIT) > 0


@contextmanager
def _set_after(stop: threading.Event) -> Iterator[None]:
    """Whatever happens, those who wait for `stop` end."""
    try:
        yield
    finally:
        stop.set()


def halved(text: str) -> str:
    """The city's page with 8a at five per cent and its restatement with it, without the cases that hold for ten."""
    start = text.index("id: 8a")
    head, end = text.rindex("\n### ", 0, start), text.index("\n### ", start)
    part = text[head:end].replace("10%", "5%")
    return re.sub(r"```case\n.*?```\n", "", text[:head] + part + text[end:], flags=re.DOTALL)


# -- ending --------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc")
def test_what_is_under_way_is_finished_when_it_is_told_to_end(tmp_path: Path) -> None:
    cases = [generate(seed) for seed in range(200)]
    with serving() as server, ThreadPoolExecutor(1) as pool:
        before = _worked(server.process.pid)
        answer = pool.submit(server.post, "/decisions/many", {"cases": cases})
        ends = time.monotonic() + WAIT
        while not answer.done() and _worked(server.process.pid) < before + 0.2:
            assert time.monotonic() < ends, "it never began"
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        assert answer.result(WAIT).status_code == 200
        assert server.process.wait(WAIT) == 0


def _worked(parent: int) -> float:
    """Seconds that the workers of a service have computed."""
    listed = subprocess.run(["ps", "--ppid", str(parent), "-o", "pid="], capture_output=True, text=True, check=False)
    spent = 0
    for pid in listed.stdout.split():
        with suppress(OSError):
            after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
            spent += int(after_name[11]) + int(after_name[12])
    return spent / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc")
def test_workers_end_when_their_parent_is_killed() -> None:
    with serving("--workers", "2") as server:
        listed = subprocess.run(
            ["ps", "--ppid", str(server.process.pid), "-o", "pid="], capture_output=True, text=True, check=False
        )
        children = [int(pid) for pid in listed.stdout.split()]
        assert len(children) >= 2
        server.process.kill()
        server.process.wait(WAIT)
        ends = time.monotonic() + WAIT
        while any(_lives(pid) for pid in children):
            assert time.monotonic() < ends
            time.sleep(0.1)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")


def test_it_counts_what_it_answers(server: Server) -> None:
    server.post("/decisions", CASE)
    text = server.client.get("/metrics").text
    assert 'conggao_requests_total{method="POST",route="/decisions",status="200"}' in text
    assert "conggao_request_seconds_bucket" in text


# -- the ledger ----------------------------------------------------------------------------------------------------------


def test_an_award_is_recorded_once_and_its_rival_refused(everything: Engine, server: Server) -> None:
    case = sample(everything)
    code = case["enterprise"]["credit_code"]
    kept = server.post("/ledger/decisions", {"case": case, "key": "d-1"}).json()
    again = server.post("/ledger/decisions", {"case": case, "key": "d-1"}).json()
    assert again["entry"] == kept["entry"]
    assert again["repeated"]
    granted = [item for item in json.loads(kept["result"])["outcomes"] if item["status"] == "granted"]
    measure = granted[0]["measure"]
    body = {"decision": kept["entry"], "measure": measure, "key": "a-1"}
    first = server.post("/ledger/awards", body)
    assert first.status_code == 200, first.text
    assert server.post("/ledger/awards", body).json()["entry"] == first.json()["entry"], "the same key answers the same"
    twice = server.post("/ledger/awards", {**body, "key": "a-2"})
    assert twice.status_code == 409
    assert twice.json()["in_the_way"]
    past = server.client.get(f"/ledger/enterprises/{code}").json()
    assert measure in json.dumps(past)
    assert server.client.get("/ledger/verification").json()["holds"] is True
    counted = server.post("/decisions", case, params={"received": True}).json()
    assert next(item for item in counted["outcomes"] if item["measure"] == measure)["status"] in (
        "received",
        "exhausted",
    )
