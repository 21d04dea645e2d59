"""What is only looked at: policies and measures with their clauses, and how the service is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from conggao.cli.policy.show import measure_json, policy_json
from conggao.cli.serve import counts
from conggao.cli.serve.app import Refused, Service, as_json, language, needs, service_of
from conggao.cli.serve.described import answers
from conggao.cli.serve.parameters import Language, MeasureId, PolicyId
from conggao.facts.diagnostics import as_json as fault_json

router = APIRouter()
DECIDE = needs("decide")


@router.get("/policies", dependencies=DECIDE, responses=answers("Policies"), tags=["policies"])
async def policies(request: Request) -> Response:
    """载入的政策。 The policies that are loaded."""
    books = service_of(request).house.edition.engine.rulebooks.policies
    return as_json([policy_json(item) for item in books])


@router.get("/policies/{policy}", dependencies=DECIDE, responses=answers("Policy"), tags=["policies"])
async def policy_(request: Request, policy: PolicyId, lang: Language = None) -> Response:
    """一部政策的各项措施。 The measures of a policy."""
    spoken = language(request, lang)
    book = _book(service_of(request), policy)
    renderer = service_of(request).house.edition.engine.program.renderer(spoken)
    return as_json({**policy_json(book), "measures": [measure_json(item, renderer, spoken) for item in book.measures]})


@router.get(
    "/policies/{policy}/measures/{measure}", dependencies=DECIDE, responses=answers("Measure"), tags=["policies"]
)
async def measure_(request: Request, policy: PolicyId, measure: MeasureId, lang: Language = None) -> Response:
    """一项措施的条款和规则。 The clause and the rule of a measure."""
    spoken = language(request, lang)
    book = _book(service_of(request), policy)
    found = next((item for item in book.measures if item.id == measure), None)
    if found is None:
        raise Refused(404)
    renderer = service_of(request).house.edition.engine.program.renderer(spoken)
    return as_json({**measure_json(found, renderer, spoken), "restatement": found.block.restatement})


@router.get("/health", responses=answers("Health"), tags=["service"])
async def health() -> Response:
    """服务在运行。 The service runs."""
    return as_json({"status": "ok"})


@router.get("/ready", responses=answers("Ready"), tags=["service"])
async def ready(request: Request) -> Response:
    """可以作答。 It can answer. `stale`: the files of rulebooks have changed and are faulty, so that the set before them is in use."""
    house = service_of(request).house
    return as_json({"status": "ok", "edition": house.edition.number, "stale": bool(house.faults)})


@router.get("/rulebooks/faults", dependencies=needs("administer"), responses=answers("Faults"), tags=["service"])
async def faults(request: Request) -> Response:
    """规则书文件现有的错误。 What is wrong with the files of rulebooks as they stand now."""
    return as_json({"faults": [fault_json(item) for item in service_of(request).house.faults]})


@router.get(
    "/metrics", dependencies=needs("administer"), tags=["service"],
    responses={200: {"description": "Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def metrics() -> Response:
    """供 Prometheus 读取。 For Prometheus, over all workers."""
    raw, media = counts.exposition()
    return Response(raw, media_type=media)


def _book(service: Service, policy: str) -> Any:
    found = next((item for item in service.house.edition.engine.rulebooks.policies if item.id == policy), None)
    if found is None:
        raise Refused(404)
    return found
