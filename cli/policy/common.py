"""What the commands about rulebooks share."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

app = typer.Typer(help="查看、检验规则书。 Look at rulebooks and check them.", no_args_is_help=True)

Rulebook = Annotated[
    str, typer.Argument(metavar="ID|PATH", help="政策编号或页面路径。 A policy's id, or the path of a page.")
]
Rulebooks = Annotated[
    list[str] | None, typer.Argument(metavar="[ID|PATH]...", help="缺省为全部自带政策。 All shipped ones by default.")
]
FAULTY = 2
FAILED = 1


def dump(value: Any) -> str:
    """JSON for machines: stable, one indent, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, indent=1)
