"""Reforms tried on every enterprise: the tables are read once, decided under the law as it is and under each reform, and compared."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from conggao.engine.batch.budget import GROUPS, Books, Budget, budget
from conggao.engine.batch.comparing import Effect, Pair, compare_runs, write_changes
from conggao.engine.batch.deciding import Decided, decide_tables
from conggao.engine.batch.files import open_end, write_csv, write_rejected, write_workbook
from conggao.engine.batch.run import (
    SYNTHETIC,
    Options,
    Stage,
    check_day,
    check_options,
    manifest_of,
    no_stage,
    notes_of,
    reject_later,
)
from conggao.engine.decide import Engine
from conggao.engine.rulebook.build import draft
from conggao.engine.rulebook.page import read_page
from conggao.engine.whatif import amended_engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.folders import MANIFEST, check_target, whole_folder
from conggao.facts.tables.checking import Checked, check
from conggao.facts.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Reform:
    """A reform by name: what `--amend` says, and pages that amend policies or take their place."""

    name: str
    amend: tuple[str, ...] = ()
    pages: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Reformed:
    """The budget as the law stands, and the effect of each reform."""

    before: Budget
    effects: tuple[Effect, ...]
    decided: int
    aside: int
    notes: tuple[Text, ...]
    manifest: Mapping[str, Any]


def reformed_engine(engine: Engine, reform: Reform, day: date) -> Engine:
    """`engine` with the pages and amendments of `reform` from `day` on. Raises InputFaults."""
    made = engine
    if reform.pages:
        pages = [read_page(path) for path in reform.pages]
        new = {draft(page).id for page in pages}
        made = Engine.of([*(p.page for p in engine.rulebooks.policies if p.id not in new), *pages])
    return amended_engine(made, reform.amend, day)


def run_reforms(
    source: Path,
    engine: Engine,
    reforms: Sequence[Reform],
    options: Options,
    out: Path | None = None,
    stage: Stage = no_stage,
) -> Reformed:
    """Decides the enterprises of `source` as the law stands and under each of `reforms`; with `out`, writes the comparison there.

    An enterprise that cannot be decided under one of them is left out of all. Raises InputFaults.
    """
    check_options(options)
    _check_reforms(reforms)
    with ExitStack() as stack:
        if out is not None:
            check_target(out)
            made: Path | None = stack.enter_context(whole_folder(out))
            assert made is not None
            work = made.parent / "work"
            work.mkdir()
        else:
            made = None
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conggao-")))
        # A first look at the reforms, so that what is wrong with them is said before anything is read.
        engines = [reformed_engine(engine, reform, options.day) for reform in reforms] if options.day else []
        vocabulary = _wider(engine.vocabulary, engines)
        checked = check(source, work, vocabulary, options.memory, options.strict, stage(Text("读取", "reading"), None))
        check_day(checked, options)
        day = options.day or _earliest(checked)
        engines = engines or [reformed_engine(engine, reform, day) for reform in reforms]
        found = _decide(checked, [engine, *engines], reforms, options, work, stage)
        result = _compare(checked, found, [engine, *engines], reforms, options, work, made)
        if made is not None:
            _write(made, checked, result, options.lang)
    return result


def _check_reforms(reforms: Sequence[Reform]) -> None:
    if not reforms or not any(reform.amend or reform.pages for reform in reforms):
        message = Text("没有要比较的改革", "there is no reform to compare")
        hint = Text("用 --amend 措施.键=数值 或 --with 页面", "give --amend MEASURE.KEY=VALUE or --with PAGE")
        raise InputFaults([Diagnostic("reform/none", message, help=hint)])


def _wider(vocabulary: Vocabulary, engines: Sequence[Engine]) -> Vocabulary:
    """What all the engines know: a reform may ask for facts that the law as it stands does not."""
    for engine in engines:
        known = engine.vocabulary
        vocabulary = vocabulary.extend(known.facts, dict(known.titles), dict(known.purposes))
    return vocabulary


def _earliest(checked: Checked) -> date:
    """The first day for which an enterprise is to be decided."""
    import pyarrow.compute as pc

    found = pc.min(checked.dataset("enterprises").to_table(columns=["as_of"])["as_of"]).as_py()
    assert isinstance(found, date)
    return found


def _decide(
    checked: Checked, engines: Sequence[Engine], reforms: Sequence[Reform], options: Options, work: Path, stage: Stage
) -> list[Decided]:
    names = [
        Text("判定：现行", "deciding: as it is"),
        *(Text(f"判定：{r.name}", f"deciding: {r.name}") for r in reforms),
    ]
    found: list[Decided] = []
    for number, (engine, name) in enumerate(zip(engines, names, strict=True)):
        folder = work / f"run-{number}"
        folder.mkdir()
        found.append(
            decide_tables(
                checked,
                engine,
                folder,
                options.day,
                workers=options.workers,
                progress=stage(name, checked.count),
                memory=options.memory,
            )
        )
    return found


def _compare(
    checked: Checked,
    found: Sequence[Decided],
    engines: Sequence[Engine],
    reforms: Sequence[Reform],
    options: Options,
    work: Path,
    made: Path | None,
) -> Reformed:
    out = {item.credit_code for decided in found for item in decided.rejected if item.credit_code is not None}
    for decided in found:
        reject_later(checked, decided, options.strict)
    books = Books(checked, options.day, options.memory, work, out)
    try:
        for number, (decided, engine) in enumerate(zip(found, engines, strict=True)):
            books.add(str(number), decided.outcomes, decided.totals, engine)
        sums = [budget(books, str(number), engine) for number, engine in enumerate(engines)]
        effects = []
        for number, reform in enumerate(reforms, start=1):
            effects.append(compare_runs(books, "0", str(number), sums[0], sums[number], reform.name))
            if made is not None:
                name = "changes.parquet" if len(reforms) == 1 else f"changes-{number}.parquet"
                write_changes(books, str(number), made / name)
    finally:
        books.close()
    manifest = manifest_of(checked, found[0], engines[0], options)
    manifest["reforms"] = [
        {
            "name": reform.name,
            "amend": list(reform.amend),
            "policies": [{"id": p.id, "sha256": p.page.sha256} for p in engine.rulebooks.policies],
        }
        for reform, engine in zip(reforms, engines[1:], strict=True)
    ]
    manifest["decided"], manifest["set_aside"] = checked.count - len(out), checked.aside + len(out)
    notes = notes_of(checked, found[0], sums[0])
    return Reformed(sums[0], tuple(effects), checked.count - len(out), checked.aside + len(out), notes, manifest)


def pair_rows(effect: Effect, lang: Lang) -> list[list[Any]]:
    """A reform as rows: reform, group, key, name, before and after (sure, at most), change of what is sure."""
    groups: list[tuple[str, Sequence[Pair]]] = [
        (GROUPS[group].of(lang), pairs) for group, pairs in effect.groups.items()
    ]
    groups.append((Text("合计", "Total").of(lang), [effect.total]))
    return [
        [
            effect.name, title, pair.key, pair.label.of(lang), pair.before.low, open_end(pair.before.high, lang), pair.after.low,
            open_end(pair.after.high, lang), pair.change,
        ]
        for title, pairs in groups
        for pair in pairs
    ]  # fmt: skip


def headings(lang: Lang) -> list[str]:
    """The headings of `pair_rows`."""
    texts = (
        Text("改革", "reform"), Text("分组", "group"), Text("代码", "key"), Text("名称", "name"),
        Text("原来确定（元）", "sure before (CNY)"), Text("原来最多（元）", "at most before (CNY)"),
        Text("之后确定（元）", "sure after (CNY)"), Text("之后最多（元）", "at most after (CNY)"),
        Text("增减（元）", "change (CNY)"),
    )  # fmt: skip
    return [text.of(lang) for text in texts]


def _write(folder: Path, checked: Checked, found: Reformed, lang: Lang) -> None:
    rows = [row for effect in found.effects for row in pair_rows(effect, lang)]
    write_csv(folder / "budget.csv", headings(lang), rows)
    movers = [
        [effect.name, item.who, item.name, item.county, item.before, item.after, item.change]
        for effect in found.effects
        for item in (*effect.gainers, *effect.sufferers)
    ]
    spread = [
        [effect.name, item.label.of(lang), item.count, item.change]
        for effect in found.effects
        for item in effect.spread
    ]
    who = [
        text.of(lang)
        for text in (
            Text("改革", "reform"), Text("对象", "who"), Text("名称", "name"), Text("县区", "county"), Text("原来（元）", "before (CNY)"),
            Text("之后（元）", "after (CNY)"), Text("增减（元）", "change (CNY)"),
        )
    ]  # fmt: skip
    classes = [
        text.of(lang)
        for text in (
            Text("改革", "reform"),
            Text("增减", "change"),
            Text("家数", "count"),
            Text("合计（元）", "sum (CNY)"),
        )
    ]
    notes = [[note.of(lang)] for note in found.notes] or [[""]]
    write_workbook(
        folder / "budget.xlsx",
        [
            (Text("预算", "Budget").of(lang), headings(lang), rows),
            (Text("增减分布", "Distribution").of(lang), classes, spread),
            (Text("增减最多", "Top gainers and losers").of(lang), who, movers),
            (Text("说明", "Notes").of(lang), [""], notes),
        ],
    )
    checked.rejects.path.replace(folder / "rejected.parquet")
    write_rejected(folder / "rejected.parquet", folder / "rejected.csv")
    (folder / MANIFEST).write_text(json.dumps(found.manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")


__all__ = ["SYNTHETIC", "Reform", "Reformed", "reformed_engine", "run_reforms"]
