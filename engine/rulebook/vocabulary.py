"""`facts` blocks: the facts, titles and purposes that a policy needs and the vocabulary lacks."""

from __future__ import annotations

from typing import Any

from conggao.engine.rulebook import keys
from conggao.engine.rulebook.reader import Reader
from conggao.facts.diagnostics import InputFaults, Text, did_you_mean
from conggao.facts.holders import HOLDERS
from conggao.facts.units import PURE, UnknownUnit, unit
from conggao.facts.vocabulary import FactSpec, Vocabulary

_FACT = keys.names(keys.FACT)
_ABSENT = {
    "quantity": ("zero", "unknown"), "integer": ("zero", "unknown"), "flag": ("false", "unknown"), "date": ("unknown",),
    "text": ("unknown",), "word": ("unknown",), "years": ("false", "zero", "unknown"),
}  # fmt: skip
"""What leaving out a fact of each type can mean."""


def extend(vocabulary: Vocabulary, reader: Reader) -> Vocabulary:
    """`vocabulary` with what the block declares; faults are noted and what is faulty is left out."""
    reader.only(keys.names(keys.FACTS))
    specs = [spec for index, item in enumerate(_list(reader)) if (spec := _fact(reader, index, item)) is not None]
    words = {key: _words(reader, key) for key in ("titles", "purposes")}
    try:
        return vocabulary.extend(specs, words["titles"], words["purposes"])
    except InputFaults as faults:
        for item in faults.diagnostics:
            reader.fault(item.code, ("facts",), item.message, item.help)
        return vocabulary


def _list(reader: Reader) -> list[Any]:
    value: Any = reader.data.get("facts", [])
    if isinstance(value, list):
        return value
    reader.fault("page/shape", ("facts",), Text("`facts` 应是列表", "`facts` should be a list"))
    return []


def _fact(reader: Reader, index: int, item: Any) -> FactSpec | None:
    path = ("facts", index)
    if not isinstance(item, dict):
        reader.fault(
            "page/shape",
            path,
            Text("每个事实写作 `{name: …, label: …, …}`", "a fact is written `{name: …, label: …, …}`"),
        )
        return None
    before = len(reader.faults)
    for key in item:
        if key not in _FACT:
            reader.fault(
                "page/unknown-key",
                (*path, key),
                Text(f"不认识的键 `{key}`", f"unknown key `{key}`"),
                did_you_mean(key, _FACT),
            )
    name = str(item.get("name", ""))
    if not name.isascii() or not name.isidentifier() or name != name.lower():
        reader.fault(
            "page/name",
            (*path, "name"),
            Text("名称用小写英文、数字和下划线", "a name is lower-case English letters, digits and underscores"),
        )
    label = reader.bilingual_value(item.get("label"), (*path, "label"))
    kind = _one_of(reader, (*path, "type"), item.get("type"), keys.TYPES)
    subject = _one_of(reader, (*path, "subject"), item.get("subject", "enterprise"), keys.SUBJECTS)
    absent = _one_of(reader, (*path, "absent"), item.get("absent", "unknown"), ("zero", "false", "unknown"))
    if absent not in _ABSENT[kind]:
        reader.fault(
            "page/choice",
            (*path, "absent"),
            Text(f"`{kind}` 的事实不能 `absent: {absent}`", f"a fact of type `{kind}` cannot be `absent: {absent}`"),
            Text("可写：" + "、".join(_ABSENT[kind]), "one of: " + ", ".join(_ABSENT[kind])),
        )
    held = _one_of(reader, (*path, "held_by"), item.get("held_by", "application"), HOLDERS)
    dimension = PURE
    if kind == "quantity":
        try:
            dimension = unit(str(item["unit"])).dimension if "unit" in item else PURE
        except UnknownUnit as fault:
            reader.fault("page/unit", (*path, "unit"), fault.message, fault.help)
    words = item.get("words")
    if kind == "word" and not isinstance(words, dict):
        reader.fault("page/shape", path, Text("`type: word` 要有 `words` 词表", "`type: word` needs its list `words`"))
    if len(reader.faults) > before or label is None:
        return None
    table: dict[str, Text] = {}
    for key, text in (words if isinstance(words, dict) else {}).items():
        made = reader.bilingual_value(text, (*path, "words", key))
        if made is not None:
            table[key] = made
    return FactSpec.declared(name, label, kind, dimension, subject, absent, table, held)


def _one_of(reader: Reader, path: tuple[str | int, ...], value: Any, known: tuple[str, ...]) -> str:
    if value in known:
        return str(value)
    message = Text(f"`{path[-1]}` 不能是 `{value}`", f"`{path[-1]}` cannot be `{value}`")
    reader.fault("page/choice", path, message, Text("可写：" + "、".join(known), "one of: " + ", ".join(known)))
    return known[0]


def _words(reader: Reader, key: str) -> dict[str, Text]:
    value: Any = reader.data.get(key, {})
    if not isinstance(value, dict):
        reader.fault(
            "page/shape",
            (key,),
            Text(f"`{key}` 应写作 `名称: {{zh: …, en: …}}`", f"`{key}` is written `name: {{zh: …, en: …}}`"),
        )
        return {}
    return {
        name: label for name, item in value.items() if (label := reader.bilingual_value(item, (key, name))) is not None
    }
