"""`Engine.decide_table`: the enterprises of tables, in a notebook or a program, decided as `conggao batch` decides them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

if TYPE_CHECKING:
    from conggao.engine.decide import Engine


@dataclass(frozen=True, slots=True)
class TableDecision:
    """What becomes of the enterprises of tables.

    `outcomes` has a row for every outcome that is not `unmet` (with `all`, also those), in the columns of `outcomes.parquet`; `totals` a
    row for every enterprise and recipient; `rejected` a row for every fault of a row, whose enterprise is not decided. `decided` counts the
    enterprises; `by_exact` those of them that were handed to the exact evaluator, where `evaluator` is `columnar`.
    """

    outcomes: Any
    totals: Any
    rejected: Any
    decided: int
    evaluator: str
    by_exact: int


def decide_table(
    engine: Engine,
    tables: Mapping[str, Any],
    as_of: date | str | None = None,
    *,
    all: bool = False,  # noqa: A002 - the name of the option
    why: bool = False,
    strict: bool = False,
    into: str | None = None,
    memory: str | None = None,
    workers: int | None = None,
) -> TableDecision:
    """Decides the enterprises of `tables`: `enterprises`, and any of `reports`, `projects`, `recognitions`, `services`, `parks`,
    `park_reports`, `received`, `assessed`, `parameters`, each an Arrow, Ibis, Polars or pandas table with a column `credit_code`.

    Results come in the form of the first table, or `into` (`arrow`, `ibis`, `polars`, `pandas`). `as_of` wins over the days that
    enterprises state. `why` adds conditions and missing facts; `strict` refuses the whole for one bad row. Raises InputFaults.
    """
    _libraries()
    from pyarrow import parquet

    from conggao.engine.batch.deciding import decide_tables
    from conggao.engine.batch.frames import FORMS, from_arrow, write_tables
    from conggao.engine.batch.run import Options, check_day, reject_later
    from conggao.engine.sitting import decision_day
    from conggao.facts.models import Case
    from conggao.facts.tables.checking import check

    if into is not None and into not in FORMS:
        message = Text(f"`into` 不能是 `{into}`", f"`into` cannot be `{into}`")
        hint = Text("可用：" + "、".join(FORMS), "one of: " + ", ".join(FORMS))
        raise InputFaults([Diagnostic("call/argument", message, path="into", help=hint)])
    day = None if as_of is None else decision_day(as_of, Case())
    with TemporaryDirectory(prefix="conggao-") as temporary:
        folder = Path(temporary)
        given, work, made = (folder / name for name in ("given", "work", "made"))
        for path in (given, work, made):
            path.mkdir()
        form = write_tables(tables, given)
        checked = check(given, work, engine.vocabulary, memory, strict)
        check_day(checked, Options(day=day))
        decided = decide_tables(checked, engine, made, day, all, why, workers)
        reject_later(checked, decided, strict)
        found = [parquet.read_table(path) for path in (decided.outcomes, decided.totals, checked.rejects.path)]
    outcomes, totals, rejected = (from_arrow(table, into or form) for table in found)
    return TableDecision(outcomes, totals, rejected, decided.count, decided.evaluator, decided.by_exact)


def _libraries() -> None:
    """Raises InputFaults, with what to install, where the libraries for tables are missing."""
    from importlib.util import find_spec

    missing = [name for name in ("duckdb", "numpy", "pyarrow") if find_spec(name) is None]
    if missing:
        listed = ", ".join(missing)
        message = Text(f"处理表格需要 {listed}", f"tables need {listed}")
        hint = Text("安装：pip install 'conggao[batch]'", "install: pip install 'conggao[batch]'")
        raise InputFaults([Diagnostic("batch/extra", message, help=hint)])
