"""A batch from an input to a folder of results, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from conggao.engine.batch.budget import GROUPS, SIZE_NOTE, Books, Budget, budget
from conggao.engine.batch.deciding import Decided, Deciding, How, engine_fault
from conggao.engine.batch.files import open_end, write_csv, write_rejected, write_workbook
from conggao.engine.decide import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.folders import MANIFEST, check_target, whole_folder
from conggao.facts.tables.checking import Checked, check, is_synthetic
from conggao.facts.tables.rejected import Rejects

Stage = Callable[[Text, int | None], Callable[[int], None]]
"""Told what begins and of how much; gives the function that is told how much is done."""

SYNTHETIC = Text(
    "输入是合成数据，不代表任何真实企业或地区。", "The input is synthetic and stands for no real enterprise or place."
)


@dataclass(frozen=True, slots=True)
class Options:
    """How a batch is run: `day` wins over the days stated; `memory` bounds DuckDB; `workers` processes decide."""

    day: date | None = None
    everything: bool = False
    why: bool = False
    strict: bool = False
    memory: str | None = None
    engine: str = "duckdb"
    workers: int | None = None
    lang: Lang = "zh"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a batch found: sums, counts, notes for people, and the manifest as written."""

    budget: Budget
    read: int
    decided: int
    aside: int
    rejected: int
    reasons: Mapping[tuple[str, str], int]
    notes: tuple[Text, ...]
    synthetic: bool
    manifest: Mapping[str, Any]
    day: date | None


def no_stage(what: Text, total: int | None) -> Callable[[int], None]:
    """Says nothing."""
    del what, total
    return lambda done: None


def check_options(options: Options) -> None:
    """Raises InputFaults for what cannot be, before anything is read."""
    if options.engine not in ("duckdb", "spark"):
        raise engine_fault(options.engine)
    if options.engine == "spark":
        if options.why:
            message = Text(
                "`--why` 由精确求值给出，不能在 Spark 上", "`--why` is told by the exact evaluator, not on Spark"
            )
            hint = Text("去掉其中一个", "leave out one of the two")
            raise InputFaults([Diagnostic("batch/engine", message, path="--why", help=hint)])
        from conggao.engine.evaluate.columnar.spark import connect

        connect()


def check_day(checked: Checked, options: Options) -> None:
    """Raises InputFaults where no enterprise says for which day it is to be decided, nor the options."""
    if options.day is None and checked.undated and checked.undated == checked.count:
        message = Text("没有决定日期", "there is no date to decide for")
        hint = Text("用 --as-of 2025-03-01 给出日期", "give one with --as-of 2025-03-01")
        raise InputFaults([Diagnostic("case/as-of", message, path="--as-of", help=hint)])


