"""What an answer says when something is wrong: problem details (RFC 9457), with the faults that the command line tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from conggao.engine.ledger.faults import OWN
from conggao.facts.diagnostics import InputFaults, Lang, Text, as_json, headline

MEDIA = "application/problem+json"
TITLES: Mapping[int, Text] = {
    400: Text("请求无法读取", "the request cannot be read"),
    401: Text("需要密钥", "a key is needed"),
    403: Text("密钥没有这项权限", "the key may not do this"),
    404: Text("没有找到", "there is no such thing"),
    405: Text("此处不能这样请求", "this cannot be asked here"),
    408: Text("请求没有及时发完", "the request did not arrive in time"),
    413: Text("请求过大", "the request is too large"),
    415: Text("请求应为 JSON", "a request is JSON"),
    422: Text("请求有误", "the request has faults"),
    500: Text("服务出错", "the service has failed"),
    503: Text("服务暂不可用", "the service cannot answer now"),
}
LOST = frozenset({"page/unknown-policy", "case/unknown-measure"})
"""Faults that say that what is asked for does not exist."""
UNREADABLE = ("document/", "file/")
MENDED_HERE = OWN | {"keys/unreadable"}
"""Faults of the service, whatever was asked; where they lie is for its log alone."""


def problem(
    status: int,
    lang: Lang,
    instance: str,
    detail: Text | None = None,
    faults: InputFaults | None = None,
    **headers: str,
) -> Response:
    """The answer that tells what is wrong. `instance` names the request, as the log does."""
    title = TITLES.get(status) or Text(HTTPStatus(status).phrase, HTTPStatus(status).phrase)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title.of(lang),
        "status": status,
        "instance": f"urn:conggao:request:{instance}",
    }
    if detail is not None:
        body["detail"] = detail.of(lang)
    if faults is not None:
        body["detail"] = headline(faults.diagnostics[0], lang)
        body["faults"] = [as_json(item) for item in faults.diagnostics]
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(raw, status, media_type=MEDIA, headers=named)


def status_of(faults: InputFaults) -> int:
    """The status of an answer to faulty input."""
    codes = [item.code for item in faults.diagnostics]
    if any(code in MENDED_HERE for code in codes):
        return 503
    if any(code in LOST for code in codes):
        return 404
    return 400 if all(code.startswith(UNREADABLE) for code in codes) else 422
