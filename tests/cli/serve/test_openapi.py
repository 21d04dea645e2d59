"""The OpenAPI document is kept: whatever is sent, every answer is one that it describes, and none says that the service failed."""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.cli.serve.conftest import Server

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
    found = schemathesis.openapi.from_dict(document)
    found.config.update(base_url=server.url)
    failed: list[str] = []
    for result in found.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(case=operation.as_strategy())
        def sent(case: schemathesis.Case[Any]) -> None:
            answer = case.call()
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            case.validate_response(answer, checks=CHECKS)

        try:
            sent()
        except Exception as error:
            failed.append(f"{operation.label}: {str(error)[:600]}")
    assert not failed, "\n\n".join(failed)
