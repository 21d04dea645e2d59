"""Outcomes as rows: the JSON names of a decision flattened, money in DECIMAL(38, 2) yuan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conggao.engine.decision import Decision, Outcome, Range

if TYPE_CHECKING:
    import pyarrow as pa

CLAIMED = frozenset({"granted", "contingent", "superseded", "received", "exhausted"})
"""The statuses of a claim, which have money."""


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


class RowMaker:
    """Makes the rows of decisions. `everything` keeps `unmet` ones; `why` adds conditions, missing facts and differences."""

    def __init__(self, fixed: Mapping[str, tuple[list[str], str | None]], everything: bool, why: bool) -> None:
        self.fixed, self.everything, self.why = fixed, everything, why
        self.schema, self.totals_schema = outcome_schema(why), total_schema()
        self.outcomes: list[tuple[Any, ...]] = []
        self.totals: list[tuple[Any, ...]] = []

    def add(self, number: int, code: str, decision: Decision) -> None:
        """The rows of one decision; an enterprise keeps at least one."""
        kept = [item for item in decision.outcomes if self.everything or item.status != "unmet"]
        for item in kept or decision.outcomes[:1]:
            self.outcomes.append(self._row(number, code, item))
        for recipient, total in decision.totals.items():
            self.totals.append((number, code, recipient, total.low, total.high))

    def _row(self, number: int, code: str, item: Outcome) -> tuple[Any, ...]:
        lines, recipient = self.fixed[item.measure]
        row: tuple[Any, ...]
        if item.status in CLAIMED:
            row = (
                number, code, item.measure, item.subject, item.status, lines, recipient, *_ends(item.standard), *_ends(item.amount),
                list(item.superseded_by), list(item.contested_by), item.break_even, item.basis, _funding(item.funding),
            )  # fmt: skip
        else:
            # What only an explanation needs is not made.
            row = (
                number,
                code,
                item.measure,
                item.subject,
                item.status,
                lines,
                recipient,
                *[None] * 4,
                [],
                [],
                None,
                None,
                None,
            )
        if self.why:
            conditions = [part.model_dump(mode="json", exclude_defaults=True) for part in item.conditions]
            told = json.dumps(conditions, ensure_ascii=False) if conditions else None
            row += (item.difference, list(item.missing), told)
        return row

    def take(self) -> tuple[pa.Table, pa.Table]:
        """The rows made so far, as tables."""
        made = _table(self.outcomes, self.schema), _table(self.totals, self.totals_schema)
        self.outcomes, self.totals = [], []
        return made


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    if not rows:
        return schema.empty_table()
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _ends(range_: Range | None) -> tuple[Any, Any]:
    return (None, None) if range_ is None else (range_.low, range_.high)


def _funding(shares: Mapping[str, Range] | None) -> list[dict[str, Any]] | None:
    if shares is None:
        return None
    return [{"payer": payer, "low": share.low, "high": share.high} for payer, share in shares.items()]
