"""The synthetic province as files, each of which says what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text
from conggao.facts.folders import whole_folder
from conggao.facts.population.province import BLOCK, LATEST, draw_block
from conggao.facts.population.sectors import SECTORS
from conggao.facts.tables.columns import NONE
from conggao.facts.tables.schema import Table, tables
from conggao.facts.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("parquet", "csv", "jsonl")
LARGEST = 100_000_000
SYNTHETIC = Text(
    "合成数据：企业、金额和名称都是随机生成的，不代表任何真实企业或地区。",
    "Synthetic data: enterprises, amounts and names are drawn at random and stand for no real enterprise or place.",
)
AS_OF = f"{LATEST + 1}-03-01"
GROUP = 5
"""Blocks that make a row group of a Parquet file: what a group costs its reader is then little beside its rows."""
VERSION = 1
"""Raised when the same seed gives another province."""


def write_population(
    count: int,
    folder: Path,
    vocabulary: Vocabulary,
    seed: int = 1,
    form: str = "parquet",
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, int]:
    """Writes a province of `count` enterprises to `folder`, whole or not at all; gives the rows of each table.

    The same seed gives the same province, and a smaller one is the beginning of a larger one. `progress` is told the enterprises done.
    Raises InputFaults for a number or a form that cannot be, or a folder that cannot be written.
    """
    faults: list[Diagnostic] = []
    if not 1 <= count <= LARGEST:
        message = Text(f"企业数应在 1 至 {LARGEST:,} 之间", f"the number of enterprises must be from 1 to {LARGEST:,}")
        faults.append(Diagnostic("population/count", message, path="N"))
    if form not in FORMATS:
        message = Text(f"不能写成 `{form}`", f"`{form}` is no form of tables")
        hint = Text("可写：" + "、".join(FORMATS), "one of: " + ", ".join(FORMATS))
        faults.append(Diagnostic("population/format", message, path="--format", help=hint))
    if seed < 0:
        message = Text("种子应为零或正整数", "the seed must be a whole number from zero")
        faults.append(Diagnostic("population/seed", message, path="--seed"))
    if faults:
        raise InputFaults(faults)
    known = tables(vocabulary)
    with whole_folder(folder) as made:
        rows: dict[str, int] = dict.fromkeys(known, 0)
        writer = _Files(made, form, known, vocabulary, seed)
        try:
            for done, block in _blocks(count, seed, known):
                for name, table in block.items():
                    rows[name] += table.num_rows
                writer.write(block)
                progress(done)
        finally:
            writer.close()
        (made / "manifest.json").write_text(
            json.dumps(manifest(count, seed, form, rows), ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
        (made / "README.md").write_text(readme(count, seed), "utf-8")
    return rows


def manifest(count: int, seed: int, form: str, rows: Mapping[str, int]) -> dict[str, Any]:
    """What the folder holds, for programs."""
    return {
        "synthetic": True,
        "note": SYNTHETIC._asdict(),
        "enterprises": count,
        "seed": seed,
        "version": VERSION,
        "format": form,
        "as_of": AS_OF,
        "rows": dict(rows),
    }


def readme(count: int, seed: int) -> str:
    """What the folder holds, for people."""
    return (
        f"# 合成省份 Synthetic province\n\n**{SYNTHETIC.zh}**\n\n**{SYNTHETIC.en}**\n\n"
        f"- 企业 enterprises: {count:,}\n- 种子 seed: {seed}; 版本 version: {VERSION}\n- 决定日期 decide as of: {AS_OF}\n\n"
        f"规模按对数正态分布，由 {len(SECTORS)} 个行业各自的中位数决定；研发、用能、排放、项目投资随规模和行业而定；"
        "部分事实按实际表格的样子留空，即为不明。\n\n"
        f"Sizes are lognormal around the median of each of {len(SECTORS)} sectors; R&D, energy, emissions and project costs "
        "follow size and sector; some facts are left blank, as in real files: they are unknown.\n"
    )


def _blocks(count: int, seed: int, known: Mapping[str, Table]) -> Iterator[tuple[int, dict[str, pa.Table]]]:
    import numpy as np
    import pyarrow as pa

    for block in range(-(-count // BLOCK)):
        most = min(BLOCK, count - block * BLOCK)
        drawn = draw_block(seed, block)
        made: dict[str, pa.Table] = {}
        for name, table in known.items():
            schema = table.schema()
            columns = drawn.get(name)
            if columns is None:
                made[name] = schema.empty_table()
                continue
            of = columns.pop("_of")
            kept = pa.array(np.nonzero(of < most)[0]) if most < BLOCK else None
            rows = len(of)
            arrays = [
                columns[field.name].cast(field.type) if field.name in columns else pa.nulls(rows, field.type)
                for field in schema
            ]
            whole = pa.Table.from_arrays(arrays, schema=schema)
            made[name] = whole if kept is None else whole.take(kept)
        yield block * BLOCK + most, made


class _Files:
    """The open files of one province."""

    def __init__(self, folder: Path, form: str, known: Mapping[str, Table], vocabulary: Vocabulary, seed: int) -> None:
        self.folder, self.form, self.known, self.vocabulary, self.seed = folder, form, known, vocabulary, seed
        self.open: dict[str, Any] = {}
        self._waiting: dict[str, list[pa.Table]] = {name: [] for name in known}

    def write(self, block: Mapping[str, pa.Table]) -> None:
        if self.form == "jsonl":
            from conggao.facts.tables.cases import cases_of

            if not self.open:
                self.open["cases"] = (self.folder / "cases.jsonl").open("w", encoding="utf-8")
            for _, case in cases_of(block, self.vocabulary):
                self.open["cases"].write(json.dumps({"as_of": AS_OF, **case.document()}, ensure_ascii=False) + "\n")
            return
        for name, table in block.items():
            if name not in self.open and not table.num_rows:
                continue
            if name not in self.open:
                self.open[name] = self._opened(name, table)
            if self.form == "csv":
                self.open[name].write_table(flat(table))
                continue
            self._waiting[name].append(table)
            if len(self._waiting[name]) == GROUP:
                self._group(name)

    def _group(self, name: str) -> None:
        import pyarrow as pa

        if self._waiting[name]:
            self.open[name].write_table(pa.concat_tables(self._waiting[name]))
            self._waiting[name] = []

    def _opened(self, name: str, table: pa.Table) -> Any:
        from pyarrow import csv, parquet

        if self.form == "csv":
            path = self.folder / f"{name}.csv"
            return csv.CSVWriter(str(path), flat(table).schema, write_options=csv.WriteOptions(quoting_style="needed"))
        said = {"synthetic": "true", "note_zh": SYNTHETIC.zh, "note_en": SYNTHETIC.en, "seed": str(self.seed)}
        schema: pa.Schema = table.schema.with_metadata(said)
        return parquet.ParquetWriter(self.folder / f"{name}.parquet", schema, compression="zstd")

    def close(self) -> None:
        for name, file in self.open.items():
            if self.form == "parquet":
                self._group(name)
            file.close()


def flat(table: pa.Table) -> pa.Table:
    """Lists as text with `;` between, as a CSV file holds them; quantities without needless zeros."""
    import pyarrow as pa
    import pyarrow.compute as pc

    arrays = []
    for column, field in zip(table.columns, table.schema, strict=True):
        if pa.types.is_list(field.type):
            joined = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
            arrays.append(pc.if_else(pc.equal(joined, ""), NONE[0], joined))
        elif pa.types.is_decimal(field.type):
            text = pc.replace_substring_regex(column.cast(pa.string()), r"\.?0+$", "")
            # Only zeros after a point are needless, and every quantity has a point.
            arrays.append(text)
        else:
            arrays.append(column.cast(pa.string()))
    return pa.Table.from_arrays(arrays, names=table.column_names)
