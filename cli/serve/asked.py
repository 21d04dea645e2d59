"""What a request says: its body as a case or an object of a few fields, with every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, did_you_mean
from conggao.facts.documents import Document, decode, read_json

TEXTS: tuple[type, ...] = (str,)


def document(raw: bytes) -> Document:
    """The body as JSON, numbers as their source text. Raises InputFaults."""
    return read_json(decode(raw, None))


def fields(raw: bytes, known: Mapping[str, tuple[type, ...]], needed: tuple[str, ...]) -> dict[str, Any]:
    """The body as an object of `known` fields, each of one of its types. Raises InputFaults: every fault of the fields at once."""
    data = document(raw).data
    if not isinstance(data, dict):
        raise InputFaults([_fault("shape", "请求应是一个对象", "the request is an object", None)])
    faults: list[Diagnostic] = []
    for name, value in data.items():
        if name not in known:
            zh, en = f"不认识的字段 `{name}`", f"unknown field `{name}`"
            faults.append(_fault("unknown-field", zh, en, name, did_you_mean(name, known)))
        elif value is not None and not isinstance(value, known[name]):
            faults.append(_fault("shape", f"`{name}` 的类型不对", f"`{name}` is of another type", name))
        elif isinstance(value, list) and str in known[name] and not all(isinstance(item, str) for item in value):
            faults.append(_fault("shape", f"`{name}` 应是文字的列表", f"`{name}` is a list of texts", name))
    faults += [
        _fault("missing-field", f"缺少 `{name}`", f"`{name}` is missing", name)
        for name in needed
        if data.get(name) is None
    ]
    if faults:
        raise InputFaults(faults)
    return {name: data.get(name) for name in known}


def _fault(code: str, zh: str, en: str, path: str | None, hint: Text | None = None) -> Diagnostic:
    return Diagnostic(f"request/{code}", Text(zh, en), path=path, help=hint)
