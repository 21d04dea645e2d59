"""Deciding, explaining and what-if over HTTP: what the commands of the same names answer with `--json`."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response

from conggao.cli.seek import described as sought_json
from conggao.cli.serve import counts
from conggao.cli.serve.app import allowed, as_json, engine_of, language, late, needs, service_of
from conggao.cli.serve.asked import document, fields
from conggao.cli.serve.described import answers, body
from conggao.cli.serve.parameters import AsOf, Evaluator, Language, Policy
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
DECIDE = needs("decide")


@router.post(
    "/decisions", dependencies=DECIDE, openapi_extra=body("Case"), responses=answers("Decision"), tags=["decide"]
)
async def decisions(
    request: Request, as_of: AsOf = None, policy: Policy = None, engine: Evaluator = "forward", lang: Language = None,
    received: bool = False,
) -> Response:  # fmt: skip
    """判定一个案例。 Decide one case: the JSON of `conggao decide --json`. `received`：计入台账中的已获支持，须有读台账的权限。 `received`:
    count what the ledger knows was received; the key must have the scope `read-ledger`."""
    if received:
        await allowed("read-ledger")(request)
    raw, service, spoken = await request.body(), service_of(request), language(request, lang)

    def work() -> bytes:
        with_ = engine_of(request, policy)
        case = read_document(document(raw), with_.vocabulary)
        if received:
            case = service.ledger().with_received(case)
        return with_.decide(case, as_of, engine, spoken).encoded()

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

    ends = time.monotonic() + service.settings.seconds

    def work() -> tuple[bytes, int]:
        with_ = engine_of(request, policy)
        cases = fields(raw, {"cases": (list,)}, ("cases",))["cases"]
        if len(cases) > service.settings.many:
            what = Text(f"有 {len(cases)} 个案例", f"{len(cases)} cases")
            raise InputFaults([_too_many(what, service.settings.many, "cases")])
        said: list[bytes] = []
        for case in cases:
            if time.monotonic() > ends:
                raise late()  # no one waits for the rest
            said.append(_one(with_, case, as_of, engine, spoken))
        return b"[" + b",".join(said) + b"]", len(cases)

    answer, count = await service.compute(work, long=True)
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

    def work() -> bytes:
        asked = fields(raw, {"case": CASE, "measure": (str,)}, ("case", "measure"))
        with_ = engine_of(request, policy)
        key = _measure(with_, asked["measure"])
        decision: Decision = with_.decide(asked["case"], as_of, engine, spoken)
        chosen = tuple(item for item in decision.outcomes if item.measure == key)
        return decision.model_copy(update={"outcomes": chosen}).encoded()

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
        if number is not None and number ** len(facts) > (most := service_of(request).settings.points):
            what = Text(f"共 {number ** len(facts)} 个点", f"{number ** len(facts)} points in all")
            raise InputFaults([_too_many(what, most, "points")])
        second = facts[1] if len(facts) > 1 else None
        return swept_json(
            sweep(engine_of(request, policy), asked["case"], facts[0], second, number, asked["measure"], as_of)
        )

    return as_json(await service_of(request).compute(work, long=True))


@router.post(
    "/seek", dependencies=DECIDE, openapi_extra=body("SeekRequest"), responses=answers("Sought"), tags=["what if"]
)
async def seeking(request: Request, as_of: AsOf = None, policy: Policy = None, lang: Language = None) -> Response:
    """最接近的是什么。 What is nearest: the smallest changes that qualify or pay more."""
    raw, spoken = await request.body(), language(request, lang)

    def work() -> Any:
        asked = fields(raw, {"case": CASE, "measure": (str,)}, ("case",))
        return sought_json(seek(engine_of(request, policy), asked["case"], asked["measure"], as_of, lang=spoken))

    return as_json(await service_of(request).compute(work, long=True))


def _one(engine: Engine, case: Any, as_of: str | None, evaluator: Any, lang: Lang) -> bytes:
    try:
        if not isinstance(case, dict):
            raise InputFaults([Diagnostic("request/shape", Text("案例应是一个对象", "a case is an object"))])
        decision: Decision = engine.decide(case, as_of, evaluator, lang)
        return b'{"decision":' + decision.encoded() + b"}"
    except InputFaults as faults:
        return to_json({"faults": [fault_json(item) for item in faults.diagnostics]})


def _too_many(what: Text, most: int, path: str) -> Diagnostic:
    return Diagnostic("request/too-many", Text(f"{what.zh}，最多 {most}", f"{what.en}, {most} at most"), path=path)


def _measure(engine: Engine, name: str) -> str:
    found = engine.rulebooks.find(name)
    if found is not None:
        return found[1].key
    message, hint = engine.rulebooks.not_found(name)
    raise InputFaults([Diagnostic("case/unknown-measure", message, path="measure", help=hint)])


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
