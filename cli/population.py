"""`conggao population`: a synthetic province to try a batch or a reform on."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from conggao.cli.options import Json, LangOption, json_language, language
from conggao.cli.output import console, print_json
from conggao.cli.progress import needs_batch, progress
from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.diagnostics import Text
from conggao.facts.population import write_population
from conggao.facts.population.writing import SYNTHETIC, manifest
from conggao.facts.tables.schema import NAMES


def population(
    count: Annotated[int, typer.Argument(metavar="N", help="企业数。 How many enterprises.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="写到这个文件夹。 The folder to write.")],
    seed: Annotated[
        int, typer.Option("--seed", help="随机种子；相同则数据相同。 The same seed gives the same data.")
    ] = 1,
    form: Annotated[
        str, typer.Option("--format", metavar="parquet|csv|jsonl", help="文件格式。 The form of the files.")
    ] = "parquet",
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """生成一个合成省份，供试用。 Write a synthetic province to try things on."""
    spoken = json_language(lang) if json else language(lang)
    needs_batch()
    with progress(Text("生成", "drawing"), count, spoken) as tell:
        rows = write_population(count, out, shipped_vocabulary(), seed, form, tell)
    if json:
        print_json(json_module.dumps(manifest(count, seed, form, rows), ensure_ascii=False, indent=1))
        return
    screen = console()
    for name, number in rows.items():
        if number:
            screen.print(f"{number:>12,}  {NAMES[name].of(spoken)}")
    screen.print(SYNTHETIC.of(spoken), style="yellow")
    screen.print(str(out), style="dim", markup=False, soft_wrap=True)
