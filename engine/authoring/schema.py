"""JSON Schemas of what a person writes: the blocks of a page, for editors, and case files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conggao.engine.rulebook import keys
from conggao.engine.rulebook.keys import Key
from conggao.facts.vocabulary import Vocabulary

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PARTS = ("front", *keys.BLOCKS, "case-file")
"""What there are schemas of: the front matter, each kind of block, and a case file."""


def schema(part: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The schema of one of PARTS. `vocabulary` names the facts, titles and purposes that a case may hold. KeyError for another part."""
    if part == "case-file":
        return {"$schema": DIALECT, **_case(vocabulary)}
    made = _object(keys.FRONT if part == "front" else keys.BLOCKS[part])
    if part == "facts":
        made["properties"]["facts"] |= {"items": _object(keys.FACT)}
    elif part == "measure":
        made |= _measure()
    elif part == "amend":
        own = [key for key in keys.MEASURE if key.name not in keys.FIXED]
        made["properties"]["set"] |= _object([Key(key.name, key.about, key.shape) for key in own])
    elif part == "case":
        # A page's cases are read with every fact of the shipped pages; what they say of amounts is free.
        case = _case(vocabulary)
        made["properties"]["given"] |= {"$ref": "#/$defs/given"}
        made["$defs"] = {**case.pop("$defs"), "given": case}
    return {"$schema": DIALECT, "title": part, **made}


def schemas(vocabulary: Vocabulary) -> dict[str, Any]:
    """All schemas by part."""
    return {part: schema(part, vocabulary) for part in PARTS}


def _object(known: Sequence[Key]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key.name for key in known if key.needed],
        "properties": {
            key.name: {**key.shape, "title": key.about.en, "description": f"{key.about.zh}。 {_sentence(key.about.en)}"}
            for key in known
        },
    }


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _measure() -> dict[str, Any]:
    """Of what a measure gives exactly one is said; one that only sets a ceiling gives nothing."""
    gives = ("pay", "up_to", "tiers", "service", "programme")
    nothing = {"not": {"anyOf": [{"required": [name]} for name in gives]}}
    return {
        "oneOf": [*({"required": [name]} for name in gives), {**nothing, "required": ["ceiling"]}],
        "allOf": [{"if": {"required": [name]}, "then": {"required": ["lines"]}} for name in ("pay", "up_to")],
    }


def _case(vocabulary: Vocabulary) -> dict[str, Any]:
    """A case file; a text that an editor takes for a number, as an industry code, is one that is kept as it is written."""
    made = vocabulary.case_model().model_json_schema(mode="validation")
    for part in made["$defs"].values():
        for shape in part["properties"].values():
            if shape.get("type") == "string" and "format" not in shape:
                shape["type"] = ["string", "number"]
    return made
