"""YAML and JSON as plain data of source text, with the place of every value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.facts.diagnostics import InputFaults, Span
from conggao.facts.documents import LARGEST, Document, Place, decode, read_bytes, read_file, read_json, read_yaml

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), max_size=8).filter(
    lambda text: "\ufeff" not in text
)
KEYS = WORDS.filter(lambda text: text.strip() not in ("", "<<"))
DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def as_text(data: Any) -> Any:
    """Data as they are read from JSON: numbers as their text."""
    if isinstance(data, dict):
        return {key: as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_text(value) for value in data]
    return data if data is None or isinstance(data, bool) else str(data)


def leaves(data: Any, place: Place = ()) -> list[tuple[Place, str]]:
    """Every text with its place."""
    if isinstance(data, dict):
        return [item for key, value in data.items() for item in leaves(value, (*place, key))]
    if isinstance(data, list):
        return [item for index, value in enumerate(data) for item in leaves(value, (*place, index))]
    return [(place, data)] if isinstance(data, str) else []


def at(text: str, span: Span) -> str:
    assert span.line is not None
    assert span.column is not None
    row = text.split("\n")[span.line - 1]
    return row[span.column - 1 : span.column - 1 + span.length]


@given(DATA, st.sampled_from([None, 1, 2]))
def test_json_is_read_as_its_text_and_located(data: Any, indent: int | None) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    document = read_json(text, "f")
    assert document.data == as_text(data)
    for place, leaf in leaves(document.data):
        span = document.span(place)
        assert span is not None
        if leaf and not set(leaf) & set('"\\'):
            assert at(text, span) == leaf


@given(DATA, st.sampled_from([None, 1, 2]))
def test_yaml_reads_json_alike(data: Any, indent: int | None) -> None:
    """Two readers that share nothing but the wish: what JSON says is also YAML. True and false stay text there."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    found = read_yaml(text, "f").data
    assert found == _lowered(as_text(data))


def _lowered(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _lowered(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_lowered(value) for value in data]
    return str(data).lower() if isinstance(data, bool) else data


YAML = """\
# comment
policy: yinchuan-2024-2   # plain
'quoted key': "a \\"b\\""
list: [0610, "x y", ~, ]
empty:
when:
  - 研发费用 > 0 元
  - '用途 包含 "x"'
folded: >
  one
  two
nested: {zh: 中文, en: English}
date: 2025-03-01
"""


def test_yaml_scalars_stay_text() -> None:
    assert read_yaml(YAML).data == {
        "policy": "yinchuan-2024-2",
        "quoted key": 'a "b"',
        "list": ["0610", "x y", None],
        "empty": None,
        "when": ["研发费用 > 0 元", '用途 包含 "x"'],
        "folded": "one two\n",
        "nested": {"zh": "中文", "en": "English"},
        "date": "2025-03-01",
    }
    assert read_yaml("a: 'null'\nb: ''\nc: Null\nd: \"~\"").data == {"a": "null", "b": "", "c": None, "d": "~"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_yaml_places(newline: str) -> None:
    document = read_yaml(YAML.replace("\n", newline), "f", 10)
    assert document.span(("when", 0)) == Span("f", 16, 5, 10)
    assert document.span(("when", 1)) == Span("f", 17, 6, 9), "after the quotation mark"
    assert document.span(("list", 1)) == Span("f", 13, 15, 3)
    assert document.span(("folded",)) == Span("f", 18), "not one stretch of a line"
    assert document.span(("quoted key",)) == Span("f", 12), "with escapes: neither"
    assert document.key_span(("quoted key",)) == Span("f", 12, 2, 10)
    assert document.key_span(("nested", "en")) == Span("f", 21, 18, 2)
    assert document.span(("nested", "fr")) is None


def test_part_of_a_document_keeps_its_places() -> None:
    part: Document = read_yaml(YAML, "f").below("nested")
    assert part.data == {"zh": "中文", "en": "English"}
    assert part.span(("zh",)) == Span("f", 12, 14, 2)
    assert part.key_span(("zh",)) == Span("f", 12, 10, 2)
    assert read_yaml(YAML).below("nothing").data is None
    assert read_json('{"a": {"b": 1}}').below("a").span(("b",)) == Span(None, 1, 13, 1)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x 1\nb: *x", "document/alias", 1, 4),
        ("a: 1\nb: *x", "document/alias", 2, 4),
        ("a: {}\nb:\n  <<: {c: 1}", "document/alias", 3, 3),
        ("a: !!int 1", "document/tag", 1, 4),
        ("a: !!python/object/apply:os.system [ls]", "document/tag", 1, 4),
        ("a: !" + "x" * 100_000, "document/tag", 1, 4),
        ("a: 1\nb: 2\na: 3", "document/duplicate-key", 3, 1),
        ("a: 1\n---\nb: 2", "document/several", 2, 1),
        ("? [a]\n: 1", "document/key", 1, 3),
        (": 1", "document/key", 1, 1),
        ("a: \x00", "document/character", 1, 4),
        ("a: x\u2028y", "document/character", 1, 5),
        ("[" * 33, "document/too-deep", 1, 33),
        ("- " * 33 + "1", "document/too-deep", 1, 65),
        ("a: [1, 2\nb: 3", "document/syntax", 2, 2),
        ("a: 1\n\tb: 2", "document/syntax", 2, 1),
        ("a: %x", "document/syntax", 1, 4),
        ("a: @x", "document/syntax", 1, 4),
        ("a: `x`", "document/syntax", 1, 4),
        ('a: "x" y', "document/syntax", 1, 8),
        ('a: "x\n', "document/syntax", 2, 1),
        ("a: b: c", "document/syntax", 1, 5),
        ("a:1\nb: 2", "document/syntax", 1, 1),
        ("a: 1\n  b: 2", "document/syntax", 2, 4),
        ('a: "\\q"', "document/syntax", 1, 6),
        ('a: "\\UFFFFFFFF"', "document/syntax", None, None),
    ],
)
def test_bad_yaml(text: str, code: str, line: int | None, column: int | None) -> None:
    with pytest.raises(InputFaults) as caught:
        read_yaml(text, "f")
    (fault,) = caught.value.diagnostics
    span = fault.labels[0].span
    assert (fault.code, span.line, span.column) == (code, line, column)
    assert fault.message.zh != fault.message.en


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\n\tb: 2", "indented with a tab"),
        ("a: %x", "cannot begin with this sign"),
        ('a: "x" y', "more text after the quotation mark"),
        ("a:1\nb: 2", "space is missing after the colon"),
        ("a：1\nb: 2", "full-width colon"),
        ("a: b: c", "colon is not expected"),
        ("a: [1, 2\nb: 3", "comma is missing in the brackets"),
        ("a: 'x", "quotation mark is not closed"),
        ("a:\n  - b\n c: 1", "indentation"),
        ("a:\n  b: 1\n  c:2\n  d: 3", "space is missing after the colon"),
    ],
)
def test_yaml_syntax_errors_say_what_to_do(text: str, says: str) -> None:
    with pytest.raises(InputFaults) as caught:
        read_yaml(text)
    assert says in caught.value.diagnostics[0].message.en


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('{"a": 1,\n "a": 2}', "document/duplicate-key", 2, 3),
        ('{"a": 1,}', "document/syntax", 1, None),
        ("{'a': 1}", "document/syntax", 1, 2),
        ('{"a" 1}', "document/syntax", 1, 6),
        ('{"a": 1} x', "document/syntax", 1, 10),
        ('{"a": "x\ny"}', "document/syntax", 1, None),
        ("", "document/syntax", 1, 1),
        ("[" * 100_000, "document/too-deep", 1, 33),
        ('{"a":' * 100_000, "document/too-deep", 1, 161),
        ("[" + "1," * 300_000 + "1]", "document/too-large", None, None),
    ],
)
def test_bad_json(text: str, code: str, line: int | None, column: int | None) -> None:
    with pytest.raises(InputFaults) as caught:
        read_json(text, "f")
    fault = caught.value.diagnostics[0]
    span = fault.labels[0].span
    assert (fault.code, span.line) == (code, line)
    assert column is None or span.column == column


