"""The OpenAPI document is kept: whatever is sent, every answer is one that it describes, and none says that the service failed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings

from conggao.cli.serve.keys import SCOPES
from tests.cli.console import run
from tests.cli.serve.conftest import Server, serving

CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.response_schema_conformance,
    schemathesis.checks.content_type_conformance,
]
EXAMPLES = max(6, int(os.environ.get("CONGGAO_FUZZ", "0")) // 500)


def test_every_answer_is_as_described(server: Server) -> None:
    document = server.client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            assert told["description"], (path, method)
            assert any("\u4e00" <= sign <= "\u9fff" for sign in told["description"]), "in both languages"
    assert not sent_to(server, {}, EXAMPLES)


def test_the_examples_are_answered_and_follow_from_each_other(tmp_path: Path) -> None:
    """A case that is paid, recorded; its award; the award taken back: on a new ledger, as a newcomer would send them."""
    with serving("--ledger", str(tmp_path / "l.db")) as server:
        told: dict[str, Any] = {}
        for path, methods in server.client.get("/openapi.json").json()["paths"].items():
            for method, operation in methods.items():
                named = {
                    item["name"]: item["schema"]["examples"][0]
                    for item in operation.get("parameters", [])
                    if item["in"] == "path"
                }
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
                found = server.client.request(method, path.format(**named), json=body)
                assert found.status_code == 200, (path, found.text)
                told[path] = found.json() if path != "/metrics" else found.text
    assert told["/decisions"]["totals"]["enterprise"]["low"] == "800000.00"
    assert told["/whatif"]["gain"] == "700000.00"
    assert told["/seek"]["proposals"]
    assert told["/ledger/awards"]["amount"] == "800000.00"
    assert told["/ledger/reversals"]["award"]["entry"] == told["/ledger/awards"]["entry"]
    assert told["/ledger/enterprises/{credit_code}"]["awards"]
    assert told["/ledger/verification"]["holds"]


def test_every_answer_is_as_described_with_and_without_a_key(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    token = run("serve", "key", "add", "all", *scopes, "--keys", str(keys)).stdout.strip()
    with serving("--keys", str(keys), "--ledger", str(tmp_path / "l.db")) as server:
        assert not sent_to(server, {"authorization": f"Bearer {token}"}, max(2, EXAMPLES // 3))
        seen: set[tuple[str, int]] = set()
        assert not sent_to(server, {}, 2, seen)
        free = {"GET /health", "GET /ready", "GET /openapi.json"}
        assert {label for label, status in seen if status != 401} <= free, "without a key nothing else answers"


def sent_to(
    server: Server, headers: dict[str, str], examples: int, seen: set[tuple[str, int]] | None = None
) -> list[str]:
    """What is not as the document says, of so many requests to each operation."""
    found = schemathesis.openapi.from_dict(server.client.get("/openapi.json", headers=headers).json())
    found.config.update(base_url=server.url)
    failed: list[str] = []
    for result in found.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(case=operation.as_strategy())
        def sent(case: schemathesis.Case[Any]) -> None:
            case.headers.pop("authorization", None)
            case.headers.update(headers)
            answer = case.call()
            if seen is not None:
                seen.add((case.operation.label, answer.status_code))
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            case.validate_response(answer, checks=CHECKS)

        try:
            sent()
        except Exception as error:
            failed.append(f"{operation.label}: {str(error)[:600]}")
    return failed