def run_batch(source: Path, out: Path, engine: Engine, options: Options, stage: Stage = no_stage) -> Ran:
    """Decides every enterprise of `source` and writes the folder `out`. Raises InputFaults; `out` is then as it was."""
    check_options(options)
    check_target(out)
    with whole_folder(out) as made:
        work = made.parent / "work"
        work.mkdir()
        said = {"synthetic": "true", "note": SYNTHETIC.en} if is_synthetic(source) else {}
        how = How(options.day, options.everything, options.why, options.workers, said, options.engine, options.memory)
        with Deciding(engine, made, how) as deciding:
            reading = stage(Text("读取", "reading"), None)
            checked = check(source, work, engine.vocabulary, options.memory, options.strict, reading, deciding)
            check_day(checked, options)
            decided = deciding.finish(checked, stage(Text("判定", "deciding"), checked.count))
        reject_later(checked, decided, options.strict)
        books = Books(checked, options.day, options.memory, work)
        try:
            books.add("run", decided.outcomes, decided.totals, engine)
            found = budget(books, "run", engine)
        finally:
            books.close()
        notes = notes_of(checked, decided, found)
        manifest = manifest_of(checked, decided, engine, options)
        ran = Ran(
            found, checked.read["enterprises"], decided.count, checked.aside + len({item.credit_code for item in decided.rejected}),
            checked.rejects.total, dict(checked.rejects.counts), notes, checked.synthetic, manifest, options.day,
        )  # fmt: skip
        _write(made, checked, ran, options.lang)
        (made / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return ran


def reject_later(checked: Checked, decided: Decided, strict: bool) -> None:
    """Adds what deciding has refused to what reading has."""
    from pyarrow import parquet

    if not decided.rejected:
        return
    path = checked.rejects.path
    before = parquet.read_table(path)
    both = Rejects(path.with_name("rejected-decided.parquet"))
    for item in decided.rejected:
        both.add(item)
    both.close()
    import pyarrow as pa

    parquet.write_table(pa.concat_tables([before, parquet.read_table(both.path)]), path, compression="zstd")
    checked.rejects.behind(both)
    if strict:
        raise checked.rejects.faults()


def notes_of(checked: Checked, decided: Decided, found: Budget) -> tuple[Text, ...]:
    """What people must know beside the sums."""
    notes: list[Text] = []
    if checked.synthetic:
        notes.append(SYNTHETIC)
    total, aside = checked.rejects.total, checked.aside + len({item.credit_code for item in decided.rejected})
    if total:
        notes.append(Text(
            f"有 {total:,} 处不能用，{aside:,} 家企业因此未判定；见 rejected.csv",
            f"faults of rows: {total:,}; enterprises not decided for them: {aside:,}; see rejected.csv",
        ))  # fmt: skip
    orphans = sum(
        count for (_, code), count in checked.rejects.counts.items() if code in ("orphan", "cells", "credit-code")
    )
    if orphans:
        notes.append(Text(
            f"其中 {orphans:,} 处无法归于任何企业，有关企业按其余各行判定",
            f"{orphans:,} of them belong to no enterprise that is known: whoever they concern was decided without them",
        ))  # fmt: skip
    if found.beyond:
        excess = sum((item.excess for item in found.beyond), start=found.beyond[0].excess * 0)
        notes.append(Text(
            f"{len(found.beyond):,} 家服务提供方合并全部客户后超过上限，共超 {excess:,.2f} 元；"
            "各企业分别判定，合计未扣除；见 providers.csv",
            f"{len(found.beyond):,} providers come beyond their cap over all customers, by CNY {excess:,.2f} together; "
            "each enterprise is decided alone and the sums do not deduct it; see providers.csv",
        ))  # fmt: skip
    if found.contradicting:
        parks = "、".join(found.contradicting)
        notes.append(Text(
            f"各企业所报园区数字不一致，取其最高：{parks}",
            f"enterprises state different figures of the same park; the highest counts: {', '.join(found.contradicting)}",
        ))  # fmt: skip
    return tuple(notes)


def manifest_of(checked: Checked, decided: Decided, engine: Engine, options: Options) -> dict[str, Any]:
    """What was decided on and by which rules: the same input gives the same manifest."""
    aside = checked.aside + len({item.credit_code for item in decided.rejected})
    return {
        "as_of": None if options.day is None else options.day.isoformat(),
        "synthetic": checked.synthetic,
        "evaluator": decided.evaluator,
        "by_exact": decided.by_exact,
        "policies": [{"id": policy.id, "sha256": policy.page.sha256} for policy in engine.rulebooks.policies],
        "inputs": [{"file": name, "sha256": found} for name, found in checked.inputs.items()],
        "rows": dict(checked.read),
        "decided": decided.count,
        "set_aside": aside,
        "rejected": [
            {"table": table, "code": code, "count": count}
            for (table, code), count in sorted(checked.rejects.counts.items())
        ],
        "options": {"all": options.everything, "why": options.why},
    }


def summary_rows(found: Budget, lang: Lang) -> list[list[Any]]:
    """The sums as rows: group, key, name, enterprises, claims, sure, at most."""
    rows: list[list[Any]] = [
        [
            GROUPS[group].of(lang),
            item.key,
            item.label.of(lang),
            item.enterprises,
            item.claims,
            item.low,
            open_end(item.high, lang),
        ]
        for group, sums in found.groups.items()
        for item in sums
    ]
    total = found.total
    rows.append(
        [Text("合计", "Total").of(lang), "", "", total.enterprises, total.claims, total.low, open_end(total.high, lang)]
    )
    return rows


def headings(lang: Lang) -> list[str]:
    """The headings of `summary_rows`."""
    texts = (
        Text("分组", "group"), Text("代码", "key"), Text("名称", "name"), Text("企业数", "enterprises"), Text("项数", "claims"),
        Text("确定（元）", "sure (CNY)"), Text("最多（元）", "at most (CNY)"),
    )  # fmt: skip
    return [text.of(lang) for text in texts]


def _write(folder: Path, checked: Checked, ran: Ran, lang: Lang) -> None:
    rows, head = summary_rows(ran.budget, lang), headings(lang)
    write_csv(folder / "summary.csv", head, rows)
    sheets = [
        (GROUPS[group].of(lang), head[1:], [row[1:] for row in rows if row[0] == GROUPS[group].of(lang)])
        for group in GROUPS
    ]
    said = [[note.of(lang)] for note in (*ran.notes, SIZE_NOTE)]
    if ran.budget.beyond:
        columns = [
            Text("措施", "measure").of(lang), Text("服务提供方", "provider").of(lang), Text("客户数", "customers").of(lang),
            Text("合计（元）", "granted (CNY)").of(lang), Text("上限（元）", "cap (CNY)").of(lang),
            Text("超出（元）", "beyond (CNY)").of(lang),
        ]  # fmt: skip
        listed = [[b.measure, b.provider, b.customers, b.granted, b.cap, b.excess] for b in ran.budget.beyond]
        write_csv(folder / "providers.csv", columns, listed)
        sheets.append((Text("服务提供方", "Providers").of(lang), columns, listed))
    write_workbook(folder / "summary.xlsx", [*sheets, (Text("说明", "Notes").of(lang), [""], said)])
    checked.rejects.path.replace(folder / "rejected.parquet")
    write_rejected(folder / "rejected.parquet", folder / "rejected.csv")
    try:
        from conggao.engine.batch.page import batch_html
    except ModuleNotFoundError as missing:
        if missing.name not in ("jinja2", "markupsafe"):
            raise
        return
    (folder / "report.html").write_text(batch_html(ran, lang), "utf-8")
