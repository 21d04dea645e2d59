"""Deciding, explaining and what-if over HTTP: what the commands of the same names answer with `--json`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from conggao.cli.policy.show import measure_json, policy_json
from conggao.cli.seek import described as sought_json
from conggao.cli.serve import counts
from conggao.cli.serve.app import (
    AsOf,
    Evaluator,
    Language,
    Policy,
    Refused,
    Service,
    as_json,
    engine_of,
    language,
    needs,
    service_of,
)
from conggao.cli.serve.asked import document, fields
from conggao.cli.serve.described import answers, body
from conggao.cli.sweep import described as swept_json
from conggao.cli.whatif import described as compared_json
from conggao.engine import Decision, Engine
from conggao.engine.analysis.seek import seek
from conggao.engine.analysis.sweep import sweep
from conggao.engine.whatif import whatif
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.diagnostics import as_json as fault_json
from conggao.facts.loading import read_document

CASE: tuple[type, ...] = (dict,)
TEXTS: tuple[type, ...] = (list, str)
DIGITS = 6
"""Of the number of points of a sweep."""


router = APIRouter()
DECIDE = [needs("decide")]


@router.post(
    "/decisions", dependencies=DECIDE, openapi_extra=body("Case"), responses=answers("Decision"), tags=["decide"]
)
async def decisions(
    request: Request, as_of: AsOf = None, policy: Policy = None, engine: Evaluator = "forward", lang: Language = None,
    received: bool = False,
) -> Response:  # fmt: skip
    """判定一个案例。 Decide one case: the JSON of `conggao decide --json`. `received`: count what the ledger knows was received."""
    raw, service, spoken = await request.body(), service_of(request), language(request, lang)

    def work() -> str:
        with_ = engine_of(request, policy)
        case = read_document(document(raw), with_.vocabulary)
        if received:
            case = service.ledger().with_received(case)
        return with_.decide(case, as_of, engine, spoken).to_json()

    said = await service.compute(work)
    counts.decisions.labels(engine).inc()
    return Response(said, media_type="application/json")


@router.post(
    "/decisions/many",
    dependencies=DECIDE,
    openapi_extra=body("Many"),
    responses=answers("ManyDecisions"),
    tags=["decide"],
)
async def many(
    request: Request,
    as_of: AsOf = None,
    policy: Policy = None,
    engine: Evaluator = "forward",
    lang: Language = None,
) -> Response:
    """判定许多案例，各自作答。 Decide many cases: each has its decision or its faults, in their order."""
    raw, service, spoken = await request.body(), service_of(request), language(request, lang)

    def work() -> tuple[str, int]:
        with_ = engine_of(request, policy)
        cases = fields(raw, {"cases": (list,)}, ("cases",))["cases"]
        if len(cases) > service.settings.many:
            raise InputFaults([_too_many(len(cases), service.settings.many)])
        said = [_one(with_, case, as_of, engine, spoken) for case in cases]
        return "[" + ",".join(said) + "]", len(cases)

    answer, count = await service.compute(work)
    counts.decisions.labels(engine).inc(count)
    return Response(answer, media_type="application/json")


@router.post(
    "/explanations",
    dependencies=DECIDE,
    openapi_extra=body("ExplainRequest"),
    responses=answers("Decision"),
    tags=["decide"],
)
async def explanations(
    request: Request,
    as_of: AsOf = None,
    policy: Policy = None,
    engine: Evaluator = "forward",
    lang: Language = None,
) -> Response:
    """一项措施为什么适用或不适用。 Why a measure applies or not: the decision with the outcomes of that measure alone."""
    raw, spoken = await request.body(), language(request, lang)

    def work() -> str:
        asked = fields(raw, {"case": CASE, "measure": (str,)}, ("case", "measure"))
        with_ = engine_of(request, policy)
        key = _measure(with_, asked["measure"])
        decision: Decision = with_.decide(asked["case"], as_of, engine, spoken)
        chosen = tuple(item for item in decision.outcomes if item.measure == key)
        return decision.model_copy(update={"outcomes": chosen}).to_json()

    return Response(await service_of(request).compute(work), media_type="application/json")


@router.post(
    "/whatif",
    dependencies=DECIDE,
    openapi_extra=body("WhatIfRequest"),
    responses=answers("Comparison"),
    tags=["what if"],
)
async def what_if(request: Request, as_of: AsOf = None, policy: Policy = None, lang: Language = None) -> Response:
    """假设事实或规则有变。 Before and after, where facts or rules are others."""
    raw, spoken = await request.body(), language(request, lang)

    def work() -> Any:
        asked = fields(raw, {"case": CASE, "set": TEXTS, "amend": TEXTS}, ("case",))
        given = {name: _listed(asked[name]) for name in ("set", "amend")}
        return compared_json(
            whatif(engine_of(request, policy), asked["case"], given["set"], given["amend"], as_of, spoken)
        )

    return as_json(await service_of(request).compute(work))


@router.post(
    "/sweep", dependencies=DECIDE, openapi_extra=body("SweepRequest"), responses=answers("Sweep"), tags=["what if"]
)
async def sweeping(request: Request, as_of: AsOf = None, policy: Policy = None, lang: Language = None) -> Response:
    """一个或两个事实变动时资金如何变化。 Money while one fact varies, or two; where it turns, exactly."""
    raw = await request.body()

    def work() -> Any:
        known = {"case": CASE, "facts": TEXTS, "points": (str,), "measure": (str,)}
        asked = fields(raw, known, ("case", "facts"))
        facts, points = _listed(asked["facts"]), asked["points"]
        if len(facts) not in (1, 2) or (points is not None and not (points.isdecimal() and len(points) <= DIGITS)):
            message = Text(
                "`facts` 是一个或两个 `事实=从..到`，`points` 是整数",
                "`facts` are one or two `FACT=FROM..TO`, `points` a whole number",
            )
            raise InputFaults([Diagnostic("request/shape", message)])
        number = None if points is None else int(points)
        second = facts[1] if len(facts) > 1 else None
        return swept_json(
            sweep(engine_of(request, policy), asked["case"], facts[0], second, number, asked["measure"], as_of)
        )

    return as_json(await service_of(request).compute(work))


@router.post(
    "/seek", dependencies=DECIDE, openapi_extra=body("SeekRequest"), responses=answers("Sought"), tags=["what if"]
)
async def seeking(request: Request, as_of: AsOf = None, policy: Policy = None, lang: Language = None) -> Response:
    """最接近的是什么。 What is nearest: the smallest changes that qualify or pay more."""
    raw, spoken = await request.body(), language(request, lang)

    def work() -> Any:
        asked = fields(raw, {"case": CASE, "measure": (str,)}, ("case",))
        return sought_json(seek(engine_of(request, policy), asked["case"], asked["measure"], as_of, lang=spoken))

    return as_json(await service_of(request).compute(work))


@router.get("/policies", dependencies=DECIDE, responses=answers("Policies"), tags=["policies"])
async def policies(request: Request) -> Response:
    """载入的政策。 The policies that are loaded."""
    books = service_of(request).house.edition.engine.rulebooks.policies
    return as_json([policy_json(item) for item in books])


@router.get("/policies/{policy}", dependencies=DECIDE, responses=answers("Policy"), tags=["policies"])
async def policy_(request: Request, policy: str, lang: Language = None) -> Response:
    """一部政策的各项措施。 The measures of a policy."""
    spoken = language(request, lang)
    book = _book(service_of(request), policy)
    renderer = service_of(request).house.edition.engine.program.renderer(spoken)
    return as_json({**policy_json(book), "measures": [measure_json(item, renderer, spoken) for item in book.measures]})


@router.get(
    "/policies/{policy}/measures/{measure}", dependencies=DECIDE, responses=answers("Measure"), tags=["policies"]
)
async def measure_(request: Request, policy: str, measure: str, lang: Language = None) -> Response:
    """一项措施的条款和规则。 The clause and the rule of a measure."""
    spoken = language(request, lang)
    book = _book(service_of(request), policy)
    found = next((item for item in book.measures if item.id == measure), None)
    if found is None:
        raise Refused(404)
    renderer = service_of(request).house.edition.engine.program.renderer(spoken)
    return as_json({**measure_json(found, renderer, spoken), "restatement": found.block.restatement})


@router.get("/health", responses=answers("Health", keys=False), tags=["service"])
async def health() -> Response:
    """服务在运行。 The service runs."""
    return as_json({"status": "ok"})


@router.get("/ready", responses=answers("Ready", keys=False), tags=["service"])
async def ready(request: Request) -> Response:
    """可以作答。 It can answer. `stale`: the files of rulebooks have changed and are faulty, so that the set before them is in use."""
    house = service_of(request).house
    return as_json({"status": "ok", "edition": house.edition.number, "stale": bool(house.faults)})


@router.get("/rulebooks/faults", dependencies=[needs("administer")], responses=answers("Faults"), tags=["service"])
async def faults(request: Request) -> Response:
    """规则书文件现有的错误。 What is wrong with the files of rulebooks as they stand now."""
    return as_json({"faults": [fault_json(item) for item in service_of(request).house.faults]})


@router.get(
    "/metrics", dependencies=[needs("administer")], tags=["service"],
    responses={200: {"description": "Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def metrics() -> Response:
    """供 Prometheus 读取。 For Prometheus, over all workers."""
    raw, media = counts.exposition()
    return Response(raw, media_type=media)


def _one(engine: Engine, case: Any, as_of: str | None, evaluator: Any, lang: Lang) -> str:
    import json

    try:
        if not isinstance(case, dict):
            raise InputFaults([Diagnostic("request/shape", Text("案例应是一个对象", "a case is an object"))])
        decision: Decision = engine.decide(case, as_of, evaluator, lang)
        return f'{{"decision":{decision.to_json()}}}'
    except InputFaults as faults:
        return json.dumps({"faults": [fault_json(item) for item in faults.diagnostics]}, ensure_ascii=False)


def _too_many(count: int, most: int) -> Diagnostic:
    return Diagnostic(
        "request/too-many", Text(f"有 {count} 个案例，最多 {most}", f"{count} cases, {most} at most"), path="cases"
    )


def _measure(engine: Engine, name: str) -> str:
    found = engine.rulebooks.find(name)
    if found is not None:
        return found[1].key
    message, hint = engine.rulebooks.not_found(name)
    raise InputFaults([Diagnostic("case/unknown-measure", message, path="measure", help=hint)])


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _book(service: Service, policy: str) -> Any:
    found = next((item for item in service.house.edition.engine.rulebooks.policies if item.id == policy), None)
    if found is None:
        raise Refused(404)
    return found
