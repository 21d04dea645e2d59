"""What the models know about each of their fields: label, kind, unit, what leaving it out means; and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, InitErrorDetails, ValidationError, core_schema

from conggao.facts import values
from conggao.facts.diagnostics import Text, quote
from conggao.facts.quantities import LIMIT, YEARS, integer, quantity, year
from conggao.facts.refusals import refuse
from conggao.facts.units import MONEY, PURE, Dimension, unit_symbol
from conggao.facts.words import CORE, Words

Kind = Literal["quantity", "flag", "integer", "text", "word", "words", "years", "date"]
Absent = Literal["zero", "false", "unknown", "empty"]
Form = Literal["line", "id", "credit_code", "industry", "subject", "year"]

MOST = 10_000
"""Entries of the longest list taken."""

_READERS: dict[str, values.Reader] = {
    "flag": values.flag, "integer": integer, "text": values.text, "date": values.day, "years": year,
    "line": values.text, "id": values.identifier, "credit_code": values.code, "industry": values.industry,
    "subject": values.subject, "year": year,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a model. As an annotation it makes pydantic read the field, exactly, from text or Python values."""

    label: Text
    kind: Kind
    dimension: Dimension = PURE
    absent: Absent = "unknown"
    list: str | None = None
    """The closed list of a word: `titles`, `purposes` …"""
    form: Form | None = None
    """How a text or an integer is written."""
    required: bool = False
    signed: bool = False
    words: tuple[tuple[str, Text], ...] | None = None
    """The words of the list, where they are not those of the core."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        reader = self.reader()
        if self.kind in ("words", "years"):
            entries = core_schema.tuple_variable_schema(
                core_schema.no_info_plain_validator_function(_required(reader)), max_length=MOST
            )
            once = core_schema.no_info_after_validator_function(_once, entries)
            return core_schema.no_info_before_validator_function(_nothing_is_empty, once)
        serialization = None
        if self.kind == "quantity":
            serialization = core_schema.plain_serializer_function_ser_schema(
                plain, return_schema=core_schema.str_schema(), when_used="json-unless-none"
            )
        elif self.kind == "date":
            serialization = core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema(), when_used="json-unless-none"
            )
        read = _required(reader) if self.required else _optional(reader)
        return core_schema.no_info_plain_validator_function(read, serialization=serialization)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        made: dict[str, Any] = {"title": self.label.en, "description": self.label.zh}
        unit = unit_symbol(self.dimension, "en")
        match self.kind:
            case "quantity":
                least = {} if self.signed else {"minimum": 0}
                made["anyOf"] = [{"type": "number", "exclusiveMaximum": int(LIMIT), **least}, {"type": "string"}]
                if unit:
                    made["x-unit"] = unit
            case "integer":
                low, high = YEARS if self.form == "year" else (0, None)
                made |= {"type": "integer", "minimum": low} | ({} if high is None else {"maximum": high})
            case "flag":
                made["type"] = "boolean"
            case "date":
                made |= {"type": "string", "format": "date"}
            case "word":
                made["enum"] = _either_name(self.table())
            case "words":
                made |= {"type": "array", "items": {"enum": _either_name(self.table())}, "maxItems": MOST}
            case "years":
                made |= {"type": "array", "items": {"type": "integer"}, "maxItems": MOST}
            case _:
                made |= {"type": "string", "maxLength": values.LONGEST_TEXT}
        return made

    def table(self) -> Words:
        """The words that the fact takes."""
        return dict(self.words) if self.words is not None else CORE[self.list or ""]

    def reader(self) -> values.Reader:
        """Reads one value, of a list one entry; refuses what it cannot read (see refusals)."""
        if self.kind == "quantity":
            return quantity(self.dimension, self.signed)
        if self.kind in ("word", "words"):
            return values.word(self.list or "", self.table())
        return _READERS[self.form or self.kind]


@dataclass(frozen=True, slots=True)
class Entries:
    """A list of models: nothing where it is left out, bounded, and no two with the same values of `key`."""

    label: Text
    key: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: Any = handler(source)
        schema["max_length"] = MOST
        if self.key:
            schema = core_schema.no_info_after_validator_function(self._unique, schema)
        return core_schema.no_info_before_validator_function(_nothing_is_empty, schema)

    def _unique(self, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(entries) > 1:
            twice = self.twice([tuple(getattr(entry, name) for name in self.key) for entry in entries])
            if twice:
                raise ValidationError.from_exception_data("entries", twice)
        return entries

    def twice(self, keys: Sequence[tuple[Any, ...] | None]) -> list[InitErrorDetails]:
        """An error for each key that stands there again; None keys are not compared."""
        seen: dict[tuple[Any, ...], int] = {}
        errors: list[InitErrorDetails] = []
        for index, key in enumerate(keys):
            if key is not None and seen.setdefault(key, index) != index:
                shown = quote(" ".join(str(part) for part in key if part is not None))
                message = Text(f"{shown} 写了两次", f"{shown} stands here twice")
                help_ = Text(f"每个{self.label.zh}只写一次", f"give each {self.label.en} once")
                error = refuse("duplicate", message, help_, first=seen[key])
                errors.append(InitErrorDetails(type=error, loc=(index, self.key[-1]), input=key[-1]))
        return errors


def money(zh: str, en: str, absent: Absent = "unknown") -> Fact:
    """Money in yuan."""
    return Fact(Text(zh, en), "quantity", MONEY, absent)


def amount(zh: str, en: str, dimension: Dimension, absent: Absent = "unknown") -> Fact:
    """A quantity of `dimension` in base units."""
    return Fact(Text(zh, en), "quantity", dimension, absent)


def flag(zh: str, en: str) -> Fact:
    """Yes, no, or unknown."""
    return Fact(Text(zh, en), "flag")


def plain(value: Decimal) -> str:
    """A quantity as plain decimal text."""
    return format(value, "f")


def _optional(reader: values.Reader) -> values.Reader:
    def read(value: Any) -> Any:
        return None if value is None else reader(value)

    return read


def _required(reader: values.Reader) -> values.Reader:
    def read(value: Any) -> Any:
        if value is None:
            message = Text("此处是空的", "there is nothing here")
            raise refuse("missing", message, Text("这一项必须写", "this one is required"))
        return reader(value)

    return read


def _nothing_is_empty(value: Any) -> Any:
    return () if value is None else value


def no_keys(value: Any) -> Any:
    """A mapping left empty has no keys."""
    return {} if value is None else value


def _once(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(entries))


def _either_name(table: Words) -> list[str]:
    """The words of a closed list by either of their names, as a case file may have them."""
    return [*sorted(table), *(label.zh for _, label in sorted(table.items()))]
