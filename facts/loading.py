"""Cases from files, texts and Python values. All faults of a case come at once, as InputFaults."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from conggao.facts.diagnostics import Diagnostic, InputFaults, Label, Span, Text
from conggao.facts.documents import LARGEST, Document, decode, read_file, read_json, unreadable
from conggao.facts.faults import Faults
from conggao.facts.models import Case
from conggao.facts.refusals import shown
from conggao.facts.vocabulary import Vocabulary

PathLike = str | os.PathLike[str]


def load_case(path: PathLike, vocabulary: Vocabulary | None = None) -> Case:
    """The case in a YAML or JSON file; without a vocabulary, that of the core. Raises InputFaults."""
    name = os.fspath(path)
    if name.lower().endswith(".jsonl"):
        message = Text("JSONL 文件里有许多案例，此处只要一个", "a JSONL file holds many cases; one is wanted here")
        raise InputFaults([Diagnostic("case/several", message, (Label(Span(name, None)),))])
    document, text = read_file(path)
    try:
        if document.data is None:
            message = Text("文件是空的", "the file is empty")
            raise InputFaults([Diagnostic("case/empty", message, (Label(Span(name, None)),))])
        return read_document(document, vocabulary)
    except InputFaults as faults:
        raise InputFaults(faults.diagnostics, {name: text}) from None


def load_cases(path: PathLike, vocabulary: Vocabulary | None = None) -> Iterator[tuple[int, Case | InputFaults]]:
    """The cases of a JSONL file with their line numbers; a bad line yields its InputFaults and stops no other.

    Raises InputFaults where the file cannot be opened.
    """
    name = os.fspath(path)
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - the generator closes it
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None
    return _lines(file, name, vocabulary or Vocabulary.core())


def _lines(file: BinaryIO, name: str, vocabulary: Vocabulary) -> Iterator[tuple[int, Case | InputFaults]]:
    with file:
        number = 0
        while True:
            try:
                raw = file.readline(LARGEST + 1)
            except OSError as error:
                raise unreadable(name, error) from None
            if not raw:
                return
            number += 1
            if len(raw) > LARGEST:
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(LARGEST + 1)
                message = Text(f"这一行超过 {LARGEST:,} 字节", f"this line has more than {LARGEST:,} bytes")
                yield number, InputFaults([Diagnostic("document/too-large", message, (Label(Span(name, number)),))])
            elif raw.strip(b"\xef\xbb\xbf \t\r\n"):
                yield number, _line(raw, name, number, vocabulary)


def _line(raw: bytes, name: str, number: int, vocabulary: Vocabulary) -> Case | InputFaults:
    try:
        return read_document(read_json(decode(raw, name, number), name, number), vocabulary)
    except InputFaults as faults:
        return faults


def read_document(document: Document, vocabulary: Vocabulary | None = None) -> Case:
    """The case that a document, or a part of one, holds; nothing at all is a case without facts. Raises InputFaults."""
    return _validated({} if document.data is None else document.data, vocabulary, document)


def read_case(data: Case | Mapping[str, Any], vocabulary: Vocabulary | None = None) -> Case:
    """The case that Python values hold. Raises InputFaults.

    Quantities are int, Decimal, Fraction, text with units, or float (taken as its shortest text); dates `date` or text.
    """
    return data if isinstance(data, Case) else _validated(data, vocabulary, None)


def _validated(data: Any, vocabulary: Vocabulary | None, document: Document | None) -> Case:
    known = vocabulary or Vocabulary.core()
    if not isinstance(data, Mapping):
        found = shown(data)
        message = Text(f"案例应是 `键: 值`，而不是{found.zh}", f"a case is `key: value` lines, not {found.en}")
        span = None if document is None else document.span(()) or Span(document.name, document.first_line)
        help_ = Text("从 `as_of: 2025-03-01` 和 `enterprise:` 写起", "begin with `as_of: 2025-03-01` and `enterprise:`")
        raise InputFaults([Diagnostic("case/type", message, (Label(span),) if span else (), help=help_)])
    plain = data if isinstance(data, dict) else dict(data)
    try:
        return known.case_model().model_validate(plain)
    except ValidationError as error:
        raise InputFaults(Faults(plain, known, document).of(error)) from None
