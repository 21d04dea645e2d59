"""The OpenAPI document: what is sent and answered, with examples, in both languages."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from conggao.engine.authoring.schema import schema
from conggao.engine.decision import Decision
from conggao.engine.ledger import Answer, Kept, Past, Reversed, Verdict

if TYPE_CHECKING:
    from fastapi import FastAPI

    from conggao.cli.serve.house import House

ABOUT = (
    "从高：企业可以领取哪些政策支持，为什么。金额以元为单位的文字表示，精确到分；答复与命令行 `--json` 相同。\n\n"
    "What an enterprise may claim, and why. Money is decimal text in yuan, exact to the fen; answers are those of the command line's "
    "`--json`. Errors are problem details (RFC 9457) with every fault in both languages."
)
EXAMPLE: dict[str, Any] = {
    "as_of": "2025-03-01",
    "enterprise": {"credit_code": "91640100MA7EXAMP48", "county": "金凤区", "industry": "3421", "employees": 120},
    "reports": [{"year": 2024, "main_business_revenue": "3 亿元", "rd_expense": "800 万元"}],
}
SMALL = {**EXAMPLE, "reports": [{"year": 2024, "main_business_revenue": "1800 万元", "rd_expense": "200 万元"}]}
"""Below the scale from which 8a pays."""
_REF = "#/components/schemas/"
_TEXTS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_NUMBER: dict[str, Any] = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}


def version() -> str:
    try:
        return version_of("conggao")
    except PackageNotFoundError:
        return "0"


def body(name: str) -> dict[str, Any]:
    """The `requestBody` of a route."""
    shown: dict[str, Any] = {"schema": {"$ref": f"{_REF}{name}"}}
    if name in _EXAMPLES:
        shown["example"] = _EXAMPLES[name]
    return {"requestBody": {"required": True, "content": {"application/json": shown}}}


def answers(name: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a route: the one that is meant, and problems."""
    trouble = {
        "description": "出错说明。 Problem details.",
        "content": {"application/problem+json": {"schema": {"$ref": f"{_REF}Problem"}}},
    }
    good = {"description": "成功。 The answer.", "content": {"application/json": {"schema": {"$ref": f"{_REF}{name}"}}}}
    return {200: good, "4XX": trouble, 422: trouble, "5XX": trouble}


def openapi(app: FastAPI, house: House) -> dict[str, Any]:
    """The whole document, made once an edition of the rulebooks: they add facts to the case."""
    known = getattr(app.state, "described", None)
    number = house.edition.number
    if known is not None and known[0] == number:
        found: dict[str, Any] = known[1]
        return found
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    parts = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        parts.pop(name, None)
    parts |= _SIMPLE
    parts |= _hoisted("Case", schema("case-file", house.edition.engine.vocabulary))
    parts |= _hoisted("Decision", Decision.model_json_schema(mode="serialization"))
    for model in (Answer, Kept, Past, Reversed, Verdict):
        parts |= _hoisted(model.__name__, model.model_json_schema(mode="serialization"))
    made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{}, {"key": []}]
    app.state.described = number, made
    return made


def _hoisted(name: str, made: dict[str, Any]) -> dict[str, Any]:
    """A schema with what it refers to beside it, under the names of the document."""
    parts = {
        inner if inner == name else f"{name}.{inner}": _renamed(shape, name)
        for inner, shape in made.pop("$defs", {}).items()
    }
    made.pop("$schema", None)
    return {**parts, name: _renamed(made, name)}


def _renamed(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {
            key: f"{_REF}{name}.{held.rpartition('/')[2]}"
            if key == "$ref" and isinstance(held, str)
            else _renamed(held, name)
            for key, held in value.items()
        }
    return [_renamed(item, name) for item in value] if isinstance(value, list) else value


def _object(needed: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(needed), "properties": properties}


def _open(*needed: str) -> dict[str, Any]:
    return {"type": "object", "required": list(needed)}


_CASE = {"$ref": f"{_REF}Case"}
_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_BILINGUAL = _object(("zh", "en"), zh=_TEXT, en=_TEXT)
_BILINGUAL_MAYBE = {"anyOf": [_BILINGUAL, {"type": "null"}]}
_SIMPLE: dict[str, Any] = {
    "Problem": {
        "type": "object", "required": ["type", "title", "status", "instance"],
        "properties": {
            "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "instance": _TEXT,
            "faults": {"type": "array", "items": {"$ref": f"{_REF}Fault"}},
        },
    },
    "Fault": {
        "type": "object", "required": ["code", "severity", "message", "labels", "path", "breadcrumb", "help", "note"],
        "properties": {
            "code": _TEXT, "severity": {"enum": ["error", "warning", "note"]}, "message": _BILINGUAL,
            "labels": {"type": "array", "items": _open("file", "line", "column", "length", "text")},
            "path": _MAYBE, "breadcrumb": {"type": "array", "items": _TEXT}, "help": _BILINGUAL_MAYBE, "note": _BILINGUAL_MAYBE,
        },
    },
    "Many": _object(("cases",), cases={"type": "array", "items": _CASE}),
    "ManyDecisions": {"type": "array", "items": {"anyOf": [_open("decision"), _open("faults")]}},
    "ExplainRequest": _object(("case", "measure"), case=_CASE, measure=_TEXT),
    "WhatIfRequest": _object(("case",), case=_CASE, set=_TEXTS, amend=_TEXTS),
    "SweepRequest": _object(("case", "facts"), case=_CASE, facts=_TEXTS, points=_NUMBER, measure=_TEXT),
    "SeekRequest": _object(("case",), case=_CASE, measure=_TEXT),
    "RecordRequest": _object(("case",), case=_CASE, key=_TEXT, received={"type": "boolean"}),
    "AwardRequest": _object(
        ("decision", "measure"), decision=_NUMBER, measure=_TEXT, subject=_TEXT, amount=_NUMBER, key=_TEXT, note=_TEXT
    ),
    "ReversalRequest": _object(("award", "because"), award=_NUMBER, because=_TEXT, key=_TEXT),
    "Comparison": _open("as_of", "changes", "totals", "payers", "gain"),
    "Sweep": _open("as_of", "axes", "events", "points", "proven"),
    "Sought": _open("as_of", "proposals"),
    "Policies": {"type": "array", "items": _open("id", "title")},
    "Policy": _open("id", "title", "measures"),
    "Measure": _open("id", "title"),
    "Health": _object(("status",), status=_TEXT),
    "Ready": _object(("status",), status=_TEXT, edition={"type": "integer"}, stale={"type": "boolean"}),
    "Faults": _object(("faults",), faults={"type": "array", "items": {"$ref": f"{_REF}Fault"}}),
}  # fmt: skip
_EXAMPLES: dict[str, Any] = {
    "Case": EXAMPLE,
    "Many": {"cases": [EXAMPLE]},
    "ExplainRequest": {"case": EXAMPLE, "measure": "yinchuan-2024-2/8a"},
    "WhatIfRequest": {"case": EXAMPLE, "set": ["latest.rd_expense=1500 万元"], "amend": ["8a.cap=200 万元"]},
    "SweepRequest": {"case": EXAMPLE, "facts": ["latest.rd_expense=0..2000 万元"], "points": 21},
    "SeekRequest": {"case": SMALL, "measure": "yinchuan-2024-2/8a"},
    "RecordRequest": {"case": EXAMPLE, "key": "2025-0017"},
    "AwardRequest": {"decision": 1, "measure": "yinchuan-2024-2/8a", "key": "2025-0017/8a"},
    "ReversalRequest": {"award": 2, "because": "申报材料不实"},
}
