"""The YAML of a block read key by key: every fault is collected with its line, none stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from conggao.engine.language.parse import Origin
from conggao.facts.diagnostics import Diagnostic, Label, Span, Text, did_you_mean
from conggao.facts.documents import Document
from conggao.facts.words import other_level

Path = tuple[str | int, ...]


class Reader:
    """One block or front matter. `faults` is shared by all readers of a page."""

    def __init__(self, document: Document, faults: list[Diagnostic], breadcrumb: tuple[str, ...], name: str) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data if isinstance(document.data, dict) else {}
        self.faults = faults
        self.breadcrumb = breadcrumb
        self.name = name
        if not isinstance(document.data, dict):
            self.fault("page/shape", (), Text("此处应写 `键: 值`", "`key: value` lines are needed here"))

    def fault(self, code: str, path: Path, message: Text, help: Text | None = None) -> None:  # noqa: A002
        """Notes a fault at the value of `path`, or at the block where the path is not there."""
        span = self.document.span(path) or Span(self.name, self.document.first_line)
        self.faults.append(
            Diagnostic(
                code,
                message,
                (Label(span),),
                path=_shown(path),
                breadcrumb=self.breadcrumb,
                help=help,
            )
        )

    def only(self, known: Iterable[str]) -> None:
        """A fault for every key that is not among `known`."""
        allowed = list(known)
        for key in self.data:
            if key not in allowed:
                span = self.document.key_span((key,)) or Span(self.name, self.document.first_line)
                message = Text(f"不认识的键 `{key}`", f"unknown key `{key}`")
                help_ = did_you_mean(key, allowed) or Text(
                    "可写的键：" + "、".join(allowed), "keys: " + ", ".join(allowed)
                )
                self.faults.append(
                    Diagnostic(
                        "page/unknown-key", message, (Label(span),), path=key, breadcrumb=self.breadcrumb, help=help_
                    )
                )

    def text(self, key: str, *, required: bool = True) -> str:
        """The text under `key`; a fault and "" where it is not a text, or missing though `required`."""
        value = self.data.get(key)
        if value is None:
            if required:
                self._missing(key)
            return ""
        if not isinstance(value, str):
            self.fault("page/shape", (key,), Text(f"`{key}` 应是一个值", f"`{key}` should be one value"))
            return ""
        return value

    def bilingual(self, key: str, *, required: bool = True) -> Text | None:
        """`{zh: …, en: …}`."""
        value = self.data.get(key)
        if value is None:
            if required:
                self._missing(key)
            return None
        return self.bilingual_value(value, (key,))

    def bilingual_value(self, value: Any, path: Path) -> Text | None:
        if isinstance(value, dict) and isinstance(value.get("zh"), str) and isinstance(value.get("en"), str):
            return Text(value["zh"], value["en"])
        self.fault(
            "page/bilingual", path, Text(f"`{path[-1]}` 要有中文和英文", f"`{path[-1]}` needs Chinese and English"),
            Text("写作 `{zh: 中文, en: English}`", "write `{zh: 中文, en: English}`"),
        )  # fmt: skip
        return None

    def bilinguals(self, key: str) -> tuple[Text, ...]:
        """One `{zh, en}` or a list of them; none where the key is missing."""
        value = self.data.get(key)
        if value is None:
            return ()
        if isinstance(value, list):
            made = [self.bilingual_value(item, (key, index)) for index, item in enumerate(value)]
            return tuple(item for item in made if item is not None)
        one = self.bilingual_value(value, (key,))
        return () if one is None else (one,)

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """One of `known`; `default` where the key is missing (a fault if there is no default)."""
        value = self.data.get(key)
        if value is None:
            if default is None:
                self._missing(key)
                return known[0]
            return default
        if value in known:
            return str(value)
        message = Text(f"`{key}` 不能是 `{value}`", f"`{key}` cannot be `{value}`")
        options = Text("可写：" + "、".join(known), "one of: " + ", ".join(known))
        level = other_level(str(value)) if key == "level" else None
        self.fault("page/choice", (key,), message, level or did_you_mean(str(value), known) or options)
        return default or known[0]

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is missing."""
        value = self.data.get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.fault(
            "page/shape",
            (key,),
            Text(f"`{key}` 应是列表", f"`{key}` should be a list"),
            Text("写作 `[甲, 乙]`", "write `[a, b]`"),
        )
        return ()

    def day(self, key: str, *, required: bool = True) -> date | None:
        """A date."""
        text = self.text(key, required=required)
        return self.day_of(text, (key,)) if text else None

    def day_of(self, text: str, path: Path) -> date | None:
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            message = Text(f"`{text}` 不是日期", f"`{text}` is not a date")
            self.fault("page/date", path, message, Text("写作 `2024-06-01`", "write `2024-06-01`"))
            return None

    def origin(self, path: Path) -> Origin:
        """Where the expression under `path` stands."""
        span = self.document.span(path)
        if span is None:
            return Origin(self.name, self.document.first_line, None, self.breadcrumb)
        return Origin(span.file or self.name, span.line, span.column, self.breadcrumb, _shown(path))

    def _missing(self, key: str) -> None:
        self.fault("page/missing-key", (), Text(f"缺少 `{key}`", f"`{key}` is missing"))


def _shown(path: Path) -> str | None:
    """A path as a person counts: from one."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path) or None


def percentage(text: str) -> Decimal | None:
    """`20%` as 0.20; None where it is no percentage."""
    try:
        return Decimal(text.strip().removesuffix("%")) / 100 if text.strip().endswith("%") else None
    except InvalidOperation:
        return None
