"""`parameter` blocks: figures that the law borrows, by year, each with its source."""

from __future__ import annotations

from typing import Any

from conggao.engine.rulebook import keys
from conggao.engine.rulebook.model import Parameter, Value
from conggao.engine.rulebook.reader import Reader
from conggao.facts.diagnostics import Text
from conggao.facts.units import PURE, QuantityFault, parse_quantity
from conggao.facts.vocabulary import PARAMETER, FactSpec

_FIRST, _LAST = 1990, 2100


def read_parameter(reader: Reader, policy: str) -> Parameter | None:
    """The parameter; None with its faults noted. `values` may be empty: no value was seen, and cases supply it."""
    before = len(reader.faults)
    reader.only(keys.names(keys.PARAMETER))
    name, label = reader.text("name"), reader.bilingual("label")
    if name and (not name.isascii() or not name.isidentifier() or name != name.lower()):
        message = Text("名称用小写英文、数字和下划线", "a name is lower-case English letters, digits and underscores")
        reader.fault("page/name", ("name",), message)
    reader.choice("period", ("year",), "year")
    listed: Any = reader.data.get("values", {})
    if not isinstance(listed, dict):
        message = Text(
            "`values` 写作 `{2024: {value: 3%, source: …}}`", "write `values: {2024: {value: 3%, source: …}}`"
        )
        reader.fault("page/shape", ("values",), message)
        return None
    values: dict[int, Value] = {}
    for year, item in listed.items():
        value = _value(reader, str(year), item)
        if value is not None:
            values[int(str(year))] = value
    if len(reader.faults) > before or label is None:
        return None
    return Parameter(name, label, values, policy, reader.origin(("name",)))


def _value(reader: Reader, year: str, item: Any) -> Value | None:
    path = ("values", year)
    if not (year.isdecimal() and _FIRST <= int(year) <= _LAST):
        message = Text(f"`{year}` 不是年份", f"`{year}` is not a year")
        reader.fault("page/date", path, message)
        return None
    if (
        not isinstance(item, dict)
        or set(item) != {"value", "source"}
        or not all(isinstance(v, str) for v in item.values())
    ):
        message = Text("每个数值写明 `value` 和 `source`", "each value has its `value` and its `source`")
        reader.fault("parameter/source", path, message)
        return None
    try:
        value = parse_quantity(item["value"])
    except QuantityFault:
        value = None
    if value is None or value.dimension != PURE:
        message = Text(f"`{item['value']}` 不是纯数", f"`{item['value']}` is not a pure number")
        reader.fault("page/shape", (*path, "value"), message, Text("例如 `3.1%`", "for instance `3.1%`"))
        return None
    return Value(value.value, item["source"])


def spec_of(parameter: Parameter) -> FactSpec:
    """The parameter as rules name it."""
    return FactSpec(parameter.name, parameter.label, "quantity", PURE, "unknown", PARAMETER, held="published")
