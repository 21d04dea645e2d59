"""A short YAML text is remembered: what is read the second time is what composing it again gives, and belongs to its reader alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conggao.engine.rulebook.library import shipped
from conggao.engine.rulebook.page import parse_page
from conggao.facts.diagnostics import InputFaults
from conggao.facts.documents import read_yaml
from conggao.facts.yaml_text import compose


def spoilt(data: Any) -> None:
    """Changes everything that can be changed."""
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        spoilt(item)
    if isinstance(data, dict | list):
        data.clear()


@pytest.mark.parametrize("name", ["yinchuan-2024-2", "ningxia-rd-2022"])
def test_every_block_reads_the_same_each_time(name: str) -> None:
    page = parse_page(shipped()[name].read_bytes(), "page.md")
    for line in (1, 77):
        for block in page.blocks:
            data, values, keys = compose(block.text, f"{line}.md", line)
            document = read_yaml(block.text, f"{line}.md", line)
            assert document.data == data
            assert document.locate() == (values, keys)
            spoilt(document.data)


@given(st.text(st.sampled_from("ab:[]{},- \n\"'#&*!~|>1"), max_size=40), st.integers(1, 9))
def test_any_text_reads_as_composed(text: str, line: int) -> None:
    try:
        expected: Any = compose(text, "a.yaml", line)
    except InputFaults as faults:
        with pytest.raises(InputFaults) as raised:
            read_yaml(text, "a.yaml", line)
        assert raised.value.diagnostics == faults.diagnostics
        return
    document = read_yaml(text, "a.yaml", line)
    assert (document.data, *document.locate()) == expected