def test_brackets_in_texts_are_no_nesting() -> None:
    assert read_json(json.dumps({"a": "[" * 100})).data == {"a": "[" * 100}


def test_both_places_of_a_key_that_stands_twice() -> None:
    for read in (read_yaml, read_json):
        with pytest.raises(InputFaults) as caught:
            read('{"a": {"b": 1,\n"b": 2}, "c": 3}', "f")
        assert [label.span.line for label in caught.value.diagnostics[0].labels] == [2, 1]


def test_many_keys_twice_are_told_once_enough() -> None:
    for read, text in ((read_yaml, "a: 1\n" * 100_000), (read_json, "{" + '"a": 1,' * 100_000 + '"a": 1}')):
        with pytest.raises(InputFaults) as caught:
            read(text)
        assert len(caught.value.diagnostics) == 100


def test_byte_order_mark_and_encoding() -> None:
    assert decode("﻿a: 1".encode(), "f") == "a: 1"
    with pytest.raises(InputFaults) as caught:
        decode("a: 1\nb: 中".encode("gbk"), "f", 1)
    assert caught.value.diagnostics[0].code == "document/encoding"
    assert caught.value.diagnostics[0].labels[0].span.line == 2


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    """A sparse file of 50 GB: reading it would take the machine down."""
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(50 * 1024**3)
    with pytest.raises(InputFaults) as caught:
        read_bytes(large)
    assert caught.value.diagnostics[0].code == "document/too-large"
    assert f"{LARGEST:,}" in caught.value.diagnostics[0].message.en


def test_endless_file_is_refused() -> None:
    """A device has no size: no more than the limit is read."""
    with pytest.raises(InputFaults) as caught:
        read_bytes("/dev/zero")
    assert caught.value.diagnostics[0].code == "document/too-large"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none.yaml", "no such file"), (tmp_path, "a folder"), ("a\0b", "cannot be read")):
        with pytest.raises(InputFaults) as caught:
            read_file(path)
        assert said in caught.value.diagnostics[0].message.en


def test_format_by_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"flag": true}', encoding="utf-8")
    (tmp_path / "a.yaml").write_text('{"flag": true}', encoding="utf-8")
    assert read_file(tmp_path / "a.json")[0].data == {"flag": True}
    assert read_file(tmp_path / "a.yaml")[0].data == {"flag": "true"}
