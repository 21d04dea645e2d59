"""An input of many enterprises becomes checked tables, sorted by enterprise; what cannot be taken is listed with its reason.

No table is held in memory: rows are read into their physical types piece by piece, and looked at together for one range of credit codes
after the other. Tables that do not stand in the order of their codes are sorted on disk first. An enterprise is taken with all its rows
or not at all: a decision without the row that says what it has received would pay twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.tables.database import connect
from conggao.facts.tables.keeping import dataset
from conggao.facts.tables.rejected import Rejects
from conggao.facts.tables.running import Run, Watch
from conggao.facts.tables.sources import sha256, sources
from conggao.facts.tables.streams import Misordered
from conggao.facts.vocabulary import Vocabulary

_THREADS = 2
"""Threads that read and write beside the one that looks at the rows: each holds some pieces."""


@dataclass
class Checked:
    """Checked tables in `folder` (see `keeping`), sorted by `case_no`, the place of the enterprise among `count`.

    `inputs` are the hashes of the files read; `aside` the enterprises that were not taken.
    """

    folder: Path
    count: int
    aside: int
    rows: Mapping[str, int]
    read: Mapping[str, int]
    rejects: Rejects
    inputs: Mapping[str, str]
    vocabulary: Vocabulary
    synthetic: bool = False
    undated: int = 0
    """Enterprises that do not say for which day they are to be decided."""
    notes: list[Text] = field(default_factory=list)

    def dataset(self, table: str) -> Any:
        """A table as an Arrow dataset."""
        return dataset(self.folder, table)


def check(
    path: Path,
    work: Path,
    vocabulary: Vocabulary,
    memory: str | None = None,
    strict: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
    watch: Watch | None = None,
) -> Checked:
    """Reads `path` (a folder of tables, a workbook, or JSONL of cases) into checked tables in the folder `work`.

    `memory` bounds what the database holds that sorts the faults, such as `2GB`. `progress` is told the rows read, `watch` what
    is ready while the rest is being read. Raises InputFaults where the input as a whole cannot be read, or, where `strict`, for any row
    that is rejected.
    """
    with connect(memory, work) as connection, ThreadPoolExecutor(_THREADS) as pool:
        try:
            jsonl = _jsonl(path)
            found = [] if jsonl is not None else sources(path)
            files = [jsonl] if jsonl is not None else list(dict.fromkeys(source.path for source in found))
            hashes = {file.name: pool.submit(sha256, file) for file in files}
            run = Run(work / "first", vocabulary, progress, pool, watch)
            if jsonl is not None:
                run.cases(jsonl)
            else:
                try:
                    run.sources(found, trusting=True)
                except Misordered:
                    if watch is not None:
                        watch.again()
                    run = Run(work / "second", vocabulary, progress, pool)
                    run.sources(found, trusting=False)
            inputs = {name: made.result() for name, made in hashes.items()}
        finally:
            pool.shutdown(cancel_futures=True)
        run.rejects.join(run.later, connection)
    rejects = run.rejects
    if strict and rejects.total:
        raise rejects.faults()
    return Checked(
        folder=run.checked,
        count=run.count,
        aside=run.aside,
        rows=run.rows,
        read=dict(run.read),
        rejects=rejects,
        inputs=inputs,
        vocabulary=vocabulary,
        synthetic=is_synthetic(path),
        undated=run.undated,
    )


def _jsonl(path: Path) -> Path | None:
    """The JSONL file of an input, if that is what it is."""
    if not path.exists():
        message = Text("没有这个文件或文件夹", "there is no such file or folder")
        raise InputFaults([Diagnostic("document/unreadable", message, (Label(Span(str(path), None)),))])
    if path.is_dir():
        found = sorted(path.glob("*.jsonl"))
        return found[0] if len(found) == 1 and not any(path.glob("*.parquet")) and not any(path.glob("*.csv")) else None
    if path.suffix.lower() == ".jsonl":
        return path
    if path.suffix.lower() != ".xlsx":
        message = Text("不是文件夹、JSONL 或 Excel 工作簿", "this is neither a folder nor JSONL nor an Excel workbook")
        hint = Text("表格放在一个文件夹里", "put the tables into a folder")
        raise InputFaults([Diagnostic("table/input", message, (Label(Span(str(path), None)),), help=hint)])
    return None


def is_synthetic(path: Path) -> bool:
    """Whether the folder says that its data are synthetic."""
    import json

    manifest = (path if path.is_dir() else path.parent) / "manifest.json"
    try:
        return json.loads(manifest.read_text("utf-8")).get("synthetic") is True
    except (OSError, ValueError, AttributeError):
        return False


def batches(checked: Checked, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of `case_no` that together hold every enterprise."""
    for start in range(0, checked.count, size):
        yield start, min(start + size, checked.count)
