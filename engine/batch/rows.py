"""Outcomes as rows: the JSON names of a decision flattened, money in DECIMAL(38, 2) yuan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from conggao.engine.decision import Status
from conggao.engine.edition import Edition
from conggao.engine.evaluate.program import CompiledMeasure, Fen
from conggao.engine.evaluate.record import Record
from conggao.engine.outcomes import Evaluated
from conggao.engine.resolve import Award
from conggao.engine.sitting import Sitting

if TYPE_CHECKING:
    import pyarrow as pa


def outcome_schema(why: bool) -> pa.Schema:
    """The columns of `outcomes.parquet`. An open upper end is null beside a lower end that is not."""
    import pyarrow as pa

    money, text, texts = pa.decimal128(38, 2), pa.string(), pa.list_(pa.string())
    share = pa.struct([("payer", text), ("low", money), ("high", money)])
    fields = [
        ("case_no", pa.int64()), ("credit_code", text), ("measure", text), ("subject", text), ("status", text), ("lines", texts),
        ("recipient", text), ("standard_low", money), ("standard_high", money), ("amount_low", money), ("amount_high", money),
        ("superseded_by", texts), ("contested_by", texts), ("break_even", money), ("basis", text), ("funding", pa.list_(share)),
    ]  # fmt: skip
    if why:
        fields += [("difference", money), ("missing", texts), ("conditions", text)]
    return pa.schema(fields)


def total_schema() -> pa.Schema:
    """The columns of `totals.parquet`: from what is sure to the most that discretion allows, by recipient."""
    import pyarrow as pa

    money = pa.decimal128(38, 2)
    return pa.schema(
        [
            ("case_no", pa.int64()),
            ("credit_code", pa.string()),
            ("recipient", pa.string()),
            ("low", money),
            ("high", money),
        ]
    )


_NO_CLAIM = None, None, None, None, (), (), None, None, None
"""The columns of a claim where there is none."""


class RowMaker:
    """Makes the rows of decisions. `everything` keeps `unmet` ones; `why` adds conditions, missing facts and differences.

    A row that says no more than what became of a measure is made once for all enterprises of which it is true.
    """

    def __init__(self, everything: bool, why: bool) -> None:
        self.everything, self.why = everything, why
        self.schema, self.totals_schema = outcome_schema(why), total_schema()
        self._begin()

    def _begin(self) -> None:
        self._enterprises: list[tuple[int, str, int]] = []
        """Their numbers and codes, and how many rows each has."""
        self._said: list[tuple[Any, ...]] = []
        """What rows say beside the enterprise; `_same` are the places of those that several share, under one state of the law."""
        self._same: dict[Edition, dict[tuple[str, str | None, str], int]] = {}
        self._rows: list[int] = []
        """For every row the place of what it says."""
        self._totals: list[tuple[Any, ...]] = []

    def add(self, number: int, code: str, sitting: Sitting) -> None:
        """The rows of one decision; an enterprise keeps at least one."""
        evaluated = Evaluated(sitting, "zh")
        found = list(evaluated.listed())
        kept = found if self.everything else [place for place in found if place[3] != "unmet"]
        kept = kept or found[:1]
        said, rows = self._said, self._rows
        same = self._same.setdefault(sitting.edition, {})
        for place in kept:
            compiled, record, award, status = place
            if award is None and (record is None or not self.why):
                key = compiled.measure.key, None if record is None else record.subject.name, status
                at = same.get(key)
                if at is None:
                    at = same[key] = len(said)
                    said.append(self._row(evaluated, *place))
            else:
                at = len(said)
                said.append(self._row(evaluated, *place))
            rows.append(at)
        self._enterprises.append((number, code, len(kept)))
        for recipient, (low, high) in sitting.resolution.by_recipient().items():
            self._totals.append((number, code, recipient, low, high))

    def _row(
        self,
        evaluated: Evaluated,
        compiled: CompiledMeasure,
        record: Record | None,
        award: Award | None,
        status: Status,
    ) -> tuple[Any, ...]:
        measure, fixed = compiled.measure.key, evaluated.fixed[compiled.measure.key]
        subject = None if record is None else record.subject.name
        row: tuple[Any, ...] = (measure, subject, status, fixed["lines"], fixed["recipient"])
        if record is None or award is None:
            row += _NO_CLAIM
        else:
            stands = evaluated.standing(record, award)
            row += (
                *(record.standard or (None, None)), award.low, award.high,
                stands.superseded_by, stands.contested_by, award.break_even, stands.basis, stands.funding,
            )  # fmt: skip
        if self.why:
            difference = None if award is None else award.difference
            item = evaluated.outcome(compiled, record, award, status)
            conditions = [part.model_dump(mode="json", exclude_defaults=True) for part in item.conditions]
            told = json.dumps(conditions, ensure_ascii=False) if conditions else None
            row += (difference, item.missing, told)
        return row

    def take(self) -> tuple[pa.Table, pa.Table]:
        """The rows made so far, as tables."""
        made = self._outcomes(), _table(self._totals, self.totals_schema)
        self._begin()
        return made

    def _outcomes(self) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        if not self._rows:
            return self.schema.empty_table()
        numbers, codes, counts = zip(*self._enterprises, strict=True)
        own, rows = pa.array(np.repeat(np.arange(len(counts)), counts)), pa.array(self._rows, pa.int64())
        named = [pa.array(cells, field.type) for cells, field in zip((numbers, codes), self.schema, strict=False)]
        said = _arrays(self._said, list(self.schema)[len(named) :])
        arrays = [*(cells.take(own) for cells in named), *(cells.take(rows) for cells in said)]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_arrays(_arrays(rows, list(schema)), schema=schema) if rows else schema.empty_table()


def _arrays(rows: Sequence[tuple[Any, ...]], fields: Sequence[pa.Field]) -> list[pa.Array]:
    """The columns of rows, in which money is whole fen."""
    import pyarrow as pa

    made = []
    for cells, field in zip(zip(*rows, strict=True), fields, strict=True):
        if field.name == "funding":
            made.append(_funding(cells, field.type))
        elif pa.types.is_decimal(field.type):
            made.append(_money(cells, field.type))
        else:
            made.append(pa.array(cells, field.type))
    return made


def _money(fen: Sequence[int | None], kind: pa.DataType) -> pa.Array:
    """Whole fen as DECIMAL(38, 2), of which they are the digits."""
    import pyarrow as pa

    digits = b"".join([(number or 0).to_bytes(16, "little", signed=True) for number in fen])
    known = pa.array([number is not None for number in fen], pa.bool_()).buffers()[1]
    return pa.Array.from_buffers(kind, len(fen), [known, pa.py_buffer(digits)])


def _funding(cells: Sequence[Mapping[str, Fen] | None], kind: pa.ListType) -> pa.Array:
    """The shares of every claim; null where no one is said to pay."""
    import pyarrow as pa

    shares = [(payer, *ends) for cell in cells if cell is not None for payer, ends in cell.items()]
    fields = list(kind.value_type)
    flat = [pa.array([], field.type) for field in fields] if not shares else _arrays(shares, fields)
    ends = accumulate((0 if cell is None else len(cell) for cell in cells), initial=0)
    none = pa.array([cell is None for cell in cells])
    entries = pa.StructArray.from_arrays(flat, fields=fields)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), entries, type=kind, mask=none)
