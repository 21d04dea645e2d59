"""Files damaged at random: they load, or every fault is told; nothing else, and never for long."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

from hypothesis import event, given
from hypothesis import strategies as st

from conggao.engine.rulebook.library import shipped_vocabulary
from conggao.facts.diagnostics import InputFaults, as_json
from conggao.facts.documents import decode, read_json, read_yaml
from conggao.facts.loading import load_case, load_cases, read_document
from conggao.facts.models import Case

SHIPPED = shipped_vocabulary()
FILE = Path(__file__).resolve().parent.parent.parent / "policy" / "yinchuan" / "cases" / "sample.yaml"
SAMPLE = FILE.read_text(encoding="utf-8")
JSON = json.dumps(load_case(FILE, SHIPPED).document(), indent=1, ensure_ascii=False)
LONGEST = 10.0
"""Seconds; a damaged sample takes some milliseconds."""

SPLINTERS = st.one_of(
    st.sampled_from([
        "", " ", "\n", "\t", "\r", ":", ": ", "- ", "{", "}", "[", "]", ",", '"', "'", "#", "&a ", "*a", "!!int ", "<<: ",
        "? ", "| ", "> ", "%", "@", "`", "---\n", "...\n", "null", "~", "true", "NaN", "1" * 100, "1e999", "-1", "0x1",
        "\x00", "\ufeff", "\u2028", "\\ud800", "\\U", "\u3000", "万元", "吨", "：", "％", "  " * 40, "[" * 40, "- " * 40,
        "year: 2024", "id: P1", "purposes", "enterprise:", "projects:", "2024-02-30", "project:", '"\\x"', "\x1b[31m",
    ]),
    st.text("0123456789.-万元吨%人 e", max_size=6),
    st.text(max_size=2),
)  # fmt: skip
Edits = list[tuple[int, int, str]]
EDITS = st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 12), SPLINTERS), min_size=1, max_size=3)


def damaged(text: str, edits: Edits) -> bytes:
    """`text` with pieces taken out and splinters put in."""
    for place, length, splinter in edits:
        start = place % (len(text) + 1)
        text = text[:start] + splinter + text[start + length :]
    return text.encode("utf-8", "replace")


def outcome(raw: bytes, yaml: bool) -> Case | InputFaults:
    try:
        text = decode(raw, "case")
        return read_document((read_yaml if yaml else read_json)(text, "case"), SHIPPED)
    except InputFaults as faults:
        return faults


def check(raw: bytes, *, yaml: bool) -> None:
    """Loads, or says what is wrong in both languages, in good time; what loads, loads again from its JSON form."""
    begun = time.perf_counter()
    found = outcome(raw, yaml)
    event(type(found).__name__ if isinstance(found, Case) else found.diagnostics[0].code)
    if isinstance(found, Case):
        assert SHIPPED.case_model().model_validate(json.loads(json.dumps(found.document()))) == found
    else:
        check_faults(found, raw.count(b"\n") + raw.count(b"\r") + 1)
    assert time.perf_counter() - begun < LONGEST


def check_faults(faults: InputFaults, lines: int) -> None:
    assert faults.diagnostics
    for fault in faults.diagnostics:
        json.dumps(as_json(fault))
        for label in fault.labels:
            assert label.span.line is None or 1 <= label.span.line <= lines
    said = faults.render("zh") + faults.render("en")
    assert "Traceback" not in said
    assert "\x1b" not in said
    said.encode()


@given(EDITS)
def test_damaged_yaml(edits: Edits) -> None:
    check(damaged(SAMPLE, edits), yaml=True)


@given(EDITS)
def test_damaged_json(edits: Edits) -> None:
    check(damaged(JSON, edits), yaml=False)


@given(st.integers(0, 10**4), st.binary(min_size=1, max_size=3))
def test_damaged_bytes(place: int, splinter: bytes) -> None:
    raw = SAMPLE.encode()
    start = place % len(raw)
    check(raw[:start] + splinter + raw[start + 1 :], yaml=True)


@given(st.binary(max_size=60))
def test_any_bytes(raw: bytes) -> None:
    check(raw, yaml=True)
    check(raw, yaml=False)


@given(st.text(st.sampled_from(list("abé万:- \n\t{}[],'\"#&*!|>%?~0159.")), max_size=60))
def test_any_yaml_signs(text: str) -> None:
    check(text.encode(), yaml=True)


@given(st.lists(EDITS, min_size=1, max_size=4))
def test_damaged_lines(lines: list[Edits]) -> None:
    """Every line of a JSONL file gives a case or its faults, whatever the others hold."""
    from conggao.facts.loading import _lines

    whole = json.dumps(json.loads(JSON))
    rows = [damaged(whole, edits).replace(b"\n", b" ") for edits in lines]
    found = dict(_lines(io.BytesIO(b"\n".join([*rows, whole.encode()])), "many.jsonl", SHIPPED))
    assert isinstance(found[len(rows) + 1], Case)
    assert set(found) <= set(range(1, len(rows) + 2))


def test_jsonl_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    whole = json.dumps(json.loads(JSON))
    path.write_bytes(whole.encode() + b"\n" + damaged(whole, [(5, 1, "x")]))
    assert [isinstance(item, Case) for _, item in load_cases(path, SHIPPED)] == [True, False]
