"""The schemas say what the readers take: every shipped block is valid by them, and what the readers refuse by its keys they refuse."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from conggao.engine import Engine
from conggao.engine.authoring.schema import schemas
from conggao.engine.rulebook import keys
from conggao.engine.rulebook.library import load_pages, shipped
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults
from conggao.facts.documents import read_yaml
from tests.conftest import ROOT

PAGES = {name: parse_page(path.read_bytes(), path.name) for name, path in shipped().items()}


@pytest.fixture(scope="module")
def validators(everything: Engine) -> dict[str, Any]:
    made = {}
    for part, each in schemas(everything.vocabulary).items():
        jsonschema.Draft202012Validator.check_schema(each)
        made[part] = jsonschema.Draft202012Validator(each)
    return made


def faults(validator: Any, data: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(data)]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_shipped_block_is_valid(name: str, validators: dict[str, Any]) -> None:
    page = PAGES[name]
    assert faults(validators["front"], read_yaml(page.front, name).data) == []
    for block in page.blocks:
        told = faults(validators[block.kind], _plain(block.kind, block.text, name))
        assert told == [], f"{name}:{block.line}"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_so_they_are_as_an_editor_reads_them(name: str, validators: dict[str, Any]) -> None:
    """An editor's YAML has numbers and truths where ours keeps what is written."""
    yaml = YAML(typ="safe", pure=True)
    yaml.resolver.add_version_implicit_resolver  # noqa: B018 - the resolver of YAML 1.2, which has no dates
    page = PAGES[name]
    for block in page.blocks:
        if block.kind in ("measure", "derive", "facts", "parameter", "amend"):
            data = _without_dates(yaml.load(block.text))
            assert faults(validators[block.kind], data) == [], f"{name}:{block.line}"


def _plain(kind: str, text: str, name: str) -> Any:
    """A block as our reader has it; the facts of a case as an editor has them, since a model reads them by their types."""
    data = read_yaml(text, name).data
    if kind == "case":
        data = {**data, "given": _without_dates(YAML(typ="safe", pure=True).load(text).get("given"))}
    return data


def _without_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _without_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_dates(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_the_sample_is_a_valid_case_file(validators: dict[str, Any]) -> None:
    text = (ROOT / "policy" / "yinchuan" / "cases" / "sample.yaml").read_text("utf-8")
    assert faults(validators["case-file"], _without_dates(YAML(typ="safe", pure=True).load(text))) == []


@pytest.mark.parametrize(
    ("part", "data", "what"),
    [
        ("measure", {"id": "1", "title": {"zh": "甲", "en": "A"}, "lines": ["x"], "pay": "1 元", "up_to": "2 元"}, "oneOf"),
        ("measure", {"id": "1", "title": {"zh": "甲", "en": "A"}, "pay": "1 元"}, "lines"),
        ("measure", {"id": "1", "title": {"zh": "甲", "en": "A"}, "lines": ["x"], "pays": "1 元"}, "pays"),
        ("measure", {"id": "1", "title": {"zh": "甲"}, "lines": ["x"], "pay": "1 元"}, "en"),
        ("measure", {"id": "1", "title": {"zh": "甲", "en": "A"}, "lines": ["x"], "pay": "1 元", "once": "ever"}, "ever"),
        ("facts", {"facts": [{"name": "x", "label": {"zh": "甲", "en": "A"}, "type": "number"}]}, "number"),
        ("parameter", {"name": "x", "label": {"zh": "甲", "en": "A"}, "values": {"2024": {"value": "3%"}}}, "source"),
        ("amend", {"measure": "a/1", "from": "2025-01-01", "set": {"subject": "park"}}, "subject"),
        ("case-file", {"enterprise": {"countty": "银川"}}, "countty"),
    ],
)  # fmt: skip
def test_what_a_reader_refuses_is_refused(part: str, data: Any, what: str, validators: dict[str, Any]) -> None:
    (error, *_) = validators[part].iter_errors(data)
    assert what in f"{error.message} {error.validator}"


def test_every_key_is_told_in_both_languages() -> None:
    for block in (keys.FRONT, keys.FACT, *keys.BLOCKS.values()):
        assert len(set(keys.names(block))) == len(block)
        for key in block:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in key.about.zh), key.name
            assert key.about.en.isascii(), key.name


def test_a_needed_key_is_one_that_the_reader_asks_for() -> None:
    """Of a shipped page, a block without a needed key is refused, and the key named."""
    page = PAGES["ningxia-rd-2022"]
    text = page.text
    for key in keys.MEASURE:
        block = next(block for block in page.blocks if block.kind == "measure")
        lines = [line for line in block.text.splitlines() if not line.startswith(f"{key.name}:")]
        if key.needed:
            with pytest.raises(InputFaults) as raised:
                load_pages([parse_page(text.replace(block.text, "\n".join(lines) + "\n").encode(), "page.md")])
            assert any(f"`{key.name}`" in item.message.en for item in raised.value.diagnostics), key.name
