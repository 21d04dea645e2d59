"""`conggao policy schema`: JSON Schemas of blocks and case files, for editors and for programs."""

from __future__ import annotations

from typing import Annotated

import typer

from conggao.cli.output import print_json
from conggao.cli.policy.common import app, dump
from conggao.engine import Engine, InputFaults
from conggao.engine.authoring.schema import PARTS, schema, schemas
from conggao.facts.diagnostics import Diagnostic, Text, did_you_mean

Part = Annotated[
    str | None,
    typer.Argument(
        metavar="[PART]",
        help="front、measure、derive、facts、parameter、case、amend 或 case-file；不写为全部。 One of them; all by default.",
    ),
]


@app.command("schema")
def schema_(part: Part = None) -> None:
    """规则书各块和案例文件的 JSON Schema。 JSON Schemas of the blocks of a page and of case files."""
    vocabulary = Engine().vocabulary
    if part is None:
        print_json(dump(schemas(vocabulary)))
        return
    if part not in PARTS:
        message = Text(f"没有 `{part}` 的格式", f"there is no schema of `{part}`")
        help_ = did_you_mean(part, PARTS) or Text("可写：" + "、".join(PARTS), "one of: " + ", ".join(PARTS))
        raise InputFaults([Diagnostic("schema/part", message, help=help_)])
    print_json(dump(schema(part, vocabulary)))
