"""The ledger over HTTP: recording decisions and awards, and what an enterprise was granted, refused and paid."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from conggao.cli.serve.app import engine_of, language, needs, service_of
from conggao.cli.serve.asked import fields
from conggao.cli.serve.described import answers, body
from conggao.cli.serve.parameters import AsOf, CreditCode, Evaluator, Language, Policy
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

TEXT: tuple[type, ...] = (str,)


def said(model: BaseModel, status: int = 200) -> Response:
    return Response(model.model_dump_json(), status, media_type="application/json")


router = APIRouter()
RECORD, READ = needs("record"), needs("read-ledger")


@router.post(
    "/ledger/decisions",
    dependencies=RECORD,
    openapi_extra=body("RecordRequest"),
    responses=answers("Kept"),
    tags=["ledger"],
)
async def kept(
    request: Request,
    as_of: AsOf = None,
    policy: Policy = None,
    engine: Evaluator = "forward",
    lang: Language = None,
) -> Response:
    """判定并入账；同一个键再发一次，得到同样的回答。 Decide and record; sent again with the same key it answers the same."""
    raw, service, spoken = await request.body(), service_of(request), language(request, lang)

    def work() -> BaseModel:
        asked = fields(raw, {"case": (dict,), "key": TEXT, "received": (bool,)}, ("case",))
        return service.ledger().record(
            asked["case"], engine=engine_of(request, policy), as_of=as_of, received=bool(asked["received"]), key=asked["key"],
            evaluator=engine, lang=spoken,
        )  # fmt: skip

    return said(await service.compute(work))


REFUSED = {
    "description": "拒绝，附理由和挡住它的拨付。 Refused, with the reason and the awards in the way.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
}


@router.post(
    "/ledger/awards",
    dependencies=RECORD,
    openapi_extra=body("AwardRequest"),
    responses={**answers("Answer"), 409: REFUSED},
    tags=["ledger"],
)
async def awards(request: Request) -> Response:
    """拨付一项；同一事项不重复，不超上限。 Award a claim of a recorded decision, or refuse it: nothing twice, nothing beyond a cap."""
    raw, service = await request.body(), service_of(request)

    def work() -> Any:
        known = {"decision": TEXT, "measure": TEXT, "subject": TEXT, "amount": TEXT, "key": TEXT, "note": TEXT}
        asked = fields(raw, known, ("decision", "measure"))
        return service.ledger().award(
            _entry(asked["decision"]),
            asked["measure"],
            asked["subject"],
            asked["amount"],
            key=asked["key"],
            note=asked["note"],
        )

    answer = await service.compute(work)
    return said(answer, 409 if answer.status == "refused" else 200)


@router.post(
    "/ledger/reversals",
    dependencies=RECORD,
    openapi_extra=body("ReversalRequest"),
    responses=answers("Reversed"),
    tags=["ledger"],
)
async def reversals(request: Request) -> Response:
    """撤回一项拨付。 Take an award back, whole."""
    raw, service = await request.body(), service_of(request)

    def work() -> BaseModel:
        asked = fields(raw, {"award": TEXT, "because": TEXT, "key": TEXT}, ("award", "because"))
        return service.ledger().reverse(_entry(asked["award"]), asked["because"], key=asked["key"])

    return said(await service.compute(work))


@router.get("/ledger/enterprises/{credit_code}", dependencies=READ, responses=answers("Past"), tags=["ledger"])
async def history(request: Request, credit_code: CreditCode, lang: Language = None) -> Response:
    """一家企业得到、被拒和领取过什么。 What an enterprise was granted, refused and paid."""
    service, spoken = service_of(request), language(request, lang)
    return said(await service.compute(lambda: service.ledger().history(credit_code, lang=spoken)))


@router.get("/ledger/verification", dependencies=READ, responses=answers("Verdict"), tags=["ledger"])
async def verification(request: Request) -> Response:
    """台账是否完整。 Whether every entry is as it was recorded."""
    service = service_of(request)
    return said(await service.compute(lambda: service.ledger().verify()))


def _entry(text: str) -> int:
    if text.isdecimal() and len(text) < 16:  # noqa: PLR2004 - no ledger has more
        return int(text)
    message = Text(f"`{text}` 不是台账的编号", f"`{text}` is no number of an entry")
    raise InputFaults([Diagnostic("request/shape", message)])
