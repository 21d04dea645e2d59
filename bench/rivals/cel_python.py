"""cel-python, in pure Python: the expression of `cel_rust`, compiled to Python code or interpreted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rivals.cel_rust import PROGRAM, granted
from rivals.rival import Decided, Rival
from rivals.workload import Record, doubles


def make(form: str) -> Rival:
    """`form`: "compiled" or "interpreted"."""
    import celpy
    from celpy.adapter import json_to_cel

    runner = celpy.CompiledRunner if form == "compiled" else celpy.InterpretedRunner
    environment = celpy.Environment(runner_class=runner)
    evaluate: Any = environment.program(environment.compile(PROGRAM)).evaluate

    def prepare(records: Sequence[Record]) -> list[Any]:
        return [{name: json_to_cel(value) for name, value in doubles(record).items()} for record in records]

    def decide(record: Any) -> Decided:
        return granted(evaluate(record))

    return Rival(prepare, decide)
