"""What pydantic found wrong with a case, as diagnostics: at its line, by its path, with what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from conggao.facts.diagnostics import Diagnostic, Label, Span, Text, did_you_mean, quote
from conggao.facts.documents import Document, Place
from conggao.facts.fact import MOST, Entries
from conggao.facts.refusals import shown
from conggao.facts.vocabulary import Vocabulary, fact_of

SHOWN = 100
"""Faults of one case that are told one by one."""
_KEY = "[key]"
_IDS = ("id", "year", "title")
_SUBJECTS = {
    "enterprise": "enterprise", "report": "reports", "project": "projects",
    "service": "services", "park": "park", "park_report": "park.reports",
}  # fmt: skip


class Faults:
    """Turns the errors of one case into diagnostics: `raw` is what was validated, `document` where it stands, if so."""

    def __init__(self, raw: Any, vocabulary: Vocabulary, document: Document | None = None) -> None:
        self.raw, self.vocabulary, self.document = raw, vocabulary, document
        self.model = vocabulary.case_model()

    def of(self, error: ValidationError) -> list[Diagnostic]:
        """The diagnostics, in the order of the document where there is one."""
        errors = [*error.errors(include_url=False), *self._twice(error)]
        found = [self._diagnostic(item) for item in errors[:SHOWN]]
        found.sort(key=_line)
        if len(errors) > SHOWN:
            more = len(errors) - SHOWN
            message = Text(f"另有 {more} 处错误", f"and {more} more faults")
            found.append(Diagnostic("case/more", message, severity="note"))
        return found

    def _twice(self, error: ValidationError) -> Iterator[ErrorDetails]:
        """Entries that stand twice, where other faults of the list kept pydantic from looking."""
        broken = {item["loc"][0] for item in error.errors(include_url=False) if len(item["loc"]) > 1}
        for name in ("reports", "projects", "services"):
            entries = self.raw.get(name) if isinstance(self.raw, Mapping) else None
            rule = next((item for item in self.model.model_fields[name].metadata if isinstance(item, Entries)), None)
            if name not in broken or rule is None or not isinstance(entries, list | tuple) or len(entries) > MOST:
                continue
            keys = [_text(entry.get(rule.key[0])) if isinstance(entry, Mapping) else None for entry in entries]
            try:
                again = rule.twice([None if key is None else (key,) for key in keys])
                if again and not any(item["type"] == "duplicate" for item in error.errors() if item["loc"][0] == name):
                    raise ValidationError.from_exception_data("entries", again)
            except ValidationError as found:
                yield from ({**item, "loc": (name, *item["loc"])} for item in found.errors())  # type: ignore[misc]

    def _diagnostic(self, error: ErrorDetails) -> Diagnostic:
        place: Place = error["loc"]
        on_key = bool(place) and place[-1] == _KEY
        place = place[:-1] if on_key else place
        code, message, help_ = self._said(error, place)
        labels = self._labels(error, place, on_key or error["type"] == "extra_forbidden")
        return Diagnostic(f"case/{code}", message, labels, path=self._path(place) or None, help=help_)

    def _said(self, error: ErrorDetails, place: Place) -> tuple[str, Text, Text | None]:
        """The code, the message and the help of an error."""
        context = error.get("ctx", {})
        if "zh" in context:
            help_ = Text(context["help_zh"], context["help_en"]) if "help_zh" in context else None
            return error["type"], Text(context["zh"], context["en"]), help_
        if error["type"] == "extra_forbidden":
            return self._unknown_key(place)
        if error["type"] == "missing":
            name = quote(place[-1])
            return "missing", Text(f"缺少 {name}", f"{name} is missing"), Text("这一项必须写", "this one is required")
        return _shape(error)

    def _unknown_key(self, place: Place) -> tuple[str, Text, Text | None]:
        name = str(place[-1])
        model = self._model_at(place[:-1])
        message = Text(f"不认识的键 {quote(name)}", f"unknown key {quote(name)}")
        labels = {fact.label.zh: key for key in model.model_fields if (fact := fact_of(model, key)) is not None}
        if name in labels:
            return "unknown-key", message, Text(f"写作 `{labels[name]}`", f"write `{labels[name]}`")
        owners = [
            f"`{field}.{spec.name}`"
            for kind, field in _SUBJECTS.items()
            if (spec := self.vocabulary.find(kind, name)) is not None and spec.name != "division"
        ]
        if owners:
            return "unknown-key", message, Text(f"应写在 {'、'.join(owners)}", f"it belongs at {' or '.join(owners)}")
        near = did_you_mean(name, model.model_fields)
        known = [f"`{key}`" for key in model.model_fields]
        every = Text("可写：" + "、".join(known), "one of: " + ", ".join(known))
        return "unknown-key", message, near or every

    def _model_at(self, place: Place) -> type[BaseModel]:
        model: type[BaseModel] = self.model
        for step in place:
            field = model.model_fields.get(step) if isinstance(step, str) else None
            model = next(_models(field.annotation), model) if field is not None else model
        return model

    def _labels(self, error: ErrorDetails, place: Place, on_key: bool) -> tuple[Label, ...]:
        if self.document is None:
            return ()
        whole = Span(self.document.name, self.document.first_line)
        span = (self.document.key_span(place) if on_key else None) or self.document.span(place)
        while span is None and place:
            place = place[:-1]
            span = self.document.key_span(place) or self.document.span(place)
        labels = [Label(span or whole)]
        first = error.get("ctx", {}).get("first")
        if first is not None:
            list_place = error["loc"][:-2]
            before = self.document.span((*list_place, first, error["loc"][-1]))
            if before is not None:
                labels.append(Label(before, Text("第一次", "first")))
        return tuple(labels)

    def _path(self, place: Place) -> str:
        """`projects.P1.floor_area`, `received.1.amount`: entries by what names them, otherwise counted from 1."""
        parts: list[str] = []
        raw: Any = self.raw
        for step in place:
            if isinstance(step, int) and not isinstance(raw, Mapping):
                raw = raw[step] if isinstance(raw, Sequence) and not isinstance(raw, str) and step < len(raw) else None
                parts.append(_name(raw) or str(step + 1))
            else:
                raw = raw.get(step) if isinstance(raw, Mapping) else None
                parts.append(quote(step)[1:-1])
        return ".".join(parts)


def _shape(error: ErrorDetails) -> tuple[str, Text, Text | None]:
    """A list, a block or one value where another of these should be."""
    found = shown(error["input"])
    match error["type"]:
        case "model_type" | "dict_type":
            zh, en = f"此处应是 `键: 值`，而不是{found.zh}", f"`key: value` lines are expected here, not {found.en}"
            return "type", Text(zh, en), None
        case "tuple_type":
            zh, en = f"此处应是列表，而不是{found.zh}", f"a list is expected here, not {found.en}"
            return "type", Text(zh, en), Text("每项一行，以 `- ` 开头", "one entry a line, each after `- `")
        case "too_long":
            most = Text(f"最多 {MOST} 项", f"{MOST} entries at most")
            return "too-many", Text("列表太长", "the list is too long"), most
        case "invalid_key":
            return "type", Text("键应是文字", "a key is a text"), None
        case _:
            return "value", Text("此处的值不能用", "the value here cannot be used"), None


def _name(entry: Any) -> str | None:
    """What names an entry of a list; money received has no name, and is counted."""
    receipt = isinstance(entry, Mapping) and ("measure" in entry or "amount" in entry)
    for key in _IDS if isinstance(entry, Mapping) and not receipt else ():
        text = _text(entry.get(key))
        if text:
            return quote(text)[1:-1]
    return None


def _text(value: Any) -> str | None:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _line(item: Diagnostic) -> tuple[int, int]:
    span = item.labels[0].span if item.labels else Span(None, None)
    return span.line or 0, span.column or 0
