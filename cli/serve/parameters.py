"""What the address of a request says: its parameters, each described in both languages, and none that is not understood."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Request

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean, quote

AsOf = Annotated[
    str | None,
    Query(
        description="决定日期，优先于案例中的日期。 The day to decide for; wins over the case's own.",
        examples=["2025-03-01"],
    ),
]
PolicyId = Annotated[str, Path(description="政策编号。 The policy's id.", examples=["yinchuan-2024-2"])]
MeasureId = Annotated[str, Path(description="措施编号。 The measure's id within its policy.", examples=["8a"])]
CreditCode = Annotated[
    str,
    Path(
        description="统一社会信用代码，或 `park:编号`。 The unified social credit code, or `park:ID`.",
        examples=["91640100MA7EXAMP48"],
    ),
]
Policy = Annotated[
    list[str] | None,
    Query(description="只用这些已载入的政策。 Only these of the loaded policies.", examples=[["yinchuan-2024-2"]]),
]
Evaluator = Annotated[
    Literal["forward", "exact"], Query(description="求值方式，结果相同。 The evaluator; both decide the same.")
]
Language = Annotated[Literal["zh", "en"] | None, Query(description="文字的语言。 The language of texts.")]


async def understood(request: Request) -> None:
    """A dependency: the query says nothing that the route does not know. Raises InputFaults: what is dropped could change the answer."""
    query = request.query_params
    if not query:
        return
    known = {"lang", *(item.alias for item in request.scope["route"].dependant.query_params)}
    faults = [
        Diagnostic(
            "request/unknown-parameter", Text(f"不认识的参数 {quote(name)}", f"unknown parameter {quote(name)}"), path=name,
            help=did_you_mean(name, known),
        )
        for name in query
        if name not in known
    ]  # fmt: skip
    faults += [
        Diagnostic("request/repeated", Text(f"`{name}` 只能写一次", f"`{name}` is said once"), path=name)
        for name in query
        if name in known and name != "policy" and len(query.getlist(name)) > 1
    ]
    if faults:
        raise InputFaults(faults)
